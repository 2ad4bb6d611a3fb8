# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Make-An-Agent (arXiv 2407.10973, section 3 and appendix A), as a baseline.

A linear autoencoder turns an actor into a few tokens, one for each chunk of layers, and a 1-D
U-Net denoises these tokens under a behaviour embedding. What the published code does is followed,
except for its faults, which would make the baseline look worse than the design is:

- it clamps latents while it trains and not when it evaluates: nothing is clamped here;
- its embeddings were trained on normalised trajectories and used on raw ones: conditions are
  scaled by the same stored numbers in training and in generation;
- it keeps a moving average of the weights and saves the others: the average is what comes out of
  :func:`policy_gen_ros.baselines.training.train_baseline`;
- it splits into training and validation inside one run, among near duplicates, and averages the
  best five by rank over seeds: splits and scores are made elsewhere, for all generators alike;
- its U-Net takes two tokens only: ours takes any number.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise

from policy_gen_ros.baselines.unet import ARCHIVE_SIZED, ConditionalUNet1D, PUBLISHED, UNetConfig
from policy_gen_ros.policies.spec import parameter_count
import torch
from torch import nn, Tensor

INPUT_NOISE, LATENT_NOISE = 0.001, 0.01
MAKE_AN_AGENT_STEPS = 10


@dataclass(frozen=True)
class MakeAnAgentConfig:
    """
    Sizes and training figures.

    :param layer_sizes: of an actor
    :param layers_per_chunk: how many layers each token of the latent stands for. The paper has a
        latent for each layer (section 3), its code one for the first layer and one for the others
    :param unet: its ``channels`` are those of the latent; ``condition_dim`` gives way to the size
        of the conditions at hand
    :param scaling: what the autoencoder sees, see
        :func:`policy_gen_ros.baselines.training.weight_scaling`. The paper takes ``raw`` weights;
        ours are better served by ``parameter``: after 200 steps on 47 actors of the shipped index
        the raw form explained nothing of what tells actors apart, the scaled one 37 %. The noise
        on the input counts in the unit chosen here
    """

    layer_sizes: tuple[int, ...] = (49, 192, 192, 12)
    layers_per_chunk: tuple[int, ...] = (1, 2)
    unet: UNetConfig = field(default=ARCHIVE_SIZED)
    scaling: str = 'parameter'
    autoencoder_batch: int = 32
    autoencoder_rate: float = 1e-3
    denoiser_batch: int = 128
    denoiser_rate: float = 1e-3
    sampler_steps: int = MAKE_AN_AGENT_STEPS

    def __post_init__(self) -> None:
        if sum(self.layers_per_chunk) != len(self.layer_sizes) - 1:
            raise ValueError(f'layers_per_chunk {self.layers_per_chunk} does not add up to the '
                             f'{len(self.layer_sizes) - 1} layers of an actor')

    @property
    def chunk_sizes(self) -> tuple[int, ...]:
        """Parameters in each chunk of layers."""
        ends = accumulate(self.layers_per_chunk, initial=0)
        return tuple(parameter_count(self.layer_sizes[begin:end + 1])
                     for begin, end in pairwise(ends))


PUBLISHED_CONFIG = MakeAnAgentConfig(unet=PUBLISHED, scaling='raw', denoiser_rate=1e-4)
"""As published, for the size of our actors."""


