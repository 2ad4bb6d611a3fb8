# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
ROS 2's middleware without shared memory, for a process whose services have to answer at once.

Fast DDS hands messages to processes on the same machine through shared memory, under a lock that a
process which is killed keeps for a second or two. rclpy holds Python's interpreter while it
publishes, so whoever is killed would keep ``damp`` and ``stop`` waiting as well.
"""

from __future__ import annotations

from collections.abc import MutableMapping
import os

from policy_gen_ros.utils.paths import share_file

PROFILES = 'FASTRTPS_DEFAULT_PROFILES_FILE'
"""Variable that names a file of profiles, for the Fast DDS of ROS 2 Humble and Jazzy."""


def avoid_shared_memory(environment: MutableMapping[str, str] = os.environ) -> None:
    """
    Make rclpy talk over UDP alone, as far as it did before; call it before ``rclpy.init``.

    Profiles that somebody has chosen stay.

    :param environment: in which the middleware looks
    """
    if PROFILES in environment:
        return
    reach = environment.get('ROS_AUTOMATIC_DISCOVERY_RANGE', '').upper()
    profile = 'fastdds_udp.xml'
    if environment.get('ROS_LOCALHOST_ONLY') == '1' or reach == 'LOCALHOST':
        # Where it is set to stay on this machine, rmw_fastrtps adds shared memory to any profile.
        environment.pop('ROS_LOCALHOST_ONLY', None)
        environment['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'SYSTEM_DEFAULT'
        profile = 'fastdds_loopback.xml'
    environment[PROFILES] = str(share_file(f'config/{profile}'))
