# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Bags of both storages, old and damaged ones, and what is no bag."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
import re
import sqlite3

from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.deployment.recording.bag import Bag
from policy_gen_ros.deployment.recording.clip import read_clip
from policy_gen_ros.deployment.recording.message_types import IMU, JOINT_STATE, known_types
from policy_gen_ros.deployment.recording.tracks import Topics
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY
import pytest
from recorded_walks import at_ns, imu, joint_state, STORAGES, walk, write_bag
from rosbags.interfaces import MessageDefinitionFormat
from rosbags.rosbag2 import CompressionFormat, CompressionMode, Writer
from rosbags.typesys import get_types_from_msg, get_typestore, Stores


def read(path: Path) -> list[tuple[float, object]]:
    """Give all joint states and IMU readings of a bag."""
    with Bag(path) as bag:
        return [*bag.messages('/joint_states', JOINT_STATE), *bag.messages('/imu', IMU)]


@pytest.mark.parametrize('storage', STORAGES)
def test_messages_come_back_as_they_were_written(tmp_path: Path, storage: str) -> None:
    entries = walk(1.0)
    bag = write_bag(tmp_path / 'bag', entries, storage)
    for path in (bag, next(bag.glob('*.[md]*[pb]*'))):
        heard = read(path)
        wanted = [entry for topic in ('/joint_states', '/imu') for entry in entries
                  if entry[0] == topic]
        assert len(heard) == len(wanted) == 102
        for (time_s, message), (_, _, time_ns, original) in zip(heard, wanted):
            assert time_s == pytest.approx(time_ns * 1e-9)
            assert message.header.stamp.nanosec == original.header.stamp.nanosec
        assert heard[0][1].name == entries[0][3].name
        np.testing.assert_array_equal(heard[7][1].position, wanted[7][3].position)


@pytest.mark.parametrize('missing', ['all definitions', 'one definition'])
def test_definitions_that_a_bag_lacks_are_known(tmp_path: Path, missing: str) -> None:
    """ROS 2 Humble and older put none into SQLite; newer ones leave out what they do not find."""
    bag = write_bag(tmp_path / 'bag', walk(1.0), 'sqlite3')
    with sqlite3.connect(bag / 'bag.db3') as database:
        if missing == 'one definition':
            database.execute('DELETE FROM message_definitions WHERE topic_type = ?', (IMU,))
        else:
            for table in ('message_definitions', 'schema', 'metadata'):
                database.execute(f'DROP TABLE {table}')
            database.execute('ALTER TABLE topics DROP COLUMN type_description_hash')
    database.close()
    with Bag(bag) as opened:
        formats = {connection.msgdef.format for connection in opened._parts[0]._reader.connections}
        assert MessageDefinitionFormat.NONE in formats
    assert len(read(bag)) == 102


def test_a_topic_that_is_not_there_or_has_another_type_is_named(tmp_path: Path) -> None:
    path = write_bag(tmp_path / 'bag', walk(1.0, imu_topic='/go2/imu'))
    with Bag(path) as bag:
        for topic in ('/imu', '/joint_states'):
            with pytest.raises(ValueError, match=rf'no sensor_msgs/msg/Imu on {topic}; it has '
                               r'/go2/imu \(sensor_msgs/msg/Imu\), /joint_states \(sensor_msgs/'):
                next(bag.messages(topic, IMU))


def test_a_bag_without_messages_says_so(tmp_path: Path) -> None:
    with Bag(write_bag(tmp_path / 'bag', [])) as bag:
        assert bag.contents() == 'no messages'


def _folder_without_messages(path: Path) -> None:
    path.mkdir()


def _text_file(path: Path) -> None:
    path.write_text('not a bag')


def _lost_file(path: Path) -> None:
    write_bag(path, walk(0.1))
    (path / 'bag.mcap').unlink()


def _nothing(path: Path) -> None:
    pass


@pytest.mark.parametrize(('make', 'says'), [
    (_nothing, 'no recording at'),
    (_folder_without_messages, r'neither a metadata.yaml nor a file that ends in .mcap or .db3'),
    (_text_file, r'expected a folder, or a file that ends in .mcap or .db3'),
    (_lost_file, r'lost its messages: there is no file .* its metadata.yaml names bag.mcap')])
