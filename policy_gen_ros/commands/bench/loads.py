# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The control loop of the real node while other things go on, beside a loop that only sleeps.

Generator, controller and twin are processes of their own, as in the demo; the figures are those of
the controller's diagnostics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, ExitStack
import json
import os
from pathlib import Path
import tempfile
import time
from types import MappingProxyType
from typing import Any

from policy_gen_ros.commands.demo.children import Child
from policy_gen_ros.commands.demo.domains import free_domains
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.goals.sequence import parse_sequence
from policy_gen_ros.ros.director import CONTROLLER, Director, DirectorError
from policy_gen_ros.utils.progress import progress

PHASE_S, BETWEEN_S = 20.0, 1.5
CALLS, REHEARSING_S = 20, 0.3
"""Of each service while the generator is busy; so long after a goal it surely is."""
_START_S, _WALK_S = 90.0, 30.0
_COUNTERS = ('lowcmd_sent', 'missed_ticks', 'policy_ticks', 'missed_policy_ticks', 'guard_trips')


def loads(goals: Sequence[str], rehearsals: int, bundle: Path, phase_s: float = PHASE_S,
          parameters: Mapping[str, object] = MappingProxyType({}),
          ) -> tuple[dict[str, dict[str, Any]], dict[str, list[float]]]:
    """
    Walk for a while idle, under a flood of messages, and while goals are rehearsed.

    At last call the services ``stop`` and ``damp`` while goals are rehearsed.

    :param goals: sentences, of which the first is walked at first
    :param rehearsals: how many goals are sent in the last phase, each rehearsed
    :param phase_s: how long the other phases last
    :param parameters: of the controller
    :return: for each phase, of the loop and of the bare loop beside it: share of a core, p99 of
        the error of a period in ms, and missed ticks; late policy steps; tripped guards. And for
        each service, milliseconds until it answered
    :raises DemoError: a process ended early
    :raises DirectorError: the robot does not come to walk
    """
    with _LoadedNodes(bundle, parameters) as stage:
        stage.ask(goals[0])
        stage.director.wait(lambda: stage.director.mode == 'walking', _WALK_S, 'standing up')
        found = {}
        for name, phase in progress(
                {'idle': lambda: stage.rest(phase_s), 'flood': lambda: stage.flood(phase_s),
                 'rehearsal': lambda: stage.rehearse(goals, rehearsals)}.items(),
                about='loads', unit='phase'):
            stage.walk_again()
            with stage.measured() as figures:
                figures['refused'] = phase() or 0
            found[name] = figures
        return found, stage.call_services(goals, min(rehearsals, CALLS))


