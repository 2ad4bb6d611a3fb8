# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Elites: the best policies found so far, one in each cell of the grid of foot contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.domains.halfcheetah.building.config import HalfCheetahConfig
from policy_gen_ros.domains.halfcheetah.constants import LAYER_SIZES
from policy_gen_ros.domains.halfcheetah.rollout import episode_seeds, run_episodes
from policy_gen_ros.policies.spec import parameter_count
from policy_gen_ros.policies.weights import ActorWeights, Layers
from policy_gen_ros.utils.files import write_stream
from ribs.archives import GridArchive

GRID_BINS = 50
PARAMETERS = parameter_count(LAYER_SIZES)


@dataclass(frozen=True)
class Elites:
    """
    Policies and what they did when they were tried.

    Shapes: ``weights`` (n, parameters) float16; ``reward`` (n,); ``contact`` (n, 2); ``run`` (n,),
    number of the job that made them; ``progress`` (n,), share of its training they have had.
    """

    weights: np.ndarray
    reward: np.ndarray
    contact: np.ndarray
    run: np.ndarray
    progress: np.ndarray

    def __len__(self) -> int:
        return len(self.reward)

    @classmethod
    def none(cls) -> Elites:
        """Return no policies."""
        return cls(np.zeros((0, PARAMETERS), np.float16), np.zeros(0), np.zeros((0, 2)),
                   np.zeros(0, np.int32), np.zeros(0))

    def __getitem__(self, rows: np.ndarray) -> Elites:
        return Elites(*(getattr(self, field.name)[rows] for field in fields(self)))

    def layers(self) -> list[Layers]:
        """Weights of each policy."""
        return [ActorWeights.layers_from_vector(row, LAYER_SIZES) for row in self.weights]

    def grid(self) -> GridArchive:
        """Best of each cell; a solution is a row. Its order is that of the cells."""
        grid = GridArchive(solution_dim=(), solution_dtype=np.int32, dims=[GRID_BINS] * 2,
                           ranges=[(0.0, 1.0)] * 2)
        if len(self):
            grid.add(np.arange(len(self)), self.reward, self.contact)
        return grid

    def merged(self, other: Elites) -> Elites:
        """Best of each cell of both."""
        both = Elites(*(np.concatenate([getattr(self, field.name), getattr(other, field.name)])
                        for field in fields(self)))
        return both[np.sort(both.grid().data('solution'))]

    def save(self, path: Path) -> None:
        """Write to a file, whole or not at all."""
        write_stream(path, partial(np.savez, **{
            field.name: getattr(self, field.name) for field in fields(self)}))

    @classmethod
    def load(cls, path: Path) -> Elites:
        """
        Read what :meth:`save` wrote.

        :raises ArchiveError: it cannot be read
        """
        try:
            with np.load(path) as stored:
                return cls(**{field.name: stored[field.name] for field in fields(cls)})
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise ArchiveError(f'{path} is damaged ({error}): delete it; the same command makes '
                               'it again') from error


def try_out(vectors: np.ndarray, config: HalfCheetahConfig, seed: Sequence[int], run: int,
            progress: float) -> Elites:
    """
    Run policies for two episodes each, and keep what completes both and does the same in both.

    Otherwise the search would collect what falls on its back every other time: of many tries the
    cells between the two would get the mixtures. What is tried is what is stored: weights of half
    precision.

    :param vectors: weights. Shape: (n, parameters)
    """
    weights, count = vectors.astype(np.float16), len(vectors)
    done = run_episodes([ActorWeights.layers_from_vector(row, LAYER_SIZES) for row in weights],
                        episode_seeds(seed, 2 * count), config.episode_steps)
    contact = done.measures[:, :2].reshape(count, 2, 2)
    apart = np.abs(contact[:, 0] - contact[:, 1]).max(axis=1)
    kept = np.flatnonzero(done.survived.reshape(count, 2).all(axis=1)
                          & (apart <= config.repeatable))
    return Elites(weights, done.reward.reshape(count, 2).mean(axis=1), contact.mean(axis=1),
                  np.full(count, run, np.int32), np.full(count, progress))[kept]
