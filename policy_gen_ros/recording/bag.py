# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A rosbag2 recording in SQLite or MCAP, read without ROS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from policy_gen_ros.files import refuse_pointer
from policy_gen_ros.progress import progress
from policy_gen_ros.recording.message_types import known_types
from rosbags.highlevel import AnyReader

SUFFIXES = ('.mcap', '.db3')
_METADATA = 'metadata.yaml'


class Bag:
    """
    A recording, open until its ``with`` block ends.

    :param path: a folder with ``metadata.yaml``, or one storage file
    :raises ValueError: there is none, or it cannot be read; the message says why
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        _check_place(path)
        with self._readable():
            self._reader = AnyReader([path], default_typestore=known_types())
            self._reader.open()

    def __enter__(self) -> Bag:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def has(self, topic: str, kind: str) -> bool:
        """Whether there are messages of a type on a topic."""
        return (topic, kind) in self._counts()

    def messages(self, topic: str, kind: str) -> Iterator[tuple[float, Any]]:
        """
        Read a topic, oldest message first, and show progress when it takes long.

        :param kind: type of the messages, such as ``sensor_msgs/msg/Imu``
        :return: when it was recorded, in s, and the message, with the fields of its type
        :raises ValueError: there are no such messages, or they are damaged
        """
        counts = self._counts()
        if (topic, kind) not in counts:
            raise ValueError(f'{self.path} has no {kind} on {topic}; it has {self.contents()}')
        connections = [connection for connection in self._reader.connections
                       if (connection.topic, connection.msgtype) == (topic, kind)]
        # Recorders leave out definitions that they did not find.
        types = self._reader.typestore
        types = types if kind in types.fielddefs else known_types()
        with self._readable():
            for _, time_ns, raw in progress(
                    self._reader.messages(connections), about=topic, unit='message',
                    total=counts[topic, kind]):
                yield time_ns * 1e-9, types.deserialize_cdr(raw, kind)

    def contents(self) -> str:
        """Topics that have messages, with their types."""
        return ', '.join(f'{topic} ({kind})' for topic, kind in sorted(self._counts())) \
            or 'no messages'

    def _counts(self) -> dict[tuple[str, str], int]:
        """Messages of each topic and type; there is no entry for none."""
        counts: dict[tuple[str, str], int] = {}
        for connection in self._reader.connections:
            if connection.msgcount:
                key = connection.topic, connection.msgtype
                counts[key] = counts.get(key, 0) + connection.msgcount
        return counts

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Turn what a damaged file makes the library raise into one line."""
        try:
            yield
        except Exception as error:  # its own errors, and those of struct, SQLite, zstd, YAML, ...
            reason = ' '.join(str(error).split()) or type(error).__name__
            raise ValueError(f'{self.path} cannot be read as a rosbag2 recording in SQLite or '
                             f'MCAP: {reason}') from error


def _check_place(path: Path) -> None:
    if not path.exists():
        raise ValueError(f'no recording at {path}')
    if not path.is_dir() and path.suffix not in SUFFIXES:
        raise ValueError(f'{path} is no rosbag2 recording: expected a folder, or a file that ends '
                         f'in {" or ".join(SUFFIXES)}')
    if path.is_dir() and path.suffix == '.bag':  # the library takes it for one of ROS 1
        raise ValueError(f'rename {path}: the name of a rosbag2 folder cannot end in .bag')
    if path.is_dir() and not (path / _METADATA).is_file():
        files = sorted(file.name for file in path.iterdir() if file.suffix in SUFFIXES)
        cure = f'; give {files[0]} in it, or try `ros2 bag reindex`' if files else ''
        raise ValueError(f'{path} is no rosbag2 recording: it has no {_METADATA}{cure}')
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        refuse_pointer(file, ValueError)
