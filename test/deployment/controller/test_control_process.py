# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The control process on the real wire, with a puppet as the robot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import os
from pathlib import Path
import signal
import subprocess
import sys
import textwrap
import threading
import time

from controller_helpers import make_actor, make_adaptor
from policy_gen_ros.commands.bench.faults import PuppetRobot
from policy_gen_ros.deployment.controller.client import ControlClient, ControlError
from policy_gen_ros.deployment.controller.guards import GuardLimits
from policy_gen_ros.deployment.controller.report import Limits, Settings
from policy_gen_ros.deployment.controller.swap import HandOver
from policy_gen_ros.utils.tensors import save_tensors
import pytest

PATIENT = Limits(GuardLimits(state_timeout_s=1.0))
"""The puppet shares this machine's cores with other tests."""


@pytest.fixture
def settings(tmp_path: Path, domain_id: int) -> Settings:
    adaptor = tmp_path / 'adaptor.safetensors'
    save_tensors(make_adaptor().tensors(), adaptor)
    return Settings(adaptor, None, domain_id, 'lo', 'wall', alone=True, priority=0,
                    auto_activate=False)


class Robot:
    """A puppet that plays in a thread."""

    def __init__(self, domain_id: int) -> None:
        self.puppet = PuppetRobot(domain_id)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.puppet.play, daemon=True,
                                        args=[self._stopping.is_set, 120.0])
        self._thread.start()

    def wait(self, ready: Callable[[], object]) -> None:
        end = time.monotonic() + 30
        while not ready():
            assert time.monotonic() < end
            time.sleep(0.01)

    def close(self) -> None:
        self._stopping.set()
        self._thread.join(10)
        self.puppet.close()


@pytest.fixture
def robot(domain_id: int) -> Iterator[Robot]:
    made = Robot(domain_id)
    yield made
    made.close()


@pytest.fixture
def control(settings: Settings) -> Iterator[ControlClient]:
    made = ControlClient(settings, PATIENT)
    yield made
    made.close()


def stand(control: ControlClient, robot: Robot) -> None:
    control.start()
    robot.wait(lambda: control.request('stand')[0])
    robot.wait(lambda: control.mode == 'standing')


def test_it_stands_walks_and_reports(control: ControlClient, robot: Robot) -> None:
    assert control.refusal('stand').startswith('no LowState has arrived yet')
    stand(control, robot)
    assert control.request('activate') == (
        False, 'no actor has arrived; send a goal to the generator first')
    actor = make_actor(scale=0.01)
    control.offer(HandOver(actor, time.monotonic()))
    robot.wait(lambda: control.runtime.actor == actor.sha256)
    assert control.request('activate')[0]
    robot.wait(lambda: control.mode == 'walking' and robot.puppet.walks)
    control.set_command(0.5, 0.0, 0.0)
    robot.wait(lambda: control.runtime.command_from == 'cmd_vel')
    robot.wait(lambda: len(control.samples) > 20 and len(control.period_errors_s) > 200)
    assert control.loop.connected and control.loop.cpu_s > 0
    assert any('standing -> walking' in event.message for event in control.events)
    assert control.request('damp')[0]
    robot.wait(lambda: robot.puppet.limp)
    assert not control.refusal('stand')


def test_its_last_frames_damp(control: ControlClient, robot: Robot) -> None:
    stand(control, robot)
    control.stop()
    control.stop()
    robot.wait(lambda: robot.puppet.limp)
    assert robot.puppet.newest is not None and robot.puppet.newest.kd.all()
    sent = control.loop.lowcmd_sent
    control.start()
    robot.wait(lambda: control.loop.lowcmd_sent not in (0, sent))
    assert control.mode == 'damping', 'who starts it again has to ask again'


def test_when_it_is_killed_the_other_process_knows(control: ControlClient, robot: Robot) -> None:
    stand(control, robot)
    control._process.kill()
    robot.wait(lambda: control.failure)
    assert control.failure == 'the control process has ended with code -9'
    assert control.request('damp') == (False, control.failure)


def test_when_it_is_asked_to_end_it_damps_first(control: ControlClient, robot: Robot) -> None:
    stand(control, robot)
    control._process.terminate()
    robot.wait(lambda: control.failure)
    robot.wait(lambda: robot.puppet.limp)
    assert control.failure == 'the control process has ended'
    assert robot.puppet.newest is not None and robot.puppet.newest.kd.all()


def test_when_the_other_process_is_killed_it_damps_and_ends(settings: Settings, robot: Robot,
                                                            tmp_path: Path) -> None:
    script = tmp_path / 'owner.py'
    script.write_text(textwrap.dedent(f"""
        from pathlib import Path
        import time
        from policy_gen_ros.deployment.controller.client import ControlClient
        from policy_gen_ros.deployment.controller.guards import GuardLimits
        from policy_gen_ros.deployment.controller.report import Limits, Settings

        control = ControlClient(
            Settings(Path({str(settings.adaptor)!r}), None, {settings.domain_id}, 'lo', 'wall',
                     alone=True, priority=0, auto_activate=False),
            Limits(GuardLimits(state_timeout_s=1.0)))
        control.start()
        while not control.request('stand')[0]:
            time.sleep(0.05)
        while control.mode != 'standing':
            time.sleep(0.05)
        print(control._process.pid, flush=True)
        time.sleep(120)
        """))
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE,
                          text=True) as owner:
        assert owner.stdout
        child = int(owner.stdout.readline())
        assert not robot.puppet.limp
        owner.send_signal(signal.SIGKILL)
        robot.wait(lambda: robot.puppet.limp)
        assert robot.puppet.newest is not None and robot.puppet.newest.kd.all()
        robot.wait(lambda: not _lives(child))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # Nobody may be there to take note of its end.
    return '\nState:\tZ' not in Path(f'/proc/{process}/status').read_text()


def test_a_second_controller_is_refused(control: ControlClient, settings: Settings) -> None:
    control.start()
    second = ControlClient(settings, PATIENT)
    with pytest.raises(ControlError, match='another controller is sending LowCmd on domain'):
        second.start()
    second.close()


def test_what_it_cannot_be_started_with_is_named(settings: Settings, tmp_path: Path) -> None:
    settings.adaptor.write_text('no weights')
    with pytest.raises(ControlError, match='is not safetensors'):
        ControlClient(settings, PATIENT)
