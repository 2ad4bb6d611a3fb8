# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The generator beside honest baselines, on the same held-out goals.

Baselines are given complete measures, but for those of the papers that were trained on something
else. They know the archive's weights, so without these there are
none. The two that are learned, a hypernetwork and a conditioned policy, are trained as the
generator's decoder is: also on states that generated actors meet (DAgger, Ross et al. 2011).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.baselines.generator import PaperGenerator
from policy_gen_ros.baselines.regression import (
    ConditionedActor,
    Hypernetwork,
    Regression,
    train_conditioned_policy,
    train_hypernetwork,
    width_of_an_actor,
)
from policy_gen_ros.evaluation.metrics.archive_kept import Comparison
from policy_gen_ros.evaluation.metrics.figures import Figure
from policy_gen_ros.evaluation.metrics.held_out import BehaviorGoals
from policy_gen_ros.evaluation.metrics.quality_diversity import reward_ratio
from policy_gen_ros.evaluation.studies.baselines import (
    Baseline,
    distances_between,
    Learned,
    nearest_training_distance,
    weight_baselines,
)
from policy_gen_ros.evaluation.studies.memorisation import Distances
from policy_gen_ros.evaluation.studies.single_shot import Rollouts, Score, score_rollouts
from policy_gen_ros.evaluation.studies.subject import Subject
from policy_gen_ros.models.decoder import DecoderConfig
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.training.dataset import measure_features
from policy_gen_ros.training.decoder import start_decoder, Visited
from policy_gen_ros.training.function_space import ActorData
from policy_gen_ros.training.loop import TrainingRun
from policy_gen_ros.training.relabelling import visit_states
from policy_gen_ros.utils.files import write_stream
import torch

BASELINE_EPISODES = 3
"""Of each spaced behaviour: for baselines a rough reward ratio will do."""


@dataclass(frozen=True)
class BaselineResult:
    """
    Results of one baseline.

    :param score: on held-out goals
    :param reward_ratio: on spaced behaviours, which training has seen; NaN for those that are not
        given measures
    :param distance: median distance to the nearest training actor, see
        :func:`policy_gen_ros.evaluation.studies.baselines.nearest_training_distance`; NaN for
        actors of other layers
    """

    score: Score
    reward_ratio: float
    distance: float

    def to_dict(self) -> dict[str, object]:
        """For JSON: the keys that the generator's own figures have, and the whole score."""
        return {
            'mem': self.score.mem, 'qualified_rate': {'held_out': self.score.qualified},
            'held_out_ok': {'measures': self.score.ok}, 'reward_ratio': self.reward_ratio,
            'nearest_training_distance': {'median': self.distance},
            'score': self.score.to_dict()}


@dataclass(frozen=True, eq=False)
class BaselineResults:
    """
    Results of all baselines, and of the generator by the same measure.

    :param weights: distances of the generator's actors, by weights
    """

    generator: BaselineResult
    baselines: dict[str, BaselineResult]
    weights: Distances

    @property
    def figures(self) -> list[Figure]:
        """For the table."""
        return [Figure(f'nearest_training_distance.{name}', f'distance to the nearest training '
                       f'actor, {name} (1: as between these)', float(value),
                       len(self.weights.generated))
                for name, value in (('median', np.median(self.weights.generated)),
                                    ('min', self.weights.generated.min()))]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {name: result.to_dict() for name, result in self.baselines.items()}


