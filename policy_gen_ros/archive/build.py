"""Build an archive: styles -> clones -> evaluation -> chunks on disk. Resumable at any point."""

from __future__ import annotations

from concurrent.futures import as_completed, ProcessPoolExecutor
from dataclasses import dataclass, fields
import multiprocessing
import os
from pathlib import Path
from queue import Queue

import numpy as np
from policy_gen_ros.actor.adaptor import Adaptor
from policy_gen_ros.actor.network import ActorStack
from policy_gen_ros.actor.spec import ActorSpec
from policy_gen_ros.actor.weights import ActorWeights, Layers
from policy_gen_ros.archive.clone import clone_styles
from policy_gen_ros.archive.collect import collect, StateBatch
from policy_gen_ros.archive.learn_adaptor import train_adaptor
from policy_gen_ros.archive.learn_base import common_start, ConditionedPolicy, train_base
from policy_gen_ros.archive.store import (
    BEHAVIORS_PER_ACTOR,
    Chunk,
    create_archive,
    measures_rows,
    PROBE_STATES,
    TRAJECTORY_ROWS,
    write_chunk,
)
from policy_gen_ros.files import write_whole
from policy_gen_ros.goal.captions import captions
from policy_gen_ros.teacher.gait_controller import GaitController
from policy_gen_ros.teacher.style import GaitStyle, sample_commands, sample_styles
from policy_gen_ros.twin.batch import TRAINING
from policy_gen_ros.twin.closed_loop import rollout_actors
from safetensors.numpy import save_file
import torch
from tqdm import tqdm

EVALUATION_S = 10.0
TRAJECTORY_START = 200
CAPTIONS_PER_BEHAVIOR = 6


@dataclass(frozen=True)
class BuildConfig:
    """
    Size and seed of an archive.

    :param actors: how many styles to clone (rounded up to whole chunks)
    :param chunk_size: actors cloned side by side
    """

    actors: int = 1280
    chunk_size: int = 64
    seed: int = 0

    def __post_init__(self) -> None:
        if self.actors < 1 or self.chunk_size < 1:
            raise ValueError('actors and chunk_size must be at least 1')


def prepare_foundation(path: Path, seed: int) -> tuple[Adaptor, ConditionedPolicy, StateBatch]:
    """Train (or load, where they exist) the adaptor, the conditioned base and its state pool."""
    adaptor_file, base_file, pool_file = (path / name for name in (
        'adaptor.safetensors', 'base.safetensors', 'pool.npz'))
    if not adaptor_file.exists():
        adaptor, quality = train_adaptor(seed=seed)
        print('adaptor: R2 ' + ', '.join(f'{k[3:]} {v:.2f}' for k, v in quality.items()))
        metadata = {name: f'{value:.3f}' for name, value in quality.items()}
        write_whole(adaptor_file, lambda file: save_file(adaptor.tensors(), file, metadata))
    adaptor = Adaptor.load(adaptor_file)
    if not (base_file.exists() and pool_file.exists()):
        base, pool = train_base(adaptor, seed=seed)
        arrays = {f.name: getattr(pool, f.name) for f in fields(pool)}
        write_whole(pool_file, lambda file: np.savez(file, **arrays))
        write_whole(base_file, base.save)
    with np.load(pool_file) as stored:
        pool = StateBatch(**{name: stored[name] for name in stored.files})
    return adaptor, ConditionedPolicy.load(base_file), pool


def build_archive(path: Path, config: BuildConfig, command_line: str) -> None:
    """Build or continue an archive, one worker process a core."""
    create_archive(path, config.seed, command_line)
    _, base, _ = prepare_foundation(path, config.seed)
    start = common_start(base)
    save_file({f'layers.{i}.{part}': np.ascontiguousarray(value) for i, layer in enumerate(start)
               for part, value in zip(('weight', 'bias'), layer)}, path / 'start.safetensors')
    chunks = -(-config.actors // config.chunk_size)
    todo = [i for i in range(chunks) if not (path / f'chunk_{i:05d}').exists()]
    cores = multiprocessing.Manager().Queue()
    for core in sorted(os.sched_getaffinity(0)):
        cores.put(core)
    with ProcessPoolExecutor(cores.qsize(), multiprocessing.get_context('spawn'), _pin_worker,
                             (cores,)) as pool:
        futures = [pool.submit(_build_chunk, path, config, number) for number in todo]
        bar = tqdm(as_completed(futures), desc='archive', unit='chunk', total=chunks,
                   initial=chunks - len(todo))
        for future in bar:
            future.result()


def _pin_worker(cores: Queue[int]) -> None:
    # One core a worker: threads of torch and MuJoCo would only wait for each other.
    os.sched_setaffinity(0, {cores.get()})
    torch.set_num_threads(1)


def _build_chunk(path: Path, config: BuildConfig, number: int) -> None:
    adaptor, base, pool = prepare_foundation(path, config.seed)
    rng = np.random.default_rng([config.seed, number])
    style = sample_styles(config.chunk_size, rng)
    nominal = sample_commands(style, rng)
    seed = config.seed + 1000 * (number + 1)
    layers = clone_styles(style, nominal, common_start(base), base, pool, adaptor,
                          seed)
    write_chunk(path, number, evaluate_chunk(style, nominal, layers, adaptor, seed))


def evaluate_chunk(style: GaitStyle, nominal: np.ndarray, layers: list[Layers], adaptor: Adaptor,
                   seed: int) -> Chunk:
    """Walk every actor under its nominal and other commands; measure, judge and caption."""
    count, k, rng = len(style), BEHAVIORS_PER_ACTOR, np.random.default_rng(seed)
    command = np.stack([nominal] + [sample_commands(style, rng) for _ in range(k - 1)], axis=1)
    actors = [ActorWeights(ActorSpec(clock_hz=float(hz)), weights)
              for hz, weights in zip(style.frequency_hz, layers)]
    repeated = [actor for actor in actors for _ in range(k)]
    results = rollout_actors(repeated, adaptor, EVALUATION_S, command.reshape(-1, 3), seed)
    stop = TRAJECTORY_START + TRAJECTORY_ROWS
    trajectory = np.zeros((count * k, TRAJECTORY_ROWS, results[0].trajectory.shape[1]), np.float16)
    for i, result in enumerate(results):
        rows = result.trajectory[TRAJECTORY_START:stop]
        trajectory[i, :len(rows)] = rows
    words = [captions(r.measures, CAPTIONS_PER_BEHAVIOR, rng) if r.family != 'none'
             else [] for r in results]
    return Chunk(
        weights=np.stack([actor.to_vector() for actor in actors]),
        style=style.to_array().astype(np.float32), command=command.astype(np.float32),
        measures=measures_rows([r.measures for r in results]).reshape(count, k, -1),
        reward=np.array([r.reward for r in results], np.float32).reshape(count, k),
        survived=np.array([r.survived for r in results]).reshape(count, k),
        trajectory=trajectory.reshape(count, k, TRAJECTORY_ROWS, -1),
        probe=_probe_states(actors, style, nominal, adaptor, seed),
        captions=[words[i * k:(i + 1) * k] for i in range(count)])


def _probe_states(actors: list[ActorWeights], style: GaitStyle, nominal: np.ndarray,
                  adaptor: Adaptor, seed: int) -> np.ndarray:
    """Observations that each actor meets on rough ground. Shape: (actors, 128, 49)."""
    kept = collect(ActorStack(actors).act, GaitController(), style, nominal, adaptor,
                   2 * PROBE_STATES, seed, TRAINING, keep_every=2)
    return np.stack([b.observations() for b in kept], axis=1).astype(np.float16)
