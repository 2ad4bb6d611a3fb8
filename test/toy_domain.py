# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A domain that is no robot: no controls, no words, three measures. Tests plug it in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.format import Chunk, create_archive
from policy_gen_ros.archive.writing import seal_archive, write_chunk
from policy_gen_ros.domains.domain import Domain, NetworkSpec, RolloutBatch
from policy_gen_ros.domains.measures import Measure, Measures
from policy_gen_ros.domains.trajectory import TrajectorySpec
from policy_gen_ros.goals.language.sentences import Caption
from policy_gen_ros.policies.spec import parameter_count, PolicySpec
from policy_gen_ros.policies.weights import ActorWeights, save_layers

SIZES = (5, 7, 2)
SPEC = PolicySpec('toy', SIZES, 'tanh', 1.0, 0.05)


class Toy(Domain):
    """Policies whose first weight says how fast they are, and the second which way they turn."""

    name, version = 'toy', 3
    network = NetworkSpec(SIZES, 'tanh', 1.0)
    measures = Measures(
        Measure('speed', 'm/s', 0.0, 4.0, 2.0, 1.0, noise=0.02, tolerance=0.1, weight=1.0,
                grid=True),
        Measure('heading', 'cycles', 0.0, 1.0, 0.0, 1.0, noise=0.01, tolerance=0.04, weight=0.0,
                circular=True),
        Measure('height', 'm', 0.0, 1.0, 0.5, 0.2, noise=0.01, tolerance=0.05, weight=0.1,
                bounded=True))
    trajectory = TrajectorySpec((0.0, 1.0, 0.0, 0.0), (1.0, 2.0, 1.0, 1.0), state_dim=2, dt_s=0.05)
    groups = ('slow', 'fast')
    sources = ('made',)
    grid_bins = 4
    essential = frozenset({'speed'})
    held_out_measures = ('speed',)

    def __init__(self, folder: Path = Path()) -> None:
        super().__init__()
        self.bundle, self.archive_index = folder / 'bundle', folder / 'index'
        self.held_out_file = str(folder / 'held_out.json')

    def label(self, measures: np.ndarray) -> np.ndarray:
        """Fast above 2 m/s."""
        return np.where(measures[..., 0] > 2.0, 'fast', 'slow')

    def succeeded(self, measures: np.ndarray, controls: np.ndarray,
                  survived: np.ndarray) -> np.ndarray:
        """Whatever has survived."""
        return survived == 1

    def make_policy(self, layers, controls, measures, goal='', bundle='',
                    warnings=()) -> ActorWeights:
        """Make a policy, which follows no command."""
        assert controls.shape == (0,)
        sizes = (layers[0][0].shape[1], *(len(bias) for _, bias in layers))
        return ActorWeights(replace(SPEC, layer_sizes=sizes), layers, (), goal, measures, bundle,
                            warnings)

    def read_spec(self, raw) -> PolicySpec:
        """Check a stored spec."""
        return SPEC.check(raw)

    def rollout(self, source: Path):
        """Run policies without a simulator."""
        return run_toys


def toy_measures(weights: np.ndarray) -> np.ndarray:
    """Return what policies of these flat weights do. Shape: (n, parameters) -> (n, measures)."""
    return np.stack([np.clip(2.0 + weights[:, 0], 0.0, 4.0), weights[:, 1] % 1.0,
                     np.clip(0.5 + 0.2 * weights[:, 2], 0.0, 1.0)], axis=1)


def run_toys(policies, seed: int) -> RolloutBatch:
    """Return what policies do; none fails."""
    rng, n = np.random.default_rng(seed), len(policies)
    survived = np.ones(n, bool)
    measures = toy_measures(np.stack([policy.to_vector() for policy in policies]))
    return RolloutBatch(survived, survived, np.ones(n), measures,
                        rng.standard_normal((n, 200, 4)).astype(np.float32),
                        rng.standard_normal((n, 48, SIZES[0])).astype(np.float16))


def write_toy_archive(path: Path, domain: Toy, count: int = 40, seed: int = 0,
                      captions: bool = True) -> Path:
    """Random policies with a caption each, or none, and their base weights."""
    rng = np.random.default_rng(seed)
    weights = rng.standard_normal((count, parameter_count(SIZES)))
    arrays = {
        'weights': weights, 'progress': np.ones(count),
        'measures': toy_measures(weights)[:, None], 'reward': rng.uniform(0.5, 1.0, (count, 1)),
        'survived': np.ones((count, 1)), 'robust': np.ones((count, 1)),
        'trajectory': rng.standard_normal((count, 1, 200, 4)),
        'probe': rng.standard_normal((count, 128, SIZES[0]))}
    words = [[[Caption(f'{domain.label(row)} toy', 'plain')] if captions else []]
             for row in toy_measures(weights)]
    create_archive(path, domain, seed, 'test')
    write_chunk(path, 'made-0', Chunk('made', 'made-0', arrays, words))
    (path / 'foundation').mkdir()
    save_layers(ActorWeights.layers_from_vector(np.zeros(parameter_count(SIZES)), SIZES),
                path / 'foundation' / 'start-0.safetensors')
    seal_archive(path)
    return path
