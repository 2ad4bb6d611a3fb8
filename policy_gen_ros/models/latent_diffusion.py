# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The latent diffusion model: condition encoders and denoiser together."""

from __future__ import annotations

from dataclasses import dataclass

from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.models.condition_encoder import ConditionEncoder
from policy_gen_ros.models.denoiser import Denoiser
from policy_gen_ros.models.text_encoder import TEXT_DIM
from torch import nn


@dataclass(frozen=True)
class DiffusionConfig:
    """Sizes of the denoiser, its condition tokens and the text embedding."""

    width: int = 160
    blocks: int = 3
    embedding: int = 112
    token: int = 96
    text_dim: int = TEXT_DIM


class DiffusionModel(nn.Module):
    """
    What one training step and one sampling step need.

    A sample is the latent and the extras of the domain: controls and target measures.
    """

    def __init__(self, domain: Domain, latent_dim: int, config: DiffusionConfig) -> None:
        super().__init__()
        self.domain, self.config = domain, config
        self.latent_dim = latent_dim
        self.sample_dim = latent_dim + domain.extras.dim
        self.condition = ConditionEncoder(config.token, domain.measures, config.text_dim)
        self.denoiser = Denoiser(self.sample_dim, self.condition.output_dim, config.width,
                                 config.blocks, config.embedding)
