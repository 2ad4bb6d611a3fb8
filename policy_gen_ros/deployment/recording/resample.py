# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Samples at any rate, with gaps, become trajectory rows at 50 Hz."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY, TRAJECTORY_DIM

CLIP_S = 10.0
"""As much of a recording is a prompt unless somebody wants more."""
MIN_CLIP_S = TRAJECTORY.min_rows * go2.CONTROL_DT_S
MAX_GAP_S = 0.2
"""A longer silence of a topic splits the recording."""


class Gap(NamedTuple):
    """A silence of a topic, and the moment at which it begins."""

    start_s: float
    seconds: float
    topic: str


class Stretch(NamedTuple):
    """A time without gaps."""

    start_s: float
    end_s: float

    def overlap(self, other: Stretch) -> Stretch:
        """Give the time that both have; it ends before it starts where there is none."""
        return Stretch(max(self.start_s, other.start_s), min(self.end_s, other.end_s))

    @property
    def seconds(self) -> float:
        """Its length; 0 where it ends before it starts."""
        return max(0.0, self.end_s - self.start_s)

    def last(self, seconds: float) -> Stretch:
        """Give its end, at most so long."""
        return Stretch(max(self.start_s, self.end_s - seconds), self.end_s)


@dataclass(frozen=True, eq=False)
class Track:
    """
    What was received on one topic.

    :param stamps_s: when, each later than the one before. Shape: (n >= 1,)
    :param values: NaN where unknown. Shape: (n, k)
    """

    topic: str
    stamps_s: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, topic: str, stamps_s: np.ndarray, values: np.ndarray) -> Track:
        """Sort samples; of several with one stamp, the first counts."""
        order = np.argsort(stamps_s, kind='stable')
        order = order[np.append(True, np.diff(stamps_s[order]) > 0)]
        return cls(topic, stamps_s[order], values[order])

    def gaps(self) -> list[Gap]:
        """Silences that split it."""
        return [Gap(float(self.stamps_s[i]), float(self.stamps_s[i + 1] - self.stamps_s[i]),
                    self.topic) for i in self._before_gaps()]

    def stretches(self) -> list[Stretch]:
        """Parts between the gaps; there is at least one."""
        last = [*self._before_gaps(), len(self.stamps_s) - 1]
        first = [0, *(i + 1 for i in last[:-1])]
        return [Stretch(float(self.stamps_s[i]), float(self.stamps_s[j]))
                for i, j in zip(first, last)]

    def at(self, times_s: np.ndarray) -> np.ndarray:
        """
        Interpolate between the samples.

        :param times_s: Shape: (time,)
        :return: NaN in gaps and beyond the ends. Shape: (time, k)
        """
        stamps = self.stamps_s
        before = np.maximum(np.searchsorted(stamps, times_s, side='right') - 1, 0)
        after = np.minimum(np.searchsorted(stamps, times_s, side='left'), len(stamps) - 1)
        known = ((stamps[before] <= times_s) & (times_s <= stamps[after])
                 & (stamps[after] - stamps[before] <= MAX_GAP_S))
        values = np.stack([np.interp(times_s, stamps, column) for column in self.values.T], axis=1)
        return np.where(known[:, None], values, np.nan)

    def _before_gaps(self) -> list[int]:
        """Find the samples that a gap follows."""
        return np.flatnonzero(np.diff(self.stamps_s) > MAX_GAP_S).tolist()


def trajectory_rows(stretch: Stretch, body: Track, joints: Track,
                    targets: Track | None = None) -> np.ndarray:
    """
    Resample a stretch to 50 Hz, beginning from its end.

    :param body: gravity direction, body rates rad/s, and more. Shape of the values: (n, >= 6)
    :param joints: positions rad, velocities rad/s, policy order. Shape of the values: (n, 24)
    :param targets: of the joints, rad; NaN where unknown. Shape of the values: (n, 12)
    :return: targets are NaN where none are known. Shape: (time, 42), float32
    :raises ValueError: the stretch is too short
    """
    count = int(stretch.seconds / go2.CONTROL_DT_S + 1e-3) + 1
    if count < TRAJECTORY.min_rows:
        topics = ' and '.join(dict.fromkeys((joints.topic, body.topic)))
        raise ValueError(f'only {stretch.seconds:.2f} s of unbroken {topics}; '
                         f'{MIN_CLIP_S:.1f} s are needed')
    times = np.maximum(stretch.end_s - go2.CONTROL_DT_S * np.arange(count - 1, -1, -1),
                       stretch.start_s)
    body_at, joints_at = body.at(times), joints.at(times)
    rows = np.full((count, TRAJECTORY_DIM), np.nan, np.float32)
    rows[:, :3] = body_at[:, :3] / np.linalg.norm(body_at[:, :3], axis=1, keepdims=True)
    rows[:, 3:6] = body_at[:, 3:6]
    rows[:, 6:18] = joints_at[:, :12] - go2.DEFAULT_POSE_RAD
    rows[:, 18:30] = joints_at[:, 12:]
    if targets is not None:
        rows[:, 30:] = targets.at(times) - go2.DEFAULT_POSE_RAD
    return rows
