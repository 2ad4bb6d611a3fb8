# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A rosbag2 recording in SQLite or MCAP, read without ROS; also one whose recorder was killed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, ExitStack
from heapq import merge
from pathlib import Path
from typing import Any

from policy_gen_ros.deployment.recording.mcap import CutMcap, has_end
from policy_gen_ros.deployment.recording.storage import Key, Storage, Stored
from policy_gen_ros.utils.files import refuse_pointer
from policy_gen_ros.utils.progress import progress
import yaml

SUFFIXES = ('.mcap', '.db3')
_METADATA = 'metadata.yaml'


class Bag:
    """
    A recording, open until its ``with`` block ends.

    :param path: a folder, or one storage file
    :raises ValueError: there is none, or it cannot be read; the message says why
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        files, remarks, metadata_count = _files(path)
        self._parts: list[Storage] = []
        with ExitStack() as stack:
            for file in files:
                with self._readable():
                    part = _open(file)
                stack.callback(part.close)
                self._parts.append(part)
                remarks += part.remarks
            self._stack = stack.pop_all()
        self._counts: dict[Key, int] = {}
        for part in self._parts:
            for key, count in part.counts.items():
                self._counts[key] = self._counts.get(key, 0) + count
        count = sum(self._counts.values())
        if metadata_count not in (None, count) and not remarks:
            remarks = (f'{_METADATA} says {metadata_count} messages, {count} are there and are '
                       'read',)
        self.remarks = remarks
        """What a user should know of how it was opened."""

    def __enter__(self) -> Bag:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def has(self, topic: str, kind: str) -> bool:
        """Whether there are messages of a type on a topic."""
        return (topic, kind) in self._counts

    def messages(self, topic: str, kind: str) -> Iterator[tuple[float, Any]]:
        """
        Read a topic, oldest message first, and show progress when it takes long.

        :param kind: type of the messages, such as ``sensor_msgs/msg/Imu``
        :return: when it was recorded, in s, and the message, with the fields of its type
        :raises ValueError: there are no such messages, or they are damaged
        """
        key = topic, kind
        if key not in self._counts:
            raise ValueError(f'{self.path} has no {kind} on {topic}; it has {self.contents()}')

        def decoded(part: Storage) -> Iterator[tuple[float, Any]]:
            types = part.types(kind)
            for time_ns, raw in part.messages(key):
                try:
                    message = types.deserialize_cdr(raw, kind)
                except Exception:
                    if isinstance(part, CutMcap):
                        return  # the last one, whose end a file system has filled with zeros
                    raise
                yield time_ns * 1e-9, message

        parts = [decoded(part) for part in self._parts if key in part.counts]
        with self._readable():
            yield from progress(merge(*parts, key=lambda message: message[0]), about=topic,
                                unit='message', total=self._counts[key])

    def contents(self) -> str:
        """Topics that have messages, with their types."""
        return ', '.join(f'{topic} ({kind})' for topic, kind in sorted(self._counts)) \
            or 'no messages'

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Turn what a damaged file makes the library raise into one line."""
        try:
            yield
        except Exception as error:  # its own errors, and those of struct, SQLite, zstd, YAML, ...
            reason = ' '.join(str(error).split()) or type(error).__name__
            raise ValueError(f'{self.path} cannot be read as a rosbag2 recording in SQLite or '
                             f'MCAP: {reason}') from error


def _open(path: Path) -> Storage:
    """Open a part of a recording; an MCAP file without an end is read as far as it goes."""
    if path.suffix == '.mcap' and not has_end(path):
        return CutMcap(path)
    return Stored(path)


def _files(path: Path) -> tuple[list[Path], tuple[str, ...], int | None]:
    """
    Find what to open: storage files, or the folder itself where the library has to unpack them.

    :return: the files, what a user should know of them, and how many messages its metadata promise
    :raises ValueError: it is no recording
    """
    if not path.exists():
        raise ValueError(f'no recording at {path}')
    if not path.is_dir():
        if path.suffix not in SUFFIXES:
            raise ValueError(f'{path} is no rosbag2 recording: expected a folder, or a file that '
                             f'ends in {" or ".join(SUFFIXES)}')
        refuse_pointer(path, ValueError)
        return [path], (), None
    return _files_of_folder(path)


def _files_of_folder(path: Path) -> tuple[list[Path], tuple[str, ...], int | None]:
    found = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
    metadata = _metadata(path)
    if metadata is None:
        if not found:
            raise ValueError(f'{path} is no rosbag2 recording: there is neither a {_METADATA} '
                             f'nor a file that ends in {" or ".join(SUFFIXES)} in it')
        return found, (f'there is no {_METADATA}, or it is damaged: {_read_is(found)}',), None
    count = metadata.get('message_count')
    if str(metadata.get('compression_mode') or '').lower() in ('file', 'message'):
        if path.suffix == '.bag':  # the library takes it for one of ROS 1
            raise ValueError(f'rename {path}: the name of a compressed rosbag2 folder cannot end '
                             'in .bag')
        return [path], (), count
    names = [Path(str(name)).name for name in metadata.get('relative_file_paths') or ()]
    lost = [name for name in names if not (path / name).is_file()]
    there = [path / name for name in names if name not in lost] or found
    if not there:
        raise ValueError(f'{path} has lost its messages: there is no file that ends in '
                         f'{" or ".join(SUFFIXES)}, its {_METADATA} names '
                         f'{", ".join(names) or "none"}')
    remark = f'{", ".join(lost)} of {_METADATA} is not there: {_read_is(there)}'
    return there, (remark,) if lost else (), count


def _read_is(files: Sequence[Path]) -> str:
    return f'read is {", ".join(file.name for file in files)}'


def _metadata(folder: Path) -> dict[str, Any] | None:
    try:
        metadata = yaml.safe_load((folder / _METADATA).read_text())['rosbag2_bagfile_information']
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return None
    return metadata if isinstance(metadata, dict) else None
