# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What all actors of an archive are made from: base policy, adaptor, states, weights, elites."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
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
from policy_gen_ros.domains.go2.building.clone import CloningBase
from policy_gen_ros.domains.go2.building.collect import StateBatch
from policy_gen_ros.domains.go2.building.config import Go2ArchiveConfig
from policy_gen_ros.domains.go2.building.learn_adaptor import train_adaptor
from policy_gen_ros.domains.go2.building.learn_base import (
    BASE_ADAPTOR_FILE,
    BASE_FILE,
    common_start,
    ConditionedPolicy,
    train_base,
)
from policy_gen_ros.domains.go2.building.robust_finetuning import reinforce_robust_base
from policy_gen_ros.domains.go2.building.robust_imitation import imitate_expert, visited_states
from policy_gen_ros.domains.go2.building.screen import walk_base
from policy_gen_ros.domains.go2.building.search import Elites, search_specialists
from policy_gen_ros.domains.go2.building.symmetric import SymmetricPolicy
from policy_gen_ros.domains.go2.shipped import NOMINAL_FOLDER
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation
from policy_gen_ros.policies.weights import load_layers, save_layers
from policy_gen_ros.utils.files import refuse_pointer, write_stream, write_text
from policy_gen_ros.utils.tensors import save_tensors
from policy_gen_ros.utils.workers import one_thread

LESSONS_FILE = 'lessons-0.pt'
ELITES_FILE = 'elites.npz'
"""What the search found, in the folder of the base policies."""
_LEARNER_FILE = 'learner-0.pt'


@dataclass(frozen=True)
class BasePolicies:
    """
    Everything a worker needs to make actors.

    :param shared: the base policy and what all its clones share
    :param elites: of the search, where specialists are wanted
    """

    shared: CloningBase
    elites: Elites | None


def prepare_base_policies(path: Path, config: Go2ArchiveConfig) -> BasePolicies:
    """
    Train what is missing on all cores; what is there is loaded.

    The base policy learns from a nominal one, which a folder inside holds. Where no specialists
    are wanted, there are no elites.
    """
    with one_thread():  # of BLAS, as the twins' own threads take the cores
        if (path / BASE_FILE).exists():
            (path / _LEARNER_FILE).unlink(missing_ok=True)  # where killed at its very end
        else:
            _train_robust(path, config)
        base, adaptor = SymmetricPolicy.load_with_adaptor(path)
        shared = CloningBase(base, load_layers(path / 'start-0.safetensors'),
                             StateBatch(**_load_arrays(path / 'pool-0.npz')), adaptor)
        if config.specialists and not (path / ELITES_FILE).exists():
            with _timed(path, 'search'):
                found = search_specialists(path / 'search', partial(_walk, shared), config.search,
                                           config.screening, config.seed)
                write_stream(path / ELITES_FILE, partial(_save_arrays, found))
    return BasePolicies(shared, Elites(**_load_arrays(path / ELITES_FILE)) if config.specialists
                        else None)


@contextmanager
def _timed(path: Path, name: str) -> Iterator[None]:
    """Note how long a part took; stretches that were killed before its end are not counted."""
    started = time.perf_counter()
    yield
    file = path.parent / SECONDS_FILE
    noted = json.loads(file.read_text()) if file.exists() else {}
    noted[name] = round(noted.get(name, 0.0) + time.perf_counter() - started, 1)
    write_text(file, json.dumps(noted, indent=1))


def _walk(shared: CloningBase, gaits: GaitParameters, command: np.ndarray, seconds: float,
          seed: int, ground: Perturbation) -> list[EpisodeResult]:
    return walk_base(shared.base, gaits.features(), gaits.frequency_hz, command, shared.adaptor,
                     seconds, seed, ground)


def _nominal(path: Path, config: Go2ArchiveConfig) -> tuple[ConditionedPolicy, Adaptor]:
    """Train, where it is not there, the policy that the expert becomes, and its adaptor."""
    path.mkdir(parents=True, exist_ok=True)
    adaptor_file, base_file = path / BASE_ADAPTOR_FILE, path / BASE_FILE
    if not adaptor_file.exists():
        with _timed(path.parent, 'adaptor'):
            trained, quality = train_adaptor(config.adaptor, config.seed)
        metadata = {name: f'{value:.3f}' for name, value in quality.items()}
        save_tensors(trained.tensors(), adaptor_file, metadata)
    adaptor = Adaptor.load(adaptor_file)
    if not base_file.exists():
        with _timed(path.parent, 'nominal base'):
            _train_nominal(path, adaptor, config)
    (path / _LEARNER_FILE).unlink(missing_ok=True)
    return ConditionedPolicy.load(base_file), adaptor


def _train_nominal(path: Path, adaptor: Adaptor, config: Go2ArchiveConfig) -> None:
    """Imitation of the analytic teacher first, then reinforcement learning."""
    imitation_file = path / 'imitation-0.safetensors'
    if not imitation_file.exists():
        train_base(adaptor, config.base.imitation, config.seed).save(imitation_file)
    reinforce_base(ConditionedPolicy.load(imitation_file), adaptor, config.base.finetuning,
                   config.seed, path / _LEARNER_FILE).save(path / BASE_FILE)


def _train_robust(path: Path, config: Go2ArchiveConfig) -> None:
    """Imitation of the expert first, then reinforcement learning."""
    robust, seed = config.robust, config.seed
    base_file, adaptor_file = (path / f'imitation-{part}.safetensors' for part in ('0', 'adaptor'))
    if not (base_file.exists() and adaptor_file.exists()):
        expert = _nominal(path / NOMINAL_FOLDER, config)
        with _timed(path, 'imitation of the expert'):
            student, adaptor = imitate_expert(*expert, robust.imitation, seed,
                                              path / LESSONS_FILE)
        save_tensors(adaptor.tensors(), adaptor_file)
        student.save(base_file)
    (path / LESSONS_FILE).unlink(missing_ok=True)
    with _timed(path, 'fine-tuning'):
        base, adaptor = reinforce_robust_base(
            SymmetricPolicy.load(base_file), Adaptor.load(adaptor_file), robust, seed,
            path / _LEARNER_FILE)
    pool = visited_states(base, adaptor, robust.finetuning.perturbation, robust.pool, seed)
    write_stream(path / 'pool-0.npz', partial(_save_arrays, pool))
    save_layers(common_start(base, pool, robust.base_weights, seed),
                path / 'start-0.safetensors')
    save_tensors(adaptor.tensors(), path / BASE_ADAPTOR_FILE)
    base.save(path / BASE_FILE)
    (path / _LEARNER_FILE).unlink()


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
