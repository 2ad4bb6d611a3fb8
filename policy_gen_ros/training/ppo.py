# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Proximal policy optimisation (Schulman et al. 2017) of many actors at once.

Parameters are stacked. Each actor has its own critic, advantages, normalisation and gradient norm,
and Adam works on each number by itself, so that no actor learns from another's experience.
Exploration is Gaussian with a fixed spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from policy_gen_ros.policies.weights import Layers
from policy_gen_ros.training.actor_batch import ActorBatch
from policy_gen_ros.training.ppo_config import PpoConfig
import torch


@dataclass(frozen=True)
class Experience:
    """
    What the robots of each actor met in an iteration.

    Shapes: ``observation`` (actors, samples, any); ``privileged``, the critics' input (actors,
    samples, any); ``action``, before clipping (actors, samples, any); ``log_prob``, up to a
    constant, ``advantage``, ``target``, of the critics (actors, samples).
    """

    observation: torch.Tensor
    privileged: torch.Tensor
    action: torch.Tensor
    log_prob: torch.Tensor
    advantage: torch.Tensor
    target: torch.Tensor


def rate_share(learnt: int, stages: int, final_share: float) -> float:
    """Share of the learning rate after so many stages: it falls; zero while critics warm up."""
    return 0.0 if learnt < 0 else 1 - (1 - final_share) * learnt / stages


def advantages(reward: np.ndarray, value: np.ndarray, fell: np.ndarray, discount: float,
               gae_lambda: float) -> np.ndarray:
    """
    Generalised advantage estimation (Schulman et al. 2016, equation 16).

    :param value: of the states met, and of the one after the last. Shape: (ticks + 1, ...)
    :param fell: the episode ended in this tick: nothing is earned after it. Shape: (ticks, ...)
    :return: Shape: (ticks, ...)
    """
    result = np.zeros_like(reward)
    later = np.zeros_like(reward[0])
    for t in reversed(range(len(reward))):
        goes_on = ~fell[t]
        surprise = reward[t] + discount * goes_on * value[t + 1] - value[t]
        later = surprise + discount * gae_lambda * goes_on * later
        result[t] = later
    return result


class Learner:
    """
    Actors, their critics and the optimisers.

    :param starts: weights that each actor begins with
    :param privileged_dim: size of the critics' input
    :param seed: of the critics' first weights
    :param activation: of the actors' hidden layers
    """

    def __init__(self, starts: Sequence[Layers], privileged_dim: int, config: PpoConfig,
                 seed: int, activation: str = 'elu') -> None:
        self.config = config
        self.actors = ActorBatch.stack(starts, activation)
        self.critics = ActorBatch(new_network((privileged_dim, *config.critic_hidden, 1), seed),
                                  len(starts))
        self._actor_optimizer = torch.optim.Adam(self.actors.parameters)
        self._critic_optimizer = torch.optim.Adam(self.critics.parameters,
                                                  config.critic_learning_rate)

    def log_prob(self, action: torch.Tensor, mean: torch.Tensor) -> torch.Tensor:
        """Logarithm of an action's density, up to a constant. Shape: (..., any) -> (...)."""
        return -0.5 * ((action - mean) / self.config.noise).square().sum(dim=-1)

    def learn(self, experience: Experience, share: float, generator: torch.Generator) -> None:
        """
        Improve the critics, and the actors where ``share`` is not zero.

        :param share: of the actors' learning rate
        """
        c, e = self.config, experience
        for group in self._actor_optimizer.param_groups:
            group['lr'] = share * c.learning_rate
        spread = e.advantage.std(dim=1, keepdim=True) + 1e-6
        normalised = (e.advantage - e.advantage.mean(dim=1, keepdim=True)) / spread
        for _ in range(c.epochs):
            order = torch.randperm(e.target.shape[1], generator=generator)
            for pick in order.chunk(c.minibatches):
                value = self.critics(e.privileged[:, pick])[..., 0]
                loss = (value - e.target[:, pick]).square().mean(dim=1).sum()
                self._step(self._critic_optimizer, self.critics, loss)
                if share == 0:
                    continue
                mean = self.actors(e.observation[:, pick])
                ratio = (self.log_prob(e.action[:, pick], mean) - e.log_prob[:, pick]).exp()
                gain = torch.minimum(ratio * normalised[:, pick],
                                     ratio.clamp(1 - c.clip, 1 + c.clip) * normalised[:, pick])
                self._step(self._actor_optimizer, self.actors, -gain.mean(dim=1).sum())

    def _step(self, optimizer: torch.optim.Optimizer, batch: ActorBatch,
              loss: torch.Tensor) -> None:
        optimizer.zero_grad()
        loss.backward()
        gradients = [p.grad for p in batch.parameters if p.grad is not None]
        norm = torch.stack([g.square().sum(dim=(1, 2)) for g in gradients]).sum(dim=0).sqrt()
        scale = (self.config.max_gradient_norm / (norm + 1e-6)).clamp(max=1.0)
        for gradient in gradients:
            gradient.mul_(scale[:, None, None])
        optimizer.step()

    def state(self) -> dict[str, Any]:
        """All that learning changes, for ``torch.save``."""
        return {'actors': self.actors.parameters, 'critics': self.critics.parameters,
                'actor_optimizer': self._actor_optimizer.state_dict(),
                'critic_optimizer': self._critic_optimizer.state_dict()}

    @torch.no_grad()
    def load_state(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state` gave."""
        for mine, stored in zip(self.actors.parameters + self.critics.parameters,
                                state['actors'] + state['critics']):
            mine.copy_(stored)
        self._actor_optimizer.load_state_dict(state['actor_optimizer'])
        self._critic_optimizer.load_state_dict(state['critic_optimizer'])


def new_network(sizes: Sequence[int], seed: int) -> Layers:
    """Make a network with random weights, scaled by the units of each layer's input."""
    rng = np.random.default_rng(seed)
    return tuple(
        ((rng.standard_normal((b, a)) / np.sqrt(a)).astype(np.float32), np.zeros(b, np.float32))
        for a, b in pairwise(sizes))
