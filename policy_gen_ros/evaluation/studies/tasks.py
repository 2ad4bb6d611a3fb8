# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Tasks for generated actors: behaviours in sequence, scenarios, goals that leave much open."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.domains.go2.gait.measures import COMMAND_NAMES, MEASURES
from policy_gen_ros.evaluation.metrics.figures import Figure
from policy_gen_ros.evaluation.metrics.held_out import BehaviorGoals
from policy_gen_ros.evaluation.studies.ambiguity import (
    AmbiguityScore,
    ambiguous_goals,
    clip_goals,
    score_ambiguity,
)
from policy_gen_ros.evaluation.studies.baselines import archive_actors
from policy_gen_ros.evaluation.studies.scenarios import (
    Scenario,
    SCENARIOS,
    ScenarioScore,
    walk_scenario,
)
from policy_gen_ros.evaluation.studies.sequences import BEHAVIORS, SequenceScore, walk_sequences
from policy_gen_ros.evaluation.studies.subject import Subject
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.policies.weights import ActorWeights


@dataclass(frozen=True)
class Sequences:
    """Sequences of seen behaviours, by the archive's own actors and by generated ones."""

    archive: SequenceScore
    measures: SequenceScore
    language: SequenceScore

    @property
    def figures(self) -> list[Figure]:
        """For the table."""
        own = self.archive.success
        return [Figure('sequence_success.archive', "four behaviours in sequence, the archive's "
                       'actors', own, len(self.archive.steps), self.archive.success_interval)] + [
            Figure(f'sequence_success.{name}', f'four behaviours in sequence, from {name}',
                   score.success, len(score.steps), score.success_interval, own)
            for name, score in (('measures', self.measures), ('language', self.language))]

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def walk_all_sequences(subject: Subject, archive: Archive, seen: BehaviorGoals) -> Sequences:
    """Draw sequences of four seen behaviours, and walk each in three ways."""
    rng = np.random.default_rng(subject.seed)
    order = rng.integers(0, len(seen), (subject.sizes.sequences, BEHAVIORS))

    def walk(actors: list[ActorWeights]) -> SequenceScore:
        return walk_sequences([[actors[i] for i in row] for row in order], subject.adaptor,
                              subject.seed, subject.perturbation)

    return Sequences(walk(archive_actors(archive, seen)),
                     walk(subject.generate(seen.goals('measures'))),
                     walk(subject.generate(seen.goals('text'))))


@dataclass(frozen=True)
class Scenarios:
    """
    Make-An-Agent's tasks.

    :param archive: training actors whose velocity is nearest to the task's; None without weights
    """

    generated: dict[str, ScenarioScore]
    archive: dict[str, ScenarioScore] | None

    @property
    def figures(self) -> list[Figure]:
        """For the table."""
        return [Figure(f'scenarios.{name.replace(" ", "_")}.upright', f'{name}: upright',
                       score.upright, score.count, score.upright_interval,
                       self.archive[name].upright if self.archive else None)
                for name, score in self.generated.items()]

    def to_dict(self) -> dict[str, object]:
        """For JSON, in which the archive's actors are called ``floor``."""
        made = asdict(self)
        return {'generated': made['generated'], 'floor': made['archive']}


def walk_all_scenarios(subject: Subject) -> Scenarios:
    """Generate actors for each scenario's velocity and walk it."""
    count = subject.sizes.scenario_actors

    def walk(scenario: Scenario, actors: list[ActorWeights]) -> ScenarioScore:
        return walk_scenario(scenario, actors, subject.adaptor, subject.seed)

    generated = {scenario.name: walk(scenario, subject.generate(
        [Goal(measures=scenario.measures)] * count)) for scenario in SCENARIOS}
    if not subject.whole_archive or not subject.training:
        return Scenarios(generated, None)
    return Scenarios(generated, {scenario.name: walk(scenario, fitting_actors(
        subject.training, scenario, count)) for scenario in SCENARIOS})


def fitting_actors(training: TrainingArchive, scenario: Scenario,
                   count: int) -> list[ActorWeights]:
    """Training actors that walk about as fast as the scenario asks."""
    velocity = training.measures[:, -len(COMMAND_NAMES):]
    best = np.argsort(np.linalg.norm(velocity - scenario.command, axis=1), kind='stable')[:count]
    return [training.policy(int(behavior)) for behavior in best]


@dataclass(frozen=True)
class Ambiguity:
    """
    Goals that leave measures open.

    :param diversity: root mean square distance between samples of one goal, relative to that
        between samples of all goals: of weights and of measures
    """

    score: AmbiguityScore
    diversity: dict[str, float]

    @property
    def figures(self) -> list[Figure]:
        """For the table."""
        count = self.score.goals * self.score.samples
        return [Figure.estimate('ambiguous_goals.satisfied', 'goals that leave measures open: '
                                'the given ones are reached', self.score.satisfied, count),
                Figure.estimate('ambiguous_goals.spread', 'spread of the others, relative '
                                "to the archive's", self.score.spread, count, 1.0),
                *(Figure(f'diversity.{name}', f'spread of {name} within a goal / over all goals',
                         value, count) for name, value in self.diversity.items())]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return self.score.to_dict()


def answer_ambiguous_goals(subject: Subject, training: TrainingArchive) -> Ambiguity:
    """Several samples for each goal that leaves measures open."""
    count = subject.sizes.samples
    goals = ambiguous_goals(training.measures, subject.sizes.statements, subject.seed) \
        + clip_goals(training.measures, training.trajectory, subject.sizes.clips, subject.seed)
    walked = subject.walk(subject.generate([g.goal for g in goals for _ in range(count)]),
                          'goals that leave measures open')
    reached = walked.measures.reshape(len(goals), count, -1)
    score = score_ambiguity(goals, reached, walked.survived.reshape(len(goals), count),
                            training.measures, subject.seed)
    # Unknown phases are encoded as missing: zeros, which is the middle of a circle.
    features = MEASURES.encode(walked.measures)
    return Ambiguity(score, {
        'weights': share_within(walked.vectors.reshape(len(goals), count, -1)),
        'measures': share_within(features.reshape(len(goals), count, -1))})


def share_within(samples: np.ndarray) -> float:
    """
    Spread of samples about their goal's mean, relative to that about the mean of all.

    :param samples: Shape: (goals, samples of each, n)
    :return: 0 where a goal has one answer, 1 where answers do not depend on the goal
    """
    apart = samples - samples.mean(axis=(0, 1))
    total = float((apart**2).sum())
    within = float(((apart - apart.mean(axis=1, keepdims=True))**2).sum())
    return (within / total)**0.5 if total else float('nan')
