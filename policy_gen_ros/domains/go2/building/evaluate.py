# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Judging actors: seeded episodes on nominal and on rough ground, and words for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from policy_gen_ros.archive.format import PROBE_STATES
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.collect import collect
from policy_gen_ros.domains.go2.building.config import EvaluationConfig
from policy_gen_ros.domains.go2.gait.captions import Caption, captions
from policy_gen_ros.domains.go2.gait.failure_captions import failure_captions
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES, MEASURES, RHYTHM_THRESHOLD
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY_DIM, TRAJECTORY_ROWS
from policy_gen_ros.domains.go2.spec import NETWORK
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
from policy_gen_ros.domains.go2.twin.episode import EPISODE_S, EpisodeResult
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation
from policy_gen_ros.policies.network import ActorStack
from policy_gen_ros.policies.weights import ActorWeights

TRAJECTORY_START = 200


@dataclass(frozen=True)
class ActorEvaluation:
    """
    What actors did, k commands each.

    Shapes: ``measures`` (n, k, 13), over nominal episodes, NaN without rhythm; ``reward`` (n, k)
    mean of nominal episodes; ``survived``, ``robust`` (n, k) shares of nominal and of rough
    episodes walked to the end; ``seconds`` (n, k) walked before a fall; ``trajectory``
    (n, k, 200, 42), of the first nominal episode.
    """

    measures: np.ndarray
    reward: np.ndarray
    survived: np.ndarray
    robust: np.ndarray
    seconds: np.ndarray
    trajectory: np.ndarray

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what an archive stores of it, by the names of its fields."""
        return {name: getattr(self, name) for name in (
            'measures', 'reward', 'survived', 'robust', 'trajectory')}


def episode_commands(k: int, config: EvaluationConfig) -> np.ndarray:
    """Which of an actor's k commands each of its episodes is walked under."""
    return np.arange(k).repeat([config.nominal_episodes] + [config.other_episodes] * (k - 1))


def evaluate_actors(actors: list[ActorWeights], command: np.ndarray, adaptor: Adaptor,
                    config: EvaluationConfig, seed: int) -> ActorEvaluation:
    """
    Walk every actor under its commands, the first of which is its nominal one.

    :param command: Shape: (n, k, 3)
    """
    episode = episode_commands(command.shape[1], config)
    robots = [actor for actor in actors for _ in episode]

    def walk(perturbation: Perturbation, seed: int) -> list[EpisodeResult]:
        return rollout_actors(robots, adaptor, EPISODE_S, command[:, episode].reshape(-1, 3), seed,
                              perturbation)

    return summarise(walk(NOMINAL, seed), walk(config.perturbation, seed + 1), command.shape[:2],
                     config)


def summarise(nominal: Sequence[EpisodeResult], rough: Sequence[EpisodeResult],
              shape: tuple[int, int], config: EvaluationConfig) -> ActorEvaluation:
    """
    Sum up the episodes of n actors under k commands.

    :param shape: n actors, k commands
    :param nominal, rough: actor by actor, in the order of :func:`episode_commands`
    """
    n, k = shape
    cell = (np.arange(n)[:, None] * k + episode_commands(k, config)).ravel()
    groups = [[nominal[int(i)] for i in np.flatnonzero(cell == c)] for c in range(n * k)]
    trajectory = np.full((n * k, TRAJECTORY_ROWS, TRAJECTORY_DIM), np.nan, np.float16)
    for i, group in enumerate(groups):
        # A fallen actor's prompt is its last steps before the fall.
        rows = group[0].trajectory
        start = min(TRAJECTORY_START, max(len(rows) - TRAJECTORY_ROWS, 0))
        rows = rows[start:start + TRAJECTORY_ROWS]
        trajectory[i, :len(rows)] = rows

    def mean(values: list[list[float]]) -> np.ndarray:
        return np.array([np.mean(v) for v in values], np.float32).reshape(n, k)

    return ActorEvaluation(
        np.stack([mean_measures(group) for group in groups]).reshape(n, k, -1),
        mean([[r.reward for r in group] for group in groups]),
        mean([[r.survived for r in group] for group in groups]),
        mean([[rough[int(i)].survived for i in np.flatnonzero(cell == c)] for c in range(n * k)]),
        mean([[r.seconds for r in group] for group in groups]),
        trajectory.reshape(n, k, TRAJECTORY_ROWS, -1))


def mean_measures(episodes: list[EpisodeResult]) -> np.ndarray:
    """
    Mean over episodes, of phases the circular one. Shape: (13,), float32.

    Phases that differ between episodes have no mean: NaN, as where a foot keeps no rhythm.
    """
    rows = np.array([list(r.measures.values()) for r in episodes])
    angle = np.exp(2j * np.pi * rows[:, MEASURES.circular]).mean(axis=0)
    mean = rows.mean(axis=0)
    mean[MEASURES.circular] = np.where(np.abs(angle) < RHYTHM_THRESHOLD, np.nan,
                              np.angle(angle) / (2 * np.pi) % 1.0)
    return mean.astype(np.float32)


def probe_states(actors: list[ActorWeights], gaits: GaitParameters, nominal: np.ndarray,
                 adaptor: Adaptor, seed: int, perturbation: Perturbation) -> np.ndarray:
    """
    Observations that each actor meets on perturbed ground under its nominal command.

    No other command: it could lead into a region of behaviour that is held out. Shape:
    (n, 128, 47 + latent), float16
    """
    kept = collect(ActorStack(actors, NETWORK).act, gaits, nominal, adaptor, 2 * PROBE_STATES,
                   seed, perturbation, keep_every=2, other_commands=False)
    return np.stack([b.observations() for b in kept], axis=1).astype(np.float16)


def describe(evaluated: ActorEvaluation, command: np.ndarray, count: int,
             rng: np.random.Generator) -> list[list[list[Caption]]]:
    """
    Captions of all behaviours: of their gait, or of what failed where they have none.

    :param command: Shape: (n, k, 3)
    :param count: captions of each behaviour
    """
    def words(actor: int, behavior: int) -> list[Caption]:
        row = evaluated.measures[actor, behavior]
        measures = dict(zip(MEASURE_NAMES, row.tolist()))
        survived = float(evaluated.survived[actor, behavior])
        if survived == 1 and np.isfinite(row).all():
            return captions(measures, count, rng)
        return failure_captions(measures, survived, float(evaluated.seconds[actor, behavior]),
                                count, rng, command[actor, behavior].tolist())

    return [[words(i, j) for j in range(command.shape[1])] for i in range(len(command))]
