# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
A controller in a process of its own that walks a twin on the wire and times itself.

The control loop, wire and swap check are those of the node; only ROS is not there.
"""

from __future__ import annotations

import policy_gen_ros.controller.one_blas_thread  # isort: skip  # noqa: F401 - before NumPy

import argparse  # noqa: I100
from collections.abc import Callable
from functools import partial
import json
from pathlib import Path
import signal
import sys
import threading
import time
from typing import Any

import numpy as np
from policy_gen_ros.actor.adaptor import Adaptor
from policy_gen_ros.controller.guards import GuardLimits
from policy_gen_ros.controller.interpreter import freeze_garbage, yield_quickly
from policy_gen_ros.controller.loop import ControlLoop
from policy_gen_ros.controller.runtime import LocomotionRuntime, WALKING
from policy_gen_ros.controller.swap import check_actor, probe_observations, SwapWorker
from policy_gen_ros.files import write_text
from policy_gen_ros.robot import go2
from policy_gen_ros.wire.frames import LowCommand, LowState, SportState
from policy_gen_ros.wire.link import RobotLink

SWAP_PERIOD_S = 0.2
OWN_S, SETTLE_S = 3.0, 1.0
"""How long each actor walks alone first, and what of that does not count: it takes over."""
_POLL_S = 0.005
_START_S = 30.0


class StopwatchLink:
    """Another link, with a stopwatch at each LowCmd that is sent while walking."""

    def __init__(self, link: RobotLink, runtime: LocomotionRuntime) -> None:
        self._link, self._runtime = link, runtime
        self.sent_s: list[float] = []
        self.policy_s: list[float] = []
        self.targets: list[np.ndarray] = []
        self.cpu_s: tuple[float, float] = (0.0, 0.0)
        self._ticks = 0

    def wait_state(self, timeout_s: float) -> LowState | None:
        """Pass on."""
        return self._link.wait_state(timeout_s)

    def latest_sport(self) -> SportState | None:
        """Pass on."""
        return self._link.latest_sport()

    def other_writers(self) -> int:
        """Pass on."""
        return self._link.other_writers()

    def rival_spoke(self) -> bool:
        """Pass on."""
        return self._link.rival_spoke()

    def send(self, command: LowCommand) -> None:
        """Pass on, and note when."""
        self._link.send(command)
        if self._runtime.mode != WALKING:
            return
        now = time.perf_counter()
        if not self.sent_s:
            self.cpu_s = (time.thread_time(), 0.0)
        self.cpu_s = (self.cpu_s[0], time.thread_time())
        self.sent_s.append(now)
        if self._runtime.policy_ticks > self._ticks:
            self._ticks = self._runtime.policy_ticks
            self.policy_s.append(now)
            self.targets.append(command.q)

    def steps_rad(self, since: int, until: int | None = None) -> np.ndarray:
        """Largest step of any joint's target from one policy step to the next. Shape: (k,)."""
        return np.abs(np.diff(np.array(self.targets[since:until]), axis=0)).max(axis=1)

    def figures(self) -> dict[str, Any]:
        """Periods, rate, and the control thread's share of a core; none after too short a walk."""
        if len(self.policy_s) < 3:
            return {}
        seconds = self.sent_s[-1] - self.sent_s[0]
        return {'control_period_ms': periods_ms(self.sent_s, go2.LOWCMD_DT_S),
                'policy_period_ms': periods_ms(self.policy_s, go2.CONTROL_DT_S),
                'lowcmd_rate_hz': (len(self.sent_s) - 1) / seconds,
                'lowcmd_cpu_share': (self.cpu_s[1] - self.cpu_s[0]) / seconds}


def periods_ms(times_s: list[float], wanted_s: float) -> dict[str, float]:
    """Median of the period, and by how much it was missed, in milliseconds."""
    period = np.diff(times_s) * 1e3
    error = np.abs(period - wanted_s * 1e3)
    return {'p50': float(np.median(period)), 'p99_error': float(np.percentile(error, 99)),
            'max_error': float(error.max())}


