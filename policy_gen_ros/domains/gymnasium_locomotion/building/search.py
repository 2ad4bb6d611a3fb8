# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Quality-diversity search for gaits: base, waves of branches, rounds of crossing.

Each job is a function of the configuration and of the elites before it, and its elites go into a
file of its own: a search that was killed reads these and goes on, with the same result.
"""

from __future__ import annotations

from dataclasses import dataclass
import itertools
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.domains.gymnasium_locomotion.building.branches import (
    BranchJob,
    reward_alone,
    train_base,
    train_branches,
)
from policy_gen_ros.domains.gymnasium_locomotion.building.conditioned import (
    ConditionJob,
    folded,
    train_conditioned,
    try_conditions,
)
from policy_gen_ros.domains.gymnasium_locomotion.building.config import LocomotionArchiveConfig
from policy_gen_ros.domains.gymnasium_locomotion.building.crossing import cross, IslandJob
from policy_gen_ros.domains.gymnasium_locomotion.building.elites import ElitePolicies, try_out
from policy_gen_ros.domains.gymnasium_locomotion.robot import Robot
from policy_gen_ros.policies.weights import ActorWeights, Layers, load_layers, save_layers
from policy_gen_ros.utils.progress import progress
from policy_gen_ros.utils.workers import one_thread, run_jobs

BASE_RUN = 0
"""Number of the run that the base comes from; branches and islands are counted from there."""
Job = ConditionJob | BranchJob | IslandJob


@dataclass(frozen=True)
class Shared:
    """What all jobs of a round read; ``base`` has more inputs where it is conditioned."""

    robot: Robot
    config: LocomotionArchiveConfig
    base: Layers
    elites: ElitePolicies


def prepare_base(file: Path, robot: Robot, config: LocomotionArchiveConfig) -> Layers:
    """Train the base policy, or read it where it is done."""
    if not file.exists():
        train = train_conditioned if config.conditions else train_base
        with progress(total=config.base_iterations, about='base policy', unit='iteration',
                      at_once=True) as bar, one_thread():
            save_layers(train(robot, config, bar.update), file)
    return load_layers(file)


def base_weights(base: Layers, robot: Robot, config: LocomotionArchiveConfig) -> Layers:
    """Weights of the base policy for the reward alone."""
    return folded(base, reward_alone(robot)) if config.conditions else base


def search(folder: Path, robot: Robot, config: LocomotionArchiveConfig, base: Layers,
           ray_address: str | None = None) -> ElitePolicies:
    """
    Fill the grid, and keep in ``folder`` what each job found.

    :raises ArchiveError: a job failed, or a file is damaged
    """
    vector = ActorWeights.vector_from_layers(base_weights(base, robot, config))
    elites = try_out(vector[None], robot, config, [config.seed, BASE_RUN], BASE_RUN, 1.0)
    rounds = plan(config)
    bar = progress(total=sum(map(len, rounds)), about='search', unit='job', at_once=True)
    with bar:
        for jobs in rounds:
            todo = [job for job in jobs if not _file(folder, job).exists()]
            bar.update(len(jobs) - len(todo))
            if not len(elites) and not isinstance(jobs[0], ConditionJob):
                raise ArchiveError('no policy completes its episodes yet: train the base for '
                                   'longer (base_iterations), in another folder')
            shared = Shared(robot, config, base, elites)
            for job, found in run_jobs(_find, shared, todo, ray_address):
                if isinstance(found, Exception):
                    raise ArchiveError(f'run {job.run} failed: {found} (the same command goes on '
                                       'with what is left)') from found
                found.save(_file(folder, job))
                bar.update()
            for job in jobs:  # in this order, whichever was done first
                elites = elites.merged(ElitePolicies.load(_file(folder, job)), config.depth)
            bar.set_postfix(coverage=f'{elites.coverage:.3f}', refresh=False)
    return elites


def plan(config: LocomotionArchiveConfig) -> list[list[Job]]:
    """Jobs of each wave and round. Those of one work at the same time."""
    runs = itertools.count(BASE_RUN + 1)
    first: list[list[Job]] = [
        [ConditionJob(run, _seed(config.seed, run))
         for run in itertools.islice(runs, config.branch_jobs)]] if config.conditions else []
    waves: list[list[Job]] = [
        [BranchJob(run, wave, _seed(config.seed, run))
         for run in itertools.islice(runs, config.branch_jobs)] for wave in range(config.waves)]
    rounds: list[list[Job]] = [
        [IslandJob(run, _seed(config.seed, run))
         for run in itertools.islice(runs, config.islands)] for _ in range(config.rounds)]
    return first + waves + rounds


def run_name(run: int, config: LocomotionArchiveConfig) -> tuple[str, str]:
    """Lineage and name of a run, as an archive has them."""
    if run <= (config.waves + bool(config.conditions)) * config.branch_jobs:
        return 'reinforced', f'ppo-{run:02d}'
    return 'crossed', f'cross-{run:02d}'


def _seed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def _file(folder: Path, job: Job) -> Path:
    return folder / f'run-{job.run:02d}.npz'


def _find(shared: Shared, job: Job) -> ElitePolicies:
    """Do a job; where left and right are the same, what it finds counts on either side."""
    found = _work(shared, job)
    if shared.robot.mirror is None:
        return found
    return found.merged(found.mirrored(shared.robot), shared.config.depth)


def _work(shared: Shared, job: Job) -> ElitePolicies:
    if isinstance(job, IslandJob):
        return cross(shared.robot, shared.config, shared.elites, job)
    if isinstance(job, ConditionJob):
        return try_conditions(shared.robot, shared.config, shared.base, job)
    if job.wave == 0 and not shared.config.conditions:
        starts = [shared.base] * shared.config.branches
    else:
        chosen = _spread(shared.elites, shared.config.branches, job.seed)
        starts = chosen.layers(shared.robot.layer_sizes)
    return train_branches(shared.robot, shared.config, starts, job)


def _spread(elites: ElitePolicies, count: int, seed: int) -> ElitePolicies:
    """
    Choose elites to branch off from, far from each other on the grid.

    One by one, that which is farthest from those chosen; some more than once where there are few.
    """
    rng = np.random.default_rng(seed)
    chosen = [int(rng.integers(len(elites)))]
    distance = np.full(len(elites), np.inf)
    while len(chosen) < count:
        apart = np.linalg.norm(elites.contact - elites.contact[chosen[-1]], axis=1)
        distance = np.minimum(distance, apart)
        chosen.append(int(np.argmax(distance)))
    return elites[np.array(chosen)]
