"""Judging actors: many seeded episodes each, on nominal and on rough ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from policy_gen_ros.actor.adaptor import Adaptor
from policy_gen_ros.actor.network import ActorStack
from policy_gen_ros.actor.weights import ActorWeights
from policy_gen_ros.archive.collect import collect
from policy_gen_ros.archive.format import PROBE_STATES, TRAJECTORY_ROWS
from policy_gen_ros.goal.measures import MEASURES
from policy_gen_ros.teacher.gait_controller import GaitController
from policy_gen_ros.teacher.style import GaitStyle
from policy_gen_ros.twin.batch import NOMINAL, Perturbation, ROUGH, TRAINING
from policy_gen_ros.twin.closed_loop import rollout_actors
from policy_gen_ros.twin.episode import EpisodeResult

EPISODE_S = 10.0
NOMINAL_COMMAND_SEEDS, OTHER_COMMAND_SEEDS = 2, 1
"""Episodes of each kind (nominal and rough) under the nominal and under every other command."""
TRAJECTORY_START = 200
CIRCULAR = np.array([measure.circular for measure in MEASURES])


@dataclass(frozen=True)
class Judgement:
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


def judge_actors(actors: list[ActorWeights], command: np.ndarray, adaptor: Adaptor,
                 seed: int) -> Judgement:
    """
    Walk every actor under its commands, the first of which is its nominal one.

    :param command: Shape: (n, k, 3)
    """
    n, k = command.shape[:2]
    seeds = np.array([NOMINAL_COMMAND_SEEDS] + [OTHER_COMMAND_SEEDS] * (k - 1))
    cell = np.arange(n * k).repeat(np.tile(seeds, n))

    def walk(perturbation: Perturbation, seed: int) -> list[EpisodeResult]:
        return rollout_actors([actors[i // k] for i in cell], adaptor, EPISODE_S,
                              command.reshape(-1, 3)[cell], seed, perturbation)

    nominal, rough = walk(NOMINAL, seed), walk(ROUGH, seed + 1)
    groups = [[nominal[i] for i in np.flatnonzero(cell == c)] for c in range(n * k)]
    trajectory = np.zeros((n * k, TRAJECTORY_ROWS, 42), np.float16)
    for i, group in enumerate(groups):
        # A fallen actor's prompt is its last steps before the fall.
        rows = group[0].trajectory
        start = min(TRAJECTORY_START, max(len(rows) - TRAJECTORY_ROWS, 0))
        rows = rows[start:start + TRAJECTORY_ROWS]
        trajectory[i, :len(rows)] = rows
    return Judgement(
        np.stack([mean_measures(group) for group in groups]).reshape(n, k, -1),
        np.array([np.mean([r.reward for r in g]) for g in groups], np.float32).reshape(n, k),
        np.array([np.mean([r.survived for r in g]) for g in groups], np.float32).reshape(n, k),
        np.array([np.mean([r.survived for r, c in zip(rough, cell) if c == i])
                  for i in range(n * k)], np.float32).reshape(n, k),
        np.array([np.mean([r.seconds for r in g]) for g in groups], np.float32).reshape(n, k),
        trajectory.reshape(n, k, TRAJECTORY_ROWS, -1))


def mean_measures(episodes: list[EpisodeResult]) -> np.ndarray:
    """Mean over episodes, of phases the circular one. Shape: (13,), float32."""
    rows = np.array([list(r.measures.values()) for r in episodes])
    angle = np.exp(2j * np.pi * rows[:, CIRCULAR]).mean(axis=0)
    mean = rows.mean(axis=0)
    mean[CIRCULAR] = np.angle(angle) / (2 * np.pi) % 1.0
    return mean.astype(np.float32)


def probe_states(actors: list[ActorWeights], style: GaitStyle, nominal: np.ndarray,
                 adaptor: Adaptor, seed: int) -> np.ndarray:
    """Observations that each actor meets on rough ground. Shape: (n, 128, 49), float16."""
    kept = collect(ActorStack(actors).act, GaitController(), style, nominal, adaptor,
                   2 * PROBE_STATES, seed, TRAINING, keep_every=2)
    return np.stack([b.observations() for b in kept], axis=1).astype(np.float16)
