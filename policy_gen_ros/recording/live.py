# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The last seconds of ``joint_states`` and ``imu`` as a behaviour trajectory."""

from __future__ import annotations

from collections import deque

import numpy as np
from policy_gen_ros.recording.resample import CLIP_S, Track, trajectory_rows

_MAX_MESSAGES = 10_000


class Recording:
    """
    Ring buffer by header stamp, resampled to 50 Hz when asked.

    A bag may be replayed faster, slower or again: only stamps count, and a stamp that goes back
    starts a new recording. Samples are those of :mod:`policy_gen_ros.recording.samples`.
    """

    def __init__(self) -> None:
        self._joints: deque[tuple[float, np.ndarray]] = deque(maxlen=_MAX_MESSAGES)
        self._body: deque[tuple[float, np.ndarray]] = deque(maxlen=_MAX_MESSAGES)

    def add_joints(self, stamp_s: float, sample: np.ndarray) -> None:
        """Add positions and velocities of the joints. Shape: (24,)."""
        self._add(self._joints, stamp_s, sample)

    def add_body(self, stamp_s: float, sample: np.ndarray) -> None:
        """Add gravity direction and body rates. Shape: (6,)."""
        self._add(self._body, stamp_s, sample)

    def trajectory(self) -> np.ndarray:
        """
        Rows of the newest unbroken stretch, at most ten seconds; targets are NaN.

        :return: Shape: (time, 42), float32
        :raises ValueError: less than 0.8 s of both topics was seen
        """
        if not self._joints or not self._body:
            silent = 'joint_states' if not self._joints else 'imu'
            raise ValueError(f'nothing was seen on {silent} yet')
        joints, body = _track('joint_states', self._joints), _track('imu', self._body)
        newest = joints.stretches()[-1].overlap(body.stretches()[-1])
        return trajectory_rows(newest.last(CLIP_S), body, joints)

    def _add(self, buffer: deque, stamp_s: float, sample: np.ndarray) -> None:
        if buffer and stamp_s < buffer[-1][0]:
            self._joints.clear()
            self._body.clear()
        if buffer and stamp_s == buffer[-1][0]:
            return
        buffer.append((stamp_s, sample))
        while buffer[-1][0] - buffer[0][0] > CLIP_S + 1.0:
            buffer.popleft()


def _track(topic: str, buffer: deque[tuple[float, np.ndarray]]) -> Track:
    return Track(topic, np.array([stamp_s for stamp_s, _ in buffer]),
                 np.array([sample for _, sample in buffer]))
