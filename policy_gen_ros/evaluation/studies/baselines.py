# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What a generator must be compared with, given the same goals: complete measures.

All but the two trained networks answer with sums of the training actors' weights, so what differs
between them is one matrix of coefficients, and no components of the weights need to be kept. The
policy that is given the condition, and the same with its condition folded into a bias, act alike
(``test_regression.py`` checks it): they are one baseline.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.baselines.regression import Regression
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES, MEASURES
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.evaluation.metrics.held_out import BehaviorGoals
from policy_gen_ros.models.decoder import run_actors, shape_weights
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.training.function_space import ActorData
from policy_gen_ros.training.relabelling import make_actors
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial.distance import cdist
import torch

NEIGHBOURS = 5
NOISE_SHARE = 0.5  # length of the noise, in distances between nearest training actors
BLOCK = 256  # training actors that are held as float32 at a time
REFERENCE_ACTORS = 256
KERNEL_BEHAVIORS = 4096  # at most: the matrix of all of a large archive would take a GB
CHECKED_BEHAVIORS, CHECKED_SHARE = 128, 0.1
LINEAR_PENALTIES, KERNEL_PENALTIES = (1.0, 10.0, 100.0), (0.01, 0.1, 1.0)
KERNEL_WIDTHS = (0.5, 1.0, 2.0)
"""Of the kernel, in median distances of behaviours."""

Coefficients = Callable[[np.ndarray], np.ndarray]
"""Features of goals (k, 29) -> share of each training behaviour (k, m)."""


class Baseline(Protocol):
    """Answers goals with actors."""

    def actors(self, goals: np.ndarray) -> list[ActorWeights]:
        """
        One actor for each goal, whose measures are complete. Shape: (k, 13).

        :raises ValueError: another shape, or missing measures
        """


@dataclass(frozen=True, eq=False)
class Blend:
    """
    Answers with sums of the training actors' weights.

    :param asked_clock, asked_command: what the goal says, instead of the same sum of clocks and
        commands
    :param noise: standard deviation of what is added to each weight
    """

    archive: TrainingArchive
    data: ActorData
    coefficients: Coefficients
    asked_clock: bool = False
    asked_command: bool = False
    noise: float = 0.0
    seed: int = 0

    def actors(self, goals: np.ndarray) -> list[ActorWeights]:
        """One actor for each goal. Shape: (k, 13)."""
        shares = self.coefficients(_features(goals))
        vectors = blend_weights(shares, self.archive.actor, self.data)
        # Row by row: then the first of eight actors is the same as one alone.
        rng = np.random.default_rng(self.seed)
        for vector in vectors if self.noise else ():
            vector += self.noise * rng.standard_normal(len(vector), np.float32)
        asked, learned = self.archive.domain.extras.implied(goals), shares @ self.archive.controls
        controls = learned.copy()
        controls[:, 1:] = np.clip(learned[:, 1:], go2.COMMAND_LOWER, go2.COMMAND_UPPER)
        if self.asked_clock:
            controls[:, 0] = asked[:, 0]
        if self.asked_command:
            controls[:, 1:] = asked[:, 1:]
        return make_actors(self.archive.domain, vectors, controls, self.data.sizes)


@dataclass(frozen=True, eq=False)
class Learned:
    """Answers with a trained network, which predicts clock and command too."""

    network: Regression

    @torch.no_grad()
    def actors(self, goals: np.ndarray) -> list[ActorWeights]:
        """One actor for each goal. Shape: (k, 13)."""
        condition = torch.from_numpy(_features(goals))
        # What the goal says stands in the extras as it is; clock and command are predicted.
        coder = self.network.domain.extras
        extras = coder.encode(coder.implied(goals), goals)
        extras[:, :coder.control_dim] = self.network.controls(condition).numpy()
        controls, _ = coder.decode(extras)
        controls[:, 1:] = np.clip(controls[:, 1:], go2.COMMAND_LOWER, go2.COMMAND_UPPER)
        return make_actors(self.network.domain, self.network.vectors(condition).numpy(), controls,
                           self.network.layer_sizes)


