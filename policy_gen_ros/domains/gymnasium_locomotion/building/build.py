# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Build an archive of gaits: base -> search -> evaluation -> chunks on disk. Resumable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
import shutil
import time
from typing import TYPE_CHECKING

import numpy as np
from policy_gen_ros.archive.build_manifest import (
    check_settings,
    read_build_manifest,
    write_build_manifest,
)
from policy_gen_ros.archive.building import build_chunks
from policy_gen_ros.archive.format import BASE_WEIGHTS_FILE, Chunk, create_archive
from policy_gen_ros.archive.writing import seal_archive
from policy_gen_ros.domains.gymnasium_locomotion.building.config import LocomotionArchiveConfig
from policy_gen_ros.domains.gymnasium_locomotion.building.elites import ElitePolicies
from policy_gen_ros.domains.gymnasium_locomotion.building.search import (
    base_weights,
    prepare_base,
    run_name,
    search,
)
from policy_gen_ros.domains.gymnasium_locomotion.captions import GaitLanguage
from policy_gen_ros.domains.gymnasium_locomotion.robot import EPISODE_STEPS, Robot
from policy_gen_ros.domains.gymnasium_locomotion.rollout import episode_seeds, run_episodes
from policy_gen_ros.domains.gymnasium_locomotion.simulation import model_file
from policy_gen_ros.policies.weights import save_layers
from policy_gen_ros.utils.config import to_dict
from policy_gen_ros.utils.files import hold
from policy_gen_ros.utils.progress import Stages
from policy_gen_ros.utils.workers import check_ray

if TYPE_CHECKING:
    from policy_gen_ros.domains.gymnasium_locomotion.domain import GymnasiumLocomotion

SEARCH_FOLDER = 'search'
"""What the search has found so far; removed when the archive is finished."""
BASE_FILE = 'base.safetensors'
EPISODES = 2
"""Of 1,000 steps, in which each policy is measured."""
CAPTIONS = 8
"""Of each policy."""


@dataclass(frozen=True)
class EvaluationJob:
    """Elites of one run that are evaluated and written together."""

    name: str
    source: str
    run: str
    elites: ElitePolicies
    seed: int

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.elites)


@dataclass(frozen=True)
class Shared:
    """What all evaluations read."""

    robot: Robot
    language: GaitLanguage
    repeatable: float


def build_archive(path: Path, domain: GymnasiumLocomotion, config: LocomotionArchiveConfig,
                  command: str, ray_address: str | None = None) -> None:
    """
    Build or continue an archive, on all cores or on a Ray cluster.

    :raises ArchiveError: the archive there was begun with other settings, or of another domain
    :raises HeldError: another process writes into the archive there
    :raises MissingGymnasiumError: there is no model to simulate
    """
    model_file(domain.robot)  # said here, before anything is written
    if ray_address is not None:
        check_ray(ray_address)
    with hold(path):
        _build(path, domain, config, command, ray_address)


def _build(path: Path, domain: GymnasiumLocomotion, config: LocomotionArchiveConfig, command: str,
           ray_address: str | None) -> None:
    create_archive(path, domain, config.seed, command)
    recorded = check_settings(path, config)
    if (path / 'manifest.json').exists():
        return
    if not recorded:
        write_build_manifest(path, {'config': to_dict(config)})
    (path / SEARCH_FOLDER).mkdir(exist_ok=True)
    (path / BASE_WEIGHTS_FILE).parent.mkdir(exist_ok=True)
    stages = Stages(3)
    stages.begin('base policy')
    base = prepare_base(path / SEARCH_FOLDER / BASE_FILE, domain.robot, config)
    save_layers(base_weights(base, domain.robot, config), path / BASE_WEIGHTS_FILE)
    stages.begin('search')
    elites = search(path / SEARCH_FOLDER, domain.robot, config, base, ray_address)
    stages.begin('evaluation')
    _evaluate(path, domain, config, elites, ray_address)
    seal_archive(path)
    shutil.rmtree(path / SEARCH_FOLDER)


def _evaluate(path: Path, domain: GymnasiumLocomotion, config: LocomotionArchiveConfig,
              elites: ElitePolicies, ray_address: str | None) -> None:
    jobs = plan_chunks(config, elites)
    write_build_manifest(path, {**read_build_manifest(path), 'actors': len(elites)})
    shared = Shared(domain.robot, domain.captions, config.repeatable)
    build_chunks(path, evaluate_chunk, shared, jobs, ray_address)


def plan_chunks(config: LocomotionArchiveConfig, elites: ElitePolicies) -> list[EvaluationJob]:
    """Split elites into chunks by the run that made them."""
    jobs = []
    for run in np.unique(elites.run).tolist():
        rows = np.flatnonzero(elites.run == run)
        source, name = run_name(run, config)
        for part, start in enumerate(range(0, len(rows), config.chunk_size)):
            seed = int(episode_seeds([config.seed, run, part], 1)[0])
            jobs.append(EvaluationJob(f'{name}-{part:02d}', source, name,
                                      elites[rows[start:start + config.chunk_size]], seed))
    return jobs


def evaluate_chunk(shared: Shared, job: EvaluationJob) -> Chunk:
    """
    Run elites anew, from first states that the search has not seen, and caption what they do.

    What is written is what was measured here: of many tries the search kept the luckiest. What
    does something else in each episode has no measures, and so does not qualify.
    """
    started = time.perf_counter()
    count, robot = job.count, shared.robot
    done = run_episodes(robot, job.elites.layers(robot.layer_sizes),
                        episode_seeds(job.seed, count * EPISODES), EPISODE_STEPS)
    survived, reward, measures, trajectory, observations = (
        getattr(done, name).reshape(count, EPISODES, *getattr(done, name).shape[1:])
        for name in ('survived', 'reward', 'measures', 'trajectory', 'observations'))
    rng = np.random.default_rng([job.seed, 1])
    apart = np.ptp(measures[..., :len(robot.feet)], axis=1).max(axis=1)
    measures = np.where((apart <= shared.repeatable)[:, None], measures.mean(axis=1), np.nan)
    survived = survived.mean(axis=1)[:, None]
    arrays = {
        'weights': job.elites.weights, 'progress': job.elites.progress,
        'measures': measures[:, None], 'reward': reward.mean(axis=1)[:, None],
        'survived': survived, 'robust': survived,
        'trajectory': trajectory[:, :1].astype(np.float16),
        'probe': observations[:, 0].astype(np.float16)}
    names = robot.measures.names
    captions = [[shared.language.write(dict(zip(names, row.tolist())), CAPTIONS, rng)
                 if np.isfinite(row).all() else []] for row in measures]
    return Chunk(source=job.source, run=job.run, arrays=arrays, captions=captions,
                 seconds=time.perf_counter() - started)
