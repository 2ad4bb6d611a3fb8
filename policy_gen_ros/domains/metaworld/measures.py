# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What is measured of a policy that does a task, in the layout of prompts."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.measures import Measure, Measures
from policy_gen_ros.domains.metaworld.constants import (
    CONTROL_DT_S,
    EPISODE_STEPS,
    OBSERVATION_DIM,
    TASKS,
    unscaled,
)

MEASURES = Measures(
    Measure.of_categories('task', TASKS),
    Measure('success_s', 's', 0.0, EPISODE_STEPS * CONTROL_DT_S, 1.0, 0.4, noise=0.02,
            tolerance=0.1, weight=0.3, grid=True, bounded=True),
    Measure('path_m', 'm', 0.0, 5.0, 0.5, 0.2, noise=0.01, tolerance=0.05, weight=0.3,
            bounded=True),
    Measure('height_m', 'm', 0.0, 0.6, 0.18, 0.04, noise=0.003, tolerance=0.02, weight=0.3,
            grid=True, bounded=True),
    Measure('side_m', 'm', -0.6, 0.6, 0.0, 0.07, noise=0.003, tolerance=0.02, weight=0.3,
            bounded=True))
"""
Task; time to the first success; way of the hand until then; and mean height and sideways position
of the hand on it. A policy that does not succeed has its task and nothing else.
"""


def task_of(measures: np.ndarray) -> np.ndarray:
    """Return the task of each behaviour, ``none`` without one. Shape: (..., 5) -> (...), str."""
    number = measures[..., 0]
    known = np.isfinite(number)
    names = np.array(TASKS)[np.where(known, number, 0.0).astype(int)]
    return np.where(known, names, 'none')


def measure(task: str, rows: np.ndarray, success: int) -> np.ndarray:
    """
    Measure an episode. Shape: (time, 43) -> (5,).

    :param rows: states, as policies see them, and actions
    :param success: row of the first state in which the task was done; negative: it never was
    """
    number = float(TASKS.index(task))
    if success < 0:
        return np.array([number, np.nan, np.nan, np.nan, np.nan])
    hand = unscaled(rows[:success + 1, :OBSERVATION_DIM])[:, :3]
    way = np.linalg.norm(np.diff(hand, axis=0), axis=1).sum()
    return np.array([number, success * CONTROL_DT_S, way, hand[:, 2].mean(), hand[:, 0].mean()])
