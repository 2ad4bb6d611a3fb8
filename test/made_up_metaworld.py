# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""An archive of MetaWorld that no simulator made: random policies in given tasks and runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from policy_gen_ros.archive.format import BASE_WEIGHTS_FILE, Chunk, create_archive
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.writing import seal_archive, write_chunk
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.metaworld.constants import TASKS
from policy_gen_ros.policies.spec import parameter_count
from policy_gen_ros.policies.weights import save_layers
from policy_gen_ros.training.ppo import new_network

DOMAIN = find_domain('metaworld')
EACH = 3
"""Actors of a run; the last one is not qualified."""


def write_archive(path: Path, runs: tuple[tuple[str, int], ...]) -> Archive:
    """
    Write an archive.

    :param runs: tasks, and the number of the run in it
    """
    create_archive(path, DOMAIN, 0, 'test')
    for number, (task, run) in enumerate(runs):
        rng = np.random.default_rng(number)
        measures = np.column_stack([np.full(EACH, TASKS.index(task)), rng.random((EACH, 4))])
        shares = np.ones((EACH, 1))
        shares[-1] = 0.4
        trajectory = number + 0.01 * rng.standard_normal((EACH, 1, 63, 43))
        write_chunk(path, f'{task}-{run}', Chunk('cloned', f'{task}-{run}', {
            'weights': rng.standard_normal((EACH, parameter_count(DOMAIN.network.layer_sizes))),
            'progress': np.ones(EACH), 'measures': measures[:, None], 'reward': shares,
            'survived': shares, 'robust': shares, 'trajectory': trajectory,
            'probe': rng.standard_normal((EACH, 128, 39))}, [[[]]] * EACH))
    file = path / BASE_WEIGHTS_FILE
    file.parent.mkdir()
    save_layers(new_network(DOMAIN.network.layer_sizes, 0), file)
    seal_archive(path)
    return Archive(path)
