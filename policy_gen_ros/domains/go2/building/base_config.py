# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Settings of what an archive's actors are made from: base policies, and the search for specialists.

Imports neither PyTorch nor a simulator: the command line reads it.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import Annotated

from policy_gen_ros.domains.go2.twin.perturbation import Perturbation, RANDOMISED, ROUGH, TRAINING
from policy_gen_ros.training.ppo_config import PpoConfig
from policy_gen_ros.utils.config import (
    configuration,
    Count,
    NotNegative,
    NotNegativeCount,
    Positive,
    Share,
)
from pydantic import Field

PRACTICE = replace(RANDOMISED, push_every_s=1.5)
"""
What robust base policies learn on. Lessons and stages of reinforcement learning are a few seconds
long, and a push every 3 s would hardly ever be met.
"""


@configuration(frozen=True)
class AdaptorTraining:
    """
    Of the adaptor, on walks of the analytic teacher over random ground.

    :param robots, ticks: that are walked; a tenth of the robots is kept for the measured quality
    :param input_noise: standard deviation on the adaptor's inputs
    """

    robots: Annotated[int, Field(ge=10)] = 1024
    ticks: Annotated[int, Field(ge=31)] = 400
    epochs: Count = 12
    batch: Count = 512
    learning_rate: Positive = 1e-3
    weight_decay: NotNegative = 0.02
    input_noise: NotNegative = 0.02
    perturbation: Perturbation = field(default_factory=lambda: replace(
        TRAINING, friction=(0.15, 1.2), restitution=(0.0, 0.5)))


@configuration(frozen=True)
class ImitationConfig:
    """
    DAgger (Ross et al. 2011) of the base policy against the analytic teacher.

    :param robots, ticks: that are walked in each round
    :param steps: of the optimiser, in each round
    :param pooled_states: kept of the last ``pooled_rounds`` for cloning
    """

    rounds: Count = 16
    robots: Count = 512
    ticks: Annotated[int, Field(ge=10)] = 200
    steps: Count = 1200
    batch: Count = 1024
    learning_rate: Positive = 2e-3
    pooled_rounds: Count = 4
    pooled_states: Count = 20000


@configuration(frozen=True)
class BaseWeightsTraining:
    """Of the weights from which all clones of a base policy start."""

    steps: Count = 3000
    batch: Count = 512
    learning_rate: Positive = 3e-3


@configuration(frozen=True)
class RewardConfig:
    """
    Weights of the terms of the reward; ``building/reward.py`` computes the terms.

    A perfect tick earns one, less its costs ``action_rate`` and ``torque``.
    """

    linear: float = 0.34
    angular: float = 0.14
    contact: float = 0.22
    swing: float = 0.1
    height: float = 0.08
    upright: float = 0.07
    alive: float = 0.05
    action_rate: float = -0.02
    torque: float = -0.05


@configuration(frozen=True)
class FinetuningConfig:
    """
    Reinforcement learning, in stages; each puts new robots on new ground and ends by time.

    :param robots: of each policy
    :param iterations: of a stage, ``horizon`` + 1 ticks each; the last tick only gives the value
        of the state that the one before it led to
    :param warm_up_stages: before the others; in these only the critics learn: with the gradients
        of a raw critic a policy forgets how to walk
    :param final_share: what is left of the learning rate at the end; it falls linearly
    :param perturbation: of the training ground. Bouncing feet, on which nothing walks well,
        would fill the experience with falls
    """

    stages: Count = 60
    robots: Count = 20
    iterations: Count = 5
    horizon: Count = 50
    warm_up_stages: NotNegativeCount = 1
    final_share: Share = 0.2
    perturbation: Perturbation = ROUGH
    reward: RewardConfig = field(default_factory=RewardConfig)
    ppo: PpoConfig = field(default_factory=PpoConfig)


@configuration(frozen=True)
class BasePolicyConfig:
    """
    Of the base policies, which are conditioned on gait parameters.

    :param count: independent seeds
    :param other_stages: of reinforcement learning, of each base policy after the first
    """

    count: Count = 3
    imitation: ImitationConfig = field(default_factory=ImitationConfig)
    finetuning: FinetuningConfig = field(default_factory=lambda: FinetuningConfig(
        stages=120, robots=1024, warm_up_stages=2,
        ppo=PpoConfig(noise=0.25, learning_rate=1.5e-4, minibatches=16)))
    other_stages: Count = 40
    base_weights: BaseWeightsTraining = field(default_factory=BaseWeightsTraining)


