# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Which velocities legs of this length and stiffness can keep up with in a gait."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2

REACH_M, TRAVEL_SHARE = 0.385, 0.65
"""
Hip to foot of a leg that still has some bend (0.426 m when straight), and how much of it the
feet's travel may use up at that height: the rest is for steps that catch a push.
"""
SWING_SPEED_MPS = 3.0
"""How fast a leg at kp 20 can be led backward over the body."""


def legs_keep_up(command: np.ndarray, frequency_hz: np.ndarray, duty: np.ndarray,
                 body_height_m: np.ndarray, stance_width_m: np.ndarray) -> np.ndarray:
    """
    Whether all feet can step as far and as fast as a velocity asks.

    :param command: vx, vy m/s, yaw rate rad/s. Shape: (n, 3)
    :param duty: share of the cycle that each foot is on the ground. Shape: (n, 4)
    :param frequency_hz, body_height_m, stance_width_m: Shapes: (n,)
    :return: Shape: (n,), bool
    """
    x = go2.HIP_POSITION_M[:, 0]
    y = go2.LEG_SIDE * stance_width_m[:, None] / 2
    speed = np.hypot(command[:, :1] - command[:, 2:] * y, command[:, 1:2] + command[:, 2:] * x)
    half_travel = speed * duty / frequency_hz[:, None] / 2
    reach = np.sqrt(np.maximum(REACH_M**2 - body_height_m**2, 0))
    swing_speed = speed * duty / (1 - duty)
    return ((half_travel <= TRAVEL_SHARE * reach[:, None])
            & (swing_speed <= SWING_SPEED_MPS)).all(axis=1)


def shorten_commands(command: np.ndarray, frequency_hz: np.ndarray, duty: np.ndarray,
                     body_height_m: np.ndarray, stance_width_m: np.ndarray) -> np.ndarray:
    """Shorten what the legs cannot keep up with, direction kept; see :func:`legs_keep_up`."""
    gait = frequency_hz, duty, body_height_m, stance_width_m
    possible = legs_keep_up(command, *gait)
    if possible.all():
        return command
    low, high = np.zeros(len(command)), np.ones(len(command))
    for _ in range(6):
        middle = (low + high) / 2
        ok = legs_keep_up(command * middle[:, None], *gait)
        low, high = np.where(ok, middle, low), np.where(ok, high, middle)
    return command * np.where(possible, 1.0, low)[:, None]
