# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The one place that decides what a text asks for: to walk, to rest, or neither.

Words decide where they are plain; else the classifier does. Its limits make a stop that is missed
dearer than a walk that is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policy_gen_ros.goals.language.intent_model import shipped_model
from policy_gen_ros.goals.language.intents import Intent, REST, Understood
from policy_gen_ros.goals.language.lexicon import fold, read_words


@dataclass(frozen=True)
class Limits:
    """
    Probabilities from which a classifier's intent counts.

    :param rest: without a word for rest or movement, and if walking is no likelier
    :param rest_despite_movement: for a text that names a movement, and no word for rest
    :param walk_despite_rest: for a text that names both
    :param walk_despite_rest_alone: for a text with a word for rest, and no movement that is known
    :param neither_despite_movement: a text about movement need not ask for it
    :param neither_despite_rest: for a text with a word for rest
    """

    rest: float
    rest_despite_movement: float
    walk_despite_rest: float
    walk_despite_rest_alone: float
    neither_despite_movement: float
    neither_despite_rest: float


OF_READER = Limits(0.3, 0.6, 0.6, 0.6, 0.6, 0.6)
"""Of a text reader, whose probabilities are calibrated."""
OF_LETTERS = Limits(0.25, 0.5, 0.7, 1.0, 0.8, 0.9)
"""Of the classifier by letters, which is too sure."""


def understand(text: str, likely: Mapping[Intent, float] | None = None,
               moves: bool = False, limits: Limits = OF_READER,
               trick: bool = False) -> Understood:
    """
    Decide what a text asks for.

    :param likely: probability of each intent by a text reader; None: by letters
    :param moves: a domain reads a movement in the text that the words here do not know
    :param limits: for these probabilities
    :param trick: a domain reads nothing in the text but what no robot of it can do: that is said
        of a walk, and whoever asks for it wants no rest
    """
    if trick:
        return Understood(Intent.WALK)
    certain = understand_certain(text)
    if certain:
        return certain
    reading = read_words(text)
    if likely is None:
        likely, limits = shipped_model().probabilities(text, reading), OF_LETTERS
    moves = moves or reading.moves
    return _despite_rest(reading.rest, likely, moves, limits) if reading.rest \
        else _without_rest(likely, reading.moves, reading.only_moves, moves, limits)


def understand_certain(text: str) -> Understood | None:
    """Decide what needs no classifier: words for rest alone, and no words; None for the others."""
    if not any(character.isalpha() for character in fold(text)):
        return Understood(Intent.NEITHER)
    reading = read_words(text)
    return reading.rest if reading.bare else None


def _despite_rest(rest: Understood, likely: Mapping[Intent, float], moves: bool,
                  limits: Limits) -> Understood:
    """Decide about a text with a word for rest."""
    if likely[Intent.WALK] > (limits.walk_despite_rest if moves
                              else limits.walk_despite_rest_alone):
        return Understood(Intent.WALK, confidence=likely[Intent.WALK])
    if likely[Intent.NEITHER] > limits.neither_despite_rest:
        return Understood(Intent.NEITHER, confidence=likely[Intent.NEITHER])
    return rest


def _without_rest(likely: Mapping[Intent, float], named: bool, only: bool, moves: bool,
                  limits: Limits) -> Understood:
    """
    Decide about a text without a word for rest.

    :param named: it has a word for movement; ``only``: and no other, but for fillers; ``moves``:
        or is read as a movement elsewhere
    """
    rest = 0.0 if only else sum(likely[intent] for intent in REST)
    enough = limits.rest_despite_movement if moves else max(limits.rest, likely[Intent.WALK])
    if rest > enough:
        return Understood(max(REST, key=lambda intent: likely[intent]), confidence=rest)
    if likely[Intent.NEITHER] > (limits.neither_despite_movement if named
                                  else likely[Intent.WALK]):
        return Understood(Intent.NEITHER, confidence=likely[Intent.NEITHER])
    return Understood(Intent.WALK, confidence=likely[Intent.WALK])