def test_what_is_no_bag_is_refused_in_one_line(tmp_path: Path, make, says: str) -> None:
    make(tmp_path / 'bag')
    with pytest.raises(ValueError, match=says) as refusal:
        Bag(tmp_path / 'bag')
    assert '\n' not in str(refusal.value)


def _without_metadata(bag: Path) -> None:
    (bag / 'metadata.yaml').unlink()


def _with_no_yaml(bag: Path) -> None:
    (bag / 'metadata.yaml').write_text('{:')


def _with_another_count(bag: Path) -> None:
    text = (bag / 'metadata.yaml').read_text()
    (bag / 'metadata.yaml').write_text(text.replace('message_count: 102', 'message_count: 0')
                                       .replace('message_count: 51', 'message_count: 0'))


def _with_a_file_that_is_lost(bag: Path) -> None:
    text = (bag / 'metadata.yaml').read_text()
    (bag / 'metadata.yaml').write_text(
        text.replace('relative_file_paths:\n', 'relative_file_paths:\n  - bag_9.mcap\n'))


@pytest.mark.parametrize('storage', STORAGES)
@pytest.mark.parametrize(('damage', 'says'), [
    (_without_metadata, r'there is no metadata.yaml, or it is damaged: read is bag\.'),
    (_with_no_yaml, r'there is no metadata.yaml, or it is damaged: read is bag\.'),
    (_with_another_count, 'metadata.yaml says 0 messages, 102 are there and are read'),
    (_with_a_file_that_is_lost, r'bag_9.mcap of metadata.yaml is not there: read is bag\.')])
def test_a_folder_is_read_whatever_its_metadata_say(
        tmp_path: Path, storage: str, damage: Callable[[Path], None], says: str) -> None:
    bag = write_bag(tmp_path / 'bag', walk(1.0), storage)
    damage(bag)
    assert len(read(bag)) == 102
    with Bag(bag) as opened:
        assert len(opened.remarks) == 1
        assert re.match(says, opened.remarks[0])


def test_parts_of_a_recording_are_one(tmp_path: Path) -> None:
    entries = walk(1.0)
    bag = write_bag(tmp_path / 'bag', entries[:100])
    later = write_bag(tmp_path / 'later', entries[100:])
    (later / 'later.mcap').rename(bag / 'later.mcap')
    _without_metadata(bag)
    heard = read(bag)
    assert [time_s for time_s, _ in heard[:51]] == sorted(time_s for time_s, _ in heard[:51])
    assert len(heard) == 102


def test_a_folder_may_be_named_like_a_ros_1_bag_unless_it_is_compressed(tmp_path: Path) -> None:
    assert len(read(write_bag(tmp_path / 'walk.bag', walk(1.0)))) == 102
    writer = Writer(tmp_path / 'packed.bag', version=8, storage_plugin=STORAGES['sqlite3'])
    writer.set_compression(CompressionMode.MESSAGE, CompressionFormat.ZSTD)
    with writer:
        pass
    with pytest.raises(ValueError, match=r'rename .*: the name of a compressed rosbag2 folder'):
        Bag(tmp_path / 'packed.bag')


@pytest.mark.parametrize('mode', [CompressionMode.FILE, CompressionMode.MESSAGE])
def test_compressed_folders_are_read(tmp_path: Path, mode: CompressionMode) -> None:
    types, kind = known_types(), JOINT_STATE
    writer = Writer(tmp_path / 'bag', version=8, storage_plugin=STORAGES['mcap'])
    writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        connection = writer.add_connection('/joint_states', kind, typestore=types)
        writer.write(connection, at_ns(0.0), types.serialize_cdr(joint_state(0.0), kind))
    with Bag(tmp_path / 'bag') as bag:
        assert len([*bag.messages('/joint_states', kind)]) == 1


