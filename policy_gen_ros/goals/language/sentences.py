# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Making sentences from templates: filling slots, joining, capital letters, no two alike."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
import re

import numpy as np

MAX_CAPTION_LENGTH = 200
_CAPITAL_SHARE, _FULL_STOP_SHARE = 0.3, 0.6
_TRIES = 20
_SLOT, _OPTIONAL = re.compile(r'{(\w+)}'), re.compile(r'\[([^\]]*)\]')


@dataclass(frozen=True)
class Caption:
    """A sentence about one behaviour, and the id of its template."""

    text: str
    template: str


def check_complete(measures: Mapping[str, float], names: Sequence[str]) -> None:
    """
    Make sure that there is something to say of every measure.

    :raises ValueError: one is missing or not finite
    """
    missing = [name for name in names if not np.isfinite(measures.get(name, np.nan))]
    if missing:
        raise ValueError(f'a caption needs all measures; missing: {", ".join(missing)}')


def template_ids(known: Collection[str], chosen: Collection[str] | None,
                 kind: str = 'caption') -> list[str]:
    """
    Return the templates to choose from, in order: the chosen ones, or all that are known.

    :param kind: of templates, for the message
    :raises ValueError: an unknown one
    """
    unknown = sorted(set(chosen or ()) - set(known))
    if unknown:
        raise ValueError(f'unknown {kind} templates: {", ".join(unknown)}')
    return sorted(known if chosen is None else chosen)


def varied(ids: Sequence[str], count: int, rng: np.random.Generator,
           write: Callable[[str], str]) -> list[Caption]:
    """
    Write captions with the templates in turn, shorter than MAX_CAPTION_LENGTH.

    A template whose tries give nothing short and new is skipped in that turn. Texts come again
    only after a turn in which no template gave a new one; there are fewer than ``count`` captions
    only where none gives a short one.
    """
    texts: set[str] = set()
    result: list[Caption] = []
    while len(result) < count:
        new: list[Caption] = []
        again: list[Caption] = []
        for i in rng.permutation(len(ids)):
            text = _short_text(ids[i], texts, write)
            if text is None:
                continue
            (again if text in texts else new).append(Caption(text, ids[i]))
            texts.add(text)
            if len(result) + len(new) == count:
                break
        if not new and not again:
            break
        result += new or again
    return result[:count]


def _short_text(name: str, texts: Collection[str], write: Callable[[str], str]) -> str | None:
    """Write a text that is short enough, if possible none of ``texts``; None if all are long."""
    old = None
    for _ in range(_TRIES):
        text = write(name)
        if len(text) < MAX_CAPTION_LENGTH:
            if text not in texts:
                return text
            old = text
    return old


def slots_of(template: str) -> tuple[list[str], set[str]]:
    """All slots of a template in order, and those that have to be filled."""
    return _SLOT.findall(template), set(_SLOT.findall(_OPTIONAL.sub('', template)))


def fill(template: str, words: Mapping[str, str]) -> str:
    """Put words into a template's slots; brackets whose slot is empty vanish."""
    kept = _OPTIONAL.sub(
        lambda part: part[1] if all(words[slot] for slot in _SLOT.findall(part[1])) else '',
        template)
    return _SLOT.sub(lambda slot: words[slot[1]], kept)


def finish(text: str, rng: np.random.Generator) -> str:
    """Capital letters and a full stop: always for several sentences, else now and then."""
    if re.search('[.!] ', text):
        return re.sub(r'(^|[.!] )([a-z])', lambda start: start[1] + start[2].upper(), text)
    if rng.random() < _CAPITAL_SHARE:
        text = text[0].upper() + text[1:]
        if text[-1].isalnum() and rng.random() < _FULL_STOP_SHARE:
            text += '.'
    return text


def pick(choices: Sequence[str], rng: np.random.Generator) -> str:
    """One of some words."""
    return choices[int(rng.integers(len(choices)))]


def listed(items: Sequence[str]) -> str:
    """Join phrases: 'a', 'a and b', 'a, b and c'."""
    return ' and '.join(filter(None, [', '.join(items[:-1]), *items[-1:]]))


def with_article(noun: str) -> str:
    """Put a or an before a noun, by its first letter."""
    return f'{"an" if noun[0] in "aeiou" else "a"} {noun}'
