# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The one place that reads a goal's text: gaits, ranges, numbers, exclusions and changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import inf, pi
import re

from policy_gen_ros.domains.go2.gait.meaning import (
    affirmed,
    denied,
    families_in,
    meanings_in,
    Statement,
)
from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES, MEASURES
from policy_gen_ros.domains.go2.gait.quantities import quantities, Quantity
from policy_gen_ros.domains.go2.gait.relative import changes, continues, relative_quantity
from policy_gen_ros.domains.go2.gait.traits import STILL_MPS, STRAIGHT_RPS
from policy_gen_ros.domains.go2.gait.units import (
    ANGLE,
    BODY_HEIGHT,
    COUNT,
    DISTANCE,
    DUTY,
    FREQUENCY,
    SPEED,
    STEP_HEIGHT,
    TURN_RATE,
)
from policy_gen_ros.domains.go2.gait.word_lists import WordLists
from policy_gen_ros.domains.go2.gait.wording import reword
from policy_gen_ros.domains.go2.gait.wording_tables import fold
from policy_gen_ros.goals.language.numbers import number
from policy_gen_ros.goals.language.reading import Amount, Change, Constraint, TextReading

_DIRECT = {**{name: name for name in MEASURES.names}, FREQUENCY: 'frequency_hz',
           BODY_HEIGHT: 'body_height_m', STEP_HEIGHT: 'swing_height_m',
           'forward speed': 'vx_mps', 'speed to the left': 'vy_mps',
           'turn to the left': 'yaw_rate_rps'}
_LEFT, _RIGHT = re.compile(r'\bleft\b'), re.compile(r'\bright\b')
_CURVES = re.compile(r'\b(?:turn|curv|circl|spin|rotat|veer|bend|arc|swing|steer|pivot)\w*')
_STILL = re.compile(r'\b(?:on the spot|in place|in one place|going nowhere|no travel)\b')
_CHOICE = re.compile(r'\bor\b')
_JOINED = re.compile(r'\b(?:and|then)\b|[,;]')
"""Without these "walk" is any way to go: "walk on diagonal legs" is a trot."""
_LISTS = WordLists('impossible')
_IMPOSSIBLE = _LISTS.pattern(_LISTS.data['impossible'])
_AROUND = re.compile(
    r'\b(?:turn (?:all the way )?(?:a)?round|(?:do )?an? (?:about[- ]turn|u-?turn|one[- ]eighty)|'
    r'half[- ]turn|about[- ]face|face the (?:other|opposite) (?:way|direction))\b')
_FULL_CIRCLE = re.compile(r'\b(?:full (?:circle|turn|rotation|spin)|all the way around|'
                          r'once around|complete (?:circle|turn|rotation))\b')
_TURNS = re.compile(
    r'\b(?:spin|spinning|rotat\w+|turn|around|pirouette\w*)\b[\w ]*?\b(?:(once|twice)|'
    r'(two|three|four|2|3|4) (?:times|circles|turns|spins))\b(?! (?:a|per|every) )')
_QUARTER = re.compile(r'\bquarter[- ]turn\b')
TURN_RPS = 0.6
"""To turn by an angle, where no rate is given: half a turn in five seconds."""
TURN_RPS_ASSUMED = 0.15
"""Most that a robot turns which was not told to."""
STEPS_PER_CYCLE = 2
"""Somebody who counts a dog's steps counts its fore feet."""


