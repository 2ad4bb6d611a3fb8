"""What all actors of an archive are made from: adaptor, bases, pooled states, elites, start."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.actor.adaptor import Adaptor
from policy_gen_ros.actor.weights import Layers
from policy_gen_ros.building.base_practice import BasePractice, reinforce_base
from policy_gen_ros.building.collect import StateBatch
from policy_gen_ros.building.learn_adaptor import train_adaptor
from policy_gen_ros.building.learn_base import common_start, ConditionedPolicy, train_base
from policy_gen_ros.building.search import Elites, search_specialists, SearchConfig
from policy_gen_ros.files import write_whole
from policy_gen_ros.teacher.gait_controller import GaitController
from safetensors.numpy import save_file
import torch

ELITES_FILE = 'elites.npz'


@dataclass(frozen=True)
class Foundation:
    """
    Everything a worker needs to make actors.

    :param bases: conditioned policies, one an independent seed; the first gives the common start
    :param pools: states each base visited, for its clones
    """

    adaptor: Adaptor
    bases: tuple[ConditionedPolicy, ...]
    pools: tuple[StateBatch, ...]
    elites: Elites

    def start(self, base: int) -> Layers:
        """Where the training of this base's actors begins."""
        return common_start(self.bases[base])


@dataclass(frozen=True)
class FoundationConfig:
    """
    Sizes of what comes before the actors.

    :param bases: independent seeds of the conditioned base
    :param practice: stages of reinforcement learning of the first base
    :param other_practice: of each further one
    :param search: of the specialists
    """

    bases: int = 3
    practice: int = 60
    other_practice: int = 20
    search: SearchConfig = field(default_factory=SearchConfig)
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (('bases', 1), ('practice', 1), ('other_practice', 1), ('seed', 0)):
            if getattr(self, name) < least:
                raise ValueError(f'{name} must be at least {least}, got {getattr(self, name)}')


def prepare_foundation(path: Path, config: FoundationConfig) -> Foundation:
    """Train what is missing of a foundation; what is there is loaded."""
    torch.set_num_threads(1)  # the same sums in the same order, wherever this runs
    path.mkdir(parents=True, exist_ok=True)
    adaptor_file = path / 'adaptor.safetensors'
    if not adaptor_file.exists():
        trained, quality = train_adaptor(seed=config.seed)
        metadata = {name: f'{value:.3f}' for name, value in quality.items()}
        write_whole(adaptor_file, lambda file: save_file(trained.tensors(), file, metadata))
    adaptor = Adaptor.load(adaptor_file)
    pairs = [_prepare_base(path, adaptor, number, config) for number in range(config.bases)]
    elites_file = path / ELITES_FILE
    if not elites_file.exists():
        found = search_specialists(path / 'search', GaitController(), config.search)
        write_whole(elites_file, partial(_save_arrays, found))
    foundation = Foundation(adaptor, tuple(base for base, _ in pairs),
                            tuple(pool for _, pool in pairs), load_elites(path))
    start_file = path / 'start.safetensors'
    if not start_file.exists():
        write_whole(start_file, partial(_save_layers, foundation.start(0)))
    return foundation


def load_elites(path: Path) -> Elites:
    """
    Read what the search found.

    :raises ValueError: the folder holds no finished search
    """
    file = path / ELITES_FILE
    if not file.is_file():
        raise ValueError(f'no finished search for specialists at {file}')
    with np.load(file) as stored:
        return Elites(**stored)


def _prepare_base(path: Path, adaptor: Adaptor, number: int,
                  config: FoundationConfig) -> tuple[ConditionedPolicy, StateBatch]:
    """Imitation first, then practice."""
    seed = config.seed + 10_000 * number
    pool_file, imitation_file, base_file = (path / name for name in (
        f'pool-{number}.npz', f'imitation-{number}.safetensors', f'base-{number}.safetensors'))
    if not (imitation_file.exists() and pool_file.exists()):
        imitation, pool = train_base(adaptor, seed=seed)
        write_whole(pool_file, partial(_save_arrays, pool))
        write_whole(imitation_file, imitation.save)
    if not base_file.exists():
        stages = config.other_practice if number else config.practice
        base = reinforce_base(ConditionedPolicy.load(imitation_file), adaptor,
                              BasePractice(stages), seed, path / f'practice-{number}.pt')
        write_whole(base_file, base.save)
    with np.load(pool_file) as stored:
        return ConditionedPolicy.load(base_file), StateBatch(**stored)


def _save_arrays(fielded: Elites | StateBatch, file: Path) -> None:
    arrays: dict[str, Any] = {f.name: getattr(fielded, f.name) for f in fields(fielded)}
    np.savez(file, **arrays)


def _save_layers(layers: Layers, file: Path) -> None:
    save_file({f'layers.{i}.{part}': np.ascontiguousarray(value)
               for i, layer in enumerate(layers)
               for part, value in zip(('weight', 'bias'), layer)}, file)
