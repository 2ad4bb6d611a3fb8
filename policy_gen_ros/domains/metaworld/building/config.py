# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Sizes and seed of a MetaWorld archive. Imports no simulator: the command line reads it."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from policy_gen_ros.utils.config import (
    configuration,
    Count,
    NotNegative,
    NotNegativeCount,
    Positive,
    Share,
)
from pydantic import Field


@configuration(frozen=True)
class VariationConfig:
    """
    How much experts differ from MetaWorld's scripts.

    :param least_gain, largest_gain: factor on the scripts' motions
    :param least_speed: of the largest motion along an axis
    :param detour: largest motion beside that towards a waypoint. From 0.7 on, the hand could stop
        on the way
    """

    least_gain: Positive = 1.0
    largest_gain: Positive = 2.5
    least_speed: Annotated[float, Field(gt=0, le=1)] = 0.6
    detour: Annotated[float, Field(ge=0, lt=0.7)] = 0.5


@configuration(frozen=True)
class CloningConfig:
    """
    How actors learn from their experts.

    :param episodes: of each expert, in random layouts, and as many of each actor in every round
        of DAgger (Ross et al. 2011)
    :param rounds: of DAgger
    :param episode_steps: of the actors' episodes in these rounds, at most
    :param noise: of the actions that are carried out while an expert is watched (standard
        deviation), so that it shows how it comes back (Laskey et al. 2017)
    :param steps: of the optimiser before the first round, and in each
    :param batch: states of each actor in a step
    :param shared_states: of the other actors of the same job on which an actor learns, too
    :param learning_rate: of Adam; falls to zero along half a cosine in each part
    """

    episodes: Count = 3
    rounds: NotNegativeCount = 2
    episode_steps: Count = 300
    noise: NotNegative = 0.3
    steps: Count = 400
    batch: Count = 128
    shared_states: NotNegativeCount = 1000
    learning_rate: Positive = 2e-3


@configuration(frozen=True)
class MetaWorldConfig:
    """
    Size and seed of an archive; ``--set name=value`` on the command line.

    One network learns from the plain scripts of all seen tasks. From its weights, or from random
    ones, actors begin, and each learns from an expert of its own.

    :param runs: of each seen task; the actors of a run are trained together, from one seed
    :param actors: of a run
    :param unseen_actors: of the one run of each unseen task, which serve as prompts and are held
        out of all training
    :param independent: share of the actors of a run that begin from random weights of their own
    :param half_trained: of the actors of a run, how many more are kept as they were after
        ``half_trained_steps``, as sub-optimal prompts; they begin from random weights
    :param base_steps: of the network that most actors begin from; it has ``base_episodes`` of
        each task
    :param variation: of the experts
    :param cloning: how actors learn
    """

    seed: NotNegativeCount = 0
    runs: Count = 3
    actors: Count = 10
    unseen_actors: NotNegativeCount = 6
    independent: Share = 0.2
    half_trained: NotNegativeCount = 1
    half_trained_steps: Count = 60
    base_steps: Count = 3000
    base_episodes: Count = 20
    variation: VariationConfig = field(default_factory=VariationConfig)
    cloning: CloningConfig = field(default_factory=CloningConfig)
