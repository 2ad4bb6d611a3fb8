# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Running policies: one alone (NumPy), or many at once (stacked matrices)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from policy_gen_ros.policies.weights import ActorWeights, Layers

if TYPE_CHECKING:
    from policy_gen_ros.domains.domain import NetworkSpec


def elu(x: np.ndarray) -> np.ndarray:
    """Exponential linear unit."""
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def relu(x: np.ndarray) -> np.ndarray:
    """Rectified linear unit."""
    return np.maximum(x, 0)


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    'elu': elu, 'relu': relu, 'tanh': np.tanh}


def perceptron(layers: Iterable[tuple[np.ndarray, np.ndarray]], x: np.ndarray,
               activate: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """
    Return what a multilayer perceptron makes of its input, or a stack of them side by side.

    :param layers: weights (..., outputs, inputs) and biases that fit the product
    :param x: Shape: (..., inputs)
    :param activate: after each layer but the last
    :return: Shape: (..., outputs)
    """
    *hidden, (weight, bias) = layers
    for inner, inner_bias in hidden:
        x = activate(x @ inner.swapaxes(-1, -2) + inner_bias)
    return x @ weight.swapaxes(-1, -2) + bias


def forward(layers: Layers, observation: np.ndarray, network: NetworkSpec) -> np.ndarray:
    """
    Return the action of one policy, clipped.

    :param observation: Shape: (..., inputs)
    :param network: of its domain
    :return: Shape: (..., outputs)
    """
    action = perceptron(layers, observation, ACTIVATIONS[network.activation])
    return np.clip(action, -network.action_limit, network.action_limit)


class ActorStack:
    """Policies of one shape, run side by side: observation i goes to policy i."""

    def __init__(self, actors: Sequence[ActorWeights], network: NetworkSpec) -> None:
        self._network = network
        self._layers = [(np.stack([actor.layers[i][0] for actor in actors]),
                         np.stack([actor.layers[i][1][None] for actor in actors]))
                        for i in range(len(actors[0].layers))]

    def act(self, observation: np.ndarray) -> np.ndarray:
        """Clipped actions. Shape: (policies, inputs) -> (policies, outputs)."""
        action = perceptron(self._layers, observation[:, None],
                            ACTIVATIONS[self._network.activation])[:, 0]
        return np.clip(action, -self._network.action_limit, self._network.action_limit)
