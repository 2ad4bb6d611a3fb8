# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Both nodes over real DDS: wrong input is refused in one line while the robot walks on."""

from __future__ import annotations

from collections.abc import Callable
import json
import signal
import time

from node_harness import CONTROLLER, float_message, Process, Stack, User
import numpy as np
from policy_gen_ros.deployment.wire import sdk
from policy_gen_ros.deployment.wire.channel import FrameReader, FrameWriter, Participant
from policy_gen_ros.deployment.wire.frames import (
    build_sport_state,
    LowCommand,
    parse_low_command,
    SportState,
)
from policy_gen_ros.deployment.wire.link import LOW_COMMAND_TOPIC, SPORT_STATE_TOPIC
from policy_gen_ros.policies.weights import ActorWeights, MAX_ACTOR_BYTES
from policy_gen_ros.ros.diagnostics import WARN
from policy_gen_ros.ros.messages import message_from_actor
import pytest
from rclpy.qos import qos_profile_sensor_data
from safetensors.numpy import load, save
from sensor_msgs.msg import Imu, JointState
from std_msgs.msg import Float32MultiArray, String


def rows(count: int, features: int = 42, nan_at: tuple[int, int] | None = None,
         ) -> Float32MultiArray:
    """Describe a standing robot as a trajectory message."""
    values = np.zeros((count, features), np.float32)
    values[:, 2] = -1.0
    if nan_at:
        values[nan_at] = np.nan
    return float_message(values.ravel().tolist(), ('time', count), ('feature', features))


def measures(names: str, *values: float) -> Float32MultiArray:
    return float_message(list(values), (names, len(values)))


WRONG_GOALS = {
    'empty text': ('text', lambda: String(data=' '), 'the goal text is empty'),
    'long text': ('text', lambda: String(data='trot ' * 200), 'at most 500'),
    'huge text': ('text', lambda: String(data='trot ' * 200_000), 'at most 4000'),
    'failure': ('text', lambda: String(data='stumble forward'), "'stumble' asks for a failure"),
    'unknown step': ('text', lambda: String(data='- {gait: trot}'), 'step 1 is'),
    'bad step': ('text', lambda: String(data='- trot\n- {measures: {speed: 1}}'),
                 "step 2: unknown measure 'speed'"),
    'unknown measure': ('measures', lambda: measures('contact_ff', 0.5),
                        "unknown measure 'contact_ff'; did you mean 'contact_"),
    'measure not finite': ('measures', lambda: measures('vx_mps', float('nan')), 'vx_mps = nan'),
    'measure out of range': ('measures', lambda: measures('frequency_hz', 50.0), '0.5 to 6'),
    'measure twice': ('measures', lambda: measures('vx_mps,vx_mps', 0.1, 0.2), 'named twice'),
    'measures without layout': ('measures', lambda: float_message([0.5]), 'layout has 0 dim'),
    'measures and names differ': ('measures', lambda: measures('vx_mps', 0.1, 0.2),
                                  'layout names 1 measures'),
    'too many measures': ('measures', lambda: measures('vx_mps', *[0.0] * 50_000),
                          '50000 values'),
    'NaN in joint positions': ('trajectory', lambda: rows(60, nan_at=(7, 9)),
                               'row 7, feature 9 is not finite'),
    '39 rows': ('trajectory', lambda: rows(39), 'at least 40 rows'),
    '41 features': ('trajectory', lambda: rows(60, features=41), '41 features, expected 42'),
    'one dimension': ('trajectory', lambda: float_message([0.0] * 420, ('time', 10)),
                      "dimensions ['time']"),
    'layout larger than data': ('trajectory', lambda: float_message(
        [0.0] * 420, ('time', 60), ('feature', 42)), '60 x 42 values'),
    'too many rows': ('trajectory', lambda: rows(7000), 'at most 6000'),
}


