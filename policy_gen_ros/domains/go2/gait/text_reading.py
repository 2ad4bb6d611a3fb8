# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The one place that reads a goal's text: gaits, ranges, numbers, exclusions and changes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
import re

from policy_gen_ros.domains.go2.gait.ends import end_of
from policy_gen_ros.domains.go2.gait.meaning import affirmed, denied, families_in, meanings_in
from policy_gen_ros.domains.go2.gait.quantities import quantities, Quantity
from policy_gen_ros.domains.go2.gait.relative import changes, continues, relative_quantity
from policy_gen_ros.domains.go2.gait.text_constraints import constraints_of, CURVES, turn_away
from policy_gen_ros.domains.go2.gait.units import COUNT, DISTANCE, SPEED
from policy_gen_ros.domains.go2.gait.word_lists import WordLists
from policy_gen_ros.domains.go2.gait.wording import reword
from policy_gen_ros.domains.go2.gait.wording_tables import fold
from policy_gen_ros.goals.language.reading import Change, TextReading

_SIDE_AFTER = re.compile(r'^ (?:to (?:the|your|its) )?(?:left|right)\b')
_SIDE_BEFORE = re.compile(r'(?<!forward )(?<!ahead )(?<!back )(?<!backward )\b(?:left|right)'
                          r'(?: (?:by|for|at))? +$')
_BACK_AFTER, _BACK_BEFORE = re.compile(r'^ back\b'), re.compile(
    r'(?<!your )(?<!the )(?<!its )\bback(?: (?:by|for|at))? $')
_TURNING_TO = re.compile(r'\bturning (left|right)\b')
_NOT_SO = re.compile(r"\b(?:not|\w+n't)\b(?: \w+)*? (?:so|that|quite so|as) "
                     r'(?P<how>fast|slow)\w*')
_CHOICE = re.compile(r'\bor\b')
_JOINED = re.compile(r'\b(?:and|then)\b|[,;]')
"""Without these "walk" is any way to go: "walk on diagonal legs" is a trot."""
_LISTS = WordLists('impossible')
_IMPOSSIBLE = _LISTS.pattern(_LISTS.data['impossible'])


@lru_cache(maxsize=256)
def read_text(text: str) -> TextReading:
    """Read a goal's text; cached, as each candidate asks."""
    wording = reword(text)
    whole = wording.spelled if wording.language == 'en' else wording.text
    found = quantities(whole)
    if wording.language != 'en' and any(item.kind in (DISTANCE, COUNT) for item in found):
        # Other tables say "turning left" for "to the left", but of a way that is sideways.
        whole = _TURNING_TO.sub(r'to the \1', whole)
        found = quantities(whole)
    plain_text = _without(whole, found)
    if wording.language == 'en' or plain_text.endswith('sideways'):
        plain_text = reword(plain_text).text
    ruled_out = denied(plain_text)
    kept, families, choice = _chosen(affirmed(plain_text))
    if not families and (less := _NOT_SO.search(ruled_out)):  # said of what the robot does now
        kept, ruled_out = f'{kept} too {less["how"]}', ruled_out.replace(less[0], '')
    remarks = [f'{word!r} is read as {meant!r}' for word, meant in wording.corrected.items()]
    numbers, wanted = _changes(whole, kept, found)
    said = meanings_in(kept)
    until, turn = end_of(f'{kept} . {fold(text)}', said, numbers)
    turn = turn or turn_away(kept, ruled_out)
    constraints = constraints_of(kept, said, meanings_in(ruled_out), numbers, turn)
    impossible = (match[0] for match in _IMPOSSIBLE.finditer(affirmed(fold(text))))
    understood = [*(change.words for change in wanted), *(number.words for number in numbers)]
    return TextReading(
        text=_for_encoder(wording.text, kept, ruled_out), whole=wording.text,
        constraints=tuple(item for item in constraints if not item.words or not any(
            item.words in change.words for change in wanted)),
        groups=families,
        excluded=tuple(family for family in families_in(ruled_out) if family not in families),
        changes=wanted, continues=continues(wording.text), until=until,
        impossible=tuple(dict.fromkeys(impossible)),
        ignored=tuple(word for word in wording.ignored
                      if not any(word in words for words in understood)),
        remarks=(*remarks, *choice))


def _chosen(text: str) -> tuple[str, tuple[str, ...], list[str]]:
    """Return a text with one gait of a choice, the gaits that it names, and remarks."""
    families, remarks = families_in(text), []
    if len(families) > 1 and _CHOICE.search(text):
        first = min(families, key=lambda family: _place(text, family))
        remarks.append(f'of the gaits {" or ".join(families)} {first} is taken')
        text, families = _only(text, first, families), (first,)
    if len(families) == 2 and 'walk' in families and not _JOINED.search(text):
        families = tuple(family for family in families if family != 'walk')
    return text, families, remarks


def _changes(whole: str, kept: str,
             found: Iterable[Quantity]) -> tuple[list[Quantity], tuple[Change, ...]]:
    """Part quantities into those that are asked for, and changes, with the changes in words."""
    numbers: list[Quantity] = []
    by_number: list[Change] = []
    for quantity in found:
        if change := relative_quantity(whole, quantity):
            by_number.append(change)
        else:
            numbers.append(quantity)
    # "Slow down to 0.3 m/s" says how fast, not how much slower.
    known = {item.quantity for item in by_number} | {
        item.kind for item in numbers if item.low == item.high}
    return numbers, (*by_number, *(change for change in changes(kept)
                                   if change.quantity not in known))


def _for_encoder(whole: str, kept: str, ruled_out: str) -> str:
    """Return the text for the encoder: where something is denied, what is left of it."""
    if not ruled_out:
        return whole
    return ' '.join(re.sub(r'\s+([,;.!?])', r'\1', kept).strip(' ,;.!?').split())


def _without(text: str, numbers: Iterable[Quantity]) -> str:
    """
    Return a text without its numbers, which would be read a second time.

    Between a verb and its side a number would also part the two: "sidestep 30 cm to the left". A
    way to a side is one sideways, "go 2 m left", and one back is backward.
    """
    for quantity in sorted(numbers, key=lambda q: -q.start):
        before, after = text[:quantity.start], text[quantity.end:]
        goes = quantity.kind in (SPEED, DISTANCE, COUNT)
        aside = goes and not CURVES.search(text) and (
            _SIDE_AFTER.match(after) or _SIDE_BEFORE.search(before))
        back = goes and (_BACK_AFTER.match(after) or _BACK_BEFORE.search(before))
        text = f'{before} {"sideways" if aside else "backward" if back else ""} {after}'
    return ' '.join(text.split())


def _place(text: str, family: str) -> int:
    """Return how many words it takes until a family is named."""
    words = text.split()
    return next(n for n in range(1, len(words) + 1)
                if family in families_in(' '.join(words[:n])) or n == len(words))


def _only(text: str, family: str, families: tuple[str, ...]) -> str:
    """Return the part of a choice that names one family."""
    parts = [part for part in _CHOICE.split(text)
             if family in families_in(part) or not set(families) & set(families_in(part))]
    return ' '.join(' '.join(parts).split())
