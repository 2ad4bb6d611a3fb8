# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What generated actors keep of the archive that they were learned from: Policy Diffusion's figures.

The generator is asked for behaviours of its training actors. What comes is compared with those
actors walked again, or, where an index lacks their weights, with what the archive says of them.
The archive's row is the actors walked once more, with other seeds, in place of the generated ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.evaluation.metrics.figures import Figure
from policy_gen_ros.evaluation.metrics.quality_diversity import (
    compare_archives,
    Estimate,
    QualityDiversity,
    reward_ratio,
    spaced_behaviors,
    Walks,
)
from policy_gen_ros.evaluation.metrics.sizes import Sizes
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.policies.weights import ActorWeights

LINES = {
    'qd_score_ratio': 'QD-score ratio', 'coverage': 'coverage of the grid',
    'coverage_ratio': 'coverage ratio', 'mem': 'mean error in measure',
    'js_divergence': 'Jensen-Shannon divergence'}
"""Figures of :class:`QualityDiversity` that go into the table."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """
    Behaviours of an archive, and who walked when they were asked for.

    :param measures: of the behaviours, as the archive has them. Shape: (n, measures)
    :param reference: the archive's actors walked again, or what it says of them
    :param repeated: its actors walked once more; None where their weights are missing
    """

    measures: np.ndarray
    generated: Walks
    reference: Walks
    repeated: Walks | None

    def __len__(self) -> int:
        return len(self.measures)

    def quality(self, walks: Walks, seed: int) -> QualityDiversity:
        """Archive metrics of whoever walked."""
        return compare_archives(
            self.measures[:, self.generated.domain.measures.grid], walks, self.reference, seed)


@dataclass(frozen=True, eq=False)
class ArchiveKept:
    """
    Archive metrics.

    :param many: random behaviours, one episode each or more
    :param spaced: behaviours spread over the grid, several episodes each
    """

    many: Comparison
    spaced: Comparison
    seed: int

    @property
    def figures(self) -> list[Figure]:
        """For the table."""
        many, spaced = self.many, self.spaced
        mine = many.quality(many.generated, self.seed)
        repeated = many.quality(many.repeated, self.seed) if many.repeated is not None else None
        kept = reward_ratio(spaced.generated, spaced.reference, self.seed)
        own = reward_ratio(spaced.repeated, spaced.reference, self.seed).value \
            if spaced.repeated is not None else None
        return [
            Figure.estimate('reward_ratio', f'reward ratio, {len(spaced)} spaced behaviours',
                            kept, len(spaced), own),
            *(_line(key, name, mine, repeated) for key, name in LINES.items())]

    @property
    def elites(self) -> dict[str, np.ndarray]:
        """Rewards of the best policy of each cell, of the archive and of what was generated."""
        return {'archive': self.many.reference.elites(), 'generated': self.many.generated.elites()}

    def to_dict(self) -> dict[str, object]:
        """For JSON; ``floor_`` in it is the reference that ratios are of."""
        parts = {'behaviors': self.many, 'spaced': self.spaced}
        reference = 'walked again' if self.many.repeated is not None else 'as the archive says'
        return {'reference': reference, **{
            name: part.quality(part.generated, self.seed).to_dict()
            for name, part in parts.items()}}


class ComparedSubject(Protocol):
    """The generator that is compared, and how its policies are run."""

    @property
    def sizes(self) -> Sizes:
        """How much is run."""

    @property
    def seed(self) -> int:
        """Of all that is random."""

    @property
    def whole_archive(self) -> object:
        """True where the archive's own policies are there to be run again."""

    def generate(self, goals: Sequence[Goal]) -> list[ActorWeights]:
        """One policy for each goal."""

    def episodes(self, make: Callable[[np.ndarray], list[ActorWeights]], count: int,
                 episodes: int, about: str, other_seeds: int = 0) -> Walks:
        """
        Run policies that are made as they are needed, several episodes each.

        :param make: rows -> their policies
        """


def compare_with_archive(subject: ComparedSubject, archive: Archive) -> ArchiveKept:
    """Ask for nominal behaviours of training actors, random ones and such as are spread out."""
    sizes, rng = subject.sizes, np.random.default_rng(subject.seed)
    known = archive.seen
    many = rng.permutation(known)[:sizes.behaviors]
    spanning = archive.measures[known, 0][:, archive.domain.measures.grid]
    regions = min(sizes.spaced, len(np.unique(spanning, axis=0)))
    spaced = known[spaced_behaviors(archive.domain, spanning, archive.reward[known, 0], regions,
                                    subject.seed)]
    return ArchiveKept(_compare(subject, archive, many, 1, 'archive'),
                       _compare(subject, archive, spaced, sizes.episodes, 'spaced'), subject.seed)


def _compare(subject: ComparedSubject, archive: Archive, actors: np.ndarray, episodes: int,
             about: str) -> Comparison:
    def generate(rows: np.ndarray) -> list[ActorWeights]:
        return subject.generate([
            Goal(measures=dict(zip(domain.measures.names, row)), domain=domain.name)
            for row in measures[rows].tolist()])

    def own(rows: np.ndarray) -> list[ActorWeights]:
        return [archive.actor(int(actor)) for actor in actors[rows]]

    domain, count, measures = archive.domain, len(actors), archive.measures[actors, 0]
    generated = subject.episodes(generate, count, episodes, f'{about}: generated')
    if subject.whole_archive:
        reference, repeated = (subject.episodes(own, count, episodes, f'{about}: its own', other)
                               for other in (1, 2))
        return Comparison(measures, generated, reference, repeated)
    stored = Walks(domain, measures[:, None, domain.measures.grid], archive.reward[actors, :1],
                   np.ones((count, 1), bool))
    return Comparison(measures, generated, stored, None)


def _line(key: str, name: str, mine: QualityDiversity,
          repeated: QualityDiversity | None) -> Figure:
    value, other = getattr(mine, key), getattr(repeated, key, None)
    if isinstance(value, Estimate):
        return Figure.estimate(key, name, value, mine.actors, other and other.value)
    return Figure(key, name, value, mine.actors, archive=other)
