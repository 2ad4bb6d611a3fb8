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
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.goals.language.sentences import Caption
from policy_gen_ros.policies.weights import ActorWeights


@dataclass(frozen=True)
class TrainingArchive:
    """
    Qualified actors and behaviours that are not held out, and no way to any other.

    Training code takes this and nothing else of an archive. The source of an actor is not in it:
    it is for reports, never a condition.

    Shapes, n actors with m behaviours in all: ``weights`` (n, parameters) float16; ``probe``
    (n, 128, inputs) float16; and by behaviour: ``actor`` (m,) row of its actor, ascending;
    ``controls`` (m, controls); ``measures`` (m, measures); ``trajectory`` (m, 200, columns)
    float16; ``captions`` (m,) lists.

    :param layer_sizes: units of all layers, the same for all actors
    :param split: what is set aside, as rules: it knows no actor
    :param fingerprint: names these contents: changes with the archive and with what is held out
    """

    domain: Domain
    layer_sizes: tuple[int, ...]
    fingerprint: str
    weights: RowView
    probe: RowView
    actor: np.ndarray
    controls: np.ndarray
    measures: np.ndarray
    trajectory: RowView
    captions: Sequence[Sequence[Caption]]
    split: HeldOut

    def __len__(self) -> int:
        """Return the number of actors."""
        return len(self.weights)

    def may_train(self, measures: np.ndarray) -> np.ndarray:
        """
        Whether behaviours that training made for itself may be trained on.

        Shape: (k, measures) -> (k,), bool
        """
        return self.split.region_of(self.domain.label(measures), measures) < 0

    @property
    def caption_templates(self) -> list[str]:
        """Templates that training may use for captions of its own."""
        language = self.domain.captions
        return sorted(set(language.templates if language else ())
                      - set(self.split.caption_templates))

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
            actor=np.searchsorted(drawn, self.actor[behaviors]),
            controls=self.controls[behaviors], measures=self.measures[behaviors],
            trajectory=self.trajectory.select(behaviors),
            captions=[self.captions[i] for i in behaviors.tolist()])

    def policy(self, behavior: int) -> ActorWeights:
        """Return the actor of one behaviour, with that behaviour's controls and measures."""
        return self.domain.make_policy(
            ActorWeights.layers_from_vector(self.weights[int(self.actor[behavior])],
                                            self.layer_sizes),
            self.controls[behavior],
            dict(zip(self.domain.measures.names, self.measures[behavior].tolist())),
            'training actor')
