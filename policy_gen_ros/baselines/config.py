# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What a researcher would turn about both papers' designs; each adds what it has alone."""

from __future__ import annotations

from typing import Literal

from policy_gen_ros.utils.config import configuration, Count, NotNegative, Positive, Share


@configuration(frozen=True)
class PaperConfig:
    """
    Sizes and training figures; ``train --print-config`` prints them, and ``paper.json`` has them.

    :param layer_sizes: of an actor; those of an archive's actors take their place
    :param scaling: what the autoencoder sees, see
        :func:`policy_gen_ros.baselines.training.weight_scaling`
    :param autoencoder_batch: actors in a step
    :param autoencoder_states: probe states of each of them
    :param denoiser_batch: behaviours in a step
    :param autoencoder_steps: of the optimiser; ``denoiser_steps`` are for each kind of condition,
        ``behavior_steps`` for the embedding of trajectories where these are one
    :param max_gradient_norm: longer gradients are cut to it; 0: none are
    :param ema_decay: of the moving average of the weights; a short run has a quicker one
    :param captions: of each behaviour that are embedded, of eight or so: all those of an archive
        are 100,000 sentences at 8 ms of one core each
    :param clips: random clips of each trajectory
    """

    layer_sizes: tuple[Count, ...] = (49, 192, 192, 12)
    scaling: Literal['raw', 'residual', 'parameter'] = 'parameter'
    autoencoder_batch: Count = 32
    autoencoder_states: Count = 64
    autoencoder_rate: Positive = 1e-3
    denoiser_batch: Count = 128
    denoiser_rate: Positive = 1e-3
    sampler_steps: Count = 10
    autoencoder_steps: Count = 15_000
    denoiser_steps: Count = 15_000
    behavior_steps: Count = 3000
    max_gradient_norm: NotNegative = 1.0
    ema_decay: Share = 0.999
    captions: Count = 2
    clips: Count = 12
