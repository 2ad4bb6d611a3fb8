# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Latent -> actor weights: a hypernetwork that writes low-rank residuals from base weights.

Each layer, its bias as one more input, is ``base + U diag(c(z)) V`` with directions U and V that
all actors share. What is generated are a few hundred coefficients c instead of 51,084 weights;
that, not the network that generates them, is what makes the model small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn, Tensor

TORCH_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    'elu': nn.functional.elu, 'relu': nn.functional.relu, 'tanh': torch.tanh}
Weights = list[tuple[Tensor, Tensor]]
"""(weight, bias) of each layer. Shapes: (n, in, out), (n, 1, out): ready for ``baddbmm``."""


@dataclass(frozen=True)
class DecoderConfig:
    """
    Sizes of the decoder.

    :param rank: shared directions of each layer
    """

    layer_sizes: tuple[int, ...]
    latent_dim: int = 128
    rank: int = 192
    width: int = 224


class Decoder(nn.Module):
    """Latent -> actor weights."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        layers, sizes = len(config.layer_sizes) - 1, list(pairwise(config.layer_sizes))
        self.coefficients = nn.Sequential(
            nn.Linear(config.latent_dim, config.width), nn.SiLU(),
            nn.Linear(config.width, config.width), nn.SiLU(),
            nn.Linear(config.width, layers * config.rank))
        self.skip = nn.Linear(config.latent_dim, layers * config.rank, bias=False)
        self.inputs = nn.ParameterList(
            nn.Parameter(torch.randn(config.rank, a + 1) / (a + 1)**0.5) for a, _ in sizes)
        self.outputs = nn.ParameterList(
            nn.Parameter(torch.randn(config.rank, b) / config.rank**0.5) for _, b in sizes)
        self.base = nn.ParameterList(
            nn.Parameter(torch.zeros(a + 1, b), requires_grad=False) for a, b in sizes)

    def forward(self, latent: Tensor) -> list[Tensor]:
        """Layers with the bias as last row. Shape: (n, d) -> [(n, in + 1, out)]."""
        coefficients = self.skip(latent) + self.coefficients(latent)
        return [base + (part[:, :, None] * inputs).transpose(1, 2) @ outputs
                for base, part, inputs, outputs in zip(
                    self.base, coefficients.chunk(len(self.base), dim=1), self.inputs,
                    self.outputs)]

    def weights(self, latent: Tensor) -> Weights:
        """Return the same, shaped for running actors in a batch."""
        return [(layer[:, :-1], layer[:, -1:]) for layer in self(latent)]

    def vectors(self, latent: Tensor) -> Tensor:
        """Flat actors, layer by layer, weight before bias. Shape: (n, d) -> (n, parameters)."""
        return torch.cat([part for weight, bias in self.weights(latent) for part in (
            weight.transpose(1, 2).flatten(1), bias.flatten(1))], dim=1)


def shape_weights(flat: Tensor, sizes: tuple[int, ...]) -> Weights:
    """Split flat actors into (weight, bias) for ``baddbmm``. Shape: (n, parameters)."""
    shaped, start = [], 0
    for fan_in, fan_out in pairwise(sizes):
        end = start + fan_in * fan_out
        weight = flat[:, start:end].reshape(-1, fan_out, fan_in).transpose(1, 2)
        start = end + fan_out
        shaped.append((weight, flat[:, end:start].reshape(-1, 1, fan_out)))
    return shaped


def run_actors(weights: Weights, observation: Tensor, activation: str) -> Tensor:
    """
    Unclipped actions of many policies. Shape: (n, states, inputs) -> (n, states, outputs).

    :param activation: of their domain's network
    """
    activate = TORCH_ACTIVATIONS[activation]
    x = observation
    for index, (weight, bias) in enumerate(weights):
        x = torch.baddbmm(bias, x, weight)
        if index < len(weights) - 1:
            x = activate(x)
    return x
