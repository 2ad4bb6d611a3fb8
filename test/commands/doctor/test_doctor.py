# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The doctor: what is wrong is found, with its cure, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
import json
from pathlib import Path
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
from policy_gen_ros.commands.doctor import machine, robot
from policy_gen_ros.commands.doctor.finding import FAIL, found, OK, WARN
from policy_gen_ros.commands.main import main
from policy_gen_ros.deployment.wire.frames import build_low_state, LowState
from policy_gen_ros.deployment.wire.link import TwinLink
from policy_gen_ros.deployment.wire.remote import build_remote, Remote
from policy_gen_ros.domains.go2.robot import constants as go2
import pytest
from unfilled_robot import unfilled


def state(tick_ms: int, battery_v: float) -> LowState:
    return LowState(
        tick_ms=tick_ms, quaternion=np.array([1.0, 0, 0, 0]), gyro=np.zeros(3),
        accelerometer=np.zeros(3), joint_pos=go2.DEFAULT_POSE_RAD, joint_vel=np.zeros(12),
        joint_torque=np.zeros(12), motor_temperature_c=np.full(12, 30.0), foot_force=np.zeros(4),
        battery_v=battery_v)


class Publisher:
    """
    A robot that says its state.

    :param frame: of the LowState at a tick
    """

    def __init__(self, domain_id: int, frame: Callable[[int], bytes],
                 period_s: float = 0.002) -> None:
        self._link, self._frame, self._period_s = TwinLink(domain_id, 'lo'), frame, period_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        tick_ms = 0
        while not self._stopping.wait(self._period_s):
            tick_ms += 2
            self._link.publish_frame(self._frame(tick_ms))

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._link.close()


@pytest.fixture
def publish(domain_id: int) -> Iterator[Callable[..., int]]:
    """Give a function that starts a robot and returns its domain."""
    opened: list[Publisher] = []

    def start(*how: Any) -> int:
        opened.append(Publisher(domain_id, *how))
        return domain_id

    yield start
    for publisher in opened:
        publisher.close()


def heard(**changes: Any) -> robot.RobotReport:
    """Describe a robot with which all is well."""
    well = robot.RobotReport(state(1000, 29.0), rate_hz=500.0, stands_still=False,
                             empty=frozenset({'remote'}), damaged=0, others=0)
    return replace(well, **changes)


def test_a_robot_that_answers_is_counted_by_arrival(publish: Callable[..., int]) -> None:
    domain_id = publish(lambda tick_ms: build_low_state(state(tick_ms, 29.0)))
    finding = robot.check_robot('lo', domain_id)
    assert 'battery 29.0 V, no remote' in finding.detail
    # A busy machine may send and hear fewer.
    assert 100 < float(finding.detail.split()[0]) <= 520


def test_a_simulator_that_leaves_fields_empty_is_counted_too(
        publish: Callable[..., int]) -> None:
    domain_id = publish(lambda tick_ms: unfilled(build_low_state(state(tick_ms, 29.0))))
    finding = robot.check_robot('lo', domain_id)
    assert 100 < float(finding.detail.split()[0]) <= 520
    assert 'battery not reported, no remote, empty: CRC, battery voltage, foot force, motor ' \
        'temperature, tick' in finding.detail


def test_few_states_fail(publish: Callable[..., int]) -> None:
    domain_id = publish(lambda tick_ms: build_low_state(state(tick_ms, 29.0)), 0.05)
    finding = robot.check_robot('lo', domain_id)
    assert finding.status == FAIL and 'expected about 500 LowState/s' in finding.detail


def test_a_tick_that_stands_still_fails(publish: Callable[..., int]) -> None:
    domain_id = publish(lambda _: build_low_state(state(1234, 29.0)))
    finding = robot.check_robot('lo', domain_id)
    assert finding.status == FAIL and 'the tick stands still at 1234 ms' in finding.detail


@pytest.mark.parametrize(('changes', 'simulated', 'status', 'says'), [
    ({}, False, OK, '500 LowState/s, battery 29.0 V, no remote'),
    ({'state': replace(state(1, 29.0), remote=build_remote(Remote()))}, False, OK,
     'remote is there'),
    ({'state': replace(state(1, 29.0), remote=b'\xff' * 40)}, False, OK,
     'remote cannot be read'),
    ({'state': state(1, 24.5)}, False, WARN, 'nearly the limit of 24 V'),
    ({'rate_hz': 0.0}, False, FAIL, '0 LowState/s'),
    ({'rate_hz': 60.0}, True, FAIL, 'at least 100'),
    ({'rate_hz': 200.0}, True, WARN, 'expected about 500'),
    ({'rate_hz': 1000.0}, False, WARN, 'expected about 500'),
    ({'damaged': 3}, False, WARN, '3 damaged frames'),
    ({'others': 1}, False, WARN, '1 other process(es) can send LowCmd'),
    ({'state': state(0, 0.0), 'empty': frozenset({'battery voltage', 'tick'})}, False, WARN,
     'battery not reported, no remote, empty: battery voltage, tick'),
    ({'state': state(0, 0.0), 'empty': frozenset({'battery voltage', 'tick'})}, True, OK,
     'battery not reported, no remote, empty: battery voltage, tick')])
