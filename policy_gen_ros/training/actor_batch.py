# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Policy networks of one shape that are trained or run side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from policy_gen_ros.models.decoder import TORCH_ACTIVATIONS
from policy_gen_ros.policies.weights import Layers
import torch


class ActorBatch:
    """
    Actors side by side: every tensor has the actor as its first axis.

    :param start: weights that all of them begin with
    :param activation: after each hidden layer, ``elu``, ``relu`` or ``tanh``
    """

    def __init__(self, start: Layers, count: int, activation: str = 'elu') -> None:
        self._activation = TORCH_ACTIVATIONS[activation]
        self.parameters = []
        for weight, bias in start:
            for value in (weight.T, bias[None]):
                tensor = torch.from_numpy(np.ascontiguousarray(value))
                self.parameters.append(tensor.repeat(count, 1, 1).requires_grad_())

    @classmethod
    def stack(cls, networks: Sequence[Layers], activation: str = 'elu') -> ActorBatch:
        """Stack networks of one shape, each with its own weights."""
        batch = cls(networks[0], len(networks), activation)
        with torch.no_grad():
            for index, layers in enumerate(networks):
                values = [value for weight, bias in layers for value in (weight.T, bias[None])]
                for parameter, value in zip(batch.parameters, values):
                    parameter[index] = torch.from_numpy(np.ascontiguousarray(value))
        return batch

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Actions. Shape: (actors, states, observation) -> (actors, states, action)."""
        last = len(self.parameters) // 2 - 1
        for i in range(last + 1):
            x = torch.baddbmm(self.parameters[2 * i + 1], x, self.parameters[2 * i])
            if i < last:
                x = self._activation(x)
        return x

    @torch.no_grad()
    def act(self, observation: np.ndarray, robots_per_actor: int, limit: float) -> np.ndarray:
        """
        Clipped actions; robots of one actor are adjacent.

        :param limit: of an action, on either side
        :return: Shape: (n, observation) -> (n, action)
        """
        x = torch.from_numpy(observation).reshape(-1, robots_per_actor, observation.shape[1])
        return self(x).clamp(-limit, limit).flatten(0, 1).numpy()

    def layers(self, index: int) -> Layers:
        """Weights of one actor."""
        values = [p.detach()[index].numpy() for p in self.parameters]
        return tuple((np.ascontiguousarray(w.T), b[0].copy())
                     for w, b in zip(values[::2], values[1::2]))

    def vectors(self) -> torch.Tensor:
        """Weights of all actors, layer by layer, weight before bias. Shape: (actors, any)."""
        return torch.cat([p.detach().transpose(1, 2).flatten(1) for p in self.parameters], dim=1)
