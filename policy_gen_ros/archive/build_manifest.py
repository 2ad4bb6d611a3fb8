# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The build manifest, ``foundation.json``: the recorded settings of an archive's build.

A build goes on with the settings under ``config``, whatever the defaults are by then. Domains
write more beside them, and, once they are planned, how many ``actors`` there are to be.
"""

from __future__ import annotations

from collections.abc import Mapping
import json
from pathlib import Path
from typing import Any, TypeVar

from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import BUILD_MANIFEST_FILE
from policy_gen_ros.utils.config import ConfigError, to_dict, updated
from policy_gen_ros.utils.files import write_text

_Config = TypeVar('_Config')


def read_build_manifest(path: Path) -> dict[str, Any]:
    """
    Read the manifest of an archive; empty where there is none.

    :raises ArchiveError: it cannot be read, or is of another version
    """
    file = path / BUILD_MANIFEST_FILE
    if not file.is_file():
        return {}
    try:
        recorded = dict(json.loads(file.read_text()))
    except (ValueError, TypeError) as error:
        raise ArchiveError(f'{file} is not readable ({error}): copy it again') from error
    if not isinstance(recorded.get('config'), dict):
        raise ArchiveError(f'{file} says no settings, as in versions before 0.2: the archive can '
                           'be read, but not go on; build into another folder')
    return recorded


def write_build_manifest(path: Path, recorded: Mapping[str, Any]) -> None:
    """Write the manifest, at once or not at all."""
    write_text(path / BUILD_MANIFEST_FILE, json.dumps(recorded, indent=1))


def check_settings(path: Path, config: object) -> dict[str, Any]:
    """
    Return the manifest of an archive that is to be built with these settings, if it has one.

    :raises ArchiveError: the archive was begun with others, or its manifest cannot be read
    """
    recorded = read_build_manifest(path)
    if recorded and (differs := differences(recorded['config'], to_dict(config))):
        raise ArchiveError(f'the archive at {path} was begun with {"; ".join(differs)}: leave it '
                           'out, or build into another folder')
    return recorded


def recorded_config(path: Path, default: _Config) -> _Config:
    """
    Return the recorded settings of the archive at a path, or the default ones.

    :raises ArchiveError: its manifest cannot be read, or has settings that are not known here
    """
    try:
        return updated(default, read_build_manifest(path).get('config', {}))
    except ConfigError as error:
        raise ArchiveError(f'{path / BUILD_MANIFEST_FILE}: {error}; it is of another version: '
                           'build into another folder') from error


def differences(recorded: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Say which settings differ, nested ones by their whole names: ``search.batch 32, not 8``."""
    there, asked = flat(recorded), flat(wanted)
    return [f'{name} {there.get(name)}, not {value}' for name, value in asked.items()
            if there.get(name) != value]


def flat(settings: Mapping[str, Any], inside: str = '') -> dict[str, Any]:
    """Return nested settings by their whole names, such as ``search.batch``."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        found.update(flat(value, f'{inside}{name}.') if isinstance(value, Mapping)
                     else {inside + name: value})
    return found
