# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A generator that always answers with the right actor of an archive; a world without falls."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.adaptor import archive_adaptor
from policy_gen_ros.domains.go2.gait.captions import family_in_text
from policy_gen_ros.domains.go2.gait.measures import (
    COMMAND_NAMES,
    CONTACT_NAMES,
    MEASURE_NAMES,
    MEASURES,
    PHASE_NAMES,
)
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult
from policy_gen_ros.evaluation.metrics.held_out import draw_held_out
from policy_gen_ros.evaluation.metrics.sizes import Sizes
from policy_gen_ros.evaluation.studies.prompts import Prompts
from policy_gen_ros.evaluation.studies.subject import Subject
from policy_gen_ros.goals.goal import Goal
from small_archive import GO2, measures_row

TINY = Sizes(held_out=6, seen=6, rehearsals=1, behaviors=12, spaced=5, episodes=2, sequences=2,
             scenario_actors=2, statements=2, samples=4, out_of_distribution=2,
             partially_trained=2, timed=3, steps=(1, 4), first_pass=2, hypernetwork=2,
             conditioned=2)


class PerfectGenerator:
    """Knows the archive by heart; of several actors that fit it takes any."""

    def __init__(self, archive: Archive) -> None:
        self.archive, self.domain = archive, GO2
        actor, behavior = np.nonzero(archive.qualified)
        self.pairs = np.stack([actor, behavior], axis=1)
        self.measures = archive.measures[actor, behavior]
        self.info = SimpleNamespace(
            name='perfect', steps=4, layer_sizes=archive.layer_sizes, provenance={
                'actors': 35, 'held_out': 4,
                'training_fingerprint': archive.training().fingerprint})
        self.asked_steps = []

    def parameter_counts(self):
        return {'generator': 100, 'decoder': 200, 'condition': 50}

    def read(self, text):
        return self.domain.captions.read(text)

    def generate_batch(self, goals, seed=0, steps=None, guidance=None):
        self.asked_steps.append(steps)
        rng = np.random.default_rng(seed)
        return [self.archive.actor(*map(int, self.pairs[rng.choice(self._fitting(goal))]))
                for goal in goals]

    def _fitting(self, goal: Goal) -> np.ndarray:
        if goal.measures:
            asked = MEASURES.array(goal.measures)
            there = np.where(np.isfinite(asked), self.measures, np.nan)
            apart = np.abs(MEASURES.encode(there) - MEASURES.encode(asked[None])).sum(axis=1)
        elif goal.text:
            family = family_in_text(goal.text)
            apart = [self.archive.family[a, b] != family for a, b in self.pairs]
        else:
            rows = self.archive.trajectory.pairs(*self.pairs.T)[:][:, :len(goal.trajectory)]
            apart = np.abs(rows.astype(np.float32) - goal.trajectory).sum(axis=(1, 2))
        return np.flatnonzero(apart <= np.min(apart) + 1e-6)


def as_intended(actors, adaptor, seconds=10.0, commands=None, seed=0, perturbation=None):
    """Stand in for ``rollout_actors``: actors do what they are meant to, or else trot."""
    results = []
    for actor in actors:
        measures = dict(actor.measures) or dict(zip(MEASURE_NAMES, measures_row()))
        velocity = tuple(measures[name] for name in COMMAND_NAMES)
        results.append(EpisodeResult(True, seconds, velocity, measures,
                                     np.ones((500, 42), np.float32), 0.8,
                                     footfalls(measures)))
    return results


def footfalls(measures) -> np.ndarray:
    """Ten seconds of contacts that have these measures. Shape: (500, 4)."""
    phases = np.array([0.0, *(measures[name] for name in PHASE_NAMES)])
    cycles = np.arange(500)[:, None] * 0.02 * measures['frequency_hz']
    return (cycles - phases) % 1 < [measures[name] for name in CONTACT_NAMES]


def own_trajectories(count, seed, known=None, archive=None):
    """Stand in for ``out_of_distribution_prompts``: walks of an archive's first actors."""
    return Prompts(tuple(archive.trajectory[i][0, :100].astype(np.float32) for i in range(count)),
                   archive.measures[:count, 0], np.full(count, 'archive'))


def perfect_subject(known: Archive, **changes) -> Subject:
    """Return a perfect generator with goals of held-out actors, few of everything."""
    fields = {'generator': PerfectGenerator(known), 'adaptor': archive_adaptor(known),
              'held_out': draw_held_out(known, TINY.held_out, 0), 'archive': known,
              'sizes': TINY}
    return Subject(**{**fields, **changes})
