# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Recordings of a Go2's own messages: types, decoding, the robot's clock, targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
import numpy as np
from policy_gen_ros.deployment.recording.clip import read_clip
from policy_gen_ros.deployment.recording.message_types import (
    JOINT_STATE,
    known_types,
    LOW_CMD,
    LOW_STATE,
)
from policy_gen_ros.deployment.recording.samples import of_low_cmd, of_low_state
from policy_gen_ros.deployment.recording.tracks import Topics
from policy_gen_ros.deployment.wire import sdk
from policy_gen_ros.deployment.wire.frames import (
    build_low_command,
    build_low_state,
    LowCommand,
    LowState,
)
from policy_gen_ros.deployment.wire.layout import HEADER, LOW_CMD_LAYOUT, LOW_STATE_LAYOUT
from policy_gen_ros.domains.go2.robot import constants as go2
import pytest
from recorded_walks import (
    at_ns,
    check_trot,
    check_walk,
    Entry,
    joint_positions,
    JOINT_RATE_RPS,
    joint_state,
    STORAGES,
    trotting_body,
    trotting_joints,
    walk,
    write_bag,
    YAW_RATE_RPS,
)

FEW = settings(max_examples=30, deadline=None)
VALUES = st.floats(-50, 50, width=32)
BOOT_MS = 40_000
STANDS = 'nothing in it walks: the legs hardly move to and fro'


def numbers(message: Any, name: str = '') -> list[tuple[str, np.ndarray]]:
    """List the numbers of a message with the names of their fields, in order."""
    if is_dataclass(message):
        return [entry for field in fields(message) if not field.name.startswith('__')
                for entry in numbers(getattr(message, field.name), f'{name}.{field.name}')]
    if isinstance(message, bytes):  # the SDK's bytes
        return [(name, np.frombuffer(message, np.uint8))]
    if isinstance(message, (list, np.ndarray)) and is_dataclass(message[0]):
        return [entry for part in message for entry in numbers(part, name)]
    return [(name, np.asarray(message))]


@pytest.mark.parametrize(('idl_type', 'kind', 'size'), [
    (sdk.LowState_, LOW_STATE, LOW_STATE_LAYOUT.dtype.itemsize),
    (sdk.LowCmd_, LOW_CMD, LOW_CMD_LAYOUT.dtype.itemsize)])
@FEW
@given(seed=st.integers(0, 2**32 - 1))
def test_a_message_of_the_sdk_has_the_same_fields_and_numbers_here(
        idl_type: Any, kind: str, size: int, seed: int) -> None:
    content = np.random.default_rng(seed).bytes(size - len(HEADER))
    theirs = idl_type.deserialize(HEADER + content)
    ours = known_types().deserialize_cdr(theirs.serialize(use_version_2=False), kind)
    for (name, one), (their_name, other) in zip(numbers(ours), numbers(theirs), strict=True):
        assert name == their_name
        if other.dtype.kind in 'iu':  # ROS has a few bytes signed that the SDK has unsigned
            one = one.astype(np.int64)
            one = np.where(one + 256 == other, other, one)
        np.testing.assert_array_equal(one, other, name)


def low_state(time_s: float, tick_ms: int | None = None, **changes: Any) -> bytes:
    """Give the robot of the other recordings as a frame of its own wire."""
    half = YAW_RATE_RPS * time_s / 2
    state = {
        'tick_ms': BOOT_MS + round(time_s * 1e3) if tick_ms is None else tick_ms,
        'quaternion': np.array([np.cos(half), 0.0, 0.0, np.sin(half)]),
        'gyro': np.array([0.0, 0.0, YAW_RATE_RPS]), 'accelerometer': np.zeros(3),
        'joint_pos': joint_positions(time_s), 'joint_vel': JOINT_RATE_RPS * np.arange(12.0),
        'joint_torque': np.zeros(12), 'motor_temperature_c': np.full(12, 30.0),
        'foot_force': np.zeros(4), 'battery_v': 29.0}
    return build_low_state(LowState(**{**state, **changes}))


@FEW
@given(arrays(float, 12, elements=VALUES), arrays(float, 12, elements=VALUES),
       arrays(float, 3, elements=VALUES), arrays(float, 4, elements=st.floats(0.125, 1, width=32)))
