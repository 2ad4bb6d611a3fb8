# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Generator, controller and twin as real processes, and a user's node to talk to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Twist
from policy_gen_ros.ros import qos
import rclpy
from rclpy.executors import SingleThreadedExecutor
from std_msgs.msg import Float32MultiArray, MultiArrayDimension, String, UInt8MultiArray
from std_srvs.srv import Trigger

GENERATOR = 'policy_gen_ros.ros.policy_generator'
CONTROLLER = 'policy_gen_ros.ros.locomotion_controller'
TWIN = 'policy_gen_ros.deployment.twin.process'


def environment(ros_domain: int | str) -> dict[str, str]:
    """Variables of a ROS process that talks within this machine and one domain only."""
    return {**os.environ, 'ROS_DOMAIN_ID': str(ros_domain),
            'RMW_IMPLEMENTATION': 'rmw_fastrtps_cpp', 'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}


def ros_arguments(**parameters: object) -> list[str]:
    """Command line that sets node parameters; ``__`` in a name stands for a dot."""
    arguments = ['--ros-args']
    for name, value in parameters.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        arguments += ['-p', f'{name.replace("__", ".")}:={text}']
    return arguments


class Process:
    """A Python module as a process; its output is kept in a file."""

    def __init__(self, module: str, arguments: list[str], log: Path,
                 ros_domain: int | str) -> None:
        self.log = log
        with log.open('wb') as sink:
            self.popen = subprocess.Popen([sys.executable, '-u', '-m', module, *arguments],
                                          stdout=sink, stderr=subprocess.STDOUT,
                                          env=environment(ros_domain))

    def text(self) -> str:
        """Everything said so far."""
        return self.log.read_text(errors='replace')

    def lines_with(self, text: str) -> list[str]:
        """Lines that contain a text."""
        return [line for line in self.text().splitlines() if text in line]

    def wait(self, timeout_s: float = 30.0) -> int:
        """Exit code, once it has ended."""
        return self.popen.wait(timeout_s)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end."""
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        return self.wait()


class User:
    """A ROS node that publishes goals and remembers what came back."""

    def __init__(self, ros_domain: int) -> None:
        self._context = rclpy.Context()
        self._context.init(domain_id=ros_domain)
        self.node = rclpy.create_node('test_user', context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self.actors: list[bytes] = []
        self.statuses: list[tuple[str, bytes, str]] = []
        self.values: dict[str, dict[str, str]] = {}
        self.node.create_subscription(UInt8MultiArray, 'actor_weights', self._on_actor,
                                      qos.ACTOR_WEIGHTS)
        self.node.create_subscription(DiagnosticArray, 'diagnostics', self._on_diagnostics, 50)
        self.text = self.node.create_publisher(String, 'behavior_goal', qos.GOALS)
        self.measures = self.node.create_publisher(Float32MultiArray, 'behavior_measures',
                                                   qos.GOALS)
        self.trajectory = self.node.create_publisher(Float32MultiArray, 'behavior_trajectory',
                                                     qos.GOALS)
        self.weights = self.node.create_publisher(UInt8MultiArray, 'actor_weights',
                                                  qos.ACTOR_WEIGHTS)
        self.command = self.node.create_publisher(Twist, 'cmd_vel', qos.COMMAND)

    def close(self) -> None:
        self.node.destroy_node()
        self._context.try_shutdown()

    def wait(self, ready: Callable[[], object], what: str, timeout_s: float = 60.0) -> object:
        """Serve callbacks until ``ready`` gives something."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            found = ready()
            if found:
                return found
            self.spin()
        raise AssertionError(f'{what}: not within {timeout_s:g} s; statuses: {self.statuses[-5:]}')

    def forget(self) -> None:
        """Drop what was heard but for the newest."""
        del self.actors[:-1], self.statuses[:-1]

    def spin(self) -> None:
        """Serve callbacks for a moment."""
        self._executor.spin_once(timeout_sec=0.02)

    def call(self, service: str) -> Trigger.Response:
        """Call a Trigger service."""
        client = self.node.create_client(Trigger, service)
        self.wait(client.service_is_ready, f'service {service}')
        future = client.call_async(Trigger.Request())
        self.wait(future.done, f'answer of {service}')
        self.node.destroy_client(client)
        return future.result()

    def controller(self, key: str) -> str:
        """Newest diagnostics value of the controller."""
        return self.values.get('locomotion_controller', {}).get(key, '')

    def status_with(self, text: str) -> tuple[str, bytes, str] | None:
        """Newest status whose message contains a text."""
        return next((entry for entry in reversed(self.statuses) if text in entry[2]), None)

    def _on_actor(self, message: UInt8MultiArray) -> None:
        self.actors.append(bytes(message.data))

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self.statuses.append((status.name, status.level, status.message))
            self.values[status.name] = {item.key: item.value for item in status.values}


@dataclass
class Stack:
    """Processes, domains and the user's node."""

    ros_domain: int
    robot_domain: int
    twin: Process
    generator: Process
    controller: Process
    user: User
    folder: Path

    def controller_arguments(self, **more: object) -> list[str]:
        """Parameters of a controller on this stack's wire."""
        return ros_arguments(domain_id=self.robot_domain, network_interface='lo', clock='tick',
                             **more)

    def assert_walks_on(self) -> None:
        """Check that the robot walks, and goes on for half a second of its time."""
        ticks = int(self.user.controller('policy_ticks') or 0)
        self.user.wait(lambda: int(self.user.controller('policy_ticks') or 0) >= ticks + 25,
                       'policy ticks')
        assert self.user.controller('mode') == 'walking'


def float_message(values: list[float], *dims: tuple[str, int]) -> Float32MultiArray:
    """Float array with named dimensions."""
    message = Float32MultiArray(data=values)
    stride = len(values)
    for label, size in dims:
        message.layout.dim.append(MultiArrayDimension(label=label, size=size, stride=stride))
        stride //= max(size, 1)
    return message
