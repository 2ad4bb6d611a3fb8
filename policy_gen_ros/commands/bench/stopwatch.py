# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The control process with a stopwatch at each LowCmd that it sends while walking."""

from __future__ import annotations

import policy_gen_ros.deployment.controller.one_blas_thread  # isort: skip  # noqa: F401 - before NumPy

from dataclasses import dataclass  # noqa: I100
from pathlib import Path
import sys
import time
from typing import Any

import numpy as np
from policy_gen_ros.deployment.controller.control_process import main as control
from policy_gen_ros.deployment.controller.modes import WALKING
from policy_gen_ros.deployment.controller.runtime import LocomotionRuntime
from policy_gen_ros.deployment.wire.frames import LowCommand
from policy_gen_ros.deployment.wire.link import RobotLink
from policy_gen_ros.domains.go2.robot import constants as go2

MODULE = __name__ if __name__ != '__main__' else 'policy_gen_ros.commands.bench.stopwatch'


class StopwatchLink(RobotLink):
    """
    A link that notes when it sends.

    :param runtime: tells when the robot walks, and when a policy step was made
    """

    def __init__(self, domain_id: int, interface: str | None, runtime: LocomotionRuntime) -> None:
        super().__init__(domain_id, interface)
        self._runtime = runtime
        self._sent_s: list[float] = []
        self._cpu_s: list[float] = []
        self._policy_s: list[float] = []
        self._targets: list[np.ndarray] = []
        self._ticks = 0

    def send(self, command: LowCommand) -> None:
        """Send, and note when, and what the thread has computed so far."""
        super().send(command)
        if self._runtime.mode != WALKING:
            return
        now = time.monotonic()
        self._sent_s.append(now)
        self._cpu_s.append(time.thread_time())
        if self._runtime.walk.policy_ticks > self._ticks:
            self._ticks = self._runtime.walk.policy_ticks
            self._policy_s.append(now)
            self._targets.append(command.q)

    def save(self, path: Path) -> None:
        """Write what :class:`Times` reads."""
        np.savez(path, sent_s=self._sent_s, cpu_s=self._cpu_s, policy_s=self._policy_s,
                 targets=np.array(self._targets).reshape(-1, go2.NUM_JOINTS))


@dataclass(frozen=True, eq=False)
class Times:
    """
    When LowCmd were sent, by :func:`time.monotonic`.

    Shapes: (ticks,), (ticks,), (steps,) s, and (steps, 12) rad.
    """

    sent_s: np.ndarray
    cpu_s: np.ndarray
    policy_s: np.ndarray
    targets: np.ndarray

    @classmethod
    def load(cls, path: Path) -> Times:
        """Read what the control process has written at its end."""
        with np.load(path) as stored:
            return cls(**{name: stored[name] for name in stored})

    def between(self, start_s: float, end_s: float) -> Times:
        """Return what was sent in a time."""
        ticks = (self.sent_s >= start_s) & (self.sent_s < end_s)
        steps = (self.policy_s >= start_s) & (self.policy_s < end_s)
        return Times(self.sent_s[ticks], self.cpu_s[ticks], self.policy_s[steps],
                     self.targets[steps])

    def largest_step_rad(self) -> float:
        """Return the largest step of any joint's target from one policy step to the next."""
        return float(np.abs(np.diff(self.targets, axis=0)).max(initial=0.0))

    def figures(self) -> dict[str, Any]:
        """Periods, rate, and the loop's share of a core; none after too short a walk."""
        if len(self.policy_s) < 3:
            return {}
        seconds = self.sent_s[-1] - self.sent_s[0]
        return {'control_period_ms': periods_ms(self.sent_s, go2.LOWCMD_DT_S),
                'policy_period_ms': periods_ms(self.policy_s, go2.CONTROL_DT_S),
                'lowcmd_rate_hz': float((len(self.sent_s) - 1) / seconds),
                'lowcmd_cpu_share': float((self.cpu_s[-1] - self.cpu_s[0]) / seconds)}


def periods_ms(times_s: np.ndarray, wanted_s: float) -> dict[str, float]:
    """
    Median of the period, by how much it was missed, in milliseconds, and what was left out.

    :return: ``missed`` counts the periods that should have begun and did not
    """
    period = np.diff(times_s)
    error = np.abs(period - wanted_s)
    return {'p50': float(np.median(period)) * 1e3,
            'p99_error': float(np.percentile(error, 99)) * 1e3,
            'max_error': float(error.max()) * 1e3,
            'missed': int(np.maximum(0, np.round(period / wanted_s) - 1).sum())}


def main() -> int:
    """Run the control process; the second argument is where its times are written at its end."""
    links: list[StopwatchLink] = []

    def join(domain_id: int, interface: str | None, runtime: LocomotionRuntime) -> StopwatchLink:
        links.append(StopwatchLink(domain_id, interface, runtime))
        return links[0]

    code = control(join)
    for link in links:
        link.save(Path(sys.argv[2]))
    return code


if __name__ == '__main__':
    sys.exit(main())
