# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The parts of a text that ask for one thing after the other: "trot for 5 s, then sit"."""

from __future__ import annotations

from itertools import pairwise
import re

from policy_gen_ros.domains import find_domain
from policy_gen_ros.goals.language.durations import in_seconds, take_duration
from policy_gen_ros.goals.language.lexicon import read_words

NEXT = re.compile(r'[\s,;.]*\b(?:(?:and|und|et|y)\s+)?(?:then|after that|afterwards|followed by|'
                   r'dann|danach|puis|ensuite|luego|después)\b[\s,:]*'
                   r'|[\s,;.\uff0c\u3002\uff1b]*(?:然后|接着|随后)[\s,\uff0c]*'
                   r'|\s*[,;.]\s*(?:and\s+)?(?:next|finally|lastly|at the end|in the end)\b[\s,:]*'
                   '|\\s*(?:-+>|=>|\u2192)\\s*', re.I)
_AFTER = re.compile(r"^\s*(?:after|once you(?: have|'ve)?|when you(?: have|'ve)?) "
                    r'([^,;]*(?:\d|second|met|step)[^,;]*)[,;]\s*', re.I)
_CLAUSE = re.compile(r'\s*(?:[,;\uff0c]\s*(?:and\s+)?|\b(?:and|und|et|y)\s+)(?!a half\b)', re.I)
"""Commas and words for "and" of the languages that are known."""


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
    part = _AFTER.sub(r'\1, ', part)
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
        text = part if seconds is None else whole
    return text, seconds
