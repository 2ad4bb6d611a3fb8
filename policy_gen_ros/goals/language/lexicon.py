# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Rest by words alone: the least that counts beside the classifier; all there is without an encoder.

A clause asks for rest where it has a strong word for it that is not denied, or says nothing but a
weak one. The last clause with an order wins: 'stop pacing, trot' walks, 'trot, then halt' rests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
import re
import unicodedata

from policy_gen_ros.goals.language.intents import Intent, Understood
import yaml

_STROKES = str.maketrans({'\N{LATIN SMALL LETTER DOTLESS I}': 'i', 'ł': 'l', 'ø': 'o', 'đ': 'd',
                          'æ': 'ae', 'œ': 'oe'})
_WITHIN = '\'"/*#&@%'
"""Of the punctuation, what does not end a clause."""
_SPELLED = re.compile(r'(?<!\w)\w(?:[ .]\w){2,}(?!\w)')
_STRETCHED = re.compile(r'([^\W\d_])\1{2,}')
MAX_READ = 4000
"""Characters of a text that are read."""
_SIGNS = re.compile('[🛑✋⛔]')
_NEVER = r'(?:do not|do ?n ?t|dont|never|no|not|cannot|can ?t|may not|must not|mustn ?t)'
_STILL = re.compile(
    rf'\b{_NEVER} (?:(?:you|dare|even|ever|any|another|one|a|the|to|please|make|take|making|'
    r'single|try) ){0,4}(?:mov(?:e|es|ing|ement|ements)|budge|stir|twitch|steps?|inch|muscle|'
    r'further|(?:go|walk|run|trot) (?:any|a step|one step|another|on)|continue|proceed|carry on)'
    r'(?! (?:so|too|side\w*|back\w*|fast\w*|slow\w*|like|in|the|up|to|left|right|with|that|'
    r'forwards?|your (?:head|body|hips|back|trunk))\b)')

_OFTEN = ('stop', 'halt', 'wait', 'stay', 'stand', 'still', 'pause', 'freeze', 'brake', 'abort',
          'down', 'emergency', 'walk', 'trot', 'pronk', 'gallop', 'forward')
"""Words whose letters are put right where two are exchanged, or one within is left out."""


def _typos(word: str) -> set[str]:
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2:] for i in range(1, len(word) - 1)}
    short = {word[:i] + word[i + 1:] for i in range(1, len(word) - 1)} if len(word) > 4 else set()
    return (swapped | short) - {word}


_WORDS = {'sand', 'sill', 'stad', 'stil', 'pase', 'bake', 'brae', 'tort', 'galop', 'abot', 'aort'}
"""Such typos are words, in some language."""
_TYPOS = {typo: word for word in _OFTEN for typo in _typos(word) - _WORDS}


def _letters(text: str) -> str:
    """Return small letters without accents; combining marks of other scripts stay."""
    parts = unicodedata.normalize('NFKD', text).casefold().translate(_STROKES)
    return unicodedata.normalize('NFC', ''.join(c for c in parts if not 0x300 <= ord(c) < 0x370))


def fold(text: str) -> str:
    """
    Return a text as it is compared: small, without accents, clauses parted by ``, ``.

    Letters drawn out ('stoooop') or spelled ('S.T.O.P.') are put right.
    """
    text = ''.join(map(_punctuated, _SIGNS.sub(', stop, ', _letters(text[:MAX_READ]))))
    text = _SPELLED.sub(lambda found: re.sub('[ .]', '', found[0]), ' '.join(text.split()))
    text = re.sub('[,.]+', ' , ', text)
    words = _STRETCHED.sub(r'\1', text).split()
    return ' '.join(_TYPOS.get(word, word) for word in words)


def _punctuated(character: str) -> str:
    """Return a letter as it is, and for punctuation a blank, a full stop or a comma."""
    kind = unicodedata.category(character)
    if character == '.' or kind[0] not in 'PS':
        return character
    ends = kind == 'Po' and character not in _WITHIN
    return ',' if ends or character == '|' else ' '


