# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What was understood of a goal's text becomes measures to reach and ranges to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.generation.coverage import Coverage
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.reading import Constraint, TextReading

MARGIN_TOLERANCES = 2.0
"""So far from the ends of a range lies what is asked for instead of a draw outside of it."""
SHARES = (1.0, 0.5, 0.25)
"""Of a relative change: the first that leads to covered measures is made."""


def with_change(goal: Goal, reading: TextReading, domain: Domain,
                coverage: Coverage | None) -> tuple[Goal, str | None]:
    """
    Ask for the measures of the goal's present behaviour, with what its text changes.

    :return: the goal without its text, and what is to be said about it
    """
    language = domain.captions
    assert language is not None and goal.current is not None
    current = {name: goal.current.measures[name] for name in domain.measures.names}
    covers = coverage is not None and not coverage.unknown_measures(domain.measures.array(current))
    remark = None
    for share in SHARES:
        changed = language.change(current, reading, share)
        values = domain.measures.into_range(domain.measures.array(changed))
        # Where the present behaviour is not covered either, nothing is lost.
        remark = coverage.unknown_measures(values) if covers and coverage else None
        if not remark:
            break
    measures = domain.measures.named(values, changed)
    return replace(goal, text=None, measures={**measures, **(goal.measures or {})}), remark


def with_exact_values(goal: Goal, reading: TextReading, domain: Domain,
                      coverage: Coverage | None) -> tuple[Goal, str | None]:
    """Ask for the values that a text gives, or for the nearest that are covered."""
    given = dict(goal.measures or {})
    wanted = {item.measure: item.low for item in reading.constraints
              if item.exact and item.measure not in given}
    if not wanted:
        return goal, None
    values, remark = domain.measures.array(wanted), None
    if coverage is not None and (remark := coverage.unknown_measures(values)):
        values = coverage.nearest(values)
        remark += ', which is asked for instead'
    in_range = domain.measures.into_range(values)
    return replace(goal, measures={**given, **domain.measures.named(in_range, wanted)}), remark


def measures_to_inpaint(domain: Domain, constraints: Sequence[Constraint], asked: np.ndarray,
                        targets: np.ndarray) -> np.ndarray:
    """
    Add to what is asked for the constraints that drawn targets do not keep.

    :param asked: NaN where nothing is. Shape: (measures,)
    :param targets: that were drawn. Shape: (measures,)
    :return: as asked where all is kept. Shape: (measures,)
    """
    measures = domain.measures
    free = [item for item in constraints if np.isnan(asked[measures.index(item.measure)])]
    if all(item.holds(targets[measures.index(item.measure)]) for item in free):
        return asked
    result = asked.copy()
    for item in free:
        i = measures.index(item.measure)
        margin = MARGIN_TOLERANCES * float(measures.tolerance[i])
        result[i] = targets[i] if item.holds(targets[i]) else item.nearest(targets[i], margin)
    return result


def missed(domain: Domain, constraints: Sequence[Constraint],
           targets: np.ndarray) -> tuple[str, ...]:
    """
    Name the words of a text that an actor's targets do not keep.

    :param targets: Shape: (measures,)
    """
    measures, found = domain.measures, []
    for item in constraints:
        i = measures.index(item.measure)
        slack = float(measures.tolerance[i])
        if item.words and not item.holds(targets[i], slack):
            found.append(f'{item.describe()} is not met: this actor aims at {targets[i]:.3g}')
    return tuple(found)
