# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Build an archive: base policies -> actors -> evaluation -> chunks on disk. Resumable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
import time

import numpy as np
from policy_gen_ros.archive.building import build_chunks
from policy_gen_ros.archive.format import Chunk, create_archive, stored_precision
from policy_gen_ros.archive.writing import seal_archive
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.go2.building.base_policies import BasePolicies, prepare_base_policies
from policy_gen_ros.domains.go2.building.clone import clone_gaits
from policy_gen_ros.domains.go2.building.config import Go2ArchiveConfig
from policy_gen_ros.domains.go2.building.evaluate import describe, evaluate_actors, probe_states
from policy_gen_ros.domains.go2.building.manifest import keep_manifest, note_planned
from policy_gen_ros.domains.go2.building.runs import FinetuningTask, train_runs
from policy_gen_ros.domains.go2.building.screen import screened_walks
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES
from policy_gen_ros.domains.go2.spec import ActorSpec
from policy_gen_ros.domains.go2.teacher.gait_parameters import (
    GaitParameters,
    limit_commands,
    sample_commands,
)
from policy_gen_ros.policies.weights import ActorWeights, layer_sizes, Layers
from policy_gen_ros.utils.files import hold
from policy_gen_ros.utils.progress import Stages
from policy_gen_ros.utils.workers import check_ray


@dataclass(frozen=True)
class ChunkJob:
    """
    One chunk to build.

    :param count: how many actors it will hold
    :param elites: rows of the search's elites, for specialists
    :param family: index into GAIT_FAMILIES that a reinforced run starts from
    """

    name: str
    source: str
    run: str
    count: int
    seed: int
    elites: tuple[int, ...] = ()
    family: int | None = None


def build_archive(path: Path, config: Go2ArchiveConfig, command_line: str,
                  ray_address: str | None = None) -> None:
    """
    Build or continue an archive, on all cores or on a Ray cluster.

    :raises ArchiveError: the archive there was begun with other settings, or in another version
    :raises HeldError: another process writes into the archive there
    """
    if ray_address is not None:
        check_ray(ray_address)
    with hold(path):
        _build(path, config, command_line, ray_address)


def _build(path: Path, config: Go2ArchiveConfig, command_line: str,
           ray_address: str | None) -> None:
    create_archive(path, find_domain(), config.seed, command_line)
    keep_manifest(path, config, command_line)
    stages = Stages(2)
    stages.begin('base policies')
    base_policies = prepare_base_policies(path / 'foundation', config)
    jobs = plan_chunks(config, base_policies)
    note_planned(path, sum(job.count for job in jobs))
    stages.begin('actors')
    build_chunks(path, build_chunk, (base_policies, config), jobs, ray_address)
    seal_archive(path)


