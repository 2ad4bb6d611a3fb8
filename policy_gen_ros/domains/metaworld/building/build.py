# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Build a MetaWorld archive: base -> clones, tested -> chunks on disk. Resumable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
import time
from typing import TYPE_CHECKING

import numpy as np
from policy_gen_ros.archive.build_manifest import check_settings, write_build_manifest
from policy_gen_ros.archive.building import build_chunks
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import (
    BASE_WEIGHTS_FILE,
    Chunk,
    create_archive,
    stored_precision,
)
from policy_gen_ros.archive.writing import seal_archive
from policy_gen_ros.domains.metaworld.building.cloning import clone, learn, watch
from policy_gen_ros.domains.metaworld.building.config import CloningConfig, MetaWorldConfig
from policy_gen_ros.domains.metaworld.building.experts import Expert, Variation
from policy_gen_ros.domains.metaworld.constants import (
    ACTIVATION,
    LAYER_SIZES,
    PROMPT_LAYOUT,
    SEEN_TASKS,
    TASKS,
    TEST_EPISODES,
)
from policy_gen_ros.domains.metaworld.episodes import run_task
from policy_gen_ros.domains.metaworld.rollout import (
    evaluate_policies,
    EvaluationJob,
    random_layouts,
)
from policy_gen_ros.domains.metaworld.simulation import check_installed
from policy_gen_ros.policies.weights import ActorWeights, Layers, load_layers, save_layers
from policy_gen_ros.training.actor_batch import ActorBatch
from policy_gen_ros.training.ppo import new_network
from policy_gen_ros.utils.config import to_dict
from policy_gen_ros.utils.files import hold
from policy_gen_ros.utils.progress import progress, Stages
from policy_gen_ros.utils.workers import check_ray, one_thread

if TYPE_CHECKING:
    from policy_gen_ros.domains.domain import Domain

_EXPERT_TRIALS = 3
"""Layouts in which an expert has to succeed; else another variation is drawn."""
_MOST_VARIATIONS = 50


@dataclass(frozen=True)
class CloneJob:
    """
    Actors of one task that one process trains side by side.

    :param independent: how many of them, the last, begin from random weights of their own
    :param partial: actors, all from random weights, that stop early; a chunk of their own
    """

    task: str
    run: int
    count: int
    independent: int
    partial: bool
    seed: int

    @property
    def source(self) -> str:
        """How the actors came to be, as the domain's ``sources``."""
        if self.partial:
            return 'half-trained'
        return 'independent' if self.independent == self.count else 'cloned'

    @property
    def run_name(self) -> str:
        """What is held out together: all that was trained for a task from one seed."""
        return f'{self.task}-{self.run}'

    @property
    def name(self) -> str:
        """Of the chunk."""
        return f'{self.run_name}-{self.source}'


@dataclass(frozen=True)
class Shared:
    """What all jobs read."""

    config: MetaWorldConfig
    base: Layers


def build_archive(path: Path, domain: Domain, config: MetaWorldConfig, command: str,
                  ray_address: str | None = None) -> None:
    """
    Build or continue an archive, on all cores or on a Ray cluster.

    :raises ArchiveError: the archive there was begun with other settings, or of another domain
    :raises HeldError: another process writes into the archive there
    :raises MissingMetaWorldError: there is nothing to simulate
    """
    check_installed()  # said here, before anything is written
    if ray_address is not None:
        check_ray(ray_address)
    with hold(path):
        _build(path, domain, config, command, ray_address)


def _build(path: Path, domain: Domain, config: MetaWorldConfig, command: str,
           ray_address: str | None) -> None:
    create_archive(path, domain, config.seed, command)
    check_settings(path, config)
    if (path / 'manifest.json').exists():
        return
    jobs = plan(config)
    write_build_manifest(path, {'config': to_dict(config),
                                'actors': sum(job.count for job in jobs)})
    stages = Stages(2)
    stages.begin('base policy')
    file = path / BASE_WEIGHTS_FILE
    file.parent.mkdir(exist_ok=True)
    if not file.exists():
        with one_thread():
            save_layers(train_base(config), file)
    stages.begin('clones')
    build_chunks(path, make_chunk, Shared(config, load_layers(file)), jobs, ray_address)
    seal_archive(path)


