# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Starting the control process, and talking to it."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
import itertools
import subprocess
import sys
import threading
import time
from typing import Any

from policy_gen_ros.deployment.controller.event import Event
from policy_gen_ros.deployment.controller.loop import LoopStatus
from policy_gen_ros.deployment.controller.pipe import Pipe, PipeClosedError
from policy_gen_ros.deployment.controller.report import (
    Answer,
    Command,
    LetGo,
    Limits,
    Report,
    Request,
    RuntimeStatus,
    Sample,
    Settings,
    Start,
    Stop,
)
from policy_gen_ros.deployment.controller.swap import HandOver
from policy_gen_ros.deployment.wire.errors import WireError

_MODULE = 'policy_gen_ros.deployment.controller.control_process'
_START_S, _ANSWER_S, _END_S = 30.0, 2.0, 5.0
_SAMPLES, _EVENTS, _PERIODS = 200, 256, 5000
_NO_LOOP = LoopStatus(False, float('nan'), 0, 0, float('nan'), 0, 0, (), 0.0)


class ControlError(WireError):
    """The control process cannot do what it was told, or has ended."""


class ControlClient:
    """
    The control loop, as seen from another process. All methods may be called from any thread.

    :param settings: of the loop
    :param module: that runs the control process
    :raises ControlError: it does not start; the message says why
    """

    def __init__(self, settings: Settings, limits: Limits, module: str = _MODULE,
                 arguments: tuple[str, ...] = ()) -> None:
        self.runtime = RuntimeStatus()
        self.loop = _NO_LOOP
        self.events: deque[Event] = deque(maxlen=_EVENTS)
        self.samples: deque[Sample] = deque(maxlen=_SAMPLES)
        self.period_errors_s: deque[float] = deque(maxlen=_PERIODS)
        self.dropped_frames = 0
        self.failure = ''
        self._reported_s = time.monotonic()
        self._numbers = itertools.count(1)
        self._answers: dict[int, Answer] = {}
        self._answered = threading.Condition()
        self._closing = False
        self._pipe, there = Pipe.pair()
        with there:
            there.set_inheritable(True)
            self._process = subprocess.Popen(
                [sys.executable, '-u', '-m', module, str(there.fileno()), *arguments],
                pass_fds=[there.fileno()], stdin=subprocess.DEVNULL)
        self._reader = threading.Thread(target=self._read, name='control-reports', daemon=True)
        self._reader.start()
        try:
            self._order(settings)
            self._await(0, _START_S)
            self._order(limits)
        except ControlError:
            self.close()
            raise

    def start(self) -> None:
        """
        Command the legs from now on.

        :raises ControlError: another process does already
        """
        self._order(Start())
        self._await(0, _START_S)

    def stop(self) -> None:
        """Damp, and command the legs no more. Safe to call twice."""
        if self.failure:
            return
        self._order(Stop())
        self._await(0, _END_S)

    def close(self) -> None:
        """End the process."""
        self._closing = True
        self._pipe.shut_down()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(_END_S)
        self._pipe.close()

    def set_limits(self, limits: Limits) -> None:
        """Use other limits from now on."""
        self._order(limits)

    def set_command(self, vx: float, vy: float, yaw: float) -> None:
        """Override the actors' nominal command until it is stale; m/s, m/s, rad/s."""
        self._order(Command((vx, vy, yaw)))

    def offer(self, item: HandOver) -> None:
        """Hand a checked actor over; one not yet taken is replaced."""
        self._order(item)

    def let_go(self) -> None:
        """Damp for a few frames more, then send nothing until the robot stands up again."""
        self._order(LetGo())

    def request(self, wish: str) -> tuple[bool, str]:
        """
        Ask for one of :data:`policy_gen_ros.deployment.controller.modes.REQUESTS`.

        :return: whether it will be done, and one line that says so or why not
        """
        answer = self._ask(wish, only_ask=False)
        return answer.accepted, answer.text

    def refusal(self, wish: str) -> str:
        """Say why a request cannot be met now; nothing if it can."""
        return self._ask(wish, only_ask=True).text

    @property
    def mode(self) -> str:
        """Return the mode of the newest report."""
        return self.runtime.mode

    @property
    def stops(self) -> int:
        """Return how often a stop chord was pressed on the remote."""
        return self.runtime.stops

    @property
    def other_writer_periods(self) -> int:
        """Return in how many periods so far another process has sent LowCmd."""
        return self.loop.other_writer_periods

    @property
    def state_age_s(self) -> float:
        """Return the age of the newest LowState, NaN before the first."""
        return self.loop.state_age_s + time.monotonic() - self._reported_s

    def report(self, level: str, message: str) -> None:
        """Add an event."""
        self.events.append(Event(level, message))

    def _ask(self, wish: str, only_ask: bool) -> Answer:
        number = next(self._numbers)
        try:
            self._order(Request(number, wish, only_ask))
            return self._await(number, _ANSWER_S, check=False)
        except ControlError as error:
            return Answer(number, False, str(error))

    def _order(self, order: Any) -> None:
        try:
            self._pipe.send(order)
        except PipeClosedError:
            raise ControlError(self._why_ended()) from None

    def _await(self, number: int, timeout_s: float, check: bool = True) -> Answer:
        with self._answered:
            self._answered.wait_for(lambda: number in self._answers or self.failure, timeout_s)
            answer = self._answers.pop(number, None)
        if answer is None:
            raise ControlError(self.failure or
                               f'the control process does not answer within {timeout_s:g} s')
        if check and not answer.accepted:
            raise ControlError(answer.text)
        return answer

    def _read(self) -> None:
        try:
            while True:
                message = self._pipe.receive()
                if isinstance(message, Report):
                    self._take(message)
                else:
                    with self._answered:
                        self._answers[message.number] = message
                        self._answered.notify_all()
        except PipeClosedError:
            if not self._closing:
                self._process.wait()
            with self._answered:
                self.failure = self.failure or self._why_ended()
                self._answered.notify_all()

    def _take(self, report: Report) -> None:
        self.runtime, self.dropped_frames = report.runtime, report.dropped_frames
        if report.loop is not None:
            self.period_errors_s.extend(report.loop.period_errors_s)
            self.loop, self._reported_s = replace(report.loop, period_errors_s=()), \
                time.monotonic()
        self.samples.extend(report.samples)
        self.events.extend(report.events)

    def _why_ended(self) -> str:
        code = self._process.poll()
        return 'the control process has ended' + (f' with code {code}' if code else '')
