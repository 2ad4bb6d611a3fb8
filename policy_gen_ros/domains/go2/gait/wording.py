# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Texts in the words of captions: typos, rare words and other languages.

The generator has learnt captions, and the meanings of :mod:`.meaning` are those of captions. Of
an English text only what captions say in other words is replaced. Of a text in another language
what is known is translated, phrase by phrase; it keeps its clauses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
import re

from policy_gen_ros.domains.go2.gait.chinese_numbers import in_digits
from policy_gen_ros.domains.go2.gait.spelling import spelled
from policy_gen_ros.domains.go2.gait.word_lists import WordLists
from policy_gen_ros.domains.go2.gait.wording_tables import (
    caption_words,
    fold,
    LANGUAGES,
    leg_phrases,
    table_of,
    Token,
    tokens_of,
    vocabulary,
)
from policy_gen_ros.goals.language.numbers import DIGITS

_LISTS = WordLists('orders')
_ORDERS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf'\b(?:{words})\b'), entry['says'])
    for entry in _LISTS.data['orders'] for words in _LISTS.lines(entry['words']))
_CHINESE = re.compile(r'[\u3400-\u9fff]')
_RANGE = re.compile(
    rf'(?:\b(?:zwischen|von|entre|de|desde) |从|在)({DIGITS}) ?'
    rf'(?:und|bis|y|hasta|a|et|到|至) ?({DIGITS})'
    rf'|({DIGITS}) ?(?:\b(?:bis|hasta)\b|到|至) ?({DIGITS})')
"""Ranges of other languages; their tables have no place for numbers."""
_REPEATED = re.compile(r'\b([^\W\d_]+)(?: \1\b)+')
"""Said once, "hop hop hop" means the same."""
_UNIT_LETTERS = frozenset(['m', 's', 'h', 'km', 'cm', 'mm', 'hz', 'rad', 'mps'])
"""The same in all languages."""


@dataclass(frozen=True)
class Wording:
    """
    A text in the words of captions.

    :param spelled: the text itself, in small letters and without typos
    :param language: one of :data:`LANGUAGES`
    :param corrected: what was misspelt, and how it was read
    :param ignored: words that mean nothing here
    """

    text: str
    spelled: str
    language: str
    corrected: Mapping[str, str]
    ignored: tuple[str, ...]


@lru_cache(maxsize=256)
def reword(text: str) -> Wording:
    """
    Say a text in the words of captions.

    :param text: of any case and spacing
    """
    folded = _RANGE.sub(_as_in_english, in_digits(_REPEATED.sub(r'\1', fold(text))))
    language = _language(tokens_of(folded))
    plain, corrected = _spelled(folded, language)
    replaced, ignored = _replaced(_put_right(plain) if language == 'en' else plain, language)
    return Wording(re.sub(r' ([,;.!?])(?!\d)', r'\1', ' '.join(replaced.split())), plain,
                   language, corrected, tuple(dict.fromkeys(ignored)))


def _as_in_english(found: re.Match[str]) -> str:
    return '-'.join(filter(None, found.groups()))


def _spelled(text: str, language: str) -> tuple[str, dict[str, str]]:
    """Return a text without typos, and what each was read as."""
    corrected = {token.text: better for token in tokens_of(text) if token.is_word
                 and (better := spelled(token.text, language)) != token.text}
    for token in reversed(tokens_of(text) if corrected else []):
        if token.text in corrected:
            text = text[:token.start] + corrected[token.text] + text[token.end:]
    return text, corrected


def _replaced(text: str, language: str) -> tuple[str, list[str]]:
    """Return a text with its phrases in the words of captions, and what means nothing here."""
    tokens = tokens_of(text)
    parts, ignored, end = [], [], 0
    for first, last, words in table_of(language).spot(tokens):
        start = tokens[first].start
        between, end = text[end:start], tokens[last - 1].end
        here = text[start:end]
        if words:
            parts.append((between if between.strip() else ' ') + words)
        elif language == 'en':
            parts.append(between + here)
        elif not tokens[first].is_word or here in _UNIT_LETTERS:
            parts.append((between or ' ') + here)
        if words is None and tokens[first].is_word and (
                language != 'en' or here not in caption_words()):
            ignored.append(here)
    return ''.join(parts) + text[end:], ignored


def _put_right(text: str) -> str:
    """Return an English text with caption words for orders of legs, sides and adverbs."""
    own = [phrase for phrase in leg_phrases() if phrase in text]
    for pattern, words in _ORDERS:
        text = pattern.sub(partial(_unless_own, own, words), text)
    return text


def _unless_own(own: list[str], words: str, found: re.Match[str]) -> str:
    """Return caption words for what was found, where that is none of the captions' own phrases."""
    if any(phrase in found[0] or found[0] in phrase for phrase in own):
        return found[0]
    return found.expand(words)


def _language(tokens: list[Token]) -> str:
    """Return the language that most tokens belong to; of several, the first."""
    if any(_CHINESE.match(token.text) for token in tokens):
        return 'zh'
    words = {token.text for token in tokens
             if token.is_word and len(token.text) > 1} - _UNIT_LETTERS
    shares = {language: len(words & vocabulary(language)) for language in LANGUAGES[:-1]}
    return max(shares, key=shares.__getitem__)
