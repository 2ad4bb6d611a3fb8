# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Robots that practise: a stage of reinforcement learning in one batch of twins."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.base_config import FinetuningConfig
from policy_gen_ros.domains.go2.building.collect import random_commands
from policy_gen_ros.domains.go2.building.reward import reward_terms
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import observation_dim
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.closed_loop import ClosedLoop
from policy_gen_ros.training.ppo import advantages, Experience, Learner
import torch

COMMAND_CHANGE = 1 / 150
"""Chance of a new velocity command, a robot and tick."""


def privileged_dim(adaptor: Adaptor) -> int:
    """How many values critics see under this adaptor, the condition not counted."""
    return observation_dim(adaptor.latent_dim) + 9


class RolloutCollector:
    """
    The robots of one stage; those of one actor are adjacent.

    :param gaits, nominal: of each robot. Shapes: (n,), (n, 3)
    :param condition: what each robot's policy is told beside its observation. Shape: (n, any)
    :param seed: of all randomness
    """

    def __init__(self, learner: Learner, actors: int, gaits: GaitParameters, nominal: np.ndarray,
                 adaptor: Adaptor, config: FinetuningConfig, seed: list[int],
                 condition: np.ndarray | None = None) -> None:
        n = len(gaits)
        self.rng = np.random.default_rng(seed)
        self.generator = torch.Generator().manual_seed(int(self.rng.integers(2**62)))
        self.learner, self.actors = learner, actors
        self._weights = np.array(astuple(config.reward))
        self.gaits, self.nominal = gaits, nominal
        self.condition = np.zeros((n, 0)) if condition is None else condition
        self.twin = BatchTwin(n, int(self.rng.integers(2**31)), config.perturbation)
        self.twin.reset(speed_noise=0.5)
        self.loop = ClosedLoop(self.twin, adaptor, gaits.frequency_hz, self.rng.random(n))
        self.command = random_commands(self.gaits, self.nominal, self.rng)
        self._reward: list[torch.Tensor] = []
        self._fell: list[torch.Tensor] = []

    def gather(self, ticks: int) -> Experience:
        """Explore for so many ticks, and one more for the value of the last state."""
        ppo = self.learner.config
        observations, privileged, actions, log_probs, values = [], [], [], [], []
        start = len(self._reward)
        for t in range(ticks + 1):
            observation, wide = self._observe()
            with torch.no_grad():
                mean = self.learner.actors(observation)
                values.append(self.learner.critics(wide)[..., 0])
            action, log_prob = self.learner.explore(mean, self.generator)
            reward, fell = self._apply(action)
            if t < ticks:
                observations.append(observation)
                privileged.append(wide)
                actions.append(action)
                log_probs.append(log_prob)
                self._reward.append(reward)
                self._fell.append(fell)
        # In units of a whole future at one a tick, so that the critics' outputs are about one.
        earned = (1 - ppo.discount) * torch.stack(self._reward[start:]).numpy()
        value = torch.stack(values)
        advantage = torch.from_numpy(advantages(
            earned, value.numpy(), torch.stack(self._fell[start:]).numpy(), ppo.discount,
            ppo.gae_lambda))
        rows = [torch.stack(part, dim=1).flatten(1, 2)
                for part in (observations, privileged, actions, log_probs)]
        return Experience(*rows, *(part.transpose(0, 1).flatten(1)
                                   for part in (advantage, advantage + value[:-1])))

    def _observe(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Read what actors and critics see. Shapes: (actors, robots, any) each."""
        change = self.rng.random(self.twin.count) < COMMAND_CHANGE
        self.command[change] = random_commands(self.gaits[change], self.nominal[change], self.rng)
        observation, _ = self.loop.observe(self.command)
        truth = self.twin.truth()
        observation = np.concatenate([observation, self.condition], axis=1)
        wide = np.concatenate([
            observation, truth.base_velocity, (truth.height[:, None] - 0.28) / 0.05,
            truth.contact[:, -1], self._known()], axis=1)
        return self._by_actor(observation), self._by_actor(wide)

    def _known(self) -> np.ndarray:
        """Return what critics are told of what was drawn. Shape: (n, any)."""
        return self.twin.friction[:, None]

    def _apply(self, action: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Step; fallen robots earn nothing and start afresh. Shapes: (actors, robots)."""
        phase, last_action = self.loop.phase, self.loop.last_action
        executed = action.clamp(-go2.ACTION_CLIP, go2.ACTION_CLIP).flatten(0, 1).numpy()
        self.loop.apply(executed)
        terms = self._weights * reward_terms(
            self.twin.truth(), go2.gravity_in_body(self.twin.quaternion), phase, self.command,
            executed, last_action, self.gaits)
        fell = self.twin.fallen.copy()
        reward = np.where(fell, 0.0, terms.sum(axis=1))
        if fell.any():
            self.loop.reset(np.flatnonzero(fell))
        return self._by_actor(reward[:, None])[..., 0], \
            torch.from_numpy(fell).reshape(self.actors, -1)

    def _by_actor(self, rows: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(rows.astype(np.float32)).reshape(self.actors, -1, rows.shape[1])

    def mean_reward(self) -> torch.Tensor:
        """Of a tick so far. Shape: (actors,)."""
        return torch.stack(self._reward).mean(dim=(0, 2))

    def falls_per_s(self) -> torch.Tensor:
        """Of a robot so far. Shape: (actors,)."""
        return torch.stack(self._fell).float().mean(dim=(0, 2)) / go2.CONTROL_DT_S
