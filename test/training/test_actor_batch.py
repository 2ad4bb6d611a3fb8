# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Networks side by side give what each gives alone."""

import numpy as np
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.training.actor_batch import ActorBatch
from policy_gen_ros.training.ppo import new_network
import pytest

SIZES = (5, 8, 3)
ALONE = {'elu': lambda x: np.where(x > 0, x, np.expm1(x)), 'tanh': np.tanh,
         'relu': lambda x: np.maximum(x, 0)}


@pytest.mark.parametrize('activation', sorted(ALONE))
def test_stacked_networks_act_as_each_alone(activation):
    networks = [new_network(SIZES, seed) for seed in range(3)]
    batch = ActorBatch.stack(networks, activation)
    observation = np.random.default_rng(0).normal(0, 2, (6, 5)).astype(np.float32)
    action = batch.act(observation, 2, limit=0.5)
    for i, ((w0, b0), (w1, b1)) in enumerate(networks):
        mine = observation[2 * i:2 * i + 2]
        expected = ALONE[activation](mine @ w0.T + b0) @ w1.T + b1
        assert np.allclose(action[2 * i:2 * i + 2], expected.clip(-0.5, 0.5), atol=1e-5)


def test_vectors_are_those_of_actors():
    networks = [new_network(SIZES, seed) for seed in range(2)]
    vectors = ActorBatch.stack(networks).vectors().numpy()
    for network, vector in zip(networks, vectors):
        for mine, other in zip(network, ActorWeights.layers_from_vector(vector, SIZES)):
            assert np.array_equal(mine[0], other[0]) and np.array_equal(mine[1], other[1])
