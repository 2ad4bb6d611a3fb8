# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
A policy that is conditioned on what it earns, and the many policies that it holds.

A robot that falls has to learn to stay up before its contacts can change, and most of what a
branch learns by itself is that. Here one network learns for all mixtures of reward and contacts
at once, and is given the mixture as an input (Abels et al. 2019, conditioned network). For one
mixture this input is constant, so it folds into the biases of the first layer, and what is left
is a policy like any other (as in Faldor et al. 2024, DCRL-MAP-Elites).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.gymnasium_locomotion.building.branches import (
    BranchRollouts,
    critic_input,
    first_weights,
    reward_alone,
)
from policy_gen_ros.domains.gymnasium_locomotion.building.config import LocomotionArchiveConfig
from policy_gen_ros.domains.gymnasium_locomotion.building.elites import ElitePolicies, try_out
from policy_gen_ros.domains.gymnasium_locomotion.robot import ACTIVATION, Robot
from policy_gen_ros.policies.weights import ActorWeights, Layers
from policy_gen_ros.training.ppo import Learner, rate_share

REWARD_WEIGHTS = (0.3, 2.0)
"""Least and largest weight of the reward. With 0.1 to 1 most mixtures pay best for standing on one
leg or on both, and one of two trainings gave nothing else."""


@dataclass(frozen=True)
class ConditionJob:
    """Policies of random mixtures that one process tries out; ``run`` is their number."""

    run: int
    seed: int


def train_conditioned(robot: Robot, config: LocomotionArchiveConfig,
                      done: Callable[[], object]) -> Layers:
    """
    Train a policy for all mixtures, which are its last inputs.

    :param done: called after each iteration
    """
    inputs, *later = robot.layer_sizes
    mixture = reward_alone(robot)
    start = first_weights((inputs + len(mixture), *later), config.seed)
    learner = Learner([start], critic_input(robot) + len(mixture), config.base_ppo, config.seed,
                      ACTIVATION)
    collector = ConditionedRollouts(robot, learner, mixture[None], config.base_robots, config,
                                    [config.seed, 0])
    for iteration in range(config.base_iterations):
        collector.learn(rate_share(iteration, config.base_iterations, config.final_share))
        done()
    return learner.actors.layers(0)


def conditions(robot: Robot, count: int, rng: np.random.Generator) -> np.ndarray:
    """Weights of the reward, and of the contact of each foot. Shape: (count, 1 + feet)."""
    return np.column_stack([rng.uniform(*REWARD_WEIGHTS, count),
                            rng.uniform(-1, 1, (count, len(robot.feet)))])


def folded(layers: Layers, condition: np.ndarray) -> Layers:
    """
    Return the policy of one condition.

    :param layers: of a conditioned policy
    :param condition: Shape: (1 + feet,)
    """
    (weight, bias), *later = layers
    own, of_condition = np.split(weight, [-len(condition)], axis=1)
    return ((np.ascontiguousarray(own), (bias + of_condition @ condition).astype(np.float32)),
            *later)


def try_conditions(robot: Robot, config: LocomotionArchiveConfig, layers: Layers,
                   job: ConditionJob) -> ElitePolicies:
    """Try out the policies of random conditions, and return the best of each cell."""
    rng = np.random.default_rng(job.seed)
    vectors = np.stack([
        ActorWeights.vector_from_layers(folded(layers, condition))
        for condition in conditions(robot, config.conditions, rng)])
    found = try_out(vectors, robot, config, [job.seed], job.run, 1.0)
    return ElitePolicies.none(robot).merged(found, config.depth)


class ConditionedRollouts(BranchRollouts):
    """Robots of one policy, each with a mixture of its own, which changes with the episode."""

    def _begin(self) -> None:
        self._mixture = conditions(self._robot, len(self._mixture), self._random)
        super()._begin()

    def _renew(self, chosen: np.ndarray) -> None:
        super()._renew(chosen)
        self._mixture[chosen] = conditions(self._robot, int(chosen.sum()), self._random)

    def _observe(self) -> np.ndarray:
        return np.concatenate([super()._observe(), self._mixture.astype(np.float32)], axis=1)
