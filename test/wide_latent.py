# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Adaptors and actors with a latent of two values, and wider ones made from these."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.robot.observation import CLOCK_DIM, LATENT_DIM, observation_dim
from policy_gen_ros.domains.go2.shipped import NOMINAL_FOLDER, SHIPPED_FOUNDATION
from policy_gen_ros.domains.go2.spec import ActorSpec
from policy_gen_ros.policies.weights import ActorWeights, layer_sizes, Layers

TWO_VALUE_ADAPTOR = SHIPPED_FOUNDATION / NOMINAL_FOLDER / 'adaptor.safetensors'
"""That of the nominal base policy: it tells friction and restitution, as walk-these-ways' does."""


def wide_adaptor(adaptor: Adaptor, latent_dim: int) -> Adaptor:
    """Add values to the latent that follow from the same hidden layer at random."""
    *hidden, (weight, bias) = adaptor.layers
    more, rng = latent_dim - len(bias), np.random.default_rng(0)
    new = (rng.standard_normal((more, weight.shape[1])) / 10).astype(np.float32)
    return Adaptor((*hidden, (np.concatenate([weight, new]),
                              np.concatenate([bias, np.zeros(more, np.float32)]))))


def wide_layers(layers: Layers, latent_dim: int) -> Layers:
    """Let a network read more values of latent than it does, and ignore those."""
    (weight, bias), *others = layers
    before, after = np.split(weight, [-CLOCK_DIM], axis=1)
    new = np.zeros((len(weight), observation_dim(latent_dim) - weight.shape[1]), np.float32)
    return ((np.concatenate([before, new, after], axis=1), bias), *others)


def wide_actor(actor: ActorWeights, latent_dim: int) -> ActorWeights:
    """Return an actor that does the same and may read a wider latent."""
    layers = wide_layers(actor.layers, latent_dim)
    return replace(actor, layers=layers,
                   spec=ActorSpec.of_layers(actor.spec.clock_hz, layer_sizes(layers)))


def narrow_actor(actor: ActorWeights) -> ActorWeights:
    """Return an actor that reads the first two values of the latent only."""
    (weight, bias), *others = actor.layers
    kept = np.r_[:observation_dim(LATENT_DIM) - CLOCK_DIM, -CLOCK_DIM:0]
    layers = ((weight[:, kept], bias), *others)
    return replace(actor, layers=layers,
                   spec=ActorSpec.of_layers(actor.spec.clock_hz, layer_sizes(layers)))
