# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Goals in time: steps, each with what ends it, and sequences of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from policy_gen_ros.goals.clauses import delayed_part, NEXT
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.durations import find_duration
from policy_gen_ros.goals.language.intents import Intent
from policy_gen_ros.goals.language.reading import Amount
import yaml

MIN_STEP_S, MAX_STEP_S = 0.5, 3600.0
KEEP = 'keep going'


@dataclass(frozen=True)
class Step:
    """
    One goal of a sequence.

    :param goal: None to rest, or to keep what is done now
    :param seconds: how long, MIN_STEP_S to MAX_STEP_S; None: until there is another goal
    :param until: what ends it sooner than another goal, such as a way
    :param intent: what the step asks for; where not given to walk, or to stand without a goal; to
        walk without a goal is to keep what is done now
    :param remark: what of its text is not done, and why
    """

    goal: Goal | None
    seconds: float | None = None
    intent: Intent | None = None
    until: Amount | None = None
    remark: str = ''

    def __post_init__(self) -> None:
        if self.intent is None:
            object.__setattr__(self, 'intent', Intent.WALK if self.goal else Intent.STAND)
        if self.seconds is not None and not MIN_STEP_S <= self.seconds <= MAX_STEP_S:
            raise ValueError(f'step {self.describe()!r} lasts {self.seconds:g} s, expected '
                             f'{MIN_STEP_S:g} to {MAX_STEP_S:g} s')

    def describe(self) -> str:
        """One line for logs."""
        if self.keeps:
            return KEEP
        return self.goal.describe() if self.goal else self.rest.value

    @property
    def keeps(self) -> bool:
        """Whether the robot goes on with what it does now."""
        return self.goal is None and self.intent is Intent.WALK

    @property
    def rest(self) -> Intent:
        """How a step without a goal rests."""
        return self.intent or Intent.STAND

    def to_text(self) -> str:
        """Return what :func:`parse_sequence` reads as this step alone, without its time."""
        if self.goal is None:
            return self.describe()
        if self.goal.measures is None and _is_one_goal(self.goal.text or ''):
            return self.describe()
        step = {'text': self.goal.text, 'measures': dict(self.goal.measures or {})}
        return yaml.safe_dump([{key: value for key, value in step.items() if value}],
                              sort_keys=False)


@dataclass(frozen=True)
class Sequence:
    """
    Steps in order. A single goal is a sequence of one.

    :param remarks: what was left out, and why
    """

    steps: tuple[Step, ...]
    remarks: tuple[str, ...] = ()

    @classmethod
    def of(cls, goal: Goal) -> Sequence:
        """Return a single goal, until further notice."""
        return cls((Step(goal),))

    def from_rest(self, reason: str = 'nothing walks') -> Sequence:
        """
        Return what is left where the first step keeps what is done now, and that cannot be kept.

        A rest is not waited for. A walk is, and the robot stands meanwhile.

        :param reason: why it cannot
        """
        first, *later = self.steps
        if not first.keeps:
            return self
        waits = [Step(None, first.seconds)] if later[0].goal and first.seconds else []
        remark = f'{later[0].describe()!r} is not waited for: {reason}'
        return Sequence((*waits, *later), self.remarks if waits else (*self.remarks, remark))


def usable(seconds: float | None) -> bool:
    """Whether a step can last so long."""
    return seconds is not None and MIN_STEP_S <= seconds <= MAX_STEP_S


def joined(listed: list[Step]) -> list[Step]:
    """
    Give the end of a step that keeps what is done to the step before it, where that has none.

    An emergency stop does not wait for anything.
    """
    for kept, step in pairwise(listed):
        if kept.keeps and step.intent is Intent.EMERGENCY:
            return [replace(step, remark='an emergency stop does not wait')]
    steps: list[Step] = []
    for step in listed:
        before = steps[-1] if steps else None
        if before is None or not step.keeps:
            steps.append(step)
        elif not before.goal and not before.keeps:  # who rests goes nowhere meanwhile
            waited = (before.seconds or 0.0) + (step.seconds or 0.0)
            steps[-1] = replace(before, seconds=min(waited, MAX_STEP_S) or None)
        elif before.seconds is None and before.until is None:
            steps[-1] = replace(before, seconds=step.seconds, until=step.until)
        else:
            steps.append(step)
    return steps


def is_yaml(text: str) -> bool:
    """Whether a text is meant as a list of steps in YAML."""
    return text.lstrip().startswith(('- ', '['))


def _is_one_goal(text: str) -> bool:
    return not (is_yaml(text) or NEXT.search(text) or find_duration(text)
                or delayed_part(text))
