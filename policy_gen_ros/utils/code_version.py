# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Which version of some part of the code this is, whether it was committed or not."""

from __future__ import annotations

from functools import lru_cache
import hashlib
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


@lru_cache(maxsize=None)  # noqa: UP033 - Python 3.8 of Isaac Gym has no cache
def code_version(*folders: str) -> str:
    """
    Hash over the sources in folders of the package.

    :param folders: relative to the package, such as ``training``
    """
    digest = hashlib.sha256()
    for folder in sorted(folders):
        for file in sorted((_PACKAGE / folder).rglob('*.py')):
            digest.update(str(file.relative_to(_PACKAGE)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]