def _joined(lines: str | dict[str, str]) -> str:
    """Alternatives of some lines, or of all languages, as one, and parts in place of names."""
    blocks = lines.values() if isinstance(lines, dict) else [lines]
    whole = '|'.join(re.sub(r'\n +', '', block.strip()).replace('\n', '|') for block in blocks)
    return re.sub('<([a-z]+)>', lambda name: f'(?:{_joined(_DATA["parts"][name[1]])})',
                  _letters(whole))


def _words(alternatives: str) -> re.Pattern[str]:
    return re.compile(rf'(?<!\w)(?:{alternatives})(?!\w)')


_DATA = yaml.safe_load(Path(__file__).with_name('rest_words.yaml').read_text(encoding='utf-8'))
_BY_INTENT = {name: {Intent(intent): _joined(lines) for intent, lines in _DATA[name].items()}
              for name in ('anywhere', 'unspaced', 'alone')}
_LIST = {name: _joined(lines) for name, lines in _DATA.items()
         if name not in (*_BY_INTENT, 'parts')}
_ANYWHERE = {intent: _words(phrases) for intent, phrases in _BY_INTENT['anywhere'].items()}
_UNSPACED = {intent: re.compile(phrases) for intent, phrases in _BY_INTENT['unspaced'].items()}
_ALONE = {intent: _words(phrases) for intent, phrases in _BY_INTENT['alone'].items()}
_WEAK, _FILLER = _words(_LIST['weak']), _words(_LIST['fillers'])
_DENIED = (_words(_LIST['denied']), re.compile(_LIST['denied unspaced']))
_MOVING_ENGLISH = _words(rf'(?:{_LIST["moving"]})(?:s|es|ing|ting|ning|ping|d|ed)?|moving|pacing|'
                         'bouncing|dancing|racing|striding|strolling|gliding|cruising')
_MOVING = (_MOVING_ENGLISH, _words(_LIST['moving elsewhere']),
           re.compile(_LIST['moving unspaced']), _words(_LIST['manner']),
           re.compile(_LIST['manner unspaced']))
_ORDERED = (_MOVING_ENGLISH, *_MOVING[1:3])
_POSTURE = _words(_LIST['posture'])
_BEGIN = 'keep|start|begin|continue|resume|keep on|go on|get|get to'
_HOW = r'(?:\w+(?:er|ly)|full|fast|slow|to|do|at|in) '
_ORDER = tuple(re.compile(phrases) for phrases in (
    rf'(?:(?:{_BEGIN}|back to|use|switch to) )*(?:{_HOW})?(?:an? |the )?'
    rf'(?:{_LIST["moving"]})(?!\w)',
    rf'(?:{_BEGIN}) (?:\w+ )?\w+ing\b', rf'(?:{_LIST["moving elsewhere"]})(?!\w)',
    _LIST['moving unspaced']))
_SIMILE = re.compile(r'\b(?:like|as if|as though|as when|wie|als ob|comme(?: si)?|como(?: si)?|'
                     r'come (?:se|un\w*)|zoals|alsof|som(?: om)?|jak(?:by)?|gibi|как|будто)\b.*')
"""After an order to move, what it is likened to asks for nothing."""
_WALK_DENIED = re.compile(rf'\b{_NEVER} (?:\w+ )?{_MOVING_ENGLISH.pattern}(?! (?:so|too|like)\b)')
_PARTICLE = re.compile(
    r'^(?:[\u3040-\u9fff]{1,2}(?!\S)|'
    r'(?: (?:down|up|still|toi|vous|te|dich|euch|hin|an|ab|auf)\b)+)')
"""What belongs to the verb before it, such as 下 and French "toi"."""
_UPRIGHT = (_words(_LIST['upright']), re.compile(_LIST['upright unspaced']))
_BOUNDARY = re.compile(rf',|(?<!\w)(?:{_LIST["boundaries"]})(?!\w)')


@dataclass(frozen=True)
class Reading:
    """
    What the words of a text say.

    :param rest: the rest asked for, or None
    :param moves: whether a movement is named that is not denied, or a rest that is
    :param bare: whether the words for rest are all that the text says, but for a word and fillers
    :param ordered: whether the text begins with an order to move
    :param only_moves: whether the text says nothing but an order to move, in English
    :param leads, ends: whether a clause begins or ends with the words for rest
    """

    rest: Understood | None
    moves: bool
    bare: bool = False
    ordered: bool = False
    leads: bool = False
    ends: bool = False
    only_moves: bool = False


