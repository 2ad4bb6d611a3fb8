# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A generator, its domain and its archive, as evaluations of any domain read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.domain import Domain, Rollout, RolloutBatch
from policy_gen_ros.evaluation.metrics.quality_diversity import Walks
from policy_gen_ros.evaluation.metrics.sizes import Sizes
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.utils.progress import progress

BATCH_SIZE = 256
"""Policies that are generated and run side by side."""


@dataclass(frozen=True, eq=False)
class DomainSubject:
    """
    A generator, its domain, and how its policies are run.

    :param sizes: how much is generated and run
    """

    generator: PolicyGenerator
    archive: Archive
    rollout: Rollout
    sizes: Sizes
    seed: int = 0

    @property
    def domain(self) -> Domain:
        """Return the domain of the generator."""
        return self.generator.domain

    @property
    def whole_archive(self) -> bool:
        """Whether the archive's own policies are there to be run again."""
        return bool(self.archive.weights.stored.all())

    def generate(self, goals: Sequence[Goal]) -> list[ActorWeights]:
        """One policy for each goal."""
        made: list[ActorWeights] = []
        for start in range(0, len(goals), BATCH_SIZE):
            made += self.generator.generate_batch(list(goals[start:start + BATCH_SIZE]),
                                                  self.seed + start)
        return made

    def run(self, policies: Sequence[ActorWeights], seed: int) -> RolloutBatch:
        """Run policies, one episode each."""
        return self.rollout(policies, seed)

    def episodes(self, make: Callable[[np.ndarray], list[ActorWeights]], count: int,
                 episodes: int, about: str, other_seeds: int = 0) -> Walks:
        """
        Run policies that are made as they are needed, several episodes each.

        :param make: rows -> their policies. Shape: (k,)
        :param other_seeds: for another number, the same policies meet other randomness
        """
        grid = self.domain.measures.grid
        parts: list[Walks] = []
        blocks = np.array_split(np.arange(count), -(-count // BATCH_SIZE))
        for rows in progress(blocks, about=about, unit='batch'):
            policies = make(rows)
            runs = [self.run(policies, self.seed + 1 + int(rows[0]) + 7919 * (
                other_seeds * episodes + episode)) for episode in range(episodes)]
            parts.append(Walks(
                self.domain, np.stack([run.measures[:, grid] for run in runs], axis=1),
                np.stack([run.reward for run in runs], axis=1),
                np.stack([run.survived for run in runs], axis=1)))
        return Walks(self.domain, *(np.concatenate([getattr(part, name) for part in parts])
                                    for name in ('spanning', 'reward', 'survived')))
