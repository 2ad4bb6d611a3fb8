# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
All settings of an archive of the Go2.

``policy_gen archive build PATH --print-config`` prints them, ``--config FILE.yaml`` and
``--set NAME=VALUE`` change them. They are recorded whole in the build manifest. Imports neither
PyTorch nor a simulator: the command line reads it.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import Annotated

from policy_gen_ros.domains.go2.building.base_config import (
    AdaptorTraining,
    BasePolicyConfig,
    FinetuningConfig,
    RobustConfig,
    ScreeningConfig,
    SearchConfig,
)
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation, ROUGH, TRAINING
from policy_gen_ros.training.ppo_config import PpoConfig
from policy_gen_ros.utils.config import (
    configuration,
    Count,
    NotNegativeCount,
    Positive,
    Share,
)
from pydantic import Field


@configuration(frozen=True)
class CloningConfig:
    """
    Of the actors, many at a time.

    :param robots: that walk for each actor, ``ticks`` in each round
    :param steps: of the optimiser, in each round
    :param pooled_states: common to all actors; ``batch_states`` of a step are half of them
    :param perturbation: that the robots meet
    """

    rounds: Count = 3
    steps: Count = 140
    robots: Count = 6
    ticks: Count = 100
    pooled_states: Count = 1536
    batch_states: Annotated[int, Field(ge=2)] = 192
    learning_rate: Positive = 3e-3
    perturbation: Perturbation = TRAINING


@configuration(frozen=True)
class EvaluationConfig:
    """
    Of finished actors.

    :param nominal_episodes, other_episodes: of each kind (nominal and perturbed) under the nominal
        and under every other command
    :param captions: of each behaviour
    :param perturbation: of perturbed episodes
    """

    nominal_episodes: Count = 2
    other_episodes: Count = 1
    captions: Count = 8
    perturbation: Perturbation = ROUGH


@configuration(frozen=True)
class Go2ArchiveConfig:
    """
    Everything that an archive depends on.

    :param seed: everything follows from it
    :param clones: gaits cloned from the first base policy, rounded up to whole chunks
    :param other_clones: gaits cloned from each other base policy, as well
    :param specialists: elites of the search that are cloned, as well
    :param runs: of reinforcement learning; the policies at their ``checkpoints`` are kept
    :param chunk_size: actors trained side by side
    :param from_scratch: train the base policies and search, even where the package has them
    :param randomised: make the actors from a base policy that withstands what :data:`RANDOMISED`
        draws; it learns from the first of the other base policies, and takes their place. The
        search is for gaits that it walks, not for gains of the teacher
    :param specialist_cloning: seven times the cloning of other actors: what only its own gains
        explain takes longer to learn. Of 64 elites' niches 18 were reached after 3 rounds of 140
        steps, 37 after 6 of 400, 44 after these
    :param refinement: of specialists: small steps around actors that walk already
    :param partially_trained_steps: of cloning, after which an actor walks a little and falls:
        where runs of reinforcement learning begin
    :param checkpoints: shares of a run, ascending, after which its actors are kept
    """

    seed: NotNegativeCount = 0
    clones: Count = 2560
    other_clones: NotNegativeCount = 192
    specialists: NotNegativeCount = 640
    runs: NotNegativeCount = 10
    chunk_size: Count = 64
    from_scratch: bool = False
    randomised: bool = False
    adaptor: AdaptorTraining = field(default_factory=AdaptorTraining)
    base: BasePolicyConfig = field(default_factory=BasePolicyConfig)
    robust: RobustConfig = field(default_factory=RobustConfig)
    screening: ScreeningConfig = field(default_factory=ScreeningConfig)
    search: SearchConfig = field(default_factory=SearchConfig)
    cloning: CloningConfig = field(default_factory=CloningConfig)
    specialist_cloning: CloningConfig = field(default_factory=lambda: CloningConfig(
        rounds=10, steps=300))
    refinement: FinetuningConfig = field(default_factory=lambda: FinetuningConfig(
        stages=10, ppo=PpoConfig(noise=0.15, learning_rate=3e-5)))
    partially_trained_steps: Count = 10
    run: FinetuningConfig = field(default_factory=FinetuningConfig)
    checkpoints: tuple[Share, ...] = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)

    @property
    def training_ground(self) -> Perturbation:
        """Return what generated actors are to withstand, beside nominal ground."""
        return self.robust.actors if self.randomised else NOMINAL

    def actor_settings(self) -> Go2ArchiveConfig:
        """Return the same, with actors on the ground that a robust base policy withstands."""
        if not self.randomised:
            return self
        ground = self.robust.actors
        screening, cloning, specialist_cloning, refinement, run = (
            replace(getattr(self, name), perturbation=ground) for name in (
                'screening', 'cloning', 'specialist_cloning', 'refinement', 'run'))
        return replace(self, screening=screening, cloning=cloning, run=run, refinement=refinement,
                       specialist_cloning=specialist_cloning, evaluation=replace(
                           self.evaluation, perturbation=self.robust.evaluation))
