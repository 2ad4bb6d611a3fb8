# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What the words of a goal text mean: ranges of what is measured, and the gaits that it names.

Words mean what captions mean by them: the vocabulary and the classes of
:mod:`policy_gen_ros.domains.go2.gait.traits` are read in the other direction, from a word to the
range of what was measured wherever it was said. Words without a range, such as those for a limp,
mean nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from math import inf, isfinite, radians
import re

from policy_gen_ros.domains.go2.gait.gait_words import family_in_text, GAIT_WORDS, KEY_PATTERNS
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES
from policy_gen_ros.domains.go2.gait.traits import (
    Classes,
    CONTACT,
    HEIGHT,
    LEGS,
    NUMBER_WORDS,
    SPEED,
    STILL_MPS,
    STRAIGHT_RPS,
    STRIDE,
    SWING,
    TEMPO,
    TURN_RPS,
)
from policy_gen_ros.domains.go2.gait.vocabulary import WORDS

Interval = tuple[float, float]

NUMBER_SHARE = 0.25
"""How far a number in the text may be from a measure, beyond rounding."""

_CLASSES: dict[str, tuple[Classes, str]] = {
    'speed': (SPEED, 'm/s'), 'stepping frequency': (TEMPO, 'Hz'), 'body height': (HEIGHT, 'm'),
    'step height': (SWING, 'm'), 'share of time on the ground': (CONTACT, ''),
    'stride': (STRIDE, 'm')}
_UNITS = {**{name: unit for name, (_, unit) in _CLASSES.items()}, 'forward speed': 'm/s',
          'speed to the left': 'm/s', 'turn to the left': 'rad/s'}
_NUMBERS = {'mps': ('speed', 1.0), 'hz': ('stepping frequency', 1.0),
            'times': ('stepping frequency', 1.0), 'turn_rps': ('turn to the left', 1.0),
            'turn_deg': ('turn to the left', radians(1)), 'body_m': ('body height', 1.0),
            'body_cm': ('body height', 0.01), 'swing_cm': ('step height', 0.01),
            'duty': ('share of time on the ground', 1.0),
            'duty_percent': ('share of time on the ground', 0.01)}
_WORD_NUMBERS = {word: float(number) for number, word in NUMBER_WORDS.items()}
_TURNS = ('turn', 'sharp turn', 'curve', 'tight curve', 'spin')
_TO_A_SIDE = ('sideways', 'diagonal', 'drift')


@dataclass(frozen=True)
class Statement:
    """
    What some words of the text mean.

    :param low, high: range of the quantity wherever captions say this; equal for a number
    :param near: where saying it would be imprecise, but not yet wrong
    """

    words: str
    quantity: str
    low: float
    high: float
    near: Interval

    def describe(self) -> str:
        """Words and their range, for messages."""
        if self.low == self.high:
            return repr(self.words)
        bounds = [f'{side} {limit:g}' for side, limit in (('from', self.low), ('below', self.high))
                  if isfinite(limit) and not (side == 'from' and limit == 0)]
        unit = _UNITS[self.quantity]
        return f'{self.words!r} ({self.quantity} {" ".join(bounds)}{unit and " " + unit})'


@lru_cache(maxsize=256)
def read(text: str) -> tuple[Statement, ...]:
    """Return what a text says, without what it denies; cached, as each candidate asks."""
    return meanings_in(affirmed(plain(text)))