def test_joints_and_body_of_a_low_state_are_those_of_the_robot(
        joint_pos: np.ndarray, joint_vel: np.ndarray, gyro: np.ndarray, quaternion: np.ndarray,
        ) -> None:
    quaternion = quaternion / np.linalg.norm(quaternion)
    frame = low_state(0.0, joint_pos=joint_pos, joint_vel=joint_vel, gyro=gyro,
                      quaternion=quaternion)
    stamp_s, sample = of_low_state(known_types().deserialize_cdr(frame, LOW_STATE))
    assert stamp_s == pytest.approx(BOOT_MS * 1e-3)
    np.testing.assert_allclose(sample, np.concatenate([
        go2.gravity_in_body(quaternion), gyro, np.zeros(3), quaternion, joint_pos, joint_vel]),
        atol=1e-6)


@FEW
@given(arrays(float, 12, elements=VALUES))
def test_targets_of_a_low_cmd_are_those_of_the_joints(target: np.ndarray) -> None:
    frame = build_low_command(LowCommand.hold(target, go2.KP_WALK, go2.KD_WALK))
    np.testing.assert_allclose(of_low_cmd(known_types().deserialize_cdr(frame, LOW_CMD))[1],
                               target, atol=1e-6)


def unitree_walk(seconds: float, topic: str = '/lowstate',
                 received_s: Callable[[float], float] = lambda time_s: time_s,
                 tick_ms: Callable[[float], int] | None = None) -> list[Entry]:
    """States at 500 Hz, heard by the recorder at times of its own."""
    times = [k / 500 for k in range(round(seconds * 500) + 1)]
    return [(topic, LOW_STATE, at_ns(received_s(time_s)),
             low_state(time_s, tick_ms(time_s) if tick_ms else None)) for time_s in times]


def in_bursts(time_s: float) -> float:
    """Give the time at which a radio link that stalls 0.15 s lets messages through."""
    return np.ceil(time_s / 0.15) * 0.15 + 1e-6 * time_s


@pytest.mark.parametrize('storage', STORAGES)
@pytest.mark.parametrize('received_s', [lambda time_s: time_s, in_bursts])
def test_the_robot_s_clock_orders_a_low_state_recording(
        tmp_path: Path, storage: str, received_s: Callable[[float], float]) -> None:
    bag = write_bag(tmp_path / 'bag', unitree_walk(2.0, received_s=received_s), storage)
    clip = read_clip(bag, Topics())
    check_walk(clip.trajectory, 0.0)
    assert clip.describe() == ['/lowstate: 0.00 to 2.00 s of 2.00 s', STANDS]
    assert np.isnan(clip.trajectory[:, 30:]).all()


@pytest.mark.parametrize('tick_ms', [
    lambda time_s: 0, lambda time_s: round(time_s * 1e6),
    lambda time_s: round(time_s * 1e3) % 900], ids=['zero', 'microseconds', 'a restart'])
def test_ticks_that_count_no_milliseconds_are_left_aside(tmp_path: Path, tick_ms) -> None:
    clip = read_clip(write_bag(tmp_path / 'bag', unitree_walk(2.0, tick_ms=tick_ms)), Topics())
    check_walk(clip.trajectory, 0.0)
    assert clip.describe()[1] == ('/lowstate: the ticks do not count milliseconds: the times of '
                                  'recording are used')


def test_a_gap_of_a_low_state_recording_is_told_once(tmp_path: Path) -> None:
    entries = [entry for k, entry in enumerate(unitree_walk(4.0)) if not 500 < k < 900]
    assert read_clip(write_bag(tmp_path / 'bag', entries), Topics()).describe() == [
        '/lowstate: 1.80 to 4.00 s of 4.00 s',
        'gap: nothing on /lowstate for 0.80 s from 1.00 s on', STANDS]


def commands(seconds: float, topic: str = '/lowcmd') -> list[Entry]:
    """Targets a tenth of a radian beside the joints, sent from the first second on."""
    return [(topic, LOW_CMD, at_ns(k / 500), build_low_command(
        LowCommand.hold(joint_positions(k / 500) + 0.1, go2.KP_WALK, go2.KD_WALK)
        if k >= 500 else LowCommand.damping())) for k in range(round(seconds * 500) + 1)]


def test_targets_come_from_low_cmd_beside_low_state(tmp_path: Path) -> None:
    clip = read_clip(write_bag(tmp_path / 'bag', [*unitree_walk(3.0), *commands(3.0)]), Topics())
    check_walk(clip.trajectory, 0.0)
    assert np.isnan(clip.trajectory[:50, 30:]).all()
    np.testing.assert_allclose(clip.trajectory[51:, 30:] - clip.trajectory[51:, 6:18], 0.1,
                               atol=1e-5)
    assert clip.describe()[1:] == ['targets from /lowcmd', STANDS]


