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

from policy_gen_ros.goals.language.intent_model import shipped_model
from policy_gen_ros.goals.language.intents import Intent, REST, Understood
from policy_gen_ros.goals.language.lexicon import fold, read_words

REST_FROM = 0.25
"""Without a word for rest or movement, rest is what is as likely as this, and as walking."""
REST_DESPITE_MOVEMENT = 0.5
"""The same for a text that names a movement, and no word for rest."""
WALK_DESPITE_REST = 0.6
"""A text that names both walks only if the classifier is as sure as this."""
WALK_DESPITE_REST_ALONE = 0.7
"""The same for a text with a word for rest, and no movement that words tell."""
NEITHER_DESPITE_MOVEMENT = 0.7
"""The same for neither: a text about movement need not ask for it."""
NEITHER_DESPITE_REST = 0.7
"""A text with a word for rest means neither only if the classifier is as sure as this."""


def understand(text: str, likely: Mapping[Intent, float] | None = None,
               moves: bool = False) -> Understood:
    """
    Decide what a text asks for.

    :param likely: probability of each intent by a text reader; None: there is none
    :param moves: a domain reads a movement in the text that the words here do not know
    """
    reading = read_words(text)
    if not any(character.isalpha() for character in fold(text)):
        return Understood(Intent.NEITHER)
    if reading.rest and reading.bare:
        return reading.rest
    if likely is None:
        likely = shipped_model().probabilities(text, reading)
    moves = moves or reading.moves
    return _despite_rest(reading.rest, likely, moves) if reading.rest \
        else _without_rest(likely, reading.moves, moves)


def _despite_rest(rest: Understood, likely: Mapping[Intent, float], moves: bool) -> Understood:
    """Decide about a text with a word for rest."""
    if likely[Intent.WALK] > (WALK_DESPITE_REST if moves else WALK_DESPITE_REST_ALONE):
        return Understood(Intent.WALK, confidence=likely[Intent.WALK])
    if likely[Intent.NEITHER] > NEITHER_DESPITE_REST:
        return Understood(Intent.NEITHER, confidence=likely[Intent.NEITHER])
    return rest


def _without_rest(likely: Mapping[Intent, float], named: bool, moves: bool) -> Understood:
    """
    Decide about a text without a word for rest.

    :param named: it has a word for movement; ``moves``: or is read as a movement elsewhere
    """
    rest = sum(likely[intent] for intent in REST)
    enough = REST_DESPITE_MOVEMENT if moves else max(REST_FROM, likely[Intent.WALK])
    if rest > enough:
        return Understood(max(REST, key=lambda intent: likely[intent]), confidence=rest)
    if likely[Intent.NEITHER] > (NEITHER_DESPITE_MOVEMENT if named
                                  else likely[Intent.WALK]):
        return Understood(Intent.NEITHER, confidence=likely[Intent.NEITHER])
    return Understood(Intent.WALK, confidence=likely[Intent.WALK])
