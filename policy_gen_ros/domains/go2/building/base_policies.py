# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What all actors of an archive are made from: adaptor, bases, pooled states, elites, start."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import partial
import json
from pathlib import Path
import time
from typing import Any, BinaryIO
from zipfile import BadZipFile

import numpy as np
from policy_gen_ros.archive.format import SECONDS_FILE
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.base_finetuning import reinforce_base
from policy_gen_ros.domains.go2.building.collect import StateBatch
from policy_gen_ros.domains.go2.building.config import Go2ArchiveConfig
from policy_gen_ros.domains.go2.building.learn_adaptor import train_adaptor
from policy_gen_ros.domains.go2.building.learn_base import (
    common_start,
    ConditionedPolicy,
    train_base,
)
from policy_gen_ros.domains.go2.building.robust_finetuning import reinforce_robust_base
from policy_gen_ros.domains.go2.building.robust_imitation import imitate_expert, visited_states
from policy_gen_ros.domains.go2.building.screen import walk_base, walk_teacher
from policy_gen_ros.domains.go2.building.search import Elites, search_specialists
from policy_gen_ros.domains.go2.building.symmetric import SymmetricPolicy
from policy_gen_ros.domains.go2.shipped import NOMINAL_FOLDER
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation
from policy_gen_ros.policies.weights import Layers, load_layers, save_layers
from policy_gen_ros.utils.files import refuse_pointer, write_stream, write_text
from policy_gen_ros.utils.tensors import save_tensors
from policy_gen_ros.utils.workers import one_thread, run_jobs

LESSONS_FILE = 'lessons-0.pt'
ELITES_FILE = 'elites.npz'
"""What the search found, in the folder of the base policies."""


@dataclass(frozen=True)
class BasePolicies:
    """
    Everything a worker needs to make actors.

    :param bases: conditioned policies, one an independent seed
    :param pools: states each base visited, for its clones
    :param starts: where the training of each base's clones begins
    :param elites: of the search, where specialists are wanted
    """

    adaptor: Adaptor
    bases: tuple[ConditionedPolicy, ...]
    pools: tuple[StateBatch, ...]
    starts: tuple[Layers, ...]
    elites: Elites | None


def prepare_base_policies(path: Path, config: Go2ArchiveConfig) -> BasePolicies:
    """
    Train what is missing, one part a core; what is there is loaded.

    Where no specialists are wanted, there are no elites. A robust base policy learns from one that
    is not, which a folder inside holds, and keeps all cores busy by itself.
    """
    if config.randomised:
        nominal = prepare_base_policies(path / NOMINAL_FOLDER, replace(
            config, randomised=False, specialists=0, base=replace(config.base, count=1)))
        return _prepare_robust(path, nominal, config)
    path.mkdir(parents=True, exist_ok=True)
    adaptor_file = path / 'adaptor.safetensors'
    if not adaptor_file.exists():
        started = time.perf_counter()
        with one_thread():
            trained, quality = train_adaptor(config.adaptor, config.seed)
        _add_seconds(path.parent, 'adaptor', time.perf_counter() - started)
        metadata = {name: f'{value:.3f}' for name, value in quality.items()}
        save_tensors(trained.tensors(), adaptor_file, metadata)
    adaptor = Adaptor.load(adaptor_file)
    numbers, search = range(config.base.count), config.specialists > 0
    parts = [number for number in numbers if not (path / f'base-{number}.safetensors').exists()]
    for number in set(numbers) - set(parts):
        _learner_file(path, number).unlink(missing_ok=True)  # where killed at its very end
    if search and not (path / ELITES_FILE).exists():
        parts.append(SEARCH)
    for part, result in run_jobs(_train_part, (path, adaptor, config), parts):
        if isinstance(result, Exception):
            raise result
        _add_seconds(path.parent, 'search' if part == SEARCH else f'base-{part}', result)
    bases, pools, starts = zip(*(_load_base(path, number) for number in numbers))
    return BasePolicies(adaptor, bases, pools, starts, load_elites(path) if search else None)


SEARCH = -1
"""The part that is not the number of a base policy."""


def _train_part(shared: tuple[Path, Adaptor, Go2ArchiveConfig], part: int) -> float:
    """Train one part. Returns the seconds it took."""
    path, adaptor, config = shared
    started = time.perf_counter()
    if part == SEARCH:
        found = search_specialists(path / 'search', partial(walk_teacher, GaitController()),
                                   config.search, config.screening, config.seed, with_gains=True,
                                   row=config.base.count)
        write_stream(path / ELITES_FILE, partial(_save_arrays, found))
    else:
        _train_base(path, adaptor, part, config)
    return time.perf_counter() - started


def _add_seconds(archive: Path, name: str, seconds: float) -> None:
    """Note how long a part took; stretches that were killed before its end are not counted."""
    file = archive / SECONDS_FILE
    noted = json.loads(file.read_text()) if file.exists() else {}
    noted[name] = round(noted.get(name, 0.0) + seconds, 1)
    write_text(file, json.dumps(noted, indent=1))


def load_elites(path: Path) -> Elites:
    """
    Read what the search found.

    :raises ValueError: the folder holds no finished search
    """
    file = path / ELITES_FILE
    if not file.is_file():
        raise ValueError(f'no finished search for specialists at {file}: give an archive built '
                         'with the setting specialists')
    return Elites(**_load_arrays(file))


