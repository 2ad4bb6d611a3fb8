# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Cloning: many actors from one start, each in its own gait, labelled by a base policy."""


import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.base_config import BaseWeightsTraining
from policy_gen_ros.domains.go2.building.clone import clone_gaits, CloningBase
from policy_gen_ros.domains.go2.building.collect import collect, StateBatch
from policy_gen_ros.domains.go2.building.config import CloningConfig
from policy_gen_ros.domains.go2.building.learn_base import common_start, ConditionedPolicy
from policy_gen_ros.domains.go2.robot.observation import OBSERVATION_DIM
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_walks
import pytest
import torch
from wide_latent import TWO_VALUE_ADAPTOR

FIRST_BIAS = slice(OBSERVATION_DIM * 192, (OBSERVATION_DIM + 1) * 192)


@pytest.fixture(scope='module')
def school():
    """Ten gaits, their commands, states that the teacher met, and an untrained base."""
    torch.manual_seed(0)
    gaits, nominal = sample_walks(10, np.random.default_rng(0))
    adaptor = Adaptor.load(TWO_VALUE_ADAPTOR)
    pool = StateBatch.concatenate(collect(None, gaits, nominal, adaptor, 40, 0))
    return gaits, nominal, pool, ConditionedPolicy(), adaptor


def test_cloning_moves_every_actor_away_from_the_common_start(school):
    gaits, nominal, pool, base, adaptor = school
    start = common_start(base, pool, BaseWeightsTraining(50), 0)
    layers = clone_gaits(gaits, nominal, CloningBase(base, start, pool, adaptor),
                         CloningConfig(rounds=2, steps=3, robots=1, ticks=20), 0)
    vectors = np.stack([np.concatenate([p.ravel() for layer in actor for p in layer])
                        for actor in layers])
    origin = np.concatenate([p.ravel() for layer in start for p in layer])
    assert (np.abs(vectors - origin).max(axis=1) > 0).all()
    # Not a gait vector in disguise: the first bias holds a small part of the variance only.
    variance = vectors.var(axis=0)
    assert variance[FIRST_BIAS].sum() < 0.2 * variance.sum()


def test_the_common_start_imitates_the_base(school):
    _, _, pool, base, _ = school

    def error(start) -> float:
        x = pool.observations()
        for i, (weight, bias) in enumerate(start):
            x = x @ weight.T + bias
            x = np.where(x > 0, x, np.expm1(np.minimum(x, 0))) if i < 2 else x
        mean = sample_walks(2000, np.random.default_rng(0))[0].features().mean(axis=0)
        told = torch.from_numpy(mean.astype(np.float32)).expand(len(x), -1)
        return float(((x - base.act(pool.observations(), told))**2).mean())

    assert error(common_start(base, pool, BaseWeightsTraining(200), 0)) < 0.2 * error(
        common_start(base, pool, BaseWeightsTraining(2), 0))
    start = common_start(base, pool, BaseWeightsTraining(2), 0)
    assert start[0][0].shape == (192, OBSERVATION_DIM)


def test_actors_learn_the_actions_of_their_model(school):
    gaits, nominal, pool, base, adaptor = school
    few = slice(0, 2)
    told = [torch.from_numpy(gaits[np.full(len(pool), i)].features().astype(np.float32))
            for i in range(2)]
    start = common_start(base, pool, BaseWeightsTraining(50), 0)

    def error(steps: int) -> float:
        layers = clone_gaits(gaits[few], nominal[few], CloningBase(base, start, pool, adaptor),
                             CloningConfig(1, steps, robots=2, ticks=20), 0)
        states = torch.from_numpy(pool.observations())
        total = 0.0
        for i, actor in enumerate(layers):
            x = states
            for j, (weight, bias) in enumerate(actor):
                x = x @ torch.from_numpy(weight).T + torch.from_numpy(bias)
                x = torch.nn.functional.elu(x) if j < len(actor) - 1 else x
            wanted = base.act(pool.observations(), told[i])
            total += float((x - torch.from_numpy(wanted)).square().mean())
        return total

    assert error(60) < 0.5 * error(1)
