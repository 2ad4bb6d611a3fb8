# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Policy Diffusion (Hegde et al. 2023, section 3 and appendix A), as a baseline.

A variational autoencoder turns an actor into a 4 x 4 latent of 4 channels, as if it were a small
picture; a 2-D U-Net denoises it under condition tokens that it attends to. Differences from the
publication, with their reasons:

- A compact hypernetwork stands in for the graph hypernetwork. The graph is one and the same for
  all actors of an archive, so all that the gated graph network can add to the latent is constants
  for each node: these are the learned embeddings here.
- **There is no normaliser decoder, as it would have nothing to decode.** The paper's actors come
  each with the running mean and variance of its own observations, and do not work with those of
  another. Our observations are scaled by constants of the robot
  (:data:`policy_gen_ros.domains.go2.robot.observation.ANG_VEL_SCALE` and its neighbours), the same
  for all actors; nothing but weights differs between two of them.
- The reconstruction loss is the paper's, on actions (equation 1); the published code compares
  weights.
- The published code has one condition token, over which attention is constant: here are several.
  It drops no condition, so that it cannot be guided: here it is an option.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from policy_gen_ros.baselines.config import PaperConfig
from policy_gen_ros.baselines.unet import ConditionalUNet2D
from policy_gen_ros.models.decoder import run_actors, shape_weights
from policy_gen_ros.models.sampler import alpha_sigma
from policy_gen_ros.utils.config import configuration, Count, NotNegative, Positive
from pydantic import Field
import torch
from torch import nn, Tensor

GRID, CHANNELS = 4, 4
AUTOENCODER_LATENT_DIM = CHANNELS * GRID * GRID


@configuration(frozen=True)
class PolicyDiffusionConfig(PaperConfig):
    """
    Policy Diffusion. The scaling ``parameter`` is the paper's (appendix A.1).

    :param activation: after each hidden layer of an actor; that of the archive's domain takes its
        place
    :param encoder_width: features of each weight matrix and each bias (64 in the paper)
    :param hyper_width: of the decoder; its size, as GHN8 to GHN32 is in the paper
    :param chunk_neurons: neurons whose incoming weights and biases are written by one node
    :param kl: coefficient of the KL divergence
    :param unet_width: channels of the denoiser on the 4 x 4 grid; doubled below
    :param tokens: number of condition tokens
    :param prediction: what the denoiser's loss is on: ``noise`` (equation 4), which weighs the
        noisiest times, where the condition decides, least; or ``x0``, the clean latent
    :param condition_dropout: share of training conditions replaced by a learned null; 0 as
        published, above it the model can be guided
    :param max_latent: bound of what follows from a predicted noise, in standard deviations of the
        latents
    """

    sampler_steps: Count = 100
    autoencoder_steps: Count = 7000
    denoiser_steps: Count = 6000
    activation: str = 'elu'
    encoder_width: Count = 64
    hyper_width: Count = 256
    node_dim: Count = 32
    chunk_neurons: Count = 12
    kl: NotNegative = 1e-6
    unet_width: Count = 64
    tokens: Count = 4
    token_dim: Count = 64
    heads: Count = 4
    prediction: Literal['noise', 'x0'] = 'noise'
    condition_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    max_latent: Positive = 5.0


