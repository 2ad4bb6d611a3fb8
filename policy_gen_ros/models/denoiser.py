# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The denoiser: a residual multilayer perceptron with adaptive layer norm."""

from __future__ import annotations

import math

import torch
from torch import nn, Tensor

TIME_FEATURES = 32


def time_features(t: Tensor, count: int = TIME_FEATURES, highest: float = 100.0) -> Tensor:
    """
    Sines and cosines of the diffusion time (Vaswani et al. 2017).

    :param t: in [0, 1]. Shape: (n,)
    :param highest: angular frequency; the lowest is 1
    :return: Shape: (n, count)
    """
    frequency = torch.exp(torch.linspace(0, math.log(highest), count // 2, device=t.device))
    angle = t[:, None] * frequency
    return torch.cat([angle.sin(), angle.cos()], dim=1)


class _Block(nn.Module):
    """Residual block whose norm is shifted, scaled and gated by the condition (DiT, adaLN)."""

    def __init__(self, width: int, condition_dim: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation = nn.Linear(condition_dim, 3 * width)
        self.network = nn.Sequential(nn.Linear(width, 2 * width), nn.SiLU(),
                                     nn.Linear(2 * width, width))
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        shift, scale, gate = self.modulation(condition).chunk(3, dim=1)
        return x + gate * self.network(self.norm(x) * (1 + scale) + shift)


class Denoiser(nn.Module):
    """
    Predicts the clean sample x0 from a noisy one.

    :param sample_dim: size of x: latent and extras
    :param embedding: size of what modulates the blocks: time and condition together
    """

    def __init__(self, sample_dim: int, condition_dim: int, width: int, blocks: int,
                 embedding: int) -> None:
        super().__init__()
        self.entry = nn.Linear(sample_dim, width)
        self.embed = nn.Sequential(nn.Linear(TIME_FEATURES + condition_dim, embedding), nn.SiLU(),
                                   nn.Linear(embedding, embedding), nn.SiLU())
        self.blocks = nn.ModuleList(_Block(width, embedding) for _ in range(blocks))
        self.exit = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, sample_dim))

    def forward(self, x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """x0. Shapes: (n, d), (n,), (n, condition_dim) -> (n, d)."""
        embedded = self.embed(torch.cat([time_features(t), condition], dim=1))
        hidden = self.entry(x)
        for block in self.blocks:
            hidden = block(hidden, embedded)
        return self.exit(hidden)
