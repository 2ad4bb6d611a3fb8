# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The operator's remote, against Unitree's own reading of its bytes and its message."""

from __future__ import annotations

import math
import re
import struct

from hypothesis import example, given
from hypothesis import strategies as st
from policy_gen_ros.deployment.wire import sdk
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.remote import (
    build_remote,
    build_wireless_controller,
    Key,
    keys_of,
    NO_REMOTE,
    parse_remote,
    parse_wireless_controller,
    Remote,
)
import pytest

STICK = st.floats(-1, 1, width=32)
REMOTES = st.builds(Remote, lx=STICK, ly=STICK, rx=STICK, ry=STICK,
                    keys=st.integers(0, 0xFFFF).map(Key))
# The order in which example/wireless_controller of unitree_sdk2_python reads the bits of bytes 2
# and 3; it calls the last of byte 2 F3.
KEYS_OF_THE_SDK = (('R1', 'L1', 'START', 'SELECT', 'R2', 'L2', 'F1', 'F2'),
                   ('A', 'B', 'X', 'Y', 'UP', 'RIGHT', 'DOWN', 'LEFT'))
# Where it reads the sticks.
STICKS_OF_THE_SDK = {'lx': 4, 'rx': 8, 'ry': 12, 'ly': 20}


@given(REMOTES)
def test_what_is_built_is_read_again_also_by_the_sdks_rules(remote: Remote) -> None:
    raw = build_remote(remote)
    assert parse_remote(raw) == remote
    assert keys_of(raw) == remote.keys
    for byte, names in zip(raw[2:4], KEYS_OF_THE_SDK):
        for bit, name in enumerate(names):
            assert byte >> bit & 1 == bool(remote.keys & Key[name])
    for name, start in STICKS_OF_THE_SDK.items():
        assert struct.unpack_from('<f', raw, start)[0] == getattr(remote, name)


@given(st.binary(min_size=40, max_size=40))
@example(b'\xff' * 40)
def test_whatever_40_bytes_hold_a_remote_is_read_or_refused(raw: bytes) -> None:
    assert 0 <= keys_of(raw) <= 0xFFFF
    try:
        remote = parse_remote(raw)
    except WireError:
        return
    if remote is None:
        assert raw == NO_REMOTE
    else:
        assert all(-1 <= getattr(remote, name) <= 1 for name in STICKS_OF_THE_SDK)


@given(st.binary(max_size=80).filter(lambda raw: len(raw) != 40))
def test_another_size_is_refused(raw: bytes) -> None:
    with pytest.raises(WireError, match=f'has {len(raw)} bytes, expected 40'):
        parse_remote(raw)


def test_no_remote_and_a_remote_at_rest_are_told_apart() -> None:
    assert parse_remote(NO_REMOTE) is None
    assert parse_remote(build_remote(Remote())) == Remote()


def test_a_stick_a_little_beyond_its_range_is_at_its_stop() -> None:
    assert parse_remote(build_remote(Remote(lx=1.5, ly=-1.01))) == Remote(lx=1.0, ly=-1.0)


@pytest.mark.parametrize('value', [math.nan, math.inf, -math.inf, 2.1, -1e30])
@pytest.mark.parametrize('name', STICKS_OF_THE_SDK)
def test_a_stick_that_is_nonsense_is_refused_and_the_keys_stay_readable(name, value) -> None:
    raw = bytearray(build_remote(Remote(keys=Key.L2 | Key.B)))
    struct.pack_into('<f', raw, STICKS_OF_THE_SDK[name], value)
    with pytest.raises(WireError, match=re.escape(f'{name} {value:g}')):
        parse_remote(bytes(raw))
    assert keys_of(bytes(raw)) == Key.L2 | Key.B
    with pytest.raises(WireError, match=re.escape(f'{name} {value:g}')):
        build_remote(Remote(**{name: value}))


@given(REMOTES)
def test_the_message_equals_the_sdks(remote: Remote) -> None:
    frame = build_wireless_controller(remote)
    message = sdk.WirelessController_.deserialize(frame)
    assert message == sdk.WirelessController_(remote.lx, remote.ly, remote.rx, remote.ry,
                                              int(remote.keys))
    assert message.serialize(use_version_2=False) == frame
    assert parse_wireless_controller(frame) == remote


@given(st.binary(max_size=40))
def test_whatever_a_message_holds_it_is_read_or_refused(tail: bytes) -> None:
    for frame in (tail, b'\0\1\0\0' + tail):
        try:
            parse_wireless_controller(frame)
        except WireError:
            continue
        assert len(frame) >= 22
