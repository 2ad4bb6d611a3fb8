# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The doctor: what is wrong is found, with its cure, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
import json
import subprocess
import sys
import threading

import numpy as np
from policy_gen_ros.commands.main import main
from policy_gen_ros.doctor import machine, robot
from policy_gen_ros.doctor.finding import FAIL, found, OK, WARN
from policy_gen_ros.robot import go2
from policy_gen_ros.wire.frames import LowState
from policy_gen_ros.wire.link import TwinLink
import pytest


def state(tick_ms: int, battery_v: float) -> LowState:
    return LowState(
        tick_ms=tick_ms, quaternion=np.array([1.0, 0, 0, 0]), gyro=np.zeros(3),
        accelerometer=np.zeros(3), joint_pos=go2.DEFAULT_POSE_RAD, joint_vel=np.zeros(12),
        joint_torque=np.zeros(12), motor_temperature_c=np.full(12, 30.0), foot_force=np.zeros(4),
        battery_v=battery_v)


class Publisher:
    """A robot that says its state, 500 times a second."""

    def __init__(self, domain_id: int, battery_v: float) -> None:
        self._link, self._battery_v = TwinLink(domain_id, 'lo'), battery_v
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        tick_ms = 0
        while not self._stopping.wait(0.002):
            tick_ms += 2
            self._link.publish_state(state(tick_ms, self._battery_v))

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._link.close()


@pytest.fixture(params=[29.0, 24.5])
def publisher(request: pytest.FixtureRequest, domain_id: int) -> Iterator[tuple[float, int]]:
    opened = Publisher(domain_id, request.param)
    yield request.param, domain_id
    opened.close()


def test_a_robot_that_answers(publisher: tuple[float, int]) -> None:
    battery_v, domain_id = publisher
    finding = robot.check_robot('lo', domain_id)
    assert f'battery {battery_v:.1f} V' in finding.detail
    assert (finding.status, finding.cure) == ((OK, '') if battery_v > 25 else (WARN, 'charge it'))
    # By the robot's own clock; a busy machine may lose some on the way.
    assert 250 < float(finding.detail.split()[0]) <= 510


def test_a_silent_robot(domain_id: int) -> None:
    finding = robot.check_robot('lo', domain_id, timeout_s=0.2)
    assert finding.status == FAIL and 'no LowState' in finding.detail and finding.cure
    firmware = robot.check_firmware('lo', domain_id)
    assert firmware.status == WARN and 'no motion switcher' in firmware.detail


@pytest.mark.parametrize('domain', ['abc', '300'])
def test_no_such_ros_domain(domain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('ROS_DOMAIN_ID', domain)
    finding = machine.check_ros()
    assert (finding.status, finding.cure) == (FAIL, 'export ROS_DOMAIN_ID=0, or unset it')
    assert f"ROS_DOMAIN_ID is '{domain}'" in finding.detail


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
