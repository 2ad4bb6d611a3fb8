# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Where the files that ship beside the code lie: source tree, pip prefix or ROS 2 share folder."""

from __future__ import annotations

from pathlib import Path
import sys

PACKAGE = 'policy_gen_ros'


def share_file(relative: str) -> Path:
    """
    Absolute path of a shipped file such as ``sim/go2.xml``.

    :raises FileNotFoundError: the installation is incomplete; the message lists where it looked
    """
    candidates = [Path(__file__).resolve().parents[2] / relative,
                  Path(sys.prefix) / 'share' / PACKAGE / relative]
    try:
        from ament_index_python.packages import get_package_share_directory
        candidates.append(Path(get_package_share_directory(PACKAGE)) / relative)
    except (ImportError, LookupError, OSError):  # no ROS 2, or not sourced
        pass
    for path in candidates:
        if path.exists():
            return path
    raise FileNotFoundError(f'{relative} is not installed: install this package again (looked at '
                            + ', '.join(str(path) for path in candidates) + ')')
