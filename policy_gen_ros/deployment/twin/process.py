# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
``go2_twin``: a process that looks like a Go2 to anything on Unitree's wire.

On a loaded machine it slows down instead of dropping time: physics that cannot keep up, or a
controller that answers late, hold simulated time back.
"""

from __future__ import annotations

import argparse
from contextlib import closing, ExitStack
from dataclasses import replace
import math
from pathlib import Path
import signal
import sys
import time
from typing import Protocol

import numpy as np
from policy_gen_ros.deployment.twin.remote import HELP, open_remote, REMOTES, TwinRemote
from policy_gen_ros.deployment.twin.simulated import SimulatedGo2
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.frames import LowCommand, LowState
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.twin.heights import FLAT, grounds_of
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation
from policy_gen_ros.domains.go2.twin.realism import (
    add_realism_options,
    perturbation_of,
    Wire,
    wire_of,
)
from policy_gen_ros.utils.files import atomic_write

STEPS_PER_PERIOD = round(go2.CONTROL_DT_S / go2.LOWCMD_DT_S)
REPEAT_AFTER_S = 0.5
"""Lockstep: a state that nobody answered for so long goes out again."""
MAX_LEAD_STEPS = STEPS_PER_PERIOD
"""Free running: so far simulated time may run ahead of the newest command, 20 ms."""
GIVE_UP_S = 0.5
"""Free running: a controller that is silent for so long of wall time counts as gone."""
MAX_CATCH_UP_S = 0.01
_DISCOVERY_S = 0.3
_POLL_S = 0.1


class MakeTwin(Protocol):
    """Makes the robot in some engine."""

    def __call__(self, standing: bool, perturbation: Perturbation, seed: int) -> SimulatedGo2:
        """Start on the feet, or lying."""


class Pacer:
    """
    Keeps simulated time from running ahead of wall time, with absolute deadlines.

    Up to :data:`MAX_CATCH_UP_S` of delay is made up for; beyond that the schedule moves, so the
    twin runs slower than real time instead of rushing through what it missed.

    :param factor: simulated seconds per wall second; 0 does not wait at all
    """

    def __init__(self, factor: float) -> None:
        self.factor = factor
        self._due_s = time.monotonic()

    def wait(self, simulated_s: float) -> None:
        """Sleep until this much more simulated time may have passed."""
        if self.factor == 0:
            return
        self._due_s += simulated_s / self.factor
        ahead_s = self._due_s - time.monotonic()
        if ahead_s > 0:
            time.sleep(ahead_s)
        elif ahead_s < -MAX_CATCH_UP_S:
            self._due_s = time.monotonic() - MAX_CATCH_UP_S


class PoseRecording:
    """
    Pose and contacts at 50 Hz, and the ground.

    Arrays: ``time_s`` (n,), ``qpos`` (n, 19) with poses along the ground, ``contact`` (n, 4);
    ``slope`` (4,), the quaternion (w, x, y, z) from along the ground to level; ``heights``
    (10, 10), m, a period of the ground (:mod:`~policy_gen_ros.domains.go2.twin.platforms`).
    """

    def __init__(self, twin: SimulatedGo2) -> None:
        grounds = grounds_of(twin.drawn)
        self._slope, self._heights = twin.slope, FLAT if grounds is None else grounds[0]
        self._rows: list[tuple[float, np.ndarray, np.ndarray]] = []

    def add(self, twin: SimulatedGo2) -> None:
        """Append the twin's present state."""
        self._rows.append((twin.time_s, twin.pose(), twin.contacts()))

    def save(self, path: Path) -> None:
        """Write the arrays; the file is whole or absent."""
        def write(partial: Path) -> None:
            with partial.open('wb') as file:  # a path would be given an ending
                np.savez_compressed(
                    file, time_s=np.array([row[0] for row in self._rows]),
                    qpos=np.array([row[1] for row in self._rows]).reshape(len(self._rows), -1),
                    contact=np.array([row[2] for row in self._rows], bool).reshape(-1, 4),
                    slope=self._slope, heights=self._heights)

        atomic_write(path, write)


