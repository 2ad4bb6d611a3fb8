# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""An actor's first second: one that tilts or swings the body is taken back."""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
from policy_gen_ros.deployment.controller.guards import limit, tilt_of, Trip
from policy_gen_ros.domains.go2.robot.observation import RobotState
from policy_gen_ros.policies.weights import ActorWeights


@dataclass(frozen=True)
class TrialLimits:
    """What an actor may do at first; every limit is a parameter ``trial.*`` of the controller."""

    seconds: float = limit(
        1.0, 'time after a swap in which an actor may be rolled back; 0: never', 0.0, 10.0)
    tilt_rad: float = limit(
        0.6, 'angle between body and vertical that fails the trial, rad', 0.05, 1.5)
    sway_rps: float = limit(
        4.0, 'mean rate of roll and pitch that fails it, rad/s', 0.1, 20.0)
    sway_mean_s: float = limit(
        0.2, 'time constant of that mean, as a gait swings the body within a stride, seconds',
        0.01, 5.0)
    yaw_error_rps: float = limit(
        1.0, 'yaw rate off the command, averaged over the second half, that fails it, rad/s',
        0.1, 20.0)

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (math.isfinite(value) and (value > 0 or (name == 'seconds' and value == 0))):
                raise ValueError(f'trial limit {name} is {value}, expected a number above 0')


class Trial:
    """
    Follows the body after ``previous`` gave way to another actor.

    :param previous: who walks again if the trial fails
    """

    def __init__(self, previous: ActorWeights, start_s: float, limits: TrialLimits) -> None:
        self.previous = previous
        self._start_s, self._limits = start_s, limits
        self._last_s = start_s
        self._sway = 0.0
        self._yaw_errors: list[float] = []

    def over(self, now_s: float) -> bool:
        """Whether the actor has passed."""
        return now_s - self._start_s >= self._limits.seconds

    def follow(self, state: RobotState, command: np.ndarray, now_s: float) -> Trip | None:
        """
        Check one control period.

        :param command: vx, vy, yaw rate that the actor was given. Shape: (3,)
        """
        share = min(1.0, (now_s - self._last_s) / self._limits.sway_mean_s)
        self._last_s = now_s
        self._sway += (float(np.linalg.norm(state.ang_vel[:2])) - self._sway) * share
        tilt = tilt_of(state.gravity)
        if tilt > self._limits.tilt_rad:
            return Trip('tilt after a swap', tilt, self._limits.tilt_rad, 'rad')
        if self._sway > self._limits.sway_rps:
            return Trip('sway after a swap', self._sway, self._limits.sway_rps, 'rad/s')
        elapsed_s = now_s - self._start_s
        if elapsed_s > self._limits.seconds / 2:
            self._yaw_errors.append(float(state.ang_vel[2] - command[2]))
        error = abs(float(np.mean(self._yaw_errors))) if self._yaw_errors else 0.0
        if elapsed_s > 0.9 * self._limits.seconds and error > self._limits.yaw_error_rps:
            return Trip('yaw rate off the command after a swap', error,
                        self._limits.yaw_error_rps, 'rad/s')
        return None
