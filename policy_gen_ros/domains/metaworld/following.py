# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Policies that are cloned from one prompt each, without a simulator."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from policy_gen_ros.domains.metaworld.constants import ACTIVATION, OBSERVATION_DIM
from policy_gen_ros.domains.metaworld.imitation import imitate
from policy_gen_ros.domains.metaworld.retargeting import Retargeting
from policy_gen_ros.policies.weights import Layers
from policy_gen_ros.training.actor_batch import ActorBatch
from policy_gen_ros.utils.config import configuration, Count, Positive
import torch
from torch import Tensor

Draw = Callable[[int, torch.Generator], tuple[Tensor, Tensor]]
"""Draws states and actions for each policy. Shapes: (n, count, 39), (n, count, 4)."""


@configuration(frozen=True)
class FollowingConfig:
    """
    How policies learn from their prompts.

    :param steps: of Adam
    :param batch: states of each policy in a step
    :param learning_rate: falls to zero along half a cosine
    """

    steps: Count = 600
    batch: Count = 128
    learning_rate: Positive = 2e-3


_CONFIG = FollowingConfig()


def clone_demonstrations(trajectories: np.ndarray, starts: Sequence[Layers],
                         seed: int) -> list[Layers]:
    """Clone policies that come back to their demonstrations, in other layouts, too."""
    return follow(starts, Retargeting(trajectories).draw, _CONFIG, seed)


def clone_rows(trajectories: np.ndarray, starts: Sequence[Layers], seed: int) -> list[Layers]:
    """Clone policies from the rows of their prompts as they are: a baseline."""
    return follow(starts, rows_of(trajectories), _CONFIG, seed)


def follow(starts: Sequence[Layers], draw: Draw, config: FollowingConfig,
           seed: int) -> list[Layers]:
    """
    Clone one policy from what is drawn around each prompt, all side by side.

    :param starts: weights that the policies begin from
    """
    actors = ActorBatch.stack(starts, ACTIVATION)
    generator = torch.Generator().manual_seed(seed)
    imitate(actors, lambda: draw(config.batch, generator), config.steps, config.learning_rate)
    return [actors.layers(i) for i in range(len(starts))]


def rows_of(trajectories: np.ndarray, noise: float = 0.02) -> Draw:
    """
    Return what draws the rows of prompts as they are: plain behaviour cloning.

    :param trajectories: Shape: (n, 63, 43)
    :param noise: of states as policies see them (standard deviation)
    """
    rows = torch.from_numpy(trajectories)

    def draw(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        pick = torch.randint(0, rows.shape[1], (len(rows), count), generator=generator)
        drawn = rows.gather(1, pick[..., None].expand(-1, -1, rows.shape[2]))
        states, actions = drawn.split([OBSERVATION_DIM, drawn.shape[2] - OBSERVATION_DIM], dim=2)
        return states + noise * torch.randn(states.shape, generator=generator), actions

    return draw