@pytest.mark.parametrize('name', WRONG_GOALS)
def test_wrong_goal_is_refused_in_one_line(stack: Stack, name: str) -> None:
    topic, make, reason = WRONG_GOALS[name]
    user, before = stack.user, len(stack.user.actors)
    user.statuses.clear()
    getattr(user, topic).publish(make())
    _, level, _ = user.wait(lambda: user.status_with(reason), f'refusal of {name}')
    assert level == WARN
    assert len(stack.generator.lines_with(reason)) == 1
    stack.assert_walks_on()
    assert len(user.actors) == before


def _last_byte_changed(blob: bytes) -> bytes:
    return blob[:-1] + bytes([blob[-1] ^ 1])


def _nested(blob: bytes) -> bytes:
    """Give an actor whose spec no JSON parser reads to its end."""
    header = json.loads(blob[8:8 + int.from_bytes(blob[:8], 'little')])
    return save(load(blob), {**header['__metadata__'], 'actor_spec': '[' * 100_000})


WRONG_ACTORS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    'truncated': (lambda blob: blob[:-1000], 'not a complete safetensors file'),
    'altered': (_last_byte_changed, 'the weights were altered'),
    'rubbish': (lambda _: b'\x80\x04rubbish', 'not a complete safetensors file'),
    'deeply nested': (_nested, 'actor spec is malformed'),
    'too large': (lambda _: bytes(MAX_ACTOR_BYTES + 1), f'an actor has at most {MAX_ACTOR_BYTES}'),
}


@pytest.mark.parametrize('name', WRONG_ACTORS)
def test_wrong_weights_are_refused_and_the_old_actor_walks_on(stack: Stack, name: str) -> None:
    spoil, reason = WRONG_ACTORS[name]
    user, actor = stack.user, stack.user.controller('actor')
    lines = len(stack.controller.lines_with(reason))
    user.statuses.clear()
    user.weights.publish(message_from_actor(spoil(user.actors[0])))
    _, level, _ = user.wait(lambda: user.status_with(reason), f'refusal of {name}')
    assert level == WARN
    assert len(stack.controller.lines_with(reason)) == lines + 1
    stack.assert_walks_on()
    assert user.controller('actor') == actor


def test_second_controller_is_refused(stack: Stack) -> None:
    second = Process(CONTROLLER, stack.controller_arguments(), stack.folder / 'second.log',
                     stack.ros_domain + 1)
    assert second.wait() == 1
    assert second.text().count('another controller is sending LowCmd on domain') == 1
    assert 'Traceback' not in second.text()
    stack.assert_walks_on()


def test_new_goal_changes_the_actor_while_walking(stack: Stack) -> None:
    user, before = stack.user, stack.user.controller('actor')
    user.measures.publish(measures('contact_fl,frequency_hz', 0.6, 2.5))
    user.wait(lambda: user.controller('actor') not in ('', before), 'the swap')
    assert user.controller('goal') == 'contact_fl=0.6, frequency_hz=2.5'
    assert ActorWeights.from_bytes(user.actors[-1]).sha256 == user.controller('actor')
    stack.assert_walks_on()


def test_a_sequence_is_played_in_time_and_a_new_goal_ends_it(stack: Stack) -> None:
    user = stack.user
    swaps = int(user.controller('swaps'))
    user.actors.clear()
    user.text.publish(String(data='trot forward for 1 s, then walk forward, then pace forward'))
    user.wait(lambda: len(user.actors) == 2, 'the second actor')
    values = user.values['policy_generator']
    assert [ActorWeights.from_bytes(blob).goal for blob in user.actors] == [
        'trot forward', 'walk forward']
    user.wait(lambda: user.values['policy_generator']['part'] == '2/3', 'the report')
    values = user.values['policy_generator']
    assert [float(s) for s in values['published_s'].split()] == pytest.approx([0, 1], abs=0.2)
    user.text.publish(String(data='- {text: bound forward, seconds: 1}\n- stand\n'))
    user.wait(lambda: len(user.actors) == 5, 'bound, steps on the spot, and standing')
    goals = [ActorWeights.from_bytes(blob).goal for blob in user.actors[2:]]
    assert goals == ['bound forward', 'trot on the spot', 'stand']
    user.wait(lambda: user.controller('goal') == 'stand', 'standing')
    assert int(user.controller('swaps')) == swaps + 5
    stack.assert_walks_on()
    user.text.publish(String(data='trot forward'))
    user.wait(lambda: user.controller('goal') == 'trot forward', 'walking again')
    stack.assert_walks_on()


