# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What to do with goals that nothing in training was like, or that contradict themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.domains.trajectory import TrajectoryReading
from policy_gen_ros.generation.coverage import Coverage
from policy_gen_ros.generation.text_goals import with_change, with_exact_values
from policy_gen_ros.generation.understanding import EmbeddedText
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import Intent
from policy_gen_ros.goals.language.reading import Constraint, TextReading
from policy_gen_ros.goals.language.sentences import listed

UNKNOWN_GOALS = ('warn', 'refuse', 'nearest')


class Admitted(NamedTuple):
    """
    A goal to generate for.

    :param goal: with what was read from its trajectory among its measures
    :param remarks: what is wrong with it
    :param described: what it asks for, and what its trajectory shows, in one line
    :param reading: of its text
    :param constraints: ranges that its text asks for
    """

    goal: Goal
    remarks: tuple[str, ...]
    described: str
    reading: TextReading
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True)
class GoalValidation:
    """
    Recognises goals that a generator should not be trusted with.

    :param coverage: of the bundle; None where it does not tell
    :param unknown: ``warn`` says what is wrong, ``refuse`` makes it an error, ``nearest`` asks for
        the nearest measures that are covered, and says so
    :param reads_trajectories: measure what they show; else only their embedding tells
    :raises ValueError: another word
    """

    domain: Domain
    coverage: Coverage | None
    unknown: str = 'warn'
    reads_trajectories: bool = True

    def __post_init__(self) -> None:
        if self.unknown not in UNKNOWN_GOALS:
            raise ValueError(f'unknown goals: {self.unknown!r}, expected one of '
                             + ', '.join(UNKNOWN_GOALS))

    def admit(self, goal: Goal, text: EmbeddedText | None) -> Admitted:
        """
        Return the goal to generate for, and what to say about it.

        What can be measured in a trajectory is asked for in measures, where the goal does not give
        others. Of a trajectory that shows what no actor does, the nearest is. Values that a text
        gives are asked for in measures too, and a text about the present behaviour is replaced by
        the measures that it leads to.

        :param text: the goal's, read and embedded, if it has one
        :raises ValueError: there is something to say, and such goals are refused
        """
        assert text is not None or goal.text is None, 'the text of a goal has to be understood'
        language, described = self.domain.captions, goal.describe()
        remarks: list[str | None] = []
        reading = text.reading if text else TextReading('')
        if language is not None:
            remarks += language.contradictions(reading, goal.measures)
        if self.coverage is not None:
            goal, remark = self._with_covered(goal)
            remarks += [remark, self.coverage.unknown_families(self._groups(goal, reading))]
        constraints: tuple[Constraint, ...] = ()
        if text is not None:
            goal, about_text = self._with_text(goal, text)
            remarks += about_text
            if goal.text is not None:  # exact values are among the goal's measures by now
                constraints = tuple(item for item in reading.constraints if not item.exact)
        if goal.trajectory is not None:
            shown = self.domain.read_trajectory(goal.trajectory) if self.reads_trajectories \
                else TrajectoryReading()
            goal, remark = self._with_shown(goal, goal.trajectory, shown, reading)
            remarks += [*shown.remarks, remark]
            described += f' ({shown.description})' if shown.description else ''
        found = tuple(remark for remark in remarks if remark)
        if found and self.unknown == 'refuse':
            raise ValueError('; '.join(found))
        return Admitted(goal, found, described, reading, constraints)

    def _with_covered(self, goal: Goal) -> tuple[Goal, str | None]:
        """Say where a goal's measures are not covered; where set to, ask for the nearest."""
        assert self.coverage is not None
        if not goal.measures:
            return goal, None
        remark = self.coverage.unknown_measures(self.domain.measures.array(goal.measures))
        if remark and self.unknown == 'nearest':
            goal = replace(goal, measures=self._nearest(goal.measures))
            remark += ', which is asked for instead'
        return goal, remark

    def _with_text(self, goal: Goal, text: EmbeddedText) -> tuple[Goal, list[str | None]]:
        """Ask for the measures that a text gives, or for those that it makes of the present."""
        reading = text.reading
        neither = text.understood.intent is Intent.NEITHER
        remarks: list[str | None] = [f'{words!r} asks for what the robot cannot do'
                                     for words in reading.impossible if not neither]
        if goal.current is not None and reading.relative:
            goal, remark = with_change(goal, reading, self.domain, self.coverage)
            return goal, [*remarks, remark]
        if reading.changes and not neither:
            remarks.append(f'{reading.changes[0].words!r} changes what the robot does, and it '
                           'does nothing yet: say how to move')
        goal, remark = with_exact_values(goal, reading, self.domain, self.coverage)
        remarks.append(remark)
        unknown = None
        # Of a text whose every word means something, nothing is left to doubt.
        if not reading.read_by_network and self.coverage and text.sentence is not None and not (
                reading.moves and not reading.ignored):
            unknown = self.coverage.unknown_text(text.sentence)
        remarks.append(unknown)
        if neither and not unknown:
            remarks.append('the text seems to ask neither to walk nor to rest; say how to move, '
                           'e.g. "trot forward slowly"')
        return goal, remarks

    def _with_shown(self, goal: Goal, trajectory: np.ndarray, shown: TrajectoryReading,
                    reading: TextReading) -> tuple[Goal, str | None]:
        """Ask for what a trajectory shows, as far as it is covered, the most important first."""
        if not shown.description:  # a domain that reads none
            unknown = self.coverage.unknown_trajectory(trajectory) if self.coverage else None
            return goal, unknown
        language, given = self.domain.captions, dict(goal.measures or {})
        if language is not None and language.contradictions(reading, shown.measures):
            return goal, None  # the words want something else than the trajectory shows
        kept, left, measures = dict(given), [], self.domain.measures
        wanted = measures.named(measures.into_range(measures.array(shown.measures)),
                                [name for name in shown.measures if name not in given])
        if wanted and self._is_covered({**given, **wanted}):  # most clips are, and each look costs
            return replace(goal, measures={**given, **wanted}), None
        for name, value in wanted.items():
            if self._is_covered({**kept, name: value}):
                kept[name] = value
                continue
            left.append(f'{name} = {value:.3g}')
            if not self._is_covered({name: value}):
                kept[name] = self._nearest({name: value})[name]
        remark = f'the trajectory shows {listed(left)}, which the archive does not cover, alone ' \
            'or with the rest: the nearest is asked for, or nothing' if left else None
        return replace(goal, measures=kept or None), remark

    def _is_covered(self, measures: Mapping[str, float]) -> bool:
        return self.coverage is None or not self.coverage.unknown_measures(
            self.domain.measures.array(measures))

    def _nearest(self, measures: Mapping[str, float]) -> dict[str, float]:
        """Return the nearest that is covered of the same measures."""
        assert self.coverage is not None  # else everything is covered
        nearest = self.coverage.nearest(self.domain.measures.array(measures))
        return self.domain.measures.named(nearest, measures)

    def covered(self, targets: np.ndarray, free: np.ndarray) -> np.ndarray:
        """
        Return targets, or with the nearest covered ones in free places if they lie outside.

        :param targets: complete measures. Shape: (measures,)
        :param free: which of them nobody asked for. Shape: (measures,), bool
        """
        if self.coverage is None or not free.any() or not self.coverage.unknown_measures(targets):
            return targets
        return np.where(free, self.coverage.nearest(targets), targets)

    def _groups(self, goal: Goal, reading: TextReading) -> set[str]:
        """Return the groups that a goal names, or that its measures clearly belong to."""
        given = self.domain.measures.array(goal.measures or {})
        clearly = self.domain.clearly(given)
        return {*reading.groups, *(group for group, mine in clearly.items() if mine)}
