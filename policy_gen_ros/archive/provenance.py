# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Where an archive comes from: command, seed, and the code that built it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
import subprocess

from policy_gen_ros.utils.paths import PACKAGE

UNKNOWN = 'unknown'


def provenance(command: str, seed: int) -> dict[str, object]:
    """Command line, seed, git commit and package version; ``unknown`` where there is none."""
    return {'command': command, 'seed': seed, 'commit': git_commit(), 'version': _version()}


def git_commit() -> str:
    """
    Return the commit of the source tree this code runs from, ``-dirty`` if it was changed since.

    An installed package has no commit, even where it lies inside some other repository.
    """
    root = Path(__file__).resolve().parent.parent.parent
    if not (root / '.git').exists():
        return UNKNOWN
    try:
        described = subprocess.run(
            ['git', '-C', str(root), 'describe', '--always', '--dirty', '--abbrev=40',
             '--exclude', '*'], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return UNKNOWN
    return described.stdout.strip() or UNKNOWN


def _version() -> str:
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return UNKNOWN
