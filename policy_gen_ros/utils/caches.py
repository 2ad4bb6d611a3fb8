# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Import this before Numba, Matplotlib and rclpy: caches and logs get a place where they have none.

Without a home that can be written, as in many containers and services, Numba (through pyribs) does
not load at all, no node of ROS starts (for want of a log), and Matplotlib complains.
"""

from __future__ import annotations

from contextlib import suppress
import os
from pathlib import Path
import tempfile

_VARIABLES = ('NUMBA_CACHE_DIR', 'MPLCONFIGDIR')


def _writable(folder: Path) -> bool:
    """Whether a folder can be written, or made."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _own_folder() -> Path:
    """Return a folder among the temporary files that only this user can write."""
    folder = Path(tempfile.gettempdir()) / f'policy_gen_ros-{os.getuid()}'
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    # Code comes out of these caches: a folder that somebody else laid there is not used.
    if folder.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o022:
        return Path(tempfile.mkdtemp(prefix='policy_gen_ros-'))
    return folder


with suppress(OSError, RuntimeError):  # RuntimeError: nobody's home is known
    _caches = [Path(os.environ.get(name) or Path.home() / beside) for name, beside in (
        ('XDG_CACHE_HOME', '.cache'), ('XDG_CONFIG_HOME', '.config'))]
    if not all(_writable(folder) for folder in _caches):
        _folder = _own_folder()
        for _name in _VARIABLES:
            os.environ.setdefault(_name, str(_folder / _name.lower()))
        if not os.environ.get('ROS_HOME'):
            os.environ.setdefault('ROS_LOG_DIR', str(_folder / 'ros_log'))