@configuration(frozen=True)
class ScreeningConfig:
    """
    Which gaits are kept: those that walk, undisturbed and disturbed.

    :param seconds: of each of both walks
    :param perturbation: of the second: a gait that is kept must not depend on luck
    :param draws: after which a base policy that walks hardly anything is given up
    """

    seconds: Positive = 6.0
    perturbation: Perturbation = field(default_factory=lambda: Perturbation(
        friction=(0.4, 1.0), payload_kg=(0.0, 2.0), motor_strength=(0.92, 1.08),
        delay_s=(0.0, 0.02), push_mps=0.3, push_every_s=2.0))
    draws: Count = 20


@configuration(frozen=True)
class SearchConfig:
    """
    Of the quality-diversity search.

    :param batch: solutions a generation from each family's CMA-MAE emitter; the Iso+LineDD emitter
        adds three times as many
    :param sigma: first step size of CMA-MAE, ``learning_rate`` of its thresholds
    :param iso_sigma, line_sigma: of Iso+LineDD
    :param contact_bins, speed_bins: cells along each contact and along the speed
    """

    generations: Count = 120
    batch: Count = 32
    sigma: Positive = 0.2
    learning_rate: Share = 0.1
    iso_sigma: NotNegative = 0.05
    line_sigma: NotNegative = 0.2
    contact_bins: Count = 5
    speed_bins: Count = 5


@configuration(frozen=True)
class RobustImitationConfig:
    """
    DAgger of a base policy that is not told what it stands on, against one that is.

    :param robots, ticks: that are walked in each round
    :param keep_every: so many ticks a state is kept
    :param kept_rounds: the last ones, which a round learns from
    :param steps: of both optimisers, in each round
    :param learning_rate: of the policy, at its highest
    :param adaptor_rate: learning rate of the adaptor
    """

    rounds: Count = 16
    robots: Count = 768
    ticks: Annotated[int, Field(ge=10)] = 200
    keep_every: Count = 8
    kept_rounds: Count = 6
    steps: Count = 500
    batch: Count = 512
    learning_rate: Positive = 1e-3
    adaptor_rate: Positive = 3e-4
    perturbation: Perturbation = PRACTICE


@configuration(frozen=True)
class RobustConfig:
    """
    Of a base policy that withstands what :data:`RANDOMISED` draws.

    :param finetuning: after the imitation. Unrest costs more than elsewhere, as a robot's motors
        heat, and speed counts for more: else a robot whose joints are damped saves torque
    :param ramp_stages: in which ground and pushes become as hard as ``perturbation`` says
    :param keep_every: so many ticks the adaptor's history is kept, to learn from
    :param adaptor_rate, adaptor_batch: of its learning, a step for each batch of what is kept
    :param search: of specialists, among the gaits that it walks
    :param actors: what its actors are screened, cloned, refined and trained on
    :param evaluation: what they are evaluated on, beside nominal ground
    """

    imitation: RobustImitationConfig = field(default_factory=RobustImitationConfig)
    finetuning: FinetuningConfig = field(default_factory=lambda: FinetuningConfig(
        stages=200, robots=1024, iterations=16, horizon=24, warm_up_stages=1, final_share=1.0,
        perturbation=PRACTICE, reward=RewardConfig(linear=0.44, action_rate=-0.03),
        ppo=PpoConfig(noise=0.3, learned_noise=True, learning_rate=1e-4, desired_kl=0.03,
                      discount=0.99, epochs=4, minibatches=8, critic_hidden=(256, 128))))
    ramp_stages: Count = 10
    keep_every: Count = 8
    adaptor_rate: Positive = 1e-4
    adaptor_batch: Count = 512
    search: SearchConfig = field(default_factory=lambda: SearchConfig(generations=40))
    actors: Perturbation = PRACTICE
    evaluation: Perturbation = RANDOMISED
