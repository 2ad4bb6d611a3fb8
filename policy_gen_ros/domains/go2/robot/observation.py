# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The one observation builder: training, twin and robot all call these functions.

Arrays are batch-first: every function takes any leading shape ``(...)``. Quantities are in policy
joint order (see :mod:`policy_gen_ros.domains.go2.robot.constants`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.trajectory import TrajectorySpec

TRAJECTORY = TrajectorySpec(
    centre=(0.0, 0.0, -1.0, *[0.0] * 39),
    scale=(*[0.2] * 3, *[1.0] * 3, *[0.35] * 12, *[5.0] * 12, *[0.5] * 12), state_dim=30,
    dt_s=go2.CONTROL_DT_S, actions='joint targets')
"""Rows of :func:`trajectory_row`."""
TRAJECTORY_DIM, TRAJECTORY_ROWS = TRAJECTORY.dim, TRAJECTORY.rows
ADAPTOR_HISTORY = 30
ADAPTOR_OBS_DIM = 70
CLOCK_DIM = 2
LATENT_DIM = 2
"""Of the adaptors of walk-these-ways, and of the shipped bundle; an adaptor may give more."""


def observation_fields(latent_dim: int = LATENT_DIM) -> tuple[tuple[str, int], ...]:
    """Names and sizes of what an actor sees, in order."""
    return (('gravity', 3), ('ang_vel', 3), ('joint_pos', 12), ('joint_vel', 12),
            ('last_action', 12), ('command', 3), ('latent', latent_dim), ('clock', CLOCK_DIM))


def observation_dim(latent_dim: int) -> int:
    """How many values an actor sees that reads a latent of this width."""
    return sum(size for _, size in observation_fields(latent_dim))


def latent_dim_of(inputs: int) -> int:
    """Width of the latent of an actor that sees so many values; below one where none fits."""
    return inputs - observation_dim(0)


OBSERVATION_DIM = observation_dim(LATENT_DIM)
ANG_VEL_SCALE, JOINT_VEL_SCALE = 0.25, 0.05
COMMAND_SCALE = np.array([2.0, 2.0, 1.0])

# walk-these-ways feeds its adaptation module fifteen commands. Our actors know only the first
# three; the gait entries are constants (a 3 Hz trot), so the latent cannot carry a gait into the
# actor.
_WTW_COMMAND_SCALE = np.array([2, 2, 0.25, 2, 1, 1, 1, 1, 1, 0.15, 0.3, 0.3, 1, 1, 1])
_WTW_NEUTRAL_GAIT = np.array([0.0, 3.0, 0.5, 0.0, 0.0, 0.5, 0.08, 0.0, 0.0, 0.3, 0.4, 0.0])
_WTW_TROT_OFFSET = np.array([0.5, 0.0, 0.0, 0.5])


@dataclass(frozen=True)
class RobotState:
    """
    What the robot's own sensors say at one control tick.

    Shapes: ``gravity`` and ``ang_vel`` (..., 3) in the body frame [-, rad/s];
    ``joint_pos`` and ``joint_vel`` (..., 12) [rad, rad/s].
    """

    gravity: np.ndarray
    ang_vel: np.ndarray
    joint_pos: np.ndarray
    joint_vel: np.ndarray


def clock_inputs(phase: np.ndarray) -> np.ndarray:
    """Neutral clock (sin, cos) of a phase in cycles. Shape: (...) -> (..., 2)."""
    angle = 2 * np.pi * np.asarray(phase)
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1)


def build_observation(state: RobotState, last_action: np.ndarray, command: np.ndarray,
                      latent: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """
    Actor input of one tick.

    :param last_action: clipped actions of the tick before. Shape: (..., 12)
    :param command: vx m/s, vy m/s, yaw rate rad/s. Shape: (..., 3)
    :param latent: output of the adaptor. Shape: (..., latent)
    :param phase: of the actor's neutral clock, in cycles. Shape: (...)
    :return: Shape: (..., 47 + latent), float32, in the order of :func:`observation_fields`
    """
    return np.concatenate([
        state.gravity, state.ang_vel * ANG_VEL_SCALE, state.joint_pos - go2.DEFAULT_POSE_RAD,
        state.joint_vel * JOINT_VEL_SCALE, last_action, command * COMMAND_SCALE, latent,
        clock_inputs(phase)], axis=-1).astype(np.float32)


def build_adaptor_observation(state: RobotState, last_action: np.ndarray,
                              action_before: np.ndarray, command: np.ndarray,
                              phase: np.ndarray) -> np.ndarray:
    """
    One entry of the adaptor's history, in the layout of walk-these-ways (70 values).

    :return: Shape: (..., 70), float32
    """
    lead = state.gravity.shape[:-1]
    gait = np.broadcast_to(_WTW_NEUTRAL_GAIT, lead + _WTW_NEUTRAL_GAIT.shape)
    commands = np.concatenate([np.broadcast_to(command, (*lead, 3)), gait], axis=-1)
    clock = np.sin(2 * np.pi * (np.asarray(phase)[..., None] + _WTW_TROT_OFFSET))
    return np.concatenate([
        state.gravity, commands * _WTW_COMMAND_SCALE, state.joint_pos - go2.DEFAULT_POSE_RAD,
        state.joint_vel * JOINT_VEL_SCALE, last_action, action_before, clock],
        axis=-1).astype(np.float32)


def joint_targets(action: np.ndarray) -> np.ndarray:
    """Target angles [rad] of a clipped action. Shape: (..., 12) -> (..., 12)."""
    return np.clip(go2.DEFAULT_POSE_RAD + go2.ACTION_SCALE * action, go2.TARGET_LOWER_RAD,
                   go2.TARGET_UPPER_RAD)


def trajectory_row(state: RobotState, target: np.ndarray) -> np.ndarray:
    """
    One row of a behaviour trajectory (docs/formats.md).

    :param target: joint targets of this tick, rad. Shape: (..., 12)
    :return: Shape: (..., 42), float32
    """
    return np.concatenate([
        state.gravity, state.ang_vel, state.joint_pos - go2.DEFAULT_POSE_RAD, state.joint_vel,
        target - go2.DEFAULT_POSE_RAD], axis=-1).astype(np.float32)