class LayerwiseAutoencoder(nn.Module):
    """
    One linear map a chunk into the latent, LayerNorm, one linear map a chunk back.

    Nothing else, and no bias, as in the published code (the paper leaves the maps open).

    :param centre: taken off the weights. Shape: (parameters,)
    :param scale: that the rest is divided by. Shape: (parameters,)
    """

    centre: Tensor
    scale: Tensor

    def __init__(self, config: MakeAnAgentConfig, centre: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.sizes, self.channels = list(config.chunk_sizes), config.unet.channels
        self.latent_dim = len(self.sizes) * self.channels
        self.register_buffer('centre', centre)
        self.register_buffer('scale', scale)
        self.entries = nn.ModuleList(
            nn.Linear(size, self.channels, bias=False) for size in self.sizes)
        self.norm = nn.LayerNorm(self.channels)
        self.exits = nn.ModuleList(
            nn.Linear(self.channels, size, bias=False) for size in self.sizes)

    def _compress(self, scaled: Tensor) -> Tensor:
        """Shape: (n, parameters) -> (n, tokens, channels)."""
        chunks = scaled.split(self.sizes, dim=1)
        return self.norm(torch.stack([
            entry(chunk) for entry, chunk in zip(self.entries, chunks)], dim=1))

    def _expand(self, tokens: Tensor) -> Tensor:
        """Shape: (n, tokens, channels) -> (n, parameters)."""
        return torch.cat([
            leave(token) for leave, token in zip(self.exits, tokens.unbind(dim=1))], dim=1)

    def encode(self, weights: Tensor) -> Tensor:
        """Latent, token after token. Shape: (n, parameters) -> (n, tokens * channels)."""
        return self._compress((weights - self.centre) / self.scale).flatten(1)

    def decode(self, latent: Tensor) -> Tensor:
        """Actor weights. Shape: (n, tokens * channels) -> (n, parameters)."""
        tokens = latent.reshape(len(latent), len(self.sizes), self.channels)
        return self._expand(tokens) * self.scale + self.centre

    def loss(self, weights: Tensor, states: Tensor) -> Tensor:
        """
        Equation 1 of the paper (5 in its HTML): MSE of scaled weights, noise on input and latent.

        :param weights: Shape: (n, parameters)
        :param states: probe states, not needed here: the paper never runs its actors in training
        """
        del states
        scaled = (weights - self.centre) / self.scale
        tokens = self._compress(scaled + INPUT_NOISE * torch.randn_like(scaled))
        tokens = tokens + LATENT_NOISE * torch.randn_like(tokens)
        return (self._expand(tokens) - scaled).square().mean()

    def decoder_parameters(self) -> int:
        """Trained parameters that generation needs."""
        return sum(p.numel() for p in self.exits.parameters())


class BehaviorDenoiser(nn.Module):
    """
    The U-Net over the tokens of a flat latent; predicts the clean latent (``sample`` in the code).

    Equation 8 of the paper predicts the noise; its code, and so the published figures, x0. There
    is no guidance: conditions are never dropped.

    :param condition_mean: of the training conditions. Shape: (c,)
    :param condition_std: likewise. Shape: (c,)
    """

    condition_mean: Tensor
    condition_std: Tensor
    guidable = False

    def __init__(self, config: MakeAnAgentConfig, condition_mean: Tensor,
                 condition_std: Tensor) -> None:
        super().__init__()
        self.tokens = len(config.layers_per_chunk)
        self.register_buffer('condition_mean', condition_mean)
        self.register_buffer('condition_std', condition_std)
        self.unet = ConditionalUNet1D(replace(config.unet, condition_dim=len(condition_mean)))

    def embed(self, condition: Tensor) -> Tensor:
        """
        Scale the condition.

        :param condition: behaviour embedding (h, v) of a trajectory, the mean over its segments:
            what :meth:`policy_gen_ros.models.trajectory_encoder.BehaviorEncoder.embed` gives, or
            any other features. Shape: (n, c)
        :return: Shape: (n, c)
        """
        return (condition - self.condition_mean) / self.condition_std

    def predict_x0(self, x: Tensor, t: Tensor, embedded: Tensor) -> Tensor:
        """Clean latent. Shapes: (n, d), (n,), (n, c) -> (n, d)."""
        return self.unet(x.reshape(len(x), self.tokens, -1), t, embedded).flatten(1)

    def loss(self, x0: Tensor, noisy: Tensor, noise: Tensor, t: Tensor,
             condition: Tensor) -> Tensor:
        """MSE of the clean latent. Shapes: (n, d) three times, (n,), (n, c)."""
        del noise
        return (self.predict_x0(noisy, t, self.embed(condition)) - x0).square().mean()
