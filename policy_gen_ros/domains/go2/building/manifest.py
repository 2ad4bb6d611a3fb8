# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What a build was begun with, ``foundation.json``: it goes on so, whatever the defaults are.

An archive may grow, because a larger one has the chunks of a smaller one and more. It never
shrinks, and all its actors stand on one foundation. The file also has the commits of the code that
worked on the archive, and, once they are planned, how many ``actors`` it is to have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
import json
from pathlib import Path
import shutil
from typing import Any

from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import (
    BUILD_MANIFEST_FILE,
    file_hash,
    finished_chunks,
    reopen_archive,
)
from policy_gen_ros.archive.provenance import git_commit
from policy_gen_ros.domains.go2.building.config import BasePolicyConfig, BuildConfig, SearchConfig
from policy_gen_ros.domains.go2.shipped import SHIPPED_FOUNDATION
from policy_gen_ros.domains.go2.teacher.gait_controller import TEACHER_FILE
from policy_gen_ros.domains.go2.twin.model import MODEL_FILE
from policy_gen_ros.utils.files import copy_whole, write_text
from policy_gen_ros.utils.paths import share_file
from policy_gen_ros.utils.progress import note

SIZES = ('clones', 'other_clones', 'specialists', 'runs')
HASHES = ('teacher', 'robot')


def config_for(path: Path, given: Mapping[str, int]) -> BuildConfig:
    """
    Sizes and seed as given; the others as the archive there was begun, or the default ones.

    :param given: fields of :class:`BuildConfig`, of its foundation and of the search
    :raises ArchiveError: the archive does not say its sizes, and not all are given
    """
    begun = _read(path)
    missing = [_option(name) for name in SIZES if begun and name not in {*begun, *given}]
    if missing:
        raise ArchiveError(f'the archive at {path} does not say with which sizes it was begun: '
                           f'give {", ".join(missing)} as well')

    def values(config: type[Any], stored: Mapping[str, Any]) -> dict[str, Any]:
        there = {**stored, **given}
        return {f.name: there[f.name] for f in fields(config) if f.name in there}

    search = SearchConfig(**values(SearchConfig, begun.get('search', {})))
    foundation = BasePolicyConfig(**{**values(BasePolicyConfig, begun), 'search': search})
    return BuildConfig(**values(BuildConfig, begun), foundation=foundation)


def keep_manifest(path: Path, config: BuildConfig, command: str, from_scratch: bool) -> None:
    """
    Write down what is begun, or make sure that the archive there may go on so.

    A new archive takes the foundation of the package, where that fits.

    :param command: where an archive comes from that is to grow from now on
    :raises ArchiveError: it was begun with another foundation, with more actors, or by something
        else
    """
    file, copy = path / BUILD_MANIFEST_FILE, path / 'foundation.partial'
    if file.exists() and copy.exists():  # killed between the two last steps below
        copy.rename(path / 'foundation')
    wanted = {**asdict(config.foundation), 'teacher': file_hash(share_file(TEACHER_FILE)),
              'robot': file_hash(share_file(MODEL_FILE))}
    sizes = {name: getattr(config, name) for name in ('chunk_size', *SIZES)}
    if not file.exists() and (finished_chunks(path) or (path / 'foundation').exists()):
        raise ArchiveError(f'{path} holds actors that "archive build" did not begin; build into '
                           'another folder')
    begun = {**wanted, **sizes, 'commits': []}
    if file.exists():
        begun = _read(path)
        # Before sizes were kept, all archives had this size of chunks.
        begun.setdefault('chunk_size', BuildConfig.chunk_size)
        _check_same(path, begun, {**wanted, 'chunk_size': config.chunk_size})
        _check_not_less(path, begun, sizes)
    elif not from_scratch:
        begun.update(_copy_shipped(copy, wanted))
    elif copy.exists():
        shutil.rmtree(copy)
    grows = any(begun.get(name) != size for name, size in sizes.items())
    if grows:
        begun.pop('actors', None)
        reopen_archive(path, command)
    if git_commit() not in begun['commits']:
        begun['commits'].append(git_commit())
    _write(path, {**begun, **sizes})
    if copy.exists():
        copy.rename(path / 'foundation')


def note_planned(path: Path, actors: int) -> None:
    """Write down how many actors a build is to make."""
    _write(path, {**_read(path), 'actors': actors})


def _read(path: Path) -> dict[str, Any]:
    file = path / BUILD_MANIFEST_FILE
    if not file.is_file():
        return {}
    try:
        return dict(json.loads(file.read_text()))
    except (ValueError, TypeError) as error:
        raise ArchiveError(f'{file} is not readable ({error}): copy it again') from error


def _write(path: Path, begun: Mapping[str, Any]) -> None:
    write_text(path / BUILD_MANIFEST_FILE, json.dumps(begun, indent=1))


def _check_same(path: Path, begun: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    differs = _differences(begun, wanted)
    if differs:
        raise ArchiveError(f'the archive at {path} was begun with {"; ".join(differs)}: give '
                           'the same again, or build into another folder')


def _check_not_less(path: Path, begun: Mapping[str, Any], sizes: Mapping[str, int]) -> None:
    for name, size in sizes.items():
        if size < begun.get(name, 0):
            raise ArchiveError(f'the archive at {path} was begun with {_option(name)} '
                               f'{begun[name]}, and cannot shrink to {size}: leave '
                               f'{_option(name)} out, or build into another folder')


def _copy_shipped(copy: Path, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Copy the foundation of the package and return what it was begun with; or say why not."""
    if copy.exists():
        shutil.rmtree(copy)
    shipped: dict[str, Any] = json.loads((SHIPPED_FOUNDATION / BUILD_MANIFEST_FILE).read_text())
    differs = _differences(shipped, wanted)
    if differs:
        note(f'the foundation is made anew, as that of the package has {"; ".join(differs)}: on '
             'one core an hour for the first base, half an hour for each other, 15 minutes for '
             'the search')
        return {}
    copy.mkdir()
    for source in sorted(SHIPPED_FOUNDATION.iterdir()):
        if source.name != BUILD_MANIFEST_FILE:
            copy_whole(source, copy / source.name)
    return shipped


def _differences(begun: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Say what differs, for the user: ``seed 0, not 7``; of hashes only whose they are."""
    there, asked = ({**given, **given.get('search', {})} for given in (begun, wanted))
    return [f'another {name}' if name in HASHES else f'{name} {there.get(name)}, not {value}'
            for name, value in asked.items() if name != 'search' and there.get(name) != value]


def _option(name: str) -> str:
    return '--' + name.replace('_', '-')
