# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The teacher: an analytic controller that walks the twin in a given gait.

Memoryless. Gait clock -> foot paths -> inverse kinematics -> joint targets, plus the joint torques
of the wanted ground forces divided by kp: at kp 20 a standing leg would otherwise sag by half a
radian. All arrays are batched; every robot has its own gait, command and gains.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.kinematics import foot_jacobian, foot_positions, joint_angles
from policy_gen_ros.domains.go2.robot.observation import RobotState
from policy_gen_ros.domains.go2.teacher.gains import GAIN_NAMES, gains_of, GainSchedule
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters
from policy_gen_ros.utils.paths import share_file

TEACHER_FILE = 'config/teacher.safetensors'
FRICTION_CONE = 0.6


@dataclass(frozen=True)
class TeacherInput:
    """
    What the teacher sees beside the sensors: ground truth that actors must do without.

    Shapes: ``base_velocity`` (n, 3) m/s in the body frame; ``height`` (n,) m; ``phase`` (n,)
    cycles of the neutral clock; ``command`` (n, 3).
    """

    state: RobotState
    base_velocity: np.ndarray
    height: np.ndarray
    phase: np.ndarray
    command: np.ndarray


class GaitController:
    """
    Teacher whose gains follow from gait and command.

    :param schedule: default: the tuned one that ships with the package
    """

    def __init__(self, schedule: GainSchedule | None = None) -> None:
        self.schedule = schedule or _shipped_schedule()

    def targets(self, seen: TeacherInput, gaits: GaitParameters) -> np.ndarray:
        """Joint targets, rad, policy order. Shape: (n, 12)."""
        logits = self.schedule.logits(gaits.features(), seen.command)
        return gait_targets(seen, gaits, gains_of(logits))

    def foot_paths(self, seen: TeacherInput, gaits: GaitParameters, ahead_s: float) -> np.ndarray:
        """
        Where the feet should be in a moment, under a trunk that is level but for its own pitch.

        :param ahead_s: after now
        :return: in the base frame, m. Shape: (n, 4, 3)
        """
        logits = self.schedule.logits(gaits.features(), seen.command)
        g = _by_name(gains_of(logits))
        phase = (seen.phase[:, None] - gaits.touch_down + ahead_s * gaits.frequency_hz[:, None])
        pitch = gaits.pitch_rad[:, None] + g['pitch_bias_rad']
        return _level(_foot_paths(seen, gaits, g, phase % 1.0), seen.state.gravity, pitch,
                      g['level_feet'])

    def actions(self, seen: TeacherInput, gaits: GaitParameters) -> np.ndarray:
        """Return the same as clipped actions of an actor. Shape: (n, 12)."""
        action = (self.targets(seen, gaits) - go2.DEFAULT_POSE_RAD) / go2.ACTION_SCALE
        return np.clip(action, -go2.ACTION_CLIP, go2.ACTION_CLIP)


@cache
def _shipped_schedule() -> GainSchedule:
    return GainSchedule.load(share_file(TEACHER_FILE))


def gait_targets(seen: TeacherInput, gaits: GaitParameters, gains: np.ndarray) -> np.ndarray:
    """
    Joint targets with explicit gains.

    :param gains: one row a robot. Shape: (n, gains)
    :return: rad. Shape: (n, 12)
    """
    g = _by_name(gains)
    now = (seen.phase[:, None] - gaits.touch_down) % 1.0
    ahead = (now + g['lead_s'] * gaits.frequency_hz[:, None]) % 1.0
    feet = _foot_paths(seen, gaits, g, ahead)
    pitch = gaits.pitch_rad[:, None] + g['pitch_bias_rad']
    targets = joint_angles(_level(feet, seen.state.gravity, pitch, g['level_feet']))
    force = _ground_forces(seen, gaits, g, now)
    jacobian = foot_jacobian(seen.state.joint_pos)
    torque = -np.einsum('nfij,nfi->nfj', jacobian, force).reshape(len(gaits), 12)
    return np.clip(targets + torque / go2.KP_WALK, go2.TARGET_LOWER_RAD, go2.TARGET_UPPER_RAD)


def _by_name(gains: np.ndarray) -> dict[str, np.ndarray]:
    """Gains as columns. Shape: (n, gains) -> (n, 1) each."""
    return {name: gains[:, i, None] for i, name in enumerate(GAIN_NAMES)}


