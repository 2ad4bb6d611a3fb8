# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Heights of uneven ground: platforms to step on, and cobbles.

A pattern repeats after :data:`PERIOD_M`, so the ground ends nowhere.
"""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.go2.twin.drawn import Drawn

CELL_M, CELLS, STEP_CELLS = 0.25, 10, 2
"""Of a cobble; cobbles to a period, cobbles to a platform."""
PERIOD_M = CELL_M * CELLS
FLAT = np.zeros((CELLS, CELLS))
_STANCE_M = 0.3
"""No foot of a robot that stands is farther from its middle along an axis."""


def draw_heights(steps_m: float, cobbles_m: float, seed: int) -> np.ndarray:
    """Draw a period: half of it are platforms, all are cobbled. Shape: (10, 10), m."""
    rng = np.random.default_rng(seed)
    raised = rng.random((CELLS // STEP_CELLS,) * 2) < 0.5
    cobbles = cobbles_m * rng.random((CELLS, CELLS))
    return steps_m * raised.repeat(STEP_CELLS, 0).repeat(STEP_CELLS, 1) + cobbles


def height_at(heights: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Height of the ground at points, m. Shapes: (n, 10, 10), (n, k, 2) -> (n, k)."""
    cell = np.floor(point / CELL_M).astype(int) + CELLS // 2
    cell %= CELLS
    return heights[np.arange(len(heights))[:, None], cell[..., 0], cell[..., 1]]


def grounds_of(drawn: Drawn) -> np.ndarray | None:
    """Return the period of each twin, flat where it has no platforms; None if none has."""
    if (drawn.ground_seed < 0).all():
        return None
    return np.stack([draw_heights(steps, cobbles, seed) if seed >= 0 else FLAT
                     for steps, cobbles, seed in zip(drawn.steps_m.tolist(),
                                                     drawn.cobbles_m.tolist(),
                                                     drawn.ground_seed.tolist())])


def highest_under(heights: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """
    Highest ground under robots that stand with the middles of their trunks there.

    Shapes: (n, 10, 10), (n, 2) -> (n,), m
    """
    reach = np.linspace(-_STANCE_M, _STANCE_M, 5)
    around = np.stack(np.meshgrid(reach, reach), axis=-1).reshape(-1, 2)
    return height_at(heights, middle[:, None] + around).max(axis=1)
