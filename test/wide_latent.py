# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Adaptors and actors with a wider latent than the shipped ones, made from these."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.robot.observation import CLOCK_DIM, LATENT_DIM, observation_dim
from policy_gen_ros.domains.go2.spec import ActorSpec
from policy_gen_ros.policies.weights import ActorWeights, layer_sizes, Layers


def wide_adaptor(adaptor: Adaptor, latent_dim: int) -> Adaptor:
    """Add values to the latent that follow from the same hidden layer at random."""
    *hidden, (weight, bias) = adaptor.layers
    more, rng = latent_dim - len(bias), np.random.default_rng(0)
    new = (rng.standard_normal((more, weight.shape[1])) / 10).astype(np.float32)
    return Adaptor((*hidden, (np.concatenate([weight, new]),
                              np.concatenate([bias, np.zeros(more, np.float32)]))))


def wide_layers(layers: Layers, latent_dim: int) -> Layers:
    """Let a network that reads two values of latent read more, and ignore those."""
    (weight, bias), *others = layers
    before, after = np.split(weight, [observation_dim(LATENT_DIM) - CLOCK_DIM], axis=1)
    new = np.zeros((len(weight), latent_dim - LATENT_DIM), np.float32)
    return ((np.concatenate([before, new, after], axis=1), bias), *others)


def wide_actor(actor: ActorWeights, latent_dim: int) -> ActorWeights:
    """Return an actor that does the same and may read a wider latent."""
    layers = wide_layers(actor.layers, latent_dim)
    return replace(actor, layers=layers,
                   spec=ActorSpec.of_layers(actor.spec.clock_hz, layer_sizes(layers)))
