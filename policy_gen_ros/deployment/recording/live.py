# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The last seconds of ``joint_states`` and ``imu`` as a behaviour trajectory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from policy_gen_ros.deployment.recording import samples
from policy_gen_ros.deployment.recording.heard import from_joint_states, Heard
from policy_gen_ros.deployment.recording.joint_names import JointMap, OWN_NAMES
from policy_gen_ros.deployment.recording.piece import Clip, cut_clip
from policy_gen_ros.deployment.recording.resample import CLIP_S

_MAX_MESSAGES = 10_000


class Recording:
    """
    Ring buffer by header stamp, cut and resampled to 50 Hz when asked.

    A bag may be replayed faster, slower or again: stamps count where they are a clock, and one
    that goes back starts a new recording.

    :param joint_map: of the names in joint states
    """

    def __init__(self, joint_map: JointMap = OWN_NAMES) -> None:
        self._joint_map = joint_map
        self._joint_names: list[str] = []
        self._joints, self._imu = _Buffer('joint_states'), _Buffer('imu')

    def add_joints(self, message: Any, heard_s: float) -> None:
        """
        Add a sensor_msgs/JointState.

        :param heard_s: when it came, by a clock of the listener
        :raises ValueError: it cannot be used; it is counted
        """
        self._add(self._joints, message, heard_s,
                  lambda sent: samples.of_joint_state(sent, self._joint_map))
        self._joint_names = list(message.name)

    def add_imu(self, message: Any, heard_s: float) -> None:
        """
        Add a sensor_msgs/Imu.

        :param heard_s: when it came, by a clock of the listener
        :raises ValueError: it cannot be used; it is counted
        """
        self._add(self._imu, message, heard_s, samples.of_imu)

    def clip(self) -> Clip:
        """
        Cut the newest walk, at most ten seconds; targets are NaN.

        :raises ValueError: less than 0.8 s of both topics was seen, or it contradicts itself
        """
        joints, imu = self._joints.heard(), self._imu.heard()
        remark = self._joint_map.remark(joints.topic, self._joint_names)
        joints = replace(joints, remarks=(*joints.remarks, remark)) if remark else joints
        return cut_clip(from_joint_states(joints, imu, 'arrival')[0])

    def _add(self, buffer: _Buffer, message: Any, heard_s: float,
             convert: Callable[[Any], tuple[float, np.ndarray]]) -> None:
        try:
            sample = _Sample(heard_s, *convert(message))
        except ValueError as error:
            buffer.ignored, buffer.why = buffer.ignored + 1, str(error)
            raise
        if buffer.messages and sample.stamp_s < buffer.messages[-1].stamp_s:
            self._joints.messages.clear()
            self._imu.messages.clear()
        buffer.messages.append(sample)
        while buffer.messages[-1].stamp_s - buffer.messages[0].stamp_s > CLIP_S + 1.0:
            buffer.messages.popleft()


class _Sample(NamedTuple):
    heard_s: float
    stamp_s: float
    sample: np.ndarray


class _Buffer:
    """What was heard on one topic."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self.messages: deque[_Sample] = deque(maxlen=_MAX_MESSAGES)
        self.ignored, self.why = 0, ''

    def heard(self) -> Heard:
        """
        Give the messages that count.

        :raises ValueError: there is none; the message says what there was
        """
        if not self.messages:
            raise ValueError(
                f'{self.ignored} messages were seen on {self._topic}, none of use; the last one: '
                f'{self.why}' if self.ignored else f'nothing was seen on {self._topic} yet')
        remark = f'{self._topic}: {self.ignored} messages ignored; the last one: {self.why}'
        heard, stamps, values = zip(*self.messages)
        return Heard(self._topic, np.array(heard), np.array(stamps), np.array(values),
                     (remark,) if self.ignored else ())