class Walk:
    """
    A walking controller that swaps actors.

    :param blobs: actors, the first of which walks first
    :raises TimeoutError: it does not come to walk
    """

    def __init__(self, blobs: list[bytes], adaptor: Adaptor, limits: GuardLimits, domain_id: int,
                 priority: int, stop: threading.Event) -> None:
        self._blobs, self._stop = blobs, stop
        self._runtime = LocomotionRuntime(adaptor, limits, auto_activate=True)
        self._robot = RobotLink(domain_id, 'lo')
        self.link = StopwatchLink(self._robot, self._runtime)
        self._loop = ControlLoop(self._runtime, self.link, 'wall', f'domain {domain_id}',
                                 priority=priority)
        self._worker = SwapWorker(
            partial(check_actor, adaptor=adaptor, probe=probe_observations()),
            self._runtime.slot, lambda why: print(why, file=sys.stderr))
        freeze_garbage()
        self._loop.start()
        self._worker.submit(blobs[0])
        self._wait(_START_S, lambda: self._runtime.mode == WALKING)
        if self._runtime.mode != WALKING and not stop.is_set():
            raise TimeoutError(f'the controller does not walk: {self._runtime.mode}, '
                               f'{self._runtime.last_trip}')

    def close(self) -> None:
        """Damp, and leave the wire."""
        self._loop.stop()
        self._worker.close()
        self._robot.close()

    @property
    def fell(self) -> str:
        """Which guard has ended the walk, if any."""
        return str(self._runtime.last_trip or '')

    def walk_on(self) -> None:
        """Walk until told to stop."""
        self._wait(float('inf'), lambda: bool(self.fell))

    def own_steps_rad(self) -> float:
        """Let each actor walk alone, and return the largest step of a target by any."""
        largest = 0.0
        for blob in self._blobs:
            self._worker.submit(blob)
            self._wait(SETTLE_S, lambda: bool(self.fell))
            since = len(self.link.targets)
            self._wait(OWN_S - SETTLE_S, lambda: bool(self.fell))
            largest = max(largest, float(self.link.steps_rad(since).max(initial=0.0)))
        return largest

    def swap_over_and_over(self, count: int) -> dict[str, Any]:
        """
        Swap at 5 Hz, by the clock, until so many actors have taken over.

        One that arrives while two others are still blending waits, and may be replaced.
        """
        own = self.own_steps_rad()
        since, missed = len(self.link.targets), self._loop.status().missed_ticks
        before, rolled_back = self._runtime.swaps, self._runtime.rolled_back
        due, sent = time.monotonic(), 0
        while self._runtime.swaps - before < count and not self.fell and not self._stop.is_set():
            self._worker.submit(self._blobs[sent % len(self._blobs)])
            sent, due = sent + 1, due + SWAP_PERIOD_S
            self._wait(due - time.monotonic(), lambda: bool(self.fell))
        return {'count': self._runtime.swaps - before,
                'missed_ticks': self._loop.status().missed_ticks - missed,
                'max_target_step_rad': float(self.link.steps_rad(since).max(initial=0.0)),
                'own_target_step_rad': own, 'rolled_back': self._runtime.rolled_back - rolled_back,
                'fell': self.fell}

    def _wait(self, seconds: float, done: Callable[[], bool]) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not done() and not self._stop.is_set():
            self._stop.wait(_POLL_S)


def bare_loop(stop: threading.Event) -> dict[str, Any]:
    """Sleep to absolute deadlines and do nothing else: what the kernel gives."""
    times, due = [], time.monotonic()
    while not stop.is_set():
        due += go2.LOWCMD_DT_S
        time.sleep(max(0.0, due - time.monotonic()))
        times.append(time.perf_counter())
    return {'bare_period_ms': periods_ms(times, go2.LOWCMD_DT_S)}


def walk(options: argparse.Namespace, stop: threading.Event) -> dict[str, Any]:
    """Walk and swap as asked, and return what was measured."""
    blobs = [path.read_bytes() for path in sorted(options.actors.glob('*.safetensors'))]
    yield_quickly()
    limits = GuardLimits(state_timeout_s=options.state_timeout_s)
    walking = Walk(blobs, Adaptor.load(options.adaptor), limits, options.domain_id,
                   options.priority, stop)
    try:
        print('walking', flush=True)
        if not options.swaps:
            walking.walk_on()
            return {**walking.link.figures(), 'fell': walking.fell}
        swap = walking.swap_over_and_over(options.swaps)
        return {**walking.link.figures(), 'swap': swap}
    finally:
        walking.close()


def main() -> int:
    """Run until done, SIGINT or SIGTERM; then write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('result', type=Path)
    parser.add_argument('--actors', type=Path, help='folder; without it a bare loop runs')
    parser.add_argument('--adaptor', type=Path)
    parser.add_argument('--domain-id', type=int, default=1)
    parser.add_argument('--swaps', type=int, default=0, help='0: walk until stopped')
    parser.add_argument('--priority', type=int, default=0)
    parser.add_argument('--state-timeout-s', type=float, default=GuardLimits().state_timeout_s)
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    measured = walk(options, stop) if options.actors else bare_loop(stop)
    write_text(options.result, json.dumps(measured))
    return 0


if __name__ == '__main__':
    sys.exit(main())
