# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Messages that no receiver may take for a goal, an actor, a command or a robot's state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
import json
import math

from geometry_msgs.msg import Twist
from node_harness import float_message, User
import numpy as np
from policy_gen_ros.deployment.wire import sdk
from policy_gen_ros.deployment.wire.channel import FrameWriter, Participant
from policy_gen_ros.deployment.wire.frames import build_low_command, LowCommand
from policy_gen_ros.deployment.wire.layout import (
    HEADER,
    LOW_STATE_LAYOUT,
    MessageLayout,
    SPORT_STATE_LAYOUT,
)
from policy_gen_ros.deployment.wire.link import (
    LOW_COMMAND_TOPIC,
    LOW_STATE_TOPIC,
    SPORT_STATE_TOPIC,
)
from policy_gen_ros.policies.weights import MAX_ACTOR_BYTES
from policy_gen_ros.ros import qos
from policy_gen_ros.ros.messages import message_from_actor
from sensor_msgs.msg import Imu, JointState
from std_msgs.msg import Float32MultiArray, String, UInt8MultiArray

OVERSIZED = 0.02
"""Share of messages that are as large as a flood."""
BAD_NUMBERS = math.nan, math.inf, -math.inf


class Fuzzer:
    """
    Sends malformed and oversized messages to every topic of both nodes and of the wire.

    :param robot_domain: of the wire
    :param actor: a sound one, to spoil
    """

    def __init__(self, user: User, robot_domain: int, actor: bytes, seed: int) -> None:
        self._user, self._actor = user, actor
        self._rng = np.random.default_rng(seed)
        self.sent: Counter[str] = Counter()
        create = user.node.create_publisher
        joints = create(JointState, 'joint_states', qos.STREAM)
        imu = create(Imu, 'imu', qos.STREAM)
        self._participant = Participant(robot_domain, 'lo')
        states, sports, commands = (
            FrameWriter(self._participant, topic, kind) for topic, kind in (
                (LOW_STATE_TOPIC, sdk.LowState_), (SPORT_STATE_TOPIC, sdk.SportModeState_),
                (LOW_COMMAND_TOPIC, sdk.LowCmd_)))
        self._targets: dict[str, Callable[[], None]] = {
            'behavior_goal': lambda: user.text.publish(self._text()),
            'behavior_measures': lambda: user.measures.publish(self._array()),
            'behavior_trajectory': lambda: user.trajectory.publish(self._array()),
            'actor_weights': lambda: user.weights.publish(self._weights()),
            'cmd_vel': lambda: user.command.publish(self._twist()),
            'joint_states': lambda: joints.publish(self._joint_state()),
            'imu': lambda: imu.publish(self._imu()),
            'rt/lowstate': lambda: states.write(self._frame(LOW_STATE_LAYOUT)),
            'rt/sportmodestate': lambda: sports.write(self._frame(SPORT_STATE_LAYOUT, 1)),
            'rt/lowcmd': lambda: commands.write(self._damaged_command())}

    def close(self) -> None:
        """Leave the wire."""
        self._participant.close()

    def send(self, count: int) -> None:
        """Send some more, to topics in a random order."""
        for topic in self._rng.choice(list(self._targets), count):
            self._targets[topic]()
            self.sent[str(topic)] += 1

    def _large(self) -> bool:
        return bool(self._rng.random() < OVERSIZED)

    def _text(self) -> String:
        if self._large():
            return String(data='trot ' * 200_000)
        return String(data=str(self._rng.choice(['', ' \t', 'trot ' * 200, '\n' * 40])))

    def _array(self) -> Float32MultiArray:
        size = 300_000 if self._large() else int(self._rng.integers(0, 200))
        values = self._rng.normal(size=size).astype(np.float32)
        if size:
            values[self._rng.integers(size)] = self._rng.choice(BAD_NUMBERS)
        labels = self._rng.choice(['time', 'feature', 'vx_mps', 'contact_ff', ''],
                                  int(self._rng.integers(0, 4)))
        return float_message(values.tolist(), *(
            (str(label), int(self._rng.integers(0, 2**31))) for label in labels))

    def _weights(self) -> UInt8MultiArray:
        if self._large():
            return message_from_actor(bytes(MAX_ACTOR_BYTES + 1))
        spoiled = bytearray(self._actor)
        kind = self._rng.integers(4)
        if kind == 0:
            return message_from_actor(self._rng.bytes(int(self._rng.integers(0, 4000))))
        if kind == 1:
            return message_from_actor(bytes(spoiled[:int(self._rng.integers(len(spoiled)))]))
        if kind == 2:  # a header that promises what is not there
            header = json.dumps({'layers.0.weight': {
                'dtype': 'F32', 'shape': [2**31, 2**31], 'data_offsets': [0, 2**62]}}).encode()
            return message_from_actor(len(header).to_bytes(8, 'little') + header)
        for place in self._rng.integers(0, len(spoiled), 3):
            spoiled[place] ^= int(self._rng.integers(1, 256))
        return message_from_actor(bytes(spoiled))

    def _twist(self) -> Twist:
        message = Twist()
        message.linear.x, message.angular.z = (
            float(value) for value in self._rng.choice(BAD_NUMBERS, 2))
        return message

    def _joint_state(self) -> JointState:
        size = 20_000 if self._large() else int(self._rng.integers(0, 14))
        return JointState(name=[f'joint{i}' for i in range(size)],
                          position=self._rng.choice(BAD_NUMBERS, max(0, size - 1)).tolist())

    def _imu(self) -> Imu:
        message = Imu()
        message.orientation.w = float(self._rng.choice(BAD_NUMBERS))
        message.angular_velocity.x = float(self._rng.choice(BAD_NUMBERS))
        return message

    def _frame(self, layout: MessageLayout, more: int = 0) -> bytes:
        """Rubbish as long as a frame, or longer: what is shorter the middleware does not send."""
        words = layout.dtype.itemsize // 4 - 1 + int(self._rng.integers(more, 100))
        return HEADER + self._rng.bytes(4 * words)

    def _damaged_command(self) -> bytes:
        frame = bytearray(build_low_command(LowCommand.damping()))
        frame[int(self._rng.integers(30, 500))] ^= int(self._rng.integers(1, 256))
        return bytes(frame)
