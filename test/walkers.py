# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Actors of the shipped archive, and such as only hold still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.policies.weights import ActorWeights

STUMBLING = [8, 8, 8] * 4
"""Action with every joint far from where a leg can carry."""


def qualified_actors(archive: Archive, count: int) -> list[ActorWeights]:
    """Return the first qualified actors whose weights are stored."""
    rows = np.flatnonzero(archive.weights.stored & archive.qualified[:, 0])
    return [archive.actor(int(i)) for i in rows[:count]]


def constant_actor(actor: ActorWeights, action: Sequence[float] | float) -> ActorWeights:
    """Return an actor that always takes the same action. Shape: (12,)."""
    flat = np.zeros(actor.spec.parameter_count, np.float32)
    flat[-12:] = action
    return replace(actor, layers=ActorWeights.layers_from_vector(flat, actor.spec.layer_sizes))