def _train_base(path: Path, adaptor: Adaptor, number: int, config: Go2ArchiveConfig) -> None:
    """Imitation first, then reinforcement learning."""
    seed = config.seed + 10_000 * number
    pool_file, imitation_file = (path / name for name in (
        f'pool-{number}.npz', f'imitation-{number}.safetensors'))
    if not (imitation_file.exists() and pool_file.exists()):
        imitation, pool = train_base(adaptor, config.base.imitation, seed,
                                     about=f'base-{number}: imitation', row=number)
        write_stream(pool_file, partial(_save_arrays, pool))
        imitation.save(imitation_file)
    learner_file, finetuning = _learner_file(path, number), config.base.finetuning
    if number:
        finetuning = replace(finetuning, stages=config.base.other_stages)
    base = reinforce_base(ConditionedPolicy.load(imitation_file), adaptor, finetuning, seed,
                          learner_file, f'base-{number}: fine-tuning', number)
    start = common_start(base, StateBatch(**_load_arrays(pool_file)), config.base.base_weights,
                         seed)
    save_layers(start, path / f'start-{number}.safetensors')
    base.save(path / f'base-{number}.safetensors')
    learner_file.unlink()


def _prepare_robust(path: Path, nominal: BasePolicies, config: Go2ArchiveConfig) -> BasePolicies:
    if (path / 'base-0.safetensors').exists():
        _learner_file(path, 0).unlink(missing_ok=True)  # where killed at its very end
    else:
        started = time.perf_counter()
        with one_thread():  # of BLAS, as the twins' own threads take the cores
            _train_robust(path, nominal, config)
        _add_seconds(path.parent, 'robust base', time.perf_counter() - started)
    base, pool, start = _load_base(path, 0, SymmetricPolicy)
    adaptor = Adaptor.load(path / 'adaptor.safetensors')
    if config.specialists and not (path / ELITES_FILE).exists():
        started = time.perf_counter()
        with one_thread():
            found = search_specialists(path / 'search', partial(_walk, base, adaptor),
                                       config.robust.search, config.actor_settings().screening,
                                       config.seed)
        write_stream(path / ELITES_FILE, partial(_save_arrays, found))
        _add_seconds(path.parent, 'search', time.perf_counter() - started)
    return BasePolicies(adaptor, (base,), (pool,), (start,),
                        load_elites(path) if config.specialists else None)


def _walk(base: ConditionedPolicy, adaptor: Adaptor, gaits: GaitParameters, command: np.ndarray,
          seconds: float, seed: int, ground: Perturbation) -> list[EpisodeResult]:
    return walk_base(base, gaits.features(), gaits.frequency_hz, command, adaptor, seconds, seed,
                     ground)


def _train_robust(path: Path, nominal: BasePolicies, config: Go2ArchiveConfig) -> None:
    """Imitation of the expert first, then reinforcement learning."""
    robust, seed = config.robust, config.seed
    base_file, adaptor_file = (path / f'imitation-{part}.safetensors' for part in ('0', 'adaptor'))
    if not (base_file.exists() and adaptor_file.exists()):
        student, adaptor = imitate_expert(nominal.bases[0], nominal.adaptor, robust.imitation,
                                          seed, path / LESSONS_FILE)
        save_tensors(adaptor.tensors(), adaptor_file)
        student.save(base_file)
    (path / LESSONS_FILE).unlink(missing_ok=True)
    base, adaptor = reinforce_robust_base(
        SymmetricPolicy.load(base_file), Adaptor.load(adaptor_file), robust, seed,
        _learner_file(path, 0))
    pool = visited_states(base, adaptor, robust.finetuning.perturbation, config.base.imitation,
                          seed)
    write_stream(path / 'pool-0.npz', partial(_save_arrays, pool))
    save_layers(common_start(base, pool, config.base.base_weights, seed),
                path / 'start-0.safetensors')
    save_tensors(adaptor.tensors(), path / 'adaptor.safetensors')
    base.save(path / 'base-0.safetensors')
    _learner_file(path, 0).unlink()


def _learner_file(path: Path, number: int) -> Path:
    return path / f'learner-{number}.pt'


def _load_base(path: Path, number: int, kind: type[ConditionedPolicy] = ConditionedPolicy,
               ) -> tuple[ConditionedPolicy, StateBatch, Layers]:
    pool = StateBatch(**_load_arrays(path / f'pool-{number}.npz'))
    start = load_layers(path / f'start-{number}.safetensors')
    return kind.load(path / f'base-{number}.safetensors'), pool, start


def _save_arrays(fielded: Elites | StateBatch, file: BinaryIO) -> None:
    arrays: dict[str, Any] = {f.name: getattr(fielded, f.name) for f in fields(fielded)}
    np.savez(file, **arrays)


def _load_arrays(file: Path) -> dict[str, np.ndarray]:
    refuse_pointer(file, ValueError)
    try:
        with np.load(file) as stored:
            return dict(stored)
    except (ValueError, EOFError, BadZipFile) as error:
        raise ValueError(f'{file} is damaged ({error}): copy it again') from error
