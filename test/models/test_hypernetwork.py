# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Decoded actors: layouts agree, and base weights are what an empty latent stands for."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.go2.spec import NETWORK
from policy_gen_ros.models.decoder import (
    Decoder,
    DecoderConfig,
    run_actors,
    shape_weights,
)
from policy_gen_ros.policies.network import forward
from policy_gen_ros.policies.weights import ActorWeights
import pytest
import torch

SIZES = (49, 8, 6, 12)


@pytest.fixture
def decoder():
    torch.manual_seed(0)
    return Decoder(DecoderConfig(SIZES, latent_dim=5, rank=7, width=16))


def test_flat_and_shaped_weights_are_the_same_actor(decoder):
    latent = torch.randn(3, 5)
    states = torch.randn(3, 10, 49)
    with torch.no_grad():
        direct = run_actors(decoder.weights(latent), states, 'elu')
        again = run_actors(shape_weights(decoder.vectors(latent), SIZES), states, 'elu')
    assert torch.allclose(direct, again, atol=1e-5)


def test_a_decoded_vector_runs_as_an_actor_on_the_robot(decoder):
    latent = torch.randn(1, 5)
    states = torch.randn(1, 10, 49)
    with torch.no_grad():
        layers = ActorWeights.layers_from_vector(decoder.vectors(latent)[0].numpy(), SIZES)
        wanted = run_actors(decoder.weights(latent), states, 'elu')[0].numpy()
    assert np.abs(wanted).max() < 10  # else the robot's clipping would hide differences
    assert np.allclose(forward(layers, states[0].numpy(), NETWORK), wanted, atol=1e-4)


def test_residuals_have_the_shared_rank_and_start_from_the_start(decoder):
    with torch.no_grad():
        for start in decoder.base:
            start.fill_(0.5)
        decoder.coefficients[-1].weight.zero_()
        decoder.coefficients[-1].bias.zero_()
        nothing = decoder(torch.zeros(1, 5))
        middle = decoder(torch.randn(1, 5))[0][0] - decoder.base[0]
    assert all((layer == 0.5).all() for layer in nothing)
    assert torch.linalg.matrix_rank(middle) == 7