class TwinProcess:
    """A simulated robot on the wire, in real time or in lockstep with a controller."""

    def __init__(self, options: argparse.Namespace, make_twin: MakeTwin,
                 remote: TwinRemote) -> None:
        # Here rather than on top, so that --help and bad options need no middleware.
        from policy_gen_ros.deployment.wire.link import TwinLink

        self.options = options
        self.twin = make_twin(options.standing, perturbation_of(options), options.seed)
        self._wire, self._rng = wire_of(options), np.random.default_rng([options.seed, 2])
        self._remote = remote
        self.link = TwinLink(options.domain_id, options.interface)
        self.recording = PoseRecording(self.twin)
        self.stopping = False
        self._steps = 0
        self._commanded_step = -1
        self._started_s = 0.0

    def claim_the_wire(self) -> None:
        """
        Make sure that nobody else plays the robot here.

        :raises WireError: another robot or twin publishes its state
        """
        deadline_s = time.monotonic() + _DISCOVERY_S
        while time.monotonic() < deadline_s:
            if self.link.other_robots():
                raise WireError(
                    f'another robot already publishes rt/lowstate on domain '
                    f'{self.options.domain_id}, interface {self.options.interface}; stop it or '
                    f'choose another --domain-id')
            time.sleep(0.02)

    def run(self) -> None:
        """
        Play the robot until told to stop or until ``--seconds`` of simulated time have passed.

        Writes the recording when it ends, also when it ends with an error.
        """
        self._started_s = time.monotonic()
        pacer = Pacer(self.options.real_time_factor)
        try:
            while not self._finished():
                if self.options.lockstep:
                    self._lockstep_period(pacer)
                else:
                    self._free_step(pacer)
        finally:
            if self.options.record is not None:
                self.recording.save(self.options.record)

    def _finished(self) -> bool:
        seconds = self.options.seconds
        return self.stopping or (seconds is not None and self.twin.time_s >= seconds - 1e-9)

    def _free_step(self, pacer: Pacer) -> None:
        command = self.link.take_command() or self._wait_for_controller()
        if command is not None and not self._wire.loses(self._rng):
            self.twin.command(command)
            self._commanded_step = self._steps
        self._step()
        if not self._wire.loses(self._rng):
            time.sleep(self._wire.late_s(self._rng))
            self.link.publish_state(self._state())
        self._after_period()
        pacer.wait(go2.LOWCMD_DT_S)

    def _wait_for_controller(self) -> LowCommand | None:
        """Hold simulated time while a controller that was there is late: it has no more cores."""
        lead = self._steps - self._commanded_step
        if self._commanded_step < 0 or lead < MAX_LEAD_STEPS or self.stopping:
            return None
        command = self.link.wait_command(GIVE_UP_S)
        if command is None:  # dead rather than late: let the robot notice
            self._commanded_step = -1
        return command

    def _lockstep_period(self, pacer: Pacer) -> None:
        self.link.take_command()  # what came before the state cannot be the answer to it
        state = self._state()
        self.link.publish_state(state)
        repeat_s = time.monotonic() + REPEAT_AFTER_S
        while (command := self.link.wait_command(_POLL_S)) is None:
            if self.stopping:
                return
            if time.monotonic() >= repeat_s:
                self.link.publish_state(state)
                repeat_s = time.monotonic() + REPEAT_AFTER_S
        self.twin.command(command)
        for _ in range(STEPS_PER_PERIOD):
            self._step()
        self._after_period()
        pacer.wait(go2.CONTROL_DT_S)

    def _state(self) -> LowState:
        return replace(self.twin.state(), remote=self._remote.read())

    def _step(self) -> None:
        self.twin.step()
        self._steps += 1

    def _after_period(self) -> None:
        # 50 Hz is enough for the ground truth: nobody controls on it, and the controller passes
        # it on as odometry once a control period.
        if self._steps % STEPS_PER_PERIOD:
            return
        self.link.publish_sport(self.twin.sport())
        if self.options.record is not None:
            self.recording.add(self.twin)

    def summary(self) -> str:
        """One line: how far it ran, how fast, what it heard."""
        wall_s = max(time.monotonic() - self._started_s, 1e-9) if self._started_s else 0.0
        factor = self.twin.time_s / wall_s if wall_s else 0.0
        return (f'go2_twin: {self.twin.time_s:.2f} s simulated in {wall_s:.2f} s '
                f'(real-time factor {factor:.2f}), {self.link.commands_seen} commands, '
                f'{self.link.rejected_frames} rejected')


