# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A step that ends by a way ends when the odometry says so, and in time where there is none."""

from __future__ import annotations

from pathlib import Path
import time

from nav_msgs.msg import Odometry
from operator_harness import Operator, start_generator
from policy_gen_ros.ros import qos


def test_ways_end_by_odometry(operator: Operator, tmp_path: Path, ros_domain_id: int) -> None:
    odometry = operator.node.create_publisher(Odometry, 'odom', qos.STREAM)
    speed: list[float] = []

    def tell() -> None:
        if speed:
            message = Odometry()
            message.twist.twist.linear.x = speed[-1]
            odometry.publish(message)

    operator.node.create_timer(0.02, tell)
    generator = start_generator(operator, tmp_path, ros_domain_id)

    def second_after(text: str) -> float:
        """Seconds between the first step and the second."""
        heard = len(operator.actors)
        operator.say(text)
        operator.wait(lambda: len(operator.actors) > heard, text)
        began = time.monotonic()
        operator.wait(lambda: len(operator.actors) > heard + 1, f'the step after {text}')
        return time.monotonic() - began

    try:
        # At 0.5 m/s this takes 2 s, and nobody says otherwise.
        assert 1.5 < second_after('trot forward 1 m at 0.5 m/s, then pace') < 4.0
        assert not generator.lines_with('the next step follows')
        speed.append(4.0)
        operator.wait(lambda: odometry.get_subscription_count() > 0, 'that odometry is heard')
        assert second_after('trot forward 12 m at 0.5 m/s, then pace') < 12.0
        assert not generator.lines_with('the next step follows')
        speed.append(0.0)  # something is in the way
        assert second_after('trot forward 1 m at 0.5 m/s, then pace') > 3.0
        assert generator.lines_with('only 0.00 of 1.00')
    finally:
        generator.end()
