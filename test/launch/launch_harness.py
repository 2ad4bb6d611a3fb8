# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What the launch tests share: the launch file under test, and a user's node beside it."""

from __future__ import annotations

from collections.abc import Callable
import os
from pathlib import Path
import time
import unittest

from diagnostic_msgs.msg import DiagnosticArray
from policy_gen_ros.commands.demo.domains import free_domains
from policy_gen_ros.ros import qos
import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from std_msgs.msg import String
from std_srvs.srv import Trigger

WHY = 'launch and launch_testing come with ROS 2 and are not on PyPI'
launch = pytest.importorskip('launch', reason=WHY)
pytest.importorskip('launch_ros', reason=WHY)
testing = pytest.importorskip('launch_testing', reason=WHY)
sources = pytest.importorskip('launch.launch_description_sources', reason=WHY)
packages = pytest.importorskip('ament_index_python.packages', reason=WHY)
try:
    SHARE = Path(packages.get_package_share_directory('policy_gen_ros'))
except LookupError:
    pytest.skip('policy_gen_ros is not installed in this ROS 2 environment: colcon build, and '
                'source install/setup.bash', allow_module_level=True)
ROS_DOMAIN, ROBOT_DOMAIN = free_domains(2)


def description(name: str, *beside: launch.Action, **arguments: str) -> launch.LaunchDescription:
    """Include a launch file, in domains of its own, beside other actions."""
    os.environ.update(ROS_DOMAIN_ID=str(ROS_DOMAIN), RMW_IMPLEMENTATION='rmw_fastrtps_cpp')
    return launch.LaunchDescription([
        *beside,
        launch.actions.IncludeLaunchDescription(
            sources.PythonLaunchDescriptionSource(str(SHARE / 'launch' / name)),
            launch_arguments={'domain_id': str(ROBOT_DOMAIN), **arguments}.items()),
        testing.actions.ReadyToTest()])


class LaunchUser:
    """Publishes goals, calls services, and reads diagnostics."""

    def __init__(self) -> None:
        self._context = rclpy.Context()
        self._context.init(domain_id=ROS_DOMAIN)
        self.node = rclpy.create_node('launch_user', context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self.messages: list[str] = []
        self.values: dict[str, dict[str, str]] = {}
        self.goals = self.node.create_publisher(String, 'behavior_goal', qos.GOALS)
        self.node.create_subscription(DiagnosticArray, 'diagnostics', self._on_diagnostics, 50)

    def close(self) -> None:
        self.node.destroy_node()
        self._context.try_shutdown()

    def wait(self, ready: Callable[[], object], what: str, timeout_s: float = 90.0) -> None:
        end = time.monotonic() + timeout_s
        while not ready():
            assert time.monotonic() < end, f'{what}: not within {timeout_s} s; ' \
                f'{self.messages[-5:]}'
            self._executor.spin_once(timeout_sec=0.05)

    def call(self, service: str) -> Trigger.Response:
        client = self.node.create_client(Trigger, service)
        self.wait(client.service_is_ready, service)
        future = client.call_async(Trigger.Request())
        self.wait(future.done, f'answer of {service}')
        return future.result()

    def controller(self, key: str) -> str:
        return self.values.get('locomotion_controller', {}).get(key, '')

    def heard(self, text: str) -> bool:
        return any(text in message for message in self.messages)

    def _on_diagnostics(self, array: DiagnosticArray) -> None:
        for status in array.status:
            self.messages.append(status.message)
            self.values[status.name] = {item.key: item.value for item in status.values}


@testing.post_shutdown_test()
class TestAfterwards(unittest.TestCase):
    """What Ctrl-C leaves."""

    def test_all_processes_end_cleanly(self, proc_info: object) -> None:
        testing.asserts.assertExitCodes(proc_info)
