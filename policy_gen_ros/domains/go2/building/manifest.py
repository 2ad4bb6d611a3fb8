# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Begins the build of an archive of the Go2, or makes sure that one may go on.

An archive may grow, because a larger one has the chunks of a smaller one and more. It never
shrinks, and all its actors come from the same base policies. Its manifest also has the commits of
the code that worked on it, and hashes of the teacher's schedule and of the robot's model.
"""

from __future__ import annotations

from collections.abc import Mapping
import json
from pathlib import Path
import shutil
from typing import Any

from policy_gen_ros.archive.build_manifest import (
    differences,
    read_build_manifest,
    recorded_config,
    write_build_manifest,
)
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import (
    BUILD_MANIFEST_FILE,
    file_hash,
    finished_chunks,
    reopen_archive,
)
from policy_gen_ros.archive.provenance import git_commit
from policy_gen_ros.domains.go2.building.config import Go2ArchiveConfig
from policy_gen_ros.domains.go2.shipped import NOMINAL_FOLDER, SHIPPED_FOUNDATION
from policy_gen_ros.domains.go2.teacher.gait_controller import TEACHER_FILE
from policy_gen_ros.domains.go2.twin.model import MODEL_FILE
from policy_gen_ros.utils.config import checked, to_dict
from policy_gen_ros.utils.files import copy_whole
from policy_gen_ros.utils.paths import share_file
from policy_gen_ros.utils.progress import note

SIZES = ('clones', 'specialists', 'runs')
"""Settings that may become larger."""
NOMINAL_SETTINGS = ('seed', 'adaptor', 'base')
"""Settings that the nominal base policy depends on."""
OWN_SETTINGS = ('robust', 'screening', 'search')
"""Settings that the base policy that learns from it and the search depend on, too."""


def keep_manifest(path: Path, config: Go2ArchiveConfig, command: str) -> None:
    """
    Write the build manifest, or make sure that the archive there may go on so.

    A new archive takes the base policies of the package, where these fit.

    :param command: where an archive comes from that is to grow from now on
    :raises ArchiveError: it was begun with other settings, with more actors, or by something else
    """
    copy = path / 'foundation.partial'
    recorded = read_build_manifest(path)
    if recorded and copy.exists():  # killed between the two last steps below
        copy.rename(path / 'foundation')
    if not recorded and (finished_chunks(path) or (path / 'foundation').exists()):
        raise ArchiveError(f'{path} holds actors that "archive build" did not begin; build into '
                           'another folder')
    wanted = {'config': to_dict(config), 'teacher': file_hash(share_file(TEACHER_FILE)),
              'robot': file_hash(share_file(MODEL_FILE))}
    if recorded:
        was = to_dict(recorded_config(path, Go2ArchiveConfig()))
        _check_goes_on(path, {**recorded, 'config': was}, wanted)
        if was != wanted['config']:
            recorded.pop('actors', None)
            reopen_archive(path, command)
    else:
        recorded['commits'] = [] if config.from_scratch else _copy_shipped(copy, wanted)
        if config.from_scratch and copy.exists():
            shutil.rmtree(copy)
    if git_commit() not in recorded['commits']:
        recorded['commits'].append(git_commit())
    write_build_manifest(path, {**recorded, **wanted})
    if copy.exists():
        copy.rename(path / 'foundation')


def note_planned(path: Path, actors: int) -> None:
    """Write down how many actors a build is to make."""
    write_build_manifest(path, {**read_build_manifest(path), 'actors': actors})


def _check_goes_on(path: Path, recorded: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    was, now = recorded['config'], wanted['config']
    others = [{name: value for name, value in settings.items() if name not in SIZES}
              for settings in (was, now)]
    if differs := _another(recorded, wanted) + differences(*others):
        raise ArchiveError(f'the archive at {path} was begun with {"; ".join(differs)}: give '
                           'the same again, or build into another folder')
    for name in SIZES:
        if now[name] < was[name]:
            raise ArchiveError(f'the archive at {path} was begun with {name} {was[name]}, and '
                               f'cannot shrink to {now[name]}: leave {name} out, or build into '
                               'another folder')


def _copy_shipped(copy: Path, wanted: Mapping[str, Any]) -> list[str]:
    """Copy the base policies of the package that fit, and return their commits; or say why not."""
    if copy.exists():
        shutil.rmtree(copy)
    shipped = json.loads((SHIPPED_FOUNDATION / BUILD_MANIFEST_FILE).read_text())
    # Read by today's types: what a perturbation had not then is nominal.
    was = to_dict(checked(Go2ArchiveConfig, shipped['config']))

    def differing(names: tuple[str, ...]) -> list[str]:
        return differences(was, {name: wanted['config'][name] for name in names})

    nominal = _another(shipped, wanted) + differing(NOMINAL_SETTINGS)
    own = differing(OWN_SETTINGS)
    if nominal or own:
        kept = '' if nominal else ' from the nominal one'
        note(f'the base policy and the search are made anew{kept}, as those of the package have '
             f'{"; ".join(nominal + own)}: on two cores some hours')
    if nominal:
        return []
    copy.mkdir(parents=True)
    (copy / NOMINAL_FOLDER).mkdir()
    for source in sorted(SHIPPED_FOUNDATION.glob(f'{NOMINAL_FOLDER}/*' if own else '**/*')):
        if source.is_file() and source.name != BUILD_MANIFEST_FILE:
            copy_whole(source, copy / source.relative_to(SHIPPED_FOUNDATION))
    return list(shipped['commits'])


def _another(recorded: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    return [f'another {name}' for name in ('teacher', 'robot') if recorded[name] != wanted[name]]
