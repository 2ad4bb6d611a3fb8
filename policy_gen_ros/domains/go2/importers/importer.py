# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Importing a folder of policies into an archive: read, walk in the twin, evaluate, write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import json
from pathlib import Path
import re
from typing import Any

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import (
    BUILD_MANIFEST_FILE,
    create_archive,
    finished_chunks,
    read_header,
)
from policy_gen_ros.archive.index import load_array, read_file
from policy_gen_ros.archive.writing import seal_archive, write_chunk
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.go2.gait.measures import COMMAND_NAMES, family_of, MEASURE_NAMES
from policy_gen_ros.domains.go2.importers.evaluate import make_chunk
from policy_gen_ros.domains.go2.importers.policies import ForeignPolicy, read_folder, to_vector
from policy_gen_ros.domains.go2.importers.spec import ForeignSpec, load_spec, OWN_SPEC
from policy_gen_ros.domains.go2.shipped import (
    ADAPTOR_FILE,
    ARCHIVE_ADAPTOR_FILE,
    SHIPPED_BUNDLE,
)
from policy_gen_ros.utils.files import copy_whole, hold, LOCK_FILE
from policy_gen_ros.utils.progress import progress

COMMANDS = ((0.5, 0.0, 0.0), (-0.4, 0.0, 0.0), (0.0, 0.25, 0.0), (0.0, 0.0, 0.8))
"""Velocity commands for policies whose spec names none: vx, vy m/s, yaw rate rad/s."""
CHUNK_SIZE = 32
MIN_SPEED_RATIO = 0.5
"""Less than half of the speed asked is no walking, though the robot may stay upright."""


@dataclass(frozen=True)
class ImportedBehavior:
    """
    One behaviour of an imported policy, measured.

    :param command: vx m/s, vy m/s, yaw rate rad/s
    :param reached: the same, as measured
    :param speed_ratio: speed reached along the command over the speed asked; NaN on the spot
    :param survived: share of nominal episodes that were completed
    :param robust: the same on rough ground
    """

    command: tuple[float, ...]
    reached: tuple[float, ...]
    speed_ratio: float
    survived: float
    robust: float
    family: str
    qualified: bool
    reward: float

    @property
    def verdict(self) -> str:
        """Return ``walks``, ``falls`` (at least once), or ``upright`` where it hardly moves."""
        if self.survived < 1:
            return 'falls'
        return 'upright' if self.speed_ratio < MIN_SPEED_RATIO else 'walks'


@dataclass(frozen=True)
class ImportReport:
    """
    What came of an import.

    :param run: name of the policies' run in the archive
    :param walks: of each policy, by its name, the nominal one first
    :param skipped: why a file was left out, by name
    """

    run: str
    spec: ForeignSpec
    walks: dict[str, list[ImportedBehavior]] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)


def import_folder(folder: Path, archive: Path, spec: ForeignSpec, command_line: str,
                  commands: Sequence[Sequence[float]] = (), seed: int = 0,
                  name: str | None = None) -> ImportReport:
    """
    Import all policies of a folder that can be read; goes on where an import was stopped.

    An archive made by ``archive build`` has a ``foundation.json`` and takes actors of this package
    only, under its own adaptor. Any other is an archive of imports; where those are actors of this
    package, it keeps the adaptor of the shipped bundle, under which they walk.

    :param commands: vx, vy m/s, yaw rate rad/s, the nominal one first; default: the spec's,
        or :data:`COMMANDS` with the nominal command that a policy itself names
    :param name: the run in the archive is ``imported-<name>``; default: the folder's name
    :raises ValueError: a folder without policies, a spec that the twin cannot honour, or an
        archive of other policies, of a build that has no adaptor yet, or that holds a part of this
        import with other policies, commands or seed
    :raises HeldError: another process writes into the archive
    """
    chosen = commands or spec.commands
    count = find_domain().behaviors
    if len(chosen or COMMANDS) != count:
        raise ValueError(f'an archive has {count} behaviours of each policy, got '
                         f'{len(chosen)} commands')
    run = _run_name(name or folder.resolve().name)
    own = spec.interface == load_spec(OWN_SPEC, folder).interface
    adaptor = archive / ARCHIVE_ADAPTOR_FILE
    shared = adaptor if adaptor.is_file() else SHIPPED_BUNDLE / ADAPTOR_FILE
    found = read_folder(folder, spec, shared)
    report = ImportReport(run, found.spec, skipped=found.skipped)
    if not found.policies:
        return report
    with hold(archive):
        seal = _open_archive(archive, found.spec, own, seed, command_line)
        chunks = _chunks(archive, run, found.policies)
        for chunk, policies in chunks.items():
            if chunk.exists():
                _check_same(chunk, policies, found.spec, _commands(policies, chosen), seed)
        if own and shared != adaptor:
            adaptor.parent.mkdir(exist_ok=True)
            copy_whole(shared, adaptor)
        for chunk, policies in progress(chunks.items(), about='import', unit='chunk'):
            if not chunk.exists():
                write_chunk(archive, chunk.name, make_chunk(
                    found.spec, policies, _commands(policies, chosen), seed, run, own))
            report.walks.update(zip((policy.name for policy in policies), _walks(chunk)))
        if seal:
            seal_archive(archive)
    return report


