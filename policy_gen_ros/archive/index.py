# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The index of an archive: all that is known of its actors, loaded without their weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
import hashlib
import json
import lzma
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import (
    finished_chunks,
    LINEAGES,
    read_header,
    SECONDS_FILE,
)
from policy_gen_ros.archive.split import HeldOut
from policy_gen_ros.domains.go2.gait.captions import Caption
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES, MEASURE_NAMES, nearest_families
from policy_gen_ros.utils.files import refuse_pointer

MAX_SPEED_ERROR_MPS, MAX_YAW_ERROR_RPS = 0.25, 0.4


class ArchiveIndex:
    """
    The small fields of an archive, and what follows from them.

    Arrays by actor and behaviour are in the order of the chunks' names. The first behaviour of an
    actor is the one under its nominal command.

    :param held_out: what is set aside; ``config/held_out.json`` where not given
    :raises ArchiveError: no archive there, or of another version
    """

    def __init__(self, path: str | Path, held_out: HeldOut | None = None) -> None:
        self.path = Path(path)
        self.header = read_header(self.path)
        self.split = held_out or HeldOut.load()
        self.folders = [self.path / 'chunks' / name for name in finished_chunks(self.path)]
        if not self.folders:
            raise ArchiveError(f'the archive at {self.path} holds no finished chunk: "policy_gen '
                               'archive build" or "import" goes on with it')

    def __len__(self) -> int:
        return int(self.rows.sum())

    @property
    def provenance(self) -> dict[str, Any]:
        """Command line, seed, git commit and package version of the build."""
        return self.header['provenance']

    @cached_property
    def clock_hz(self) -> np.ndarray:
        """Shape: (actors,)."""
        return self._small('clock_hz')

    @cached_property
    def style(self) -> np.ndarray:
        """Intended styles, see teacher.style.STYLE_NAMES. Shape: (actors, style values)."""
        return self._small('style')

    @cached_property
    def gain_offset(self) -> np.ndarray:
        """Specialists' own teacher gains. Shape: (actors, gains)."""
        return self._small('gain_offset')

    @cached_property
    def progress(self) -> np.ndarray:
        """Share of its training that each actor has had. Shape: (actors,)."""
        return self._small('progress')

    @cached_property
    def command(self) -> np.ndarray:
        """Shape: (actors, behaviours, 3)."""
        return self._small('command')

    @cached_property
    def measures(self) -> np.ndarray:
        """Shape: (actors, behaviours, 13), NaN without rhythm."""
        return self._small('measures')

    @cached_property
    def reward(self) -> np.ndarray:
        """Shape: (actors, behaviours)."""
        return self._small('reward')

    @cached_property
    def survived(self) -> np.ndarray:
        """Share of nominal episodes walked to the end. Shape: (actors, behaviours)."""
        return self._small('survived')

    @cached_property
    def robust(self) -> np.ndarray:
        """Share of perturbed episodes walked to the end. Shape: (actors, behaviours)."""
        return self._small('robust')

    @cached_property
    def captions(self) -> list[list[list[Caption]]]:
        """Captions by actor and behaviour."""
        return [actor for folder in self.folders for actor in read_file(folder, _captions)]

    @cached_property
    def lineage(self) -> np.ndarray:
        """How each actor came to be, see format.LINEAGES. Shape: (actors,)."""
        return np.repeat([about['lineage'] for about in self.about], self.rows)

    @cached_property
    def run(self) -> np.ndarray:
        """Return what each actor was trained together with. Shape: (actors,)."""
        return np.repeat([about['run'] for about in self.about], self.rows)

    @cached_property
    def about(self) -> list[dict[str, Any]]:
        """Contents of each chunk's ``chunk.json``."""
        return [read_file(folder, _about) for folder in self.folders]

    @cached_property
    def seconds(self) -> np.ndarray:
        """Wall time that building each chunk took. Shape: (chunks,)."""
        return np.array([float(read_file(folder, lambda f: json.loads(
            (f / SECONDS_FILE).read_text()))) for folder in self.folders])

    @property
    def foundation_seconds(self) -> dict[str, float]:
        """Wall time that each part of the foundation took; empty where it is not known."""
        if not (self.path / SECONDS_FILE).is_file():
            return {}
        return read_file(self.path, lambda path: {
            name: float(seconds) for name, seconds in
            dict(json.loads((path / SECONDS_FILE).read_text())).items()})

    @cached_property
    def qualified(self) -> np.ndarray:
        """Behaviours that pass :func:`qualifies`. Shape: (actors, behaviours), bool."""
        return qualifies(self.measures, self.command, self.survived)

    @cached_property
    def family(self) -> np.ndarray:
        """Measured family names. Shape: (actors, behaviours)."""
        flat = self.measures.reshape(-1, len(MEASURE_NAMES))
        names = nearest_families(flat)
        return np.array(names).reshape(self.measures.shape[:2])

    def family_counts(self) -> dict[str, int]:
        """Qualified actors by the measured family of their nominal behaviour."""
        names = self.family[self.qualified[:, 0], 0]
        return {family: int((names == family).sum()) for family in GAIT_FAMILIES}

    def lineage_counts(self) -> dict[str, dict[str, int]]:
        """Actors and qualified actors of each lineage that is there."""
        return {lineage: {'actors': int(mine.sum()),
                          'qualified': int(self.qualified[mine, 0].sum())}
                for lineage in LINEAGES if (mine := self.lineage == lineage).any()}

    @cached_property
    def region(self) -> np.ndarray:
        """Held-out region that each behaviour lies in, or -1. Shape: (actors, behaviours)."""
        return self.split.region_of(self.family, self.measures)

    @cached_property
    def held_out_mask(self) -> np.ndarray:
        """Actors that no training may read: by region or by run. Shape: (actors,), bool."""
        return (self.region[:, 0] >= 0) | np.isin(self.run, self.split.runs)

    @property
    def held_out(self) -> np.ndarray:
        """Return the qualified actors that no training may read. Shape: (n,)."""
        return np.flatnonzero(self.qualified[:, 0] & self.held_out_mask)

    @cached_property
    def fingerprint(self) -> str:
        """Hash over the contents of all chunks; an exported index has its archive's."""
        if 'index_of' in self.header:
            return str(self.header['index_of']['fingerprint'])
        digest = hashlib.sha256()
        for folder in self.folders:
            digest.update(folder.name.encode() + read_file(folder, lambda f: (
                f / 'hashes.json').read_bytes()))
        return digest.hexdigest()[:16]

    @property
    def training_fingerprint(self) -> str:
        """Hash that changes with the archive and with what is held out, so with what trains."""
        return training_fingerprint(self.fingerprint, self.split)

    @cached_property
    def rows(self) -> np.ndarray:
        """Return the number of actors in each chunk. Shape: (chunks,)."""
        return np.array([int(about['rows']) for about in self.about])

    @property
    def starts(self) -> np.ndarray:
        """First actor of each chunk, and the number of all. Shape: (chunks + 1,)."""
        return np.concatenate([[0], np.cumsum(self.rows)])

    def _small(self, name: str) -> np.ndarray:
        parts = [load_array(folder, name) for folder in self.folders]
        try:
            values = np.concatenate(parts)
        except ValueError as error:
            raise ArchiveError(f'{self.path}: {name} differs between chunks: {error}') from error
        if len(values) != len(self):
            raise ArchiveError(f'{self.path}: {name} has {len(values)} rows, the chunks say '
                               f'{len(self)}')
        return values


