# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Crossing elites: Iso+LineDD (Vassiliades and Mouret 2018), on islands that meet between rounds.

All elites come from one base by small steps, so what lies between two of them often runs as well,
and between the cells of both. An island is one job of a worker process: it starts from all elites,
and gives those that it found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.halfcheetah.building.config import HalfCheetahConfig
from policy_gen_ros.domains.halfcheetah.building.elites import (
    Elites,
    GRID_BINS,
    PARAMETERS,
    try_out,
)
from ribs.archives import GridArchive
from ribs.emitters import IsoLineEmitter


@dataclass(frozen=True)
class IslandJob:
    """One island of a round; ``run`` is its number in the archive."""

    run: int
    seed: int


def cross(config: HalfCheetahConfig, elites: Elites, job: IslandJob) -> Elites:
    """Cross elites for some generations and return those that are new."""
    grid = GridArchive(solution_dim=PARAMETERS, solution_dtype=np.float32, dims=[GRID_BINS] * 2,
                       ranges=[(0.0, 1.0)] * 2, seed=job.seed)
    grid.add(elites.weights.astype(np.float32), elites.reward, elites.contact)
    emitter = IsoLineEmitter(
        grid, iso_sigma=config.iso_sigma, line_sigma=config.line_sigma,
        x0=elites.weights[0].astype(np.float32), batch_size=config.children, seed=job.seed)
    found = elites
    for generation in range(config.generations):
        children = try_out(emitter.ask(), config, [job.seed, generation], job.run, 1.0)
        if len(children):
            grid.add(children.weights.astype(np.float32), children.reward, children.contact)
            found = found.merged(children)
    return found[np.flatnonzero(found.run == job.run)]
