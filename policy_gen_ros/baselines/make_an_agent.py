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

from dataclasses import field, replace
from itertools import accumulate, pairwise

from policy_gen_ros.baselines.config import PaperConfig
from policy_gen_ros.baselines.unet import ARCHIVE_SIZED, ConditionalUNet1D, PUBLISHED, UNetConfig
from policy_gen_ros.policies.spec import parameter_count
from policy_gen_ros.utils.config import configuration, Count, NotNegative
import torch
from torch import nn, Tensor


@configuration(frozen=True)
class MakeAnAgentConfig(PaperConfig):
    """
    Make-An-Agent, at a size for some thousand actors.

    The paper takes ``raw`` weights. Ours are better served by the scaling ``parameter``: after 200
    steps on 47 actors of the shipped index the raw form explained nothing of what tells actors
    apart, the scaled one 37 %.

    :param layers_per_chunk: how many layers each token of the latent stands for. The paper has a
        latent for each layer (section 3), its code one for the first layer and one for the others
    :param unet: its ``channels`` are those of the latent; ``condition_dim`` gives way to the size
        of the conditions at hand
    :param input_noise: standard deviation, in the unit that ``scaling`` chooses;
        ``latent_noise``: likewise, behind the LayerNorm
    """

    layers_per_chunk: tuple[Count, ...] = (1, 2)
    unet: UNetConfig = field(default=ARCHIVE_SIZED)
    input_noise: NotNegative = 0.001
    latent_noise: NotNegative = 0.01

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
        self.input_noise, self.latent_noise = config.input_noise, config.latent_noise
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
        tokens = self._compress(scaled + self.input_noise * torch.randn_like(scaled))
        tokens = tokens + self.latent_noise * torch.randn_like(tokens)
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
