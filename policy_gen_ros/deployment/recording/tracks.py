# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Which topics of a bag are the robot, and by which clock their samples are put in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from policy_gen_ros.deployment.recording import samples
from policy_gen_ros.deployment.recording.bag import Bag
from policy_gen_ros.deployment.recording.heard import (
    Clock,
    from_joint_states,
    from_low_states,
    Heard,
    Tracks,
)
from policy_gen_ros.deployment.recording.joint_names import JointMap, OWN_NAMES
from policy_gen_ros.deployment.recording.message_types import IMU, JOINT_STATE, LOW_CMD, LOW_STATE
from policy_gen_ros.deployment.recording.resample import Track


@dataclass(frozen=True)
class Topics:
    """
    Topics that hold the robot; those left out have their usual names.

    Without any, ``/joint_states`` and ``/imu`` are read where a bag has both, else ``/lowstate``.

    :raises ValueError: both kinds of recording are named
    """

    joint: str | None = None
    imu: str | None = None
    lowstate: str | None = None
    lowcmd: str | None = None

    def __post_init__(self) -> None:
        if self.lowstate and (self.joint or self.imu):
            raise ValueError(f'LowState on {self.lowstate} holds joints and IMU: name it, or the '
                             'topics of joint states and IMU, not both')
        for name, topic in vars(self).items():
            if topic:
                object.__setattr__(self, name, '/' + topic.strip('/'))


def read_tracks(bag: Bag, topics: Topics, joint_map: JointMap = OWN_NAMES) -> Tracks:
    """
    Read the robot's samples.

    :param joint_map: of the names in joint states
    :raises ValueError: a topic is missing, or nothing on it can be used
    """
    joint, imu = topics.joint or '/joint_states', topics.imu or '/imu'
    lowstate, lowcmd = topics.lowstate or '/lowstate', topics.lowcmd or '/lowcmd'
    has_both = bag.has(joint, JOINT_STATE) and bag.has(imu, IMU)
    if topics.joint or topics.imu or (has_both and not topics.lowstate):
        tracks, clock = from_joint_states(_read_joints(bag, joint, joint_map),
                                          _read(bag, imu, IMU, samples.of_imu), 'recording')
    elif topics.lowstate or bag.has(lowstate, LOW_STATE):
        tracks, clock = from_low_states(_read(bag, lowstate, LOW_STATE, samples.of_low_state))
    else:
        raise ValueError(
            f'{bag.path} has neither both {joint} ({JOINT_STATE}) and {imu} ({IMU}) nor '
            f'{lowstate} ({LOW_STATE}); it has {bag.contents()}: name the topics with '
            '--joint-topic and --imu-topic, or with --lowstate-topic')
    if topics.lowcmd or bag.has(lowcmd, LOW_CMD):
        tracks = _with_targets(bag, lowcmd, tracks, clock)
    return replace(tracks, remarks=bag.remarks + tracks.remarks)


def _read_joints(bag: Bag, topic: str, joint_map: JointMap) -> Heard:
    names: list[str] = []

    def convert(message: Any) -> tuple[float, np.ndarray]:
        sample = samples.of_joint_state(message, joint_map)
        names[:] = message.name
        return sample

    joints = _read(bag, topic, JOINT_STATE, convert)
    remark = joint_map.remark(topic, names)
    return replace(joints, remarks=(*joints.remarks, remark)) if remark else joints


def _read(bag: Bag, topic: str, kind: str,
          convert: Callable[[Any], tuple[float, np.ndarray]]) -> Heard:
    times, values = [], []
    ignored, why = 0, ''
    for recorded_s, message in bag.messages(topic, kind):
        try:
            stamp_s, sample = convert(message)
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            # A bag brings its own definitions: the fields may be others.
            ignored, why = ignored + 1, why or str(error)
            continue
        times.append((recorded_s, stamp_s))
        values.append(sample)
    if not values:
        raise ValueError(f'{bag.path}: no message on {topic} can be used: {why}')
    remark = f'{topic}: {ignored} of {ignored + len(values)} messages ignored: {why}'
    recorded, stamps = np.array(times).T
    return Heard(topic, recorded, stamps, np.array(values), (remark,) if ignored else ())


def _with_targets(bag: Bag, topic: str, tracks: Tracks, clock: Clock) -> Tracks:
    """Add targets; LowCmd has no stamp, so the clock says what it showed at their recording."""
    commands = _read(bag, topic, LOW_CMD, samples.of_low_cmd)
    shown_s = np.interp(commands.heard_s, *clock, left=np.nan, right=np.nan)
    inside = np.isfinite(shown_s)
    if not inside.any():
        remark, targets = f'{topic} was recorded at another time: no targets', None
    else:
        remark = f'targets from {topic}'
        targets = Track.of(topic, shown_s[inside], commands.values[inside])
    return replace(tracks, targets=targets,
                   remarks=(*tracks.remarks, *commands.remarks, remark))
