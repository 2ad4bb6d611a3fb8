# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""An MCAP file without an end, as one whose recorder lost its power: all that lies before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
import struct
import sys
from typing import Any, BinaryIO, NamedTuple
from zlib import crc32

from lz4.frame import LZ4FrameDecompressor  # rosbags brings both unpackers along
from policy_gen_ros.deployment.recording.message_types import defined_types
from policy_gen_ros.deployment.recording.storage import Key, RawMessage
from rosbags.typesys.store import Typestore

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor
else:
    from backports.zstd import ZstdDecompressor

_MAGIC = b'\x89MCAP0\r\n'
_SCHEMA, _CHANNEL, _MESSAGE, _CHUNK = 0x03, 0x04, 0x05, 0x06
_ENDS = (0x00, 0x02, 0x0F)
"""No record, where a file system kept room; a footer; the end of the data."""
_RECORD, _MESSAGE_HEAD = struct.Struct('<BQ'), struct.Struct('<HIQQ')
_CHUNK_HEAD = struct.Struct('<QQQI')
_PIECE_BYTES = 65_536


class _Schema(NamedTuple):
    number: int
    kind: str
    encoding: str
    definition: str


class _Channel(NamedTuple):
    number: int
    schema: int
    topic: str


class _Message(NamedTuple):
    channel: int
    message: RawMessage


def has_end(path: Path) -> bool:
    """Whether an MCAP file was completed."""
    with path.open('rb') as file:
        file.seek(max(0, path.stat().st_size - len(_MAGIC)))
        return file.read() == _MAGIC and path.stat().st_size > len(_MAGIC)


class CutMcap:
    """
    The whole messages of an MCAP file, from its beginning to the first fault.

    The format is that of https://mcap.dev/spec. Of the chunk in which the file ends, those
    messages count that can be unpacked.

    :raises ValueError: it is no MCAP file, or there is no whole message in it
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._schemas: dict[int, _Schema] = {}
        self._keys: dict[int, Key] = {}
        self.counts: dict[Key, int] = {}
        first_ns, last_ns = 2**64, 0
        for record in self._records():
            if isinstance(record, _Schema):
                self._schemas[record.number] = record
            elif isinstance(record, _Channel) and record.schema in self._schemas:
                self._keys[record.number] = record.topic, self._schemas[record.schema].kind
            elif isinstance(record, _Message) and record.channel in self._keys:
                key = self._keys[record.channel]
                self.counts[key] = self.counts.get(key, 0) + 1
                first_ns, last_ns = (min(first_ns, record.message.time_ns),
                                     max(last_ns, record.message.time_ns))
        if not self.counts:
            raise ValueError('it is cut off before its first message')
        self.remarks: tuple[str, ...] = (
            f'{path.name} is cut off, as after a loss of power: what lies before is read, '
            f'{sum(self.counts.values())} messages in {(last_ns - first_ns) * 1e-9:.2f} s',)

    def types(self, kind: str) -> Typestore:
        """Types that decode a message."""
        schema = next(one for one in self._schemas.values() if one.kind == kind)
        return defined_types(kind, schema.encoding, schema.definition)

    def messages(self, key: Key) -> Iterator[RawMessage]:
        """Read a topic, oldest message first."""
        yield from sorted((record.message for record in self._records()
                           if isinstance(record, _Message)
                           and self._keys.get(record.channel) == key),
                          key=lambda message: message.time_ns)

    def close(self) -> None:
        """Nothing stays open."""

    def _records(self) -> Iterator[_Schema | _Channel | _Message]:
        """Those that say something, within chunks and outside."""
        with self._path.open('rb') as file, suppress(_Fault):
            if (magic := file.read(len(_MAGIC))) != _MAGIC:
                raise ValueError('it does not begin as an MCAP file' if magic else 'it is empty')
            for opcode, body in _split(file, self._path.stat().st_size):
                if opcode == _CHUNK:
                    # Zeros may have taken the place of its end.
                    yield from _unpacked(body, last=file.peek(1)[:1] in (b'', b'\0'))
                elif record := _record(opcode, body):
                    yield record


class _Fault(Exception):
    """Nothing from here on can be trusted."""


def _split(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    """Give opcodes and contents; of a chunk that is cut, what there is."""
    while head := file.read(_RECORD.size):
        if len(head) < _RECORD.size:
            raise _Fault
        opcode, length = _RECORD.unpack(head)
        if opcode in _ENDS:
            return
        body = file.read(min(length, size))
        if len(body) == length or opcode == _CHUNK:
            yield opcode, body
        if len(body) < length:
            raise _Fault


def _record(opcode: int, body: bytes) -> _Schema | _Channel | _Message | None:
    try:
        if opcode == _MESSAGE:
            channel, _, time_ns, _ = _MESSAGE_HEAD.unpack_from(body)
            return _Message(channel, RawMessage(time_ns, body[_MESSAGE_HEAD.size:]))
        if opcode == _SCHEMA:
            kind, encoding, definition = _texts(body[2:], 3)
            return _Schema(struct.unpack_from('<H', body)[0], kind, encoding, definition)
        if opcode == _CHANNEL:
            return _Channel(*struct.unpack_from('<HH', body), *_texts(body[4:], 1))
    except (struct.error, UnicodeDecodeError) as error:
        raise _Fault from error
    return None


def _texts(data: bytes, count: int) -> list[str]:
    """Read texts, each behind its length."""
    texts = []
    for _ in range(count):
        (length,) = struct.unpack_from('<I', data)
        texts.append(struct.unpack_from(f'{length}s', data, 4)[0].decode())
        data = data[4 + length:]
    return texts


def _unpacked(chunk: bytes, last: bool) -> Iterator[_Schema | _Channel | _Message]:
    """
    Give the records of a chunk.

    :param last: nothing comes after it, so it may be cut whatever its length
    :raises _Fault: after the last one, where the chunk is cut or damaged
    """
    try:
        _, _, size, checksum = _CHUNK_HEAD.unpack_from(chunk)
        (compression,) = _texts(chunk[_CHUNK_HEAD.size:], 1)
        start = _CHUNK_HEAD.size + 4 + len(compression.encode()) + 8
        (packed_size,) = struct.unpack_from('<Q', chunk, start - 8)
    except (struct.error, UnicodeDecodeError) as error:
        raise _Fault from error
    data = _decompress(chunk[start:start + packed_size], compression)
    if not last and checksum and crc32(data) != checksum:
        raise _Fault
    for opcode, body in _split(BytesIO(data), len(data)):
        if record := _record(opcode, body):
            yield record
    if len(data) != size:
        raise _Fault


def _decompress(packed: bytes, compression: str) -> bytes:
    """Unpack as far as there is something whole to unpack."""
    if not compression:
        return packed
    unpacker = _unpacker(compression)
    data = b''
    with suppress(Exception):  # of the libraries, for what is damaged
        for at in range(0, len(packed), _PIECE_BYTES):
            data += unpacker.decompress(packed[at:at + _PIECE_BYTES])
    return data


def _unpacker(compression: str) -> Any:
    if compression == 'lz4':
        return LZ4FrameDecompressor()
    if compression == 'zstd':
        return ZstdDecompressor()
    raise _Fault
