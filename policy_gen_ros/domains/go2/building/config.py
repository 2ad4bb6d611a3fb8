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

from dataclasses import field
from typing import Annotated

from policy_gen_ros.domains.go2.building.base_config import (
    AdaptorTraining,
    BasePolicyConfig,
    FinetuningConfig,
    PRACTICE,
    RobustConfig,
    ScreeningConfig,
    SearchConfig,
)
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation, RANDOMISED
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
    perturbation: Perturbation = PRACTICE


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
    perturbation: Perturbation = RANDOMISED


@configuration(frozen=True)
class Go2ArchiveConfig:
    """
    Everything that an archive depends on.

    :param seed: everything follows from it
    :param clones: gaits cloned from the base policy, rounded up to whole chunks
    :param specialists: elites of the search that are cloned, as well
    :param runs: of reinforcement learning; the policies at their ``checkpoints`` are kept
    :param chunk_size: actors trained side by side
    :param from_scratch: train the base policy and search, even where the package has them
    :param adaptor, base: of the nominal base policy
    :param robust: of the base policy that all actors come from
    :param search: of specialists, among the gaits that the base policy walks
    :param partially_trained_steps: of cloning, after which an actor walks a little and falls:
        where runs of reinforcement learning begin
    :param checkpoints: shares of a run, ascending, after which its actors are kept
    """

    seed: NotNegativeCount = 0
    clones: Count = 2560
    specialists: NotNegativeCount = 640
    runs: NotNegativeCount = 10
    chunk_size: Count = 64
    from_scratch: bool = False
    adaptor: AdaptorTraining = field(default_factory=AdaptorTraining)
    base: BasePolicyConfig = field(default_factory=BasePolicyConfig)
    robust: RobustConfig = field(default_factory=RobustConfig)
    screening: ScreeningConfig = field(default_factory=ScreeningConfig)
    search: SearchConfig = field(default_factory=SearchConfig)
    cloning: CloningConfig = field(default_factory=CloningConfig)
    partially_trained_steps: Count = 10
    run: FinetuningConfig = field(default_factory=lambda: FinetuningConfig(
        perturbation=PRACTICE))
    checkpoints: tuple[Share, ...] = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
