# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Leg kinematics of the Go2 in closed form. Feet: FL, FR, RL, RR; positions in the base frame."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2


def foot_positions(joint_pos: np.ndarray) -> np.ndarray:
    """
    Foot centres in the base frame.

    :param joint_pos: rad, policy order. Shape: (..., 12)
    :return: m. Shape: (..., 4, 3)
    """
    return _leg_point(joint_pos, go2.THIGH_LENGTH_M, go2.CALF_LENGTH_M)


def leg_points(joint_pos: np.ndarray) -> np.ndarray:
    """
    Hip, thigh joint, knee and foot of each leg in the base frame, to draw it.

    :param joint_pos: rad, policy order. Shape: (..., 12)
    :return: m. Shape: (..., 4, 4, 3)
    """
    thigh_joint = _leg_point(joint_pos, 0.0, 0.0)
    hip = np.broadcast_to(go2.HIP_POSITION_M, thigh_joint.shape)
    knee = _leg_point(joint_pos, go2.THIGH_LENGTH_M, 0.0)
    return np.stack([hip, thigh_joint, knee, foot_positions(joint_pos)], axis=-2)


def _leg_point(joint_pos: np.ndarray, thigh_m: float, calf_m: float) -> np.ndarray:
    """Return the ends of legs with these lengths. Shape: (..., 12) -> (..., 4, 3)."""
    q = np.asarray(joint_pos).reshape(*np.shape(joint_pos)[:-1], 4, 3)
    hip, thigh, calf = np.moveaxis(q, -1, 0)
    x = -thigh_m * np.sin(thigh) - calf_m * np.sin(thigh + calf)
    down = -thigh_m * np.cos(thigh) - calf_m * np.cos(thigh + calf)
    side = go2.LEG_SIDE * go2.HIP_OFFSET_M
    y = side * np.cos(hip) - down * np.sin(hip)
    z = side * np.sin(hip) + down * np.cos(hip)
    return np.stack([x, y, z], axis=-1) + go2.HIP_POSITION_M


def joint_angles(foot_position: np.ndarray) -> np.ndarray:
    """
    Joint angles that put the feet there, knees backwards; out-of-reach points go to the nearest.

    :param foot_position: in the base frame, m. Shape: (..., 4, 3)
    :return: rad, policy order, inside the joint limits. Shape: (..., 12)
    """
    p = foot_position - go2.HIP_POSITION_M
    x, y, z = np.moveaxis(p, -1, 0)
    side = go2.LEG_SIDE * go2.HIP_OFFSET_M
    down = np.sqrt(np.maximum(y * y + z * z - side * side, 1e-6))
    hip = np.arctan2(y, -z) - np.arctan2(side, down)
    reach = np.clip(np.sqrt(x * x + down * down), 0.08,
                    0.995 * (go2.THIGH_LENGTH_M + go2.CALF_LENGTH_M))
    bend = np.arccos(np.clip(reach / (2 * go2.THIGH_LENGTH_M), -1, 1))  # thigh and calf are equal
    calf = -2 * bend
    thigh = np.arctan2(-x, down) + bend
    q = np.stack([hip, thigh, calf], axis=-1).reshape(*foot_position.shape[:-2], 12)
    return np.clip(q, go2.JOINT_LOWER_RAD, go2.JOINT_UPPER_RAD)


def foot_jacobian(joint_pos: np.ndarray) -> np.ndarray:
    """
    Jacobian of each foot by its leg's joints, in the base frame.

    :param joint_pos: rad, policy order. Shape: (..., 12)
    :return: ``d position / d (hip, thigh, calf)``. Shape: (..., 4, 3, 3)
    """
    q = np.asarray(joint_pos).reshape(*np.shape(joint_pos)[:-1], 4, 3)
    hip, thigh, calf = np.moveaxis(q, -1, 0)
    a, b = go2.THIGH_LENGTH_M, go2.CALF_LENGTH_M
    down = -a * np.cos(thigh) - b * np.cos(thigh + calf)
    side = go2.LEG_SIDE * go2.HIP_OFFSET_M
    sin, cos = np.sin(hip), np.cos(hip)
    dx_thigh, dx_calf = down, -b * np.cos(thigh + calf)
    dd_thigh = a * np.sin(thigh) + b * np.sin(thigh + calf)
    dd_calf = b * np.sin(thigh + calf)
    zero = np.zeros_like(hip)
    column_hip = np.stack([zero, -side * sin - down * cos, side * cos - down * sin], axis=-1)
    column_thigh = np.stack([dx_thigh, -dd_thigh * sin, dd_thigh * cos], axis=-1)
    column_calf = np.stack([dx_calf, -dd_calf * sin, dd_calf * cos], axis=-1)
    return np.stack([column_hip, column_thigh, column_calf], axis=-1)


def calf_rotation(joint_pos: np.ndarray, joint_vel: np.ndarray) -> np.ndarray:
    """
    Angular velocity of each calf against the trunk, in the base frame.

    :param joint_pos, joint_vel: rad, rad/s, policy order. Shapes: (..., 12)
    :return: rad/s. Shape: (..., 4, 3)
    """
    shape = (*np.shape(joint_pos)[:-1], 4, 3)
    hip = np.asarray(joint_pos).reshape(shape)[..., 0]
    hip_vel, thigh_vel, calf_vel = np.moveaxis(np.asarray(joint_vel).reshape(shape), -1, 0)
    bend = thigh_vel + calf_vel
    return np.stack([hip_vel, bend * np.cos(hip), bend * np.sin(hip)], axis=-1)