def _foot_paths(seen: TeacherInput, gaits: GaitParameters, g: dict[str, np.ndarray],
                phase: np.ndarray) -> np.ndarray:
    """Foot centres in a level frame under the base. Shape: (n, 4, 3)."""
    n = len(gaits)
    neutral = np.empty((n, 4, 3))
    neutral[..., 0] = foot_positions(go2.DEFAULT_POSE_RAD)[:, 0] * [0.98, 0.98, 0.72, 0.72] \
        + g['forward_shift_m']
    neutral[..., 1] = go2.LEG_SIDE * gaits.stance_width_m[:, None] / 2
    neutral[..., 2] = -(gaits.body_height_m[:, None] + g['height_bias_m'] - go2.FOOT_RADIUS_M)
    command = seen.command * np.concatenate(
        [g['vx_scale'], g['vy_scale'], g['yaw_scale']], axis=1)
    command[:, :1] += g['vx_bias_mps']
    velocity = np.zeros((n, 4, 2))
    velocity[..., 0] = -(command[:, :1] - command[:, 2:] * neutral[..., 1])
    velocity[..., 1] = -(command[:, 1:2] + command[:, 2:] * neutral[..., 0])
    stance_s = (gaits.duty / gaits.frequency_hz[:, None])[..., None]
    error = (seen.base_velocity[:, :2] - seen.command[:, :2])[:, None]
    shift = error * (g['step_stance'][..., None] * stance_s / 2 + g['step_velocity_s'][..., None])
    limit = g['step_max_m'][..., None]
    shift = np.clip(shift, -limit, limit)
    touch_down = neutral[..., :2] - velocity * stance_s / 2 + shift
    lift_off = neutral[..., :2] + velocity * stance_s / 2
    stance = np.clip(phase / gaits.duty, 0, 1)[..., None]
    swing = np.clip((phase - gaits.duty) / (1 - gaits.duty), 0, 1)[..., None]
    cycloid = swing - np.sin(2 * np.pi * swing) / (2 * np.pi)
    on_ground = (phase < gaits.duty)[..., None]
    feet = neutral.copy()
    feet[..., :2] = np.where(on_ground, touch_down + (lift_off - touch_down) * stance,
                             lift_off + (touch_down - lift_off) * cycloid)
    lift = gaits.swing_height_m[:, None] * g['swing_scale'] * (
        0.5 - 0.5 * np.cos(2 * np.pi * swing[..., 0]))
    press = g['touch_down_m'] * np.sin(np.pi * stance[..., 0])
    feet[..., 2] += np.where(on_ground[..., 0], -press, lift)
    return feet


def _level(feet: np.ndarray, gravity: np.ndarray, pitch: np.ndarray,
           share: np.ndarray) -> np.ndarray:
    """Put the feet on a plane under a trunk of this pitch; turn against a share of other tilt."""
    wanted = np.concatenate([-np.tan(pitch), np.zeros_like(pitch)], axis=1)[:, None]
    slope = gravity[:, None, :2] / np.minimum(gravity[:, None, 2:], -0.3)
    slope = wanted + share[..., None] * (slope - wanted)
    levelled = feet.copy()
    levelled[..., 2] -= (slope * feet[..., :2]).sum(axis=-1)
    return levelled


def _ground_forces(seen: TeacherInput, gaits: GaitParameters, g: dict[str, np.ndarray],
                   phase: np.ndarray) -> np.ndarray:
    """Wanted ground reaction on each stance foot, base frame, N. Shape: (n, 4, 3)."""
    progress = phase / gaits.duty
    on_ground = phase < gaits.duty
    bump = (1 - g['force_shape']) + g['force_shape'] * np.pi / 2 * np.sin(
        np.pi * np.clip(progress, 0, 1))
    weight = go2.MASS_KG * 9.81 * g['force_scale']
    up = -seen.state.gravity
    vertical_speed = (seen.base_velocity * up).sum(axis=1, keepdims=True)
    height_error = gaits.body_height_m[:, None] - seen.height[:, None]
    force_z = weight / gaits.duty.sum(axis=1, keepdims=True) * bump
    force_z = force_z + g['height_n_m'] * height_error - g['height_ns_m'] * vertical_speed
    feet = foot_positions(seen.state.joint_pos)
    ang_vel = seen.state.ang_vel
    # Positive roll lowers the right side, positive pitch the nose; torques oppose tilt and rate.
    roll = up[:, 1:2]
    pitch = -up[:, :1] - np.sin(gaits.pitch_rad[:, None] + g['pitch_bias_rad'])
    torque_roll = -g['roll_nm'] * roll - g['roll_nms'] * ang_vel[:, :1]
    torque_pitch = -g['pitch_nm'] * pitch - g['pitch_nms'] * ang_vel[:, 1:2]
    arm_x = (feet[..., 0]**2 * on_ground).sum(axis=1, keepdims=True) + 0.02
    arm_y = (feet[..., 1]**2 * on_ground).sum(axis=1, keepdims=True) + 0.01
    force_z = force_z + torque_roll * feet[..., 1] / arm_y - torque_pitch * feet[..., 0] / arm_x
    force_z = np.clip(force_z, 0.0, 250.0) * on_ground
    error = seen.command[:, :2] - seen.base_velocity[:, :2]
    yaw = g['yaw_nms'] * (seen.command[:, 2:] - ang_vel[:, 2:])
    arm = (feet[..., 0]**2 + feet[..., 1]**2).sum(axis=1, keepdims=True)
    force_x = g['velocity_ns_m'] * error[:, :1] - yaw * feet[..., 1] / arm
    force_y = g['velocity_ns_m'] * error[:, 1:2] + yaw * feet[..., 0] / arm
    tangential = np.hypot(force_x, force_y) + 1e-6
    scale = np.minimum(1.0, FRICTION_CONE * force_z / tangential) * on_ground
    force = force_z[..., None] * up[:, None]
    force[..., 0] += force_x * scale
    force[..., 1] += force_y * scale
    return force
