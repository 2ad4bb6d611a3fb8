"""What candidates are generated for: the goal as it is, and the goal with a little tolerance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from policy_gen_ros.goal.goal import Goal
from policy_gen_ros.goal.measures import circular_difference, MEASURE_NAMES, MEASURES, PHASE_NAMES

TOLERANCE = np.array([*[0.03] * 4, 0.1, *[0.04] * 3, 0.01, 0.01, 0.05, 0.03, 0.05])
"""How exactly a measure is meant, in its unit. Shape: (13,)"""
WIDEST = 2.5
"""The last candidate is off by this many tolerances (standard deviation) in each measure."""
_LOW, _HIGH = (np.array([getattr(measure, end) for measure in MEASURES])
               for end in ('low', 'high'))
_CIRCULAR = np.array([name in PHASE_NAMES for name in MEASURE_NAMES])


def candidate_goals(goal: Goal, count: int, seed: int = 0) -> list[Goal]:
    """
    Return goals like one goal: the first is the goal itself.

    Told the same measures, all candidates are much alike, and where the first fails the others do.
    So each further one asks for measures that are a little more off. Text and trajectory are asked
    for again as they are: they leave enough open.
    """
    if not goal.measures:
        return [goal] * count
    rng = np.random.default_rng(seed)
    said = [MEASURE_NAMES.index(name) for name in goal.measures]
    wanted = np.array([*goal.measures.values()])
    goals = [goal]
    for scale in np.linspace(0, WIDEST, count)[1:]:
        near = wanted + scale * TOLERANCE[said] * rng.standard_normal(len(said))
        near = np.where(_CIRCULAR[said], near % 1.0, np.clip(near, _LOW[said], _HIGH[said]))
        goals.append(replace(goal, measures=dict(zip(goal.measures, near.tolist()))))
    return goals


def distance(goal: Goal, reached: np.ndarray) -> np.ndarray:
    """
    How far behaviours are from the measures that a goal names, in tolerances.

    :param reached: all of MEASURE_NAMES, NaN without rhythm. Shape: (n, 13)
    :return: mean over the measures named and known; 0 where none is. Shape: (n,)
    """
    said = [MEASURE_NAMES.index(name) for name in goal.measures or {}]
    wanted = np.array([*(goal.measures or {}).values()])
    error = reached[:, said] - wanted
    error = np.where(_CIRCULAR[said], circular_difference(error, 0.0), error) / TOLERANCE[said]
    known = np.isfinite(error)
    return np.where(known, np.abs(error), 0.0).sum(axis=1) / known.sum(axis=1).clip(1)
