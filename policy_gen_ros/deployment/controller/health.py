# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Guards on what only several LowStates tell together: heat, battery, and an IMU that jumps."""

from __future__ import annotations

import math

from policy_gen_ros.deployment.controller.guards import GuardLimits, Trip
from policy_gen_ros.deployment.wire.frames import LowState
from policy_gen_ros.domains.go2.robot import constants as go2

NO_READING_V = 1.0
"""Simulators leave the voltage at zero."""


class Health:
    """Follows the LowStates of one robot."""

    def __init__(self) -> None:
        self._before: LowState | None = None
        self._time_s = 0.0
        self._battery_v = math.nan

    def follow(self, state: LowState, time_s: float,
               limits: GuardLimits) -> tuple[Trip | None, Trip | None]:
        """
        Take the next LowState.

        :param time_s: of the state, by the robot's own clock where it has one
        :return: what makes its readings worthless, and what calls for lying down softly
        """
        before, self._before = self._before, state
        elapsed_s, self._time_s = time_s - self._time_s, time_s
        if before is None or elapsed_s < 0:  # another robot, or this one restarted
            before, elapsed_s, self._battery_v = None, 0.0, math.nan
        return (_check_norm(state, limits) or _check_turn(before, state, elapsed_s, limits),
                _check_heat(state, limits)
                or self._check_battery(state.battery_v, elapsed_s, limits))

    def _check_battery(self, battery_v: float, elapsed_s: float,
                       limits: GuardLimits) -> Trip | None:
        if not battery_v > NO_READING_V:
            return None
        if math.isnan(self._battery_v):
            self._battery_v = battery_v
        share = min(1.0, elapsed_s / limits.battery_mean_s)
        self._battery_v += (battery_v - self._battery_v) * share
        if self._battery_v < limits.battery_v:
            return Trip('battery', self._battery_v, limits.battery_v, 'V')
        return None


def _check_norm(state: LowState, limits: GuardLimits) -> Trip | None:
    norm = math.hypot(*state.quaternion.tolist())
    if abs(norm - 1) > limits.imu_norm_error:
        return Trip('IMU quaternion norm off 1', abs(norm - 1), limits.imu_norm_error, '')
    return None


def _check_turn(before: LowState | None, state: LowState, elapsed_s: float,
                limits: GuardLimits) -> Trip | None:
    if before is None:
        return None
    turned = 2 * math.acos(min(1.0, abs(float(before.quaternion @ state.quaternion))))
    fastest = max(math.hypot(*each.gyro.tolist()) for each in (before, state))
    explained = fastest * elapsed_s
    if turned - explained > limits.imu_jump_rad:
        return Trip('IMU jump', turned - explained, limits.imu_jump_rad, 'rad',
                    'between two LowStates, beyond what the gyroscope explains')
    return None


def _check_heat(state: LowState, limits: GuardLimits) -> Trip | None:
    hottest, limit = float(state.motor_temperature_c.max()), limits.motor_temperature_c
    if hottest > limit:
        worst = go2.JOINT_NAMES[int(state.motor_temperature_c.argmax())]
        return Trip('motor temperature', hottest, limit, '°C', worst)
    return None
