# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Evaluating foreign policies as our own actors are evaluated, and putting them into chunks."""

from __future__ import annotations

from collections.abc import Sequence
import json
import time

import numpy as np
from policy_gen_ros.archive.format import Chunk, PROBE_STATES
from policy_gen_ros.domains.go2.building.config import EvaluationConfig
from policy_gen_ros.domains.go2.building.evaluate import (
    ActorEvaluation,
    describe,
    episode_commands,
    EPISODE_S,
    summarise,
)
from policy_gen_ros.domains.go2.importers.policies import ForeignPolicy, to_vector
from policy_gen_ros.domains.go2.importers.spec import ForeignSpec
from policy_gen_ros.domains.go2.importers.walk import walk
from policy_gen_ros.domains.go2.teacher.gait_parameters import PARAMETER_NAMES
from policy_gen_ros.domains.go2.twin.perturbation import ROUGH


def make_chunk(spec: ForeignSpec, policies: Sequence[ForeignPolicy], command: np.ndarray,
               seed: int, run: str, own: bool) -> Chunk:
    """
    Walk and evaluate policies, as rows of an archive.

    :param command: Shape: (policies, k, 3)
    :param own: they are actors of this package, so the archive need not carry their spec
    """
    started, n = time.perf_counter(), len(policies)
    evaluated, probe = evaluate_policies(spec, policies, command, seed)
    rng = np.random.default_rng([seed, 1])
    foreign = {'spec': json.loads(spec.to_json()),
               'policies': [{'name': p.name, 'sha256': p.sha256} for p in policies]}
    sizes = tuple(size for size in spec.layer_sizes if size is not None)
    arrays = {
        'weights': np.stack([to_vector(p, spec) for p in policies]),
        'clock_hz': np.array([p.clock_hz for p in policies]),
        'style': np.full((n, len(PARAMETER_NAMES)), np.nan),
        'progress': np.ones(n), 'command': command, **evaluated.arrays(), 'probe': probe}
    captions = describe(evaluated, command, EvaluationConfig().captions, rng)
    return Chunk('imported', run, arrays, captions, layer_sizes=sizes,
                 foreign=None if own else foreign, seed=seed,
                 seconds=time.perf_counter() - started)


def evaluate_policies(spec: ForeignSpec, policies: Sequence[ForeignPolicy], command: np.ndarray,
                      seed: int) -> tuple[ActorEvaluation, np.ndarray]:
    """
    Walk every policy under its commands on nominal and on rough ground.

    :param command: the nominal one first. Shape: (policies, k, 3)
    :return: what they did; network inputs met on rough ground. Shape: (policies, 128, inputs)
    """
    config = EvaluationConfig()
    episode = episode_commands(command.shape[1], config)
    nominal = walk(spec, policies, command[:, episode], EPISODE_S, seed)
    rough = walk(spec, policies, command[:, episode], EPISODE_S, seed + 1, ROUGH, PROBE_STATES)
    evaluated = summarise([r for episodes in nominal.episodes for r in episodes],
                          [r for episodes in rough.episodes for r in episodes], command.shape[:2],
                          config)
    return evaluated, rough.met
