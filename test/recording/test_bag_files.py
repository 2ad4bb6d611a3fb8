# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Bags of both storages, old and damaged ones, and what is no bag."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
import sqlite3

from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.recording.bag import Bag
from policy_gen_ros.recording.clip import read_clip
from policy_gen_ros.recording.message_types import IMU, JOINT_STATE, known_types
from policy_gen_ros.recording.tracks import Topics
from policy_gen_ros.robot.observation import check_trajectory
import pytest
from recorded_walks import at_ns, imu, joint_state, STORAGES, walk, write_bag
from rosbags.interfaces import MessageDefinitionFormat
from rosbags.rosbag2 import Writer
from rosbags.typesys import get_types_from_msg, get_typestore, Stores


def read(path: Path) -> list[tuple[float, object]]:
    """Give all joint states and IMU readings of a bag."""
    with Bag(path) as bag:
        return [*bag.messages('/joint_states', JOINT_STATE), *bag.messages('/imu', IMU)]


@pytest.mark.parametrize('storage', STORAGES)
def test_messages_come_back_as_they_were_written(tmp_path: Path, storage: str) -> None:
    said = walk(1.0)
    bag = write_bag(tmp_path / 'bag', said, storage)
    for path in (bag, next(bag.glob('*.[md]*[pb]*'))):
        heard = read(path)
        wanted = [entry for topic in ('/joint_states', '/imu') for entry in said
                  if entry[0] == topic]
        assert len(heard) == len(wanted) == 102
        for (time_s, message), (_, _, time_ns, original) in zip(heard, wanted):
            assert time_s == pytest.approx(time_ns * 1e-9)
            assert message.header.stamp.nanosec == original.header.stamp.nanosec
        assert heard[0][1].name == said[0][3].name
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
        formats = {connection.msgdef.format for connection in opened._reader.connections}
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


def _folder_without_metadata(path: Path) -> None:
    path.mkdir()


def _killed_recorder(path: Path) -> None:
    write_bag(path, walk(0.1))
    (path / 'metadata.yaml').unlink()


def _text_file(path: Path) -> None:
    path.write_text('not a bag')


def _unknown_storage(path: Path) -> None:
    write_bag(path, walk(0.1))
    metadata = path / 'metadata.yaml'
    metadata.write_text(metadata.read_text().replace('storage_identifier: mcap',
                                                     'storage_identifier: tape'))


def _lost_file(path: Path) -> None:
    write_bag(path, walk(0.1))
    (path / 'bag.mcap').unlink()


def _no_yaml(path: Path) -> None:
    write_bag(path, walk(0.1))
    (path / 'metadata.yaml').write_text('{:')


def _nothing(path: Path) -> None:
    pass


@pytest.mark.parametrize(('make', 'says'), [
    (_nothing, 'no recording at'),
    (_folder_without_metadata, 'is no rosbag2 recording: it has no metadata.yaml$'),
    (_killed_recorder, r'has no metadata.yaml; give bag.mcap in it, or try `ros2 bag reindex`'),
    (_text_file, r'expected a folder, or a file that ends in .mcap or .db3'),
    (_unknown_storage, "SQLite or MCAP: Storage plugin 'tape' not supported"),
    (_lost_file, 'database files are missing'),
    (_no_yaml, 'cannot be read as a rosbag2 recording')])
def test_what_is_no_bag_is_refused_in_one_line(tmp_path: Path, make, says: str) -> None:
    make(tmp_path / 'bag')
    with pytest.raises(ValueError, match=says) as refusal:
        Bag(tmp_path / 'bag')
    assert '\n' not in str(refusal.value)


def test_a_folder_that_is_named_like_a_ros_1_bag_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r'rename .*: the name of a rosbag2 folder cannot'):
        Bag(write_bag(tmp_path / 'walk.bag', walk(0.1)))


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
        check_trajectory(read_clip(damaged, Topics()).trajectory)


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
    said = [('/imu', IMU, at_ns(0.0), imu(0.0)), ('/imu', IMU, at_ns(0.1), b'\0\1\0\0 too short'),
            ('/joint_states', JOINT_STATE, at_ns(0.1), joint_state(0.1))]
    with pytest.raises(ValueError, match='cannot be read'):
        read(write_bag(tmp_path / 'bag', said))
