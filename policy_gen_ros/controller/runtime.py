# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The locomotion runtime: a state machine that turns each LowState into a LowCmd.

Pure logic with its clock passed in, so that robot, twin and tests run the same code. ``tick`` runs
in one thread; the other methods may be called from any thread and take effect at the next tick.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
import time

import numpy as np
from policy_gen_ros.actor.adaptor import Adaptor
from policy_gen_ros.actor.weights import ActorWeights
from policy_gen_ros.controller import guards
from policy_gen_ros.controller.clock import StateClock
from policy_gen_ros.controller.guards import GuardLimits, RobotCheck, Trip
from policy_gen_ros.controller.health import Health
from policy_gen_ros.controller.policy import PolicyRunner
from policy_gen_ros.controller.posture import LieDown, Posture, smoothstep, StandUp
from policy_gen_ros.controller.swap import SwapSlot
from policy_gen_ros.controller.trial import Trial, TrialLimits
from policy_gen_ros.controller.unfilled import Unfilled
from policy_gen_ros.robot import go2
from policy_gen_ros.robot.observation import joint_targets, RobotState
from policy_gen_ros.wire.frames import LowCommand, LowState

PASSIVE, STANDING_UP, STANDING, WALKING, LYING_DOWN, DAMPING, FAULT = (
    'passive', 'standing_up', 'standing', 'walking', 'lying_down', 'damping', 'fault')
GUARDED_MODES = (STANDING_UP, STANDING, WALKING, LYING_DOWN)
REQUESTS = ('stand', 'stop', 'lie_down', 'damp', 'activate')
GAIN_BLEND_S = 0.3
"""Time over which the gains of the stand, which are stiff, and of the walk give way to others."""
CALM_S = 1.0
"""
A walk that is to end steps on the spot for so long before the robot stands: CALM_FIGURES
"""
_POLICY_SLACK_S = 0.001


@dataclass(frozen=True)
class Event:
    """Something worth a log line. ``level`` is ``info``, ``warn`` or ``error``."""

    level: str
    message: str


