# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What to do with goals that nothing in training was like, or that contradict themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from policy_gen_ros.domains.go2.gait.contradictions import BETWEEN_FAMILIES_CYCLES, contradictions
from policy_gen_ros.domains.go2.gait.meaning import read
from policy_gen_ros.domains.go2.gait.measures import (
    CIRCULAR,
    family_distances,
    MEASURE_NAMES,
    measures_array,
)
from policy_gen_ros.generation.coverage import Coverage
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import Intent, Understood

UNKNOWN_GOALS = ('warn', 'refuse', 'nearest')


@dataclass(frozen=True)
class GoalScreen:
    """
    Recognises goals that a generator should not be trusted with.

    :param coverage: of the bundle; None where it does not tell
    :param unknown: ``warn`` says what is wrong, ``refuse`` makes it an error, ``nearest`` asks for
        the nearest measures that are covered, and says so
    :raises ValueError: another word
    """

    coverage: Coverage | None
    unknown: str = 'warn'

    def __post_init__(self) -> None:
        if self.unknown not in UNKNOWN_GOALS:
            raise ValueError(f'unknown goals: {self.unknown!r}, expected one of '
                             + ', '.join(UNKNOWN_GOALS))

    def admit(self, goal: Goal, sentence: np.ndarray | None,
              understood: Understood | None = None) -> tuple[Goal, tuple[str, ...]]:
        """
        Return the goal to generate for, and what to say about it.

        :param sentence: embedding of the goal's text, if it has one. Shape: (text_dim,)
        :param understood: what the text asks for, if there is one
        :raises ValueError: there is something to say, and such goals are refused
        """
        remarks: list[str | None] = [*contradictions(goal.text, goal.measures)]
        neither = understood is not None and understood.intent is Intent.NEITHER
        if self.coverage is not None:
            said = measures_array(goal.measures or {})
            remark = self.coverage.unknown_measures(said) if goal.measures else None
            if remark and self.unknown == 'nearest':
                nearest = dict(zip(MEASURE_NAMES, self.coverage.nearest(said).tolist()))
                goal = replace(goal, measures={
                    name: nearest[name] for name in goal.measures or {}})
                remark += ', which is asked for instead'
            remarks += [remark, self.coverage.unknown_families(_families(goal))]
            if sentence is not None:
                about_text = self.coverage.unknown_text(sentence)
                remarks.append(about_text)
                neither = neither and about_text is None
            if goal.trajectory is not None:
                remarks.append(self.coverage.unknown_trajectory(goal.trajectory))
        if neither:
            remarks.append('the text seems to ask neither to walk nor to rest; say how to move, '
                           'e.g. "trot forward slowly"')
        found = tuple(remark for remark in remarks if remark)
        if found and self.unknown == 'refuse':
            raise ValueError('; '.join(found))
        return goal, found

    def covered(self, aims: np.ndarray, free: np.ndarray) -> np.ndarray:
        """
        Return aims, or with the nearest covered ones in free places if they lie outside.

        :param aims: complete measures. Shape: (13,)
        :param free: which of them nobody asked for. Shape: (13,), bool
        """
        if self.coverage is None or not free.any() or not self.coverage.unknown_measures(aims):
            return aims
        return np.where(free, self.coverage.nearest(aims), aims)


def _families(goal: Goal) -> set[str]:
    """Gait families that a goal names, or that its phases are clearly of."""
    said = family_distances(measures_array(goal.measures or {})[CIRCULAR])
    return {*read(goal.text or '')[1], *(family for family, apart in said.items()
                                         if apart < BETWEEN_FAMILIES_CYCLES)}


EVERYTHING = GoalScreen(None)
"""Where nothing is known of what is covered: names contradictions only."""
