# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Archives made up for tests: random networks with plausible measures."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
import shutil
from typing import Any

import numpy as np
from policy_gen_ros.archive.format import Chunk, create_archive
from policy_gen_ros.archive.split import HeldOut, Region
from policy_gen_ros.archive.writing import seal_archive, write_chunk
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.domain import RolloutBatch
from policy_gen_ros.domains.go2.gait.captions import Caption
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES, GAIT_PHASES
from policy_gen_ros.domains.go2.teacher.gait_parameters import PARAMETER_NAMES
from policy_gen_ros.policies.spec import parameter_count
from policy_gen_ros.policies.weights import ActorWeights
from safetensors.numpy import save_file
from wide_latent import TWO_VALUE_ADAPTOR

LAYERS = (49, 24, 24, 12)
K = 4
GO2 = find_domain('go2')
FAST_TROT = Region('trot', ((3.0, np.inf), (0.35, 0.8), (-np.inf, np.inf)))
HELD_OUT = HeldOut(GO2, (FAST_TROT,), ('ppo-03',), ('poem',))


def measures_row(family: str = 'trot', frequency_hz: float = 2.5, vx_mps: float = 0.3,
                 body_height_m: float = 0.28) -> list[float]:
    """Thirteen measures of a symmetric gait."""
    phases = GAIT_PHASES[family]
    return [0.5, 0.5, 0.5, 0.5, frequency_hz, *phases, body_height_m, 0.07, vx_mps, 0, 0]


def in_turn(number: int) -> str:
    """Gait family of an actor whose turn it is."""
    return GAIT_FAMILIES[number % len(GAIT_FAMILIES)]


def random_chunk(count: int, seed: int = 0, source: str = 'clone', run: str = 'base-0',
                 **changes: Any) -> Chunk:
    """Qualified actors that take turns in their families; ``changes`` replace arrays or fields."""
    rng = np.random.default_rng(seed)
    sizes = changes.get('layer_sizes', LAYERS)
    measures = np.array([[measures_row(in_turn(i), vx_mps=0.3 + 0.01 * k)
                          for k in range(K)] for i in range(count)])
    measures[..., :4] = rng.uniform(0.3, 0.7, (count, 1, 4))
    gaits = np.zeros((count, len(PARAMETER_NAMES)))
    gaits[:, 5:8] = measures[:, 0, 5:8]
    words = [[[Caption(f'{in_turn(i)} {word}', template) for word, template in (
        ('forward', 'plain'), ('on', 'plain'), ('my dog', 'poem'))] for _ in range(K)]
        for i in range(count)]
    arrays = {
        'weights': 0.1 * rng.standard_normal((count, parameter_count(sizes))),
        'clock_hz': np.full(count, 2.5), 'style': gaits, 'progress': np.ones(count),
        'measures': measures, 'command': measures[..., 10:13].copy(),
        'reward': rng.uniform(0.7, 1.0, (count, K)), 'survived': np.ones((count, K)),
        'robust': np.full((count, K), 0.5),
        'trajectory': rng.standard_normal((count, K, 200, 42)),
        'probe': rng.standard_normal((count, 128, sizes[0]))}
    arrays |= {name: changes.pop(name) for name in arrays.keys() & changes.keys()}
    return Chunk(source, run, arrays, **{'captions': words, 'layer_sizes': sizes, **changes})


def write_foundation(path: Path, seed: int = 0) -> None:
    """Write the base weights and the adaptor."""
    rng = np.random.default_rng(seed)
    tensors = {}
    for i, (fan_in, fan_out) in enumerate(pairwise(LAYERS)):
        tensors[f'layers.{i}.weight'] = 0.1 * rng.standard_normal((fan_out, fan_in), np.float32)
        tensors[f'layers.{i}.bias'] = np.zeros(fan_out, np.float32)
    (path / 'foundation').mkdir()
    save_file(tensors, path / 'foundation' / 'start-0.safetensors')
    shutil.copy(TWO_VALUE_ADAPTOR, path / 'foundation')


def write_small_archive(path: Path) -> Path:
    """
    Forty actors in four chunks; with HELD_OUT, the training actors are 0 to 24 and 31 to 39.

    Actor 0 has one behaviour in the held-out region, under another than its nominal command.
    Actor 25 is held out by region, actors 26 to 30 by run. Actor 30 falls.
    """
    create_archive(path, GO2, 0, 'test')
    first = random_chunk(20)
    first.arrays['measures'][0, 2] = measures_row('trot', 3.4, 0.5)
    first.arrays['command'][0, 2] = (0.5, 0, 0)
    write_chunk(path, 'clone-0-0', first)
    second = random_chunk(6, 1)
    second.arrays['measures'][5] = [
        measures_row('trot', 3.4, 0.5 + 0.01 * k) for k in range(K)]
    second.arrays['command'][5] = (0.5, 0, 0)
    write_chunk(path, 'clone-0-1', second)
    third = random_chunk(5, 2, run='ppo-03')
    third.arrays['survived'][4] = 0.5
    write_chunk(path, 'clone-2-0', third)
    write_chunk(path, 'ppo-01', random_chunk(9, 3, 'reinforced', 'ppo-01',
                                             progress=np.linspace(0.1, 1, 9)))
    write_foundation(path)
    seal_archive(path)
    return path


def pretend_walk(actors: Sequence[ActorWeights], seed: int) -> RolloutBatch:
    """
    Stand in for the simulator where networks are random: every third actor falls.

    The others do a gait that follows from their weights.
    """
    rng = np.random.default_rng(seed)
    n = len(actors)
    measures = np.array([measures_row(in_turn(int(1e4 * abs(actor.layers[0][0][0, 0]))))
                         for actor in actors], np.float32)
    survived = np.arange(n) % 3 > 0
    measures[~survived, 5:8] = np.nan
    trajectory = rng.standard_normal((n, 200, 42)).astype(np.float32)
    trajectory[~survived, 50:] = np.nan
    return RolloutBatch(survived, survived, survived.astype(np.float32), measures, trajectory,
                        rng.standard_normal((n, 48, LAYERS[0])).astype(np.float16))