def plan_chunks(config: Go2ArchiveConfig, base_policies: BasePolicies) -> list[ChunkJob]:
    """All chunks of an archive. A larger archive has the chunks of a smaller one, and more."""
    jobs = [ChunkJob(f'clone-{number:04d}', 'clone', 'base-0', config.chunk_size,
                     _seed(config.seed, 1, number))
            for number in range(-(-config.clones // config.chunk_size))]
    chosen = np.zeros(0, int)
    if base_policies.elites is not None:
        whole_chunks = -(-config.specialists // config.chunk_size) * config.chunk_size
        chosen = spread_elites(base_policies.elites.measures, whole_chunks,
                               config.search.contact_bins, config.seed)
    for number, start in enumerate(range(0, len(chosen), config.chunk_size)):
        rows = chosen[start:start + config.chunk_size]
        jobs.append(ChunkJob(f'specialist-{number:04d}', 'specialist', 'search-0', len(rows),
                             _seed(config.seed, 0, number), tuple(int(row) for row in rows)))
    jobs += [ChunkJob(f'reinforced-{number:02d}', 'reinforced', f'ppo-{number:02d}',
                      len(config.checkpoints), _seed(config.seed, 10_000, number),
                      family=number % len(GAIT_FAMILIES)) for number in range(config.runs)]
    return jobs


def _seed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def spread_elites(measures: np.ndarray, count: int, bins: int, seed: int) -> np.ndarray:
    """
    Choose elites from as many cells of family and contacts as there are, then from the rest.

    :param measures: family index, four contacts, vx. Shape: (n, 6)
    :param bins: cells along each contact
    :return: rows. Shape: (at most count,)
    """
    order = np.random.default_rng(seed).permutation(len(measures))
    contacts = np.clip(measures[order, 1:5] * bins, 0, bins - 1)
    cell = np.concatenate([measures[order, :1], contacts], axis=1).astype(int)
    seen: dict[bytes, int] = {}
    turn = []
    for row in cell:
        turn.append(seen.get(row.tobytes(), 0))
        seen[row.tobytes()] = turn[-1] + 1
    return order[np.argsort(turn, kind='stable')][:count]


def build_chunk(shared: tuple[BasePolicies, Go2ArchiveConfig], job: ChunkJob) -> Chunk:
    """Make and evaluate the actors of one chunk."""
    base_policies, config = shared
    started = time.perf_counter()
    made = {'clone': _clones, 'specialist': _specialists, 'reinforced': _reinforced,
            }[job.source](base_policies, config, job)
    return _finish_chunk(base_policies, config, job, made, started)


Actors = tuple[GaitParameters, np.ndarray, list[Layers], np.ndarray]
"""Gaits, nominal commands, weights, and the share of its training that each has had."""


def _clones(base_policies: BasePolicies, config: Go2ArchiveConfig, job: ChunkJob) -> Actors:
    shared = base_policies.shared
    gaits, nominal = screened_walks(shared.base, shared.adaptor, job.count, config.screening,
                                    job.seed)
    return _clones_of(base_policies, config, job, gaits, nominal)


def _specialists(base_policies: BasePolicies, config: Go2ArchiveConfig, job: ChunkJob) -> Actors:
    elites, rows = base_policies.elites, np.array(job.elites)
    assert elites is not None  # plan_chunks() makes no such job without
    return _clones_of(base_policies, config, job, elites.gaits()[rows], elites.command()[rows])


def _clones_of(base_policies: BasePolicies, config: Go2ArchiveConfig, job: ChunkJob,
               gaits: GaitParameters, nominal: np.ndarray) -> Actors:
    layers = clone_gaits(gaits, nominal, base_policies.shared, config.cloning, job.seed)
    return gaits, nominal, layers, np.ones(job.count)


def _reinforced(base_policies: BasePolicies, config: Go2ArchiveConfig, job: ChunkJob) -> Actors:
    """One run, from an actor that has hardly learned to stand, and its checkpoints."""
    shared = base_policies.shared
    gaits, nominal = screened_walks(shared.base, shared.adaptor, 1, config.screening, job.seed,
                                    job.family)
    starts = clone_gaits(gaits, nominal, shared, replace(
        config.cloning, rounds=1, steps=config.partially_trained_steps), job.seed)
    runs = train_runs(FinetuningTask(starts, gaits, nominal, shared.adaptor), config.run,
                      job.seed, config.checkpoints)
    layers = [ActorWeights.layers_from_vector(vector, layer_sizes(starts[0]))
              for vector in runs.weights[:, 0]]
    same = np.zeros(len(layers), int)
    return gaits[same], nominal[same], layers, runs.progress


def _finish_chunk(base_policies: BasePolicies, config: Go2ArchiveConfig, job: ChunkJob,
                  made: Actors, started: float) -> Chunk:
    """Evaluate and caption what is stored: actors with weights of half precision."""
    gaits, nominal, layers, progress = made
    adaptor = base_policies.shared.adaptor
    rng = np.random.default_rng([job.seed, 1])
    k = find_domain().behaviors
    command = np.stack([nominal] + [limit_commands(gaits, sample_commands(len(gaits), rng))
                                    for _ in range(k - 1)], axis=1)
    actors = [ActorWeights(ActorSpec.of_layers(float(hz), layer_sizes(weights)),
                           stored_precision(weights))
              for hz, weights in zip(gaits.frequency_hz, layers)]
    # Seeds of their own: actors are not evaluated on the ground that they were trained on.
    evaluated = evaluate_actors(actors, command, adaptor, config.evaluation,
                                _seed(job.seed, 2))
    arrays = {
        'weights': np.stack([actor.to_vector() for actor in actors]).astype(np.float16),
        'clock_hz': gaits.frequency_hz, 'style': gaits.to_array(),
        'progress': progress, 'command': command, **evaluated.arrays(),
        'probe': probe_states(actors, gaits, nominal, adaptor, _seed(job.seed, 3),
                              config.cloning.perturbation)}
    captions = describe(evaluated, command, config.evaluation.captions, rng)
    return Chunk(job.source, job.run, arrays, captions,
                 layer_sizes=actors[0].spec.layer_sizes,
                 seconds=time.perf_counter() - started)
