# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The control loop in a process of its own, with one thread and without ROS.

There no callback of rclpy, no check of an actor and no search for garbage can keep the loop from
its next LowCmd. :class:`policy_gen_ros.deployment.controller.client.ControlClient` starts it. When
that process ends, however it ends, this one damps and ends too.
"""

from __future__ import annotations

import policy_gen_ros.deployment.controller.one_blas_thread  # isort: skip  # noqa: F401 - before NumPy

from collections.abc import Callable  # noqa: I100
import gc
import signal
import sys
import time
from typing import Any

import numpy as np
from policy_gen_ros.deployment.controller.loop import ControlLoop
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
from policy_gen_ros.deployment.controller.runtime import LocomotionRuntime
from policy_gen_ros.deployment.controller.swap import HandOver
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.frames import LowState
from policy_gen_ros.deployment.wire.link import RobotLink
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.policies.weights import ActorWeights

REPORT_PERIOD_S = 0.02
MakeLink = Callable[[int, str | None, LocomotionRuntime], RobotLink]


class ControlServer:
    """
    Obeys orders and reports.

    :param link: to the robot
    """

    def __init__(self, settings: Settings, pipe: Pipe, runtime: LocomotionRuntime,
                 link: RobotLink) -> None:
        self._settings, self._pipe = settings, pipe
        self._runtime, self._link = runtime, link
        self._where = f'domain {settings.domain_id} interface {settings.interface}'
        self._loop: ControlLoop | None = None
        self._ending = False
        self._samples: list[Sample] = []
        self._next_sample_s = -float('inf')
        self._next_report_s = 0.0
        self._orders: dict[type, Callable[[Any], None]] = {
            Limits: self._set_limits, Command: self._command, Request: self._answer,
            LetGo: lambda _: self._let_go(), Stop: lambda _: self.end_loop(),
            HandOver: runtime.walk.slot.offer}

    def run(self) -> None:
        """
        Obey until :meth:`end` is called while the loop runs.

        :raises PipeClosedError: the other process has ended
        """
        while not self._ending:
            order = self._pipe.receive()
            if not isinstance(order, Start):
                self._obey(order)
                if isinstance(order, Stop):
                    self._pipe.send(Answer(0, True, ''))
                continue
            loop = ControlLoop(self._runtime, self._link, self._settings.clock, self._where,
                               self._settings.alone, self._settings.priority)
            try:
                loop.claim()
            except WireError as error:
                self._pipe.send(Answer(0, False, str(error)))
                continue
            self._pipe.send(Answer(0, True, ''))
            self._loop = loop
            loop.run(self._serve)
            self._report()
            self._loop = None
            self._pipe.send(Answer(0, loop.failure is None, loop.failure or ''))

    def end(self) -> None:
        """Let the loop send its last frames, and end for good: the other process notices."""
        self._ending = True
        self.end_loop()

    def end_loop(self) -> None:
        """Let the loop send its last frames and end."""
        if self._loop:
            self._loop.stop()

    def _serve(self, now_s: float, state: LowState | None) -> None:
        try:
            while (order := self._pipe.poll()) is not None:
                self._obey(order)
            if state is not None:
                self._sample(now_s, state)
            if time.monotonic() >= self._next_report_s:
                self._report()
        except PipeClosedError:
            self.end_loop()

    def _obey(self, order: Any) -> None:
        self._orders[type(order)](order)

    def _let_go(self) -> None:
        self._runtime.owns_legs = False
        if self._loop:
            self._loop.let_go()

    def _set_limits(self, limits: Limits) -> None:
        self._runtime.set_limits(limits.guard, limits.trial, limits.remote)
        self._runtime.walk.policy.blend_s = limits.blend_s

    def _command(self, command: Command) -> None:
        self._runtime.set_command(np.array(command.velocity))

    def _answer(self, request: Request) -> None:
        if request.only_ask:
            why_not = self._runtime.refusal(request.wish)
            accepted, text = not why_not, why_not
        else:
            accepted, text = self._runtime.request(request.wish)
        self._pipe.offer(Answer(request.number, accepted, text))

    def _sample(self, now_s: float, state: LowState) -> None:
        if now_s < self._next_sample_s - 1.0:  # the clock went back: another twin
            self._next_sample_s = now_s
        if now_s >= self._next_sample_s - 1e-3:
            self._next_sample_s = max(self._next_sample_s + go2.CONTROL_DT_S,
                                      now_s + go2.CONTROL_DT_S / 2)
            self._samples.append(Sample(now_s, state, self._link.latest_sport()))

    def _report(self) -> None:
        runtime, walk, actor = self._runtime, self._runtime.walk, self._runtime.actor
        self._next_report_s = time.monotonic() + REPORT_PERIOD_S
        events = []
        while runtime.events:
            events.append(runtime.events.popleft())
        status = RuntimeStatus(
            mode=runtime.mode, actor=actor.sha256 if actor else '',
            goal=actor.goal if actor else '', bundle=actor.bundle if actor else '',
            swaps=walk.swaps, swap_ms=walk.swap_ms, rolled_back=walk.rolled_back,
            guard_trips=runtime.guard_trips, last_trip=str(runtime.last_trip or ''),
            policy_ticks=walk.policy_ticks, missed_policy_ticks=walk.missed_policy_ticks,
            unfilled=runtime.unfilled, remote=runtime.remote.state, stops=runtime.stops,
            command_from=walk.velocity.source)
        report = Report(status, self._loop.status() if self._loop else None, tuple(events),
                        tuple(self._samples), self._link.dropped_frames)
        self._samples.clear()
        if not self._pipe.offer(report):  # the reader is behind: it gets the events later
            runtime.events.extendleft(reversed(events))


def plain_link(domain_id: int, interface: str | None, _: LocomotionRuntime) -> RobotLink:
    """Join the wire."""
    return RobotLink(domain_id, interface)


def main(make_link: MakeLink = plain_link) -> int:
    """
    Entry point; the argument is the number of the pipe's file descriptor.

    :param make_link: joins the wire, so that a benchmark may listen
    """
    pipe = Pipe.inherited(int(sys.argv[1]))
    try:
        settings: Settings = pipe.receive()
        try:
            runtime = LocomotionRuntime(
                Adaptor.load(settings.adaptor), auto_activate=settings.auto_activate,
                owns_legs=settings.alone,
                calm=ActorWeights.load(settings.calm, 'go2') if settings.calm else None)
            link = make_link(settings.domain_id, settings.interface, runtime)
        except (WireError, ValueError, OSError) as error:
            pipe.send(Answer(0, False, str(error)))
            return 1
        server = ControlServer(settings, pipe, runtime, link)
        # Ctrl-C reaches the whole process group; the other process decides what follows from it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: server.end())
        # A search for garbage takes longer than a period, and the loop leaves none behind.
        gc.collect()
        gc.freeze()
        gc.disable()
        with link:
            pipe.send(Answer(0, True, ''))
            server.run()
    except PipeClosedError:  # whoever started us has ended
        return 0
    return 0


if __name__ == '__main__':
    sys.exit(main())