def weight_baselines(archive: TrainingArchive, data: ActorData,
                     seed: int = 0) -> dict[str, Baseline]:
    """
    Fit all baselines that blend weights.

    ``nearest_neighbour``, ``interpolation`` and ``noise`` have the clock of the actors that they
    are made of and the asked velocity as command; ``mean`` has the asked frequency and velocity;
    ``linear`` and ``kernel`` predict both as they predict weights: actors fall short of their
    commands, which the archive shows.

    :param data: of the same archive
    """
    known = MEASURES.encode(archive.measures)
    nearest, everything = neighbours(known, 1), np.full(len(known), 1 / len(known))
    noise = NOISE_SHARE * typical_distance(data, seed) / data.weights.shape[1]**0.5
    return {
        'nearest_neighbour': Blend(archive, data, nearest, asked_command=True),
        'interpolation': Blend(archive, data, neighbours(known, NEIGHBOURS), asked_command=True),
        'linear': fit_linear(archive, data, seed),
        'kernel': fit_kernel(archive, data, seed),
        'noise': Blend(archive, data, nearest, asked_command=True, noise=noise, seed=seed),
        'mean': Blend(archive, data, lambda goals: np.tile(everything, (len(goals), 1)),
                      asked_clock=True, asked_command=True)}


def neighbours(known: np.ndarray, count: int) -> Coefficients:
    """
    Nearest behaviours, by inverse distance (Shepard 1968).

    :param known: features of the training behaviours. Shape: (m, 29)
    """
    def coefficients(goals: np.ndarray) -> np.ndarray:
        apart = cdist(goals, known)
        nearest = np.argsort(apart, axis=1, kind='stable')[:, :count]
        weight = 1 / np.maximum(np.take_along_axis(apart, nearest, axis=1), 1e-6)
        shares = np.zeros(apart.shape)
        np.put_along_axis(shares, nearest, weight / weight.sum(axis=1, keepdims=True), axis=1)
        return shares

    return coefficients


def fit_linear(archive: TrainingArchive, data: ActorData, seed: int = 0) -> Blend:
    """Ridge regression (Hoerl and Kennard 1970) from measures to weights, clock and command."""
    known = MEASURES.encode(archive.measures)
    centre = known.mean(axis=0)

    def fit(rows: np.ndarray, penalty: float) -> Coefficients:
        x = (known[rows] - centre).astype(np.float64)
        solved = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T)
        return _around_mean(lambda goals: (goals - centre) @ solved, rows, len(known))

    return _best([partial(fit, penalty=penalty) for penalty in LINEAR_PENALTIES],
                 archive, data, seed)


def fit_kernel(archive: TrainingArchive, data: ActorData, seed: int = 0) -> Blend:
    """Kernel ridge regression (Saunders et al. 1998), Gaussian kernel, of the same."""
    known = MEASURES.encode(archive.measures)
    pairs = known[np.random.default_rng(seed).integers(0, len(known), (2, 4096))]
    median = float(np.median(np.linalg.norm(pairs[0] - pairs[1], axis=1)))

    def fit(rows: np.ndarray, width: float, penalty: float) -> Coefficients:
        if len(rows) > KERNEL_BEHAVIORS:
            rows = np.sort(np.random.default_rng(seed).choice(rows, KERNEL_BEHAVIORS, False))

        def kernel(goals: np.ndarray) -> np.ndarray:
            squares = cdist(goals, known[rows], 'sqeuclidean')
            return np.exp(squares / (-2 * (width * median)**2))

        factor = cho_factor(kernel(known[rows]) + penalty * np.eye(len(rows)))
        return _around_mean(lambda goals: cho_solve(factor, kernel(goals).T).T, rows, len(known))

    return _best([partial(fit, width=width, penalty=penalty) for width in KERNEL_WIDTHS
                  for penalty in KERNEL_PENALTIES], archive, data, seed)


def blend_weights(shares: np.ndarray, actor: np.ndarray, data: ActorData) -> np.ndarray:
    """
    Sum weights of actors, BLOCK actors at a time.

    :param shares: of behaviours. Shape: (k, m)
    :param actor: row of each behaviour's actor. Shape: (m,)
    :return: Shape: (k, parameters), float32
    """
    by_actor = torch.zeros(len(data), len(shares))
    by_actor.index_add_(0, torch.from_numpy(actor), torch.from_numpy(shares.T).float())
    total = torch.zeros(len(shares), data.weights.shape[1])
    for rows in by_actor.any(dim=1).nonzero()[:, 0].split(BLOCK):
        total += by_actor[rows].T @ data.weights[rows].float()
    return total.numpy()


