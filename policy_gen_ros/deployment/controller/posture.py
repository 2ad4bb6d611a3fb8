# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Standing up and lying down: joint targets over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2

MAX_FROM_DEFAULT_RAD = 0.6
"""Largest joint error from which the legs go straight to the default pose."""
FOLD_S, RISE_S, STRAIGHT_S = 1.0, 1.0, 0.6
SETTLE_S, SINK_S = 0.6, 1.4


class Posture(Protocol):
    """Joint targets that lead to a posture."""

    def target(self, now_s: float) -> np.ndarray:
        """Joint targets at a time, rad. Shape: (12,)."""

    def done(self, now_s: float) -> bool:
        """Whether the posture is commanded in full."""


def smoothstep(x: float) -> float:
    """Rise from 0 to 1 with zero slope at both ends, so joints start and stop at rest."""
    x = min(1.0, max(0.0, x))
    return x * x * (3.0 - 2.0 * x)


@dataclass(frozen=True)
class StandUp:
    """
    A stand-up that began at ``start_s`` with the joints at ``start_pose``.

    From lying the legs first fold into the sitting pose: feet under the body, so that the rise
    pushes straight up whatever the legs' sprawl was.

    :param start_pose: of the joints, rad. Shape: (12,)
    """

    start_pose: np.ndarray
    start_s: float

    @property
    def folds_first(self) -> bool:
        """Whether the legs are too far from the default pose to go there straight."""
        return bool(np.abs(self.start_pose - go2.DEFAULT_POSE_RAD).max() > MAX_FROM_DEFAULT_RAD)

    @property
    def duration_s(self) -> float:
        """Time until the default pose is commanded in full."""
        return FOLD_S + RISE_S if self.folds_first else STRAIGHT_S

    def target(self, now_s: float) -> np.ndarray:
        """Joint targets at a time. Shape: (12,)."""
        elapsed = now_s - self.start_s
        if not self.folds_first:
            return _mix(self.start_pose, go2.DEFAULT_POSE_RAD, smoothstep(elapsed / STRAIGHT_S))
        if elapsed < FOLD_S:
            return _mix(self.start_pose, go2.SITTING_POSE_RAD, smoothstep(elapsed / FOLD_S))
        rise = smoothstep((elapsed - FOLD_S) / RISE_S)
        return _mix(go2.SITTING_POSE_RAD, go2.DEFAULT_POSE_RAD, rise)

    def done(self, now_s: float) -> bool:
        """Whether the default pose has been reached."""
        return now_s - self.start_s >= self.duration_s


@dataclass(frozen=True)
class LieDown:
    """
    Lying down that began at ``start_s``: to the default pose, then the body sinks on folding legs.

    :param start_pose: joint targets so far, rad. Shape: (12,)
    """

    start_pose: np.ndarray
    start_s: float

    def target(self, now_s: float) -> np.ndarray:
        """Joint targets at a time. Shape: (12,)."""
        elapsed = now_s - self.start_s
        if elapsed < SETTLE_S:
            return _mix(self.start_pose, go2.DEFAULT_POSE_RAD, smoothstep(elapsed / SETTLE_S))
        sunk = smoothstep((elapsed - SETTLE_S) / SINK_S)
        return _mix(go2.DEFAULT_POSE_RAD, go2.SITTING_POSE_RAD, sunk)

    def done(self, now_s: float) -> bool:
        """Whether the sitting pose is commanded in full."""
        return now_s - self.start_s >= SETTLE_S + SINK_S


def _mix(a: np.ndarray, b: np.ndarray, share: float) -> np.ndarray:
    return (1.0 - share) * a + share * b
