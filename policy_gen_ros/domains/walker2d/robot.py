# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Facts of Gymnasium's Walker2d-v5."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.gymnasium_locomotion.robot import Foot, Mirror, Robot, two_footed
from policy_gen_ros.domains.measures import Measure

FASTEST = 10.0
"""Rate to which Gymnasium clips those that it shows."""
HEIGHT_M, PITCH_RAD = (0.8, 2.0), (-1.0, 1.0)
"""Of the torso; beyond, the robot has fallen."""


def observe(position: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """
    Return height and angles, then speeds and rates.

    These are height (m), pitch and six joint angles (rad), forward and vertical speed (m/s), and
    the rates of the angles (rad/s). Shapes: (n, 9), (n, 9) -> (n, 17)
    """
    return np.concatenate([position[:, 1:], velocity.clip(-FASTEST, FASTEST)], axis=1)


def healthy(position: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Whether robots are on their feet. Shapes: (n, 9), (n, 9) -> (n,)."""
    height, pitch = position[:, 1], position[:, 2]
    return ((height > HEIGHT_M[0]) & (height < HEIGHT_M[1])
            & (pitch > PITCH_RAD[0]) & (pitch < PITCH_RAD[1]))


WALKER2D = Robot(
    name='walker2d', model='walker2d_v5.xml',
    feet=(Foot('right', 'foot_geom'), Foot('left', 'foot_left_geom')),
    gaits=two_footed('right', 'left'),
    control_dt_s=0.008, substeps=4, action_dim=6,
    speed=Measure('vx_mps', 'm/s', -2.0, 8.0, 2.0, 1.5, noise=0.05, tolerance=0.2, weight=0.5),
    observe=observe, healthy=healthy,
    observation_mean=(1.2, 0.0, -0.3, -0.3, 0.0, -0.3, -0.3, 0.0,
                      2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    observation_spread=(0.15, 0.3, 0.35, 0.35, 0.5, 0.35, 0.35, 0.5,
                        1.5, 0.8, 2.0, 3.5, 4.0, 6.0, 3.5, 4.0, 6.0),
    reset_noise=5e-3, reset_velocity='uniform', control_cost=1e-3, healthy_reward=1.0,
    mirror=Mirror(feet=(1, 0),
                  observation=(0, 1, 5, 6, 7, 2, 3, 4, 8, 9, 10, 14, 15, 16, 11, 12, 13),
                  action=(3, 4, 5, 0, 1, 2)),
    settle_steps=100)
