# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
A controller that walks a twin on the wire, in a process of its own, and what it measured.

The control process, wire and swap check are those of the node; only ROS is not there.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
import json
from pathlib import Path
import signal
import sys
import tempfile
import threading
import time
from typing import Any

import numpy as np
from policy_gen_ros.commands.bench import stopwatch
from policy_gen_ros.commands.bench.stopwatch import periods_ms, Times
from policy_gen_ros.deployment.controller.client import ControlClient
from policy_gen_ros.deployment.controller.guards import GuardLimits
from policy_gen_ros.deployment.controller.modes import WALKING
from policy_gen_ros.deployment.controller.report import Limits, Settings
from policy_gen_ros.deployment.controller.swap import check_actor, probe_observations, SwapWorker
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.shipped import CALM_FILE
from policy_gen_ros.utils.files import write_text

SWAP_PERIOD_S = 0.2
OWN_S, SETTLE_S = 3.0, 1.0
"""How long each actor walks alone first, and what of that does not count: it takes over."""
_POLL_S = 0.005
_START_S = 30.0


class TimedWalk:
    """
    A walking controller that swaps actors.

    :param blobs: actors, the first of which walks first
    :raises TimeoutError: it does not come to walk
    """

    def __init__(self, blobs: list[bytes], adaptor: Path, limits: GuardLimits, domain_id: int,
                 priority: int, stop: threading.Event) -> None:
        self._blobs, self._stop = blobs, stop
        self._folder = tempfile.TemporaryDirectory(prefix='policy_gen_')
        self._times = Path(self._folder.name) / 'times.npz'
        calm = adaptor.with_name(CALM_FILE)
        self._control = ControlClient(
            Settings(adaptor, calm if calm.is_file() else None, domain_id, 'lo', 'wall',
                     alone=True, priority=priority, auto_activate=True),
            Limits(limits), stopwatch.MODULE, (str(self._times),))
        known = Adaptor.load(adaptor)
        self._worker = SwapWorker(
            partial(check_actor, adaptor=known, probe=probe_observations(known.latent_dim)),
            self._control.offer, lambda why: print(why, file=sys.stderr))
        self._control.start()
        self._worker.submit(blobs[0])
        self._wait(_START_S, lambda: self._control.mode == WALKING)
        if self._control.mode != WALKING and not stop.is_set():
            raise TimeoutError(f'the controller does not walk: {self._control.mode}, '
                               f'{self.fell}')

    def close(self) -> Times:
        """Damp, leave the wire, and return when LowCmd were sent."""
        self._worker.close()
        self._control.stop()
        self._control.close()
        times = Times.load(self._times)
        self._folder.cleanup()
        return times

    @property
    def fell(self) -> str:
        """Which guard has ended the walk, if any."""
        return self._control.runtime.last_trip

    def walk_on(self) -> None:
        """Walk until told to stop."""
        self._wait(float('inf'), lambda: bool(self.fell))

    def walk_alone(self) -> list[tuple[float, float]]:
        """Let each actor walk alone, and return from when to when it did."""
        walks = []
        for blob in self._blobs:
            self._worker.submit(blob)
            self._wait(SETTLE_S, lambda: bool(self.fell))
            start_s = time.monotonic()
            self._wait(OWN_S - SETTLE_S, lambda: bool(self.fell))
            walks.append((start_s, time.monotonic()))
        return walks

    def swap_over_and_over(self, count: int) -> dict[str, Any]:
        """
        Swap at 5 Hz, by the clock, until so many actors have taken over.

        One that arrives while two others are still blending waits, and may be replaced.
        """
        before, missed = self._control.runtime, self._control.loop.missed_ticks
        due, sent = time.monotonic(), 0
        while self._swaps - before.swaps < count and not self.fell and not self._stop.is_set():
            self._worker.submit(self._blobs[sent % len(self._blobs)])
            sent, due = sent + 1, due + SWAP_PERIOD_S
            self._wait(due - time.monotonic(), lambda: bool(self.fell))
        return {'count': self._swaps - before.swaps,
                'missed_ticks': self._control.loop.missed_ticks - missed,
                'rolled_back': self._control.runtime.rolled_back - before.rolled_back,
                'fell': self.fell}

    @property
    def _swaps(self) -> int:
        return self._control.runtime.swaps

    def _wait(self, seconds: float, done: Callable[[], bool]) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not done() and not self._stop.is_set():
            self._stop.wait(_POLL_S)


def bare_loop(stop: threading.Event) -> dict[str, Any]:
    """
    Sleep to absolute deadlines and do nothing else: what the kernel gives.

    :return: periods, the share of a core, and the deadlines that passed before it woke up
    """
    times, due = [], time.monotonic()
    # A thread's own time begins with the thread, long before this loop.
    started_s, cpu_s, missed = due, time.thread_time(), 0
    while not stop.is_set():
        due += go2.LOWCMD_DT_S
        time.sleep(max(0.0, due - time.monotonic()))
        now = time.monotonic()
        late = int((now - due) / go2.LOWCMD_DT_S)
        missed, due = missed + late, due + late * go2.LOWCMD_DT_S
        times.append(now)
    return {'bare_period_ms': periods_ms(np.array(times), go2.LOWCMD_DT_S),
            'bare_missed_ticks': missed,
            'bare_cpu_share': (time.thread_time() - cpu_s) / (time.monotonic() - started_s)}


def walk(options: argparse.Namespace, stop: threading.Event) -> dict[str, Any]:
    """Walk and swap as asked, and return what was measured."""
    blobs = [path.read_bytes() for path in sorted(options.actors.glob('*.safetensors'))]
    limits = GuardLimits(state_timeout_s=options.state_timeout_s)
    walking = TimedWalk(blobs, options.adaptor, limits, options.domain_id, options.priority, stop)
    print('walking', flush=True)
    if not options.swaps:
        walking.walk_on()
        return {**walking.close().figures(), 'fell': walking.fell}
    alone = walking.walk_alone()
    start_s = time.monotonic()
    swap = walking.swap_over_and_over(options.swaps)
    end_s = time.monotonic()
    times = walking.close()
    swap['max_target_step_rad'] = times.between(start_s, end_s).largest_step_rad()
    swap['own_target_step_rad'] = max(times.between(*span).largest_step_rad() for span in alone)
    return {**times.between(start_s, end_s).figures(), 'swap': swap}


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
