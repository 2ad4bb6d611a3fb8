# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What captions say, and what other words mean the same: the tables of ``wordings/*.yaml``.

A table of another language translates its words to those of captions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
import re
import unicodedata

from policy_gen_ros.domains.go2.gait.gait_words import GAIT_WORDS, MOVES
from policy_gen_ros.domains.go2.gait.vocabulary import WORDS
from policy_gen_ros.domains.go2.gait.word_lists import FOLDER
import yaml

LANGUAGES = ('en', 'de', 'es', 'fr', 'zh')
_TOKEN = re.compile(
    r"[\u3400-\u9fff]|\d+(?:[.,]\d+)*|[^\W\d_]+(?:['\u2019][^\W\d_]+)*|[^\w\s]")
_PLAIN = str.maketrans(dict(zip(
    '\u2019\u2018\u00b4`\u2010\u2011\u2212\u2044\uff0c\u3002\uff1b\uff01\uff1f\u3001',
    "''''---/,.;!?,")))
"""Quotes, hyphens, minus, the stroke of fractions and Chinese punctuation as in ASCII."""
_FRACTION_AFTER_DIGIT = re.compile('(?<=\\d)(?=[\u00bc-\u00be\u2150-\u215e])')
_TO = re.compile(r'(?<=\d) ?(?:\.{2,}|~) ?(?=[.\d])')
_AND_A_HALF = re.compile(r'\b(a|one|1|2|3) (met(?:er|re)s?|seconds?) and a half\b')
_ONE = {'a': '1', 'one': '1'}
_VERBS = frozenset([
    'arc', 'bear', 'bend', 'circle', 'crab', 'crouch', 'curve', 'drag', 'drift', 'duck', 'edge',
    'go', 'head', 'hook', 'hop', 'lift', 'loop', 'move', 'orbit', 'pick', 'pivot', 'raise',
    'rotate', 'sashay', 'scoot', 'scuttle', 'shift', 'shuffle', 'sidestep', 'sidle', 'slide',
    'spin', 'squat', 'steer', 'step', 'strafe', 'swerve', 'swing', 'translate', 'turn', 'twirl',
    'veer', 'whirl', 'yaw'])
"""Verbs whose other forms mean the same."""


@dataclass(frozen=True)
class Token:
    """
    A word, a number or a sign of a text.

    :param start, end: where it stands
    """

    text: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()


@dataclass(frozen=True)
class WordTable:
    """
    Phrases of one language.

    :param phrases: tokens of a phrase -> caption words; '' for what means nothing, and for the
        captions' own phrases
    :param longest: tokens of the longest phrase
    """

    phrases: Mapping[tuple[str, ...], str]
    longest: int

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(chain.from_iterable(self.phrases))

    def spot(self, tokens: list[Token]) -> Iterator[tuple[int, int, str | None]]:
        """
        Yield the phrases from left to right, of several the longest.

        :return: first token, the one after the last, and caption words; None for a token that no
            phrase has
        """
        i = 0
        while i < len(tokens):
            for size in range(min(self.longest, len(tokens) - i), 0, -1):
                words = self.phrases.get(tuple(token.text for token in tokens[i:i + size]))
                if words is not None:
                    yield i, i + size, words
                    i += size
                    break
            else:
                yield i, i + 1, None
                i += 1


def fold(text: str) -> str:
    """Return small letters without accents, single blanks, plain quotes and hyphens."""
    text = unicodedata.normalize('NFKC', _FRACTION_AFTER_DIGIT.sub(' ', text)).casefold()
    text = ''.join(c for c in unicodedata.normalize('NFD', text) if not unicodedata.combining(c))
    text = _TO.sub('-', unicodedata.normalize('NFC', text).translate(_PLAIN))
    return _AND_A_HALF.sub(
        lambda found: f'{_ONE.get(found[1], found[1])}.5 {found[2]}', ' '.join(text.split()))


def tokens_of(text: str) -> list[Token]:
    """Split a text that is folded; hyphens part words, and are no tokens."""
    return [Token(found[0], *found.span()) for found in _TOKEN.finditer(text)
            if found[0] != '-']


@lru_cache(maxsize=len(LANGUAGES))
def table_of(language: str) -> WordTable:
    """Read the table of a language."""
    raw = yaml.safe_load((FOLDER / f'{language}.yaml').read_text(encoding='utf-8'))
    phrases = {}
    for words, choices in [('', raw['ignored']), *raw['wordings'].items()]:
        for choice in choices.split('|'):
            for form in _forms(choice.strip()) if language == 'en' and words else [choice]:
                phrases[tuple(token.text for token in tokens_of(fold(form)))] = words
    if language == 'en':
        phrases |= dict.fromkeys(_caption_phrases(), '')
    return WordTable(phrases, max(map(len, phrases)))


def _forms(phrase: str) -> Iterator[str]:
    """Return an English phrase, with its verb in other forms and its side in other words."""
    first, _, rest = phrase.partition(' ')
    firsts = [first]
    if first in _VERBS:
        stem = first.removesuffix('e')
        doubled = first + first[-1] if first in ('spin', 'run') else stem
        firsts += [f'{first}s', f'{doubled}ing']
    for word in firsts:
        whole = f'{word} {rest}'.strip()
        yield whole
        for side in ('left', 'right'):
            if whole.endswith(f' {side}') and not whole.endswith((f'the {side}', f'your {side}')):
                yield whole.removesuffix(side) + f'to the {side}'
            elif whole.endswith(f' to the {side}'):
                yield whole.removesuffix(f'to the {side}') + side


@lru_cache(maxsize=1)
def _caption_phrases() -> frozenset[tuple[str, ...]]:
    """Return the tokens of the phrases of captions, but for those with numbers."""
    choices = {choice.replace('{turn}', side).replace('{side}', side)
               for forms in WORDS.values() for choices in forms.values() for choice in choices
               for side in ('left', 'right')}
    choices |= {form for verb in chain(MOVES, *(gait.verbs for gait in GAIT_WORDS.values()))
                for form in (verb.base, verb.third, verb.gerund) if verb not in MOVES}
    choices |= {phrase.text for gait in GAIT_WORDS.values()
                for phrase in (*gait.nouns, *gait.names, *gait.animals)} | set(leg_phrases())
    return frozenset(tuple(token.text for token in tokens_of(choice)) for choice in choices
                     if '{' not in choice)


@lru_cache(maxsize=1)
def caption_words() -> frozenset[str]:
    """Return every word that captions are made of."""
    verbs = [verb for gait in GAIT_WORDS.values() for verb in gait.verbs] + list(MOVES)
    phrases = chain(
        (choice for forms in WORDS.values() for choices in forms.values() for choice in choices),
        (form for verb in verbs for form in (verb.base, verb.third, verb.gerund, verb.tail)),
        (phrase.text for gait in GAIT_WORDS.values()
         for phrase in (*gait.nouns, *gait.names, *gait.legs, *gait.animals)))
    return frozenset(token.text for phrase in phrases for token in tokens_of(phrase)
                     if token.is_word) | {'left', 'right', 'front', 'hind', 'rear', 'back'}


@lru_cache(maxsize=len(LANGUAGES))
def vocabulary(language: str) -> frozenset[str]:
    """Return every word of a language that is known; of English also those of captions."""
    return table_of(language).words | (caption_words() if language == 'en' else frozenset())


@lru_cache(maxsize=1)
def leg_phrases() -> tuple[str, ...]:
    """Return how captions say in which order legs move; 'then' would part a sequence of goals."""
    return tuple(phrase.text for gait in GAIT_WORDS.values() for phrase in gait.legs
                 if ' then ' not in phrase.text)
