# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The control loop: LowState in, LowCmd out, at the robot's pace or at the twin's."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
import math
import os
import time
from typing import Protocol

from policy_gen_ros.deployment.controller.event import Event
from policy_gen_ros.deployment.controller.modes import FAULT, GUARDED_MODES, PASSIVE, WALKING
from policy_gen_ros.deployment.controller.runtime import LocomotionRuntime
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.frames import LowCommand, LowState, SportState
from policy_gen_ros.domains.go2.robot import constants as go2

DISCOVERY_S = 0.6
"""Time a writer on the wire needs to become visible to the others."""
WRITER_CHECK_PERIOD_S = 1.0
STOP_FRAMES = 10
STOP_FRAME_PERIOD_S = 0.01
LET_GO_FRAMES = 50
"""Damping frames for legs that others have taken, 0.1 s of them: they may not hold them yet."""
_WAIT_S = 0.1
_STALL_S = 1.0
_MAX_PERIODS = 5000

Serve = Callable[[float, LowState | None], None]
"""Gets the robot's time and newest LowState; None: none has come lately."""


def _nothing(now_s: float, state: LowState | None) -> None:
    pass


class Link(Protocol):
    """What the loop needs of :class:`policy_gen_ros.deployment.wire.link.RobotLink`."""

    def wait_state(self, timeout_s: float) -> LowState | None:
        """Newest LowState not seen before, or None after the timeout."""

    def latest_sport(self) -> SportState | None:
        """Newest ground truth of a twin, or None."""

    def send(self, command: LowCommand) -> None:
        """Write one LowCmd."""

    def other_writers(self) -> int:
        """Count the other processes that write LowCmd."""

    def other_writer_spoke(self) -> bool:
        """Whether another process has sent a LowCmd since the last call."""


class SecondControllerError(WireError):
    """Another process already commands the legs."""


@dataclass(frozen=True)
class LoopStatus:
    """Figures for diagnostics. Ages and factors are NaN before the first LowState."""

    connected: bool
    state_age_s: float
    lowcmd_sent: int
    missed_ticks: int
    realtime_factor: float
    other_writers: int
    other_writer_periods: int
    """WRITER_CHECK_PERIODs in which another process sent LowCmd."""
    period_errors_s: tuple[float, ...]
    """How much longer than wanted each period between two LowCmd was, since the last status."""
    cpu_s: float
    """Time that the loop's thread has computed so far."""


