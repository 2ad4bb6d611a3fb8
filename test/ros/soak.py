# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
A long walk under fire: goals, kills of generator and bystanders, malformed messages, packet loss.

    python test/ros/soak.py --minutes 120
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
import json
from pathlib import Path
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any

from fuzzer import Fuzzer
from node_harness import (
    CONTROLLER,
    environment,
    GENERATOR,
    Process,
    ros_arguments,
    TWIN,
    User,
)
import numpy as np
from policy_gen_ros.commands.demo.domains import free_domains
from std_msgs.msg import String

GOALS = ('trot forward', 'walk forward slowly', 'trot to the left', 'pace forward',
         'trot forward with high steps', 'walk forward with a low body', 'trot backwards slowly')
BYSTANDERS = Path(__file__).with_name('bystanders.py')
PACKET_LOSS = 0.02
START_S = 120.0


class Soak:
    """
    Generator, controller and twin, with a user who asks, a fuzzer, and one who kills.

    :param rate: malformed messages a second
    """

    def __init__(self, folder: Path, seed: int = 0, rate: float = 100.0) -> None:
        ros, robot = free_domains(2)
        self._folder, self._ros, self._rate = folder, ros, rate
        self._rng = np.random.default_rng(seed)
        self.user = User(ros)
        self._twin = Process(TWIN, ['--domain-id', str(robot), '--loss', str(PACKET_LOSS)],
                             folder / 'twin.log', ros)
        self._kills = 0
        self._dead: set[bytes] = set()
        self._generator = self._start_generator()
        self._controller = Process(CONTROLLER, ros_arguments(
            domain_id=robot, network_interface='lo', clock='tick', auto_activate=True),
            folder / 'controller.log', ros)
        self._ask(GOALS[0])
        self.user.wait(lambda: self.user.controller('mode') == 'walking', 'walking', START_S)
        self._fuzzer = Fuzzer(self.user, robot, self.user.actors[-1], seed)

    def close(self) -> None:
        """End everything."""
        if hasattr(self, '_fuzzer'):
            self._fuzzer.close()
        for process in (self._controller, self._generator, self._twin):
            process.end()
        self.user.close()

    def run(self, seconds: float, goal_period_s: float = 10.0,
            kill_every: int = 6) -> dict[str, Any]:
        """
        Ask for another gait again and again.

        :param kill_every: goals between two kills of the generator, and of bystanders, about
        :return: what was done, and what came of it
        """
        before, asked, reached = self._figures(), 0, 0
        started = time.monotonic()
        while time.monotonic() - started < seconds and self.user.controller('mode') == 'walking':
            text = str(self._rng.choice([g for g in GOALS if g != self.user.controller('goal')]))
            self._ask(text)
            asked += 1
            self._fire(goal_period_s)
            reached += self.user.controller('goal') == text
            self.user.forget()
            if self._rng.random() < 1 / kill_every:
                self._dead |= self._listeners()
                self._generator.end(signal.SIGKILL)
                self._kills += 1
                bystanders = subprocess.Popen([sys.executable, BYSTANDERS],
                                              env=environment(self._ros))
                self._fire(4.0)
                bystanders.kill()
                bystanders.wait()
                self._generator = self._start_generator()
        self.user.wait(lambda: not self._twin.popen.poll(), 'the twin')
        after = self._figures()
        return {'seconds': round(time.monotonic() - started, 1), 'goals': asked,
                'goals_reached': reached, 'generator_killed': self._kills,
                'malformed_messages': dict(sorted(self._fuzzer.sent.items())),
                'malformed_messages_in_all': sum(self._fuzzer.sent.values()),
                'packet_loss': PACKET_LOSS, 'mode': self.user.controller('mode'),
                'last_trip': self.user.controller('last_trip'), 'before': before, 'after': after,
                'controller_said_last': [line for line in self._controller.text().splitlines()
                                         if 'refused' not in line][-3:],
                'tracebacks': sum(process.text().count('Traceback') for process in (
                    self._controller, self._generator, self._twin))}

    def _start_generator(self) -> Process:
        log = self._folder / f'generator{self._kills}.log'
        return Process(GENERATOR, [], log, self._ros)

    def _ask(self, text: str) -> None:
        # A killed generator's subscription outlives it by its lease.
        self.user.wait(lambda: 'policy_generator ready' in self._generator.text()
                       and self._listeners() - self._dead, 'the generator', START_S)
        self.user.text.publish(String(data=text))

    def _listeners(self) -> set[bytes]:
        return {bytes(end.endpoint_gid)
                for end in self.user.node.get_subscriptions_info_by_topic('behavior_goal')}

    def _fire(self, seconds: float) -> None:
        """Send malformed messages for a while, evenly."""
        end, due = time.monotonic() + seconds, time.monotonic()
        while (now := time.monotonic()) < end:
            if now >= due:
                self._fuzzer.send(max(1, round(self._rate / 10)))
                due += 0.1
            self.user.spin()

    def _figures(self) -> dict[str, Any]:
        names = ('guard_trips', 'swaps', 'rolled_back', 'refused', 'missed_policy_ticks',
                 'policy_ticks', 'dropped_frames')
        return {**{name: int(self.user.controller(name)) for name in names},
                'controller_mb': _memory_mb(self._controller), 'twin_mb': _memory_mb(self._twin)}


def _memory_mb(process: Process) -> float:
    for line in Path(f'/proc/{process.popen.pid}/status').read_text().splitlines():
        if line.startswith('VmRSS'):
            return int(line.split()[1]) / 1024
    raise OSError('the kernel does not say how much memory the process has')


@contextmanager
def soaking(folder: Path, **options: Any) -> Iterator[Soak]:
    """Start, and end whatever happens."""
    soak = Soak(folder, **options)
    try:
        yield soak
    finally:
        soak.close()


def main() -> None:
    """Soak and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--minutes', type=float, default=120.0)
    parser.add_argument('--seed', type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, \
            soaking(Path(folder), seed=options.seed) as soak:
        print(json.dumps(soak.run(60 * options.minutes), indent=1))


if __name__ == '__main__':
    main()
