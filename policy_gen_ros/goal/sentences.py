"""Making sentences from templates: filling slots, joining, capital letters, no two alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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


def varied(ids: Sequence[str], count: int, rng: np.random.Generator,
           write: Callable[[str], str]) -> list[Caption]:
    """Write captions with the templates in turn, anew where a text came up before."""
    texts: set[str] = set()
    result = []
    turns = [ids[i] for _ in range(-(-count // len(ids))) for i in rng.permutation(len(ids))]
    for name in turns[:count]:
        for _ in range(_TRIES):
            text = write(name)
            if text not in texts and len(text) < MAX_CAPTION_LENGTH:
                break
        texts.add(text)
        result.append(Caption(text, name))
    return result


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
