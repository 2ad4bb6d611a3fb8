# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Byte layout of Unitree's messages on DDS, and the CRC over them.

A frame is what DDS carries: four bytes of encapsulation header (CDR, little-endian), then the
message. Each layout is fixed, so a NumPy structured dtype reads and writes a frame in microseconds
where the SDK's serialiser takes a quarter of a millisecond.

Two layouts of one message meet here. On DDS the first motor's ``mode`` follows the byte before it
directly; in the C struct that the CRC covers it starts a new word. :class:`Layout` maps one onto
the other. Source: ``utils/crc.py`` and the IDL of unitree_sdk2_python.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastcrc import crc32
import numpy as np
from policy_gen_ros.deployment.wire.errors import WireError

HEADER = b'\x00\x01\x00\x00'
"""Encapsulation: plain CDR, little-endian, no options."""
NUM_MOTOR_SLOTS = 20
_HEAD = [('head', '2u1', 4), ('level_flag', 'u1', 6), ('frame_reserve', 'u1', 7),
         ('sn', '2<u4', 8), ('version', '2<u4', 16), ('bandwidth', '<u2', 24)]


def _dtype(fields: list[tuple], size: int) -> np.dtype:
    names, formats, offsets = zip(*fields)
    return np.dtype({'names': names, 'formats': formats, 'offsets': offsets, 'itemsize': size})


def _motors(fields: list[tuple], stride: int, start: int) -> list[tuple]:
    # The mode of motor 0 lies apart (see above); those of motors 1 to 19 end the motor before.
    mode = _dtype([('mode', 'u1', 0)], stride)
    motor = _dtype(fields, stride)
    return [('motor', (motor, NUM_MOTOR_SLOTS), start),
            ('later', (mode, NUM_MOTOR_SLOTS - 1), start + stride - 4)]


def _imu(start: int) -> list[tuple]:
    return [('quaternion', '4<f4', start), ('gyroscope', '3<f4', start + 16),
            ('accelerometer', '3<f4', start + 28), ('rpy', '3<f4', start + 40),
            ('imu_temperature', 'u1', start + 52)]


LOW_CMD = _dtype([
    *_HEAD, ('first_mode', 'u1', 26),
    *_motors([('q', '<f4', 0), ('dq', '<f4', 4), ('tau', '<f4', 8), ('kp', '<f4', 12),
              ('kd', '<f4', 16), ('reserve', '3<u4', 20)], stride=36, start=28),
    ('bms_off', 'u1', 744), ('bms_reserve', '3u1', 745), ('wireless_remote', '40u1', 748),
    ('led', '12u1', 788), ('fan', '2u1', 800), ('gpio', 'u1', 802), ('reserve', '<u4', 804),
    ('crc', '<u4', 808)], 812)

LOW_STATE = _dtype([
    *_HEAD, *_imu(28), ('first_mode', 'u1', 81),
    *_motors([('q', '<f4', 0), ('dq', '<f4', 4), ('ddq', '<f4', 8), ('tau_est', '<f4', 12),
              ('q_raw', '<f4', 16), ('dq_raw', '<f4', 20), ('ddq_raw', '<f4', 24),
              ('temperature', 'u1', 28), ('lost', '<u4', 32), ('reserve', '2<u4', 36)],
             stride=48, start=84),
    ('bms_version', '2u1', 1040), ('bms_status', 'u1', 1042), ('bms_soc', 'u1', 1043),
    ('bms_current', '<i4', 1044), ('bms_cycle', '<u2', 1048), ('bms_ntc', '4u1', 1050),
    ('bms_cells', '15<u2', 1054), ('foot_force', '4<i2', 1084), ('foot_force_est', '4<i2', 1092),
    ('tick', '<u4', 1100), ('wireless_remote', '40u1', 1104), ('bit_flag', 'u1', 1144),
    ('adc_reel', '<f4', 1148), ('temperature_ntc', '2u1', 1152), ('power_v', '<f4', 1156),
    ('power_a', '<f4', 1160), ('fan_frequency', '4<u2', 1164), ('reserve', '<u4', 1172),
    ('crc', '<u4', 1176)], 1180)

