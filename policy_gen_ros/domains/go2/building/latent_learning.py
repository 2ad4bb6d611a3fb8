# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
An adaptor that learns beside a policy to estimate what the twins hide.

Concurrent training of policy and estimator, Ji et al. 2022: the estimator learns by regression
from whatever the policy of the moment meets, and the policy reads its estimates as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.hidden import ESTIMATED
from policy_gen_ros.domains.go2.building.learn_base import (
    BASE_HIDDEN,
    ConditionedPolicy,
    layers_of,
    mlp,
)
from policy_gen_ros.domains.go2.building.symmetric import SymmetricPolicy
from policy_gen_ros.domains.go2.robot.observation import CLOCK_DIM, LATENT_DIM, observation_dim
from policy_gen_ros.policies.weights import layer_sizes, Layers
import torch

LATENT = slice(observation_dim(0) - CLOCK_DIM, observation_dim(len(ESTIMATED)) - CLOCK_DIM)
"""Where in an observation a wide latent is."""


def widened(policy: ConditionedPolicy) -> ConditionedPolicy:
    """
    Let a policy that reads a latent of two values read :data:`ESTIMATED`, and be symmetric.

    Else it does as before until it learns what the others mean: their weights are zero.
    """
    (weight, bias), *others = policy.layers()
    before, after = np.split(weight, [LATENT.start + LATENT_DIM], axis=1)
    unused = np.zeros((BASE_HIDDEN[0], len(ESTIMATED) - LATENT_DIM), np.float32)
    first = np.concatenate([before, unused, after], axis=1)
    return SymmetricPolicy.from_layers(((first, bias), *others))


class AdaptorLearner:
    """
    A wide adaptor and its optimiser.

    :param start: an adaptor; where it gives less than :data:`ESTIMATED`, the rest begins small
    :param seed: of what is new
    """

    def __init__(self, start: Adaptor, learning_rate: float, seed: int) -> None:
        layers = _wide_layers(start.layers, seed)
        self.network = mlp(layer_sizes(layers))
        values = [torch.from_numpy(value) for layer in layers for value in layer]
        self.network.load_state_dict(dict(zip(self.network.state_dict(), values)))
        self._optimizer = torch.optim.Adam(self.network.parameters(), learning_rate)

    def learn(self, history: torch.Tensor, estimated: torch.Tensor) -> torch.Tensor:
        """
        Take one step of regression.

        :param history: Shape: (n, 2100)
        :param estimated: what the latents should be, at about unit scale. Shape: (n, 13)
        :return: latents before that step. Shape: (n, 13)
        """
        latent = self.network(history)
        # A loss that large errors do not govern: velocities of robots that are just falling.
        loss = torch.nn.functional.smooth_l1_loss(latent, estimated)
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        result: torch.Tensor = latent.detach()
        return result

    def adaptor(self) -> Adaptor:
        """Return what has been learned so far."""
        return Adaptor(layers_of(self.network))

    def state(self) -> dict[str, Any]:
        """All that learning changes, for ``torch.save``."""
        return {'network': self.network.state_dict(), 'optimizer': self._optimizer.state_dict()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state` gave."""
        self.network.load_state_dict(state['network'])
        self._optimizer.load_state_dict(state['optimizer'])


def _wide_layers(layers: Layers, seed: int) -> Layers:
    *hidden, (weight, bias) = layers
    missing = len(ESTIMATED) - len(bias)
    new = 0.01 * np.random.default_rng(seed).standard_normal((missing, weight.shape[1]))
    return (*hidden, (np.concatenate([weight, new.astype(np.float32)]),
                      np.concatenate([bias, np.zeros(missing, np.float32)])))
