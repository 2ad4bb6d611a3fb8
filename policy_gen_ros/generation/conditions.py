# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What the networks are conditioned on: features of texts, measures and trajectories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.generation.engine import Engine, Features
from policy_gen_ros.generation.understanding import EmbeddedText
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.models.condition_encoder import source_dims, SOURCES

_MEASURES_GIVEN = np.array(SOURCES) == 'measures'
_Item = TypeVar('_Item')
_Made = TypeVar('_Made')


class Conditions(NamedTuple):
    """
    Conditions of n actors.

    :param features: of each source. Shapes: (n, dim)
    :param present: which sources were given. Shape: (n, sources), bool
    """

    features: Features
    present: np.ndarray

    def rows(self, index: np.ndarray) -> Conditions:
        """Return the conditions of some of the actors."""
        return Conditions({source: rows[index] for source, rows in self.features.items()},
                          self.present[index])

    def with_measures(self, encoded: np.ndarray) -> Conditions:
        """Return conditions with measures, in place of those that were given. Shape: (n, dim)."""
        return Conditions({**self.features, 'measures': encoded}, self.present | _MEASURES_GIVEN)


def conditions_of(goals: Sequence[Goal], asked: np.ndarray, texts: Mapping[str, EmbeddedText],
                  domain: Domain, engine: Engine, text_dim: int) -> Conditions:
    """
    Embed goals.

    :param asked: measures asked for, NaN where none are. Shape: (n, measures)
    :param texts: of the goals
    """
    features = {source: np.zeros((len(goals), dim), np.float32)
                for source, dim in source_dims(domain.measures, text_dim).items()}
    clips = once([goal.trajectory for goal in goals],
                 lambda rows: None if rows is None else engine.trajectory(rows))
    sentences = [texts[goal.text].sentence if goal.text is not None else None for goal in goals]
    for i, (sentence, clip) in enumerate(zip(sentences, clips)):
        if sentence is not None:
            features['text'][i] = sentence
        if clip is not None:
            features['trajectory'][i] = clip
    features['measures'] = domain.measures.encode(asked)
    return Conditions(features, np.array([
        [sentence is not None, goal.measures is not None, goal.trajectory is not None]
        for goal, sentence in zip(goals, sentences)]))


def once(items: Sequence[_Item], make: Callable[[_Item], _Made]) -> list[_Made]:
    """Make something of each item, but only once of one that comes several times in a row."""
    made: list[_Made] = []
    for i, item in enumerate(items):
        made.append(made[-1] if i and item is items[i - 1] else make(item))
    return made
