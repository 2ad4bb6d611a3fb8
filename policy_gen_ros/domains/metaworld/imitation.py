# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Actors that imitate, side by side. Needs no simulator."""

from __future__ import annotations

from collections.abc import Callable

from policy_gen_ros.domains.metaworld.constants import ACTION_LIMIT
from policy_gen_ros.training.actor_batch import ActorBatch
from policy_gen_ros.training.decoder import action_errors
import torch
from torch import Tensor


def imitate(actors: ActorBatch, draw: Callable[[], tuple[Tensor, Tensor]], steps: int,
            learning_rate: float, done: Callable[[], object] = lambda: None) -> None:
    """
    Train actors in place, each on its own states.

    :param draw: states, and actions that are wanted there, of each actor. Shapes: (actors, count,
        39), (actors, count, 4)
    :param learning_rate: of Adam; it falls to zero along half a cosine
    :param done: called after each step
    """
    optimizer = torch.optim.Adam(actors.parameters, learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        states, wanted = draw()
        # Each actor has its own mean, so that how many learn side by side does not matter.
        loss = action_errors(actors(states), wanted, ACTION_LIMIT).square().mean(dim=(1, 2)).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        done()