SPORT_STATE = _dtype([
    ('sec', '<i4', 4), ('nanosec', '<u4', 8), ('error_code', '<u4', 12), *_imu(16),
    ('mode', 'u1', 69), ('progress', '<f4', 72), ('gait_type', 'u1', 76),
    ('foot_raise_height', '<f4', 80), ('position', '3<f4', 84), ('body_height', '<f4', 96),
    ('velocity', '3<f4', 100), ('yaw_speed', '<f4', 112), ('range_obstacle', '4<f4', 116),
    ('foot_force', '4<i2', 132), ('foot_position_body', '12<f4', 140),
    ('foot_speed_body', '12<f4', 188), ('path_point', '70<f4', 236)], 516)

WIRELESS_CONTROLLER = _dtype([
    ('lx', '<f4', 4), ('ly', '<f4', 8), ('rx', '<f4', 12), ('ry', '<f4', 16),
    ('keys', '<u2', 20)], 22)


def offset_of(dtype: np.dtype, name: str) -> int:
    """Where a field starts in the frame."""
    assert dtype.fields is not None  # only structured dtypes come here
    return dtype.fields[name][1]


def _set_all(record: np.ndarray) -> None:
    """Set every byte that belongs to a field; the padding stays zero."""
    for name in record.dtype.names or ():
        if record.dtype[name].base.names:
            _set_all(record[name])
        else:
            record[name] = np.frombuffer(b'\xff' * record.dtype[name].base.itemsize,
                                         record.dtype[name].base)[0]


@dataclass(frozen=True)
class MessageLayout:
    """
    One message type: its name for error texts, its frame, and where the CRC finds its bytes.

    ``crc_bytes`` holds, for each byte that the CRC runs over, the index into the frame; empty for
    a message without CRC. Padding points at byte 0, which is zero in every frame, so rubbish in a
    sender's padding cannot matter.
    """

    name: str
    dtype: np.dtype
    crc_bytes: np.ndarray

    @classmethod
    def of(cls, name: str, dtype: np.dtype) -> MessageLayout:
        """Derive the CRC's byte order from the frame layout."""
        if 'crc' not in (dtype.names or ()):
            return cls(name, dtype, np.zeros(0, np.intp))
        full = np.zeros(1, dtype)
        _set_all(full)
        used = np.flatnonzero(full.view('u1'))
        first_mode = offset_of(dtype, 'first_mode')
        # The struct gains as many bytes around the first mode as the frame has header, so from the
        # first motor's values on an offset in the one is the same in the other.
        before, after = used[used < first_mode], used[used > first_mode]
        source = np.zeros(dtype.itemsize, np.intp)
        source[before - len(HEADER)] = before
        source[offset_of(dtype, 'motor') - 4] = first_mode
        source[after] = after
        # Each 32-bit word enters the CRC most significant byte first; the last word is the CRC.
        return cls(name, dtype, source.reshape(-1, 4)[:-1, ::-1].ravel())

    def view(self, frame: bytes) -> np.ndarray:
        """
        Read a frame in place. Shape: (1,), of the layout's dtype.

        :raises WireError: the frame has another size or encoding
        """
        if len(frame) != self.dtype.itemsize:
            raise WireError(f'{self.name} frame has {len(frame)} bytes, '
                            f'expected {self.dtype.itemsize}')
        if frame[:2] != HEADER[:2]:
            raise WireError(f'{self.name} frame starts with {frame[:2].hex()}, expected '
                            f'{HEADER[:2].hex()} (little-endian CDR)')
        return np.frombuffer(frame, self.dtype)

    def edit(self, template: bytes = b'') -> np.ndarray:
        """
        Make a writable record from a frame, or from the header and zeros. Shape: (1,).

        Not ``np.copy``: that leaves the padding of a structured array uninitialised.
        """
        return np.frombuffer(bytearray(template or HEADER.ljust(self.dtype.itemsize, b'\0')),
                             self.dtype)

    def crc(self, record: np.ndarray) -> int:
        """CRC-32/MPEG-2 over the C struct without its last word, words big-endian first."""
        return crc32.mpeg_2(record.view('u1')[self.crc_bytes].tobytes())


LOW_CMD_LAYOUT = MessageLayout.of('LowCmd', LOW_CMD)
LOW_STATE_LAYOUT = MessageLayout.of('LowState', LOW_STATE)
SPORT_STATE_LAYOUT = MessageLayout.of('SportModeState', SPORT_STATE)
WIRELESS_CONTROLLER_LAYOUT = MessageLayout.of('WirelessController', WIRELESS_CONTROLLER)