class LocomotionRuntime:
    """
    Modes: passive -> standing_up -> standing -> walking; damping and fault end them.

    ``stop`` ends a walk: the robot steps on the spot for a moment, then stands. ``lie_down`` does
    so too, then lets the body sink (``lying_down``) and damps.
    ``damping`` (asked for, or LowState, battery or a motor is unfit to walk on) is left by
    ``stand``. ``fault`` (tilt, impossible readings, a policy that is not finite) is left by
    ``damp`` alone: someone has to look at the robot first.

    An actor that takes over while walking is on trial at first: if the body tilts or swings, the
    last one that passed its own takes over again.

    :param auto_activate: stand up and walk as soon as there is an actor, until the first request
        or fault
    :param calm: steps on the spot where a walk ends; None: whoever walks does so
    :param wall_s: clock in which actors are stamped when they arrive
    """

    def __init__(self, adaptor: Adaptor, limits: GuardLimits | None = None, blend_s: float = 0.2,
                 auto_activate: bool = False, trial_limits: TrialLimits | None = None,
                 calm: ActorWeights | None = None,
                 wall_s: Callable[[], float] = time.monotonic) -> None:
        self._check = RobotCheck(limits or GuardLimits())
        self.policy = PolicyRunner(adaptor, blend_s)
        self.slot = SwapSlot()
        self.events: deque[Event] = deque(maxlen=256)
        self.mode = PASSIVE
        self.last_trip: Trip | None = None
        self.guard_trips = 0
        self.swaps = 0
        self.swap_ms = float('nan')
        self.rolled_back = 0
        self._trial_limits = trial_limits or TrialLimits()
        self._trial: Trial | None = None
        self.missed_policy_ticks = 0
        self.policy_ticks = 0
        self._auto_activate = auto_activate
        self._wall_s = wall_s
        self._requests: deque[str] = deque(maxlen=8)
        self._commands: deque[np.ndarray] = deque(maxlen=1)
        self._override: np.ndarray | None = None
        self._override_s = 0.0
        self._limiting = False
        self._health = Health()
        self._unhealthy: tuple[Trip | None, Trip | None] = (None, None)
        self._clock, self._unfilled = StateClock(), Unfilled()
        self._state: LowState | None = None
        self._posture: Posture = StandUp(go2.DEFAULT_POSE_RAD, 0.0)
        self._posture_start_s = self._walk_start_s = 0.0
        self._soft_before = False
        self._end_s: float | None = None
        self._after_walk = STANDING
        self._calm, self._interrupted = calm, None
        self._next_policy_s = 0.0
        self._target = go2.DEFAULT_POSE_RAD.copy()

    @property
    def limits(self) -> GuardLimits:
        """Return the limits that the robot is judged by."""
        return self._check.limits

    def set_limits(self, limits: GuardLimits, trial_limits: TrialLimits | None = None) -> None:
        """Judge the robot by other limits from the next tick on, actors from the next swap on."""
        self._check = RobotCheck(limits)
        self._trial_limits = trial_limits or self._trial_limits

    @property
    def unfilled(self) -> tuple[str, ...]:
        """Return what of LowState the robot leaves empty, by name."""
        return self._unfilled.names

    @property
    def actor(self) -> ActorWeights | None:
        """Return the actor that walks, or would."""
        return self.policy.actor

    def request(self, wish: str) -> tuple[bool, str]:
        """
        Ask for one of :data:`REQUESTS`.

        :return: whether it will be done, and one line that says so or why not
        """
        why_not = self.refusal(wish)
        if why_not:
            return False, why_not
        self._requests.append(wish)
        return True, f'{wish}: accepted while {self.mode}'

    def refusal(self, wish: str) -> str:
        """Say why a request cannot be met now; nothing if it can."""
        if wish == 'stand' and self.mode == FAULT:
            return f'in fault ({self.last_trip}); look at the robot, then call damp first'
        if wish == 'stand' and not self._clock.started:  # it would stand up whenever it is found
            return 'no LowState has arrived yet; is the robot or twin on?'
        if wish == 'activate' and self.actor is None:
            return 'no actor has arrived; send a goal to the generator first'
        if wish == 'activate' and self.mode not in (STANDING, WALKING):
            return f'the robot is {self.mode}; call stand first and wait until it stands'
        if wish not in REQUESTS:
            return f'unknown request {wish!r} (known: {", ".join(REQUESTS)})'
        return ''

    def set_command(self, command: np.ndarray) -> bool:
        """
        Override the actors' nominal command until it is stale.

        :param command: vx m/s, vy m/s, yaw rate rad/s; the actor is given what it can follow of
            it. Shape: (3,)
        :return: False when it was refused because a value is not finite
        """
        command = np.asarray(command, dtype=float)
        if not np.isfinite(command).all():
            self._report('warn', f'cmd_vel refused: {command} is not finite')
            return False
        self._commands.append(command)
        return True

    def tick(self, state: LowState, now_s: float) -> LowCommand:
        """
        Answer the newest LowState; call it at the LowCmd rate.

        :param state: may be the same as at the tick before: then it grows old
        :param now_s: the robot's clock: monotonic time, or simulated time for a twin
        """
        age_s = self._take_state(state, now_s)
        self._update_override(now_s)
        while self._requests:
            self._obey(self._requests.popleft(), state, now_s)
        if self.mode in GUARDED_MODES:
            self._guard(state, age_s)
        if self.mode != WALKING:
            self._trial = self._end_s = None
            self._resume_actor()
            self._take_actor(now_s)
        self._proceed(state, now_s)
        if self.mode == WALKING:
            return self._walk(state, now_s)
        if self.mode in GUARDED_MODES:
            since_s = now_s - self._posture_start_s
            soft = self._soft_before * (1 - smoothstep(since_s / GAIN_BLEND_S))
            return self._command(self._posture.target(now_s), state, soft)
        return LowCommand.idle() if self.mode == PASSIVE else LowCommand.damping()

    def _guard(self, state: LowState, age_s: float) -> None:
        stale = guards.check_state_age(age_s, self.limits)
        senseless, unfit = self._unhealthy
        if not self._check.sound(state.quaternion, state.gyro, state.joint_pos, state.joint_vel):
            senseless = guards.check_robot(_robot_of(state), self.limits) or senseless
        if stale:
            self._trip(stale, DAMPING)
        elif senseless:
            self._trip(senseless, FAULT)
        elif unfit:
            self._trip(unfit, DAMPING)

    def halt(self, why: str) -> LowCommand:
        """End all motion at once, from the thread that ticks: a damping frame to send."""
        if self.mode != FAULT:
            self.mode = DAMPING
        self._requests.clear()  # whoever starts this robot again has to ask again
        self._report('info', f'damping: {why}')
        return LowCommand.damping()

    def _take_state(self, state: LowState, now_s: float) -> float:
        """Return the seconds since the newest LowState; for a new one, since the one before it."""
        age_s = self._clock.age_s(now_s) if self._clock.started else 0.0
        if state is self._state:  # none has arrived since the tick before
            return age_s
        self._state = state
        fresh, back_ms = self._clock.arrived(state.tick_ms, now_s)
        if back_ms:
            mode = FAULT if self.mode == FAULT else PASSIVE
            if self.mode != PASSIVE:
                self._report('error', f'LowState tick went back from {state.tick_ms + back_ms} to '
                             f'{state.tick_ms} ms: robot or twin restarted; {mode}')
            self.mode, age_s = mode, 0.0
            self._commands.clear()  # meant for the robot before, and of unknown age
            self._override = None
        if fresh:
            time_s = state.tick_ms * 1e-3 if self._clock.ticks else now_s
            self._unhealthy = self._health.follow(state, time_s, self.limits)
            remark = self._unfilled.follow(state)
            if remark:
                self._report('warn', remark)
        return age_s

    def _obey(self, wish: str, state: LowState, now_s: float) -> None:
        self._auto_activate = False  # from here on someone decides
        if wish == 'damp':
            self._enter(DAMPING)
        elif wish in ('stand', 'stop', 'lie_down') and self.mode == WALKING:
            self._after_walk = LYING_DOWN if wish == 'lie_down' else STANDING
            if self._end_s is None:
                self._calm_down(now_s)
        elif wish == 'stand' and self.mode in (PASSIVE, DAMPING, LYING_DOWN):
            self._stand_up(state, now_s)
        elif wish == 'lie_down' and self.mode in (STANDING_UP, STANDING):
            self._lie_down(self._posture.target(now_s), now_s)
        elif wish == 'activate' and self.mode == WALKING and self._end_s is not None:
            self._end_s = None
            self._resume_actor()
        elif wish == 'activate' and self.mode == STANDING and self.actor is not None:
            self._start_walking(now_s)

    def _proceed(self, state: LowState, now_s: float) -> None:
        if self.mode == WALKING and self._end_s is not None and now_s >= self._end_s:
            self._end_walk(now_s)
        if self.mode == STANDING_UP and self._posture.done(now_s):
            self._enter(STANDING)
        elif self.mode == LYING_DOWN and self._posture.done(now_s):
            self._enter(DAMPING)
        if self._auto_activate and self.actor is not None:
            if self.mode == PASSIVE:
                self._stand_up(state, now_s)
            elif self.mode == STANDING:
                self._start_walking(now_s)

    def _stand_up(self, state: LowState, now_s: float) -> None:
        trip = guards.check_robot(_robot_of(state), self.limits)
        if trip:
            self._trip(trip, FAULT)
            return
        self._take_posture(StandUp(state.joint_pos.copy(), now_s), STANDING_UP, now_s)

    def _lie_down(self, start_pose: np.ndarray, now_s: float, soft: bool = False) -> None:
        self._take_posture(LieDown(start_pose, now_s), LYING_DOWN, now_s, soft)

    def _calm_down(self, now_s: float) -> None:
        """Step on the spot for a moment: a gait that just ends would topple the body."""
        self._end_s, self._trial = now_s + CALM_S, None
        if self._calm:
            self._interrupted = self.actor
            self.policy.swap(self._calm)
        self._report('info', 'the walk ends: stepping on the spot')

    def _resume_actor(self) -> None:
        """Give the place back to the actor whose walk was ended."""
        if self._interrupted:
            self.policy.swap(self._interrupted)
            self._interrupted = None

    def _end_walk(self, now_s: float) -> None:
        """Go on from where the targets are, not the joints: these yield under the body's load."""
        self._resume_actor()
        if self._after_walk == LYING_DOWN:
            self._lie_down(self._target, now_s, soft=True)
        else:
            self._take_posture(StandUp(self._target, now_s), STANDING_UP, now_s, soft=True)

    def _take_posture(self, posture: Posture, mode: str, now_s: float, soft: bool = False) -> None:
        self._posture, self._posture_start_s, self._soft_before = posture, now_s, soft
        self._enter(mode)

    def _start_walking(self, now_s: float) -> None:
        self.policy.reset()
        self._walk_start_s = self._next_policy_s = now_s
        self._end_s = None
        self._enter(WALKING)

    def _walk(self, state: LowState, now_s: float) -> LowCommand:
        if now_s >= self._next_policy_s - _POLICY_SLACK_S:
            late_s = now_s - self._next_policy_s
            overrun = guards.check_policy_lateness(late_s, self.limits)
            if overrun:
                self._trip(overrun, DAMPING)
                return LowCommand.damping()
            late = int((late_s + _POLICY_SLACK_S) / go2.CONTROL_DT_S)
            self.missed_policy_ticks += late
            self._next_policy_s += (late + 1) * go2.CONTROL_DT_S
            robot = _robot_of(state)
            self._judge_actor(robot, now_s)
            self._take_actor(now_s)
            override = np.zeros(3) if self._end_s is not None else self._override
            action = self.policy.step(robot, override, now_s)
            self.policy_ticks += 1
            trip = guards.check_finite('action', action)
            if trip:
                self._trip(trip, FAULT)
                return LowCommand.damping()
            self._target = joint_targets(action)
            self._report_limit()
        return self._command(self._target, state,
                             smoothstep((now_s - self._walk_start_s) / GAIN_BLEND_S))

    def _report_limit(self) -> None:
        told = self.policy.command
        limiting = self._override is not None and not np.array_equal(told, self._override)
        if limiting and not self._limiting:
            self._report('warn', f'cmd_vel {self._override} limited to '
                         f'{np.round(told, 2)}: vx, vy m/s, yaw rate rad/s that this actor can '
                         'follow')
        self._limiting = limiting

    def _judge_actor(self, robot: RobotState, now_s: float) -> None:
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

    def _name(self) -> str:
        return f'{self.actor.sha256[:12]} ({self.actor.goal})' if self.actor else 'none'

    def _take_actor(self, now_s: float) -> None:
        # While two actors are blending, the next one waits: a mix of three would have no meaning.
        # One that arrives when a walk is ending takes over before the next walk.
        if self.mode == WALKING and (self.policy.blending or self._end_s is not None):
            return
        item = self.slot.take()
        if item is None:
            return
        # Whoever is still on trial has not earned to be come back to.
        proven = self._trial.previous if self._trial else self.actor
        if self.mode == WALKING and proven and self._trial_limits.seconds > 0:
            self._trial = Trial(proven, now_s, self._trial_limits)
        self.policy.swap(item.actor)
        self.swaps += 1
        self.swap_ms = (self._wall_s() - item.received_s) * 1e3
        for warning in item.actor.warnings:
            self._report('warn', f'actor {item.actor.sha256[:12]}: {warning}')
        self._report('info', f'actor {self._name()} took over '
                     f'{self.swap_ms:.1f} ms after it arrived, while {self.mode}')

    def _update_override(self, now_s: float) -> None:
        """Stamp a command on arrival and drop a stale one, in every mode."""
        while self._commands:
            self._override, self._override_s = self._commands.popleft(), now_s
        if self._override is None:
            return
        trip = guards.check_command_age(now_s - self._override_s, self.limits)
        if trip:
            self._override = None
            if self.mode == WALKING:
                self._report('info', f'{trip}; back to the nominal command')

    def _command(self, target: np.ndarray, state: LowState, soft: float) -> LowCommand:
        """Hold targets with gains between those of standing and of walking, which are soft."""
        kp = (1 - soft) * go2.KP_STAND + soft * go2.KP_WALK
        kd = (1 - soft) * go2.KD_STAND + soft * go2.KD_WALK
        clipped = guards.clip_targets(target, state.joint_pos, state.joint_vel, kp, kd)
        return LowCommand.hold(clipped, kp, kd)

    def _trip(self, trip: Trip, mode: str) -> None:
        self.last_trip = trip
        self.guard_trips += 1
        if mode == FAULT:
            self._auto_activate = False  # someone has to look at the robot first
        self._report('error', f'{trip}: {mode}')
        self._enter(mode)

    def _enter(self, mode: str) -> None:
        if mode != self.mode:
            self._report('info', f'{self.mode} -> {mode}')
            self.mode = mode

    def _report(self, level: str, message: str) -> None:
        self.events.append(Event(level, message))


def _robot_of(state: LowState) -> RobotState:
    return RobotState(gravity=go2.gravity_in_body(state.quaternion), ang_vel=state.gyro,
                      joint_pos=state.joint_pos, joint_vel=state.joint_vel)
