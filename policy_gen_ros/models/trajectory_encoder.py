# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Trajectory condition: contrastive behaviour embeddings (Make-An-Agent, section 3).

A trajectory is cut into segments. ``h`` embeds a segment's states and targets, ``v`` the states
that come after; InfoNCE with a bilinear form pulls h and v of one behaviour together. The
embedding of a whole trajectory is the mean of its segments' (h, v). Of a task that is done at some
time, v embeds the first states after that, as in the paper's MetaWorld experiments.
"""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.trajectory import TrajectorySpec
import torch
from torch import nn, Tensor

EMBEDDING_DIM = 64
TRAJECTORY_FEATURES = 2 * EMBEDDING_DIM


class _SegmentNetwork(nn.Module):
    """Temporal convolutions over one segment, pooled over time."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(channels, 64, 5, stride=2, padding=2), nn.SiLU(),
            nn.Conv1d(64, 96, 5, stride=2, padding=2), nn.SiLU(),
            nn.Conv1d(96, 96, 3, padding=1), nn.SiLU())
        self.head = nn.Sequential(nn.Linear(192, 96), nn.SiLU(), nn.Linear(96, EMBEDDING_DIM))

    def forward(self, rows: Tensor) -> Tensor:
        """Shape: (n, segment_rows, channels) -> (n, 64)."""
        hidden = self.body(rows.transpose(1, 2))
        # Mean and spread over time do not depend on where in the gait cycle the segment starts.
        return self.head(torch.cat([hidden.mean(dim=2), hidden.std(dim=2)], dim=1))


class _OutcomeNetwork(nn.Module):
    """A multilayer perceptron over a few rows."""

    def __init__(self, rows: int, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(rows * channels, 128), nn.SiLU(),
                                  nn.Linear(128, 96), nn.SiLU(), nn.Linear(96, EMBEDDING_DIM))

    def forward(self, rows: Tensor) -> Tensor:
        """Shape: (n, rows, channels) -> (n, 64)."""
        return self.body(rows)


class BehaviorEncoder(nn.Module):
    """The pair of segment networks and the bilinear form of InfoNCE."""

    def __init__(self, spec: TrajectorySpec) -> None:
        super().__init__()
        self.spec = spec
        self.state_target = _SegmentNetwork(spec.dim + 1)
        self.later_states = _OutcomeNetwork(spec.outcome_rows, spec.state_dim) \
            if spec.outcome_rows else _SegmentNetwork(spec.state_dim)
        self.bilinear = nn.Parameter(torch.eye(EMBEDDING_DIM) * 0.1)

    def forward(self, features: Tensor) -> Tensor:
        """(h, v) of each segment. Shape: (n, segment_rows + outcome_rows, dim + 1) -> (n, 128)."""
        return torch.cat([self._h(features), self._v(features)], dim=1)

    def _h(self, features: Tensor) -> Tensor:
        return self.state_target(features[:, :self.spec.segment_rows])

    def _v(self, features: Tensor) -> Tensor:
        rows = features[:, self.spec.segment_rows:] if self.spec.outcome_rows else features
        return self.later_states(rows[..., :self.spec.state_dim])

    def contrastive_loss(self, segment: Tensor, later: Tensor) -> Tensor:
        """
        InfoNCE: which later states belong to which segment (equation 2 of the paper).

        Shapes: (n, segment_rows + outcome_rows, dim + 1) both; row i of each comes from one
        behaviour.
        """
        h, v = self._h(segment), self._v(later)
        logits = h @ self.bilinear @ v.T
        return nn.functional.cross_entropy(logits, torch.arange(len(h), device=h.device))

    @torch.inference_mode()
    def embed(self, trajectory: np.ndarray) -> np.ndarray:
        """Embedding of a whole trajectory. Shape: (time >= min_rows, dim) -> (128,)."""
        device = self.bilinear.device
        features = torch.from_numpy(self.spec.features(self.spec.cut(trajectory))).to(device)
        return self(features).mean(dim=0).cpu().numpy()
