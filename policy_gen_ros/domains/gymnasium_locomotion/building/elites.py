# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Elites: the best policies found so far, some in each cell of the grid of foot contacts.

More than one, as in a deep grid (Flageat and Cully 2020): what a policy measures differs from one
first state to the next by about a cell, so that of one policy in each cell many move into the
cell of another when they are measured anew, and leave their own empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.domains.gymnasium_locomotion.building.config import LocomotionArchiveConfig
from policy_gen_ros.domains.gymnasium_locomotion.robot import GRID_BINS, Robot
from policy_gen_ros.domains.gymnasium_locomotion.rollout import episode_seeds, run_episodes
from policy_gen_ros.policies.spec import parameter_count
from policy_gen_ros.policies.weights import ActorWeights, Layers
from policy_gen_ros.utils.files import write_stream


@dataclass(frozen=True)
class ElitePolicies:
    """
    Policies and what they did when they were tried.

    Shapes: ``weights`` (n, parameters) float16; ``reward`` (n,); ``contact`` (n, feet); ``run``
    (n,), number of the job that made them; ``progress`` (n,), share of its training they have had.
    """

    weights: np.ndarray
    reward: np.ndarray
    contact: np.ndarray
    run: np.ndarray
    progress: np.ndarray

    def __len__(self) -> int:
        return len(self.reward)

    @classmethod
    def none(cls, robot: Robot) -> ElitePolicies:
        """Return no policies of a robot."""
        return cls(np.zeros((0, parameter_count(robot.layer_sizes)), np.float16), np.zeros(0),
                   np.zeros((0, len(robot.feet))), np.zeros(0, np.int32), np.zeros(0))

    def __getitem__(self, rows: np.ndarray) -> ElitePolicies:
        return ElitePolicies(*(getattr(self, field.name)[rows] for field in fields(self)))

    def layers(self, sizes: tuple[int, ...]) -> list[Layers]:
        """Weights of each policy, whose layers have these units."""
        return [ActorWeights.layers_from_vector(row, sizes) for row in self.weights]

    @property
    def grid(self) -> tuple[int, ...]:
        """Cells of the grid along the contact of each foot."""
        feet = self.contact.shape[1]
        return (GRID_BINS[feet],) * feet

    @property
    def cell(self) -> np.ndarray:
        """Number of the cell that each lies in, the first foot's row slowest. Shape: (n,)."""
        bins = np.array(self.grid)
        place = np.clip((self.contact * bins).astype(int), 0, bins - 1)
        return np.ravel_multi_index(tuple(place.T), self.grid)

    @property
    def counts(self) -> np.ndarray:
        """Elites of each cell. Shape: (cells,)."""
        return np.bincount(self.cell, minlength=int(np.prod(self.grid)))

    @property
    def coverage(self) -> float:
        """Share of the cells that have elites."""
        return float((self.counts > 0).mean())

    def merged(self, other: ElitePolicies, depth: int) -> ElitePolicies:
        """Return the best of each cell of both, ``depth`` at most."""
        both = ElitePolicies(*(
            np.concatenate([getattr(self, field.name), getattr(other, field.name)])
            for field in fields(self)))
        order = np.lexsort([-both.reward, both.cell])
        cell = both.cell[order]
        rank = np.arange(len(cell)) - np.searchsorted(cell, cell)
        return both[np.sort(order[rank < depth])]

    def mirrored(self, robot: Robot) -> ElitePolicies:
        """
        Return the policies that do with the feet of one side what these do with the other's.

        :param robot: one that has a mirror
        """
        mirror = robot.mirror
        if mirror is None:
            raise ValueError(f'{robot.name} has no mirror')
        seen = _signs(robot.observation_dim, mirror.negated_observation)
        done = _signs(robot.action_dim, mirror.negated_action)
        vectors = []
        for (weight, bias), *hidden, (last_weight, last_bias) in self.layers(robot.layer_sizes):
            layers = ((weight[:, list(mirror.observation)] * seen, bias), *hidden,
                      (last_weight[list(mirror.action)] * done[:, None],
                       last_bias[list(mirror.action)] * done))
            vectors.append(ActorWeights.vector_from_layers(layers))
        weights = np.reshape(vectors, self.weights.shape).astype(self.weights.dtype)
        return replace(self, weights=weights, contact=self.contact[:, list(mirror.feet)])

    def save(self, path: Path) -> None:
        """Write to a file, whole or not at all."""
        write_stream(path, partial(np.savez, **{
            field.name: getattr(self, field.name) for field in fields(self)}))

    @classmethod
    def load(cls, path: Path) -> ElitePolicies:
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


def _signs(count: int, negated: tuple[int, ...]) -> np.ndarray:
    signs = np.ones(count, np.float32)
    signs[list(negated)] = -1.0
    return signs


def try_out(vectors: np.ndarray, robot: Robot, config: LocomotionArchiveConfig,
            seed: Sequence[int], run: int, progress: float) -> ElitePolicies:
    """
    Run policies for some episodes each, and keep what completes all and does the same in all.

    Otherwise the search would collect what falls on its back every other time: of many tries the
    cells between the two would get the mixtures. What is tried is what is stored: weights of half
    precision.

    :param vectors: weights. Shape: (n, parameters)
    """
    weights, count, tries = vectors.astype(np.float16), len(vectors), config.tries
    networks = [ActorWeights.layers_from_vector(row, robot.layer_sizes) for row in weights]
    done = run_episodes(robot, networks, episode_seeds(seed, tries * count), config.episode_steps)
    feet = len(robot.feet)
    contact = done.measures[:, :feet].reshape(count, tries, feet)
    apart = np.ptp(contact, axis=1).max(axis=1)
    kept = np.flatnonzero(done.survived.reshape(count, tries).all(axis=1)
                          & (apart <= config.repeatable))
    return ElitePolicies(
        weights, done.reward.reshape(count, tries).mean(axis=1), contact.mean(axis=1),
        np.full(count, run, np.int32), np.full(count, progress))[kept]