def test_targets_come_from_low_cmd_beside_joint_states(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag', [*walk(3.0), *commands(3.0, '/policy/lowcmd')])
    assert np.isnan(read_clip(bag, Topics()).trajectory[:, 30:]).all()
    clip = read_clip(bag, Topics(lowcmd='policy/lowcmd'))
    np.testing.assert_allclose(clip.trajectory[60:-1, 30:] - clip.trajectory[60:-1, 6:18],
                               0.1, atol=1e-3)


def test_commands_of_another_day_are_no_targets(tmp_path: Path) -> None:
    later = [(topic, kind, time_ns + 10**13, raw) for topic, kind, time_ns, raw in commands(1.0)]
    clip = read_clip(write_bag(tmp_path / 'bag', [*unitree_walk(2.0), *later]), Topics())
    assert np.isnan(clip.trajectory[:, 30:]).all()
    assert clip.describe()[1:] == ['/lowcmd was recorded at another time: no targets', STANDS]


def test_joint_states_come_first_where_a_recording_has_both(tmp_path: Path) -> None:
    both = write_bag(tmp_path / 'both', [*walk(2.0), *unitree_walk(2.0, '/go2/low')])
    assert read_clip(both, Topics()).topics == ('/joint_states', '/imu')
    assert read_clip(both, Topics(lowstate='/go2/low')).topics == ('/go2/low',)
    half = write_bag(tmp_path / 'half', [
        ('/joint_states', JOINT_STATE, at_ns(0.0), joint_state(0.0)), *unitree_walk(2.0)])
    assert read_clip(half, Topics()).topics == ('/lowstate',)


def test_a_robot_without_orientation_is_refused(tmp_path: Path) -> None:
    entries = [('/lowstate', LOW_STATE, at_ns(k / 500), low_state(k / 500, quaternion=np.zeros(4)))
               for k in range(500)]
    with pytest.raises(ValueError, match='no message on /lowstate can be used: orientation'):
        read_clip(write_bag(tmp_path / 'bag', entries), Topics())


def unitree_trot(seconds: float, yaw_rad: float = 0.0, **changes: Callable[[Any], Any]
                 ) -> list[Entry]:
    """LowState of the robot that trots, some of its fields changed."""
    entries = []
    for k in range(round(seconds * 500) + 1):
        quaternion, rates = trotting_body(k / 500, yaw_rad)
        position, velocity = trotting_joints(k / 500)
        fields = {'quaternion': quaternion, 'gyro': rates, 'joint_pos': position,
                  'joint_vel': velocity,
                  'accelerometer': -9.81 * go2.gravity_in_body(quaternion)}
        fields |= {name: change(fields[name]) for name, change in changes.items()}
        entries.append(('/lowstate', LOW_STATE, at_ns(k / 500), low_state(k / 500, **fields)))
    return entries


def test_unfilled_velocities_of_a_low_state_come_from_positions(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag', unitree_trot(2.0, joint_vel=np.zeros_like))
    clip = read_clip(bag, Topics())
    check_trot(clip.trajectory[2:-2], clip.start_s + 0.04)
    assert clip.describe()[1].startswith('/lowstate: velocities are all zero though the joints')


@pytest.mark.parametrize('yaw_rad', [0.0, 0.4, 1.6, 3.1, -2.0])
def test_a_quaternion_of_the_order_of_ros_is_refused(tmp_path: Path, yaw_rad: float) -> None:
    bag = write_bag(tmp_path / 'bag', unitree_trot(
        2.1, yaw_rad, quaternion=lambda quaternion: np.roll(quaternion, -1)))
    with pytest.raises(ValueError, match='looks as if the quaternion was filled in as x, y, z, w '
                       'where w, x, y, z belongs: exchange its values'):
        read_clip(bag, Topics())


@pytest.mark.parametrize(('changes', 'says'), [
    ({'joint_pos': np.zeros_like}, 'all positions are 0: the driver does not fill them in'),
    ({'gyro': np.zeros_like}, 'the body rates are all 0 though the body turns'),
    ({'gyro': np.degrees}, 'degrees a second'), ({'joint_pos': np.degrees}, 'like degrees')])
def test_unfilled_fields_and_other_units_of_a_low_state_are_refused(
        tmp_path: Path, changes: dict, says: str) -> None:
    with pytest.raises(ValueError, match=f'/lowstate: .*{says}'):
        read_clip(write_bag(tmp_path / 'bag', unitree_trot(2.1, **changes)), Topics())
