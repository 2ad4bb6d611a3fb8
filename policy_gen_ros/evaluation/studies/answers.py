# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""One actor for each goal: held-out goals, seen ones, and prompts that are no actor's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.evaluation.metrics.figures import Figure
from policy_gen_ros.evaluation.metrics.held_out import BehaviorGoals, KINDS
from policy_gen_ros.evaluation.metrics.intervals import bootstrap_interval
from policy_gen_ros.evaluation.metrics.quality_diversity import Estimate
from policy_gen_ros.evaluation.studies.baselines import archive_actors
from policy_gen_ros.evaluation.studies.prompts import (
    noisy_trajectory,
    out_of_distribution_prompts,
    partially_trained_prompts,
    Prompts,
)
from policy_gen_ros.evaluation.studies.single_shot import (
    Rollouts,
    Score,
    score_parts,
    score_rollouts,
)
from policy_gen_ros.evaluation.studies.subject import Subject
from policy_gen_ros.goals.goal import Goal

ARCHIVE_ACTORS = 'floor'  # the key in the JSON of evaluations


@dataclass(frozen=True, eq=False)
class Answers:
    """
    Results on goals of all kinds.

    :param walked, scores: by kind, and ARCHIVE_ACTORS: the goals' own actors, where their weights
        are there
    :param parts: scores of goals apart, by novelty, wording and source; a part that is the whole
        is left out
    """

    goals: BehaviorGoals
    walked: dict[str, Rollouts]
    scores: dict[str, Score]
    parts: dict[str, Score]

    def figure(self, key: str, name: str, kind: str) -> Figure:
        """Line for the share of goals that is answered by qualified actors."""
        own = self.scores.get(ARCHIVE_ACTORS)
        return Figure.share(key, name, self.scores[kind].qualified, len(self.goals),
                            own.qualified if own else None)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {name: score.to_dict() for name, score in {**self.scores, **self.parts}.items()}


def answer(subject: Subject, goals: BehaviorGoals, about: str) -> Answers:
    """Ask for behaviours in every way."""
    archive = subject.archive
    groups = {kind: subject.generate(goals.goals(kind)) for kind in KINDS}
    if archive and archive.weights.stored[goals.actor].all():
        groups[ARCHIVE_ACTORS] = archive_actors(archive, goals)
    walked = subject.walk_groups(groups, about)
    scores = {kind: score_rollouts(walked[kind], goals.asked(kind)) for kind in walked}
    parts = {f'{kind}, {name}': score for kind in walked for by in _parts(goals, kind, archive)
             for name, score in score_parts(walked[kind], goals.asked(kind), by).items()
             if score.count < len(goals)}
    return Answers(goals, walked, scores, parts)


def held_out_figures(answers: Answers) -> list[Figure]:
    """Lines for goals of actors that training has not read."""
    scores, count = answers.scores, len(answers.goals)
    figures = [
        answers.figure('qualified_rate.held_out', 'qualified: held-out, from measures',
                       'measures'),
        answers.figure('qualified_rate.text', 'qualified: held-out, from text', 'text'),
        answers.figure('qualified_rate.trajectory', 'qualified: held-out, from a trajectory',
                       'trajectory')]
    for key, part in (('held_out_region', 'measures, new region'),
                      ('text_new_wording', 'text, new wording')):
        if part in answers.parts:
            score = answers.parts[part]
            figures.append(Figure.share(f'qualified_rate.{key}', f'qualified: held-out, {part}',
                                        score.qualified, score.count))
    named = sum(family is not None for family in answers.goals.asked('text').family)
    if named:
        figures.append(Figure.share(
            'language_gait_accuracy', 'right gait family, from text that names one',
            scores['text'].right_family, named))
    archive_ok = scores[ARCHIVE_ACTORS].ok if ARCHIVE_ACTORS in scores else None
    figures += [Figure.share(f'held_out_ok.{kind}', f'ok: held-out, from {kind}', scores[kind].ok,
                             count, archive_ok) for kind in KINDS]
    if archive_ok is not None:
        figures.append(Figure.share('held_out_ok.floor', 'ok: the held-out actors themselves',
                                    archive_ok, count))
    return figures


