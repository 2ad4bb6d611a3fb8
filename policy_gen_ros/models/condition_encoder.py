# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Joining the conditions: any subset of text, measures and trajectory becomes three tokens."""

from __future__ import annotations

from policy_gen_ros.domains.measures import Measures
from policy_gen_ros.models.text_encoder import TEXT_DIM
from policy_gen_ros.models.trajectory_encoder import TRAJECTORY_FEATURES
import torch
from torch import nn, Tensor

SOURCES = ('text', 'measures', 'trajectory')


def source_dims(measures: Measures, text_dim: int = TEXT_DIM) -> dict[str, int]:
    """Feature size of each source, in the order of SOURCES."""
    return {'text': text_dim, 'measures': measures.features, 'trajectory': TRAJECTORY_FEATURES}


def _input_norm(source: str, dim: int) -> nn.Module:
    # Embeddings come at any scale. Measures are about unit scale already, and a norm over them
    # would let missing measures change those that are given.
    return nn.Identity() if source == 'measures' else nn.LayerNorm(dim)


class ConditionEncoder(nn.Module):
    """
    One network a source; an absent source is replaced by a learned null token.

    :param width: of each token; the network of the text, which says the least plainly what is
        wanted, is twice as wide
    """

    def __init__(self, width: int, measures: Measures, text_dim: int = TEXT_DIM) -> None:
        super().__init__()
        self.networks = nn.ModuleDict({
            source: nn.Sequential(_input_norm(source, dim), nn.Linear(dim, hidden), nn.SiLU(),
                                  nn.Linear(hidden, width))
            for source, dim in source_dims(measures, text_dim).items()
            for hidden in [2 * width if source == 'text' else width]})
        self.null = nn.ParameterDict({
            source: nn.Parameter(0.02 * torch.randn(width)) for source in SOURCES})
        self.output_dim = width * len(SOURCES)

    def forward(self, conditions: dict[str, Tensor], present: Tensor) -> Tensor:
        """
        Concatenated tokens.

        :param conditions: source -> features. Shape: (n, source_dims()[source])
        :param present: which sources were given, in the order of SOURCES. Shape: (n, 3), bool
        :return: Shape: (n, 3 * width)
        """
        tokens = []
        for i, source in enumerate(SOURCES):
            token = self.networks[source](conditions[source])
            tokens.append(torch.where(present[:, i:i + 1], token, self.null[source]))
        return torch.cat(tokens, dim=1)