def test_what_is_made_of_a_robot(changes: dict[str, Any], simulated: bool, status: str,
                                 says: str) -> None:
    finding = robot.evaluate(heard(**changes), simulated)
    assert (finding.status, bool(finding.cure)) == (status, status != OK)
    assert says in finding.detail


def test_a_silent_robot(domain_id: int) -> None:
    finding = robot.check_robot('lo', domain_id, timeout_s=0.2)
    assert finding.status == FAIL and 'no LowState' in finding.detail
    assert 'is the robot on' in finding.cure
    assert 'Air and Pro have no low-level interface; EDU is needed' in finding.cure
    firmware = robot.check_firmware('lo', domain_id)
    assert firmware.status == WARN and 'no motion switcher' in firmware.detail


@pytest.mark.parametrize('domain', ['abc', '300'])
def test_no_such_ros_domain(domain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('ROS_DOMAIN_ID', domain)
    finding = machine.check_ros()
    assert (finding.status, finding.cure) == (FAIL, 'export ROS_DOMAIN_ID=0, or unset it')
    assert f"ROS_DOMAIN_ID is '{domain}'" in finding.detail


def test_a_robot_with_services_but_without_low_level(domain_id: int, tmp_path: Path) -> None:
    services = Path(__file__).parents[2] / 'deployment' / 'wire' / 'robot_services.py'
    log = tmp_path / 'services.log'
    with log.open('wb') as sink:
        process = subprocess.Popen([sys.executable, '-u', services, str(domain_id), 'new'],
                                   stdout=sink, stderr=subprocess.STDOUT)
    try:
        while 'ready' not in log.read_text():
            assert process.poll() is None, log.read_text()
            time.sleep(0.02)
        finding = robot.check_robot('lo', domain_id, timeout_s=0.2)
    finally:
        process.kill()
        process.wait()
    assert finding.status == FAIL and 'though its motion switcher answers' in finding.detail
    assert finding.cure.startswith('most likely this is an Air or a Pro')


def test_a_robot_of_whom_only_rubbish_comes(publish: Callable[..., int]) -> None:
    domain_id = publish(lambda tick_ms: build_low_state(state(tick_ms, 29.0))[:-1] + b'\x55')
    finding = robot.check_robot('lo', domain_id, timeout_s=0.5)
    assert finding.status == FAIL and 'damaged frames' in finding.detail


def test_interfaces() -> None:
    assert robot.check_interface('lo', real=False).status == OK
    missing = robot.check_interface('eth77', real=True)
    assert missing.status == FAIL and 'does not exist; this machine has lo' in missing.detail
    elsewhere = robot.check_interface('lo', real=True)
    assert elsewhere.status == WARN and '192.168.123.0/24' in elsewhere.detail
    assert robot.check_wire('eth77', 3).status == FAIL
    assert robot.check_wire('lo', 300).status == FAIL


def test_ros(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('RMW_IMPLEMENTATION', 'rmw_fastrtps_cpp')
    assert machine.check_ros().status == OK
    monkeypatch.setenv('RMW_IMPLEMENTATION', 'rmw_of_nobody')
    assert machine.check_ros().status == FAIL
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'SUBNET')
    assert machine.check_ros_range().status == WARN
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    assert machine.check_ros_range().status == OK


def test_a_bundle_that_is_not_there() -> None:
    finding = machine.check_bundle('nowhere')
    assert finding.status == FAIL and 'no bundle' in finding.detail


def test_a_check_that_breaks_has_found_something() -> None:
    def broken() -> None:
        raise OSError('no such\nthing')

    finding = found('it', broken)
    assert str(finding).startswith('FAIL  it: no such thing\n      cure: ')


def test_command() -> None:
    done = subprocess.run([sys.executable, '-m', 'policy_gen_ros.commands.main', 'doctor',
                           '--json', '-'], capture_output=True, text=True, timeout=120,
                          check=False)
    checks = json.loads(done.stdout)['checks']
    failed = [check for check in checks if check['status'] == 'FAIL']
    assert done.returncode == bool(failed)
    assert {'Python', 'clock', 'Unitree SDK', 'bundle', 'ROS 2 client'} <= {
        check['name'] for check in checks}
    assert failed == []
    assert done.stderr.count('\n') >= len(checks)


def test_a_real_robot_is_not_looked_for_through_a_guessed_interface(
        capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['doctor', '--real']) == 2
    assert '--real needs --interface' in capsys.readouterr().err
