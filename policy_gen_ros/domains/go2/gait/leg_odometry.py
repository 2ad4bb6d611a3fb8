# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Leg odometry: where a robot has walked, where nothing but the robot's own sensors tells.

:mod:`policy_gen_ros.domains.go2.gait.body_motion`, tick by tick. The estimate drifts.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.go2.gait.body_motion import foot_motion, standing_feet
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import RobotState, trajectory_row

WINDOW_TICKS = 40
"""Ticks before one that tell with it which feet stand."""
GAP_S = 0.1
"""After a longer one nothing is known of how the robot moved."""
VELOCITY_SD_MPS = np.array([0.23, 0.15, 0.33])
"""Of a tick's velocity, vx, vy, vz, measured on rough ground (docs/results.md)."""
AIRBORNE_FACTOR = 3.0
"""On that, while no foot stands."""
DRIFT_SHARE, START_SD_M = 0.1, 0.02
"""Standard deviation of the position, of the way walked, and to begin with."""


@dataclass(frozen=True, eq=False)
class Odometry:
    """
    Estimate of one moment.

    :param position: since the first, in a frame that is level and headed as the IMU has it, m.
        Shape: (3,)
    :param velocity: in the body frame, m/s. Shape: (3,)
    :param position_sd_m, velocity_sd_mps: standard deviations. Shapes: (), (3,)
    """

    position: np.ndarray
    velocity: np.ndarray
    position_sd_m: float
    velocity_sd_mps: np.ndarray


class LegOdometry:
    """Follows a robot from tick to tick of the control period."""

    def __init__(self) -> None:
        self._rows: deque[np.ndarray] = deque(maxlen=WINDOW_TICKS + 1)
        self._position, self._velocity = np.zeros(3), np.zeros(3)
        self._way_m = 0.0
        self._last_s = float('nan')

    def follow(self, time_s: float, quaternion: np.ndarray, state: RobotState) -> Odometry:
        """
        Take the next reading.

        :param time_s: of the robot's clock. After a gap, or where it goes back, the robot is taken
            to have stood still meanwhile
        :param quaternion: (w, x, y, z). Shape: (4,)
        """
        passed_s = time_s - self._last_s
        self._last_s = time_s
        if not 0 < passed_s <= GAP_S:
            self._rows.clear()
            passed_s, self._velocity = 0.0, np.zeros(3)
        self._rows.append(trajectory_row(state, go2.DEFAULT_POSE_RAD))
        motion = foot_motion(np.stack(self._rows))
        standing = standing_feet(motion)[-1]
        if standing.any():
            self._velocity = -motion.velocity[-1, standing].mean(axis=0)
        conjugate = quaternion * np.array([1.0, -1.0, -1.0, -1.0])
        step = passed_s * go2.rotate_to_body(conjugate, self._velocity)
        self._position = self._position + step
        self._way_m += float(np.linalg.norm(step))
        factor = 1.0 if standing.any() else AIRBORNE_FACTOR
        return Odometry(self._position, self._velocity, START_SD_M + DRIFT_SHARE * self._way_m,
                        factor * VELOCITY_SD_MPS)
