# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Training the behaviour embedding: InfoNCE, with the measures as a side task."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from policy_gen_ros.models.trajectory_encoder import (
    BehaviorEncoder,
    TRAJECTORY_FEATURES,
)
from policy_gen_ros.training.config import EmbeddingTraining
from policy_gen_ros.training.dataset import BehaviorSet, measure_features
from policy_gen_ros.training.loop import Batch, fit, TrainingRun
from policy_gen_ros.utils.progress import progress
import torch
from torch import nn

EMBEDDING_BATCH_SIZE = 512
"""Segments that are embedded at a time."""


def augment(segment: torch.Tensor, state_dim: int, config: EmbeddingTraining,
            rng: np.random.Generator) -> torch.Tensor:
    """
    Sensor noise, and actions taken away from some segments.

    :param state_dim: columns before the actions
    :return: Shape: (n, segment_rows, columns + 1)
    """
    noisy = segment + config.sensor_noise * torch.randn_like(segment)
    missing = torch.from_numpy(rng.random(len(segment)) < config.actions_missing)[:, None, None]
    targets = torch.where(missing, 0.0, noisy[..., state_dim:-1])
    flag = torch.where(missing, 1.0, segment[..., -1:])
    return torch.cat([noisy[..., :state_dim], targets, flag], dim=-1)


def train_behavior_encoder(data: BehaviorSet, config: EmbeddingTraining, seed: int = 0,
                           checkpoint: Path | None = None) -> BehaviorEncoder:
    """
    Train the embedding on segments of training behaviours.

    The probe of the measures keeps in the embedding what tells apart behaviours that contrast
    alone would not need, such as the exact speed.

    :param checkpoint: see :class:`policy_gen_ros.training.loop.TrainingRun`
    """
    torch.manual_seed(seed)
    encoder, state_dim = BehaviorEncoder(data.domain.trajectory), data.domain.trajectory.state_dim
    measures = measure_features(data.domain.measures, data.measures)
    head = nn.Linear(TRAJECTORY_FEATURES, measures.shape[1])

    def draw(rng: np.random.Generator) -> Batch:
        pick = torch.from_numpy(data.draw(config.batch, rng))
        segment, later = (augment(part, state_dim, config, rng) for part in data.cut(pick, rng))
        return {'segment': segment, 'later': later, 'wanted': measures[pick]}

    def loss(segment: torch.Tensor, later: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        side = (head(encoder(segment)) - wanted).square().mean()
        return encoder.contrastive_loss(segment, later) + config.measure_weight * side

    fit(nn.ModuleList([encoder, head]), loss, draw,
        TrainingRun(config.steps, seed, checkpoint), config.optimizer, 'behaviour embedding')
    return encoder.eval()


@torch.no_grad()
def embed_behaviors(encoder: BehaviorEncoder, data: BehaviorSet, config: EmbeddingTraining,
                    seed: int = 0) -> torch.Tensor:
    """
    Embeddings of random clips of one to four segments, augmented as in training.

    :return: Shape: (cuts, n, 128)
    """
    torch.manual_seed(seed)  # `augment` draws from torch; what ran before must not matter
    rng = np.random.default_rng(seed)
    everything = torch.arange(len(data))
    collected = []
    for index in progress(range(config.cuts), about='embedding trajectories', unit='cut'):
        parts = []
        for _ in range(1 + index % config.longest_clip):
            segment, _ = data.cut(everything, rng)
            parts.append(torch.cat([
                encoder(augment(part, data.domain.trajectory.state_dim, config, rng))
                for part in segment.split(EMBEDDING_BATCH_SIZE)]))
        collected.append(torch.stack(parts).mean(dim=0))
    return torch.stack(collected)
