# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The piece of a recording that is imitated, and what a user should know of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from policy_gen_ros.deployment.recording.consistency import check_consistency
from policy_gen_ros.deployment.recording.heard import Tracks
from policy_gen_ros.deployment.recording.resample import CLIP_S, Gap, Stretch, trajectory_rows
from policy_gen_ros.deployment.recording.velocities import with_velocities
from policy_gen_ros.deployment.recording.walking import newest_walk

_GAPS_SHOWN = 5
_COARSE_HZ = 25.0
"""Eight samples a stride of a quick gait; fewer do not show it."""


@dataclass(frozen=True, eq=False)
class Clip:
    """
    A trajectory, where in the recording it was, and what a user should know of it.

    Times are seconds since the first sample of the robot. Shape of the trajectory: (time, 42).
    """

    trajectory: np.ndarray
    topics: tuple[str, ...]
    start_s: float
    end_s: float
    recorded_s: float
    why: str
    """Why this piece; '' where somebody asked for it."""
    gaps: tuple[Gap, ...]
    remarks: tuple[str, ...]

    def describe(self) -> list[str]:
        """One line on what was taken, then one for each thing to know."""
        return [f'{" and ".join(self.topics)}: {self.start_s:.2f} to {self.end_s:.2f} s of '
                f'{self.recorded_s:.2f} s{self.why}', *_gap_lines(self.gaps), *self.remarks]


def cut_clip(tracks: Tracks, start_s: float | None = None, seconds: float = CLIP_S) -> Clip:
    """
    Cut the trajectory to imitate.

    :param start_s: take what is unbroken in the ``seconds`` from there on, counted from the first
        sample; None takes the end of the newest walk, or of the longest unbroken stretch
    :param seconds: at most so much
    :raises ValueError: a start out of range, too little without a gap, or samples that contradict
        each other
    """
    joints, remarks = with_velocities(tracks.joints)
    tracks = replace(tracks, joints=joints, remarks=tracks.remarks + remarks)
    first = min(tracks.body.stamps_s[0], joints.stamps_s[0])
    recorded_s = max(tracks.body.stamps_s[-1], joints.stamps_s[-1]) - first
    if start_s is not None and not 0.0 <= start_s < recorded_s:
        raise ValueError(f'a start at {start_s:g} s was asked for; there are {recorded_s:.2f} s')
    window = Stretch(-np.inf, np.inf) if start_s is None else Stretch(
        first + start_s, first + start_s + seconds)
    unbroken = [both.overlap(window)
                for both in _overlaps(tracks.body.stretches(), joints.stretches())]
    walk = newest_walk(joints, unbroken)
    longest = max(unbroken, key=lambda stretch: stretch.seconds)
    why = ', the newest that walks' if walk and start_s is None else ''
    stretch = (walk if walk and start_s is None else longest).last(seconds)
    gaps = tuple(gap._replace(start_s=gap.start_s - first)
                 for gap in sorted({*tracks.body.gaps(), *joints.gaps()}))
    try:
        rows = trajectory_rows(stretch, tracks.body, joints, tracks.targets)
    except ValueError as error:
        raise ValueError('; '.join([str(error), *_gap_lines(gaps), *tracks.remarks])) from error
    check_consistency(rows, tracks, stretch)
    still = () if walk else ('nothing in it walks: the legs hardly move to and fro',)
    rates = {track.topic: 1 / np.median(np.diff(track.stamps_s))
             for track in (joints, tracks.body)}
    coarse = tuple(f'{topic}: {rate_hz:.0f} messages a second are too few to show a gait'
                   for topic, rate_hz in rates.items() if rate_hz < _COARSE_HZ)
    return Clip(rows, tuple(rates), stretch.start_s - first, stretch.end_s - first, recorded_s,
                why, gaps, tracks.remarks + still + coarse)


def _overlaps(one: Sequence[Stretch], other: Sequence[Stretch]) -> Iterator[Stretch]:
    """Give what is in both; either is in order, without a stretch that meets the next."""
    i = j = 0
    while i < len(one) and j < len(other):
        yield one[i].overlap(other[j])
        if one[i].end_s < other[j].end_s:
            i += 1
        else:
            j += 1


def _gap_lines(gaps: tuple[Gap, ...]) -> list[str]:
    lines = [f'gap: nothing on {gap.topic} for {gap.seconds:.2f} s from {gap.start_s:.2f} s on'
             for gap in gaps[:_GAPS_SHOWN]]
    more = len(gaps) - _GAPS_SHOWN
    return [*lines, f'and {more} more gaps'] if more > 0 else lines
