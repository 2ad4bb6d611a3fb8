# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The remote in the operator's hand: its 40 bytes in LowState, and Unitree's own message of it.

The bytes are two of head, 16 key bits, then floats ``lx rx ry L2 ly`` and 16 idle bytes. Sources:
``example/wireless_controller`` and ``utils/joystick.py`` of unitree_sdk2_python, and
``dds_wrapper/common/unitree_joystick.hpp`` of unitree_sdk2.

None of them says what the head holds. A program of somebody's for a real Go2 takes 55 51 as the
mark of a remote that is there, so that is sent here, and nothing is required of what is read:
Unitree's simulators leave the head zero. Unitree's own readers (``dds_wrapper/robots``) take 40
zeros as no remote; so does :func:`parse_remote`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
import struct

from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.layout import WIRELESS_CONTROLLER_LAYOUT

REMOTE_BYTES = 40
NO_REMOTE = bytes(REMOTE_BYTES)
"""What LowState holds where nobody fills a remote in."""
HEAD = b'\x55\x51'
MAX_STICK = 2.0
"""Beyond ±1 a stick is at its stop; beyond this no stick of any gamepad was read."""
_FIELDS = struct.Struct('<2sH5f16x')
_KEY_BYTES = slice(2, 4)


class Key(IntFlag):
    """Keys by their bits."""

    R1 = 1 << 0
    L1 = 1 << 1
    START = 1 << 2
    SELECT = 1 << 3
    R2 = 1 << 4
    L2 = 1 << 5
    F1 = 1 << 6
    F2 = 1 << 7
    A = 1 << 8
    B = 1 << 9
    X = 1 << 10
    Y = 1 << 11
    UP = 1 << 12
    RIGHT = 1 << 13
    DOWN = 1 << 14
    LEFT = 1 << 15


NO_KEYS, ALL_KEYS = Key(0), Key(0xFFFF)


@dataclass(frozen=True)
class Remote:
    """
    What the operator does.

    Sticks are -1 to 1: ``lx`` and ``rx`` to the right, ``ly`` and ``ry`` away from the operator.
    """

    lx: float = 0.0
    ly: float = 0.0
    rx: float = 0.0
    ry: float = 0.0
    keys: Key = NO_KEYS


def parse_remote(raw: bytes) -> Remote | None:
    """
    Read the remote in a LowState; ``None`` where there is none: all bytes are zero.

    A stick a little beyond its range is at its stop: gamepads are scaled roughly.

    :raises WireError: wrong size, or a stick is not finite or beyond :data:`MAX_STICK`
    """
    if len(raw) != REMOTE_BYTES:
        raise WireError(f'the remote has {len(raw)} bytes, expected {REMOTE_BYTES}')
    if raw == NO_REMOTE:
        return None
    _, keys, lx, rx, ry, _, ly = _FIELDS.unpack(raw)
    return _remote(keys, lx, ly, rx, ry)


def keys_of(raw: bytes) -> Key:
    """Keys in the bytes of a remote, whatever its sticks hold."""
    return Key(int.from_bytes(raw[_KEY_BYTES], 'little'))


def build_remote(remote: Remote) -> bytes:
    """
    Bytes of a remote that is there, for a LowState.

    :raises WireError: as :func:`parse_remote` would
    """
    _check_sticks(remote.lx, remote.ly, remote.rx, remote.ry)
    return _FIELDS.pack(HEAD, remote.keys, remote.lx, remote.rx, remote.ry, 0.0, remote.ly)


def build_wireless_controller(remote: Remote) -> bytes:
    """
    Frame of Unitree's own message of the remote, on ``rt/wirelesscontroller``. It has no CRC.

    :raises WireError: as :func:`parse_remote` would
    """
    _check_sticks(remote.lx, remote.ly, remote.rx, remote.ry)
    record = WIRELESS_CONTROLLER_LAYOUT.edit()
    for name in ('lx', 'ly', 'rx', 'ry', 'keys'):
        record[name] = getattr(remote, name)
    return record.view('u1').tobytes()


def parse_wireless_controller(frame: bytes) -> Remote:
    """
    Read Unitree's own message of the remote.

    :raises WireError: wrong size or encoding, or a stick is not finite or beyond
        :data:`MAX_STICK`
    """
    # The middleware fills the last word up.
    record = WIRELESS_CONTROLLER_LAYOUT.view(frame[:WIRELESS_CONTROLLER_LAYOUT.dtype.itemsize])
    return _remote(int(record['keys'][0]),
                   *(float(record[name][0]) for name in ('lx', 'ly', 'rx', 'ry')))


def _remote(keys: int, lx: float, ly: float, rx: float, ry: float) -> Remote:
    if not (-1 <= lx <= 1 and -1 <= ly <= 1 and -1 <= rx <= 1 and -1 <= ry <= 1):  # seldom
        _check_sticks(lx, ly, rx, ry)
        lx, ly, rx, ry = (max(-1.0, min(1.0, stick)) for stick in (lx, ly, rx, ry))
    return Remote(lx, ly, rx, ry, Key(keys))


def _check_sticks(*sticks: float) -> None:
    if not all(abs(stick) <= MAX_STICK for stick in sticks):  # nor is NaN
        raise WireError('sticks of the remote are lx {:g}, ly {:g}, rx {:g}, ry {:g}, expected '
                        'numbers from -1 to 1'.format(*sticks))