def seen_figures(answers: Answers) -> list[Figure]:
    """Lines for goals that training has read."""
    return [answers.figure('qualified_rate.seen', 'qualified: seen, from measures', 'measures'),
            answers.figure('qualified_rate.text_seen', 'qualified: seen, from text', 'text'),
            answers.figure('qualified_rate.trajectory_seen', 'qualified: seen, from a trajectory',
                           'trajectory')]


def compare_steps(subject: Subject, answers: Answers) -> dict[int, dict[str, Score]]:
    """Score other numbers of sampler steps on the same goals."""
    goals, usual = answers.goals, subject.steps or subject.generator.info.steps
    found = {}
    for steps in subject.sizes.steps:
        if steps == usual:
            found[steps] = {kind: answers.scores[kind] for kind in KINDS}
            continue
        walked = subject.walk_groups({kind: subject.generate(goals.goals(kind), steps)
                                      for kind in KINDS}, f'{steps} sampler steps')
        found[steps] = {kind: score_rollouts(walked[kind], goals.asked(kind)) for kind in KINDS}
    return found


@dataclass(frozen=True, eq=False)
class PromptAnswers:
    """
    Results on trajectories that are no archive actor's own.

    :param scores: of ``noisy``, ``out_of_distribution`` and ``partially_trained`` prompts, as far
        as there are any
    :param noise_loss: share of goals that noise on the prompt's actions costs
    """

    scores: dict[str, Score]
    noise_loss: Estimate

    @property
    def figures(self) -> list[Figure]:
        """For the table."""
        names = {'noisy': 'qualified: held-out, from a noisy trajectory',
                 'out_of_distribution':
                     'qualified: trajectory of a controller outside the archive',
                 'partially_trained': 'qualified: trajectory of a partially trained actor'}
        return [*(Figure.share(f'qualified_rate.{name}', names[name], score.qualified, score.count)
                  for name, score in self.scores.items()),
                Figure.estimate('noise_loss', 'share lost by noise on the actions of a trajectory',
                                self.noise_loss, self.scores['noisy'].count)]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {name: score.to_dict() for name, score in self.scores.items()}


def answer_prompts(subject: Subject, clean: Answers) -> PromptAnswers:
    """
    Prompt with noisy trajectories, of partially trained actors, and out of distribution.

    :param clean: answers to the same trajectories without noise
    """
    goals, rng = clean.goals, np.random.default_rng(subject.seed)
    prompts = foreign_prompts(subject)
    noisy = [Goal(trajectory=noisy_trajectory(rows, rng)) for rows in goals.trajectory]
    walked = subject.walk_groups(
        {'noisy': subject.generate(noisy), **{name: subject.generate(some.goals())
                                              for name, some in prompts.items()}}, 'prompts')
    before, after = (w.qualified(goals) for w in (clean.walked['trajectory'], walked['noisy']))
    lost = before.astype(float) - after
    return PromptAnswers(
        {'noisy': score_rollouts(walked['noisy'], goals),
         **{name: score_rollouts(walked[name], some) for name, some in prompts.items()}},
        Estimate(float(lost.mean()), *bootstrap_interval(lost, seed=subject.seed)))


def foreign_prompts(subject: Subject) -> dict[str, Prompts]:
    """Prompts out of distribution, and of partially trained actors where the archive has such."""
    archive, sizes = subject.archive, subject.sizes
    found = {'out_of_distribution': out_of_distribution_prompts(
        sizes.out_of_distribution, subject.seed, archive.small('style') if archive else None)}
    if subject.whole_archive:
        partial = partially_trained_prompts(subject.whole_archive)
        if len(partial):
            times = -(-sizes.partially_trained // len(partial))
            found['partially_trained'] = partial.repeated(times)
    return found


def _parts(goals: BehaviorGoals, kind: str, archive: Archive | None) -> list[np.ndarray]:
    """Ways of telling goals apart. Shapes: (n,)."""
    parts = [np.array([f'new {name}' for name in goals.novelty])]
    if kind == 'text':
        parts.append(np.where(goals.new_wording, 'new wording', 'known wording'))
    if archive:
        parts.append(archive.source[goals.actor])
    return parts
