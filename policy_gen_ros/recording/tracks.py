# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Which topics of a bag are the robot, and by which clock their samples are put in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from policy_gen_ros.recording import samples
from policy_gen_ros.recording.bag import Bag
from policy_gen_ros.recording.message_types import IMU, JOINT_STATE, LOW_CMD, LOW_STATE
from policy_gen_ros.recording.resample import Track

_BODY_DIM = 6
_TICK_TOLERANCE, _TICK_TOLERANCE_S = 0.1, 0.1
"""How far ticks and times of recording may differ: a share, and what a burst at an end makes."""


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


@dataclass(frozen=True, eq=False)
class Tracks:
    """
    Samples of the robot on one clock.

    Values: body (n, 6), joints (n, 24), targets (n, 12) or None; see :mod:`.resample`.
    """

    body: Track
    joints: Track
    targets: Track | None
    remarks: tuple[str, ...]
    """What a user should know of how they were read."""


def read_tracks(bag: Bag, topics: Topics) -> Tracks:
    """
    Read the robot's samples.

    :raises ValueError: a topic is missing, or nothing on it can be used
    """
    joint, imu = topics.joint or '/joint_states', topics.imu or '/imu'
    lowstate, lowcmd = topics.lowstate or '/lowstate', topics.lowcmd or '/lowcmd'
    has_both = bag.has(joint, JOINT_STATE) and bag.has(imu, IMU)
    if topics.joint or topics.imu or (has_both and not topics.lowstate):
        tracks, clock = _from_joint_states(bag, joint, imu)
    elif topics.lowstate or bag.has(lowstate, LOW_STATE):
        tracks, clock = _from_low_state(bag, lowstate)
    else:
        raise ValueError(
            f'{bag.path} has neither both {joint} ({JOINT_STATE}) and {imu} ({IMU}) nor '
            f'{lowstate} ({LOW_STATE}); it has {bag.contents()}: name the topics with '
            '--joint-topic and --imu-topic, or with --lowstate-topic')
    if topics.lowcmd or bag.has(lowcmd, LOW_CMD):
        return _with_targets(bag, lowcmd, tracks, clock)
    return tracks


class _Clock(NamedTuple):
    """What a clock showed when messages were recorded. Shapes: (n,), (n,)."""

    recorded_s: np.ndarray
    shown_s: np.ndarray


@dataclass(frozen=True, eq=False)
class _Samples:
    """Messages of one topic. Shapes: (n,), (n,), (n, k)."""

    topic: str
    recorded_s: np.ndarray
    stamps_s: np.ndarray
    values: np.ndarray
    remarks: tuple[str, ...]

    def on(self, clock: _Clock, columns: slice = slice(None)) -> Track:
        return Track.of(self.topic, clock.shown_s, self.values[:, columns])

    def clock(self, stamped: bool) -> _Clock:
        """Its stamps, or the times of recording."""
        return _Clock(self.recorded_s, self.stamps_s if stamped else self.recorded_s)

    def stamps_run(self) -> bool:
        """Whether the stamps are a clock: they advance and never go back."""
        return bool((np.diff(self.stamps_s) >= 0).all() and self.stamps_s[-1] > self.stamps_s[0])


def _read(bag: Bag, topic: str, kind: str,
          convert: Callable[[Any], tuple[float, np.ndarray]]) -> _Samples:
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
    return _Samples(topic, recorded, stamps, np.array(values), (remark,) if ignored else ())


def _from_joint_states(bag: Bag, joint_topic: str, imu_topic: str) -> tuple[Tracks, _Clock]:
    joints = _read(bag, joint_topic, JOINT_STATE, samples.of_joint_state)
    imu = _read(bag, imu_topic, IMU, samples.of_imu)
    remarks = joints.remarks + imu.remarks
    # A twin's stamps follow the robot's time, whatever the speed at which it was simulated.
    stamped = (joints.stamps_run() and imu.stamps_run()
               and joints.stamps_s[0] < imu.stamps_s[-1] and imu.stamps_s[0] < joints.stamps_s[-1])
    if not stamped:
        remarks += ('stamps stand still, go back or are of two clocks: '
                    'the times of recording are used',)
    clock = joints.clock(stamped)
    return Tracks(imu.on(imu.clock(stamped)), joints.on(clock), None, remarks), clock


def _from_low_state(bag: Bag, topic: str) -> tuple[Tracks, _Clock]:
    states = _read(bag, topic, LOW_STATE, samples.of_low_state)
    remarks = states.remarks
    # The tick is when the robot measured; the recorder heard of it some milliseconds later, often
    # in bursts. But it restarts with the robot, and simulators leave it at zero or count steps.
    ticked_s, recorded_s = np.ptp(states.stamps_s), np.ptp(states.recorded_s)
    of_ms = states.stamps_run() and bool(
        abs(ticked_s - recorded_s) < _TICK_TOLERANCE * recorded_s + _TICK_TOLERANCE_S)
    if not of_ms:
        remarks += (f'{topic}: the ticks do not count milliseconds: '
                    'the times of recording are used',)
    clock = states.clock(stamped=of_ms)
    return Tracks(states.on(clock, slice(_BODY_DIM)), states.on(clock, slice(_BODY_DIM, None)),
                  None, remarks), clock


def _with_targets(bag: Bag, topic: str, tracks: Tracks, clock: _Clock) -> Tracks:
    """Add targets; LowCmd has no stamp, so the clock says what it showed at their recording."""
    commands = _read(bag, topic, LOW_CMD, samples.of_low_cmd)
    shown_s = np.interp(commands.recorded_s, *clock, left=np.nan, right=np.nan)
    inside = np.isfinite(shown_s)
    if not inside.any():
        remark, targets = f'{topic} was recorded at another time: no targets', None
    else:
        remark = f'targets from {topic}'
        targets = Track.of(topic, shown_s[inside], commands.values[inside])
    return replace(tracks, targets=targets,
                   remarks=(*tracks.remarks, *commands.remarks, remark))
