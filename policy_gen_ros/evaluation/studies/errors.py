# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""How far what was reached is from what was asked, measure by measure."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.go2.gait.measures import (
    CONTACT_NAMES,
    GAIT_FAMILIES,
    MEASURE_NAMES,
    MEASURES,
)
from policy_gen_ros.evaluation.metrics.intervals import bootstrap_interval
from policy_gen_ros.evaluation.studies.answers import Answers

SCALE = np.where(MEASURES.circular, 0.25, MEASURES.spread)
"""What errors of different measures are compared by: spread over gaits, a quarter of a cycle."""


def absolute_errors(asked: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """Absolute errors, NaN where either is unknown. Shapes: (n, 13)."""
    return np.abs(MEASURES.difference(reached, asked))


def errors_by_family(answers: Answers) -> dict[str, np.ndarray]:
    """
    Errors of goals that say all measures, of those that were walked to the end.

    :return: family asked for -> errors; families that nothing is known of are left out.
        Shapes: (k, 13)
    """
    walked, families = answers.walked['measures'], np.array(answers.goals.family)
    errors = absolute_errors(answers.goals.measures, walked.measures)
    found = {family: errors[walked.survived & (families == family)] for family in GAIT_FAMILIES}
    return {family: mine for family, mine in found.items() if len(mine)}


def mean_errors(answers: Answers) -> dict[str, dict[str, float]]:
    """Family asked for, and ``all`` -> measure -> mean of its known errors, NaN for none."""
    errors = errors_by_family(answers)
    every = {'all': np.concatenate(list(errors.values()))} if errors else {}
    return {name: dict(zip(MEASURE_NAMES, mean_with_interval(mine)[:, 0].tolist()))
            for name, mine in {**every, **errors}.items()}


def mean_with_interval(errors: np.ndarray) -> np.ndarray:
    """Mean of known errors and its 95 % interval, NaN for none. Shapes: (k, 13) -> (13, 3)."""
    rows = np.full((len(MEASURE_NAMES), 3), np.nan)
    for row, column in zip(rows, errors.T):
        known = column[np.isfinite(column)]
        if len(known):
            row[:] = known.mean(), *bootstrap_interval(known)
    return rows


def typical_goals(answers: Answers) -> dict[str, int]:
    """Return the goal of each family whose error of contacts, from measures, is the median."""
    errors = absolute_errors(answers.goals.measures, answers.walked['measures'].measures)
    error, families = errors[:, :len(CONTACT_NAMES)].mean(axis=1), np.array(answers.goals.family)
    found = {}
    for family in GAIT_FAMILIES:
        mine = np.flatnonzero(families == family)
        if len(mine):
            found[family] = int(mine[np.argsort(error[mine], kind='stable')[len(mine) // 2]])
    return found