class ControlLoop:
    """
    Connects runtime and link, in the thread that calls :meth:`run`.

    ``clock='wall'``: 500 Hz against absolute deadlines; a LowState grows old by the wall clock.
    ``clock='tick'``: for twins; each LowState is answered by one LowCmd and time is the simulated
    tick, so that a slow machine only walks more slowly. A tick that comes again is answered with
    the same frame, because the twin did not get it. Where the twin leaves its tick at zero, time
    is that of arrival.

    :param where: the wire in words, for messages, such as ``domain 1 interface lo``
    :param alone: refuse to start where another process can send LowCmd. On a robot its own
        controller does, until it is released: without ``alone`` nothing is sent by the wall clock
        before the robot stands up, as frames of both would make the legs shake
    :param priority: of the thread among Linux' real-time threads (SCHED_FIFO), 1 to 99; 0: none
    """

    def __init__(self, runtime: LocomotionRuntime, link: Link, clock: str, where: str,
                 alone: bool = True, priority: int = 0) -> None:
        if clock not in ('wall', 'tick'):
            raise ValueError(f"clock is {clock!r}, expected 'wall' or 'tick'")
        self._runtime, self._link, self._clock, self._where = runtime, link, clock, where
        self._alone, self._priority = alone, priority
        self._frames_left = math.inf if alone or clock == 'tick' else 0
        self._letting_go = self._stopping = False
        self._serve: Serve = _nothing
        self._state_wall_s = float('nan')
        self._first_wall_s: float | None = None
        self._period_errors_s: deque[float] = deque(maxlen=_MAX_PERIODS)
        self._sent_wall_s: float | None = None
        self._sent = self._missed = self._others = self._other_writer_periods = 0
        self._next_writer_check_s = 0.0
        self._factor = float('nan')
        self._factor_mark: tuple[float, int] | None = None
        self.failure: str | None = None

    def claim(self) -> None:
        """
        Make sure that nobody else commands the legs, if so asked.

        :raises SecondControllerError: another process writes LowCmd on this wire
        """
        deadline = time.monotonic() + DISCOVERY_S
        while True:
            self._others = self._link.other_writers()
            if self._others and self._alone:
                raise SecondControllerError(
                    f'another controller is sending LowCmd on {self._where}; stop it first')
            if time.monotonic() >= deadline:
                break
            time.sleep(0.05)
        self._next_writer_check_s = time.monotonic() + WRITER_CHECK_PERIOD_S

    def stop(self) -> None:
        """End :meth:`run`; its last act is to send damping frames. Safe to call twice."""
        self._stopping = True

    def let_go(self) -> None:
        """Damp for a few frames more, then send nothing until the robot stands up again."""
        self._letting_go = True

    def status(self) -> LoopStatus:
        """Figures of the moment. Each period's error is reported once."""
        age = time.monotonic() - self._state_wall_s
        errors = tuple(self._period_errors_s)
        self._period_errors_s.clear()
        return LoopStatus(
            connected=age < _STALL_S, state_age_s=age,
            lowcmd_sent=self._sent, missed_ticks=self._missed, realtime_factor=self._factor,
            other_writers=self._others, other_writer_periods=self._other_writer_periods,
            period_errors_s=errors, cpu_s=time.thread_time())

    def run(self, serve: Serve = _nothing) -> None:
        """
        Control until told to stop.

        :param serve: called once a tick, after the frame has been sent; must not wait
        """
        self._serve = serve
        try:
            self._hurry()
            if self._clock == 'wall':
                self._run_wall()
            else:
                self._run_tick()
        except Exception as error:  # whatever happens, the legs must not keep their last command
            self.failure = f'control loop failed: {error!r}'
            self._runtime.mode = FAULT
            self._runtime.events.append(Event('error', self.failure))
        finally:
            self._send_stop_frames()

    def _hurry(self) -> None:
        if not self._priority:
            return
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(self._priority))
        except OSError as error:
            self._runtime.events.append(Event(
                'warn', f'the control loop has no real-time priority ({error}): '
                'allow it with a line "USER - rtprio 99" in /etc/security/limits.conf'))

    def _run_wall(self) -> None:
        state = None
        while state is None:
            if self._stopping:
                return
            state = self._receive(_WAIT_S)
            self._monitor_writers()
            self._serve(time.monotonic(), state)
        deadline = time.monotonic()
        while not self._stopping:
            now = time.monotonic()
            if now < deadline:
                time.sleep(deadline - now)
                now = time.monotonic()
            late = int((now - deadline) / go2.LOWCMD_DT_S)
            self._missed += late
            deadline += (late + 1) * go2.LOWCMD_DT_S
            state = self._receive(0.0) or state
            frame = self._runtime.tick(state, now)
            self._count_frames_left()
            if self._frames_left > 0:
                self._frames_left -= 1
                self._send(frame)
                self._note_period()
            else:
                self._sent_wall_s = None
            self._monitor_writers()
            self._serve(now, state)

    def _count_frames_left(self) -> None:
        if self._runtime.mode in GUARDED_MODES:
            self._frames_left = math.inf
        elif self._runtime.mode == PASSIVE:
            self._frames_left = math.inf if self._alone else 0
        elif self._letting_go:
            self._frames_left = min(self._frames_left, LET_GO_FRAMES)
            self._letting_go = False

    def _run_tick(self) -> None:
        answered: int | None = None
        frame: LowCommand | None = None
        while not self._stopping:
            state = self._receive(_WAIT_S)
            self._monitor_writers()
            if state is None:
                self._serve(0.0, None)
                continue
            now = self._time_of(state)
            if frame is None or not state.tick_ms or state.tick_ms != answered:
                frame = self._runtime.tick(state, now)
                answered = state.tick_ms
            self._send(frame)
            self._serve(now, state)

    def _time_of(self, state: LowState) -> float:
        """Time by the tick; by arrival, from the first state on, where it is left at zero."""
        if self._first_wall_s is None or state.tick_ms:
            self._first_wall_s = self._state_wall_s
        return state.tick_ms * 1e-3 or self._state_wall_s - self._first_wall_s

    def _note_period(self) -> None:
        now = time.monotonic()
        if self._sent_wall_s is not None:
            self._period_errors_s.append(now - self._sent_wall_s - go2.LOWCMD_DT_S)
        self._sent_wall_s = now

    def _receive(self, timeout_s: float) -> LowState | None:
        state = self._link.wait_state(timeout_s)
        if state is None:
            return None
        wall_s = time.monotonic()
        self._state_wall_s = wall_s
        if self._factor_mark is None or state.tick_ms < self._factor_mark[1]:
            self._factor_mark = (wall_s, state.tick_ms)
        elif wall_s - self._factor_mark[0] >= 1.0:
            if state.tick_ms:  # left at zero it tells nothing
                self._factor = ((state.tick_ms - self._factor_mark[1]) * 1e-3
                                / (wall_s - self._factor_mark[0]))
            self._factor_mark = (wall_s, state.tick_ms)
        return state

    def _send(self, frame: LowCommand) -> None:
        self._link.send(frame)
        self._sent += 1

    def _monitor_writers(self) -> None:
        now = time.monotonic()
        if now < self._next_writer_check_s:
            return
        self._next_writer_check_s = now + WRITER_CHECK_PERIOD_S
        others = self._link.other_writers()
        self._other_writer_periods += self._link.other_writer_spoke()
        if others and not self._others:
            level = 'error' if self._runtime.mode == WALKING else 'warn'
            self._runtime.events.append(Event(
                level, f'{others} other process(es) can send LowCmd on {self._where}'))
        self._others = others

    def _send_stop_frames(self) -> None:
        frame = self._runtime.halt(self.failure or 'controller stops')
        if not self._frames_left:
            return
        for _ in range(STOP_FRAMES):
            try:
                self._send(frame)
            except WireError as error:  # the next one may get through
                self._runtime.events.append(
                    Event('error', f'a damping frame was not sent: {error}'))
            if self._clock == 'tick':  # a lockstep twin takes one frame a state
                self._link.wait_state(STOP_FRAME_PERIOD_S)
            else:
                time.sleep(STOP_FRAME_PERIOD_S)
