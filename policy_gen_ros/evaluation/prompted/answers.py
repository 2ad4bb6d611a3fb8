# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Who answers prompts: the generator, baselines that need none, and policies cloned from the prompt.

All read what training reads and, beside it, the prompt alone: nothing of the actor behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.domain import Cloner
from policy_gen_ros.evaluation.prompted.prompts import Prompts
from policy_gen_ros.generation.cloning import generate_or_clone
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.policies.weights import ActorWeights, Layers
from policy_gen_ros.training.ppo import new_network

Answer = Callable[[Prompts, int], list[ActorWeights]]
"""One policy for each prompt, by a seed."""
LOOKED_UP = ('random training actor', 'nearest actor, by embedding', 'nearest actor, by raw rows',
             'mean actor of the nearest group')
"""Answers that are made of the training actors' weights, as :class:`TrainingActors` has them."""


def answers_of(generator: PolicyGenerator, archive: Archive) -> Mapping[str, Answer | None]:
    """
    All that are compared, by name. The last repeats the actors that the prompts show.

    None stands for those that need weights which the archive, an index, does not hold.
    """
    base = archive.base_weights()
    looked_up: dict[str, Answer | None] = dict.fromkeys(LOOKED_UP)
    if has_training_weights(archive):
        known = TrainingActors(generator, archive)
        looked_up = dict(zip(LOOKED_UP, (
            known.drawn, known.nearest_by_embedding, known.nearest_by_rows,
            known.mean_of_nearest_group)))

    def generate(prompts: Prompts, seed: int) -> list[ActorWeights]:
        return generator.generate_batch(prompts.goals(), seed)

    def gated(prompts: Prompts, seed: int) -> list[ActorWeights]:
        return [found.policy for found in generate_or_clone(generator, prompts.goals(), seed)]

    def start(prompts: Prompts, seed: int) -> list[ActorWeights]:
        return _made(archive, [base] * len(prompts), prompts)

    def shown(prompts: Prompts, seed: int) -> list[ActorWeights]:
        return [archive.actor(int(row)) for row in prompts.actor]

    def untrained(prompts: Prompts, seed: int) -> list[ActorWeights]:
        return _made(archive, [new_network(archive.layer_sizes, seed + i)
                               for i in range(len(prompts))], prompts)

    gates = {'generator, or its clone of the prompt': gated} if archive.domain.cloning else {}
    made = {'generator': generate, **gates, **looked_up, 'base weights of the archive': start}
    starts: dict[str, Answer | None] = {
        'random weights': untrained, 'base weights': start, 'mean actor': looked_up[LOOKED_UP[-1]],
        'generator': generate}
    cloned = {f'{name}, then cloned from {what}': first and _cloned(archive, first, cloner)
              for what, cloner in archive.domain.cloners().items()
              for name, first in starts.items()}
    return {**made, **cloned, "the prompt's own actor": shown}


def has_training_weights(archive: Archive) -> bool:
    """Whether an archive holds the weights of all training actors, as no index does."""
    return bool(archive.weights.stored[archive.seen].all())


def _cloned(archive: Archive, start: Answer, cloner: Cloner) -> Answer:
    """Return an answer that trains another one on each prompt."""
    def answer(prompts: Prompts, seed: int) -> list[ActorWeights]:
        starts = [one.layers for one in start(prompts, seed)]
        return _made(archive, cloner(prompts.trajectories, starts, seed), prompts)

    return answer


def _made(archive: Archive, networks: Sequence[Layers], prompts: Prompts) -> list[ActorWeights]:
    """Make a policy of each prompt's weights, with the controls of the prompt's own actor."""
    return [archive.domain.make_policy(layers, controls, {})
            for layers, controls in zip(networks, archive.controls[prompts.actor, 0])]


class TrainingActors:
    """Training actors, to draw from them or look up the nearest by their trajectories."""

    def __init__(self, generator: PolicyGenerator, archive: Archive) -> None:
        self._generator, self._archive = generator, archive
        self._actors = archive.seen
        trajectories = archive.trajectory[self._actors][:, 0].astype(np.float32)
        embedded = self._embed(trajectories)
        self._centre, self._spread = embedded.mean(axis=0), embedded.std(axis=0) + 1e-6
        self._embedded = (embedded - self._centre) / self._spread
        self._rows = self._flat(trajectories)
        self._group = archive.family[self._actors, 0]

    def drawn(self, prompts: Prompts, seed: int) -> list[ActorWeights]:
        """Return training actors at random."""
        rng = np.random.default_rng(seed)
        return [self._archive.actor(int(row)) for row in rng.choice(self._actors, len(prompts))]

    def nearest_by_embedding(self, prompts: Prompts, seed: int) -> list[ActorWeights]:
        """Return the training actors with the nearest behaviour embeddings."""
        return self._nearest(self._embedded, self._standardised(prompts))

    def nearest_by_rows(self, prompts: Prompts, seed: int) -> list[ActorWeights]:
        """Return the training actors with the nearest trajectories, row by row."""
        return self._nearest(self._rows, self._flat(prompts.trajectories))

    def mean_of_nearest_group(self, prompts: Prompts, seed: int) -> list[ActorWeights]:
        """
        Return the mean weights of the group whose mean embedding is the nearest.

        Of the source that most actors have: the mean of actors from several random starts is none.
        """
        archive, groups = self._archive, sorted(set(self._group.tolist()))
        source = archive.source[self._actors]
        common = max(sorted(set(source.tolist())), key=source.tolist().count)
        middle = np.stack([self._embedded[self._group == group].mean(axis=0) for group in groups])
        means = []
        for group in groups:
            mine = self._actors[(self._group == group) & (source == common)]
            mine = mine if len(mine) else self._actors[self._group == group]
            weights = archive.weights[mine].astype(np.float32).mean(axis=0)
            means.append(archive.domain.make_policy(
                ActorWeights.layers_from_vector(weights, archive.layer_sizes),
                archive.controls[mine[0], 0], {}))
        apart = np.linalg.norm(self._standardised(prompts)[:, None] - middle, axis=2)
        return [means[i] for i in apart.argmin(axis=1)]

    def _nearest(self, known: np.ndarray, asked: np.ndarray) -> list[ActorWeights]:
        rows = [int(np.linalg.norm(known - one, axis=1).argmin()) for one in asked]
        return [self._archive.actor(int(self._actors[row])) for row in rows]

    def _standardised(self, prompts: Prompts) -> np.ndarray:
        return (self._embed(prompts.trajectories) - self._centre) / self._spread

    def _embed(self, trajectories: np.ndarray) -> np.ndarray:
        return np.stack([self._generator.engine.trajectory(rows) for rows in trajectories])

    def _flat(self, trajectories: np.ndarray) -> np.ndarray:
        return self._archive.domain.trajectory.features(trajectories).reshape(
            len(trajectories), -1)
