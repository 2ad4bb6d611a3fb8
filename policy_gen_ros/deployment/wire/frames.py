# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Commands and states as arrays in policy joint order, to and from frames on the wire.

The joint and leg order changes here and nowhere else. Functions named ``build_*`` make a frame
with its CRC set, ``parse_*`` verify a frame before they read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.layout import (
    LOW_CMD_LAYOUT,
    LOW_STATE_LAYOUT,
    MessageLayout,
    NUM_MOTOR_SLOTS,
    offset_of,
    SPORT_STATE_LAYOUT,
)
from policy_gen_ros.deployment.wire.remote import NO_REMOTE, REMOTE_BYTES
from policy_gen_ros.domains.go2.robot import constants as go2

POS_STOP_RAD, VEL_STOP_RAD_S = 2.146e9, 16000.0
"""Unitree's marks for "no position target" and "no velocity target"."""
MOTOR_ON = 1
_HEAD = (0xFE, 0xEF)
_HEAD_AT = offset_of(LOW_CMD_LAYOUT.dtype, 'head')
_LEVEL_LOW = 0xFF
_FULL_BATTERY = 100
_N = go2.NUM_JOINTS
_LEGS_WIRE_FROM_POLICY = np.argsort(go2.FEET_POLICY_FROM_WIRE)


@lru_cache(maxsize=64)
def _same(value: float) -> np.ndarray:
    """One number for every joint; read-only, as many commands share it. Shape: (12,)."""
    values = np.full(_N, value)
    values.flags.writeable = False
    return values


@dataclass(frozen=True)
class LowCommand:
    """
    Targets and gains of the twelve motors; torque = kp (q - q_now) + kd (dq - dq_now) + tau.

    Shapes: all (12,), policy order; rad, rad/s, Nm/rad, Nm s/rad, Nm.
    """

    q: np.ndarray
    dq: np.ndarray
    kp: np.ndarray
    kd: np.ndarray
    tau: np.ndarray

    @classmethod
    def idle(cls) -> LowCommand:
        """No torque at all."""
        return cls(q=_same(POS_STOP_RAD), dq=_same(VEL_STOP_RAD_S), kp=_same(0.0), kd=_same(0.0),
                   tau=_same(0.0))

    @classmethod
    def damping(cls, kd: float = go2.KD_DAMPING) -> LowCommand:
        """No position target; every joint resists motion, so the robot sinks down."""
        return cls(q=_same(POS_STOP_RAD), dq=_same(0.0), kp=_same(0.0), kd=_same(kd),
                   tau=_same(0.0))

    @classmethod
    def hold(cls, q: np.ndarray, kp: float, kd: float) -> LowCommand:
        """Joint targets with one pair of gains for every joint. Shape of ``q``: (12,)."""
        return cls(q=np.asarray(q, float), dq=_same(0.0), kp=_same(kp), kd=_same(kd),
                   tau=_same(0.0))


@dataclass(frozen=True)
class LowState:
    """
    What the robot's sensors say, 500 times a second.

    ``tick_ms`` is the robot's clock; ``quaternion`` is (w, x, y, z), ``gyro`` rad/s and
    ``accelerometer`` m/s² are in the body frame. Shapes: joints (12,) rad, rad/s, Nm, °C;
    ``foot_force`` (4,), raw units of the sensor. ``remote`` is the operator's, 40 bytes for
    :func:`policy_gen_ros.deployment.wire.remote.parse_remote`; ``signed`` says whether head and
    CRC were filled in.
    """

    tick_ms: int
    quaternion: np.ndarray
    gyro: np.ndarray
    accelerometer: np.ndarray
    joint_pos: np.ndarray
    joint_vel: np.ndarray
    joint_torque: np.ndarray
    motor_temperature_c: np.ndarray
    foot_force: np.ndarray
    battery_v: float
    remote: bytes = NO_REMOTE
    signed: bool = True