def parse_options(argv: list[str] | None = None) -> argparse.Namespace:
    """Command line of ``go2_twin``; exits with status 2 and a message on a bad one."""
    parser = argparse.ArgumentParser(
        prog='go2_twin',
        description="A Go2 in MuJoCo that looks like a robot on Unitree's wire.")
    parser.add_argument('--domain-id', type=int, default=1,
                        help='DDS domain of the robot wire (default 1, as simulators use)')
    parser.add_argument('--interface', default='lo', help='network interface (default lo)')
    parser.add_argument('--lockstep', action='store_true',
                        help='one state, then exactly one command, then 20 ms of physics')
    parser.add_argument('--standing', action='store_true',
                        help='start standing in the default pose instead of lying')
    parser.add_argument('--seed', type=int, default=0, help='of the start pose (default 0)')
    parser.add_argument('--real-time-factor', type=float, default=1.0,
                        help='highest speed; 0 with --lockstep means as fast as possible')
    parser.add_argument('--record', type=Path, metavar='PATH.npz',
                        help='write time_s, qpos and contact at 50 Hz there when it ends')
    parser.add_argument('--remote', choices=REMOTES, default='rest',
                        help="the operator's: rest, nobody touches it (default); keyboard, keys "
                        'of this terminal; topic, what comes on rt/wirelesscontroller; none')
    parser.add_argument('--seconds', type=float,
                        help='end after this much simulated time (default: run until stopped)')
    add_realism_options(parser)
    options = parser.parse_args(argv)
    factor = options.real_time_factor
    if not 0 <= factor < math.inf or (factor == 0 and not options.lockstep):
        parser.error('--real-time-factor must be above 0, or 0 together with --lockstep, got '
                     f'{factor}')
    if options.lockstep and wire_of(options) != Wire():
        parser.error('--loss and --jitter need a wire that does not wait: leave --lockstep away')
    if options.seconds is not None and not options.seconds > 0:
        parser.error(f'--seconds must be above 0, got {options.seconds}')
    if options.seed < 0:
        parser.error(f'--seed must be 0 or more, got {options.seed}')
    if options.record is not None and not options.record.absolute().parent.is_dir():
        parser.error(f'--record: folder {options.record.absolute().parent} does not exist')
    return options


def in_mujoco(standing: bool, perturbation: Perturbation, seed: int) -> SimulatedGo2:
    """Make the usual twin."""
    from policy_gen_ros.deployment.twin.go2_twin import Go2Twin

    return Go2Twin(standing=standing, perturbation=perturbation, seed=seed)


def main(argv: list[str] | None = None, make_twin: MakeTwin = in_mujoco) -> int:
    """
    Entry point of the executable. SIGINT and SIGTERM end it cleanly; SIGUSR1 reports.

    :param make_twin: of another engine than MuJoCo
    """
    options = parse_options(argv)
    process = None
    ended = []

    def stop(*_: object) -> None:
        ended.append(True)
        if process is not None:
            process.stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        with ExitStack() as stack:
            remote = stack.enter_context(closing(open_remote(
                options.remote, options.domain_id, options.interface)))
            process = TwinProcess(options, make_twin, remote)
            stack.callback(process.link.close)
            process.claim_the_wire()
            process.stopping = bool(ended)
            signal.signal(signal.SIGUSR1, lambda *_: print(process.summary(), flush=True))
            print(f'go2_twin ready: domain {options.domain_id} on {options.interface}', flush=True)
            if options.remote == 'keyboard':
                print(HELP, flush=True)
            process.run()
            print(process.summary(), flush=True)
    except (WireError, OSError) as error:
        print(f'go2_twin: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
