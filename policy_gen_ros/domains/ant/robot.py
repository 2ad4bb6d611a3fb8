# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Facts of Gymnasium's Ant-v5, without forces at contacts."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.gymnasium_locomotion.robot import Foot, Gait, Mirror, Robot
from policy_gen_ros.domains.measures import Measure

HEIGHT_M = (0.2, 1.0)
"""Of the torso; beyond, the robot has fallen or jumped too high."""


def observe(position: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """
    Return height, attitude and joint angles, then speeds and rates.

    These are height (m), quaternion (real part first), hip and ankle angle of each leg (rad),
    forward, sideward and vertical speed (m/s), rates of the torso in its own frame, and the rates
    of the joints (rad/s). Shapes: (n, 15), (n, 14) -> (n, 27)
    """
    return np.concatenate([position[:, 2:], velocity], axis=1)


def healthy(position: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Whether the torso is neither too low nor too high. Shapes: (n, 15), (n, 14) -> (n,)."""
    return (position[:, 2] >= HEIGHT_M[0]) & (position[:, 2] <= HEIGHT_M[1])


ANT = Robot(
    name='ant', model='ant.xml',
    # Left, right and so on are as it runs, along x; the model names its legs along y.
    feet=(Foot('front_left', 'left_ankle_geom'), Foot('front_right', 'fourth_ankle_geom'),
          Foot('back_left', 'right_ankle_geom'), Foot('back_right', 'third_ankle_geom')),
    gaits=(Gait('all feet', ('1111',)), Gait('three feet', ('1110', '1101', '1011', '0111')),
           Gait('front feet', ('1100',)), Gait('back feet', ('0011',)),
           Gait('left feet', ('1010',)), Gait('right feet', ('0101',)),
           Gait('diagonal feet', ('1001', '0110')),
           Gait('one foot', ('1000', '0100', '0010', '0001')), Gait('no foot', ('0000',))),
    control_dt_s=0.05, substeps=5, action_dim=8,
    speed=Measure('vx_mps', 'm/s', -3.0, 8.0, 1.5, 1.5, noise=0.05, tolerance=0.2, weight=0.5),
    observe=observe, healthy=healthy,
    # Of 200,000 steps of PPO, whose policy does not run yet: the forward speed is a guess.
    observation_mean=(0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.87, 0.0, -0.87, 0.0, -0.87, 0.0, 0.87,
                      1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    observation_spread=(0.17, 0.5, 0.4, 0.4, 0.45, 0.42, 0.29, 0.42, 0.29, 0.42, 0.29, 0.42, 0.29,
                        1.0, 0.6, 0.6, 1.1, 1.1, 1.1, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0),
    reset_noise=0.1, reset_velocity='normal', control_cost=0.5, healthy_reward=1.0,
    mirror=Mirror(
        feet=(1, 0, 3, 2),
        observation=(0, 1, 2, 3, 4, 11, 12, 9, 10, 7, 8, 5, 6,
                     13, 14, 15, 16, 17, 18, 25, 26, 23, 24, 21, 22, 19, 20),
        action=(2, 3, 0, 1, 6, 7, 4, 5),
        negated_observation=(2, 4, 5, 7, 9, 11, 14, 16, 18, 19, 21, 23, 25),
        negated_action=(0, 2, 4, 6)))
