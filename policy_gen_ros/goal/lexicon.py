# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Rest by words alone: the floor below the classifier, and all there is without an encoder.

A clause asks for rest where it has a strong word for it that is not denied, or says nothing but a
weak one. The last clause with an order wins: 'stop pacing, trot' walks, 'trot, then halt' rests.
"""

from __future__ import annotations

from dataclasses import dataclass
import re
import unicodedata

from policy_gen_ros.goal import rest_words as words
from policy_gen_ros.goal.intents import Intent, Understood

_STROKES = str.maketrans({'ı': 'i', 'ł': 'l', 'ø': 'o', 'đ': 'd', 'æ': 'ae', 'œ': 'oe'})
_PARTED = str.maketrans(dict.fromkeys("'’`´-‐–—_/\"“”„()[]«»¡¿*#", ' '))
_ENDS = re.compile(r'[,.;:!?…、。！？，؟|]+')
_SPELLED = re.compile(r'(?<!\w)\w(?:[ .]\w){2,}(?!\w)')
_STRETCHED = re.compile(r'([^\W\d_])\1{2,}')
_SIGNS = re.compile('[🛑✋⛔]')
_NEVER = r'(?:do not|do ?n ?t|dont|never|no|not|cannot|can ?t|may not|must not|mustn ?t)'
_STILL = re.compile(
    rf'\b{_NEVER} (?:(?:you|dare|even|ever|any|another|one|a|the|to|please|make|take|making|taking|'
    r'single|try) ){0,4}(?:mov(?:e|es|ing|ement|ements)|budge|stir|twitch|steps?|inch|muscle|further|'
    r'(?:go|walk|run|trot) (?:any|a step|one step|another|on)|continue|proceed|carry on)'
    r'(?! (?:so|too|side\w*|back\w*|fast\w*|slow\w*|like|in|the|up|to|left|right|with|that|'
    r'forwards?|your (?:head|body|hips|back|trunk))\b)')


def _letters(text: str) -> str:
    """Return small letters without accents; combining marks of other scripts stay."""
    parts = unicodedata.normalize('NFKD', text.casefold()).translate(_STROKES)
    return unicodedata.normalize('NFC', ''.join(c for c in parts if not 0x300 <= ord(c) < 0x370))


def fold(text: str) -> str:
    """
    Return a text as it is compared: small, without accents, clauses parted by ``, ``.

    Letters drawn out ('stoooop') or spelled ('S.T.O.P.') are put right.
    """
    text = _SIGNS.sub(', stop, ', _letters(text[:4000]).translate(_PARTED))
    text = _SPELLED.sub(lambda found: re.sub('[ .]', '', found[0]), ' '.join(text.split()))
    return ' '.join(_STRETCHED.sub(r'\1', _ENDS.sub(' , ', text)).split())


def _words(alternatives: str) -> re.Pattern[str]:
    return re.compile(rf'(?<!\w)(?:{_letters(alternatives)})(?!\w)')


_ANYWHERE = {intent: _words('|'.join(parts)) for intent, parts in words.ANYWHERE.items()}
_ALONE = {intent: _words(alternatives) for intent, alternatives in words.ALONE.items()}
_WEAK = _words(words.WEAK)
_UNSPACED = {intent: re.compile(_letters(part)) for intent, part in words.UNSPACED.items()}
_DENIED = (_words(words.DENIED), re.compile(_letters(words.DENIED_UNSPACED)))
_MOVING_ENGLISH = _words(rf'(?:{words.MOVING})(?:s|es|ing|ting|ning|ping|d|ed)?|moving|pacing|'
                         'bouncing|dancing|racing|striding|strolling|gliding|cruising')
_MOVING = (_MOVING_ENGLISH, _words(words.MOVING_ELSEWHERE),
           re.compile(_letters(words.MOVING_UNSPACED)))
_ORDER = (re.compile(rf'(?:keep |start |begin |continue |resume |keep on |go on |back to |use |switch to )*'
                     rf'(?:a |an |the )?(?:{words.MOVING})(?!\w)|'
                     r'(?:keep|start|begin|continue|resume|keep on|go on) (?:\w+ )?\w+ing\b'),
          re.compile(_letters(rf'(?:{words.MOVING_ELSEWHERE})(?!\w)')),
          re.compile(_letters(f'(?:{words.MOVING_UNSPACED})')))
_WALK_DENIED = re.compile(rf'\b{_NEVER} (?:\w+ )?{_MOVING_ENGLISH.pattern}')
_FILLER = _words(words.FILLERS)
_BOUNDARY = re.compile(rf',|(?<!\w)(?:{_letters(words.BOUNDARIES)})(?!\w)')


@dataclass(frozen=True)
class Reading:
    """
    What the words of a text say.

    :param rest: the rest asked for, or None
    :param moves: whether a movement is named that is not denied
    :param bare: whether the words for rest are all that the text says, but for a word and fillers
    """

    rest: Understood | None
    moves: bool
    bare: bool = False


def read_words(text: str) -> Reading:
    """Read a text by the lexicon."""
    said = fold(text)
    for denied in _DENIED:
        said = denied.sub(' ', said)
    said = ' '.join(said.split())
    moves = any(pattern.search(_WALK_DENIED.sub(' ', _STILL.sub(' ', said)))
                for pattern in _MOVING)
    newest: Understood | None = None
    for clause in (part.strip() for part in _BOUNDARY.split(said)):
        found = _rest_in(clause, moves)
        if found is not None and found.intent is Intent.EMERGENCY:
            newest = found
            break
        newest = found or (None if _is_order(clause) else newest)
    if newest is None and not moves and _WEAK.fullmatch(bare := _without_fillers(said)):
        newest = Understood(Intent.STAND, bare)
    if newest is None:
        return Reading(None, moves)
    others = _without_fillers(said.replace(newest.words, ' ').replace(',', ' '))
    return Reading(newest, moves, not moves and len(others.split()) <= 1)


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
        if any(said and pattern.fullmatch(said) for said in (bare, clause)):
            return Understood(intent, bare or clause)
    return None


def _is_order(clause: str) -> bool:
    bare = _without_fillers(clause)
    return any(pattern.match(bare) for pattern in _ORDER)


def _without_fillers(clause: str) -> str:
    return ' '.join(_FILLER.sub(' ', clause).split())