def compare_with_baselines(subject: Subject, archive: Archive, training: TrainingArchive,
                           generated: Rollouts, spaced: Comparison,
                           papers: Sequence[PaperGenerator] = ()) -> BaselineResults:
    """
    Fit, train and score all baselines.

    :param archive: with all weights; ``training`` is of it
    :param generated: the generator's answers to the held-out goals
    :param spaced: behaviours for the reward ratio
    :param papers: the papers' own networks, trained on the same
    """
    goals, seed = subject.held_out, subject.seed
    data = ActorData(training, archive.base_weights(), seed)
    baselines: dict[str, Baseline] = {**weight_baselines(training, data, seed)}
    if subject.sizes.hypernetwork and subject.sizes.conditioned:
        baselines |= learned_baselines(subject, data, archive, training)
    episodes = min(BASELINE_EPISODES, subject.sizes.episodes)
    between = distances_between(data, seed)
    typical = float(np.median(between))
    distance = partial(_distance_from_training, data=data, typical=typical)

    def score(name: str, baseline: Baseline) -> BaselineResult:
        def answers(rows: np.ndarray) -> list[ActorWeights]:
            return baseline.actors(spaced.measures[rows])

        walked = subject.walk(baseline.actors(goals.measures), f'baseline: {name}')
        kept = subject.episodes(answers, len(spaced), episodes, f'baseline: {name}, spaced')
        return BaselineResult(score_rollouts(walked, goals),
                              reward_ratio(kept, spaced.reference, seed).value,
                              float(np.median(distance(walked))))

    own = distance(generated)
    mine = BaselineResult(score_rollouts(generated, goals),
                          reward_ratio(spaced.generated, spaced.reference, seed).value,
                          float(np.median(own)))
    results = {name: score(name, baseline) for name, baseline in baselines.items()}
    for paper in papers:
        for source in paper.sources:
            name = f'{paper.info.kind}_{source}'
            if source == 'measures':
                results[name] = score(name, paper)
            else:
                walked = subject.walk(_from_paper(paper, source, goals, seed), f'baseline: {name}')
                results[name] = BaselineResult(score_rollouts(walked, goals), float('nan'),
                                               float(np.median(distance(walked))))
    return BaselineResults(mine, results, Distances(own, between / typical, np.empty(0)))


def _distance_from_training(walked: Rollouts, data: ActorData, typical: float) -> np.ndarray:
    vectors = walked.vectors
    if vectors.shape[1] != data.weights.shape[1]:
        return np.full(len(vectors), np.nan)
    return nearest_training_distance(vectors, data, typical)


def _from_paper(paper: PaperGenerator, source: str, goals: BehaviorGoals,
                seed: int) -> list[ActorWeights]:
    if source == 'text':
        return paper.from_texts(goals.text.tolist(), seed)
    return paper.from_trajectories(list(goals.trajectory.astype(np.float32)), seed)


def learned_baselines(subject: Subject, data: ActorData, archive: Archive,
                      training: TrainingArchive) -> dict[str, Baseline]:
    """Train both networks, or read what an earlier evaluation trained and left in its output."""
    sizes, seed = subject.sizes, subject.seed

    def build_hypernetwork() -> Regression:
        features = training.domain.measures.features
        return Hypernetwork(training.domain, start_decoder(
            data, DecoderConfig(data.sizes, features), seed))

    @cache  # walked once, for both, and not at all where both have been trained before
    def visited() -> Visited | None:
        if not sizes.first_pass:
            return None
        first = train_hypernetwork(data, training, TrainingRun(sizes.first_pass, seed))
        nominal = np.unique(training.actor, return_index=True)[1]
        conditions = measure_features(training.domain.measures, training.measures[nominal])
        return visit_states(data, first.decoder, conditions, training,
                            training.domain.rollout(archive.path), seed)

    def train(learn: Callable[..., Regression], steps: int) -> Regression:
        return learn(data, training, TrainingRun(steps, seed), visited=visited())

    learned = {
        'hypernetwork': _kept(
            subject, training, f'hypernetwork_{sizes.hypernetwork}', build_hypernetwork,
            lambda: train(train_hypernetwork, sizes.hypernetwork)),
        'conditioned_policy': _kept(
            subject, training, f'conditioned_policy_{sizes.conditioned}',
            lambda: ConditionedActor(training.domain, data.sizes,
                                     width_of_an_actor(training.domain, data.sizes)),
            lambda: train(train_conditioned_policy, sizes.conditioned))}
    return {name: Learned(network) for name, network in learned.items()}


def _kept(subject: Subject, training: TrainingArchive, name: str, build: Callable[[], Regression],
          train: Callable[[], Regression]) -> Regression:
    if subject.output is None:
        return train()
    file = subject.output / 'baselines' / (
        f'{name}_{subject.sizes.first_pass}_{training.fingerprint}_{subject.seed}.pt')
    if file.is_file():
        network = build()
        network.load_state_dict(torch.load(file, weights_only=True))
        return network.eval().requires_grad_(False)
    network = train()
    file.parent.mkdir(parents=True, exist_ok=True)
    write_stream(file, partial(torch.save, network.state_dict()))
    return network
