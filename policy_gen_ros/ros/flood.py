# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A process that floods the controller's topics, for ``policy_gen bench --loads``."""

from __future__ import annotations

import os
import signal
import sys
import threading

from geometry_msgs.msg import Twist
from policy_gen_ros.ros import qos
from policy_gen_ros.ros.messages import message_from_actor
import rclpy
from std_msgs.msg import UInt8MultiArray

PERIOD_S = 0.001
WEIGHTS_EVERY, WEIGHTS_BYTES = 20, 200_000
"""Of a thousand rounds a second, each sends a ``cmd_vel``, and one of so many also rubbish of the
size of an actor."""


def main() -> int:
    """Publish until SIGINT or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    rclpy.init(signal_handler_options=rclpy.SignalHandlerOptions.NO)
    node = rclpy.create_node('policy_gen_flood')
    commands = node.create_publisher(Twist, 'cmd_vel', qos.COMMAND)
    weights = node.create_publisher(UInt8MultiArray, 'actor_weights', qos.ACTOR_WEIGHTS)
    command, rubbish = Twist(), message_from_actor(os.urandom(WEIGHTS_BYTES))
    command.linear.x = 0.3
    rounds = 0
    while not stop.wait(PERIOD_S):
        commands.publish(command)
        if rounds % WEIGHTS_EVERY == 0:
            weights.publish(rubbish)
        rounds += 1
    node.destroy_node()
    rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main())
