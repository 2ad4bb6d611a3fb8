# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The twin as a model, and as a process on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import signal
import subprocess
import sys
import time

import numpy as np
from policy_gen_ros.deployment.twin.go2_twin import Go2Twin
from policy_gen_ros.deployment.twin.process import Pacer, parse_options
from policy_gen_ros.deployment.twin.simulated import COMMAND_TIMEOUT_S
from policy_gen_ros.deployment.wire.frames import build_low_state, LowCommand
from policy_gen_ros.deployment.wire.link import RobotLink
from policy_gen_ros.domains.go2.robot import constants as go2
import pytest

STANDING_HEIGHT_M = 0.30
STAND = LowCommand.hold(go2.DEFAULT_POSE_RAD, go2.KP_STAND, go2.KD_STAND)


def rising(start: np.ndarray, share: float) -> LowCommand:
    pose = start + min(share, 1.0) * (go2.DEFAULT_POSE_RAD - start)
    return LowCommand.hold(pose, go2.KP_STAND, go2.KD_STAND)


def steps(twin: Go2Twin, count: int) -> None:
    for _ in range(count):
        twin.step()


def test_it_starts_lying_at_rest() -> None:
    twin = Go2Twin()
    start = twin.state()
    assert start.tick_ms == 0
    assert twin.data.qpos[2] < 0.1
    assert start.accelerometer[2] == pytest.approx(9.81, abs=0.5)
    steps(twin, 500)
    np.testing.assert_allclose(twin.state().joint_pos, start.joint_pos, atol=0.03)
    assert go2.gravity_in_body(twin.state().quaternion)[2] < -0.98


def test_it_starts_standing_and_holds_until_commanded() -> None:
    twin = Go2Twin(standing=True)
    steps(twin, 500)
    assert twin.data.qpos[2] == pytest.approx(STANDING_HEIGHT_M, abs=0.03)
    assert twin.contacts().all()
    assert twin.state().foot_force.sum() == pytest.approx(go2.MASS_KG * 9.81, rel=0.05)


def test_it_stands_up() -> None:
    twin = Go2Twin()
    start = twin.state().joint_pos
    for step in range(1500):
        twin.command(rising(start, step / 750))
        twin.step()
    assert twin.data.qpos[2] == pytest.approx(STANDING_HEIGHT_M, abs=0.03)
    np.testing.assert_allclose(twin.state().joint_pos, go2.DEFAULT_POSE_RAD, atol=0.12)


def test_a_controller_that_dies_lets_it_sink_softly() -> None:
    twin = Go2Twin(standing=True)
    twin.command(STAND)
    steps(twin, round(COMMAND_TIMEOUT_S / 0.002))
    assert twin.data.qpos[2] > 0.27
    speeds = []
    for _ in range(1500):
        twin.step()
        speeds.append(-twin.data.qvel[2])
    assert twin.data.qpos[2] < 0.12
    assert max(speeds) < 0.6, 'a free fall from the stand reaches 2 m/s'


def test_the_wires_stop_marks_switch_their_term_off() -> None:
    twin = Go2Twin(standing=True)
    idle = LowCommand.idle()
    twin.command(LowCommand(q=idle.q, dq=idle.dq, kp=np.full(12, 50.0), kd=np.full(12, 5.0),
                            tau=np.zeros(12)))
    twin.step()
    np.testing.assert_array_equal(twin.state().joint_torque, 0.0)


def test_torque_follows_the_command_within_the_limits() -> None:
    twin = Go2Twin(standing=True)
    zero = np.zeros(12)
    tau = np.array([5.0, 100.0, -100.0] * 4)
    twin.command(LowCommand(q=zero, dq=zero, kp=zero, kd=zero, tau=tau))
    twin.step()
    np.testing.assert_allclose(twin.state().joint_torque,
                               np.clip(tau, -go2.TORQUE_LIMIT_NM, go2.TORQUE_LIMIT_NM))


def test_the_seed_decides_the_start_pose() -> None:
    frames = [build_low_state(Go2Twin(standing=True, seed=seed).state()) for seed in (1, 1, 2)]
    assert frames[0] == frames[1] != frames[2]