def test_what_a_killed_recorder_left_in_the_log_of_a_database_is_read(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag', walk(1.0), 'sqlite3')
    database = sqlite3.connect(bag / 'bag.db3')
    database.execute('PRAGMA journal_mode = WAL')
    database.execute('PRAGMA wal_autocheckpoint = 0')
    database.execute('INSERT INTO messages (topic_id, timestamp, data) '
                     'SELECT topic_id, timestamp + 2000000000, data FROM messages')
    database.commit()
    killed = tmp_path / 'killed'
    killed.mkdir()
    for name in ('bag.db3', 'bag.db3-wal'):  # as they lie while the recorder writes
        (killed / name).write_bytes((bag / name).read_bytes())
    database.close()
    before = {file: file.read_bytes() for file in killed.iterdir()}
    with Bag(killed) as opened:
        assert 'bag.db3-wal was left over by a recorder that was killed: it is taken into ' \
            'account' in opened.remarks
        assert len([*opened.messages('/imu', IMU)]) == 102
    assert {file: file.read_bytes() for file in killed.iterdir()} == before


def test_a_database_that_is_cut_off_is_refused_with_the_cure(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag', walk(2.0), 'sqlite3') / 'bag.db3'
    content = bag.read_bytes()
    bag.write_bytes(content[:len(content) // 2])
    with pytest.raises(ValueError, match=rf'it is cut off: {len(content) // 2} of {len(content)} '
                       r'bytes are there; `sqlite3 bag.db3 .recover \| sqlite3 mended.db3`'):
        Bag(bag)


@pytest.mark.parametrize('name', ['bag.mcap', 'bag.db3'])
@pytest.mark.parametrize('content', [b'', b'\0' * 100, b'\x89MCAP0\r\n', b'SQLite format 3\0'])
def test_files_of_something_else_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match='cannot be read as a rosbag2 recording'):
        Bag(tmp_path / name)


@pytest.fixture(scope='module', params=['mcap', 'sqlite3'])
def sound_file(request, tmp_path_factory) -> Path:
    folder = write_bag(tmp_path_factory.mktemp('sound') / 'bag', walk(1.0), request.param)
    return next(folder.glob('bag.*'))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None,
          max_examples=60)
@given(data=st.data())
def test_damaged_files_are_read_or_refused(sound_file: Path, tmp_path: Path, data) -> None:
    content = bytearray(sound_file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4), 'changes')):
        at = data.draw(st.integers(0, len(content) - 1), 'at')
        if data.draw(st.booleans(), 'cut'):
            del content[at + 1:]
        else:
            content[at] ^= data.draw(st.integers(1, 255), 'flip')
    damaged = tmp_path / sound_file.name
    damaged.write_bytes(content)
    with suppress(ValueError):
        assert len(read(damaged)) <= 102
    with suppress(ValueError):
        TRAJECTORY.check(read_clip(damaged, Topics()).trajectory)


def test_a_type_that_was_defined_otherwise_is_refused(tmp_path: Path) -> None:
    other = get_typestore(Stores.EMPTY)
    other.register(get_types_from_msg('float64 orientation', IMU))
    with Writer(tmp_path / 'bag', version=8) as writer:
        writer.write(writer.add_connection('/imu', IMU, typestore=other), at_ns(0.0),
                     other.serialize_cdr(other.types[IMU](1.0), IMU))
        writer.write(writer.add_connection('/joint_states', JOINT_STATE, typestore=known_types()),
                     at_ns(0.0), known_types().serialize_cdr(joint_state(0.0), JOINT_STATE))
    with pytest.raises(ValueError, match=r"no message on /imu can be used: .* no attribute '"):
        read_clip(tmp_path / 'bag', Topics())


def test_a_message_that_does_not_fit_its_type_is_refused(tmp_path: Path) -> None:
    entries = [('/imu', IMU, at_ns(0.0), imu(0.0)),
               ('/imu', IMU, at_ns(0.1), b'\0\1\0\0 too short'),
               ('/joint_states', JOINT_STATE, at_ns(0.1), joint_state(0.1))]
    with pytest.raises(ValueError, match='cannot be read'):
        read(write_bag(tmp_path / 'bag', entries))