@dataclass(frozen=True)
class SportState:
    """
    Body motion in the world, as a simulator publishes it (ground truth).

    ``position`` m and ``velocity`` m/s in the world frame, ``yaw_speed`` rad/s.
    """

    tick_ms: int
    position: np.ndarray
    velocity: np.ndarray
    yaw_speed: float
    quaternion: np.ndarray
    body_height: float


def _sign(layout: MessageLayout, record: np.ndarray) -> bytes:
    record['crc'] = layout.crc(record)
    return record.view('u1').tobytes()


def _check_signature(layout: MessageLayout, frame: bytes, record: np.ndarray) -> None:
    if frame[_HEAD_AT:_HEAD_AT + 2] != bytes(_HEAD):
        head = frame[_HEAD_AT:_HEAD_AT + 2]
        raise WireError(f'{layout.name} head is {head[0]:02X} {head[1]:02X}, expected FE EF')
    expected, found = layout.crc(record), int.from_bytes(frame[-4:], 'little')
    if found != expected:
        raise WireError(f'{layout.name} CRC is {found:08X}, its content gives {expected:08X}')


def _command_template() -> bytes:
    record = LOW_CMD_LAYOUT.edit()
    record['head'], record['level_flag'] = _HEAD, _LEVEL_LOW
    record['first_mode'], record['later']['mode'] = MOTOR_ON, MOTOR_ON
    record['motor']['q'], record['motor']['dq'] = POS_STOP_RAD, VEL_STOP_RAD_S
    return record.view('u1').tobytes()


def _state_template() -> bytes:
    record = LOW_STATE_LAYOUT.edit()
    record['head'], record['level_flag'] = _HEAD, _LEVEL_LOW
    record['first_mode'], record['later']['mode'][0, :_N - 1] = MOTOR_ON, MOTOR_ON
    record['bms_soc'] = _FULL_BATTERY
    return record.view('u1').tobytes()


_COMMAND, _STATE = _command_template(), _state_template()


def _motor_words(layout: MessageLayout, names: Sequence[str], slots: np.ndarray) -> np.ndarray:
    """Where the 32-bit words of motors lie in a frame, one name after the other."""
    motor = layout.dtype['motor'].base
    starts = [offset_of(layout.dtype, 'motor') + offset_of(motor, name) for name in names]
    return (np.array(starts)[:, None] + motor.itemsize * slots).ravel() // 4