def training_fingerprint(archive_fingerprint: str, split: HeldOut) -> str:
    """Hash of an archive and of what is held out of it."""
    return hashlib.sha256((archive_fingerprint + split.sha256).encode()).hexdigest()[:16]


def follows(velocity: np.ndarray, command: np.ndarray) -> np.ndarray:
    """
    Whether mean velocities are about those commanded.

    :param velocity, command: vx, vy m/s, yaw rate rad/s. Shapes: (..., 3)
    :return: Shape: (...), bool; never of what is not finite
    """
    error = velocity - command
    return (np.hypot(error[..., 0], error[..., 1]) < MAX_SPEED_ERROR_MPS) \
        & (np.abs(error[..., 2]) < MAX_YAW_ERROR_RPS)


def qualifies(measures: np.ndarray, command: np.ndarray, survived: np.ndarray) -> np.ndarray:
    """
    Behaviours that always walk, keep a rhythm with every foot, and follow their command.

    Shapes: (..., 13), (..., 3), (...) -> (...), bool
    """
    return (survived == 1) & follows(measures[..., 10:13], command) \
        & np.isfinite(measures).all(axis=-1)


def load_array(folder: Path, name: str, mmap_mode: Any = None) -> np.ndarray:
    """
    Read one field of a chunk.

    :raises ArchiveError: missing or not readable
    """
    refuse_pointer(folder / f'{name}.npy', ArchiveError)
    return read_file(folder, lambda f: np.load(f / f'{name}.npy', mmap_mode=mmap_mode))


def read_file(folder: Path, read: Callable[[Path], Any]) -> Any:
    """
    Let ``read`` read something in the folder of a chunk.

    :raises ArchiveError: it cannot be read
    """
    try:
        return read(folder)
    except (OSError, ValueError, EOFError, TypeError, lzma.LZMAError) as error:
        raise ArchiveError(f'{folder} is damaged: {error} ("policy_gen archive info" lists all '
                           'damage)') from error


def _about(folder: Path) -> dict[str, Any]:
    about = json.loads((folder / 'chunk.json').read_text())
    missing = {'lineage', 'run', 'rows'} - set(about)
    if missing:
        raise ValueError(f'chunk.json lacks {sorted(missing)}')
    return about


def _captions(folder: Path) -> list[list[list[Caption]]]:
    packed = folder / 'captions.json.xz'
    raw = lzma.decompress(packed.read_bytes()) if packed.exists() \
        else (folder / 'captions.json').read_bytes()
    return [[[Caption(**caption) for caption in behavior] for behavior in actor]
            for actor in json.loads(raw)]