def plan(config: MetaWorldConfig) -> list[CloneJob]:
    """All jobs: of seen tasks some runs each, of unseen ones one."""
    jobs: list[CloneJob] = []
    for number, task in enumerate(TASKS):
        seen = task in SEEN_TASKS
        for run in range(config.runs if seen else 1):
            seed = int(np.random.SeedSequence([config.seed, number, run]).generate_state(1)[0])
            actors = config.actors if seen else config.unseen_actors
            alone = round(config.independent * actors)
            parts = ((actors - alone, 0, False), (alone, alone, False),
                     (config.half_trained, config.half_trained, True))
            jobs += [CloneJob(task, run, count, independent, partial, seed + i)
                     for i, (count, independent, partial) in enumerate(parts) if count]
    return jobs


def train_base(config: MetaWorldConfig) -> Layers:
    """Train one network on the plain scripts of all seen tasks (multi-task behaviour cloning)."""
    rng = np.random.default_rng([config.seed, 7])
    plain = Variation(1.0, 1.0, np.zeros(3))
    noise, parts = config.cloning.noise, []
    for task in progress(SEEN_TASKS, about='scripts', unit='task'):
        layouts = rng.integers(1, 2**31, config.base_episodes).tolist()
        parts.append(watch(task, Expert(task, plain), layouts, noise, rng))
    actor = ActorBatch(new_network(LAYER_SIZES, config.seed), 1, ACTIVATION)
    settings = CloningConfig(batch=64 * len(SEEN_TASKS), learning_rate=2e-3)
    with progress(total=config.base_steps, about='base policy', unit='step') as bar:
        learn(actor, [parts[0].joined(*parts[1:])], config.base_steps, settings,
              [config.seed, 8], bar.update)
    return actor.layers(0)


def draw_expert(task: str, config: MetaWorldConfig, rng: np.random.Generator) -> Expert:
    """
    Draw an expert that can do its task.

    :raises ArchiveError: hardly any variation can
    """
    for _ in range(_MOST_VARIATIONS):
        expert = Expert(task, Variation.draw(config.variation, rng))
        layouts = [PROMPT_LAYOUT, *rng.integers(1, 2**31, _EXPERT_TRIALS - 1).tolist()]
        if all(run_task(task, expert, layout).success >= 0 for layout in layouts):
            return expert
    raise ArchiveError(f'of {_MOST_VARIATIONS} experts none does {task}: let them vary less')


def make_chunk(shared: Shared, job: CloneJob) -> Chunk:
    """Train the actors of a job, and test them as they are stored."""
    started, config = time.perf_counter(), shared.config
    rng = np.random.default_rng(job.seed)
    experts = [draw_expert(job.task, config, rng) for _ in range(job.count)]
    starts = [shared.base] * (job.count - job.independent) + [
        new_network(LAYER_SIZES, int(seed)) for seed in rng.integers(0, 2**31, job.independent)]
    networks = clone(job.task, experts, starts, config.cloning, job.seed,
                     config.half_trained_steps if job.partial else None)
    arrays = evaluate_as_stored(job, networks)
    arrays['progress'] = np.full(job.count, config.half_trained_steps / _steps(config.cloning)
                                 if job.partial else 1.0)
    return Chunk(source=job.source, run=job.run_name, arrays=arrays,
                 captions=[[[]] for _ in networks], seconds=time.perf_counter() - started)


def _steps(config: CloningConfig) -> int:
    """Return how many steps a whole training has."""
    return config.steps * (1 + config.rounds)


def evaluate_as_stored(job: CloneJob, networks: Sequence[Layers]) -> dict[str, np.ndarray]:
    """Test actors with the precision in which they are stored. Return all but ``progress``."""
    rounded = tuple(stored_precision(layers) for layers in networks)
    layouts = random_layouts([job.seed, 4], len(rounded), TEST_EPISODES)
    done = evaluate_policies(None, EvaluationJob((job.task,) * len(rounded), rounded, layouts))
    return {
        'weights': np.stack([*map(ActorWeights.vector_from_layers, rounded)]).astype(np.float16),
        'measures': done.measures[:, None], 'reward': done.reward[:, None],
        'survived': done.reward[:, None], 'robust': done.reward[:, None],
        'trajectory': done.trajectory[:, None], 'probe': done.observations}
