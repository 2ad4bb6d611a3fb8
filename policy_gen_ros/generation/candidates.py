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
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.goals.goal import Goal

MAX_VARIATION = 2.0
"""Measures are varied by up to this many tolerances (standard deviation)."""
LOOSENED_SHARE = 3 / 8


def candidate_goals(domain: Domain, goal: Goal, count: int, seed: int = 0) -> list[Goal]:
    """
    Return goals like one goal: the first is the goal itself.

    Told the same measures, all candidates are much alike, and where the first fails the others do.
    So the next ones ask for measures that are more and more off, and the last three of eight leave
    all but the essential measures open. Text and trajectory are asked for again as they are: they
    leave enough open.
    """
    if not goal.measures:
        return [goal] * count
    rng = np.random.default_rng(seed)
    essential = {name: value for name, value in goal.measures.items() if name in domain.essential}
    loosened = round(LOOSENED_SHARE * count) if 0 < len(essential) < len(goal.measures) else 0
    varied = [replace(goal, measures=_vary(domain, goal.measures, scale, rng))
              for scale in np.linspace(0, MAX_VARIATION, count - loosened)[1:]]
    return [goal, *varied, *(replace(goal, measures=essential) for _ in range(loosened))]


def _vary(domain: Domain, measures: Mapping[str, float], scale: float,
          rng: np.random.Generator) -> dict[str, float]:
    given = [domain.measures.index(name) for name in measures]
    off = scale * domain.measures.tolerance[given] * rng.standard_normal(len(given))
    values = domain.measures.array(measures)
    values[given] += off
    varied = domain.measures.into_range(values)
    return dict(zip(measures, varied[given].tolist()))


def distance(domain: Domain, goal: Goal, reached: np.ndarray) -> np.ndarray:
    """
    How far behaviours are from the measures that a goal names, in tolerances.

    :param reached: NaN where there is none. Shape: (n, measures)
    :return: mean over the measures named and known; 0 where none is. Shape: (n,)
    """
    measures = domain.measures
    given = [measures.index(name) for name in goal.measures or {}]
    wanted = np.array([*(goal.measures or {}).values()])
    error = measures.difference(reached[:, given], wanted, given) / measures.tolerance[given]
    known = np.isfinite(error)
    return np.where(known, np.abs(error), 0.0).sum(axis=1) / known.sum(axis=1).clip(1)