def read_words(text: str) -> Reading:
    """Read a text by the lexicon."""
    whole = fold(text)
    phrase = whole
    for denied in _DENIED:
        phrase = denied.sub(' ', phrase)
    if any(pattern.search(_STILL.sub(' ', phrase)) for pattern in _ORDERED):
        phrase = _POSTURE.sub(' ', phrase)
    phrase = ' '.join(phrase.split())
    moves = phrase != whole or any(pattern.search(_WALK_DENIED.sub(' ', _STILL.sub(' ', phrase)))
                for pattern in _MOVING)
    clauses = [part.strip() for part in _BOUNDARY.split(phrase)]
    first = _is_order(clauses[0])
    newest, kept, leads, ends = _newest_rest(clauses, moves)
    if newest is None and not moves and _WEAK.fullmatch(bare := _without_fillers(phrase)):
        newest = Understood(Intent.STAND, bare)
    if newest is None:
        said = [*filter(None, map(_without_fillers, clauses))]
        return Reading(None, moves, ordered=first, only_moves=bool(said) and all(
            map(_MOVING_ENGLISH.fullmatch, said)))
    others = phrase.replace(',', ' ')
    for words in (newest.words, *kept):
        others = others.replace(words, ' ')
    return Reading(newest, moves, not moves and len(_without_fillers(others).split()) <= 1,
                   first, leads, ends)


def says_only_rest(text: str) -> bool:
    """
    Whether a text asks for a rest and says nothing else of weight.

    A word before it and what is to end may stand beside: "make stop", "stop trotting". In "stop,
    a wall in 2 m" there is more.
    """
    rest = read_words(text).rest
    if rest is None:
        return False
    before, found, after = _without_fillers(fold(text).replace(',', ' ')).partition(
        _without_fillers(rest.words))
    after = _PARTICLE.sub(' ', _MOVING_ENGLISH.sub(' ', after))
    return bool(found) and len(before.split()) <= 1 and not after.strip()


def _newest_rest(clauses: Sequence[str],
                 moves: bool) -> tuple[Understood | None, list[str], bool, bool]:
    """
    Return the rest that no order to move comes after.

    Who is told to lie down and stay does not stand up for the staying.

    :return: the rest, the words that only ask to stay so, and whether the last of all these words
        lead or end a clause
    """
    newest: Understood | None = None
    kept: list[str] = []
    leads = ends = False
    for clause in clauses:
        order = _is_order(clause)
        if order:
            clause = _SIMILE.sub(' ', clause)
        found = _rest_in(clause, moves)
        if found is not None:
            ends = _without_fillers(clause).endswith(_without_fillers(found.words))
            leads = _without_fillers(clause).startswith(_without_fillers(found.words))
            if newest and newest.intent is Intent.LIE_DOWN and _keeps_posture(found, clause):
                kept.append(found.words)
                continue
            newest, kept = found, []
            if found.intent is Intent.EMERGENCY:
                break
        elif order:
            newest, kept = None, []
    return newest, kept, leads, ends


def _keeps_posture(rest: Understood, clause: str) -> bool:
    """Whether a rest asks to stay as one is: "wait", but not "stand up"."""
    return rest.intent is Intent.STAND and not any(
        pattern.search(clause) for pattern in _UPRIGHT)


def _rest_in(clause: str, moves: bool) -> Understood | None:
    """Return the rest that one clause asks for; the more serious first."""
    for patterns in (_ANYWHERE, _UNSPACED):
        for intent, pattern in patterns.items():
            if found := pattern.search(clause):
                return Understood(intent, found[0])
    if found := _STILL.search(clause):
        return Understood(Intent.STAND, found[0])
    if not moves and (found := _WALK_DENIED.search(clause)):
        return Understood(Intent.STAND, found[0])
    bare = _without_fillers(clause)
    for intent, pattern in _ALONE.items():
        if any(text and pattern.fullmatch(text) for text in (bare, clause)):
            return Understood(intent, bare or clause)
    return None


def _is_order(clause: str) -> bool:
    return any(pattern.match(text) for pattern in _ORDER
               for text in (clause, _without_fillers(clause)))


def _without_fillers(clause: str) -> str:
    return ' '.join(_FILLER.sub(' ', clause).split())
