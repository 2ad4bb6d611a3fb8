# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What is said on real DDS becomes a recording, which prompts as it is and when it is replayed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
import resource
import time

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import Twist
from nav_msgs.msg import Odometry
from node_harness import GENERATOR, Process, ros_arguments, User
import numpy as np
from policy_gen_ros.deployment.recording.bag import Bag
from policy_gen_ros.deployment.recording.clip import read_clip
from policy_gen_ros.deployment.recording.tracks import Topics
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.ros import qos
from policy_gen_ros.ros.messages import message_from_actor
from policy_gen_ros.ros.recorder import Recorder, RecorderError, TOPICS
import pytest
from recorded_walks import check_walk, STORAGES, walk, write_bag
from rosbags.highlevel import AnyReader
from rosbags.interfaces import QosDurability
from sensor_msgs.msg import Imu, JointState
from std_msgs.msg import String, UInt8MultiArray

_REPLAY_PERIOD_S, _REPEATS, _REPEAT_PERIOD_S = 0.005, 10, 0.1


@pytest.fixture
def user(ros_domain_id: int) -> Iterator[User]:
    made = User(ros_domain_id)
    yield made
    made.close()


def replay(user: User, bag: Path) -> None:
    """
    Publish joint states and IMU readings of a bag as they were recorded, only faster.

    The ends come several times, because a listener whose link is best effort may miss some; of
    messages with one stamp it takes the first.
    """
    publishers = {'/joint_states': user.node.create_publisher(JointState, 'joint_states', 50),
                  '/imu': user.node.create_publisher(Imu, 'imu', 50)}
    user.wait(lambda: all(p.get_subscription_count() for p in publishers.values()), 'a listener')
    with AnyReader([bag]) as reader:
        entries = [(publishers[connection.topic], bytes(raw))
                   for connection, _, raw in reader.messages() if connection.topic in publishers]
    for part, count, period_s in ((entries[:2], _REPEATS, _REPEAT_PERIOD_S),
                                  (entries, 1, _REPLAY_PERIOD_S),
                                  (entries[-2:], _REPEATS, _REPEAT_PERIOD_S)):
        for publisher, raw in part * count:
            publisher.publish(raw)
            time.sleep(period_s)


@pytest.mark.parametrize('storage', STORAGES)
def test_everything_that_is_said_is_recorded(user: User, tmp_path: Path, storage: str) -> None:
    recorder = Recorder(tmp_path / 'new' / 'bag', storage)
    others = {'diagnostics': DiagnosticArray(status=[DiagnosticStatus(name='a', message='b')]),
              'behavior_goal': String(data='trot'), 'cmd_vel': Twist(), 'odom': Odometry(),
              'actor_weights': message_from_actor(bytes(range(200)))}
    publishers = {topic: user.node.create_publisher(type(message), topic, TOPICS[f'/{topic}'][1])
                  for topic, message in others.items()}
    user.wait(lambda: all(p.get_subscription_count() for p in publishers.values()), 'a recorder')
    for topic in _REPEATS * list(others):  # the recorder may not know every publisher yet
        publishers[topic].publish(others[topic])
        time.sleep(_REPEAT_PERIOD_S / len(others))
    replay(user, write_bag(tmp_path / 'said', walk(2.0)))
    recorder.check()
    recorder.close()

    clip = read_clip(tmp_path / 'new' / 'bag', Topics())
    check_walk(clip.trajectory, clip.start_s)
    assert clip.recorded_s == pytest.approx(2.0) and not clip.gaps
    with AnyReader([tmp_path / 'new' / 'bag']) as reader:
        assert {topic: info.msgtype for topic, info in reader.topics.items()} == {
            topic: f'{kind.__module__.split(".")[0]}/msg/{kind.__name__}'
            for topic, (kind, _) in TOPICS.items()}
        assert min(info.msgcount for info in reader.topics.values()) >= 1
        weights = reader.topics['/actor_weights'].connections[0]
        raw = next(reader.messages([weights]))[2]
        assert bytes(reader.deserialize(raw, weights.msgtype).data) == bytes(range(200))
        [offered] = weights.ext.offered_qos_profiles
        assert (offered.durability, offered.depth) == (QosDurability.TRANSIENT_LOCAL, 1)


def test_a_replayed_recording_prompts_as_the_file_does(
        user: User, ros_domain_id: int, tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag', walk(4.0))
    # These legs swing, but no robot ever walked so.
    generator = Process(GENERATOR, ros_arguments(unknown_goals='warn'),
                        tmp_path / 'generator.log', ros_domain_id)
    try:
        replay(user, bag)
        response = user.call('policy_generator/prompt_from_recording')
        assert response.success, response.message
        user.wait(lambda: user.actors, 'weights')
    finally:
        generator.end()
    of_file = PolicyGenerator.load().generate(
        Goal(trajectory=read_clip(bag, Topics()).trajectory), seed=0)
    of_replay = ActorWeights.from_bytes(user.actors[-1])
    assert of_replay.goal == of_file.goal
    assert of_file.goal.startswith('trajectory of 4.0 s (no rhythm, ')
    for layer, other in zip(of_replay.layers, of_file.layers, strict=True):
        for one, same in zip(layer, other, strict=True):
            np.testing.assert_allclose(one, same, atol=1e-4)


def test_a_recording_of_nothing_is_a_recording(ros_domain_id: int, tmp_path: Path) -> None:
    Recorder(tmp_path / 'bag', 'mcap').close()
    with Bag(tmp_path / 'bag') as bag:
        assert bag.contents() == 'no messages'


def test_a_folder_that_is_there_is_left_alone(ros_domain_id: int, tmp_path: Path) -> None:
    (tmp_path / 'notes.txt').write_text('mine')
    with pytest.raises(RecorderError, match=f'cannot record to {tmp_path}: .*exists already'):
        Recorder(tmp_path, 'mcap')
    assert [file.name for file in tmp_path.iterdir()] == ['notes.txt']


def test_a_full_disk_is_told(user: User, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / 'bag', 'mcap')
    publisher = user.node.create_publisher(UInt8MultiArray, 'actor_weights', qos.ACTOR_WEIGHTS)
    user.wait(publisher.get_subscription_count, 'match')
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        publisher.publish(message_from_actor(bytes(3_000_000)))
        with pytest.raises(RecorderError, match=f'cannot record to {tmp_path}/bag: .*too large'):
            user.wait(recorder.check, 'the error', 20.0)
        with pytest.raises(RecorderError, match='too large'):
            recorder.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