class _LoadedNodes:
    """The processes, and a user."""

    def __init__(self, bundle: Path, parameters: Mapping[str, object]) -> None:
        self._bundle, self._parameters = bundle, parameters
        self._stack = ExitStack()

    def __enter__(self) -> _LoadedNodes:
        ros_domain, robot_domain = free_domains(2)
        os.environ.pop('ROS_LOCALHOST_ONLY', None)  # it would override the discovery range
        os.environ.update(ROS_DOMAIN_ID=str(ros_domain), RMW_IMPLEMENTATION='rmw_fastrtps_cpp',
                          ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST')
        with ExitStack() as stack:
            self._folder = Path(stack.enter_context(
                tempfile.TemporaryDirectory(prefix='policy_gen_')))
            bundle = ['-p', f'bundle:={self._bundle.absolute()}']
            more = [text for name, value in self._parameters.items()
                    for text in ('-p', f'{name}:={value}')]
            children = [self._child(stack, *each) for each in (
                ('go2_twin', 'policy_gen_ros.deployment.twin.process',
                 ['--domain-id', str(robot_domain)]),
                ('policy_generator', 'policy_gen_ros.ros.policy_generator',
                 ['--ros-args', '-p', 'rehearse:=best_of_k', *bundle]),
                ('locomotion_controller', 'policy_gen_ros.ros.locomotion_controller',
                 ['--ros-args', '-p', f'domain_id:={robot_domain}', '-p', 'auto_activate:=true',
                  *bundle, *more]))]

            def monitor() -> None:
                for child in children:
                    child.check()

            self.director = Director(monitor)
            stack.callback(self.director.close)
            self.director.wait_until_up(_START_S)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _child(self, stack: ExitStack, name: str, module: str, arguments: list[str]) -> Child:
        child = Child(name, module, arguments, self._folder, dict(os.environ))
        stack.callback(child.stop)
        return child

    def ask(self, goal: str) -> None:
        """Send a goal, and wait until it walks."""
        actor, _ = self.director.send(parse_sequence(goal).steps[0])
        self.director.wait_for_swap(actor)

    def walk_again(self) -> None:
        """Let the robot walk, also where a guard has ended the walk before."""
        self.rest(BETWEEN_S)
        if self.director.mode == 'walking':
            return
        for wish, reached in (('damp', 'damping'), ('stand', 'standing'), ('activate', 'walking')):
            if why_not := self.director.request(wish):
                raise DirectorError(f'{wish}: {why_not}')
            # The next wish is refused before that, also where the answer has come.
            self._wait_for(reached)

    def _wait_for(self, mode: str) -> None:
        self.director.wait(lambda: self.director.mode == mode, _WALK_S, mode)

    def rest(self, seconds: float) -> None:
        """Serve callbacks for a while."""
        end = time.monotonic() + seconds
        self.director.wait(lambda: time.monotonic() >= end, seconds + 60.0, 'waiting')

    def flood(self, seconds: float) -> None:
        """Let another process send as much as it can."""
        with ExitStack() as stack:
            self._child(stack, 'flood', 'policy_gen_ros.ros.flood', [])
            self.rest(seconds)

    def rehearse(self, goals: Sequence[str], count: int) -> int:
        """Send goals one after the other; return how many were refused."""
        refused = 0
        for number in range(count):
            try:
                self.ask(goals[number % len(goals)])
            except DirectorError:  # no candidate qualified
                refused += 1
            self.rest(BETWEEN_S)
        return refused

    def call_services(self, goals: Sequence[str], count: int) -> dict[str, list[float]]:
        """Return milliseconds from each call while a goal is rehearsed to its answer."""
        answered_ms: dict[str, list[float]] = {'stop': [], 'damp': []}
        for number in progress(range(count), about='services', unit='call'):
            for wish, times in answered_ms.items():
                self.walk_again()
                self.director.publish(parse_sequence(goals[number % len(goals)]).steps[0])
                self.rest(REHEARSING_S)
                # Where a guard has just ended the walk, the answer is that there is none to end.
                times.append(1e3 * self.director.timed_request(wish)[1])
                self.rest(BETWEEN_S)
        return answered_ms

    @contextmanager
    def measured(self) -> Iterator[dict[str, Any]]:
        """Fill in what the controller and a bare loop did meanwhile."""
        result = self._folder / 'bare.json'
        figures: dict[str, Any] = {}
        with ExitStack() as stack:
            bare = self._child(stack, 'bare', 'policy_gen_ros.commands.bench.walk_process',
                               [str(result)])
            before = self._newest()
            yield figures
            after = self._newest()
            bare.stop()
        figures |= {name: int(after[name]) - int(before[name]) for name in _COUNTERS}
        ticks = figures['lowcmd_sent'] + figures['missed_ticks']
        cpu_s = float(after['control_cpu_s']) - float(before['control_cpu_s'])
        figures |= {'cpu_share': cpu_s / (ticks * go2.LOWCMD_DT_S),
                    'period_error_p99_ms': float(after['period_error_p99_ms']),
                    'mode': after['mode'], **json.loads(result.read_text())}

    def _newest(self) -> dict[str, str]:
        """Wait for the next status, so that all of its figures are of one moment."""
        sent = self.director.status[CONTROLLER]['lowcmd_sent']
        self.director.wait(lambda: self.director.status[CONTROLLER]['lowcmd_sent'] != sent, 10.0,
                           "the controller's diagnostics")
        return self.director.status[CONTROLLER]
