"""
Layer-wise autoencoder of actor weights (Make-An-Agent, equation 1), in function space.

Weights are residuals from the common start. Each layer's residual is written in a basis (started
at its principal components, then trained); the latent gives the coefficients of all layers. The
loss compares *actions*: what counts is what the decoded actor does.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from policy_gen_ros.decoder import hypernetwork
from policy_gen_ros.decoder.hypernetwork import Weights
import torch
from torch import nn, Tensor


@dataclass(frozen=True)
class DecoderConfig:
    """Sizes of the decoder."""

    layer_sizes: tuple[int, ...]
    latent_dim: int = 32
    basis_size: int = 64
    width: int = 256

    @property
    def layer_parameters(self) -> tuple[int, ...]:
        """Weights and biases of each layer."""
        return tuple(a * b + b for a, b in zip(self.layer_sizes, self.layer_sizes[1:]))


class Decoder(nn.Module):
    """Latent -> actor weights."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        layers = len(config.layer_parameters)
        self.coefficients = nn.Sequential(
            nn.Linear(config.latent_dim, config.width), nn.SiLU(),
            nn.Linear(config.width, config.width), nn.SiLU(),
            nn.Linear(config.width, layers * config.basis_size))
        self.skip = nn.Linear(config.latent_dim, layers * config.basis_size, bias=False)
        self.basis = nn.ParameterList(
            nn.Parameter(torch.zeros(config.basis_size, size)) for size in config.layer_parameters)
        self.start = nn.ParameterList(
            nn.Parameter(torch.zeros(size), requires_grad=False)
            for size in config.layer_parameters)

    def forward(self, latent: Tensor) -> list[Tensor]:
        """Flat weights of each layer, weight before bias. Shape: (n, d) -> [(n, parameters)]."""
        coefficients = self.skip(latent) + self.coefficients(latent)
        parts = coefficients.chunk(len(self.basis), dim=1)
        return [start + part @ basis
                for start, part, basis in zip(self.start, parts, self.basis)]

    def weights(self, latent: Tensor) -> Weights:
        """Return the same, shaped for running actors in a batch."""
        return shape_weights(self(latent), self.config.layer_sizes)


class Encoder(nn.Module):
    """Coefficients of each layer's residual in its fixed principal components -> latent."""

    def __init__(self, components: list[Tensor], scale: list[Tensor],
                 config: DecoderConfig) -> None:
        super().__init__()
        self.components = nn.ParameterList(
            nn.Parameter(c, requires_grad=False) for c in components)
        self.scale = nn.ParameterList(nn.Parameter(s, requires_grad=False) for s in scale)
        size = sum(len(c) for c in components)
        self.network = nn.Sequential(
            nn.Linear(size, config.width), nn.SiLU(), nn.Linear(config.width, config.width),
            nn.SiLU(), nn.Linear(config.width, config.latent_dim))
        self.skip = nn.Linear(size, config.latent_dim, bias=False)
        self.norm = nn.BatchNorm1d(config.latent_dim, affine=False, momentum=0.02)

    def project(self, residuals: list[Tensor]) -> Tensor:
        """Layer-wise linear projection, about unit scale. Shape: (n, sum of components)."""
        return torch.cat([residual @ c.T / s for residual, c, s in zip(
            residuals, self.components, self.scale)], dim=1)

    def forward(self, projected: Tensor) -> Tensor:
        """Latent of unit variance. Shape: (n, components) -> (n, latent_dim)."""
        return self.norm(self.skip(projected) + self.network(projected))


def shape_weights(flat: list[Tensor], sizes: tuple[int, ...]) -> Weights:
    """Split flat layers into (weight, bias) for ``baddbmm``."""
    return [layer for part, pair in zip(flat, pairwise(sizes))
            for layer in hypernetwork.shape_weights(part, pair)]
