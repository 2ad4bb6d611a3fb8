# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Whether generated actors are copies of training actors, in what they do and in their weights.

A copy has distance 0 to the nearest training actor. How far training actors are from each other,
and how far the goals are from what training has seen, tell what to expect of an actor that is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.evaluation.metrics.figures import Figure
from policy_gen_ros.evaluation.metrics.intervals import bootstrap_interval
from scipy.spatial.distance import cdist

REFERENCES = 1000
"""Training behaviours whose distance to those of other actors is looked at, at most."""


@dataclass(frozen=True, eq=False)
class Distances:
    """
    To the nearest training actor, in units of the median among ``training``.

    Shapes: (any,) each

    :param generated: of generated actors
    :param training: of training actors, to the nearest other one
    :param asked: of what was asked for; empty where that has no such distance
    """

    generated: np.ndarray
    training: np.ndarray
    asked: np.ndarray

    def to_dict(self) -> dict[str, Any]:
        """For JSON: quantiles at 0, 0.1, 0.5, 0.9 and 1."""
        return {name: np.quantile(values, (0, 0.1, 0.5, 0.9, 1)).tolist() for name, values in (
            ('generated', self.generated), ('training', self.training), ('asked', self.asked))
            if len(values)}


@dataclass(frozen=True, eq=False)
class Memorisation:
    """
    Of answers to goals that say all measures.

    :param behavior: distances of measures, of those that walked with a rhythm
    :param nearer: which answers came nearer to their goal than the nearest training actor is.
        Shape: (goals,), bool
    """

    behavior: Distances
    nearer: np.ndarray

    @property
    def figures(self) -> list[Figure]:
        """For the table."""
        apart = self.behavior.generated
        return [
            Figure('memorisation.behavior', 'distance in behaviour to the nearest training actor, '
                   'median (1: as between these)', float(np.median(apart)), len(apart),
                   bootstrap_interval(apart, np.median)),
            Figure.share('memorisation.nearer', 'nearer to the goal than any training actor',
                         float(self.nearer.mean()), len(self.nearer))]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {'behavior': self.behavior.to_dict(), 'nearer': float(self.nearer.mean())}


def compare_behavior(training: TrainingArchive, asked: np.ndarray, walked: np.ndarray,
                     survived: np.ndarray, seed: int) -> Memorisation | None:
    """
    Compare what generated actors did with what training actors do.

    :param asked, walked: measures. Shapes: (n, measures)
    :param survived: who walked to the end. Shape: (n,)
    :return: None where nobody walked, or training has a single actor
    """
    measures = training.domain.measures
    known = measures.encode(training.measures)
    sound = survived & np.isfinite(walked).all(axis=1)
    goals, reached = measures.encode(asked), measures.encode(walked[sound])
    rows = np.random.default_rng(seed).permutation(len(known))[:REFERENCES]
    among = cdist(known[rows], known)
    among[training.actor[rows][:, None] == training.actor] = np.inf
    between = among.min(axis=1)
    if not sound.any() or not np.isfinite(between).all():
        return None
    of_goals = cdist(goals, known).min(axis=1)
    nearer = np.zeros(len(goals), bool)
    nearer[sound] = np.linalg.norm(reached - goals[sound], axis=1) < of_goals[sound]
    unit = float(np.median(between))
    return Memorisation(Distances(cdist(reached, known).min(axis=1) / unit, between / unit,
                                  of_goals / unit), nearer)
