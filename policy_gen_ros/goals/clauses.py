# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The parts of a text that ask for one thing after the other: "trot for 5 s, then sit"."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
import re

from policy_gen_ros.domains import find_domain
from policy_gen_ros.goals.language.delays import Delay, find_delay
from policy_gen_ros.goals.language.durations import in_seconds, take_duration
from policy_gen_ros.goals.language.lexicon import read_words, says_only_rest
from policy_gen_ros.goals.language.reading import Amount

NEXT = re.compile(r'[\s,;.]*\b(?:(?:and|und|et|y)\s+)?(?:then|after that|afterwards|followed by|'
                   r'dann|danach|puis|ensuite|luego|después(?! de\b))\b[\s,:]*'
                   r'|[\s,;.\uff0c\u3002\uff1b]*(?:然后|接着|随后)[\s,\uff0c]*'
                   r'|\s*[,;.]\s*(?:and\s+)?(?:next|finally|lastly|at the end|in the end)\b[\s,:]*'
                   '|\\s*(?:-+>|=>|\u2192)\\s*', re.I)
_AFTER = re.compile(r"^\s*(?:after|once you(?: have|'ve)?|when you(?: have|'ve)?) "
                    r'([^,;]*(?:\d|second|met|step)[^,;]*)[,;]\s*', re.I)
_REST_AFTER = re.compile(r'([^,;]+?) after ((?:[^,;]+ of )?\w+ing\b[^,;]*)', re.I)
"""Such as "halt after trotting for 5 s", "lie down after 2 m of walking"."""
_CLAUSE = re.compile(r'\s*(?:[,;\uff0c]\s*(?:and\s+)?|\b(?:and|und|et|y)\s+)(?!a half\b)', re.I)
"""Commas and words for "and" of the languages that are known."""
_ORDER_ENDS = re.compile(rf'{_CLAUSE.pattern}|[.!?:]\s+|[\u3002\uff01]', re.I)
_MARKS = ' ,;.!\uff0c\u3002'
_JOINT = re.compile(r'(?:\s*(?:\b(?:and|und|et|y)\b|[,;.!?:\uff0c\u3002\uff01])\s*)+$', re.I)


def parts_of(text: str) -> list[str]:
    """Split a text at its words for what comes next; 'left legs, then right legs' is one gait."""
    language = find_domain().captions
    whole = language.read(text).whole if language else text
    parts, read = NEXT.split(text), NEXT.split(whole)
    if len(parts) != len(read):  # of another language, what comes next may be in other words
        parts = read if len(read) > 1 else [text]
    return [clause for part in parts for clause in _clauses(part)]


def _clauses(part: str) -> list[str]:
    """
    Split "trot 1 m, turn left by 90 degrees and stop": each but the last ends by itself.

    The last may have clauses of its own where it rests: "trot for 5 s, sit and stay".
    """
    if find_delay(part) is None:
        part = _AFTER.sub(r'\1, ', part)
        if (found := _REST_AFTER.fullmatch(part.strip(_MARKS))) and says_only_rest(found[1]) \
                and _moves(found[2]) and (take_time(found[2])[1] or _ends(found[2])):
            return [found[2], found[1]]
    places = [0, *(found.end() for found in _CLAUSE.finditer(part)), len(part)]
    clauses = [_CLAUSE.sub('', part[start:end]) for start, end in pairwise(places)]
    given = [place for place, clause in zip(places, clauses) if clause.strip()]
    clauses = [clause for clause in clauses if clause.strip()]
    ending = [bool(take_time(clause)[1] or _ends(clause)) for clause in clauses]
    first = ending.index(False) if False in ending else len(clauses) - 1
    if 0 < first < len(clauses) - 1 and read_words(part[given[first]:]).rest:
        return [*clauses[:first], part[given[first]:]]
    return clauses if len(clauses) > 1 and all(ending[:-1]) else [part]


def _ends(text: str) -> bool:
    language = find_domain().captions
    return language is not None and language.read(text).until is not None


def take_time(part: str) -> tuple[str, float | None]:
    """Return a part without its duration, in other words where these alone have one."""
    language = find_domain().captions
    text, seconds = take_duration(in_seconds(part))
    if seconds is None and language is not None:
        whole, seconds = take_duration(language.read(part).whole)
        known = seconds is not None and any(character.isalpha() for character in whole)
        text = whole if known else part
    return text, seconds


@dataclass(frozen=True)
class DelayedPart:
    """
    A part of which an order comes later: "trot, and stop after 3 s".

    :param first: what comes before it, such as "trot"; empty where nothing does
    :param order: what comes later, such as "stop"; empty where another part says that
    :param certain: whether it says nothing else of weight
    :param seconds, until: how much later; both None where that is not known
    """

    first: str
    order: str
    certain: bool
    delay: Delay
    seconds: float | None
    until: Amount | None


def delayed_part(part: str) -> DelayedPart | None:
    """Return the order of a part that comes later, if one does."""
    delay = find_delay(part)
    if delay is None:
        return None
    start = max((found.end() for found in _ORDER_ENDS.finditer(delay.before)
                 if delay.before[found.end():].strip()), default=0)
    first, before, after = delay.before[:start], delay.before[start:], delay.after
    if after.strip(_MARKS) and (_JOINT.search(before) or _moves(before)):  # "trot, after 3 s halt"
        if _CLAUSE.match(after) and not _JOINT.search(before):
            return None  # "go 2 m in 5 s, and halt"
        first, before = first + before, ''
    if not _moves(first) and not read_words(first).rest:  # "hey dog, halt in 3 s"
        first, before = '', first + before
    order = f'{before} {after}' if before.strip(_MARKS) else after.strip(_MARKS)
    seconds, until = _amount(delay.amount)
    between = before.strip(_MARKS) and after.strip(_MARKS)
    if (between or (seconds is None and until is None)) and not read_words(order).rest:
        return None  # "in small steps"
    certain = not order.strip() or _moves(order) or says_only_rest(take_time(order)[0])
    return DelayedPart(_JOINT.sub('', first).strip(), order.strip(), certain, delay, seconds,
                       until)


def _moves(text: str) -> bool:
    return read_words(text).moves


def _amount(words: str) -> tuple[float | None, Amount | None]:
    """Return a time in s, or what else is to pass."""
    language = find_domain().captions
    if language is None:
        return take_duration(f'for {words}')[1], None
    reading = language.read(words)
    seconds = take_duration(f'for {reading.whole}')[1]
    return seconds, reading.until if seconds is None else None
