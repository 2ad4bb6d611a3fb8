# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Proximal policy optimisation (Schulman et al. 2017) of many actors at once.

Parameters are stacked. Each actor has its own critic, advantages, normalisation and gradient norm,
and Adam works on each number by itself, so that no actor learns from another's experience (but for
an adaptive learning rate, which they share). Exploration is Gaussian.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
import math
from typing import Any

import numpy as np
from policy_gen_ros.policies.weights import Layers
from policy_gen_ros.training.actor_batch import ActorBatch
from policy_gen_ros.training.ppo_config import PpoConfig
import torch

RATE_LIMITS = (1e-5, 1e-3)
"""Of an adaptive learning rate."""
RATE_STEP = 1.5
LARGEST_RATIO = 3.0
"""
Of the new probability of an action to its old one: what is likelier by more and was bad teaches
nothing (dual clip, Ye et al. 2020). Improbable actions would else give gradients without limit.
"""
NOISE_RATE = 1e-3
"""Learning rate of exploration: at that of a policy it would hardly change in a run."""


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


def divergence(mean: torch.Tensor, std: torch.Tensor, new_mean: torch.Tensor,
               new_std: torch.Tensor) -> torch.Tensor:
    """
    Kullback-Leibler divergence of a Gaussian of independent actions from a new one.

    Shape: (..., any) each -> (...)
    """
    spread = (std.square() + (mean - new_mean).square()) / (2 * new_std.square())
    return ((new_std / std).log() + spread - 0.5).sum(dim=-1)