def _ranges(tag: str, left: bool) -> Iterator[tuple[str, float, float, Interval]]:
    """Quantities that a tag of the vocabulary speaks about: low, high, and what is near."""
    for quantity, (classes, _) in _CLASSES.items():
        limits = [0.0, *(limit for limit, _ in classes)]
        mine = [i for i, (_, tags) in enumerate(classes) if tag in tags]
        if mine:
            first, last = mine[0], mine[-1] + 1
            yield (quantity, limits[first], limits[last],
                   (limits[max(first - 1, 0)], limits[min(last + 1, len(classes))]))
    still, straight = STILL_MPS / 2, STRAIGHT_RPS / 2
    if tag in ('forward', 'straight'):
        yield 'forward speed', STILL_MPS, inf, (still, inf)
    if tag == 'backward':
        yield 'forward speed', -inf, -STILL_MPS, (-inf, -still)
    if tag == 'still':
        for quantity in ('forward speed', 'speed to the left'):
            yield quantity, -still, still, (-3 * still, 3 * still)
    if tag == 'straight':
        yield 'turn to the left', -STRAIGHT_RPS, STRAIGHT_RPS, (-3 * straight, 3 * straight)
    for tags, quantity, limit, slack in ((_TURNS, 'turn to the left', TURN_RPS, straight),
                                         (_TO_A_SIDE, 'speed to the left', STILL_MPS, still)):
        if tag in tags:
            yield (quantity, limit, inf, (limit - slack, inf)) if left else (
                quantity, -inf, -limit, (-inf, slack - limit))


@dataclass(frozen=True)
class _Phrase:
    """
    A phrase of the vocabulary.

    :param pattern: with a named group for what fills the phrase's braces
    :param adjective: says nothing where the noun after it is about something else
    """

    pattern: re.Pattern[str]
    tags: tuple[str, ...]
    adjective: bool


_FIELD, _LEADING = re.compile(r'\\{(\w+)\\}'), re.compile(r'^(?:an?|the|its?) (?=.)')
_NUMBER = r'\d+(?:\.\d+)?'
_FILLED = {'turn': 'left|right', 'side': 'left|right',
           'times': '|'.join([_NUMBER, *_WORD_NUMBERS]),
           'leg': '|'.join(leg for names in LEGS for leg in names)}


def _class_tags() -> set[str]:
    return {tag for classes, _ in _CLASSES.values() for _, tags in classes for tag in tags}


def _nouns() -> set[str]:
    """Return last words of noun phrases: 'fast steps' are in no list, but they are no speed."""
    return {choice.split()[-1] for tag in _class_tags() for form in ('with', 'tag')
            for choice in WORDS[tag].get(form, ()) if ' ' in choice}


def _tags_of_phrases() -> dict[str, tuple[str, ...]]:
    tags: dict[str, tuple[str, ...]] = {}
    for tag, forms in WORDS.items():
        for choice in (choice for choices in forms.values() for choice in choices):
            for phrase in {choice, _LEADING.sub('', choice)}:
                tags[phrase] = tuple(dict.fromkeys([*tags.get(phrase, ()), tag]))
    for verb in (verb for gait in GAIT_WORDS.values() for verb in gait.verbs if verb.when):
        for phrase in (verb.base, verb.third, verb.gerund):
            tags[phrase] = verb.when
    return tags


def _phrases() -> dict[str, list[_Phrase]]:
    """
    Every phrase with its tags, and verbs that only some behaviours deserve; by first word.

    Longest first: 'very slow' is not 'slow', and 'low steps' say nothing about the body. Numbers
    stand under ``#``.
    """
    tags = _tags_of_phrases()
    adjectives = {choice for tag in _class_tags() for choice in WORDS[tag].get('adj', ())}
    found: dict[str, list[_Phrase]] = {}
    for phrase in sorted(tags, key=len, reverse=True):
        pattern = _FIELD.sub(lambda field: f'(?P<{field[1]}>{_FILLED.get(field[1], _NUMBER)})',
                             re.escape(phrase))
        entry = _Phrase(re.compile(pattern + r'(?![\w-])'), tags[phrase], phrase in adjectives)
        field = re.match(r'{(\w+)}', phrase)
        choices = _FILLED.get(field[1], '#').split('|') if field else [phrase]
        for first in dict.fromkeys(choice.split()[0] for choice in choices):
            found.setdefault('#' if first == _NUMBER else first, []).append(entry)
    return found


