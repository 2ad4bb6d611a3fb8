# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What candidates are generated for: the goal as it is, with some tolerance, and loosened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from policy_gen_ros.domains.go2.gait.measures import (
    CIRCULAR,
    COMMAND_NAMES,
    measure_difference,
    MEASURE_NAMES,
    MEASURES,
    PHASE_NAMES,
)
from policy_gen_ros.goals.goal import Goal

TOLERANCE = np.array([*[0.03] * 4, 0.1, *[0.04] * 3, 0.01, 0.01, 0.05, 0.03, 0.05])
"""How exactly a measure is meant, in its unit. Shape: (13,)"""
WIDEST = 2.0
"""Measures are varied by up to this many tolerances (standard deviation)."""
ESSENTIAL = frozenset({'frequency_hz', *PHASE_NAMES, *COMMAND_NAMES})
"""What makes a gait and where it goes; loosened goals name no other measures."""
LOOSENED = 3 / 8
_LOW, _HIGH = (np.array([getattr(measure, end) for measure in MEASURES])
               for end in ('low', 'high'))


def candidate_goals(goal: Goal, count: int, seed: int = 0) -> list[Goal]:
    """
    Return goals like one goal: the first is the goal itself.

    Told the same measures, all candidates are much alike, and where the first fails the others do.
    So the next ones ask for measures that are more and more off, and the last three of eight leave
    contacts and heights open. Text and trajectory are asked for again as they are: they leave
    enough open.
    """
    if not goal.measures:
        return [goal] * count
    rng = np.random.default_rng(seed)
    essential = {name: value for name, value in goal.measures.items() if name in ESSENTIAL}
    loosened = round(LOOSENED * count) if 0 < len(essential) < len(goal.measures) else 0
    varied = [replace(goal, measures=_vary(goal.measures, scale, rng))
              for scale in np.linspace(0, WIDEST, count - loosened)[1:]]
    return [goal, *varied, *(replace(goal, measures=essential) for _ in range(loosened))]


def _vary(measures: Mapping[str, float], scale: float,
          rng: np.random.Generator) -> dict[str, float]:
    said = [MEASURE_NAMES.index(name) for name in measures]
    off = scale * TOLERANCE[said] * rng.standard_normal(len(said))
    near = np.array([*measures.values()]) + off
    near = np.where(CIRCULAR[said], near % 1.0, np.clip(near, _LOW[said], _HIGH[said]))
    return dict(zip(measures, near.tolist()))


def distance(goal: Goal, reached: np.ndarray) -> np.ndarray:
    """
    How far behaviours are from the measures that a goal names, in tolerances.

    :param reached: all of MEASURE_NAMES, NaN without rhythm. Shape: (n, 13)
    :return: mean over the measures named and known; 0 where none is. Shape: (n,)
    """
    said = [MEASURE_NAMES.index(name) for name in goal.measures or {}]
    wanted = np.array([*(goal.measures or {}).values()])
    error = measure_difference(reached[:, said], wanted, said) / TOLERANCE[said]
    known = np.isfinite(error)
    return np.where(known, np.abs(error), 0.0).sum(axis=1) / known.sum(axis=1).clip(1)
