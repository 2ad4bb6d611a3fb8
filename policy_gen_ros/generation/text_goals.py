# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What was understood of a goal's text becomes measures to reach and ranges to keep."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.generation.coverage import Coverage
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import Understood
from policy_gen_ros.goals.language.reading import Constraint, TextReading

MARGIN_TOLERANCES = 2.0
"""So far from the ends of a range lies what is asked for instead of a draw outside of it."""
SHARES = (1.0, 0.5, 0.25)
"""Of a relative change: the first that leads to covered measures is made."""


@dataclass(frozen=True, eq=False)
class EmbeddedText:
    """
    A text as the networks and the validation of goals take it.

    :param sentence: embedding of the reading's text; None where nothing of it is left. Shape:
        (text_dim,)
    """

    reading: TextReading
    understood: Understood
    sentence: np.ndarray | None


def embed_texts(texts: Collection[str], read: Callable[[str], TextReading],
                encode: Callable[[Sequence[str]], np.ndarray],
                understand: Callable[[str, Callable[[str], np.ndarray]], Understood],
                ) -> dict[str, EmbeddedText]:
    """
    Read and embed texts, each once.

    :param encode: texts -> embeddings. Shape: (texts, text_dim)
    :param understand: decides what a text asks for, with what embeds it
    """
    readings = {text: read(text) for text in sorted(texts)}
    # Most texts are their own words: one embedding serves the intent and the generator.
    words = {text: text if reading.text == _plain(text) else reading.text
             for text, reading in readings.items()}
    needed = sorted({word for pair in words.items() for word in pair if word})
    sentences = dict(zip(needed, encode(needed))) if needed else {}
    return {text: EmbeddedText(reading, understand(text, sentences.__getitem__),
                               sentences[words[text]] if words[text] else None)
            for text, reading in readings.items()}


def _plain(text: str) -> str:
    return ' '.join(text.casefold().split())


def with_change(goal: Goal, reading: TextReading, domain: Domain,
                coverage: Coverage | None) -> tuple[Goal, str | None]:
    """
    Ask for the measures of the goal's present behaviour, with what its text changes.

    :return: the goal without its text, and what is to be said about it
    """
    language = domain.captions
    assert language is not None and goal.current is not None
    current = {name: goal.current.measures[name] for name in domain.measures.names}
    covers = coverage is not None and not coverage.unknown_measures(domain.measures.array(current))
    remark = None
    for share in SHARES:
        changed = language.change(current, reading, share)
        values = domain.measures.into_range(domain.measures.array(changed))
        # Where the present behaviour is not covered either, nothing is lost.
        remark = coverage.unknown_measures(values) if covers and coverage else None
        if not remark:
            break
    measures = domain.measures.named(values, changed)
    return replace(goal, text=None, measures={**measures, **(goal.measures or {})}), remark


def with_exact_values(goal: Goal, reading: TextReading, domain: Domain,
                      coverage: Coverage | None) -> tuple[Goal, str | None]:
    """Ask for the values that a text gives, or for the nearest that are covered."""
    given = dict(goal.measures or {})
    wanted = {item.measure: item.low for item in reading.constraints
              if item.exact and item.measure not in given}
    if not wanted:
        return goal, None
    values, remark = domain.measures.array(wanted), None
    if coverage is not None and (remark := coverage.unknown_measures(values)):
        values = coverage.nearest(values)
        remark += ', which is asked for instead'
    in_range = domain.measures.into_range(values)
    return replace(goal, measures={**given, **domain.measures.named(in_range, wanted)}), remark


def pinned(domain: Domain, constraints: Sequence[Constraint], asked: np.ndarray,
           targets: np.ndarray) -> np.ndarray:
    """
    Add to what is asked for the constraints that drawn targets do not keep.

    :param asked: NaN where nothing is. Shape: (measures,)
    :param targets: that were drawn. Shape: (measures,)
    :return: as asked where all is kept. Shape: (measures,)
    """
    measures = domain.measures
    free = [item for item in constraints if np.isnan(asked[measures.index(item.measure)])]
    if all(item.holds(targets[measures.index(item.measure)]) for item in free):
        return asked
    result = asked.copy()
    for item in free:
        i = measures.index(item.measure)
        margin = MARGIN_TOLERANCES * float(measures.tolerance[i])
        result[i] = targets[i] if item.holds(targets[i]) else item.nearest(targets[i], margin)
    return result


def missed(domain: Domain, constraints: Sequence[Constraint],
           targets: np.ndarray) -> tuple[str, ...]:
    """
    Name the words of a text that an actor's targets do not keep.

    :param targets: Shape: (measures,)
    """
    measures, found = domain.measures, []
    for item in constraints:
        i = measures.index(item.measure)
        slack = float(measures.tolerance[i])
        if item.words and not item.holds(targets[i], slack):
            found.append(f'{item.describe()} is not met: this actor aims at {targets[i]:.3g}')
    return tuple(found)
