# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Which piece of a recording walks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from policy_gen_ros.deployment.recording.resample import MIN_CLIP_S, Stretch, Track
from policy_gen_ros.domains.go2.robot import constants as go2

MIN_WALK_S = 2.0
"""The newest walk of this length is taken; are all shorter, the longest."""
_WINDOW_S, _SHORT_S = 1.0, 0.2
_MIN_SPEED_RAD_S = 0.25
"""How fast joints move to and fro, at least, in the mean of all: the slowest gaits have 0.6."""
_DT = go2.CONTROL_DT_S


def newest_walk(joints: Track, stretches: Sequence[Stretch]) -> Stretch | None:
    """
    Find the newest part in which the legs move rhythmically.

    :param stretches: without gaps, in order
    :return: None where there is none of 0.8 s
    """
    walks = [walk for stretch in stretches for walk in _walks(joints, stretch)]
    long = [walk for walk in walks if walk.seconds >= MIN_WALK_S]
    return long[-1] if long else max(walks, key=lambda walk: walk.seconds, default=None)


def _walks(joints: Track, stretch: Stretch) -> list[Stretch]:
    times = np.minimum(np.arange(stretch.start_s, stretch.end_s, _DT), stretch.end_s)
    if len(times) * _DT < MIN_CLIP_S:
        return []
    position = joints.at(times)[:, :go2.NUM_JOINTS]
    steps = min(round(_WINDOW_S / _DT), len(times) - 1)
    way = np.abs(np.diff(position, axis=0))
    # What is left of the way when one subtracts how far it led: little for standing up.
    to_and_fro = _sums(way, steps) - np.abs(position[steps:] - position[:-steps])
    walking = np.repeat(False, len(times))
    first = steps // 2
    walking[first:first + len(to_and_fro)] = \
        to_and_fro.mean(axis=1) >= _MIN_SPEED_RAD_S * steps * _DT
    walking[:first], walking[first + len(to_and_fro):] = \
        walking[first], walking[first + len(to_and_fro) - 1]
    window = round(_SHORT_S / _DT)
    moving = np.zeros(len(times), bool)
    fast = _sums(way, window).mean(axis=1) >= _MIN_SPEED_RAD_S * _SHORT_S
    moving[window // 2:window // 2 + len(fast)] = fast
    moving[:window // 2], moving[window // 2 + len(fast):] = fast[0], fast[-1]
    walks = []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], walking, [0]])))
    for start, end in zip(edges[::2], edges[1::2]):
        inside = np.flatnonzero(moving[start:end]) + start
        if len(inside) and inside[-1] - inside[0] >= round(MIN_CLIP_S / _DT):
            walks.append(Stretch(float(times[inside[0]]), float(times[inside[-1]])
                                 if inside[-1] < len(times) - 1 else stretch.end_s))
    return walks


def _sums(values: np.ndarray, count: int) -> np.ndarray:
    """Sum each run of so many rows. Shape: (n, k) -> (n - count + 1, k)."""
    total = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0)])
    return total[count:] - total[:-count]