_PHRASES, _NOUNS = _phrases(), _nouns()
_WORD = re.compile(r"(?<![\w-])(?:(?P<number>\d)|[a-z][\w'/-]*)")
_GERUNDS = r'(?:trott|walk|pac|bound|pronk|hopp|gallop|jump|turn|spinn|rotat)ing'
_NEGATION = re.compile(
    rf'\bstop(?:ping)? {_GERUNDS}\b'
    r"|(?<!why )\b(?:not|no|never|without|\w+n't)\b(?:\s+\w+[^,;:.!?]*?)?"
    r'(?=\b(?:but|use)\b|[,;:.!?]|$)'
    r'|\b(?:instead of|rather than)\b'
    r'[^,;:.!?]*?(?=\b(?:but|please|use|do|try|just|go|make|keep|i want)\b|[,;:.!?]|$)')


def _phrases_in(text: str) -> Iterator[tuple[_Phrase, re.Match[str]]]:
    """Phrases of the vocabulary from left to right, none inside another."""
    end = 0
    for word in _WORD.finditer(text):
        if word.start() < end:
            continue
        for phrase in _PHRASES.get('#' if word['number'] else word[0], ()):
            found = phrase.pattern.match(text, word.start())
            if found:
                end = found.end()
                yield phrase, found
                break


def plain(text: str) -> str:
    """Return a text in small letters, its words parted by single blanks."""
    return ' '.join(text.lower().replace('\u2019', "'").split())


def affirmed(text: str) -> str:
    """
    Return a text without what it denies: 'not a trot but a walk' says nothing about trotting.

    :param text: as :func:`plain` returns it
    """
    kept = [found.span() for _, found in _phrases_in(text)]

    def without(found: re.Match[str]) -> str:
        inside = any(start <= found.start() < end for start, end in kept)  # 'in no hurry'
        return found[0] if inside else ' '

    return _NEGATION.sub(without, text)


def denied(text: str) -> str:
    """
    Return what a text denies, and nothing else.

    :param text: as :func:`plain` returns it
    """
    kept = [found.span() for _, found in _phrases_in(text)]
    return ' '.join(found[0] for found in _NEGATION.finditer(text)
                    if not any(start <= found.start() < end for start, end in kept))


def families_in(text: str) -> tuple[str, ...]:
    """Gaits that a text names, denied or not."""
    return tuple(_families(text))


def meanings_in(text: str) -> tuple[Statement, ...]:
    """Return what the words of a text mean, denied or not."""
    return tuple(dict.fromkeys(_meanings(text)))


def _meanings(text: str) -> Iterator[Statement]:
    for phrase, found in _phrases_in(text):
        after = re.match(r' (\w+)', text[found.end():])
        if phrase.adjective and after and after[1] in _NOUNS:
            continue
        fields = found.groupdict()
        left = 'left' in (fields.get('turn'), fields.get('side'))
        for tag in phrase.tags:
            for quantity, low, high, near in _ranges(tag, left):
                yield Statement(found[0], quantity, low, high, near)
        for name in fields.keys() & _NUMBERS.keys():
            quantity, scale = _NUMBERS[name]
            value = _WORD_NUMBERS.get(fields[name]) or float(fields[name])
            rounding = 0.5 * 0.1**len(fields[name].partition('.')[2])
            number, slack = scale * value, scale * max(NUMBER_SHARE * value, rounding)
            item = Statement(found[0], quantity, number, number, (number - slack, number + slack))
            if quantity == 'turn to the left' and not left:
                item = replace(item, low=-number, high=-number,
                               near=(-number - slack, slack - number))
            yield item


def _families(text: str) -> list[str]:
    """
    Gait families that a text names.

    One at a time, with the words of the others taken out. The walk comes last, as 'walking pace'
    names neither: only once the pace is ruled out does its word stay, and rule out the walk.
    """
    named = [family for family, pattern in KEY_PATTERNS.items() if pattern.search(text)]
    for family in reversed(GAIT_FAMILIES):
        if family in named:
            alone = text
            for other in named:
                if other != family:
                    alone = KEY_PATTERNS[other].sub(' ', alone)
            if family_in_text(alone) != family:
                named.remove(family)
    return named
