# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Crossing elites on islands that meet between rounds.

All elites come from one base by small steps, so what lies between two of them often runs as well,
and about where it lies between the cells of both. So most children are aimed: at a cell that has
few elites, on a line through two elites on which it should lie. Iso+LineDD (Vassiliades and
Mouret 2018) makes the others. An island is one job of a worker process: it starts from all
elites, and gives those that it found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.gymnasium_locomotion.building.config import LocomotionArchiveConfig
from policy_gen_ros.domains.gymnasium_locomotion.building.elites import ElitePolicies, try_out
from policy_gen_ros.domains.gymnasium_locomotion.robot import Robot
from ribs.archives import GridArchive
from ribs.emitters import IsoLineEmitter
from scipy.spatial import KDTree

NEAREST = 8
"""Elites nearest to a cell, of which one is the first parent of a child that is aimed at it."""
LONGEST = 1.2
"""Share of the line between its parents that a child goes at most: a little beyond the second."""
STEP_COST = 0.1
"""Error in contacts, all in all, that counts as much as a step of the usual length in weights:
where a child lies is the less certain, the longer its step is."""


@dataclass(frozen=True)
class IslandJob:
    """One island of a round; ``run`` is its number in the archive."""

    run: int
    seed: int


def cross(robot: Robot, config: LocomotionArchiveConfig, elites: ElitePolicies,
          job: IslandJob) -> ElitePolicies:
    """Cross elites for some generations and return those that are new."""
    grid = GridArchive(solution_dim=elites.weights.shape[1], solution_dtype=np.float32,
                       dims=elites.grid, ranges=[(0.0, 1.0)] * len(elites.grid), seed=job.seed)
    grid.add(elites.weights.astype(np.float32), elites.reward, elites.contact)
    aimed = round(config.aimed * config.children)
    emitter = IsoLineEmitter(
        grid, iso_sigma=config.iso_sigma, line_sigma=config.line_sigma,
        x0=elites.weights[0].astype(np.float32), batch_size=max(config.children - aimed, 1),
        seed=job.seed)
    found = elites
    for generation in range(config.generations):
        rng = np.random.default_rng([job.seed, generation])
        vectors = np.concatenate([aim(found, aimed, config, rng), emitter.ask()])
        children = try_out(vectors, robot, config, [job.seed, generation], job.run, 1.0)
        if len(children):
            grid.add(children.weights.astype(np.float32), children.reward, children.contact)
            found = found.merged(children, config.depth)
    return found[np.flatnonzero(found.run == job.run)]


def aim(elites: ElitePolicies, count: int, config: LocomotionArchiveConfig,
        rng: np.random.Generator) -> np.ndarray:
    """
    Make weights of children that should fall into cells with few elites.

    Contacts are taken to change along a line in weights as they do from its one end to the other.

    :return: Shape: (count, parameters), float32
    """
    room = np.flatnonzero(elites.counts < max(config.depth, elites.counts.min() + 1))
    fewest = np.flatnonzero(elites.counts == elites.counts.min())
    cells = np.where(rng.random(count) < 0.5, rng.choice(room, count), rng.choice(fewest, count))
    wanted = (np.stack(np.unravel_index(cells, elites.grid), axis=1) + 0.5) / elites.grid
    near = KDTree(elites.contact).query(wanted, k=min(NEAREST, len(elites)))[1]
    near = near.reshape(count, -1)
    first = near[np.arange(count), rng.integers(0, near.shape[1], count)]
    others = rng.integers(0, len(elites), (count, config.partners))
    line = elites.contact[others] - elites.contact[first][:, None]
    gap = (wanted - elites.contact[first])[:, None]
    share = (line * gap).sum(axis=-1) / np.maximum(np.square(line).sum(axis=-1), 1e-9)
    share = np.clip(share, 0.0, LONGEST)
    weights = elites.weights.astype(np.float32)
    length = np.stack([np.linalg.norm(weights[some] - weights[one], axis=1)
                       for one, some in zip(first, others)])
    missed = np.linalg.norm(share[..., None] * line - gap, axis=-1)
    best = (missed + STEP_COST * share * length / max(length.mean(), 1e-9)).argmin(axis=1)
    each = np.arange(count)
    step = share[each, best, None] * (weights[others[each, best]] - weights[first])
    return weights[first] + step + config.iso_sigma * rng.standard_normal(
        step.shape, np.float32)