def nearest_training_distance(vectors: np.ndarray, data: ActorData,
                              typical: float | None = None) -> np.ndarray:
    """
    Distance of flat actors to the nearest training actor, relative to the typical one there.

    0 is a copy; near 1, an actor is as new as training actors are to each other.

    :param vectors: Shape: (k, parameters)
    :param typical: what :func:`typical_distance` found, where it is asked for more than once
    :return: Shape: (k,)
    :raises ValueError: actors of another size
    """
    if vectors.shape[1:] != data.weights.shape[1:]:
        raise ValueError(f'actors of shape {vectors.shape}, expected (k, {data.weights.shape[1]})')
    typical = typical_distance(data) if typical is None else typical
    return _nearest(torch.from_numpy(np.asarray(vectors, np.float32)), data) / typical


def typical_distance(data: ActorData, seed: int = 0) -> float:
    """Median of :func:`distances_between`."""
    return float(np.median(distances_between(data, seed)))


def distances_between(data: ActorData, seed: int = 0) -> np.ndarray:
    """Distances of REFERENCE_ACTORS training actors to the nearest other one. Shape: (any,)."""
    rows = np.random.default_rng(seed).permutation(len(data))[:REFERENCE_ACTORS]
    return _nearest(data.weights[rows].float(), data, rows)


def archive_actors(archive: Archive, goals: BehaviorGoals) -> list[ActorWeights]:
    """Return the goals' own actors: no generator can reproduce a behaviour better."""
    return [archive.actor(int(index), int(np.nanargmin(
        np.abs(archive.measures[index] - row).sum(axis=1))))
        for index, row in zip(goals.actor, goals.measures)]


def _features(goals: np.ndarray) -> np.ndarray:
    if goals.ndim != 2 or goals.shape[1] != len(MEASURE_NAMES) or not np.isfinite(goals).all():
        raise ValueError(f'goals of shape {goals.shape} are not {len(MEASURE_NAMES)} complete '
                         'measures each; baselines do not guess missing ones')
    return MEASURES.encode(goals)


def _around_mean(slopes: Coefficients, rows: np.ndarray, count: int) -> Coefficients:
    """Coefficients of a regression from its centred ones; what it does not explain is the mean."""
    def coefficients(goals: np.ndarray) -> np.ndarray:
        shares = np.zeros((len(goals), count))
        centred = slopes(goals)
        shares[:, rows] = centred + (1 - centred.sum(axis=1, keepdims=True)) / len(rows)
        return shares

    return coefficients


def _best(candidates: list[Callable[[np.ndarray], Coefficients]], archive: TrainingArchive,
          data: ActorData, seed: int) -> Blend:
    """
    Fit the candidate whose actors come nearest in what they do on common states.

    Evaluated on behaviours of training actors that were left out; those of one actor have the
    same weights, so actors are left out, not behaviours.
    """
    rng = np.random.default_rng([seed, 2])
    share = max(1, round(CHECKED_SHARE * len(archive)))
    out = np.isin(archive.actor, rng.permutation(len(archive))[:share])
    check = rng.permutation(np.flatnonzero(out))[:CHECKED_BEHAVIORS]
    wanted = data.common_actions[torch.from_numpy(archive.actor[check])]
    features = MEASURES.encode(archive.measures[check])

    def error(fit: Callable[[np.ndarray], Coefficients]) -> float:
        vectors = blend_weights(fit(np.flatnonzero(~out))(features), archive.actor, data)
        got = run_actors(shape_weights(torch.from_numpy(vectors), data.sizes),
                         data.common.expand(len(check), -1, -1), data.activation)
        return float((got - wanted).square().mean())

    return Blend(archive, data, min(candidates, key=error)(np.arange(len(archive.actor))))


def _nearest(vectors: torch.Tensor, data: ActorData, own: np.ndarray | None = None) -> np.ndarray:
    """Distance to the nearest actor, but for one's own row. Shapes: (k, parameters) -> (k,)."""
    # What all actors share is taken off first: else products lose the small differences.
    apart = vectors - data.start
    best = torch.full((len(vectors),), torch.inf)
    nearest = torch.zeros(len(vectors), dtype=torch.long)
    for rows in torch.arange(len(data)).split(BLOCK):
        block = data.weights[rows].float() - data.start
        squares = apart.square().sum(dim=1)[:, None] + block.square().sum(dim=1) - 2 * (
            apart @ block.T)
        if own is not None:
            squares[torch.from_numpy(own)[:, None] == rows] = torch.inf
        least, where = squares.min(dim=1)
        nearest = torch.where(least < best, rows[where], nearest)
        best = torch.minimum(least, best)
    # Exact for the one that was found: a copy is at distance 0.
    return np.array([(v - data.weights[i].float()).norm() for v, i in zip(vectors, nearest)])
