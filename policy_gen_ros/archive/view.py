# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What training may read of an archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from policy_gen_ros.archive.rows import RowView
from policy_gen_ros.archive.split import HeldOut
from policy_gen_ros.domains.go2.gait.captions import Caption
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES, nearest_families
from policy_gen_ros.domains.go2.gait.templates import TEMPLATES
from policy_gen_ros.policies.spec import ActorSpec
from policy_gen_ros.policies.weights import ActorWeights


@dataclass(frozen=True)
class TrainingArchive:
    """
    Qualified actors and behaviours that are not held out, and no way to any other.

    Training code takes this and nothing else of an archive. The lineage of an actor is not in it:
    it is for reports, never a condition.

    Shapes, n actors with m behaviours in all: ``weights`` (n, parameters) float16; ``probe``
    (n, 128, 49) float16; ``clock_hz`` (n,); and by behaviour: ``actor`` (m,) row of its actor,
    ascending; ``command`` (m, 3); ``measures`` (m, 13); ``trajectory`` (m, 200, 42) float16;
    ``captions`` (m,) lists.

    :param layer_sizes: units of all layers, the same for all actors
    :param split: what is set aside, as rules: it knows no actor
    :param fingerprint: names these contents: changes with the archive and with what is held out
    """

    layer_sizes: tuple[int, ...]
    fingerprint: str
    weights: RowView
    probe: RowView
    clock_hz: np.ndarray
    actor: np.ndarray
    command: np.ndarray
    measures: np.ndarray
    trajectory: RowView
    captions: Sequence[Sequence[Caption]]
    split: HeldOut

    def __len__(self) -> int:
        """Return the number of actors."""
        return len(self.clock_hz)

    def may_train(self, measures: np.ndarray) -> np.ndarray:
        """
        Whether behaviours that training made for itself may be trained on.

        Shape: (k, 13) -> (k,), bool
        """
        family = np.array(nearest_families(measures))
        return self.split.region_of(family, measures) < 0

    @property
    def caption_templates(self) -> list[str]:
        """Templates that training may use for captions of its own."""
        return sorted(set(TEMPLATES) - set(self.split.caption_templates))

    def sample(self, count: int, seed: int = 0) -> TrainingArchive:
        """
        Return a part of it, as if no other actors had been made.

        :param count: of actors, drawn at random
        :raises ValueError: more than there are, or none
        """
        if not 1 <= count <= len(self):
            raise ValueError(f'cannot draw {count} of {len(self)} training actors')
        drawn = np.sort(np.random.default_rng(seed).permutation(len(self))[:count])
        behaviors = np.flatnonzero(np.isin(self.actor, drawn))
        return replace(
            self, fingerprint=f'{self.fingerprint}-{count}-{seed}',
            weights=self.weights.select(drawn), probe=self.probe.select(drawn),
            clock_hz=self.clock_hz[drawn], actor=np.searchsorted(drawn, self.actor[behaviors]),
            command=self.command[behaviors], measures=self.measures[behaviors],
            trajectory=self.trajectory.select(behaviors),
            captions=[self.captions[i] for i in behaviors.tolist()])

    def policy(self, behavior: int) -> ActorWeights:
        """Return the actor of one behaviour, with that behaviour's command and measures."""
        row = int(self.actor[behavior])
        return make_actor(self.weights[row], self.layer_sizes, float(self.clock_hz[row]),
                          self.command[behavior], self.measures[behavior], 'training actor')


def make_actor(weights: np.ndarray, layer_sizes: tuple[int, ...], clock_hz: float,
               command: np.ndarray, measures: np.ndarray, goal: str) -> ActorWeights:
    """Make an actor of stored values. Shapes: (parameters,) float16, (3,), (13,)."""
    vx, vy, yaw = (float(value) for value in command)
    return ActorWeights(
        ActorSpec(clock_hz=clock_hz, layer_sizes=layer_sizes),
        ActorWeights.layers_from_vector(weights, layer_sizes), nominal_command=(vx, vy, yaw),
        measures=dict(zip(MEASURE_NAMES, (float(value) for value in measures))), goal=goal)
