# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What the trunk and the feet do, from joint encoders, gyroscope and gravity alone.

Leg odometry (Bloesch et al. 2012, State Estimation for Legged Robots): the point of a foot that
touches the ground does not move, so the trunk moves as that point does in the body frame, the
other way round. Which feet stand is told by a small network (as in Lin et al. 2021, Legged Robot
State Estimation using Invariant Kalman Filtering and Learned Contact Events) that sees how high a
foot is, and how fast over ground. It serves any controller, as it sees no target and no torque.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.kinematics import (
    calf_rotation,
    foot_jacobian,
    foot_positions,
)
from policy_gen_ros.policies.network import elu
from policy_gen_ros.policies.weights import Layers, load_layers
from policy_gen_ros.utils.paths import share_file

FOOT_CONTACT_FILE = 'config/foot_contact.safetensors'
WINDOW_ROWS = 4
"""So many rows before and after one are seen with it."""
FEATURES = 5
NEAR_GROUND_M = 0.012
"""Feet that are at most so much higher than the lowest give the first estimate of the velocity."""
_HEIGHT_SCALE_M, _SPEED_SCALE_MPS, _LIMIT = 0.02, 0.3, 4.0


@dataclass(frozen=True, eq=False)
class FootMotion:
    """
    How the lowest points of the feet move against the trunk, in the body frame.

    Shapes: ``depth`` (t, 4), how far below the trunk along gravity, m; ``velocity`` (t, 4, 3) m/s,
    as if the trunk only turned; ``down`` (t, 3), the direction of gravity.
    """

    depth: np.ndarray
    velocity: np.ndarray
    down: np.ndarray


def foot_motion(rows: np.ndarray) -> FootMotion:
    """
    Compute it from a trajectory.

    :param rows: Shape: (t, 42); targets are not looked at
    """
    down = rows[:, :3] / np.maximum(np.linalg.norm(rows[:, :3], axis=1, keepdims=True), 1e-6)
    joint_pos, joint_vel = rows[:, 6:18] + go2.DEFAULT_POSE_RAD, rows[:, 18:30]
    sole = go2.FOOT_RADIUS_M * down[:, None]
    point = foot_positions(joint_pos) + sole
    # A foot rolls: its lowest point moves otherwise than its centre.
    velocity = np.einsum('tfij,tfj->tfi', foot_jacobian(joint_pos),
                         joint_vel.reshape(-1, 4, 3)) \
        + np.cross(calf_rotation(joint_pos, joint_vel), sole) \
        + np.cross(rows[:, None, 3:6], point)
    return FootMotion((point * down[:, None]).sum(axis=-1), velocity, down)


def contact_features(motion: FootMotion) -> np.ndarray:
    """
    Return what the network sees of each foot. Shape: (t, 4, 45).

    Height over the lowest foot and over where feet mostly are lowest, speed up, speed over ground
    and its part along the way, for a trunk that moves steadily.
    """
    lowest = motion.depth.max(axis=1, keepdims=True)
    travel = _travel(motion, motion.depth > lowest - NEAR_GROUND_M)
    over_ground = motion.velocity + travel
    up = -(over_ground * motion.down[:, None]).sum(axis=-1)
    level = over_ground + up[..., None] * motion.down[:, None]
    heading = travel / max(float(np.linalg.norm(travel)), 0.1)
    features = np.stack([
        (motion.depth - lowest) / _HEIGHT_SCALE_M,
        (motion.depth - np.median(lowest)) / _HEIGHT_SCALE_M, up / _SPEED_SCALE_MPS,
        np.linalg.norm(level, axis=-1) / _SPEED_SCALE_MPS,
        (over_ground @ heading) / _SPEED_SCALE_MPS], axis=-1).clip(-_LIMIT, _LIMIT)
    padded = np.pad(features, ((WINDOW_ROWS, WINDOW_ROWS), (0, 0), (0, 0)), mode='edge')
    return np.concatenate([padded[i:i + len(features)] for i in range(2 * WINDOW_ROWS + 1)],
                          axis=-1).astype(np.float32)


def standing_feet(motion: FootMotion) -> np.ndarray:
    """Return which feet stand. Shape: (t, 4), bool."""
    return _contact_logits(motion) > 0


def _travel(motion: FootMotion, standing: np.ndarray) -> np.ndarray:
    """Velocity of the trunk: the median over all standing feet. Shape: (3,)."""
    return np.median(-motion.velocity[standing], axis=0)


@dataclass(frozen=True, eq=False)
class BodyMotion:
    """
    What trunk and feet did in a trajectory.

    :param stands: probability that each foot stood. Shape: (t, 4)
    :param velocity: mean vx, vy m/s in the body frame and yaw rate rad/s; NaN where no foot stood.
        Shape: (3,)
    :param height_m: of the trunk over the standing feet, mean; NaN where none stood
    :param foot_height: of each sole over the ground, m. Shape: (t, 4)
    :param slip_mps: median difference between the velocities that standing feet tell: little
        unless the legs are of another length, or the joints in another order
    """

    stands: np.ndarray
    velocity: np.ndarray
    height_m: float
    foot_height: np.ndarray
    slip_mps: float


def body_motion(rows: np.ndarray) -> BodyMotion:
    """
    Estimate it.

    :param rows: a trajectory at 50 Hz. Shape: (t, 42)
    """
    motion = foot_motion(rows)
    logits = _contact_logits(motion)
    stands, contact = 1 / (1 + np.exp(-logits)), logits > 0
    yaw = float(-(rows[:, 3:6] * motion.down).sum(axis=1).mean())
    if not contact.any():
        return BodyMotion(stands, np.array([np.nan, np.nan, yaw]), np.nan,
                          np.full(contact.shape, np.nan), np.nan)
    travel = _travel(motion, contact)
    ground = np.where(contact, motion.depth, np.nan)
    standing = contact.any(axis=1)
    at = np.flatnonzero(standing)
    # Between two touch-downs the ground is taken to be as far away as then.
    depth = np.interp(np.arange(len(rows)), at, np.nanmean(ground[at], axis=1))
    several = contact.sum(axis=1) >= 2
    apart = np.where(contact[..., None], motion.velocity, np.nan)[several]
    slip = np.nanstd(apart, axis=1).max(axis=-1) if several.any() else np.array([np.nan])
    return BodyMotion(stands, np.array([*travel[:2], yaw]), float(depth.mean()),
                      depth[:, None] - motion.depth, float(np.median(slip)))


@cache
def _shipped_layers() -> Layers:
    return load_layers(share_file(FOOT_CONTACT_FILE))


def _contact_logits(motion: FootMotion) -> np.ndarray:
    x, layers = contact_features(motion), _shipped_layers()
    for index, (weight, bias) in enumerate(layers):
        # Without BLAS, whose threads would go on spinning beside those of PyTorch.
        x = np.einsum('tfi,oi->tfo', x, weight) + bias
        x = elu(x) if index < len(layers) - 1 else x
    logits: np.ndarray = x[..., 0]
    return logits