def _words(layout: MessageLayout, name: str) -> np.ndarray:
    """Where the 32-bit words of a field lie in a frame."""
    first = offset_of(layout.dtype, name) // 4
    return np.arange(first, first + layout.dtype[name].itemsize // 4)


# Frames are read and written 500 times a second: all numbers at once, by where their words lie.
_COMMAND_FIELDS = [field.name for field in fields(LowCommand)]
_COMMAND_WORDS = _motor_words(LOW_CMD_LAYOUT, _COMMAND_FIELDS, go2.POLICY_FROM_WIRE)
_SLOT_VALUES = 'q', 'dq', 'tau', 'kp', 'kd'
_ALL_COMMAND_WORDS = _motor_words(LOW_CMD_LAYOUT, _SLOT_VALUES, np.arange(NUM_MOTOR_SLOTS))
_STATE_WORDS = np.concatenate([
    *(_words(LOW_STATE_LAYOUT, name) for name in ('quaternion', 'gyroscope', 'accelerometer')),
    _motor_words(LOW_STATE_LAYOUT, ('q', 'dq', 'tau_est'), go2.POLICY_FROM_WIRE),
    _words(LOW_STATE_LAYOUT, 'power_v')])
_TICK_AT = offset_of(LOW_STATE_LAYOUT.dtype, 'tick')
_TEMPERATURE_BYTES = 4 * _motor_words(LOW_STATE_LAYOUT, ['temperature'], go2.POLICY_FROM_WIRE)
_REMOTE_START = offset_of(LOW_STATE_LAYOUT.dtype, 'wireless_remote')
_REMOTE = slice(_REMOTE_START, _REMOTE_START + REMOTE_BYTES)
_MODE_BYTES = np.append(
    offset_of(LOW_CMD_LAYOUT.dtype, 'first_mode'),
    offset_of(LOW_CMD_LAYOUT.dtype, 'later')
    + LOW_CMD_LAYOUT.dtype['later'].base.itemsize * np.arange(_N - 1))
_MARK_BYTES = np.append(
    _MODE_BYTES, [offset_of(LOW_CMD_LAYOUT.dtype, name) for name in ('level_flag', 'gpio')])
_MARKS = bytes([MOTOR_ON] * _N + [_LEVEL_LOW, 0])


def build_low_command(command: LowCommand) -> bytes:
    """
    Frame of a command, CRC set. Slots 12 to 19 stay idle.

    :raises WireError: a field has the wrong shape
    """
    parts = [np.asarray(getattr(command, name)) for name in _COMMAND_FIELDS]
    for name, part in zip(_COMMAND_FIELDS, parts):
        if part.shape != (_N,):
            raise WireError(f'LowCommand.{name} has shape {part.shape}, expected ({_N},)')
    record = LOW_CMD_LAYOUT.edit(_COMMAND)
    record.view('<f4')[_COMMAND_WORDS] = np.concatenate(parts)
    return _sign(LOW_CMD_LAYOUT, record)


def check_command_frame(frame: bytes) -> None:
    """
    Verify that the robot would accept a frame: size, head, level flag, modes, CRC, finite values.

    Simulators do not check these, so a bad frame would pass there and fail on the robot.

    :raises WireError: naming the first thing that is wrong
    """
    record = LOW_CMD_LAYOUT.view(frame)
    _check_signature(LOW_CMD_LAYOUT, frame, record)
    marks = record.view('u1')[_MARK_BYTES]
    if marks.tobytes() != _MARKS:
        raise WireError(_wrong_mark(marks))
    check_command_values(frame)


def check_command_values(frame: bytes) -> None:
    """
    Verify that a frame of :func:`build_low_command` holds numbers: all else in it is right.

    :raises WireError: naming the first motor with a value that is not finite
    """
    values = np.frombuffer(frame, '<f4')[_ALL_COMMAND_WORDS]
    if not np.isfinite(values).all():
        by_slot = values.reshape(len(_SLOT_VALUES), NUM_MOTOR_SLOTS).T
        bad = int(np.argmin(np.isfinite(by_slot).all(axis=1)))
        raise WireError(f'LowCmd motor {bad} has a value that is not finite: '
                        f'{", ".join(_SLOT_VALUES)} = {by_slot[bad].tolist()}')


def _wrong_mark(marks: np.ndarray) -> str:
    """Name the first mark of a command that is not as it has to be. Shape: (14,)."""
    modes, level_flag, gpio = marks[:_N], marks[_N], marks[_N + 1]
    if level_flag != _LEVEL_LOW:
        return f'LowCmd level_flag is {level_flag:02X}, expected FF'
    if gpio != 0:
        return f'LowCmd gpio is {gpio}, expected 0'
    slot = int(np.argmax(modes != MOTOR_ON))
    return f'LowCmd motor {slot} has mode {modes[slot]}, expected {MOTOR_ON}'


def parse_low_command(frame: bytes) -> LowCommand:
    """
    Read a command the way the robot does.

    :raises WireError: the robot would reject the frame (see :func:`check_command_frame`)
    """
    check_command_frame(frame)
    values = np.frombuffer(frame, '<f4')[_COMMAND_WORDS].astype(float)
    return LowCommand(*values.reshape(-1, _N))


def build_low_state(state: LowState) -> bytes:
    """
    Frame of a state, CRC set.

    :raises WireError: the remote has the wrong size
    """
    if len(state.remote) != REMOTE_BYTES:
        raise WireError(f'LowState.remote has {len(state.remote)} bytes, expected {REMOTE_BYTES}')
    record = LOW_STATE_LAYOUT.edit(_STATE)
    record['tick'] = state.tick_ms
    _fill_imu(record, state.quaternion)
    record['gyroscope'], record['accelerometer'] = state.gyro, state.accelerometer
    motor = record['motor'][0]
    motor['q'][:_N] = state.joint_pos[go2.WIRE_FROM_POLICY]
    motor['dq'][:_N] = state.joint_vel[go2.WIRE_FROM_POLICY]
    motor['tau_est'][:_N] = state.joint_torque[go2.WIRE_FROM_POLICY]
    motor['temperature'][:_N] = state.motor_temperature_c[go2.WIRE_FROM_POLICY]
    record['foot_force'] = state.foot_force[_LEGS_WIRE_FROM_POLICY]
    record['power_v'] = state.battery_v
    record.view('u1')[_REMOTE] = np.frombuffer(state.remote, 'u1')
    return _sign(LOW_STATE_LAYOUT, record)


def parse_low_state(frame: bytes) -> LowState:
    """
    Read a state.

    :raises WireError: wrong size, head or CRC
    """
    record = LOW_STATE_LAYOUT.view(frame)
    signed = not is_unsigned_state(frame)
    if signed:
        _check_signature(LOW_STATE_LAYOUT, frame, record)
    values = record.view('<f4')[_STATE_WORDS].astype(float)
    return LowState(
        tick_ms=int.from_bytes(frame[_TICK_AT:_TICK_AT + 4], 'little'),
        quaternion=values[:4], gyro=values[4:7], accelerometer=values[7:10],
        joint_pos=values[10:22], joint_vel=values[22:34], joint_torque=values[34:46],
        motor_temperature_c=record.view('u1')[_TEMPERATURE_BYTES].astype(float),
        foot_force=record['foot_force'][0, go2.FEET_POLICY_FROM_WIRE].astype(float),
        battery_v=float(values[46]), remote=frame[_REMOTE], signed=signed)


def is_unsigned_state(frame: bytes) -> bool:
    """
    Whether the sender left head and CRC zero, as Unitree's own simulator does.

    The robot signs every state, so on its interface such a frame never occurs; a damaged frame
    does not look like this, because its head survives or its CRC is not zero.
    """
    return frame[4:6] == b'\0\0' and frame[-4:] == b'\0\0\0\0'


def build_sport_state(state: SportState) -> bytes:
    """Frame of a body motion. This message has no CRC."""
    record = SPORT_STATE_LAYOUT.edit()
    record['sec'], milliseconds = divmod(state.tick_ms, 1000)
    record['nanosec'] = milliseconds * 1_000_000
    _fill_imu(record, state.quaternion)
    record['position'], record['velocity'] = state.position, state.velocity
    record['yaw_speed'], record['body_height'] = state.yaw_speed, state.body_height
    return record.view('u1').tobytes()


def parse_sport_state(frame: bytes) -> SportState:
    """
    Read a body motion.

    :raises WireError: wrong size or encoding
    """
    record = SPORT_STATE_LAYOUT.view(frame)
    return SportState(
        tick_ms=int(record['sec'][0]) * 1000 + int(record['nanosec'][0]) // 1_000_000,
        position=record['position'][0].astype(float),
        velocity=record['velocity'][0].astype(float), yaw_speed=float(record['yaw_speed'][0]),
        quaternion=record['quaternion'][0].astype(float),
        body_height=float(record['body_height'][0]))


def _fill_imu(record: np.ndarray, quaternion: np.ndarray) -> None:
    w, x, y, z = quaternion
    record['quaternion'] = quaternion
    record['rpy'] = (np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)),
                     np.arcsin(np.clip(2 * (w * y - z * x), -1, 1)),
                     np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)))