class _Encoder(nn.Module):
    """CNN of each weight matrix, MLP of each bias, one linear map to mean and log variance."""

    def __init__(self, config: PolicyDiffusionConfig) -> None:
        super().__init__()
        self.sizes, width = config.layer_sizes, config.encoder_width
        self.matrices, self.biases = nn.ModuleList(), nn.ModuleList()
        for fan_in, fan_out in pairwise(self.sizes):
            rows, columns = -(-fan_out // 8), -(-fan_in // 8)  # three times halved, rounded up
            # No pooling: neurons are not exchangeable between actors that share their beginning.
            self.matrices.append(nn.Sequential(
                nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.SiLU(),
                nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.SiLU(),
                nn.Conv2d(16, 16, 3, stride=2, padding=1), nn.SiLU(),
                nn.Flatten(), nn.Linear(16 * rows * columns, width)))
            self.biases.append(nn.Sequential(
                nn.Linear(fan_out, width), nn.SiLU(), nn.Linear(width, width)))
        self.exit = nn.Linear(2 * width * len(self.matrices), 2 * AUTOENCODER_LATENT_DIM)

    def forward(self, scaled: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance. Shape: (n, parameters) -> (n, 64) twice."""
        layers = shape_weights(scaled, self.sizes)
        parts = []
        for (weight, bias), matrix, vector in zip(layers, self.matrices, self.biases):
            parts += [matrix(weight.transpose(1, 2)[:, None]), vector(bias[:, 0])]
        mean, log_variance = self.exit(torch.cat(parts, dim=1)).chunk(2, dim=1)
        return mean, log_variance.clamp(-20.0, 5.0)


class _Hypernetwork(nn.Module):
    """A trunk shared by all nodes sees latent and node embedding; a head a layer writes rows."""

    def __init__(self, config: PolicyDiffusionConfig) -> None:
        super().__init__()
        self.sizes, width = config.layer_sizes, config.hyper_width
        # Chunks of about equal size cover a layer; what stands over is cut off.
        self.nodes = [-(-fan_out // config.chunk_neurons) for fan_out in self.sizes[1:]]
        neurons = [-(-out // count) for out, count in zip(self.sizes[1:], self.nodes)]
        self.embedding = nn.Parameter(torch.randn(sum(self.nodes), config.node_dim))
        self.latent = nn.Linear(AUTOENCODER_LATENT_DIM, width)
        self.node = nn.Linear(config.node_dim, width, bias=False)
        self.trunk = nn.Sequential(nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
                                   nn.Linear(width, width), nn.SiLU())
        heads = [nn.Linear(width, count * (fan_in + 1))
                 for count, fan_in in zip(neurons, self.sizes)]
        for head in heads:
            # Starts near the centre of the scaling and not at random networks.
            nn.init.normal_(head.weight, std=0.1 / width**0.5)
            nn.init.zeros_(head.bias)
        self.heads = nn.ModuleList(heads)

    def forward(self, latent: Tensor) -> Tensor:
        """Scaled weights, layer by layer, weight before bias. Shape: (n, 64) -> (n, p)."""
        hidden = self.trunk(self.latent(latent)[:, None] + self.node(self.embedding))
        layers = []
        for part, head, (fan_in, fan_out) in zip(
                hidden.split(self.nodes, dim=1), self.heads, pairwise(self.sizes)):
            rows = head(part).reshape(len(latent), -1, fan_in + 1)[:, :fan_out]
            layers += [rows[..., :-1].flatten(1), rows[..., -1]]
        return torch.cat(layers, dim=1)


class VariationalAutoencoder(nn.Module):
    """
    Actor weights to a 4 x 4 x 4 latent and back (equation 1).

    :param centre: taken off the weights. Shape: (parameters,)
    :param scale: that the rest is divided by. Shape: (parameters,)
    """

    centre: Tensor
    scale: Tensor
    latent_dim = AUTOENCODER_LATENT_DIM

    def __init__(self, config: PolicyDiffusionConfig, centre: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.sizes, self.activation = config.layer_sizes, config.activation
        self.kl = config.kl
        self.register_buffer('centre', centre)
        self.register_buffer('scale', scale)
        self.encoder, self.decoder = _Encoder(config), _Hypernetwork(config)

    def encode(self, weights: Tensor) -> Tensor:
        """Mean of the latent. Shape: (n, parameters) -> (n, 64)."""
        return self.encoder((weights - self.centre) / self.scale)[0]

    def decode(self, latent: Tensor) -> Tensor:
        """Actor weights. Shape: (n, 64) -> (n, parameters)."""
        return self.decoder(latent) * self.scale + self.centre

    def actions(self, weights: Tensor, states: Tensor) -> Tensor:
        """Shapes: (n, parameters), (n, s, observation) -> (n, s, action)."""
        return run_actors(shape_weights(weights, self.sizes), states, self.activation)

    def loss(self, weights: Tensor, states: Tensor) -> Tensor:
        """
        Equation 1: MSE of actions plus ``kl`` times the divergence from the standard normal.

        :param weights: Shape: (n, parameters)
        :param states: probe states of each actor. Shape: (n, s, observation)
        """
        mean, log_variance = self.encoder((weights - self.centre) / self.scale)
        latent = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
        with torch.no_grad():
            wanted = self.actions(weights, states)
        error = (self.actions(self.decode(latent), states) - wanted).square().mean()
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1)
        return error + self.kl * divergence.mean()

    def decoder_parameters(self) -> int:
        """Trained parameters that generation needs."""
        return sum(p.numel() for p in self.decoder.parameters())


class TokenDenoiser(nn.Module):
    """
    Condition tokens and the 2-D U-Net that attends to them.

    The noise schedule is ours (cosine), which all generators here share, and not the paper's.

    :param condition_mean: of the training conditions. Shape: (c,)
    :param condition_std: likewise. Shape: (c,)
    """

    condition_mean: Tensor
    condition_std: Tensor

    def __init__(self, config: PolicyDiffusionConfig, condition_mean: Tensor,
                 condition_std: Tensor) -> None:
        super().__init__()
        self.dropout = config.condition_dropout
        self.predicts_noise = config.prediction == 'noise'
        self.max_latent = config.max_latent
        self.guidable = config.condition_dropout > 0
        self.register_buffer('condition_mean', condition_mean)
        self.register_buffer('condition_std', condition_std)
        self.tokens = nn.Sequential(
            nn.Linear(len(condition_mean), 2 * config.token_dim), nn.SiLU(),
            nn.Linear(2 * config.token_dim, config.tokens * config.token_dim))
        self.null = nn.Parameter(0.02 * torch.randn(config.tokens, config.token_dim))
        self.unet = ConditionalUNet2D(CHANNELS, config.unet_width, config.token_dim, config.heads)

    def embed(self, condition: Tensor) -> Tensor:
        """Condition tokens. Shape: (n, c) -> (n, tokens, token_dim)."""
        scaled = (condition - self.condition_mean) / self.condition_std
        return self.tokens(scaled).reshape(len(condition), *self.null.shape)

    def embed_nothing(self, count: int) -> Tensor:
        """Tokens of an absent condition. Shape: (count, tokens, token_dim)."""
        return self.null.expand(count, -1, -1)

    def predict(self, x: Tensor, t: Tensor, tokens: Tensor) -> Tensor:
        """Noise or x0. Shapes: (n, 64), (n,), (n, tokens, token_dim) -> (n, 64)."""
        return self.unet(x.reshape(len(x), CHANNELS, GRID, GRID), t, tokens).flatten(1)

    def predict_x0(self, x: Tensor, t: Tensor, tokens: Tensor) -> Tensor:
        """Clean latent: what the predicted noise leaves over, bounded; shapes as above."""
        predicted = self.predict(x, t, tokens)
        if not self.predicts_noise:
            return predicted
        alpha, sigma = alpha_sigma(t)
        # The first step divides by 0.008, which no predicted noise is exact enough for.
        return ((x - sigma * predicted) / alpha).clamp(-self.max_latent, self.max_latent)

    def loss(self, x0: Tensor, noisy: Tensor, noise: Tensor, t: Tensor,
             condition: Tensor) -> Tensor:
        """Equation 4: MSE of noise or x0. Shapes: (n, 64) three times, (n,), (n, c)."""
        tokens = self.embed(condition)
        if self.guidable:
            dropped = torch.rand(len(tokens), device=tokens.device) < self.dropout
            tokens = torch.where(dropped[:, None, None], self.null, tokens)
        wanted = noise if self.predicts_noise else x0
        return (self.predict(noisy, t, tokens) - wanted).square().mean()
