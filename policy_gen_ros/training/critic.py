# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
A critic: how the actor that a sample stands for will walk.

It learns from samples that were walked, those that fell included. A walk of some seconds takes the
twin a tenth of a second; the critic scores a thousand samples in a few milliseconds, and its
score has a gradient, which a walk has not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.training.config import CriticConfig
from policy_gen_ros.training.loop import Batch, fit, TrainingRun
import torch
from torch import nn, Tensor


@dataclass(frozen=True)
class CriticSamples:
    """
    Samples that were walked for known behaviours, and what came of it.

    Shapes, n samples: ``behavior`` (n,) row of the behaviour that was asked for; ``samples``
    (n, latent + extras) as they were drawn; ``relabelled`` the same, with the measures
    that were reached; ``gait`` (n,) 0 where it fails, else 1 + row in the domain's groups;
    ``measures`` (n, measures) that were reached, NaN without a rhythm; ``reward`` (n,); ``clip``
    (n, 128) embedded trajectory of sound walks.
    """

    behavior: Tensor
    samples: Tensor
    relabelled: Tensor
    gait: Tensor
    measures: Tensor
    reward: Tensor
    clip: Tensor

    def __len__(self) -> int:
        return len(self.samples)

    @classmethod
    def joined(cls, parts: Sequence[CriticSamples]) -> CriticSamples:
        """All parts, one after the other."""
        return cls(*(torch.cat([getattr(part, field.name) for part in parts])
                     for field in fields(cls)))


def gaits(domain: Domain, measures: np.ndarray, sound: np.ndarray | bool = True) -> Tensor:
    """
    Return the group, such as a gait, as the critic counts them.

    :param measures: Shape: (n, measures)
    :param sound: who succeeds. Shape: (n,), bool
    :return: Shape: (n,), int64
    """
    number = {name: 1 + i for i, name in enumerate(domain.groups)}
    known = np.array([number.get(name, 0) for name in domain.label(measures).tolist()])
    return torch.from_numpy(np.where(sound, known, 0))


class Critic(nn.Module):
    """
    An ensemble of multilayer perceptrons.

    :param samples: whose scale it takes. Shape: (n, latent + extras)
    """

    centre: Tensor
    spread: Tensor

    def __init__(self, samples: Tensor, domain: Domain, config: CriticConfig) -> None:
        super().__init__()
        self._config = config
        self._sizes = [1 + len(domain.groups), len(domain.extras.plain), 1]
        self.register_buffer('centre', samples.mean(dim=0))
        self.register_buffer('spread', samples.std(dim=0) + 1e-3)
        self.members = nn.ModuleList(_member(samples.shape[1], sum(self._sizes), config)
                                     for _ in range(config.members))

    def forward(self, samples: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """
        Score samples, each member for itself.

        :return: logits of failing and of each group (members, n, 1 + groups); the plain measures
            of the domain's extras, in spreads (members, n, plain); reward (members, n)
        """
        known = ((samples - self.centre) / self.spread).clamp(
            -self._config.farthest, self._config.farthest)
        if self.training:
            known = known + self._config.blur * torch.randn_like(known)
        scored = torch.stack([member(known) for member in self.members])
        gait, measures, reward = scored.split(self._sizes, dim=-1)
        return gait, measures, self._config.reward_spread * reward[..., 0]


def in_spreads(domain: Domain, values: Tensor) -> Tensor:
    """
    Measures as a critic foresees them: those that no control and no group tells.

    Shape: (n, measures) -> (n, plain), float32
    """
    plain = domain.extras.plain
    centre, spread = (torch.from_numpy(numbers[plain]).to(values.device)
                      for numbers in (domain.measures.centre, domain.measures.spread))
    return ((values[:, plain] - centre) / spread).float()


def train_critic(domain: Domain, tried: CriticSamples, steps: int, config: CriticConfig,
                 seed: int = 0) -> Critic:
    """Train a critic on what was tried."""
    torch.manual_seed(seed)
    critic = Critic(tried.samples, domain, config)
    reached = in_spreads(domain, tried.measures.nan_to_num())

    def draw(rng: np.random.Generator) -> Batch:
        pick = torch.from_numpy(rng.integers(0, len(tried), config.batch))
        return {'samples': tried.samples[pick], 'gait': tried.gait[pick],
                'reached': reached[pick], 'reward': tried.reward[pick]}

    def loss(samples: Tensor, gait: Tensor, reached: Tensor, reward: Tensor) -> Tensor:
        logits, measures, foreseen = critic(samples)
        wrong = nn.functional.cross_entropy(
            logits.flatten(0, 1), gait.repeat(config.members),
            label_smoothing=config.label_smoothing)
        # What a fallen robot measures would only blur what a walking one will.
        sound = (gait > 0).float()
        missed = (measures - reached).square().mean(dim=-1) \
            + ((foreseen - reward) / config.reward_spread).square()
        return wrong + config.measure_weight * (sound * missed).mean()

    fit(critic, loss, draw, TrainingRun(steps, seed), config.optimizer, 'critic')
    return critic.eval().requires_grad_(False)


def _member(sample_dim: int, outputs: int, config: CriticConfig) -> nn.Module:
    width, dropout = config.width, config.dropout
    return nn.Sequential(
        nn.Linear(sample_dim, width), nn.SiLU(), nn.Dropout(dropout),
        nn.Linear(width, width), nn.SiLU(), nn.Dropout(dropout),
        nn.Linear(width, width), nn.SiLU(), nn.Linear(width, outputs))
