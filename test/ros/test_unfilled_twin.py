# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A twin that fills in as little as Unitree's simulator stands and walks, by either clock."""

from __future__ import annotations

from collections.abc import Callable
import os
from pathlib import Path

from nav_msgs.msg import Odometry
from node_harness import CONTROLLER, Process, ros_arguments, User
from policy_gen_ros.domains.go2.shipped import CALM_FILE
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.ros import qos
from policy_gen_ros.ros.messages import message_from_actor
import pytest
import unfilled_robot

EMPTY = 'CRC, battery voltage, foot force, motor temperature, remote, tick'


@pytest.mark.parametrize('clock', ['wall', 'tick'])
def test_it_stands_and_walks(clock: str, free_domain: Callable[[], int], tmp_path: Path,
                             monkeypatch: pytest.MonkeyPatch) -> None:
    here = str(Path(unfilled_robot.__file__).parent)
    monkeypatch.setenv('PYTHONPATH', os.pathsep.join([here, os.environ.get('PYTHONPATH', '')]))
    ros, robot = free_domain(), free_domain()
    twin = Process('unfilled_robot', ['--domain-id', str(robot)], tmp_path / 'twin.log', ros)
    # A busy machine is late; how late is not what is tested.
    controller = Process(CONTROLLER, ros_arguments(
        domain_id=robot, network_interface='lo', clock=clock, guard__state_timeout_s=1.0,
        guard__policy_late_s=1.0), tmp_path / 'controller.log', ros)
    user = User(ros)
    heard: list[Odometry] = []
    user.node.create_subscription(Odometry, 'odom', heard.append, qos.STREAM)
    try:
        user.wait(lambda: user.controller('unfilled') == EMPTY, 'what is empty')
        response = user.call('locomotion_controller/stand')
        assert response.success, response.message
        user.weights.publish(message_from_actor((bundle_path(None) / CALM_FILE).read_bytes()))
        user.wait(lambda: user.controller('actor'), 'the actor')
        assert user.call('locomotion_controller/activate').success
        user.wait(lambda: int(user.controller('policy_ticks')) >= 50, 'policy ticks')
        assert user.controller('mode') == 'walking'
        assert user.controller('guard_trips') == '0'
        assert user.controller('realtime_factor') == 'nan', 'without a tick nobody knows'
        found = heard[-1]
        assert (found.header.frame_id, found.child_frame_id) == ('odom', 'base_link')
        # By its legs: it trots on the spot, and knows that it does not know exactly where.
        place, spread = found.pose.pose.position, found.pose.covariance[0]**0.5
        assert abs(place.x) + abs(place.y) < 0.6 and 0.02 < spread < 1.0
        assert found.twist.covariance[0] > 0.1**2
        lines = controller.lines_with('LowState leaves empty')
        assert len(lines) == 1 and EMPTY in lines[0]
    finally:
        controller.end()
        twin.end()
        user.close()
