# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Running actors: one on the robot (NumPy), many at once in the twin (stacked matrices)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.policies.weights import ActorWeights, Layers


def elu(x: np.ndarray) -> np.ndarray:
    """Exponential linear unit."""
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def forward(layers: Layers, observation: np.ndarray) -> np.ndarray:
    """
    Return the action of one actor, clipped.

    :param observation: Shape: (..., 49)
    :return: Shape: (..., 12)
    """
    x = observation
    for index, (weight, bias) in enumerate(layers):
        x = x @ weight.T + bias
        if index < len(layers) - 1:
            x = elu(x)
    return np.clip(x, -go2.ACTION_CLIP, go2.ACTION_CLIP)


class ActorStack:
    """Actors of one shape, run side by side: observation i goes to actor i."""

    def __init__(self, actors: Sequence[ActorWeights]) -> None:
        self.clock_hz = np.array([actor.spec.clock_hz for actor in actors])
        self._layers = [(np.stack([actor.layers[i][0] for actor in actors]),
                         np.stack([actor.layers[i][1] for actor in actors]))
                        for i in range(len(actors[0].layers))]

    def act(self, observation: np.ndarray) -> np.ndarray:
        """Clipped actions. Shape: (actors, 49) -> (actors, 12)."""
        x = observation[:, None, :]
        for index, (weight, bias) in enumerate(self._layers):
            x = x @ weight.transpose(0, 2, 1) + bias[:, None]
            if index < len(self._layers) - 1:
                x = elu(x)
        return np.clip(x[:, 0], -go2.ACTION_CLIP, go2.ACTION_CLIP)
