# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The denoisers of both papers: conditional U-Nets in one and in two dimensions.

Make-An-Agent (section 3 and appendix A): a latent is a short sequence of tokens, one for each
chunk of layers, whose channels are what the autoencoder wrote. Residual blocks of convolutions
over the tokens are scaled and shifted (FiLM) by an embedding of the diffusion time beside the
condition; the design is the one of Diffusion Policy (Chi et al. 2023), which Make-An-Agent took
over.

Policy Diffusion (appendix A.2): a latent is a small picture. One residual block down, a spatial
transformer that attends to condition tokens, one residual block up.
"""

from __future__ import annotations

from itertools import pairwise

from policy_gen_ros.models.denoiser import time_features
from policy_gen_ros.utils.config import configuration, Count
import torch
from torch import nn, Tensor

HIGHEST_FREQUENCY = 200.0
"""Of the features of the diffusion time."""


@configuration(frozen=True)
class UNetConfig:
    """
    Sizes of the U-Net.

    :param channels: of each token of the latent
    :param condition_dim: size of the condition vector
    :param widths: channels of each level, from the finest to the coarsest
    :param groups: of the group norms; divides each width
    """

    channels: Count
    condition_dim: Count
    widths: tuple[Count, ...]
    kernel_size: Count = 3
    time_dim: Count = 128
    groups: Count = 8

    def __post_init__(self) -> None:
        if not self.widths or any(width % self.groups for width in self.widths):
            raise ValueError(f'widths must be multiples of groups ({self.groups}), '
                             f'got {self.widths}')
        if self.kernel_size % 2 == 0:
            raise ValueError(f'kernel_size must be odd, got {self.kernel_size}')


def _convolution(fan_in: int, fan_out: int, config: UNetConfig) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(fan_in, fan_out, config.kernel_size, padding=config.kernel_size // 2),
        nn.GroupNorm(config.groups, fan_out), nn.Mish())


class _ResidualBlock(nn.Module):
    """Two convolutions; FiLM (Perez et al. 2018) after the first, a shortcut around both."""

    def __init__(self, fan_in: int, fan_out: int, config: UNetConfig) -> None:
        super().__init__()
        self.first = _convolution(fan_in, fan_out, config)
        self.second = _convolution(fan_out, fan_out, config)
        self.film = nn.Sequential(
            nn.Mish(), nn.Linear(config.time_dim + config.condition_dim, 2 * fan_out))
        self.shortcut = nn.Conv1d(fan_in, fan_out, 1) if fan_in != fan_out else nn.Identity()

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Shapes: (n, fan_in, length), (n, time_dim + condition_dim) -> (n, fan_out, length)."""
        scale, shift = self.film(condition)[:, :, None].chunk(2, dim=1)
        # 1 + scale: at the start of training a block passes on what it computes.
        return self.second(self.first(x) * (1 + scale) + shift) + self.shortcut(x)


class _Pair(nn.Module):
    """The two residual blocks of a level."""

    def __init__(self, fan_in: int, fan_out: int, config: UNetConfig) -> None:
        super().__init__()
        self.first = _ResidualBlock(fan_in, fan_out, config)
        self.second = _ResidualBlock(fan_out, fan_out, config)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Shapes: (n, fan_in, length), (n, c) -> (n, fan_out, length)."""
        return self.second(self.first(x, condition), condition)


class ConditionalUNet1D(nn.Module):
    """
    The U-Net: any number of tokens, also odd ones.

    The published code is tied to two tokens, as its upsampling doubles the length blindly. Here
    the way up takes the length of the skip that it meets.
    """

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        widths = config.widths
        self.time = nn.Sequential(
            nn.Linear(config.time_dim, 4 * config.time_dim), nn.Mish(),
            nn.Linear(4 * config.time_dim, config.time_dim))
        self.down = nn.ModuleList(
            _Pair(fan_in, fan_out, config)
            for fan_in, fan_out in zip((config.channels, *widths), widths))
        self.shrink = nn.ModuleList(
            nn.Conv1d(width, width, 3, stride=2, padding=1) for width in widths[:-1])
        self.middle = _Pair(widths[-1], widths[-1], config)
        # As in Diffusion Policy, the finest level has no blocks of its own on the way up: the
        # coarser ones lead to its width, and only the last convolution works there.
        self.up = nn.ModuleList(
            _Pair(2 * coarse, fine, config)
            for fine, coarse in reversed(list(pairwise(widths))))
        self.grow = nn.ModuleList(
            nn.Conv1d(width, width, 3, padding=1) for width in reversed(widths[:-1]))
        self.exit = nn.Sequential(_convolution(widths[0], widths[0], config),
                                  nn.Conv1d(widths[0], config.channels, 1))

    def forward(self, x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """
        Return the prediction for a noisy latent.

        :param x: Shape: (n, tokens, channels)
        :param t: diffusion time in [0, 1]. Shape: (n,)
        :param condition: Shape: (n, condition_dim)
        :return: Shape: (n, tokens, channels)
        """
        time = self.time(time_features(t, self.config.time_dim, HIGHEST_FREQUENCY))
        embedded = torch.cat([time, condition], dim=1)
        # Convolutions run along the tokens.
        hidden = x.transpose(1, 2)
        skips = []
        for level, block in enumerate(self.down):
            hidden = block(hidden, embedded)
            skips.append(hidden)
            if level < len(self.shrink):
                hidden = self.shrink[level](hidden)
        hidden = self.middle(hidden, embedded)
        for block, grow in zip(self.up, self.grow):
            hidden = block(torch.cat([hidden, skips.pop()], dim=1), embedded)
            hidden = grow(nn.functional.interpolate(hidden, size=skips[-1].shape[2]))
        return self.exit(hidden).transpose(1, 2)


PUBLISHED = UNetConfig(channels=1024, condition_dim=128, widths=(512, 1024, 2048))
"""
Make-An-Agent at its published size: 162.0 M parameters, two tokens of 1024 channels.

