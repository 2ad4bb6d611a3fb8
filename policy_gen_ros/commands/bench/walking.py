# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A controller and a twin beside this process, on a wire of their own, and what they measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, ExitStack
import json
import os
from pathlib import Path
import tempfile
import time
from typing import Any

from policy_gen_ros.commands.bench.faults import Fault, PuppetRobot
from policy_gen_ros.commands.demo.children import Child, DemoError
from policy_gen_ros.commands.demo.domains import free_domains
from policy_gen_ros.deployment.controller.guards import GuardLimits
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.utils.progress import progress

_START_S, _POLL_S = 60.0, 0.1
_WALK_S, _ANSWER_S = 0.5, 5.0
_SWAPS_PER_S = 5
_STATE_TIMEOUT_S = GuardLimits().state_timeout_s
_PROCESS = f'{__package__}.walk_process'


@contextmanager
def walking_robot(actor: ActorWeights, adaptor: Path,
                  state_timeout_s: float = _STATE_TIMEOUT_S) -> Iterator[dict[str, Any]]:
    """
    Let a controller walk a twin meanwhile.

    :param adaptor: file
    :param state_timeout_s: the controller's limit for the age of a LowState
    :return: filled at the end, see :mod:`policy_gen_ros.commands.bench.walk_process`
    :raises DemoError: one of the two ended early
    """
    measured: dict[str, Any] = {}
    with _WalkProcesses([actor], adaptor, 0, 0, state_timeout_s) as stage:
        yield measured
        measured.update(stage.finish())


def swaps_while_walking(actors: Sequence[ActorWeights], adaptor: Path, count: int,
                        priority: int = 0,
                        state_timeout_s: float = _STATE_TIMEOUT_S) -> dict[str, Any]:
    """
    Swap actors 5 times a second while walking, beside a loop that only sleeps.

    :param priority: see :class:`policy_gen_ros.deployment.controller.loop.ControlLoop`
    :param state_timeout_s: the controller's limit for the age of a LowState
    :return: periods, rate and share of a core; ``swap``; and the periods of the bare loop
    :raises DemoError: a process ended early
    """
    with _WalkProcesses(actors, adaptor, count, priority, state_timeout_s) as stage:
        stage.wait_for_end()
        return {**stage.finish(), **stage.bare()}


def answer_to(fault: Fault, actor: ActorWeights, adaptor: Path,
              state_timeout_s: float = _STATE_TIMEOUT_S) -> tuple[float, str]:
    """
    Let a controller walk a puppet in which something goes wrong.

    :param state_timeout_s: the controller's limit for the age of a LowState
    :return: seconds from the fault to the first LowCmd that holds no position, and what the guard
        reported
    :raises DemoError: the controller did not walk, or did not answer
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix='policy_gen_')))
        domain, result = free_domains(1)[0], folder / 'walk.json'
        robot = PuppetRobot(domain)
        stack.callback(robot.close)
        controller = _start_controller(result, domain, [actor], adaptor, state_timeout_s)
        stack.callback(controller.stop)
        if robot.play(lambda: robot.walks, _START_S) is None:
            controller.check()
            raise DemoError(f'the controller does not walk:\n{controller.tail()}')
        robot.play(lambda: robot.limp, _WALK_S)
        seconds = robot.play(lambda: robot.limp, _ANSWER_S, fault)
        if seconds is None:
            raise DemoError(f'no answer to: {fault.name}:\n{controller.tail()}')
        controller.stop()
        if not result.exists():
            raise DemoError(f'the controller ended without a result, after: {fault.name}:\n'
                            f'{controller.tail()}')
        reason: str = json.loads(result.read_text())['fell']
        return seconds, reason


def _start_controller(result: Path, domain_id: int, actors: Sequence[ActorWeights], adaptor: Path,
                      state_timeout_s: float, *options: str) -> Child:
    """Start the controller process, with its actors beside the result that it will write."""
    folder = result.parent
    for number, actor in enumerate(actors):
        (folder / f'{number:03d}.safetensors').write_bytes(actor.to_bytes())
    return Child('controller', _PROCESS, [
        str(result), '--domain-id', str(domain_id), '--actors', str(folder), '--adaptor',
        str(adaptor.absolute()), '--state-timeout-s', str(state_timeout_s), *options],
        folder, dict(os.environ))


class _WalkProcesses:
    """Twin, controller and, for swaps, the bare loop."""

    def __init__(self, actors: Sequence[ActorWeights], adaptor: Path, swaps: int,
                 priority: int, state_timeout_s: float) -> None:
        self._actors, self._adaptor = actors, adaptor
        self._swaps, self._priority = swaps, priority
        self._state_timeout_s = state_timeout_s
        self._stack = ExitStack()

    def __enter__(self) -> _WalkProcesses:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix='policy_gen_')))
            self._results = folder / 'walk.json', folder / 'bare.json'
            domain = free_domains(1)[0]

            def keep(child: Child) -> Child:
                stack.callback(child.stop)
                return child

            self._twin = keep(Child('go2_twin', 'policy_gen_ros.deployment.twin.process',
                                    ['--domain-id', str(domain)], folder, dict(os.environ)))
            if self._swaps:
                self._bare = keep(Child('bare', _PROCESS, [str(self._results[1])], folder,
                                        dict(os.environ)))
            self._walk = keep(_start_controller(
                self._results[0], domain, self._actors, self._adaptor, self._state_timeout_s,
                '--swaps', str(self._swaps), '--priority', str(self._priority)))
            end = time.monotonic() + _START_S
            while not self._walk.says('walking') and time.monotonic() < end:
                self._check()
                time.sleep(_POLL_S)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _check(self) -> None:
        for child in (self._twin, self._walk):
            child.check()

    def wait_for_end(self) -> None:
        """Wait until the controller has written what it measured."""
        expected_s = self._swaps // _SWAPS_PER_S
        started = time.monotonic()
        with progress(total=expected_s, about='swapping', unit='s') as bar:
            while not self._results[0].exists():
                time.sleep(_POLL_S)
                bar.update(min(int(time.monotonic() - started), expected_s) - bar.n)
                try:
                    self._check()
                except DemoError:
                    if not self._results[0].exists():
                        raise

    def finish(self) -> dict[str, Any]:
        """Stop the controller, and return what it measured."""
        self._walk.stop()
        measured: dict[str, Any] = json.loads(self._results[0].read_text())
        return measured

    def bare(self) -> dict[str, Any]:
        """Stop the bare loop, and return its periods."""
        self._bare.stop()
        measured: dict[str, Any] = json.loads(self._results[1].read_text())
        return measured
