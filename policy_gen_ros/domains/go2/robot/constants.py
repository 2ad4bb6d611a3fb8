# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Constants of the Unitree Go2: names, order, pose, gains and limits.

Every other module takes these numbers from here. Joints are in *policy order*: legs FL, FR, RL,
RR, each hip, thigh, calf. The wire orders legs FR, FL, RR, RL; :data:`WIRE_FROM_POLICY` is
derived from the names, never typed in.

Sources: go2.urdf (limits, geometry), walk-these-ways Go2 deployment (pose, gains, action scale).
"""

from __future__ import annotations

import numpy as np

LEGS = ('FL', 'FR', 'RL', 'RR')
WIRE_LEGS = ('FR', 'FL', 'RR', 'RL')
SEGMENTS = ('hip', 'thigh', 'calf')
JOINT_NAMES = tuple(f'{leg}_{segment}_joint' for leg in LEGS for segment in SEGMENTS)
WIRE_JOINT_NAMES = tuple(f'{leg}_{segment}_joint' for leg in WIRE_LEGS for segment in SEGMENTS)
NUM_JOINTS = len(JOINT_NAMES)

WIRE_FROM_POLICY = np.array([JOINT_NAMES.index(name) for name in WIRE_JOINT_NAMES])
"""``wire_values = policy_values[WIRE_FROM_POLICY]``."""
POLICY_FROM_WIRE = np.argsort(WIRE_FROM_POLICY)
"""``policy_values = wire_values[POLICY_FROM_WIRE]``."""
FEET_POLICY_FROM_WIRE = np.array([WIRE_LEGS.index(leg) for leg in LEGS])
"""``policy_feet = wire_feet[FEET_POLICY_FROM_WIRE]``."""

CONTROL_DT_S = 0.02
"""Policy period: 50 Hz."""
LOWCMD_DT_S = 0.002
"""Period of LowCmd and LowState on the wire: 500 Hz."""

DEFAULT_POSE_RAD = np.array([0.1, 0.8, -1.5, -0.1, 0.8, -1.5, 0.1, 1.0, -1.5, -0.1, 1.0, -1.5])
SITTING_POSE_RAD = np.array([0.0, 1.36, -2.65] * 4)
ACTION_SCALE = np.array([0.125, 0.25, 0.25] * 4)
"""Target angle = default + scale * action (walk-these-ways: 0.25, hips half of it)."""
ACTION_CLIP = 10.0
KP_WALK, KD_WALK = 20.0, 0.5
KP_STAND, KD_STAND = 70.0, 4.0
KD_DAMPING = 3.0

_FRONT = [(-1.0472, 1.0472), (-1.5708, 3.4907), (-2.7227, -0.83776)]
_REAR = [(-1.0472, 1.0472), (-0.5236, 4.5379), (-2.7227, -0.83776)]
JOINT_LOWER_RAD, JOINT_UPPER_RAD = np.array(_FRONT * 2 + _REAR * 2).T
TARGET_MARGIN_RAD = 0.4
"""
How far a joint *target* may lie beyond the joint's range. At kp 20 a leg carries its load by a
target that is up to half a radian off its angle, so a range for targets as tight as the joint's
own would rob a stretched leg of its force; the torque at a stop stays below kp times this margin.
"""
TARGET_LOWER_RAD = JOINT_LOWER_RAD - TARGET_MARGIN_RAD
TARGET_UPPER_RAD = JOINT_UPPER_RAD + TARGET_MARGIN_RAD
TORQUE_LIMIT_NM = np.array([23.7, 23.7, 35.55] * 4)
VELOCITY_LIMIT_RAD_S = np.array([30.1, 30.1, 20.07] * 4)

HIP_POSITION_M = np.array([[0.1934, 0.0465, 0.0], [0.1934, -0.0465, 0.0],
                           [-0.1934, 0.0465, 0.0], [-0.1934, -0.0465, 0.0]])
"""Hip joints in the base frame. Shape: (4, 3)."""
LEG_SIDE = np.array([1.0, -1.0, 1.0, -1.0])
HIP_OFFSET_M = 0.0955
THIGH_LENGTH_M = 0.213
CALF_LENGTH_M = 0.213
FOOT_RADIUS_M = 0.022
COMMAND_LOWER = np.array([-1.0, -0.5, -1.5])
COMMAND_UPPER = np.array([1.5, 0.5, 1.5])
"""
Velocity commands that a robot is given: vx, vy m/s, yaw rate rad/s. The range that actors are
trained for, of nominal commands, and of what the controller takes from ``cmd_vel``; that of
walk-these-ways (Margolis and Agrawal 2022, table 1). Shape: (3,)
"""

MASS_KG = 15.2

NO_LOW_LEVEL = 'Go2 Air and Pro have no low-level interface; EDU is needed'
"""Said where a real robot is silent: no message tells the editions apart."""


def gravity_in_body(quat_w: np.ndarray) -> np.ndarray:
    """
    Return the unit gravity direction in the body frame from a (w, x, y, z) quaternion.

    :param quat_w: body orientation in the world. Shape: (..., 4)
    :return: (0, 0, -1) for a level body. Shape: (..., 3)
    """
    quat_w = np.asarray(quat_w)
    # One robot 500 times a second: plain numbers are several times faster than arrays of one.
    w, x, y, z = quat_w.tolist() if quat_w.ndim == 1 else np.moveaxis(quat_w, -1, 0)
    return np.stack([2 * (w * y - x * z), -2 * (y * z + w * x), 2 * (x * x + y * y) - 1], axis=-1)


def rotate_to_body(quat_w: np.ndarray, vector_w: np.ndarray) -> np.ndarray:
    """Rotate world vectors into the body frame. Shapes: (..., 4), (..., 3) -> (..., 3)."""
    w, axis = quat_w[..., :1], -quat_w[..., 1:]
    cross = 2 * np.cross(axis, vector_w)
    return vector_w + w * cross + np.cross(axis, cross)


def multiply_quaternions(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Turn by ``b``, then by ``a``. Shapes: (4,), (4,) -> (4,), (w, x, y, z)."""
    return np.append(a[0] * b[0] - a[1:] @ b[1:],
                     a[0] * b[1:] + b[0] * a[1:] + np.cross(a[1:], b[1:]))
