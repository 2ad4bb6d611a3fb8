# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Messages as they were heard, and the clock by which they are put in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from policy_gen_ros.deployment.recording.resample import Track
from policy_gen_ros.deployment.recording.samples import BODY_DIM

_TICK_TOLERANCE, _TICK_TOLERANCE_S = 0.1, 0.1
"""How far ticks and times of recording may differ: a share, and what a burst at an end makes."""
_COARSE_S, _COARSE_SHARE = 0.04, 0.6
"""Stamps that come in such steps, and are shared by messages, are rounded too far for a gait."""
_ONE_CLOCK_S = 0.5
"""Stamps of two topics that differ by more, where both were heard at once, are of two clocks."""


@dataclass(frozen=True, eq=False)
class Tracks:
    """
    Samples of the robot on one clock.

    Values: body (n, 13), joints (n, 24), targets (n, 12) or None; see :mod:`.samples`.
    """

    body: Track
    joints: Track
    targets: Track | None
    remarks: tuple[str, ...]
    """What a user should know of how they were read."""


class Clock(NamedTuple):
    """What a clock showed when messages were heard. Shapes: (n,), (n,)."""

    heard_s: np.ndarray
    shown_s: np.ndarray


@dataclass(frozen=True, eq=False)
class Heard:
    """
    Messages of one topic, in the order in which they were heard.

    Shapes: (n,), (n,), (n, k).
    """

    topic: str
    heard_s: np.ndarray
    stamps_s: np.ndarray
    values: np.ndarray
    remarks: tuple[str, ...] = ()

    def on(self, clock: Clock, columns: slice = slice(None)) -> Track:
        """Give its samples, or some columns of them, in time."""
        return Track.of(self.topic, clock.shown_s, self.values[:, columns])

    def clock(self, stamped: bool) -> Clock:
        """Its stamps, or when it was heard."""
        return Clock(self.heard_s, self.stamps_s if stamped else self.heard_s)

    def fault_of_stamps(self) -> str:
        """Say why the stamps are no clock; '' if they are one."""
        steps = np.diff(self.stamps_s)
        if len(steps) and not steps.any():
            return f'the stamps of {self.topic} stand still'
        if (steps < 0).any():
            return f'the stamps of {self.topic} go back'
        ahead = steps[steps > 0]
        if len(ahead) < _COARSE_SHARE * len(steps) and np.median(ahead) > _COARSE_S:
            return f'the stamps of {self.topic} come in steps of {np.median(ahead):.1f} s'
        return ''


def from_joint_states(joints: Heard, imu: Heard, heard: str) -> tuple[Tracks, Clock]:
    """
    Put joint states and IMU readings on one clock: their stamps, if these are one.

    A twin's stamps follow the robot's time, whatever the speed at which it was simulated.

    :param heard: what their other times are those of, for the remark
    :return: the tracks, and the clock
    """
    fault = joints.fault_of_stamps() or imu.fault_of_stamps() or (
        '' if _one_clock(joints, imu) else
        f'the stamps of {joints.topic} and {imu.topic} are of two clocks')
    clock = joints.clock(stamped=not fault)
    remarks = (f'{fault}: the times of {heard} are used',) if fault else ()
    return Tracks(imu.on(imu.clock(stamped=not fault)), joints.on(clock), None,
                  joints.remarks + imu.remarks + remarks), clock


def from_low_states(states: Heard) -> tuple[Tracks, Clock]:
    """
    Put LowStates on the robot's clock, if they show it.

    The tick is when the robot measured; the recorder heard of it some milliseconds later, often
    in bursts. But it restarts with the robot, and simulators leave it at zero or count steps.
    """
    ticked_s, heard_s = np.ptp(states.stamps_s), np.ptp(states.heard_s)
    of_ms = not states.fault_of_stamps() and bool(
        abs(ticked_s - heard_s) < _TICK_TOLERANCE * heard_s + _TICK_TOLERANCE_S)
    clock = states.clock(stamped=of_ms)
    remarks = () if of_ms else (f'{states.topic}: the ticks do not count milliseconds: the times '
                                'of recording are used',)
    return Tracks(states.on(clock, slice(BODY_DIM)), states.on(clock, slice(BODY_DIM, None)),
                  None, states.remarks + remarks), clock


def _one_clock(joints: Heard, imu: Heard) -> bool:
    shown = np.interp(imu.heard_s, joints.heard_s, joints.stamps_s, left=np.nan, right=np.nan)
    apart = np.abs(shown - imu.stamps_s)
    if np.isfinite(apart).any():
        return bool(np.nanmedian(apart) < _ONE_CLOCK_S)
    return bool(joints.stamps_s[0] < imu.stamps_s[-1] and imu.stamps_s[0] < joints.stamps_s[-1])
