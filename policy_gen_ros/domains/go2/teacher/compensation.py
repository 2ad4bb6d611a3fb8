# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What to add to joint targets where robot or ground differ from the nominal ones in a known way.

Added to the targets of a policy that knows the nominal robot only, it makes a teacher for policies
that have to find out by themselves what they stand on (Kumar et al. 2021 call that privileged).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.kinematics import foot_jacobian, foot_positions, joint_angles
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController, TeacherInput
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters

NOMINAL_DAMPING, NOMINAL_FRICTION_NM = 0.2, 0.6
"""Of the joints of ``sim/go2.xml``."""
MEASURED_SHARE = 0.5
"""
How much of the joint speeds that damping is reckoned from is measured, the rest is wanted. With
damping 2, 91 of 100 gaits stay up at 0.28 of their speed without compensation; 84 at 0.87 with
wanted speeds alone, which say nothing of a stumble, and 95 at 0.84 with 0.6 of what is measured.
"""
DIFFERENCE_S, LEAD_S = 0.02, 0.01
SLIDING_RAD_S = 1.0
"""Joints faster than this slide: dry friction has its full size, against their speed."""
MAX_SPEED_RAD_S = 12.0
CAPTURE_S, CAPTURE_M = 0.1, 0.12
"""
Feet that swing land so much farther ahead where the trunk is too fast, up to that far (Raibert
1986). Of 120 gaits that are pushed by 1 m/s every 1.5 s, 0.82 stay up for 8 s without it, 0.89
with 0.08 s, 0.90 with 0.14 s and 0.88 with 0.2 s; with the first of these most keep their gait.
"""
STEEPEST = 0.3
"""Tangent of the steepest ground that legs are led along, 17 degrees."""


@dataclass(frozen=True, eq=False)
class Hidden:
    """
    What a robot's sensors do not show.

    :param joint_damping: Nm s/rad. Shape: (n,)
    :param joint_friction_nm: dry friction. Shape: (n,)
    :param motor_strength: torque given over torque asked for. Shape: (n,)
    :param kp_scale, kd_scale: on the motors' gains. Shapes: (n,)
    :param load_kg: mass beyond the nominal one. Shape: (n,)
    :param load_moment_kg_m: of all mass about the middle of the trunk, along x and y of the body
        frame, beyond the nominal one. Shape: (n, 2)
    :param delay_s: from a target to its effect. Shape: (n,)
    :param normal: of the ground, in the body frame. Shape: (n, 3)
    :param rise_m: height of edges on the ground over which feet have to swing. Shape: (n,)
    """

    joint_damping: np.ndarray
    joint_friction_nm: np.ndarray
    motor_strength: np.ndarray
    kp_scale: np.ndarray
    kd_scale: np.ndarray
    load_kg: np.ndarray
    load_moment_kg_m: np.ndarray
    delay_s: np.ndarray
    normal: np.ndarray
    rise_m: np.ndarray


def phase_ahead(phase: np.ndarray, frequency_hz: np.ndarray, hidden: Hidden) -> np.ndarray:
    """Read the clock as far ahead as targets act late, cycles. Shapes: (n,) -> (n,)."""
    return (phase + frequency_hz * hidden.delay_s) % 1.0


def slope_of(normal: np.ndarray, gravity: np.ndarray) -> np.ndarray:
    """
    Descent of the ground along x and y of the body frame, m/m, whatever the tilt of the body.

    :param normal, gravity: normal of the ground and direction of gravity there. Shapes: (n, 3)
    :return: Shape: (n, 2)
    """
    return normal[:, :2] / np.maximum(normal[:, 2:], 0.5) \
        + gravity[:, :2] / np.maximum(-gravity[:, 2:], 0.5)


def compensate(targets: np.ndarray, seen: TeacherInput, gaits: GaitParameters, hidden: Hidden,
               teacher: GaitController) -> np.ndarray:
    """
    Change joint targets that suit the nominal robot on flat ground.

    :param targets: rad, policy order. Shape: (n, 12)
    :param seen: with the clock read ahead (:func:`phase_ahead`)
    :param teacher: whose foot paths tell the wanted joint speeds
    :return: rad. Shape: (n, 12)
    """
    paths = teacher.foot_paths(seen, gaits, LEAD_S)
    moved = targets + joint_angles(paths + _foot_offset(paths, seen, gaits, hidden)) \
        - joint_angles(paths)
    torque = _joint_resistance(seen, gaits, hidden, teacher) - _load(seen, gaits, hidden)
    return _motors(moved + torque / go2.KP_WALK, seen, hidden)


