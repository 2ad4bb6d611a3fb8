# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""MCAP files that end anywhere: what is whole before is read, in every kind of chunk."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from pathlib import Path
import struct
from zlib import crc32

from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
from lz4.frame import compress as lz4_compress
from policy_gen_ros.deployment.recording.bag import Bag
from policy_gen_ros.deployment.recording.clip import read_clip
from policy_gen_ros.deployment.recording.mcap import _Fault, _split, _unpacked, CutMcap
from policy_gen_ros.deployment.recording.message_types import IMU, JOINT_STATE
from policy_gen_ros.deployment.recording.tracks import Topics
import pytest
from recorded_walks import check_trot, trot, write_bag

MAGIC = b'\x89MCAP0\r\n'
KEYS = [('/joint_states', JOINT_STATE), ('/imu', IMU)]
MESSAGES_A_CHUNK = 20


def record(opcode: int, body: bytes) -> bytes:
    return struct.pack('<BQ', opcode, len(body)) + body


def chunk(records: list[bytes], compression: str) -> bytes:
    """Pack records as a recorder does."""
    data = b''.join(records)
    packed = lz4_compress(data) if compression == 'lz4' else data
    name = compression.encode()
    return record(0x06, struct.pack('<QQQI', 0, 0, len(data), crc32(data))
                  + struct.pack('<I', len(name)) + name + struct.pack('<Q', len(packed)) + packed)


class Pieces:
    """The header of a sound file, its schemas and channels, and its messages."""

    def __init__(self, head: bytes, defined: list[bytes], messages: list[bytes]) -> None:
        self.head, self.defined, self.messages = head, defined, messages

    def __repr__(self) -> str:
        return f'<{len(self.messages)} messages>'


def records_of(path: Path) -> Pieces:
    head, messages = b'', []
    with path.open('rb') as file:
        file.read(len(MAGIC))
        for opcode, body in _split(file, path.stat().st_size):
            if opcode == 0x01:
                head = MAGIC + record(opcode, body)
            elif opcode == 0x06:
                (size,) = struct.unpack_from('<Q', body, 32)
                messages += [record(*inner) for inner in _split(BytesIO(body[40:]), size)]
    return Pieces(head, [one for one in messages if one[0] != 0x05],
                  [one for one in messages if one[0] == 0x05])


@pytest.fixture(scope='module')
def pieces(tmp_path_factory) -> Pieces:
    bag = write_bag(tmp_path_factory.mktemp('sound') / 'bag', trot(1.2, 50.0))
    return records_of(bag / 'bag.mcap')


def whole_file(pieces: Pieces, compression: str | None) -> tuple[bytes, list[int]]:
    """
    Write the messages anew, in chunks or without any.

    :return: the bytes, and where each message is complete; at the end of its chunk where packed
    """
    content, ends = pieces.head, []
    for first in range(0, len(pieces.messages), MESSAGES_A_CHUNK):
        part = pieces.messages[first:first + MESSAGES_A_CHUNK]
        before = pieces.defined if first == 0 else []
        start = len(content)
        if compression is None:
            content += b''.join([*before, *part])
            begin = start + sum(map(len, before))
        else:
            content += chunk([*before, *part], compression)
            begin = start + 9 + 40 + sum(map(len, before))
        for one in part:
            begin += len(one)
            ends.append(len(content) if compression == 'lz4' else begin)
    return content, ends


@pytest.mark.parametrize('compression', [None, '', 'lz4'], ids=['no chunks', 'unpacked', 'lz4'])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None,
          max_examples=60)
@given(data=st.data())
def test_all_messages_before_any_cut_are_read(
        pieces, tmp_path: Path, compression: str | None, data) -> None:
    content, ends = whole_file(pieces, compression)
    cut = data.draw(st.integers(0, len(content)), 'cut')
    tail = data.draw(st.sampled_from([b'', bytes(300)]), 'what the file system left')
    path = tmp_path / 'cut.mcap'
    path.write_bytes(content[:cut] + tail)
    whole = sum(end <= cut for end in ends)
    read, refusal = 0, ''
    try:
        with Bag(path) as bag:
            read = sum(len([*bag.messages(*key)]) for key in KEYS if bag.has(*key))
            remark = bag.remarks[0]
    except ValueError as error:
        remark = refusal = str(error)
    assert ('cannot be read as a rosbag2 recording' if refusal else
            'cut.mcap is cut off, as after a loss of power: what lies before is read, ') in remark
    assert '\n' not in remark
    if refusal:
        assert not whole
        return
    # What zeros continue may be a message.
    assert read >= whole
    assert read <= whole + (MESSAGES_A_CHUNK if compression == 'lz4' else 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None,
          max_examples=100)
@given(data=st.data())
def test_damaged_files_without_an_end_raise_nothing_else(pieces, tmp_path: Path, data) -> None:
    content = bytearray(whole_file(pieces, data.draw(st.sampled_from([None, '', 'lz4'])))[0])
    for _ in range(data.draw(st.integers(1, 4), 'changes')):
        content[data.draw(st.integers(0, len(content) - 1), 'at')] ^= data.draw(
            st.integers(1, 255), 'flip')
    path = tmp_path / 'cut.mcap'
    path.write_bytes(content)
    remark = ''
    try:
        read_clip(path, Topics())
    except ValueError as error:
        remark = str(error)
    assert '\n' not in remark


def test_a_clip_of_a_cut_recording_says_how_much_was_read(tmp_path: Path) -> None:
    content = (write_bag(tmp_path / 'bag', trot(4.0)) / 'bag.mcap').read_bytes()
    path = tmp_path / 'power_lost.mcap'
    path.write_bytes(content[:len(content) * 2 // 3])
    clip = read_clip(path, Topics())
    check_trot(clip.trajectory, clip.end_s - 0.02 * (len(clip.trajectory) - 1), 0.3)
    assert 2.0 < clip.end_s < 3.0
    assert clip.describe()[1].startswith(
        'power_lost.mcap is cut off, as after a loss of power: what lies before is read, ')


def test_a_chunk_whose_checksum_is_wrong_ends_what_is_read(pieces, tmp_path: Path) -> None:
    content, ends = whole_file(pieces, '')
    damaged = bytearray(content)
    damaged[ends[MESSAGES_A_CHUNK + 5] - 3] ^= 1
    path = tmp_path / 'cut.mcap'
    path.write_bytes(damaged)
    assert sum(CutMcap(path).counts.values()) == MESSAGES_A_CHUNK


def test_zstd_is_unpacked_as_far_as_it_goes() -> None:
    zstd = pytest.importorskip('backports.zstd')
    message = record(0x05, struct.pack('<HIQQ', 1, 0, 7, 7) + bytes(range(256)) * 400)
    data = message * 20
    packed = zstd.compress(data)
    body = struct.pack('<QQQI', 0, 0, len(data), crc32(data)) + struct.pack('<I', 4) + b'zstd' \
        + struct.pack('<Q', len(packed)) + packed
    assert len([*_unpacked(body, last=True)]) == 20
    records, found = _unpacked(body[:-8], last=True), []
    with suppress(_Fault):
        for one in records:
            found.append(one)
    assert 0 < len(found) < 20
