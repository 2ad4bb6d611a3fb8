# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What to do with goals that nothing in training was like, or that contradict themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.generation.coverage import Coverage
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import Intent, Understood

UNKNOWN_GOALS = ('warn', 'refuse', 'nearest')


@dataclass(frozen=True)
class GoalValidation:
    """
    Recognises goals that a generator should not be trusted with.

    :param coverage: of the bundle; None where it does not tell
    :param unknown: ``warn`` says what is wrong, ``refuse`` makes it an error, ``nearest`` asks for
        the nearest measures that are covered, and says so
    :raises ValueError: another word
    """

    domain: Domain
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
        measures, language = self.domain.measures, self.domain.captions
        remarks: list[str | None] = []
        if language is not None:
            remarks += language.contradictions(goal.text, goal.measures)
        neither = understood is not None and understood.intent is Intent.NEITHER
        if self.coverage is not None:
            said = measures.array(goal.measures or {})
            remark = self.coverage.unknown_measures(said) if goal.measures else None
            if remark and self.unknown == 'nearest':
                nearest = dict(zip(measures.names, self.coverage.nearest(said).tolist()))
                goal = replace(goal, measures={
                    name: nearest[name] for name in goal.measures or {}})
                remark += ', which is asked for instead'
            remarks += [remark, self.coverage.unknown_families(self._groups(goal))]
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

        :param aims: complete measures. Shape: (measures,)
        :param free: which of them nobody asked for. Shape: (measures,), bool
        """
        if self.coverage is None or not free.any() or not self.coverage.unknown_measures(aims):
            return aims
        return np.where(free, self.coverage.nearest(aims), aims)

    def _groups(self, goal: Goal) -> set[str]:
        """Return the groups that a goal names, or that its measures clearly belong to."""
        said = self.domain.measures.array(goal.measures or {})
        language = self.domain.captions
        return {*(language.groups(goal.text or '') if language else ()),
                *(group for group, mine in self.domain.clearly(said).items() if mine)}
