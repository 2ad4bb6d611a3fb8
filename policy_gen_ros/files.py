# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Writing files that are either whole or absent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """
    Let ``write`` fill a temporary file, then give it its name.

    A job that is killed while it writes leaves nothing that a later run would take for finished.
    """
    partial = path.with_name(f'partial_{path.name}')
    write(partial)
    partial.replace(path)
