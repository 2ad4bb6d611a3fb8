# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Libraries find a place for their caches and logs also where there is no home."""

import os
from pathlib import Path
import subprocess
import sys

import pytest

SHOW = ('import os, policy_gen_ros\n'
        'print(os.environ.get("NUMBA_CACHE_DIR"), os.environ.get("MPLCONFIGDIR"), '
        'os.environ.get("ROS_LOG_DIR"))')
NOWHERE = '/dev/null/home'


def caches(tmp_path, **environment):
    """Return where Numba, Matplotlib and ROS are told to put their files."""
    inherited = {name: value for name, value in os.environ.items()
                 if not name.startswith(('XDG_', 'ROS_HOME', 'ROS_LOG_DIR'))}
    done = subprocess.run([sys.executable, '-c', SHOW], capture_output=True, text=True, check=True,
                          env={**inherited, 'TMPDIR': str(tmp_path), **environment})
    return done.stdout.split()


def test_a_home_that_can_be_written_is_left_alone(tmp_path):
    assert caches(tmp_path, HOME=str(tmp_path)) == ['None', 'None', 'None']


def test_without_a_home_they_share_a_folder_of_their_own_user(tmp_path):
    numba, matplotlib, ros = caches(tmp_path, HOME=NOWHERE)
    folder = Path(numba).parent
    assert folder == Path(matplotlib).parent == Path(ros).parent
    assert folder.parent == tmp_path and folder.stat().st_mode & 0o777 == 0o700
    assert caches(tmp_path, HOME=NOWHERE) == [numba, matplotlib, ros]
    assert caches(tmp_path, HOME=NOWHERE, NUMBA_CACHE_DIR='/own') == ['/own', matplotlib, ros]
    assert caches(tmp_path, HOME=NOWHERE, ROS_HOME='/own') == [numba, matplotlib, 'None']


@pytest.mark.parametrize('link', [False, True])
def test_a_folder_that_others_can_write_is_not_used(link, tmp_path):
    trap = tmp_path / f'policy_gen_ros-{os.getuid()}'
    if link:
        (tmp_path / 'theirs').mkdir()
        trap.symlink_to(tmp_path / 'theirs')
    else:
        trap.mkdir()
        trap.chmod(0o777)
    numba, *_ = caches(tmp_path, HOME=NOWHERE)
    assert Path(numba).parent not in (trap, tmp_path / 'theirs')


def test_a_node_starts_without_a_home(tmp_path):
    done = subprocess.run(
        [sys.executable, '-c', 'import policy_gen_ros, rclpy\nrclpy.init(); print("started")'],
        capture_output=True, text=True, check=False,
        env={**{name: value for name, value in os.environ.items()
                if name not in ('ROS_HOME', 'ROS_LOG_DIR')},
             'HOME': NOWHERE, 'TMPDIR': str(tmp_path)})
    assert done.stdout == 'started\n', done.stderr
