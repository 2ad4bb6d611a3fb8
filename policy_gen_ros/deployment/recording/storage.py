# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A storage file of rosbag2, read by the library; a database's log that was left over is used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
import shutil
import sqlite3
import struct
import tempfile
from typing import NamedTuple, Protocol

from policy_gen_ros.deployment.recording.message_types import known_types
from rosbags.highlevel import AnyReader
from rosbags.typesys.store import Typestore

Key = tuple[str, str]
"""Topic and type."""
_LOGS = ('-wal', '-journal')
_SQLITE_HEAD = struct.Struct('>16sH10xI')


class RawMessage(NamedTuple):
    """A message as its bytes, and when it was recorded."""

    time_ns: int
    raw: bytes


class Storage(Protocol):
    """Where messages lie."""

    counts: dict[Key, int]
    """Messages of each topic and type; there is no entry for none."""
    remarks: tuple[str, ...]

    def types(self, kind: str) -> Typestore:
        """Types that decode a message."""

    def messages(self, key: Key) -> Iterator[RawMessage]:
        """Read a topic, oldest message first."""

    def close(self) -> None:
        """Let go of the file."""


class Stored:
    """
    A storage file, or a whole folder where its metadata are needed to unpack it.

    :raises Exception: whatever the library makes of what it cannot read
    """

    def __init__(self, path: Path) -> None:
        self.remarks: tuple[str, ...] = ()
        with ExitStack() as stack:
            logs = [log for suffix in _LOGS if path.suffix == '.db3'
                    and (log := path.with_name(path.name + suffix)).is_file()
                    and log.stat().st_size]
            if logs:
                self.remarks = (f'{logs[0].name} was left over by a recorder that was killed: '
                                'it is taken into account',)
                path = _with_log(path, logs, Path(stack.enter_context(
                    tempfile.TemporaryDirectory(prefix='policy_gen-'))))
            _check_size(path)
            self._reader = AnyReader([path], default_typestore=known_types())
            self._reader.open()
            stack.callback(self._reader.close)
            self._stack = stack.pop_all()
        self.counts: dict[Key, int] = {}
        for connection in self._reader.connections:
            if connection.msgcount:
                key = connection.topic, connection.msgtype
                self.counts[key] = self.counts.get(key, 0) + connection.msgcount

    def types(self, kind: str) -> Typestore:
        """Types that decode a message; recorders leave out definitions that they do not find."""
        types = self._reader.typestore
        return types if kind in types.fielddefs else known_types()

    def messages(self, key: Key) -> Iterator[RawMessage]:
        """Read a topic, oldest message first."""
        connections = [connection for connection in self._reader.connections
                       if (connection.topic, connection.msgtype) == key]
        for _, time_ns, raw in self._reader.messages(connections) if connections else ():
            yield RawMessage(time_ns, raw)

    def close(self) -> None:
        """Let go of the file."""
        self._stack.close()


def _with_log(path: Path, logs: list[Path], folder: Path) -> Path:
    """Copy a database and let SQLite finish, or undo, what its log says; the library would not."""
    for file in (path, *logs):
        shutil.copyfile(file, folder / file.name)
    mended = folder / path.name
    database = sqlite3.connect(mended)
    try:
        database.execute('PRAGMA journal_mode = DELETE').fetchall()
        database.execute('SELECT count(*) FROM sqlite_master').fetchall()
    finally:
        database.close()
    return mended


def _check_size(path: Path) -> None:
    """
    See to it that a database is whole.

    :raises ValueError: it is cut off
    """
    if path.suffix != '.db3' or path.is_dir():
        return
    with path.open('rb') as file:
        head = file.read(_SQLITE_HEAD.size)
    if len(head) < _SQLITE_HEAD.size:
        return
    magic, page_bytes, pages = _SQLITE_HEAD.unpack(head)
    size, wanted = path.stat().st_size, (65_536 if page_bytes == 1 else page_bytes) * pages
    if magic == b'SQLite format 3\0' and size < wanted:
        raise ValueError(f'it is cut off: {size} of {wanted} bytes are there; `sqlite3 '
                         f'{path.name} .recover | sqlite3 mended.db3` saves what is left')
