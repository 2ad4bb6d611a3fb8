# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What rehearsal is worth: of several candidates the best in perturbed twins is evaluated."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from policy_gen_ros.deployment.rehearsal.rehearse import rehearse
from policy_gen_ros.evaluation.metrics.figures import Figure
from policy_gen_ros.evaluation.metrics.held_out import BehaviorGoals, KINDS
from policy_gen_ros.evaluation.studies.subject import Subject
from policy_gen_ros.utils.progress import progress


@dataclass(frozen=True)
class Rehearsed:
    """
    Result for goals of one kind.

    :param published: goals for which a candidate passed its rehearsal
    :param qualified: those whose published actor then walks 10 s as single-shot actors have to
    """

    count: int
    published: int
    qualified: int

    def figure(self, key: str, name: str) -> Figure:
        """Line for the table: a goal that is refused counts as missed."""
        return Figure.share(key, name, self.qualified / self.count, self.count)


def answer_rehearsed(subject: Subject, goals: BehaviorGoals, about: str) -> dict[str, Rehearsed]:
    """Rehearse the first goals of each kind, and walk what is published."""
    some = goals.select(slice(subject.sizes.rehearsals))
    found = {}
    for kind in KINDS:
        goals_shown = progress(some.goals(kind), about=f'rehearsals, {about}', unit='goal')
        chosen = [rehearse(subject.generator, subject.adaptor, goal, None, subject.seed + number,
                           subject.steps, subject.guidance)
                  for number, goal in enumerate(goals_shown)]
        fit = np.array([number for number, one in enumerate(chosen) if one.chosen is not None],
                       int)
        good = 0
        if len(fit):
            walked = subject.walk([chosen[number].actor for number in fit], about)
            good = int(walked.qualified(some.select(fit).asked(kind)).sum())
        found[kind] = Rehearsed(len(some), len(fit), good)
    return found


def rehearsed_figures(held_out: dict[str, Rehearsed],
                      seen: dict[str, Rehearsed] | None) -> list[Figure]:
    """Lines for the table."""
    figures = [held_out['measures'].figure(
        'rehearsed_qualified_rate', 'rehearsed, qualified: held-out, from measures')]
    for part, scores in (('held_out', held_out), ('seen', seen or {})):
        figures += [score.figure(f'rehearsed_qualified.{part}.{kind}', 'rehearsed, qualified: '
                                 f'{part.replace("_", "-")}, from {kind}')
                    for kind, score in scores.items() if (part, kind) != ('held_out', 'measures')]
    return figures


def to_dict(scores: dict[str, Rehearsed]) -> dict[str, dict[str, int]]:
    """For JSON."""
    return {kind: asdict(score) for kind, score in scores.items()}
