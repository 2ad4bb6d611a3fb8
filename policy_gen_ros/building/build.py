"""Build an archive: foundation -> actors -> judgement -> chunks on disk. Resumable."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
import time

import numpy as np
from policy_gen_ros.actor.spec import ActorSpec
from policy_gen_ros.actor.weights import ActorWeights, Layers
from policy_gen_ros.archive.format import (
    BEHAVIORS_PER_ACTOR,
    Chunk,
    create_archive,
    finished_chunks,
    LAYER_SIZES,
    seal_archive,
    write_chunk,
)
from policy_gen_ros.building.clone import clone_styles, label_by_base, label_by_teacher
from policy_gen_ros.building.foundation import (
    Foundation,
    FoundationConfig,
    prepare_foundation,
)
from policy_gen_ros.building.judge import describe, judge_actors, probe_states
from policy_gen_ros.building.runs import CHECKPOINTS, refine, ReinforceConfig, train_runs
from policy_gen_ros.building.screen import screened_walks
from policy_gen_ros.building.workers import run_jobs
from policy_gen_ros.teacher.gait_controller import GaitController
from policy_gen_ros.teacher.style import GaitStyle, limit_commands, sample_commands
from tqdm import tqdm

STUMBLING_STEPS = 10
"""Steps of cloning after which an actor walks a little and falls: where reinforced runs begin."""


@dataclass(frozen=True)
class BuildConfig:
    """
    Size and seed of an archive.

    :param clones: styles cloned from the first base
    :param other_clones: styles cloned from each other base
    :param specialists: elites of the quality-diversity search that are cloned
    :param runs: reinforcement-learning runs, of which nine checkpoints each are kept
    :param chunk_size: actors trained side by side
    """

    clones: int = 2304
    other_clones: int = 192
    specialists: int = 640
    runs: int = 10
    foundation: FoundationConfig = field(default_factory=FoundationConfig)
    chunk_size: int = 64

    def __post_init__(self) -> None:
        for name, least in (('clones', 1), ('chunk_size', 1), ('other_clones', 0),
                            ('specialists', 0), ('runs', 0)):
            if getattr(self, name) < least:
                raise ValueError(f'{name} must be at least {least}, got {getattr(self, name)}')

    @property
    def seed(self) -> int:
        """Everything follows from it."""
        return self.foundation.seed


@dataclass(frozen=True)
class ChunkJob:
    """
    One chunk to build.

    :param base: which base the actors start from
    :param count: how many actors it will hold
    :param elites: rows of the search's elites, for specialists
    """

    name: str
    lineage: str
    run: str
    base: int
    count: int
    seed: int
    elites: tuple[int, ...] = ()


def build_archive(path: Path, config: BuildConfig, command_line: str,
                  ray_address: str | None = None) -> None:
    """
    Build or continue an archive, on all cores or on a Ray cluster.

    :raises ArchiveError: the archive there was begun with another seed or version
    """
    create_archive(path, config.seed, command_line)
    foundation = prepare_foundation(path / 'foundation', config.foundation)
    jobs = plan_chunks(config, foundation)
    done = set(finished_chunks(path))
    todo = [job for job in jobs if job.name not in done]
    bar = tqdm(total=sum(job.count for job in jobs), desc='actors', unit='actor',
               initial=sum(job.count for job in jobs if job.name in done))
    with bar:
        for job, chunk in run_jobs(build_chunk, foundation, todo, ray_address):
            write_chunk(path, job.name, chunk)
            bar.update(job.count)
    seal_archive(path)


def plan_chunks(config: BuildConfig, foundation: Foundation) -> list[ChunkJob]:
    """All chunks of an archive. A larger archive has the chunks of a smaller one, and more."""
    jobs = []
    for base in range(len(foundation.bases)):
        count = config.other_clones if base else config.clones
        for number in range(-(-count // config.chunk_size)):
            jobs.append(ChunkJob(f'clone-{base}-{number:04d}', 'clone', f'base-{base}', base,
                                 config.chunk_size, _seed(config.seed, 1 + base, number)))
    chosen = spread_elites(foundation.elites.measures, config.specialists, config.seed)
    for number, start in enumerate(range(0, len(chosen), config.chunk_size)):
        rows = chosen[start:start + config.chunk_size]
        jobs.append(ChunkJob(f'specialist-{number:04d}', 'specialist', 'search-0', 0, len(rows),
                             _seed(config.seed, 0, number), tuple(int(row) for row in rows)))
    jobs += [ChunkJob(f'reinforced-{number:02d}', 'reinforced', f'ppo-{number:02d}', 0,
                      len(CHECKPOINTS), _seed(config.seed, 10_000, number))
             for number in range(config.runs)]
    return jobs


def _seed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def spread_elites(measures: np.ndarray, count: int, seed: int) -> np.ndarray:
    """
    Choose elites from as many cells of family and contacts as there are, then from the rest.

    :param measures: family index, four contacts, vx. Shape: (n, 6)
    :return: rows. Shape: (at most count,)
    """
    order = np.random.default_rng(seed).permutation(len(measures))
    cell = np.clip(measures[order, :5] * [1, 5, 5, 5, 5], 0, [9, 4, 4, 4, 4]).astype(int)
    seen: dict[bytes, int] = {}
    turn = []
    for row in cell:
        turn.append(seen.get(row.tobytes(), 0))
        seen[row.tobytes()] = turn[-1] + 1
    return order[np.argsort(turn, kind='stable')][:count]


def build_chunk(foundation: Foundation, job: ChunkJob) -> Chunk:
    """Make and judge the actors of one chunk."""
    started = time.perf_counter()
    style, nominal, layers, progress = {
        'clone': _clones, 'specialist': _specialists, 'reinforced': _reinforced,
    }[job.lineage](foundation, job)
    return finish_chunk(foundation, job, style, nominal, layers, progress, started)


Actors = tuple[GaitStyle, np.ndarray, list[Layers], np.ndarray]
"""Styles, nominal commands, weights, and the share of its training that each has had."""


def _clones(foundation: Foundation, job: ChunkJob) -> Actors:
    base = foundation.bases[job.base]
    style, nominal = screened_walks(base, foundation.adaptor, job.count, job.seed)
    layers = clone_styles(style, nominal, foundation.start(job.base), label_by_base(base), base,
                          foundation.pools[job.base], foundation.adaptor, job.seed)
    return style, nominal, layers, np.ones(job.count)


def _specialists(foundation: Foundation, job: ChunkJob) -> Actors:
    rows = np.array(job.elites)
    style, nominal = foundation.elites.style()[rows], foundation.elites.command()[rows]
    layers = clone_styles(style, nominal, foundation.start(job.base),
                          label_by_teacher(GaitController()), foundation.bases[job.base],
                          foundation.pools[job.base], foundation.adaptor, job.seed)
    layers = refine(layers, style, nominal, foundation.adaptor, job.seed)
    return style, nominal, layers, np.ones(job.count)


def _reinforced(foundation: Foundation, job: ChunkJob) -> Actors:
    """One run, from an actor that has hardly learned to stand, and its checkpoints."""
    base, adaptor = foundation.bases[job.base], foundation.adaptor
    style, nominal = screened_walks(base, adaptor, 1, job.seed)
    starts = clone_styles(style, nominal, foundation.start(job.base), label_by_base(base), base,
                          foundation.pools[job.base], adaptor, job.seed, rounds=1,
                          steps=STUMBLING_STEPS)
    runs = train_runs(starts, style, nominal, adaptor, ReinforceConfig(), job.seed)
    layers = [ActorWeights.layers_from_vector(vector, LAYER_SIZES)
              for vector in runs.weights[:, 0]]
    same = np.zeros(len(layers), int)
    return style[same], nominal[same], layers, runs.progress


def finish_chunk(foundation: Foundation, job: ChunkJob, style: GaitStyle, nominal: np.ndarray,
                 layers: list[Layers], progress: np.ndarray, started: float) -> Chunk:
    """Judge and caption actors. What is judged is what is stored: weights of half precision."""
    rng = np.random.default_rng([job.seed, 1])
    k = BEHAVIORS_PER_ACTOR
    command = np.stack([nominal] + [limit_commands(style, sample_commands(len(style), rng))
                                    for _ in range(k - 1)], axis=1)
    actors = [ActorWeights(ActorSpec(clock_hz=float(hz)), _rounded(weights))
              for hz, weights in zip(style.frequency_hz, layers)]
    judged = judge_actors(actors, command, foundation.adaptor, job.seed)
    return Chunk(
        lineage=job.lineage, run=job.run,
        weights=np.stack([actor.to_vector() for actor in actors]).astype(np.float16),
        clock_hz=style.frequency_hz, style=style.to_array(), gain_offset=style.gain_offset,
        progress=progress, command=command, measures=judged.measures, reward=judged.reward,
        survived=judged.survived, robust=judged.robust, trajectory=judged.trajectory,
        probe=probe_states(actors, style, nominal, foundation.adaptor, job.seed),
        captions=describe(judged, command, rng),
        seconds=time.perf_counter() - started)


def _rounded(layers: Layers) -> Layers:
    return tuple((weight.astype(np.float16).astype(np.float32),
                  bias.astype(np.float16).astype(np.float32)) for weight, bias in layers)