@lru_cache(maxsize=256)
def read_text(text: str) -> TextReading:
    """Read a goal's text; cached, as each candidate asks."""
    wording = reword(text)
    whole = wording.spelled if wording.language == 'en' else wording.text
    found = quantities(whole)
    # Between a verb and its side a number would part the two: "sidestep 30 cm to the left".
    plain_text = _without(whole, found)
    if wording.language == 'en':
        plain_text = reword(plain_text).text
    ruled_out = denied(plain_text)
    kept, families, choice = _chosen(affirmed(plain_text))
    remarks = [f'{word!r} is read as {meant!r}' for word, meant in wording.corrected.items()]
    numbers, wanted = _changes(whole, kept, found)
    said = meanings_in(kept)
    until, turn = _until(f'{kept} . {fold(text)}', said, numbers)
    turn = turn or _turn_away(kept, ruled_out)
    constraints = _constraints(kept, said, meanings_in(ruled_out), numbers, turn)
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
    """Return a text without its numbers, which would be read a second time."""
    for quantity in sorted(numbers, key=lambda q: -q.start):
        text = f'{text[:quantity.start]} {text[quantity.end:]}'
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


def _until(text: str, said: Iterable[Statement],
           numbers: Iterable[Quantity]) -> tuple[Amount | None, list[Constraint]]:
    """Return what ends a goal, and how the robot turns where that is an angle."""
    words, angle = '', None
    if found := _TURNS.search(text):
        words, angle = found[0], 2 * pi * number(found[1] or found[2])
    for pattern, turn in ((_AROUND, pi), (_FULL_CIRCLE, 2 * pi), (_QUARTER, pi / 2)):
        if found := pattern.search(text):
            words, angle = found[0], turn
    for quantity in numbers:
        if quantity.kind == ANGLE:
            words, angle = quantity.words, quantity.high
        elif quantity.kind == DISTANCE:
            measure = _along(0.0, inf, list(said), '').measure
            return Amount(measure, abs(quantity.high), quantity.words), []
        elif quantity.kind == COUNT and not angle:  # "spin three times" are no steps
            return Amount('frequency_hz', quantity.high / STEPS_PER_CYCLE, quantity.words), []
    if not angle:
        return None, []
    rate = -TURN_RPS if _to_the_right(text) != (angle < 0) else TURN_RPS
    turns = [Constraint('yaw_rate_rps', rate, rate, words)]
    if not any(item.quantity == 'forward speed' for item in said):
        turns += [Constraint(name, -STILL_MPS, STILL_MPS, words) for name in ('vx_mps', 'vy_mps')]
    return Amount('yaw_rate_rps', abs(angle), words), turns


def _turn_away(text: str, ruled_out: str) -> list[Constraint]:
    """Return how a robot turns to the side that is left over: "turn, but not to the left"."""
    left, right = (bool(side.search(ruled_out)) for side in (_LEFT, _RIGHT))
    if left == right or not _CURVES.search(text) or _LEFT.search(text) or _RIGHT.search(text):
        return []
    limits = (-inf, -STRAIGHT_RPS) if left else (STRAIGHT_RPS, inf)
    return [Constraint('yaw_rate_rps', *limits, f'not {"left" if left else "right"}')]


def _to_the_right(text: str) -> bool:
    return bool(_RIGHT.search(text)) and not _LEFT.search(text)


def _constraints(text: str, said: Iterable[Statement], ruled_out: Iterable[Statement],
                 numbers: Iterable[Quantity], turn: list[Constraint]) -> list[Constraint]:
    said = list(said)
    found = turn + [c for item in said for c in _of_words(item, said, text)]
    found += [c for item in ruled_out for c in _of_denied(item, said, text)]
    found += [c for quantity in numbers for c in _of_number(quantity, said, text)]
    return _merged([*found, *assumed({item.measure for item in found})])


def assumed(named: set[str]) -> Iterator[Constraint]:
    """Yield what goes without saying: forward, where no direction is named, and straight on."""
    if not named & {'vx_mps', 'vy_mps', 'yaw_rate_rps'}:
        yield Constraint('vx_mps', 0.0, inf)
    elif 'vx_mps' not in named:
        yield Constraint('vx_mps', STILL_MPS, inf)  # a curve, or to the side and forward
    if 'yaw_rate_rps' not in named:
        yield Constraint('yaw_rate_rps', -TURN_RPS_ASSUMED, TURN_RPS_ASSUMED)
    if 'vy_mps' not in named:
        yield Constraint('vy_mps', -STILL_MPS, STILL_MPS)


