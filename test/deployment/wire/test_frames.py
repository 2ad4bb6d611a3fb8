# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Frames against the SDK's own serialiser and against the CRC's definition."""

from __future__ import annotations

from dataclasses import fields, replace
import struct

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
import numpy as np
from policy_gen_ros.deployment.wire import sdk
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.frames import (
    build_low_command,
    build_low_state,
    build_sport_state,
    check_command_frame,
    LowCommand,
    LowState,
    parse_low_command,
    parse_low_state,
    parse_sport_state,
    SportState,
)
from policy_gen_ros.deployment.wire.layout import (
    LOW_CMD_LAYOUT,
    LOW_STATE_LAYOUT,
    MessageLayout,
    SPORT_STATE_LAYOUT,
)
from policy_gen_ros.domains.go2.robot import constants as go2
import pytest

FLOAT = st.floats(width=32, allow_nan=False, allow_infinity=False)
TWELVE = arrays(np.float32, 12, elements=FLOAT)
THREE = arrays(np.float32, 3, elements=FLOAT)
UNIT = arrays(np.float32, 4, elements=st.floats(-1, 1, width=32))
COMMANDS = st.builds(LowCommand, q=TWELVE, dq=TWELVE, kp=TWELVE, kd=TWELVE, tau=TWELVE)
STATES = st.builds(
    LowState, tick_ms=st.integers(0, 2**32 - 1), quaternion=UNIT, gyro=THREE, accelerometer=THREE,
    joint_pos=TWELVE, joint_vel=TWELVE, joint_torque=TWELVE,
    motor_temperature_c=arrays(np.uint8, 12), foot_force=arrays(np.int16, 4), battery_v=FLOAT,
    remote=st.binary(min_size=40, max_size=40))
SPORTS = st.builds(SportState, tick_ms=st.integers(0, 2**31 * 1000 - 1), position=THREE,
                   velocity=THREE, yaw_speed=FLOAT, quaternion=UNIT, body_height=FLOAT)
FEW = settings(max_examples=40, deadline=None)
COMMAND = LowCommand.hold(go2.DEFAULT_POSE_RAD, 20.0, 0.5)


def crc_by_definition(words: bytes) -> int:
    """Unitree's crc32_core: 32-bit words, most significant bit first, no reflection."""
    crc = 0xFFFFFFFF
    for (word,) in struct.iter_unpack('<I', words):
        for bit in range(31, -1, -1):
            carry = crc >> 31 ^ word >> bit & 1
            crc = crc << 1 & 0xFFFFFFFF
            if carry:
                crc ^= 0x04C11DB7
    return crc


def pack_low_cmd(m: sdk.LowCmd_) -> bytes:
    """C struct of LowCmd as the SDK's ``utils/crc.py`` packs it, without the CRC word."""
    motors = [v for c in m.motor_cmd
              for v in (c.mode, c.q, c.dq, c.tau, c.kp, c.kd, *c.reserve)]
    return struct.pack(
        '<4B4IH2x' + 'B3x5f3I' * 20 + '4B' + '55Bx1I', *m.head, m.level_flag, m.frame_reserve,
        *m.sn, *m.version, m.bandwidth, *motors, m.bms_cmd.off, *m.bms_cmd.reserve,
        *m.wireless_remote, *m.led, *m.fan, m.gpio, m.reserve)


def pack_low_state(m: sdk.LowState_) -> bytes:
    """C struct of LowState as the SDK's ``utils/crc.py`` packs it, without the CRC word."""
    imu, bms = m.imu_state, m.bms_state
    motors = [v for c in m.motor_state
              for v in (c.mode, c.q, c.dq, c.ddq, c.tau_est, c.q_raw, c.dq_raw, c.ddq_raw,
                        c.temperature, c.lost, *c.reserve)]
    return struct.pack(
        '<4B4IH2x' + '13fB3x' + 'B3x7fB3x3I' * 20 + '4BiH4B15H' + '8hI41B3xf2B2x2f4HI', *m.head,
        m.level_flag, m.frame_reserve, *m.sn, *m.version, m.bandwidth, *imu.quaternion,
        *imu.gyroscope, *imu.accelerometer, *imu.rpy, imu.temperature, *motors, bms.version_high,
        bms.version_low, bms.status, bms.soc, bms.current, bms.cycle, *bms.bq_ntc, *bms.mcu_ntc,
        *bms.cell_vol, *m.foot_force, *m.foot_force_est, m.tick, *m.wireless_remote, m.bit_flag,
        m.adc_reel, m.temperature_ntc1, m.temperature_ntc2, m.power_v, m.power_a,
        *m.fan_frequency, m.reserve)


def assert_same(left: object, right: object) -> None:
    for field in fields(left):
        np.testing.assert_array_equal(getattr(left, field.name), getattr(right, field.name),
                                      err_msg=field.name)


def every_byte_used(layout: MessageLayout, seed: int) -> bytes:
    """Build a frame whose fields all hold random numbers, written through the dtype."""
    rng = np.random.default_rng(seed)

    def fill(record: np.ndarray) -> None:
        for name in record.dtype.names:
            base = record.dtype[name].base
            if base.names:
                fill(record[name])
            elif base.kind == 'f':
                record[name] = rng.normal(size=record[name].shape)
            else:
                limits = np.iinfo(base)
                record[name] = rng.integers(limits.min, limits.max, record[name].shape,
                                            dtype=base, endpoint=True)
    record = layout.edit()
    fill(record)
    return record.view('u1').tobytes()


