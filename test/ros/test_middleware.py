# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What the controller's process shares with others on the same machine."""

from __future__ import annotations

from pathlib import Path
import subprocess
import sys

from node_harness import environment
from policy_gen_ros.ros.middleware import avoid_shared_memory, PROFILES
import pytest

SPEAKER = """
import sys
if sys.argv[1] == 'udp':
    from policy_gen_ros.ros.middleware import avoid_shared_memory
    avoid_shared_memory()
import rclpy
rclpy.init()
node = rclpy.create_node('speaker')
print('shared' if '/dev/shm/fastrtps' in open('/proc/self/maps').read() else 'not shared')
"""


@pytest.mark.parametrize(('before', 'after', 'profile'), [
    ({}, {}, 'udp'), ({'ROS_AUTOMATIC_DISCOVERY_RANGE': 'SUBNET'},) * 2 + ('udp',),
    ({'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'},
     {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'SYSTEM_DEFAULT'}, 'loopback'),
    ({'ROS_LOCALHOST_ONLY': '1'}, {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'SYSTEM_DEFAULT'},
     'loopback')])
def test_udp_reaches_as_far_as_before(before, after, profile) -> None:
    settings = dict(before)
    avoid_shared_memory(settings)
    file = Path(settings.pop(PROFILES))
    assert settings == after
    assert file.name == f'fastdds_{profile}.xml' and 'UDPv4' in file.read_text()


def test_profiles_that_somebody_chose_stay() -> None:
    settings = {PROFILES: '/my/own.xml', 'ROS_LOCALHOST_ONLY': '1'}
    avoid_shared_memory(settings)
    assert settings == {PROFILES: '/my/own.xml', 'ROS_LOCALHOST_ONLY': '1'}


@pytest.mark.parametrize('reach', ['LOCALHOST', 'SUBNET'])
def test_nothing_is_shared(reach: str, domain_id: int) -> None:
    def transport(how: str) -> str:
        found = subprocess.run(
            [sys.executable, '-c', SPEAKER, how], capture_output=True, text=True, check=True,
            env={**environment(domain_id), 'ROS_AUTOMATIC_DISCOVERY_RANGE': reach})
        return found.stdout.strip()

    assert transport('as it is') == 'shared'
    assert transport('udp') == 'not shared'