class Learner:
    """
    Actors, their critics and the optimisers.

    :param starts: weights that each actor begins with
    :param privileged_dim: size of the critics' input
    :param seed: of the critics' first weights
    :param activation: of the actors' hidden layers
    :param kind: what the actors' weights make
    :ivar rate: the learning rate of the actors, of which :meth:`learn` takes a share
    """

    def __init__(self, starts: Sequence[Layers], privileged_dim: int, config: PpoConfig,
                 seed: int, activation: str = 'elu',
                 kind: type[ActorBatch] = ActorBatch) -> None:
        self.config = config
        self.actors = kind.stack(starts, activation)
        self.critics = ActorBatch(new_network((privileged_dim, *config.critic_hidden, 1), seed),
                                  len(starts))
        self._log_std = torch.full((len(starts), 1, starts[0][-1][1].size),
                                   math.log(config.noise)).requires_grad_()
        self._learned = self.actors.parameters + [self._log_std] * config.learned_noise
        self.rate = config.learning_rate
        groups = [{'params': self.actors.parameters}]
        if config.learned_noise:
            groups.append({'params': [self._log_std]})
        self._actor_optimizer = torch.optim.Adam(groups)
        self._critic_optimizer = torch.optim.Adam(self.critics.parameters,
                                                  config.critic_learning_rate)

    def log_prob(self, action: torch.Tensor, mean: torch.Tensor) -> torch.Tensor:
        """Logarithm of densities, up to a constant. Shape: (actors, n, any) -> (actors, n)."""
        if not self.config.learned_noise:
            return -0.5 * ((action - mean) / self.config.noise).square().sum(dim=-1)
        scaled = (action - mean) / self._log_std.exp()
        return -0.5 * scaled.square().sum(dim=-1) - self._log_std.sum(dim=-1)

    @torch.no_grad()
    def explore(self, mean: torch.Tensor,
                generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Draw actions, and say their :meth:`log_prob`. Shapes: (actors, n, any), (actors, n)."""
        action = mean + self.noise() * torch.randn(mean.shape, generator=generator)
        return action, self.log_prob(action, mean)

    def noise(self) -> torch.Tensor | float:
        """Return the standard deviation of exploration. Shape: (actors, 1, any) or ()."""
        return self._log_std.detach().exp() if self.config.learned_noise else self.config.noise

    def learn(self, experience: Experience, share: float, generator: torch.Generator) -> None:
        """
        Improve the critics, and the actors where ``share`` is not zero.

        :param share: of the actors' learning rate
        """
        c, e = self.config, experience
        with torch.no_grad():  # the policy that gathered it, where that is asked for
            old = self.actors(e.observation) if c.desired_kl else torch.empty(0)
            old_std = self._log_std.exp()
        self._set_rate(share)
        spread = e.advantage.std(dim=1, keepdim=True) + 1e-6
        normalised = (e.advantage - e.advantage.mean(dim=1, keepdim=True)) / spread
        for _ in range(c.epochs):
            order = torch.randperm(e.target.shape[1], generator=generator)
            for pick in order.chunk(c.minibatches):
                value = self.critics(e.privileged[:, pick])[..., 0]
                loss = (value - e.target[:, pick]).square().mean(dim=1).sum()
                self._step(self._critic_optimizer, self.critics.parameters, loss)
                if share == 0:
                    continue
                mean = self.actors(e.observation[:, pick])
                if c.desired_kl:
                    self._adapt_rate(old[:, pick], old_std, mean)
                    self._set_rate(share)
                likelier = self.log_prob(e.action[:, pick], mean) - e.log_prob[:, pick]
                ratio = likelier.clamp(max=math.log(LARGEST_RATIO)).exp()
                gain = torch.minimum(ratio * normalised[:, pick],
                                     ratio.clamp(1 - c.clip, 1 + c.clip) * normalised[:, pick])
                loss = -gain.mean(dim=1).sum()
                if c.entropy:  # of a Gaussian, up to a constant
                    loss = loss - c.entropy * self._log_std.sum()
                self._step(self._actor_optimizer, self._learned, loss)

    def _set_rate(self, share: float) -> None:
        for group, rate in zip(self._actor_optimizer.param_groups, (self.rate, NOISE_RATE)):
            group['lr'] = share * rate

    @torch.no_grad()
    def _adapt_rate(self, old: torch.Tensor, old_std: torch.Tensor, mean: torch.Tensor) -> None:
        low, high = RATE_LIMITS
        moved = float(divergence(old, old_std, mean, self._log_std.exp()).mean())
        if moved > 2 * self.config.desired_kl:
            self.rate = max(low, self.rate / RATE_STEP)
        elif moved < self.config.desired_kl / 2:
            self.rate = min(high, self.rate * RATE_STEP)

    def _step(self, optimizer: torch.optim.Optimizer, parameters: list[torch.Tensor],
              loss: torch.Tensor) -> None:
        optimizer.zero_grad()
        loss.backward()
        gradients = [p.grad for p in parameters if p.grad is not None]
        norm = torch.stack([g.square().sum(dim=(1, 2)) for g in gradients]).sum(dim=0).sqrt()
        scale = (self.config.max_gradient_norm / (norm + 1e-6)).clamp(max=1.0)
        for gradient in gradients:
            gradient.mul_(scale[:, None, None])
        optimizer.step()

    def state(self) -> dict[str, Any]:
        """All that learning changes, for ``torch.save``."""
        return {'actors': self.actors.parameters, 'critics': self.critics.parameters,
                'log_std': self._log_std, 'rate': self.rate,
                'actor_optimizer': self._actor_optimizer.state_dict(),
                'critic_optimizer': self._critic_optimizer.state_dict()}

    @torch.no_grad()
    def load_state(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state` gave."""
        for mine, stored in zip(self.actors.parameters + self.critics.parameters,
                                state['actors'] + state['critics']):
            mine.copy_(stored)
        self._log_std.copy_(state['log_std'])
        self.rate = state['rate']
        self._actor_optimizer.load_state_dict(state['actor_optimizer'])
        self._critic_optimizer.load_state_dict(state['critic_optimizer'])


def new_network(sizes: Sequence[int], seed: int) -> Layers:
    """Make a network with random weights, scaled by the units of each layer's input."""
    rng = np.random.default_rng(seed)
    return tuple(
        ((rng.standard_normal((b, a)) / np.sqrt(a)).astype(np.float32), np.zeros(b, np.float32))
        for a, b in pairwise(sizes))
