# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The index of an archive: all that is known of its actors, loaded without their weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
import hashlib
import json
import lzma
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import (
    domain_of,
    Field,
    fields_of,
    finished_chunks,
    read_header,
    SECONDS_FILE,
)
from policy_gen_ros.archive.split import HeldOut
from policy_gen_ros.goals.language.sentences import Caption
from policy_gen_ros.utils.files import refuse_pointer

_PART = ('lineage', 'run', 'rows')
"""What ``chunk.json`` says of actors that came to be together."""


class ArchiveIndex:
    """
    The small fields of an archive, and what follows from them.

    Arrays by actor and behaviour are in the order of the chunks' names. The first behaviour of an
    actor is the one under its nominal command.

    :param held_out: what is set aside; by default what the domain's file says
    :raises ArchiveError: no archive there, or of another version
    """

    def __init__(self, path: str | Path, held_out: HeldOut | None = None) -> None:
        self.path = Path(path)
        self.header = read_header(self.path)
        self.domain = domain_of(self.header)
        self._read: dict[str, np.ndarray] = {}
        self.split = held_out or HeldOut.load(self.domain)
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

    def small(self, name: str) -> np.ndarray:
        """One of the small fields, those of the domain too. Shape: see format.fields_of."""
        if name not in self._read:
            self._read[name] = self._small(name)
        return self._read[name]

    @property
    def fields(self) -> tuple[Field, ...]:
        """Return what is stored of each policy."""
        return fields_of(self.domain)

    @cached_property
    def controls(self) -> np.ndarray:
        """Return what policies are run with. Shape: (actors, behaviours, controls)."""
        return self.domain.stored_controls(self.small)

    @property
    def progress(self) -> np.ndarray:
        """Share of its training that each actor has had. Shape: (actors,)."""
        return self.small('progress')

    @property
    def measures(self) -> np.ndarray:
        """Shape: (actors, behaviours, measures), NaN where there is none."""
        return self.small('measures')

    @property
    def reward(self) -> np.ndarray:
        """Shape: (actors, behaviours)."""
        return self.small('reward')

    @property
    def survived(self) -> np.ndarray:
        """Share of nominal episodes that were completed. Shape: (actors, behaviours)."""
        return self.small('survived')

    @property
    def robust(self) -> np.ndarray:
        """Share of perturbed episodes that were completed. Shape: (actors, behaviours)."""
        return self.small('robust')

    @cached_property
    def captions(self) -> list[list[list[Caption]]]:
        """Captions by actor and behaviour."""
        return [actor for folder in self.folders for actor in read_file(folder, _captions)]

    @cached_property
    def source(self) -> np.ndarray:
        """How each actor came to be, as the domain's ``sources``. Shape: (actors,)."""
        return self._of_parts('lineage')

    @cached_property
    def run(self) -> np.ndarray:
        """Return what each actor was trained together with. Shape: (actors,)."""
        return self._of_parts('run')

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
    def base_policy_seconds(self) -> dict[str, float]:
        """Wall time of base policies, adaptor and search; empty where it is not known."""
        if not (self.path / SECONDS_FILE).is_file():
            return {}
        return read_file(self.path, lambda path: {
            name: float(seconds) for name, seconds in
            dict(json.loads((path / SECONDS_FILE).read_text())).items()})

    @cached_property
    def qualified(self) -> np.ndarray:
        """Behaviours that succeed, as the domain has it. Shape: (actors, behaviours), bool."""
        return self.domain.succeeded(self.measures, self.controls, self.survived)

    @cached_property
    def family(self) -> np.ndarray:
        """Measured groups, such as gait families. Shape: (actors, behaviours)."""
        return self.domain.label(self.measures)

    def family_counts(self) -> dict[str, int]:
        """Qualified actors by the measured group of their nominal behaviour."""
        names = self.family[self.qualified[:, 0], 0]
        return {family: int((names == family).sum()) for family in self.domain.groups}

    def source_counts(self) -> dict[str, dict[str, int]]:
        """Actors and qualified actors of each source that is there."""
        return {source: {'actors': int(mine.sum()),
                         'qualified': int(self.qualified[mine, 0].sum())}
                for source in self.domain.sources if (mine := self.source == source).any()}

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

    def _of_parts(self, name: str) -> np.ndarray:
        parts = [part for about in self.about for part in parts_of(about)]
        return np.repeat([part[name] for part in parts], [int(part['rows']) for part in parts])

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


def parts_of(about: Mapping[str, Any]) -> list[dict[str, Any]]:
    """
    Return the chunks that a chunk of an exported index was joined from, or the one that it is.

    :param about: contents of its ``chunk.json``
    :return: ``lineage``, ``run`` and ``rows`` of each
    """
    return list(about['parts']) if 'parts' in about else [
        {name: about[name] for name in _PART}]


def _about(folder: Path) -> dict[str, Any]:
    about = json.loads((folder / 'chunk.json').read_text())
    missing = ({'parts', 'rows'} if 'parts' in about else set(_PART)) - set(about)
    if missing:
        raise ValueError(f'chunk.json lacks {sorted(missing)}')
    return about


def _captions(folder: Path) -> list[list[list[Caption]]]:
    packed = folder / 'captions.json.xz'
    raw = lzma.decompress(packed.read_bytes()) if packed.exists() \
        else (folder / 'captions.json').read_bytes()
    return [[[Caption(**caption) for caption in behavior] for behavior in actor]
            for actor in json.loads(raw)]
