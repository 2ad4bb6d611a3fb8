# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What the rows of a trajectory hold in a domain, and how they become features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

FARTHEST = 1e4
"""Times the scale of a column: values beyond are of no body, and networks overflow."""


@dataclass(frozen=True)
class TrajectoryReading:
    """
    What can be measured in a trajectory, whatever controller it is of.

    :param measures: some of the domain's, the most important first
    :param description: in a few words, for logs
    :param remarks: what makes the trajectory doubtful
    """

    measures: Mapping[str, float] = field(default_factory=dict)
    description: str = ''
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrajectorySpec:
    """
    Columns and lengths of trajectories: first states, then actions.

    :param centre, scale: bring the columns to about unit scale. Both have one value a column
    :param state_dim: how many columns are states
    :param dt_s: time from row to row
    :param rows: stored of each behaviour
    :param min_rows: that a trajectory given as a goal has at least
    :param segment_rows: of the segments that are embedded one by one (Make-An-Agent, section 3)
    :param outcome_rows: of tasks that are done at some time: so many rows show the first states
        after that, and are embedded for themselves (h and v of Make-An-Agent, equations 6 and 7).
        A trajectory then is one segment and, after it, these rows. 0 in a domain without an end
    :param actions: what the actions are, for messages. A recording may lack them: NaN there
    """

    centre: tuple[float, ...]
    scale: tuple[float, ...]
    state_dim: int
    dt_s: float
    rows: int = 200
    min_rows: int = 40
    segment_rows: int = 40
    outcome_rows: int = 0
    actions: str = 'actions'

    @property
    def dim(self) -> int:
        """Return the number of columns."""
        return len(self.scale)

    @cached_property
    def state_scale(self) -> np.ndarray:
        """Scale of the columns that are states. Shape: (state_dim,)."""
        return np.array(self.scale[:self.state_dim])

    def features(self, rows: np.ndarray) -> np.ndarray:
        """
        Scaled rows with a flag for rows whose actions are missing.

        :param rows: Shape: (..., dim), NaN actions allowed
        :return: Shape: (..., dim + 1), float32
        """
        scaled = (np.asarray(rows, np.float32) - np.array(self.centre)) / np.array(self.scale)
        actions = scaled[..., self.state_dim:]
        missing = np.isnan(actions).any(axis=-1, keepdims=True)
        scaled[..., self.state_dim:] = np.where(missing, 0.0, np.nan_to_num(actions))
        return np.concatenate([scaled, missing], axis=-1).astype(np.float32)

    def check(self, trajectory: np.ndarray) -> np.ndarray:
        """
        Validate a trajectory that is given as a goal.

        :return: the same rows as float32; where the end counts, its first segment and its last
            ``outcome_rows``. Shape: (time, dim)
        :raises ValueError: too few rows, wrong column count, or values that are no numbers, not
            finite or beyond all bounds
        """
        given = np.asarray(trajectory)
        if given.dtype.kind not in 'fiu':
            raise ValueError(f'a trajectory has real numbers, got {given.dtype}')
        with np.errstate(over='ignore'):  # what is too large for float32 is found below
            rows = given.astype(np.float32)
        if rows.ndim != 2 or rows.shape[1] != self.dim:
            raise ValueError(f'a trajectory has shape (time, {self.dim}), got {rows.shape}')
        if rows.shape[0] < self.min_rows:
            raise ValueError(f'a trajectory needs at least {self.min_rows} rows at '
                             f'{1 / self.dt_s:g} Hz, got {rows.shape[0]}')
        columns = f'{self.actions} (features {self.state_dim} to {self.dim - 1})'
        bad = np.argwhere(~np.isfinite(rows[:, :self.state_dim]))
        if len(bad):
            raise ValueError(f'trajectory row {bad[0, 0]}, feature {bad[0, 1]} is not finite; '
                             f'only the {columns} may be NaN')
        if np.isinf(rows[:, self.state_dim:]).any():
            raise ValueError(f'trajectory: {columns} must be finite or NaN')
        far = np.argwhere(np.abs(rows) > FARTHEST * np.array(self.scale))
        if len(far):
            row, feature = far[0]
            raise ValueError(f'trajectory row {row}, feature {feature} is '
                             f'{rows[row, feature]:.3g}, about {self.scale[feature]:g} is usual')
        if self.outcome_rows:
            rows = np.concatenate([rows[:self.segment_rows], rows[-self.outcome_rows:]])
        return rows

    def cut(self, trajectory: np.ndarray) -> np.ndarray:
        """
        Half-overlapping segments; where the end counts, the one segment with its outcome.

        Shape: (time, dim) -> (segments, segment_rows + outcome_rows, dim)
        """
        if self.outcome_rows:
            return trajectory[None]
        last = len(trajectory) - self.segment_rows
        starts = sorted({*range(0, last + 1, self.segment_rows // 2), last})
        return np.stack([trajectory[s:s + self.segment_rows] for s in starts])
