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
from functools import lru_cache
from typing import Any

import numpy as np
from policy_gen_ros.robot import go2

_MAX_NAMES = 200
_NAMES_SHOWN, _LETTERS_SHOWN = 12, 300
_LARGEST = float(np.finfo(np.float32).max)  # rows are float32
_N = go2.NUM_JOINTS


def joint_sample(names: Sequence[str], position: Sequence[float],
                 velocity: Sequence[float]) -> np.ndarray:
    """
    Positions and velocities of the leg joints, found by name; further joints are ignored.

    :return: rad, rad/s in policy order. Shape: (24,)
    :raises ValueError: a leg joint, its position or its velocity is missing or not finite
    """
    if len(names) > _MAX_NAMES:
        raise ValueError(f'{len(names)} joint names; a Go2 has {_N}')
    order = _order(tuple(names))
    if len(position) != len(names) or len(velocity) != len(names):
        raise ValueError(f'{len(names)} names, {len(position)} positions, '
                         f'{len(velocity)} velocities; all three are needed')
    return _finite(np.concatenate([np.asarray(position, float)[order],
                                   np.asarray(velocity, float)[order]]))


def body_sample(quat_w: Sequence[float], ang_vel: Sequence[float]) -> np.ndarray:
    """
    Gravity direction and body rates.

    :param quat_w: orientation (w, x, y, z)
    :param ang_vel: rad/s in the body frame
    :return: Shape: (6,)
    :raises ValueError: no orientation, or values that are not finite
    """
    quat = np.asarray(quat_w, float)
    norm = np.linalg.norm(quat)
    if not 0.5 < norm < 2.0:
        raise ValueError(f'orientation {quat.tolist()} is not a unit quaternion')
    return _finite(np.concatenate([go2.gravity_in_body(quat / norm), np.asarray(ang_vel, float)]))


def of_joint_state(message: Any) -> tuple[float, np.ndarray]:
    """Stamp in s and sample of a sensor_msgs/JointState. Shape: (24,)."""
    return _seconds(message), joint_sample(message.name, message.position, message.velocity)


def of_imu(message: Any) -> tuple[float, np.ndarray]:
    """Stamp in s and sample of a sensor_msgs/Imu. Shape: (6,)."""
    if message.orientation_covariance[0] == -1.0:
        raise ValueError('it says that it has no orientation')
    q, w = message.orientation, message.angular_velocity
    return _seconds(message), body_sample((q.w, q.x, q.y, q.z), (w.x, w.y, w.z))


def of_low_state(message: Any) -> tuple[float, np.ndarray]:
    """Robot's clock in s, body and joints of a unitree_go/LowState. Shape: (6 + 24,)."""
    imu, motors = message.imu_state, message.motor_state[:_N]
    return message.tick * 1e-3, np.concatenate([
        body_sample(imu.quaternion, imu.gyroscope),
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


@lru_cache(maxsize=8)
def _order(names: tuple[str, ...]) -> np.ndarray:
    """Where the leg joints are among the names. Shape: (12,)."""
    missing = [name for name in go2.JOINT_NAMES if name not in names]
    if missing:
        raise ValueError(f'no joint {", ".join(missing)}; there are {_shown(names)}')
    return np.array([names.index(name) for name in go2.JOINT_NAMES])


def _shown(names: Sequence[str]) -> str:
    """Name some in an error text: one short line, whatever they contain."""
    more = ', ...' if len(names) > _NAMES_SHOWN else ''
    return ' '.join((', '.join(names[:_NAMES_SHOWN]) + more or 'none').split())[:_LETTERS_SHOWN]


def _finite(values: np.ndarray) -> np.ndarray:
    if not (np.abs(values) <= _LARGEST).all():
        raise ValueError('a value is not finite, or too large')
    return values


def _seconds(message: Any) -> float:
    stamp = message.header.stamp
    return stamp.sec + stamp.nanosec * 1e-9