def _run_name(name: str) -> str:
    return 'imported-' + re.sub(r'[^a-z0-9_.-]+', '-', name.lower())


def _chunks(archive: Path, run: str,
            policies: Sequence[ForeignPolicy]) -> dict[Path, Sequence[ForeignPolicy]]:
    """Folders of chunks, and the policies in each."""
    starts = range(0, len(policies), CHUNK_SIZE)
    return {archive / 'chunks' / f'{run}-{number:04d}': policies[start:start + CHUNK_SIZE]
            for number, start in enumerate(starts)}


def archive_spec(archive: Path) -> ForeignSpec | None:
    """
    Spec of the policies that an archive holds; None where they are actors of this package.

    :raises ArchiveError: no finished chunk there, or a damaged one
    """
    names = finished_chunks(archive)
    if not names:
        raise ArchiveError(f'the archive at {archive} holds no finished chunk')
    foreign = _about(archive / 'chunks' / names[0]).get('foreign')
    return ForeignSpec.from_json(json.dumps(foreign['spec'])) if foreign else None


def _open_archive(archive: Path, spec: ForeignSpec, own: bool, seed: int,
                  command_line: str) -> bool:
    """Begin an archive or check the one there; tell whether to seal it after the import."""
    if all(file.name == LOCK_FILE for file in archive.iterdir()):
        create_archive(archive, find_domain(), seed, command_line)
    read_header(archive)
    built = (archive / BUILD_MANIFEST_FILE).exists()
    if built or finished_chunks(archive):
        there = archive_spec(archive) if finished_chunks(archive) else None
        if own != (there is None) or (there and there.interface != spec.interface):
            holds = f'policies of {there.name}' if there else 'actors of this package'
            raise ArchiveError(f'{archive} holds {holds}, of another interface than {spec.name}: '
                               'import into an archive of its own')
    if built and not (archive / ARCHIVE_ADAPTOR_FILE).exists():
        raise ArchiveError(f'{archive} is being built and has no adaptor yet: import into it '
                           'later, or into an archive of its own')
    # A build seals its archive itself when it is done.
    return not built or (archive / 'manifest.json').exists()


def _commands(policies: Sequence[ForeignPolicy],
              chosen: Sequence[Sequence[float]]) -> np.ndarray:
    """Commands of each policy. Shape: (policies, k, 3)."""
    command = np.tile(np.array(chosen or COMMANDS, float), (len(policies), 1, 1))
    for row, policy in zip(command, policies):
        if not chosen and policy.nominal_command is not None:
            row[0] = policy.nominal_command
    return command


def _check_same(chunk: Path, policies: Sequence[ForeignPolicy], spec: ForeignSpec,
                command: np.ndarray, seed: int) -> None:
    """Make sure that a finished chunk is the one that this import would write."""
    weights = np.stack([to_vector(policy, spec) for policy in policies])
    if not (np.array_equal(load_array(chunk, 'weights'), weights)
            and np.array_equal(load_array(chunk, 'command'), command.astype(np.float32))):
        raise ArchiveError(f'{chunk} has other policies or commands: give this import another '
                           'name')
    recorded = _about(chunk).get('seed')
    if recorded != seed:
        raise ArchiveError(f'{chunk} was evaluated with seed {recorded}, not {seed}: give that '
                           'seed, or this import another name')


def _about(chunk: Path) -> dict[str, Any]:
    return read_file(chunk, lambda folder: dict(json.loads((folder / 'chunk.json').read_text())))


def _walks(chunk: Path) -> list[list[ImportedBehavior]]:
    """Behaviours of each policy, as the archive has them."""
    command, measures, reward, survived, robust = (load_array(chunk, name) for name in (
        'command', 'measures', 'reward', 'survived', 'robust'))
    domain = find_domain()
    controls = domain.stored_controls(lambda name: load_array(chunk, name))
    qualified = domain.succeeded(measures, controls, survived)
    velocity = [MEASURE_NAMES.index(name) for name in COMMAND_NAMES]

    def walk(i: int, j: int) -> ImportedBehavior:
        asked, reached = command[i, j].astype(float), measures[i, j, velocity].astype(float)
        square = float(asked @ asked)
        return ImportedBehavior(tuple(asked.tolist()), tuple(reached.tolist()),
                    float(asked @ reached) / square if square else float('nan'),
                    float(survived[i, j]), float(robust[i, j]),
                    family_of(dict(zip(MEASURE_NAMES, measures[i, j]))),
                    bool(qualified[i, j]), float(reward[i, j]))

    return [[walk(i, j) for j in range(command.shape[1])] for i in range(len(command))]
