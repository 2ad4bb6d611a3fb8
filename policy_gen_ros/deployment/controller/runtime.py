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
import time

import numpy as np
from policy_gen_ros.deployment.controller.event import Event
from policy_gen_ros.deployment.controller.gains import hold, softness_of_posture, softness_of_walk
from policy_gen_ros.deployment.controller.guards import check_robot, GuardLimits, RobotCheck, Trip
from policy_gen_ros.deployment.controller.modes import (
    DAMPING,
    FAULT,
    GUARDED_MODES,
    LYING_DOWN,
    PASSIVE,
    REQUESTS,
    STANDING,
    STANDING_UP,
    WALKING,
)
from policy_gen_ros.deployment.controller.posture import LieDown, Posture, StandUp
from policy_gen_ros.deployment.controller.remote import LOST, RemoteConfig, RemoteOperator
from policy_gen_ros.deployment.controller.robot_monitor import robot_of, RobotMonitor
from policy_gen_ros.deployment.controller.trial import TrialLimits
from policy_gen_ros.deployment.controller.walk import Walk
from policy_gen_ros.deployment.wire.frames import LowCommand, LowState
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.policies.weights import ActorWeights


class LocomotionRuntime:
    """
    Modes: passive -> standing_up -> standing -> walking; damping and fault end them.

    ``stop`` ends a walk: the robot steps on the spot for a moment, then stands. ``lie_down`` does
    so too, then lets the body sink (``lying_down``) and damps.
    ``damping`` (asked for, or LowState, battery or a motor is unfit to walk on) is left by
    ``stand``. ``fault`` (tilt, impossible readings, a policy that is not finite) is left by
    ``damp`` alone: someone has to look at the robot first.

    :param auto_activate: stand up and walk as soon as there is an actor, until the first request
        or fault
    :param calm: steps on the spot where a walk ends; None: whoever walks does so
    :param owns_legs: nobody else moves the legs, so the remote may make the robot stand up. On a
        robot they have to be taken first: a request to stand comes only after that
    :param wall_s: clock in which actors are stamped when they arrive
    """

    def __init__(self, adaptor: Adaptor, auto_activate: bool = False,
                 trial_limits: TrialLimits | None = None, calm: ActorWeights | None = None,
                 owns_legs: bool = True,
                 wall_s: Callable[[], float] = time.monotonic) -> None:
        self._monitor = RobotMonitor(GuardLimits())
        self.events: deque[Event] = deque(maxlen=256)
        self.walk = Walk(adaptor, trial_limits or TrialLimits(), calm, self._report, wall_s)
        self.mode = PASSIVE
        self.last_trip: Trip | None = None
        self.guard_trips = 0
        self.stops = 0
        self._auto_activate = auto_activate
        self._requests: deque[str] = deque(maxlen=8)
        self.remote = RemoteOperator()
        self.owns_legs = owns_legs
        self._posture: Posture = StandUp(go2.DEFAULT_POSE_RAD, 0.0)
        self._posture_start_s = self._soft_before = 0.0
        self._after_walk = STANDING

    @property
    def limits(self) -> GuardLimits:
        """Return the limits that the robot is checked by."""
        return self._monitor.check.limits

    def set_limits(self, limits: GuardLimits, trial_limits: TrialLimits | None = None,
                   remote: RemoteConfig | None = None) -> None:
        """Check the robot by other limits from the next tick on, actors from the next swap on."""
        self._monitor.check = RobotCheck(limits)
        self.walk.trial_limits = trial_limits or self.walk.trial_limits
        self.remote.config = remote or self.remote.config

    @property
    def unfilled(self) -> tuple[str, ...]:
        """Return what of LowState the robot leaves empty, by name."""
        return self._monitor.unfilled

    @property
    def actor(self) -> ActorWeights | None:
        """Return the actor that walks, or would."""
        return self.walk.actor

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
        if wish == 'stand' and not self._monitor.heard:  # it would stand up whenever it is found
            return 'no LowState has arrived yet; ' + (
                'is the robot or twin on?' if self.owns_legs
                else f'is the robot on? {go2.NO_LOW_LEVEL}')
        if wish in ('stand', 'activate') and self.remote.stop_held:
            return 'a stop chord is held on the remote'
        if wish in ('stand', 'activate') and (trip := self.remote.trip()):
            return f'{trip}; switch the remote on'
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
        self.walk.velocity.set(command)
        return True

    def tick(self, state: LowState, now_s: float) -> LowCommand:
        """
        Answer the newest LowState; call it at the LowCmd rate.

        :param state: may be the same as at the tick before: then it grows old
        :param now_s: the robot's clock: monotonic time, or simulated time for a twin
        """
        self._follow(state, now_s)
        self._follow_remote(state, now_s)
        while self._requests:
            wish = self._requests.popleft()
            self.owns_legs = self.owns_legs or wish == 'stand'
            self._obey(wish, state, now_s)
        if self.mode in GUARDED_MODES:
            senseless, unfit = self._monitor.forbids()
            self._end_if(senseless, unfit or self.remote.trip())
        if self.mode != WALKING:
            self.walk.rest(now_s, self.mode)
        self._proceed(state, now_s)
        if self.mode == WALKING:
            self._end_if(*self.walk.step(state, now_s, self.limits))
        if self.mode == WALKING:
            return hold(self.walk.target, state, softness_of_walk(now_s - self.walk.start_s))
        if self.mode in GUARDED_MODES:
            soft = softness_of_posture(now_s - self._posture_start_s, self._soft_before)
            return hold(self._posture.target(now_s), state, soft)
        return LowCommand.idle() if self.mode == PASSIVE else LowCommand.damping()

    def _end_if(self, senseless: Trip | None, unfit: Trip | None) -> None:
        if senseless:
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

    def _follow(self, state: LowState, now_s: float) -> None:
        back_ms, remark = self._monitor.follow(state, now_s)
        if remark:
            self._report('warn', remark)
        if not back_ms:
            return
        mode = FAULT if self.mode == FAULT else PASSIVE
        if self.mode != PASSIVE:
            self._report('error', f'LowState tick went back from {state.tick_ms + back_ms} to '
                         f'{state.tick_ms} ms: robot or twin restarted; {mode}')
        self.mode = mode
        self.walk.velocity.forget()  # meant for the robot before, and of unknown age

    def _obey(self, wish: str, state: LowState, now_s: float) -> None:
        self._auto_activate = False  # from here on someone decides
        if wish == 'damp':
            self._enter(DAMPING)
        elif wish in ('stand', 'stop', 'lie_down') and self.mode == WALKING:
            self._after_walk = LYING_DOWN if wish == 'lie_down' else STANDING
            self.walk.end(now_s)
        elif wish == 'stand' and self.mode in (PASSIVE, DAMPING, LYING_DOWN):
            self._stand_up(state, now_s)
        elif wish == 'lie_down' and self.mode in (STANDING_UP, STANDING):
            self._lie_down(self._posture.target(now_s), now_s)
        elif wish == 'activate' and self.mode == WALKING:
            self.walk.resume()
        elif wish == 'activate' and self.mode == STANDING and self.actor is not None:
            self._start_walking(now_s)

    def _proceed(self, state: LowState, now_s: float) -> None:
        if self.mode == WALKING and self.walk.has_ended(now_s):
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
        trip = check_robot(robot_of(state), self.limits)
        if trip:
            self._trip(trip, FAULT)
            return
        self._take_posture(StandUp(state.joint_pos.copy(), now_s), STANDING_UP, now_s)

    def _lie_down(self, start_pose: np.ndarray, now_s: float, soft: float = 0.0) -> None:
        self._take_posture(LieDown(start_pose, now_s), LYING_DOWN, now_s, soft)

    def _end_walk(self, now_s: float) -> None:
        """Go on from where the targets are, not the joints: these yield under the body's load."""
        self.walk.resume()
        if self._after_walk == LYING_DOWN:
            self._lie_down(self.walk.target, now_s, soft=1.0)
        else:
            self._take_posture(StandUp(self.walk.target, now_s), STANDING_UP, now_s, soft=1.0)

    def _take_posture(self, posture: Posture, mode: str, now_s: float, soft: float = 0.0) -> None:
        self._posture, self._posture_start_s, self._soft_before = posture, now_s, soft
        self._enter(mode)

    def _start_walking(self, now_s: float) -> None:
        self.walk.start(now_s)
        self._enter(WALKING)

    def _follow_remote(self, state: LowState, now_s: float) -> None:
        orders = self.remote.follow(state.remote, now_s)
        if orders.text:
            self._report('warn' if self.remote.state == LOST else 'info', orders.text)
        stale = self.walk.velocity.update(
            orders.command, self.remote.config.priority, now_s, self.limits)
        if stale and self.mode == WALKING:
            self._report('info', f'{stale}; back to the nominal command')
        if orders.wish is None:
            return
        if orders.wish == 'damp':
            self.stops += 1
        why_not = self.refusal(orders.wish)
        if orders.wish == 'damp' and self.mode == FAULT:
            why_not = 'in fault the legs are damped already; call the service damp to leave it'
        if orders.wish != 'damp' and not self.owns_legs:
            why_not = 'the legs are not ours; call the service stand first'
        if why_not:
            self._report('warn', f'remote: {orders.wish} refused: {why_not}')
        else:
            self._report('info', f'remote: {orders.wish}')
            self._obey(orders.wish, state, now_s)

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
