# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The walk: which actor walks, and the joint targets that it gives once every control period."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from policy_gen_ros.deployment.controller.guards import (
    check_finite,
    check_policy_lateness,
    GuardLimits,
    Trip,
)
from policy_gen_ros.deployment.controller.modes import WALKING
from policy_gen_ros.deployment.controller.policy import PolicyRunner
from policy_gen_ros.deployment.controller.robot_monitor import robot_of
from policy_gen_ros.deployment.controller.swap import SwapSlot
from policy_gen_ros.deployment.controller.trial import Trial, TrialLimits
from policy_gen_ros.deployment.controller.velocity import VelocityCommand
from policy_gen_ros.deployment.controller.walk_end import WalkEnd
from policy_gen_ros.deployment.wire.frames import LowState
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import joint_targets, RobotState
from policy_gen_ros.policies.weights import ActorWeights

_POLICY_SLACK_S = 0.001


class Walk:
    """
    Runs the actors of one robot.

    An actor that takes over while walking is on trial at first: if the body tilts or swings, the
    last one that passed its own takes over again.

    :param calm: steps on the spot where a walk ends; None: whoever walks does so
    :param report: takes a level and a message for the log
    :param wall_s: clock in which actors are stamped when they arrive
    """

    def __init__(self, adaptor: Adaptor, trial_limits: TrialLimits, calm: ActorWeights | None,
                 report: Callable[[str, str], None], wall_s: Callable[[], float]) -> None:
        self.policy = PolicyRunner(adaptor)
        self.slot = SwapSlot()
        self.velocity = VelocityCommand()
        self.trial_limits = trial_limits
        """Of the actors that take over from now on."""
        self.target = go2.DEFAULT_POSE_RAD.copy()
        """Of the joints, rad, as the last control period left it. Shape: (12,)"""
        self.start_s = 0.0
        self.swaps = self.rolled_back = 0
        self.swap_ms = float('nan')
        self.policy_ticks = self.missed_policy_ticks = 0
        self._report, self._wall_s = report, wall_s
        self._end = WalkEnd(self.policy, calm)
        self._trial: Trial | None = None
        self._limiting = False
        self._next_policy_s = 0.0

    @property
    def actor(self) -> ActorWeights | None:
        """Return the actor that walks, or would."""
        return self.policy.actor

    def start(self, now_s: float) -> None:
        """Walk from now on."""
        self.policy.reset()
        self.start_s = self._next_policy_s = now_s

    def end(self, now_s: float) -> None:
        """Step on the spot from now on, until the walk :meth:`has_ended`."""
        if self._end.under_way:
            return
        self._trial = None
        self._end.begin(now_s)
        self._report('info', 'the walk ends: stepping on the spot')

    def has_ended(self, now_s: float) -> bool:
        """Whether the steps on the spot are over."""
        return self._end.due(now_s)

    def resume(self) -> None:
        """Do not end."""
        self._end.finish()

    def rest(self, now_s: float, mode: str) -> None:
        """Do not walk in this tick; an actor that has come takes over at once."""
        self._trial = None
        self._end.finish()
        self._take_actor(now_s, mode)

    def step(self, state: LowState, now_s: float,
             limits: GuardLimits) -> tuple[Trip | None, Trip | None]:
        """
        Renew ``target`` if a control period has begun; call it at every tick of a walk.

        :return: as :meth:`policy_gen_ros.deployment.controller.robot_monitor.RobotMonitor.forbids`
            does: what makes the action worthless, and what calls for lying down softly
        """
        if now_s < self._next_policy_s - _POLICY_SLACK_S:
            return None, None
        late_s = now_s - self._next_policy_s
        overrun = check_policy_lateness(late_s, limits)
        if overrun:
            return None, overrun
        late = int((late_s + _POLICY_SLACK_S) / go2.CONTROL_DT_S)
        self.missed_policy_ticks += late
        self._next_policy_s += (late + 1) * go2.CONTROL_DT_S
        robot = robot_of(state)
        self._evaluate_actor(robot, now_s)
        self._take_actor(now_s, WALKING)
        override = np.zeros(3) if self._end.under_way else self.velocity.value
        action = self.policy.step(robot, override, now_s)
        self.policy_ticks += 1
        senseless = check_finite('action', action)
        if senseless:
            return senseless, None
        self.target = joint_targets(action)
        self._report_limit()
        return None, None

    def _report_limit(self) -> None:
        current, wanted = self.policy.command, self.velocity.value
        limiting = (wanted is not None and not self._end.under_way
                    and not np.array_equal(current, wanted))
        if limiting and not self._limiting:
            self._report('warn', f'{self.velocity.source} {wanted} limited to '
                         f'{np.round(current, 2)}: vx, vy m/s, yaw rate rad/s that this actor can '
                         'follow')
        self._limiting = limiting

    def _evaluate_actor(self, robot: RobotState, now_s: float) -> None:
        trial = self._trial
        if trial is None:
            return
        failed = trial.follow(robot, self.policy.command, now_s)
        if failed:
            self._report('warn', f'actor {self._name()} rolled back: {failed}')
            self.policy.swap(trial.previous)
            self.rolled_back += 1
            self._report('info', f'actor {self._name()} walks again')
        if failed or trial.over(now_s):
            self._trial = None

    def _take_actor(self, now_s: float, mode: str) -> None:
        # While two actors are blending, the next one waits: a mix of three would have no meaning.
        # One that arrives when a walk is ending takes over before the next walk.
        if mode == WALKING and (self.policy.blending or self._end.under_way):
            return
        item = self.slot.take()
        if item is None:
            return
        # Whoever is still on trial has not earned to be come back to.
        proven = self._trial.previous if self._trial else self.actor
        if mode == WALKING and proven and self.trial_limits.seconds > 0:
            self._trial = Trial(proven, now_s, self.trial_limits)
        self.policy.swap(item.actor)
        self.swaps += 1
        self.swap_ms = (self._wall_s() - item.received_s) * 1e3
        for warning in item.actor.warnings:
            self._report('warn', f'actor {item.actor.sha256[:12]}: {warning}')
        self._report('info', f'actor {self._name()} took over '
                     f'{self.swap_ms:.1f} ms after it arrived, while {mode}')

    def _name(self) -> str:
        return f'{self.actor.sha256[:12]} ({self.actor.goal})' if self.actor else 'none'
