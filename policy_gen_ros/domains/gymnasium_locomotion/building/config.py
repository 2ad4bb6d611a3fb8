# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Sizes and seed of an archive of gaits. Imports no simulator: the command line reads it."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from policy_gen_ros.domains.gymnasium_locomotion.robot import TRAJECTORY_ROWS
from policy_gen_ros.training.ppo_config import PpoConfig
from policy_gen_ros.utils.config import (
    configuration,
    Count,
    NotNegative,
    NotNegativeCount,
    Share,
)
from pydantic import Field

EpisodeSteps = Annotated[int, Field(ge=TRAJECTORY_ROWS)]
"""At least the rows of a stored trajectory."""


@configuration(frozen=True)
class LocomotionArchiveConfig:
    """
    Size and seed of an archive; ``--set name=value`` on the command line.

    First PPO trains a base policy for the benchmark's reward, or one that is conditioned on the
    mixture of reward and foot contacts that it earns, of which many policies are made. Then, wave
    by wave, PPO branches off from it and from elites, each branch for its own random mixture.
    Last, elites are crossed, round by round, towards cells that have few.

    The default values are the HalfCheetah's.

    :param base_robots: that the base learns from
    :param base_iterations: of PPO
    :param conditions: mixtures whose policies each of ``branch_jobs`` jobs tries out, of a base
        policy that is conditioned on its mixture; 0: the base learns for the reward alone
    :param waves: of branches; those of the first start from the base, where it is not
        conditioned, others from elites
    :param branch_jobs: of a wave, each in one process
    :param branches: of a job, trained side by side
    :param branch_robots: that each branch learns from
    :param branch_iterations: of PPO
    :param keep_every: iterations after which branches are tried and kept
    :param horizon: control steps of an iteration
    :param stage_iterations: after which robots begin anew
    :param warm_up_iterations: of a branch, in which only the critics learn: a raw critic makes a
        policy forget how to run
    :param survival_reward: earned in training in each step on the feet: where contacts cost,
        falling would pay otherwise
    :param final_share: of the learning rate, at the end of a run
    :param rounds: of crossing
    :param islands: of a round, each in one process, which meet after it
    :param generations: of an island
    :param children: of a generation
    :param aimed: share of the children that are aimed at cells with few elites; Iso+LineDD makes
        the others
    :param partners: elites of which the best partner of an aimed child is chosen
    :param iso_sigma, line_sigma: of Iso+LineDD: spread of all weights, and along the line to the
        other parent; aimed children have ``iso_sigma`` too
    :param depth: elites that are kept of each cell: where they are measured anew, they scatter
        over the cells beside it
    :param tries: episodes that the search tries a policy in, ``episode_steps`` each
    :param repeatable: largest difference of a contact between them, for the policy to be kept, and
        between the episodes that are stored, for it to have measures
    :param chunk_size: elites evaluated together
    """

    seed: NotNegativeCount = 0
    base_robots: Count = 64
    base_iterations: Count = 100
    conditions: NotNegativeCount = 0
    waves: NotNegativeCount = 3
    branch_jobs: Count = 2
    branches: Count = 16
    branch_robots: Count = 8
    branch_iterations: Count = 30
    keep_every: Count = 2
    horizon: Count = 32
    stage_iterations: Count = 16
    warm_up_iterations: NotNegativeCount = 2
    survival_reward: NotNegative = 0.0
    final_share: Share = 0.2
    base_ppo: PpoConfig = field(default_factory=lambda: PpoConfig(
        noise=0.35, learning_rate=3e-4, discount=0.99, epochs=6, minibatches=16))
    branch_ppo: PpoConfig = field(default_factory=lambda: PpoConfig(
        noise=0.3, learning_rate=2e-3, discount=0.97, epochs=4, minibatches=8))
    rounds: NotNegativeCount = 6
    islands: Count = 2
    generations: Count = 10
    children: Count = 96
    aimed: Share = 0.75
    partners: Count = 32
    iso_sigma: NotNegative = 0.01
    line_sigma: NotNegative = 0.4
    depth: Count = 3
    tries: Annotated[int, Field(ge=2)] = 4
    episode_steps: EpisodeSteps = 300
    repeatable: NotNegative = 0.08
    chunk_size: Count = 64
