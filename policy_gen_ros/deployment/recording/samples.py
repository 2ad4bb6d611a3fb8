# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
One message as numbers: what a prompt takes from joint states, IMU readings, LowState and LowCmd.

Messages of rclpy and of rosbags have the same fields, so both come here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from policy_gen_ros.deployment.recording.joint_names import JointMap, OWN_NAMES
from policy_gen_ros.domains.go2.robot import constants as go2

BODY_DIM = 13
_LARGEST = float(np.finfo(np.float32).max)  # rows are float32
_N = go2.NUM_JOINTS


def joint_sample(names: Sequence[str], position: Sequence[float], velocity: Sequence[float],
                 joint_map: JointMap = OWN_NAMES) -> np.ndarray:
    """
    Positions and velocities of the leg joints, found by name; further joints are ignored.

    :param velocity: may be empty or NaN, where a driver sends none
    :return: rad, rad/s or NaN, in policy order. Shape: (24,)
    :raises ValueError: a leg joint or its position is missing, or a value is not finite
    """
    order = joint_map.order(names)
    if len(position) != len(names) or len(velocity) not in (0, len(names)):
        raise ValueError(f'{len(names)} names, {len(position)} positions, {len(velocity)} '
                         'velocities; only velocities may be left out')
    speeds = np.asarray(velocity, float)[order] if len(velocity) else np.full(_N, np.nan)
    _finite(speeds[~np.isnan(speeds)])
    return np.concatenate([_finite(np.asarray(position, float)[order]), speeds])


def body_sample(quat_w: Sequence[float], ang_vel: Sequence[float],
                acceleration: Sequence[float] = (np.nan,) * 3) -> np.ndarray:
    """
    Gravity direction and body rates, and what they are checked with.

    :param quat_w: orientation (w, x, y, z)
    :param ang_vel: rad/s in the body frame
    :param acceleration: what an accelerometer shows in the body frame, m/s²; NaN: nothing
    :return: gravity (3), rates (3), acceleration (3), quaternion (4). Shape: (13,)
    :raises ValueError: no orientation, or rates that are not finite
    """
    quat = np.asarray(quat_w, float)
    norm = np.linalg.norm(quat)
    if not 0.5 < norm < 2.0:
        raise ValueError(f'orientation {quat.tolist()} is not a unit quaternion')
    rates = _finite(np.asarray(ang_vel, float))
    return np.concatenate([go2.gravity_in_body(quat / norm), rates,
                           np.asarray(acceleration, float), quat / norm])


def of_joint_state(message: Any, joint_map: JointMap = OWN_NAMES) -> tuple[float, np.ndarray]:
    """Stamp in s and sample of a sensor_msgs/JointState. Shape: (24,)."""
    return _seconds(message), joint_sample(message.name, message.position, message.velocity,
                                           joint_map)


def of_imu(message: Any) -> tuple[float, np.ndarray]:
    """Stamp in s and sample of a sensor_msgs/Imu. Shape: (13,)."""
    if message.orientation_covariance[0] == -1.0:
        raise ValueError('it says that it has no orientation')
    q, w, a = message.orientation, message.angular_velocity, message.linear_acceleration
    return _seconds(message), body_sample((q.w, q.x, q.y, q.z), (w.x, w.y, w.z),
                                          (a.x, a.y, a.z))


def of_low_state(message: Any) -> tuple[float, np.ndarray]:
    """Robot's clock in s, body and joints of a unitree_go/LowState. Shape: (13 + 24,)."""
    imu, motors = message.imu_state, message.motor_state[:_N]
    return message.tick * 1e-3, np.concatenate([
        body_sample(imu.quaternion, imu.gyroscope, imu.accelerometer),
        joint_sample(go2.WIRE_JOINT_NAMES, [motor.q for motor in motors],
                     [motor.dq for motor in motors])])


def of_low_cmd(message: Any) -> tuple[float, np.ndarray]:
    """
    Position targets of a unitree_go/LowCmd; NaN for a joint that has none.

    :return: NaN, as the message knows no time, and rad in policy order. Shape: (12,)
    """
    motors = message.motor_cmd[:_N]
    target = np.array([motor.q if motor.kp > 0 else np.nan for motor in motors])
    if np.isinf(target).any():
        raise ValueError('a target is infinite')
    return float('nan'), target[go2.POLICY_FROM_WIRE]


def _finite(values: np.ndarray) -> np.ndarray:
    if not (np.abs(values) <= _LARGEST).all():
        raise ValueError('a value is not finite, or too large')
    return values


def _seconds(message: Any) -> float:
    stamp = message.header.stamp
    return stamp.sec + stamp.nanosec * 1e-9
