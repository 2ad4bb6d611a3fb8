# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Monitoring one robot: how old its LowState is, and what in it forbids to go on."""

from __future__ import annotations

from policy_gen_ros.deployment.controller.clock import StateClock
from policy_gen_ros.deployment.controller.guards import (
    check_robot,
    check_state_age,
    GuardLimits,
    RobotCheck,
    Trip,
)
from policy_gen_ros.deployment.controller.health import Health
from policy_gen_ros.deployment.controller.unfilled import Unfilled
from policy_gen_ros.deployment.wire.frames import LowState
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import RobotState


class RobotMonitor:
    """
    Follows the LowStates of one robot.

    :param limits: that it is checked by; ``check`` may be replaced by that of others
    """

    def __init__(self, limits: GuardLimits) -> None:
        self.check = RobotCheck(limits)
        self._clock, self._health, self._unfilled = StateClock(), Health(), Unfilled()
        self._unhealthy: tuple[Trip | None, Trip | None] = (None, None)
        self._state: LowState | None = None
        self._age_s = 0.0

    @property
    def heard(self) -> bool:
        """Return whether the robot has been heard."""
        return self._state is not None

    @property
    def unfilled(self) -> tuple[str, ...]:
        """Return what of LowState the robot leaves empty, by name."""
        return self._unfilled.names

    def follow(self, state: LowState, now_s: float) -> tuple[int, str]:
        """
        Take the newest state.

        :param state: the same object as before where none has arrived since
        :return: by how much its tick went back, in ms, where robot or twin were restarted; and a
            line for the log
        """
        self._age_s = self._clock.age_s(now_s) if self.heard else 0.0
        if state is self._state:
            return 0, ''
        self._state = state
        fresh, back_ms = self._clock.arrived(state.tick_ms, now_s)
        if back_ms:
            self._age_s = 0.0
        if not fresh:
            return back_ms, ''
        time_s = state.tick_ms * 1e-3 if self._clock.ticks else now_s
        self._unhealthy = self._health.follow(state, time_s, self.check.limits)
        return back_ms, self._unfilled.follow(state)

    def forbids(self) -> tuple[Trip | None, Trip | None]:
        """
        Check the newest state.

        :return: what makes its readings worthless, and what calls for lying down softly; age,
            which does the latter, is since the state before where the newest has just come
        """
        assert self._state is not None
        stale = check_state_age(self._age_s, self.check.limits)
        if stale:
            return None, stale
        state, (senseless, unfit) = self._state, self._unhealthy
        if not self.check.sound(state.quaternion, state.gyro, state.joint_pos, state.joint_vel):
            senseless = check_robot(robot_of(state), self.check.limits) or senseless
        return senseless, unfit


def robot_of(state: LowState) -> RobotState:
    """Return what a policy sees of a LowState."""
    return RobotState(gravity=go2.gravity_in_body(state.quaternion), ang_vel=state.gyro,
                      joint_pos=state.joint_pos, joint_vel=state.joint_vel)