def test_prompt_from_recording_uses_what_the_robot_did(stack: Stack) -> None:
    for _ in range(8):  # it stood a moment ago, and the recording is of the last seconds
        stack.assert_walks_on()
    before = len(stack.user.actors)
    response = stack.user.call('policy_generator/prompt_from_recording')
    assert response.success, response.message
    assert 'trajectory of' in response.message
    stack.user.wait(lambda: len(stack.user.actors) > before, 'weights from the recording')
    stack.assert_walks_on()


@pytest.mark.parametrize(('kind', 'topic'), [(JointState, 'joint_states'), (Imu, 'imu')])
def test_generator_hears_best_effort_publishers(stack: Stack, kind: type, topic: str) -> None:
    node = stack.user.node
    publisher = node.create_publisher(kind, topic, qos_profile_sensor_data)
    stack.user.wait(lambda: publisher.get_subscription_count() == 1, f'match on {topic}', 20.0)
    assert publisher.get_subscription_count() == 1
    node.destroy_publisher(publisher)


def test_damaged_frames_are_counted_in_diagnostics(stack: Stack) -> None:
    before = int(stack.user.controller('dropped_frames'))
    participant = Participant(stack.robot_domain, 'lo')
    writer = FrameWriter(participant, SPORT_STATE_TOPIC, sdk.SportModeState_)

    motion = SportState(0, np.zeros(3), np.zeros(3), 0.0, np.zeros(4), 0.3)
    too_long = build_sport_state(motion) + bytes(4)

    def write() -> bool:
        writer.write(too_long)
        time.sleep(0.01)
        return int(stack.user.controller('dropped_frames')) > before

    stack.user.wait(write, 'the count')
    participant.close()
    stack.assert_walks_on()


def test_controller_that_starts_late_still_gets_the_actor(stack: Stack) -> None:
    """``actor_weights`` is transient local: the newest actor waits for its reader."""
    late = User(stack.ros_domain)
    late.wait(lambda: late.actors, 'the newest actor')
    assert late.actors[-1]
    late.close()


def test_robot_walks_on_without_its_generator(stack: Stack) -> None:
    stack.generator.end(signal.SIGKILL)
    stack.assert_walks_on()


def test_services_and_damping_frames_at_the_end(stack: Stack) -> None:
    user = stack.user
    response = user.call('locomotion_controller/activate')
    assert response.success, response.message
    assert user.call('locomotion_controller/stand').success
    user.wait(lambda: user.controller('mode') == 'standing', 'standing')
    assert user.call('locomotion_controller/activate').success
    user.wait(lambda: user.controller('mode') == 'walking', 'walking again')

    frames = _frames_during_stop(stack)
    assert len(frames) >= 5
    for frame in frames[-5:]:
        assert not frame.kp.any() and (frame.kd == LowCommand.damping().kd).all()


def _frames_during_stop(stack: Stack) -> list[LowCommand]:
    participant = Participant(stack.robot_domain, 'lo')
    reader = FrameReader(participant, LOW_COMMAND_TOPIC, sdk.LowCmd_, 256)
    assert reader.wait(5.0)
    assert stack.controller.end() == 0
    frames = [parse_low_command(frame) for frame in reader.take()]
    participant.close()
    return frames