def test_the_pacer_slows_down_rather_than_rush() -> None:
    pacer = Pacer(1.0)
    pacer.wait(0.002)
    time.sleep(0.1)
    start_s = time.monotonic()
    for _ in range(20):
        pacer.wait(0.002)
    assert time.monotonic() - start_s > 0.02, 'at most 10 ms of the delay may be made up for'


@pytest.mark.parametrize(('arguments', 'named'), [
    (['--real-time-factor', '0'], 'together with --lockstep'),
    (['--real-time-factor', 'nan'], 'got nan'), (['--real-time-factor', 'inf'], 'got inf'),
    (['--friction', '-1'], '-1 is not a number from 0.05 to 3'),
    (['--seconds', '0'], '--seconds must be above 0'),
    (['--record', '/no/such/folder/x.npz'], 'does not exist')])
def test_a_bad_option_is_named(arguments, named, capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_options(arguments)
    assert caught.value.code == 2
    assert named in capsys.readouterr().err


@pytest.fixture
def start_twin(domain_id: int) -> Iterator[Callable[..., subprocess.Popen]]:
    started = []

    def start(*arguments: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, '-m', 'policy_gen_ros.deployment.twin.process', '--domain-id',
             str(domain_id),
             *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process
    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_the_process_publishes_stands_up_records_and_ends_cleanly(
        domain_id: int, start_twin, tmp_path) -> None:
    process = start_twin('--record', str(tmp_path / 'walk.npz'))
    assert process.stdout.readline() == f'go2_twin ready: domain {domain_id} on lo\n'
    with RobotLink(domain_id, 'lo') as robot:
        first = robot.wait_state(5.0)
        seen, tick_ms = robot.states_seen, first.tick_ms
        while tick_ms < first.tick_ms + 200:
            tick_ms = robot.wait_state(5.0).tick_ms
        assert robot.states_seen - seen == pytest.approx((tick_ms - first.tick_ms) / 2, abs=3)

        second = start_twin()
        assert second.wait(10) == 1
        assert second.stderr.read() == (
            f'go2_twin: another robot already publishes rt/lowstate on domain {domain_id}, '
            'interface lo; stop it or choose another --domain-id\n')

        began = robot.wait_state(5.0)
        state = began
        while state.tick_ms < began.tick_ms + 2000:
            robot.send(rising(began.joint_pos, (state.tick_ms - began.tick_ms) / 1200))
            state = robot.wait_state(5.0)
        assert state.battery_v > 20
        assert robot.dropped_frames == 0
        np.testing.assert_allclose(state.joint_pos, go2.DEFAULT_POSE_RAD, atol=0.12)
        sport = robot.latest_sport()
        assert sport.body_height == pytest.approx(STANDING_HEIGHT_M, abs=0.03)
        assert abs(sport.tick_ms - state.tick_ms) <= 40

    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=5)
    assert process.returncode == 0
    assert err == ''
    assert out.count('\n') == 1
    assert 'real-time factor' in out
    recording = np.load(tmp_path / 'walk.npz')
    np.testing.assert_allclose(np.diff(recording['time_s']), 0.02, atol=1e-6)
    assert recording['qpos'].shape[1:] == (19,)
    assert recording['contact'].shape[1:] == (4,)
    assert recording['contact'][-1].all()
    assert recording['qpos'][-1, 2] > 0.27


def test_lockstep_gives_the_same_states_for_the_same_commands(domain_id: int, start_twin) -> None:
    def play() -> list[bytes]:
        process = start_twin('--lockstep', '--real-time-factor', '0', '--seed', '3')
        process.stdout.readline()
        frames = []
        with RobotLink(domain_id, 'lo') as robot:
            first = robot.wait_state(5.0)
            for tick in range(100):
                robot.send(rising(first.joint_pos, tick / 60))
                state = robot.wait_state(5.0)
                assert state.tick_ms == 20 * (tick + 1)
                frames.append(build_low_state(state))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=5)
        assert process.returncode == 0
        return frames

    assert play() == play()


def test_lockstep_waits_and_repeats_the_state(domain_id: int, start_twin) -> None:
    process = start_twin('--lockstep', '--real-time-factor', '0')
    process.stdout.readline()
    with RobotLink(domain_id, 'lo') as robot:
        ticks = [robot.wait_state(5.0).tick_ms for _ in range(2)]
    assert ticks == [0, 0]