The widths are those of the published configuration. That one says kernel 5, which would make
254 M; kernel 3 gives the published 163 M.
"""

ARCHIVE_SIZED = UNetConfig(channels=32, condition_dim=128, widths=(64, 128, 192))
"""For archives of some thousand actors that should be much larger than their generator."""


class _ResidualBlock2D(nn.Module):
    """Two convolutions with the embedding of the time added between them (appendix A.2)."""

    def __init__(self, fan_in: int, fan_out: int, time_dim: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.GroupNorm(8, fan_in), nn.SiLU(),
                                   nn.Conv2d(fan_in, fan_out, 3, padding=1))
        self.time = nn.Linear(time_dim, fan_out)
        self.second = nn.Sequential(nn.GroupNorm(8, fan_out), nn.SiLU(),
                                    nn.Conv2d(fan_out, fan_out, 3, padding=1))
        self.shortcut = nn.Conv2d(fan_in, fan_out, 1)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        """Shapes: (n, fan_in, h, w), (n, time_dim) -> (n, fan_out, h, w)."""
        hidden = self.first(x) + self.time(time)[:, :, None, None]
        return self.second(hidden) + self.shortcut(x)


class _SpatialTransformer(nn.Module):
    """Self-attention between places, cross-attention to the condition tokens, feed-forward."""

    def __init__(self, width: int, token_dim: int, heads: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.self_attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.cross_attention = nn.MultiheadAttention(
            width, heads, kdim=token_dim, vdim=token_dim, batch_first=True)
        self.feed_forward = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor, tokens: Tensor) -> Tensor:
        """Shapes: (n, width, h, w), (n, tokens, token_dim) -> (n, width, h, w)."""
        places = x.flatten(2).transpose(1, 2)
        query = self.norms[0](places)
        places = places + self.self_attention(query, query, query, need_weights=False)[0]
        places = places + self.cross_attention(
            self.norms[1](places), tokens, tokens, need_weights=False)[0]
        places = places + self.feed_forward(self.norms[2](places))
        return places.transpose(1, 2).reshape(x.shape)


class ConditionalUNet2D(nn.Module):
    """
    The U-Net of Policy Diffusion; published with one residual block each way and four heads.

    :param channels: of the latent
    :param width: channels inside, a multiple of 8; doubled below
    """

    def __init__(self, channels: int, width: int, token_dim: int, heads: int = 4) -> None:
        super().__init__()
        self.time_dim = 64
        self.time = nn.Sequential(
            nn.Linear(self.time_dim, width), nn.SiLU(), nn.Linear(width, width))
        self.entry = nn.Conv2d(channels, width, 3, padding=1)
        self.down = _ResidualBlock2D(width, 2 * width, width)
        self.shrink = nn.Conv2d(2 * width, 2 * width, 3, stride=2, padding=1)
        self.middle = _SpatialTransformer(2 * width, token_dim, heads)
        self.up = _ResidualBlock2D(4 * width, width, width)
        self.exit = nn.Sequential(nn.GroupNorm(8, width), nn.SiLU(),
                                  nn.Conv2d(width, channels, 3, padding=1))

    def forward(self, x: Tensor, t: Tensor, tokens: Tensor) -> Tensor:
        """
        Return the prediction for a noisy latent.

        :param x: Shape: (n, channels, h, w)
        :param t: diffusion time in [0, 1]. Shape: (n,)
        :param tokens: Shape: (n, tokens, token_dim)
        :return: Shape: (n, channels, h, w)
        """
        time = self.time(time_features(t, self.time_dim, HIGHEST_FREQUENCY))
        fine = self.down(self.entry(x), time)
        coarse = self.middle(self.shrink(fine), tokens)
        coarse = nn.functional.interpolate(coarse, size=fine.shape[2:])
        return self.exit(self.up(torch.cat([coarse, fine], dim=1), time))