def _merged(found: Iterable[Constraint]) -> list[Constraint]:
    """Return one range a measure: an exact value, else what all its words have in common."""
    merged: dict[str, Constraint] = {}
    for item in sorted(found, key=lambda c: not c.exact):
        other = merged.get(item.measure)
        if other is None:
            merged[item.measure] = item
            continue
        low, high = max(item.low, other.low), min(item.high, other.high)
        if not other.exact and low < high:
            words = ', '.join(filter(None, dict.fromkeys([other.words, item.words])))
            merged[item.measure] = Constraint(item.measure, low, high, words)
    return list(merged.values())


def _of_words(item: Statement, said: list[Statement], text: str) -> Iterator[Constraint]:
    if item.low == item.high:
        return  # numbers are read by themselves
    if item.quantity in _DIRECT:
        yield Constraint(_DIRECT[item.quantity], item.low, item.high, item.words)
        if 'sideways' in item.words and item.quantity == 'speed to the left':
            yield Constraint('vx_mps', -STILL_MPS, STILL_MPS, item.words)
    elif item.quantity == 'speed' and not _STILL.search(text):
        yield _along(item.low, item.high, said, item.words)
    elif item.quantity == 'share of time on the ground':
        for name in CONTACT_NAMES:
            yield Constraint(name, item.low, min(item.high, 1.0), item.words)


def _of_denied(item: Statement, said: list[Statement], text: str) -> Iterator[Constraint]:
    """Yield the opposite of what is denied: not slow is at least medium."""
    words = f'not {item.words}'
    if item.quantity == 'forward speed':
        yield Constraint('vx_mps', *((0.0, inf) if item.high < 0 else (-inf, 0.0)), words)
        return
    if item.quantity in ('turn to the left', 'speed to the left'):
        yield Constraint(_DIRECT[item.quantity], -STRAIGHT_RPS, STRAIGHT_RPS, words)
        return
    if item.low in (0.0, -inf):
        low, high = item.high, inf
    elif item.high == inf:  # not too fast is no middle speed either
        low, high = 0.0, item.near[0]
    else:
        return
    if item.quantity in _DIRECT:
        yield Constraint(_DIRECT[item.quantity], low, high, words)
    elif item.quantity == 'speed' and not _STILL.search(text):
        yield _along(low, high, said, words)


def _of_number(quantity: Quantity, said: list[Statement], text: str) -> Iterator[Constraint]:
    low, high, words = quantity.low, quantity.high, quantity.words
    if quantity.kind == SPEED:
        if low < 0 <= -high:  # a negative speed is backward
            yield Constraint('vx_mps', low, high, words)
        else:
            yield _along(max(low, 0.0), high, said, words)
    elif quantity.kind == TURN_RATE:
        right = _to_the_right(text) and not high < 0  # a sign needs no word
        yield Constraint('yaw_rate_rps', *((-high, -low) if right else (low, high)), words)
    elif quantity.kind == DUTY:
        for name in CONTACT_NAMES:
            yield Constraint(name, max(low, 0.0), min(high, 1.0), words)
    elif quantity.kind in _DIRECT:
        yield Constraint(_DIRECT[quantity.kind], low, high, words)


def _along(low: float, high: float, said: list[Statement], words: str) -> Constraint:
    """Return the range of the speed in the direction that a text names, else forward."""
    sides = [item for item in said if item.quantity == 'speed to the left']
    lengthwise = [item for item in said if item.quantity == 'forward speed'
                  and item.low != -item.high]
    if sides and (not lengthwise or 'sideways' in sides[0].words):
        return Constraint('vy_mps', *((low, high) if sides[0].low > 0 else (-high, -low)), words)
    if lengthwise and lengthwise[0].high < 0:
        return Constraint('vx_mps', -high, -low, words)
    return Constraint('vx_mps', low, high, words)
