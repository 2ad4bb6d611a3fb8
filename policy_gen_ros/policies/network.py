# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Running policies: one alone (NumPy), or many at once (stacked matrices)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from policy_gen_ros.domains.domain import NetworkSpec
from policy_gen_ros.policies.weights import ActorWeights, Layers


def elu(x: np.ndarray) -> np.ndarray:
    """Exponential linear unit."""
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def relu(x: np.ndarray) -> np.ndarray:
    """Rectified linear unit."""
    return np.maximum(x, 0)


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    'elu': elu, 'relu': relu, 'tanh': np.tanh}


def forward(layers: Layers, observation: np.ndarray, network: NetworkSpec) -> np.ndarray:
    """
    Return the action of one policy, clipped.

    :param observation: Shape: (..., inputs)
    :param network: of its domain
    :return: Shape: (..., outputs)
    """
    activate = ACTIVATIONS[network.activation]
    x = observation
    for index, (weight, bias) in enumerate(layers):
        x = x @ weight.T + bias
        if index < len(layers) - 1:
            x = activate(x)
    return np.clip(x, -network.action_limit, network.action_limit)


class ActorStack:
    """Policies of one shape, run side by side: observation i goes to policy i."""

    def __init__(self, actors: Sequence[ActorWeights], network: NetworkSpec) -> None:
        self._network = network
        self._layers = [(np.stack([actor.layers[i][0] for actor in actors]),
                         np.stack([actor.layers[i][1] for actor in actors]))
                        for i in range(len(actors[0].layers))]

    def act(self, observation: np.ndarray) -> np.ndarray:
        """Clipped actions. Shape: (policies, inputs) -> (policies, outputs)."""
        activate = ACTIVATIONS[self._network.activation]
        x = observation[:, None, :]
        for index, (weight, bias) in enumerate(self._layers):
            x = x @ weight.transpose(0, 2, 1) + bias[:, None]
            if index < len(self._layers) - 1:
                x = activate(x)
        return np.clip(x[:, 0], -self._network.action_limit, self._network.action_limit)
