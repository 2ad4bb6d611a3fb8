# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Facts of Gymnasium's Humanoid-v5, without forces at contacts."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.gymnasium_locomotion.robot import Foot, Robot, two_footed
from policy_gen_ros.domains.humanoid.observation import MEAN, MIRROR, SPREAD
from policy_gen_ros.domains.measures import Measure

HEIGHT_M = (1.0, 2.0)
"""Of the torso; beyond, the robot has fallen or jumped too high."""
TORQUE_LIMIT = 0.4
"""Largest control in the model; the benchmark's cost is of controls, not of shares of it."""


def observe(position: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """
    Return height, attitude and joint angles, then speeds and rates.

    These are height (m), quaternion (real part first), joint angles (rad), forward, sideward and
    vertical speed (m/s), rates of the torso in its own frame, and the rates of the joints (rad/s).
    Shapes: (n, 24), (n, 23) -> (n, 45)
    """
    return np.concatenate([position[:, 2:], velocity], axis=1)


def healthy(position: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Whether robots are on their feet. Shapes: (n, 24), (n, 23) -> (n,)."""
    return (position[:, 2] > HEIGHT_M[0]) & (position[:, 2] < HEIGHT_M[1])


HUMANOID = Robot(
    name='humanoid', model='humanoid.xml',
    feet=(Foot('right', 'right_foot'), Foot('left', 'left_foot')),
    gaits=two_footed('right', 'left'),
    control_dt_s=0.015, substeps=5, action_dim=17,
    speed=Measure('vx_mps', 'm/s', -2.0, 8.0, 2.0, 1.5, noise=0.05, tolerance=0.2, weight=0.5),
    observe=observe, sees_bodies=True, healthy=healthy,
    observation_mean=MEAN, observation_spread=SPREAD,
    reset_noise=0.01, reset_velocity='uniform', control_limit=TORQUE_LIMIT,
    control_cost=0.1 * TORQUE_LIMIT ** 2, healthy_reward=5.0, speed_reward=1.25,
    mirror=MIRROR, settle_steps=100, good_reward=7.0)