@FEW
@given(COMMANDS)
def test_command_frame_equals_the_sdk(command: LowCommand) -> None:
    frame = build_low_command(command)
    message = sdk.LowCmd_.deserialize(frame)
    assert message.serialize(use_version_2=False) == frame
    assert message.crc == crc_by_definition(pack_low_cmd(message))
    names = [f'{leg}_{part}_joint' for leg in ('FR', 'FL', 'RR', 'RL')
             for part in ('hip', 'thigh', 'calf')]
    for slot, name in enumerate(names):
        policy = go2.JOINT_NAMES.index(name)
        for field in fields(LowCommand):
            assert getattr(message.motor_cmd[slot], field.name) == \
                getattr(command, field.name)[policy]
    assert_same(parse_low_command(frame), command)


@FEW
@given(STATES)
def test_state_frame_equals_the_sdk(state: LowState) -> None:
    frame = build_low_state(state)
    message = sdk.LowState_.deserialize(frame)
    assert message.serialize(use_version_2=False) == frame
    assert message.crc == crc_by_definition(pack_low_state(message))
    assert message.motor_state[0].q == state.joint_pos[go2.JOINT_NAMES.index('FR_hip_joint')]
    assert bytes(message.wireless_remote) == state.remote
    assert list(message.foot_force) == [state.foot_force[i] for i in (1, 0, 3, 2)]
    parsed = parse_low_state(frame)
    assert_same(parsed, state)
    assert parsed.remote == state.remote


@FEW
@given(SPORTS)
def test_sport_frame_equals_the_sdk(state: SportState) -> None:
    frame = build_sport_state(state)
    assert sdk.SportModeState_.deserialize(frame).serialize(use_version_2=False) == frame
    assert_same(parse_sport_state(frame), state)


@pytest.mark.parametrize('seed', range(5))
@pytest.mark.parametrize(('layout', 'idl_type', 'pack'), [
    (LOW_CMD_LAYOUT, sdk.LowCmd_, pack_low_cmd), (LOW_STATE_LAYOUT, sdk.LowState_, pack_low_state),
    (SPORT_STATE_LAYOUT, sdk.SportModeState_, None)])
def test_every_field_lies_where_the_sdk_puts_it(layout, idl_type, pack, seed) -> None:
    frame = every_byte_used(layout, seed)
    message = idl_type.deserialize(frame)
    assert message.serialize(use_version_2=False) == frame
    if pack is not None:
        assert layout.crc(layout.view(frame)) == crc_by_definition(pack(message))


def test_padding_does_not_enter_the_crc() -> None:
    frame = bytearray(build_low_command(COMMAND))
    frame[61:64] = b'\xaa\xbb\xcc'  # behind the mode of motor 1
    check_command_frame(bytes(frame))


@FEW
@given(st.integers(4, 811), st.integers(1, 255))
def test_an_altered_byte_is_noticed_unless_it_is_padding(position: int, change: int) -> None:
    frame = bytearray(build_low_command(COMMAND))
    frame[position] ^= change
    if position < 808 and position not in LOW_CMD_LAYOUT.crc_bytes:
        check_command_frame(bytes(frame))
    else:
        with pytest.raises(WireError):
            check_command_frame(bytes(frame))


def signed(edit) -> bytes:
    record = LOW_CMD_LAYOUT.edit(build_low_command(COMMAND))
    edit(record)
    record['crc'] = LOW_CMD_LAYOUT.crc(record)
    return record.view('u1').tobytes()


@pytest.mark.parametrize(('frame', 'named'), [
    (build_low_command(COMMAND)[:-4], '808 bytes, expected 812'),
    (b'\0\0' + build_low_command(COMMAND)[2:], 'little-endian'),
    (signed(lambda r: r.__setitem__('head', (1, 2))), 'head is 01 02'),
    (signed(lambda r: r.__setitem__('level_flag', 0)), 'level_flag is 00'),
    (signed(lambda r: r.__setitem__('gpio', 3)), 'gpio is 3'),
    (signed(lambda r: r.__setitem__('first_mode', 0)), 'motor 0 has mode 0'),
    (signed(lambda r: r['later']['mode'].__setitem__((0, 10), 7)), 'motor 11 has mode 7'),
    (build_low_command(COMMAND)[:-4] + b'\0\0\0\0', 'CRC is 00000000'),
    (build_low_command(replace(COMMAND, tau=np.full(12, np.nan))), 'motor 0 .* not finite'),
    (build_low_command(replace(COMMAND, q=np.array([0.0] * 11 + [np.inf]))),
     'motor 8 .* not finite')])
def test_a_bad_command_is_refused_and_named(frame: bytes, named: str) -> None:
    with pytest.raises(WireError, match=named):
        check_command_frame(frame)


def test_a_command_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(WireError, match=r'kp has shape \(3,\), expected \(12,\)'):
        build_low_command(replace(COMMAND, kp=np.zeros(3)))


def test_a_remote_of_the_wrong_size_is_refused() -> None:
    record = LOW_STATE_LAYOUT.edit()
    state = parse_low_state(record.view('u1').tobytes())
    assert state.remote == bytes(40)
    with pytest.raises(WireError, match='remote has 39 bytes, expected 40'):
        build_low_state(replace(state, remote=bytes(39)))


def test_idle_and_damping_hold_no_position() -> None:
    idle = parse_low_command(build_low_command(LowCommand.idle()))
    assert (idle.q == np.float32(2.146e9)).all()
    assert (idle.dq == 16000.0).all()
    assert not idle.kp.any()
    assert not idle.kd.any()
    assert not idle.tau.any()
    damping = LowCommand.damping(3.0)
    assert not damping.kp.any()
    assert not damping.dq.any()
    assert (damping.kd == 3.0).all()


def test_an_unsigned_state_of_unitrees_simulator_is_read() -> None:
    record = LOW_STATE_LAYOUT.edit()
    record['tick'] = 7
    assert parse_low_state(record.view('u1').tobytes()).tick_ms == 7
