# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Reinforcement learning: the base policy, and branches that each want something else.

A branch earns a random mixture of the benchmark's reward and of the contacts of all feet, as the
branches of PPGA do (Batra et al. 2024, proximal policy gradient arborescence), on which Policy
Diffusion built its archives. Learning a little of it moves a policy across the grid and keeps it
moving well, which random changes of 19,000 weights do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.gymnasium_locomotion.building.config import LocomotionArchiveConfig
from policy_gen_ros.domains.gymnasium_locomotion.building.elites import ElitePolicies, try_out
from policy_gen_ros.domains.gymnasium_locomotion.robot import ACTIVATION, Robot
from policy_gen_ros.domains.gymnasium_locomotion.rollout import episode_seeds
from policy_gen_ros.domains.gymnasium_locomotion.simulation import Robots
from policy_gen_ros.policies.weights import Layers
from policy_gen_ros.training.ppo import (
    advantages,
    Experience,
    Learner,
    new_network,
    rate_share,
)
import torch


@dataclass(frozen=True)
class BranchJob:
    """Branches that one process trains side by side; ``run`` is their number in the archive."""

    run: int
    wave: int
    seed: int


def train_base(robot: Robot, config: LocomotionArchiveConfig,
               done: Callable[[], object]) -> Layers:
    """
    Train a policy for the benchmark's reward alone.

    :param done: called after each iteration
    """
    start = first_weights(robot.layer_sizes, config.seed)
    learner = Learner([start], critic_input(robot), config.base_ppo, config.seed, ACTIVATION)
    collector = BranchRollouts(robot, learner, reward_alone(robot)[None], config.base_robots,
                               config, [config.seed, 0])
    for iteration in range(config.base_iterations):
        collector.learn(rate_share(iteration, config.base_iterations, config.final_share))
        done()
    return learner.actors.layers(0)


def train_branches(robot: Robot, config: LocomotionArchiveConfig, starts: Sequence[Layers],
                   job: BranchJob) -> ElitePolicies:
    """Train branches, try them out along the way, and return the best of each cell."""
    rng = np.random.default_rng(job.seed)
    learner = Learner(starts, critic_input(robot), config.branch_ppo, job.seed, ACTIVATION)
    collector = BranchRollouts(robot, learner, mixtures(robot, len(starts), rng),
                               config.branch_robots, config, [job.seed, 1])
    found = ElitePolicies.none(robot)
    for iteration in range(-config.warm_up_iterations, config.branch_iterations):
        collector.learn(rate_share(iteration, config.branch_iterations, config.final_share))
        done = iteration + 1
        if done > 0 and done % config.keep_every == 0:
            tried = try_out(learner.actors.vectors().numpy(), robot, config,
                            [job.seed, 2, done], job.run, done / config.branch_iterations)
            found = found.merged(tried, config.depth)
    return found


def first_weights(sizes: tuple[int, ...], seed: int) -> Layers:
    """Return random weights with which all actions are about zero."""
    *layers, (weight, bias) = new_network(sizes, seed)
    return (*layers, (0.01 * weight, bias))


def critic_input(robot: Robot) -> int:
    """Size of what critics see: the contacts of the last control period as well."""
    return robot.observation_dim + len(robot.feet)


def reward_alone(robot: Robot) -> np.ndarray:
    """Return the mixture that is the benchmark's reward. Shape: (1 + feet,)."""
    return np.array([1.0] + [0.0] * len(robot.feet))


def mixtures(robot: Robot, count: int, rng: np.random.Generator) -> np.ndarray:
    """Weights of the reward, and of the contact of each foot. Shape: (count, 1 + feet)."""
    return np.column_stack([0.5 * rng.random(count) ** 2,
                            rng.uniform(-1, 1, (count, len(robot.feet)))])


class BranchRollouts:
    """
    Robots that explore; those of one policy are adjacent.

    :param mixture: what each policy earns; see :func:`mixtures`. Shape: (policies, 1 + feet)
    :param each: robots of a policy
    :param seed: of all randomness
    """

    def __init__(self, robot: Robot, learner: Learner, mixture: np.ndarray, each: int,
                 config: LocomotionArchiveConfig, seed: Sequence[int]) -> None:
        self._robot, self._learner, self._each, self._config = robot, learner, each, config
        self._mixture = mixture.repeat(each, axis=0)
        self._seed, self._iteration = list(seed), 0
        self._random = np.random.default_rng([*self._seed, 1])
        self._generator = torch.Generator().manual_seed(int(episode_seeds(self._seed, 1)[0]))
        self._begin()

    def _begin(self) -> None:
        count = len(self._mixture)
        self._robots = Robots(
            self._robot, episode_seeds([*self._seed, self._iteration], count))
        self._contact = np.zeros((count, len(self._robot.feet)))

    def _renew(self, chosen: np.ndarray) -> None:
        """Begin a new episode with some. Shape: (n,), bool."""
        self._robots.reset(chosen)
        self._contact[chosen] = 0.0

    def _observe(self) -> np.ndarray:
        """Return what policies see. Shape: (n, any), float32."""
        return self._robots.observe()

    def learn(self, share: float) -> None:
        """
        Gather experience of an iteration, and learn from it.

        :param share: of the learning rate; zero where only critics learn
        """
        if self._iteration % self._config.stage_iterations == 0:
            self._begin()
        self._iteration += 1
        self._learner.learn(self._gather(), share, self._generator)

    def _gather(self) -> Experience:
        """Explore for the horizon, and one step more for the value of the last state."""
        ppo, parts = self._learner.config, []
        rewards, failures, values = [], [], []
        for _ in range(self._config.horizon + 1):
            seen = self._observe()
            observation = self._by_policy(seen)
            wide = self._by_policy(np.concatenate([seen, self._contact], axis=1))
            with torch.no_grad():
                mean = self._learner.actors(observation)
                values.append(self._learner.critics(wide)[..., 0].numpy())
            action, log_prob = self._learner.explore(mean, self._generator)
            gained, self._contact, _ = self._robots.step(action.flatten(0, 1).numpy())
            reward = (self._mixture * np.column_stack(
                [gained / self._robot.good_reward, self._contact])).sum(axis=1)
            failed = self._robots.failed.copy()
            rewards.append(np.where(failed, 0.0, reward + self._config.survival_reward))
            failures.append(failed)
            self._renew(failed)
            parts.append((observation, wide, action, log_prob))
        shape = (-1, values[0].shape[0], self._each)
        # In units of a whole future at one a step, so that the critics' outputs are about one.
        earned = (1 - ppo.discount) * np.reshape(rewards[:-1], shape).astype(np.float32)
        value = np.stack(values)
        advantage = advantages(earned, value, np.reshape(failures[:-1], shape), ppo.discount,
                               ppo.gae_lambda)
        rows = [torch.stack(part, dim=1).flatten(1, 2) for part in zip(*parts[:-1])]
        return Experience(*rows, *(
            torch.from_numpy(part).transpose(0, 1).flatten(1)
            for part in (advantage, advantage + value[:-1])))

    def _by_policy(self, rows: np.ndarray) -> torch.Tensor:
        wide = torch.from_numpy(rows.astype(np.float32))
        return wide.reshape(-1, self._each, rows.shape[1])
