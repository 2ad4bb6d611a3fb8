# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Messages in and out: sizes and layouts are checked before anything is converted."""

from __future__ import annotations

import array

from nav_msgs.msg import Odometry
import numpy as np
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY_DIM
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.policies.weights import MAX_ACTOR_BYTES
from std_msgs.msg import Float32MultiArray, UInt8MultiArray

MAX_LABEL_LENGTH = 1000
MAX_TRAJECTORY_ROWS = 6000
"""Two minutes at 50 Hz."""


def goal_from_measures(message: Float32MultiArray) -> Goal:
    """
    Goal of a ``behavior_measures`` message: names in the label, one value each.

    :raises ValueError: wrong layout, unknown or repeated name, value out of range
    """
    dims, count = message.layout.dim, len(message.data)
    if len(dims) != 1:
        raise ValueError(f'layout has {len(dims)} dimensions; measures need one, whose label '
                         'holds their names joined by commas')
    if len(dims[0].label) > MAX_LABEL_LENGTH or count > len(MEASURE_NAMES):
        raise ValueError(f'{count} values and a label of {len(dims[0].label)} characters; '
                         f'there are {len(MEASURE_NAMES)} measures')
    names = [name.strip() for name in dims[0].label.split(',')]
    if len(names) != count or dims[0].size != count or message.layout.data_offset:
        raise ValueError(f'layout names {len(names)} measures of size {dims[0].size} at offset '
                         f'{message.layout.data_offset}, data holds {count} values')
    if len(set(names)) != len(names):
        raise ValueError(f'a measure is named twice: {", ".join(names)}')
    return Goal(measures=dict(zip(names, (float(value) for value in message.data), strict=True)))


def goal_from_trajectory(message: Float32MultiArray) -> Goal:
    """
    Goal of a ``behavior_trajectory`` message: dimensions ``time`` and ``feature``.

    :raises ValueError: wrong layout, too few or too many rows, values that are not finite
    """
    dims, count = message.layout.dim, len(message.data)
    labels = [dim.label for dim in dims[:3]]
    if labels != ['time', 'feature']:
        raise ValueError(f'layout has dimensions {labels}, expected time, feature')
    rows, features = dims[0].size, dims[1].size
    if features != TRAJECTORY_DIM:
        raise ValueError(f'rows have {features} features, expected {TRAJECTORY_DIM}')
    if rows > MAX_TRAJECTORY_ROWS:
        raise ValueError(f'{rows} rows; at most {MAX_TRAJECTORY_ROWS} are read')
    if rows * features != count or message.layout.data_offset:
        raise ValueError(f'layout says {rows} x {features} values at offset '
                         f'{message.layout.data_offset}, data holds {count}')
    return Goal(trajectory=np.asarray(message.data, np.float32).reshape(rows, features))


def velocity_from_odometry(message: Odometry) -> dict[str, float]:
    """Velocity of the body in its own frame, by the names of measures; m/s and rad/s."""
    twist = message.twist.twist
    return {'vx_mps': twist.linear.x, 'vy_mps': twist.linear.y, 'yaw_rate_rps': twist.angular.z}


def message_from_actor(blob: bytes) -> UInt8MultiArray:
    """Actor bytes as a message; filled at once, not value by value."""
    message = UInt8MultiArray()
    message.data = array.array('B', blob)
    return message


def actor_from_message(message: UInt8MultiArray) -> bytes:
    """
    Actor bytes of a message.

    :raises ValueError: too many bytes for an actor
    """
    if len(message.data) > MAX_ACTOR_BYTES:
        raise ValueError(f'{len(message.data)} bytes; an actor has at most {MAX_ACTOR_BYTES}')
    return bytes(message.data)