def _joint_resistance(seen: TeacherInput, gaits: GaitParameters, hidden: Hidden,
                      teacher: GaitController) -> np.ndarray:
    """Torque that joints take beyond the nominal one, at the speed they should have. (n, 12)."""
    before, after = (joint_angles(teacher.foot_paths(seen, gaits, LEAD_S + offset))
                     for offset in (-DIFFERENCE_S, DIFFERENCE_S))
    wanted = (after - before) / (2 * DIFFERENCE_S)
    speed = (1 - MEASURED_SHARE) * wanted + MEASURED_SHARE * seen.state.joint_vel
    speed = np.clip(speed, -MAX_SPEED_RAD_S, MAX_SPEED_RAD_S)
    viscous = (hidden.joint_damping - NOMINAL_DAMPING)[:, None] * speed
    dry = (hidden.joint_friction_nm - NOMINAL_FRICTION_NM)[:, None]
    return viscous + dry * np.tanh(wanted / SLIDING_RAD_S)


def _foot_offset(paths: np.ndarray, seen: TeacherInput, gaits: GaitParameters,
                   hidden: Hidden) -> np.ndarray:
    """
    Lead the feet along a slope under a level trunk, higher over edges, and to catch a push.

    :return: m, body frame. Shape: (n, 4, 3)
    """
    slope = np.clip(slope_of(hidden.normal, seen.state.gravity), -STEEPEST, STEEPEST)
    offset = np.zeros_like(paths)
    offset[..., 2] = -(slope[:, None] * paths[..., :2]).sum(axis=-1)
    phase = (seen.phase[:, None] - gaits.touch_down) % 1.0
    swing = np.clip((phase - gaits.duty) / (1 - gaits.duty), 0, 1)
    offset[..., 2] += hidden.rise_m[:, None] * np.sin(np.pi * swing)
    capture = CAPTURE_S * (seen.base_velocity - seen.command)[:, :2]
    far = np.linalg.norm(capture, axis=1, keepdims=True)
    capture *= CAPTURE_M / np.maximum(far, CAPTURE_M)
    offset[..., :2] += swing[..., None] * capture[:, None]
    return offset


def _load(seen: TeacherInput, gaits: GaitParameters, hidden: Hidden) -> np.ndarray:
    """Joint torques of what the feet in stance carry beyond the nominal weight. (n, 12)."""
    phase = (seen.phase[:, None] - gaits.touch_down) % 1.0
    on_ground = phase < gaits.duty
    feet = foot_positions(seen.state.joint_pos)
    weight = 9.81 * hidden.load_kg[:, None] / gaits.duty.sum(axis=1, keepdims=True)
    arm = np.array([0.02, 0.01]) + (feet[..., :2]**2 * on_ground[..., None]).sum(axis=1)
    lean = 9.81 * ((hidden.load_moment_kg_m / arm)[:, None] * feet[..., :2]).sum(axis=-1)
    up = on_ground * (weight + lean)
    force = -up[..., None] * seen.state.gravity[:, None]
    return np.einsum('nfij,nfi->nfj', foot_jacobian(seen.state.joint_pos),
                     force).reshape(len(gaits), 12)


def _motors(targets: np.ndarray, seen: TeacherInput, hidden: Hidden) -> np.ndarray:
    """Let motors of another strength and other gains give the torque of nominal ones."""
    q, dq = seen.state.joint_pos, seen.state.joint_vel
    wanted = go2.KP_WALK * (targets - q) - go2.KD_WALK * dq
    asked = wanted / hidden.motor_strength[:, None] + go2.KD_WALK * hidden.kd_scale[:, None] * dq
    return np.clip(q + asked / (go2.KP_WALK * hidden.kp_scale[:, None]), go2.TARGET_LOWER_RAD,
                   go2.TARGET_UPPER_RAD)
