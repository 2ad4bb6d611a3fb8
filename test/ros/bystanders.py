# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Five ROS participants that speak and listen much: a process to be killed in the middle of it."""

from __future__ import annotations

import threading
import time

from diagnostic_msgs.msg import DiagnosticArray
import rclpy
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import Imu, JointState

PARTICIPANTS = 5


def speak_and_listen(number: int) -> None:
    """Be one of them."""
    context = rclpy.Context()
    context.init()
    node = rclpy.create_node(f'bystander_{number}', context=context)
    for kind, topic in ((JointState, 'joint_states'), (Imu, 'imu'),
                        (DiagnosticArray, 'diagnostics')):
        node.create_subscription(kind, topic, lambda _: None, 10)
    publisher = node.create_publisher(DiagnosticArray, 'diagnostics', 10)
    node.create_timer(0.01, lambda: publisher.publish(DiagnosticArray()))
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    executor.spin()


if __name__ == '__main__':
    for number in range(PARTICIPANTS):
        threading.Thread(target=speak_and_listen, args=(number,), daemon=True).start()
    time.sleep(1.0)
    print('speaking', flush=True)
    time.sleep(60.0)
