# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Ranges of measures that the words and numbers of a text ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf
import re

from policy_gen_ros.domains.go2.gait.meaning import Statement
from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES, MEASURES
from policy_gen_ros.domains.go2.gait.traits import STILL_MPS, STRAIGHT_RPS
from policy_gen_ros.domains.go2.gait.units import (
    BODY_HEIGHT,
    DUTY,
    FREQUENCY,
    Quantity,
    SPEED,
    STEP_HEIGHT,
    TURN_RATE,
)
from policy_gen_ros.goals.language.reading import Constraint

_DIRECT = {**{name: name for name in MEASURES.names}, FREQUENCY: 'frequency_hz',
           BODY_HEIGHT: 'body_height_m', STEP_HEIGHT: 'swing_height_m',
           'forward speed': 'vx_mps', 'speed to the left': 'vy_mps',
           'turn to the left': 'yaw_rate_rps'}
_LEFT, _RIGHT = re.compile(r'\bleft\b'), re.compile(r'\bright\b')
CURVES = re.compile(r'\b(?:turn|curv|circl|spin|rotat|veer|bend|arc|swing|steer|pivot)\w*')
_STILL = re.compile(r'\b(?:on the spot|in place|in one place|going nowhere|no travel)\b')
FORWARD_MPS_ASSUMED = 0.2
"""Least speed of a robot that was told no direction: "trot" is no trot on the spot."""
TURN_RPS_ASSUMED = 0.15
"""Most that a robot turns which was not told to."""


def constraints_of(text: str, said: Iterable[Statement], ruled_out: Iterable[Statement],
                   numbers: Iterable[Quantity], turn: list[Constraint]) -> list[Constraint]:
    """
    Return one range for each measure that a text speaks about, and what is assumed of others.

    :param text: in the words of captions, without what it denies
    :param said: what its words mean; ``ruled_out``: what those mean that it denies
    :param turn: how the robot turns where that is told by an angle or by the side that is left
    """
    said = list(said)
    found = turn + [c for item in said for c in _of_words(item, said, text)]
    found += [c for item in ruled_out for c in _of_denied(item, said, text)]
    found += [c for quantity in numbers for c in _of_number(quantity, said, text)]
    return _merged([*found, *assumed({item.measure for item in found})])


def assumed(named: set[str]) -> Iterator[Constraint]:
    """Yield what goes without saying: forward, where no direction is named, and straight on."""
    if not named & {'vx_mps', 'vy_mps', 'yaw_rate_rps'}:
        yield Constraint('vx_mps', FORWARD_MPS_ASSUMED, inf)
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
        yield along(item.low, item.high, said, item.words)
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
        yield along(low, high, said, words)


def _of_number(quantity: Quantity, said: list[Statement], text: str) -> Iterator[Constraint]:
    low, high, words = quantity.low, quantity.high, quantity.words
    if quantity.kind == SPEED:
        if low < 0 and (high <= 0 or low > -inf):  # a negative speed is backward
            yield Constraint('vx_mps', low, high, words)
        else:
            yield along(max(low, 0.0), high, said, words)
    elif quantity.kind == TURN_RATE:
        right = turns_right(text) and not high < 0  # a sign needs no word
        yield Constraint('yaw_rate_rps', *((-high, -low) if right else (low, high)), words)
    elif quantity.kind == DUTY:
        for name in CONTACT_NAMES:
            yield Constraint(name, max(low, 0.0), min(high, 1.0), words)
    elif quantity.kind in _DIRECT:
        yield Constraint(_DIRECT[quantity.kind], low, high, words)


def along(low: float, high: float, said: list[Statement], words: str) -> Constraint:
    """Return the range of the speed in the direction that a text names, else forward."""
    sides = [item for item in said if item.quantity == 'speed to the left']
    lengthwise = [item for item in said if item.quantity == 'forward speed'
                  and item.low != -item.high]
    if sides and (not lengthwise or 'sideways' in sides[0].words):
        return Constraint('vy_mps', *((low, high) if sides[0].low > 0 else (-high, -low)), words)
    if lengthwise and lengthwise[0].high < 0:
        return Constraint('vx_mps', -high, -low, words)
    return Constraint('vx_mps', low, high, words)


def turn_away(text: str, ruled_out: str) -> list[Constraint]:
    """Return how a robot turns to the side that is left over: "turn, but not to the left"."""
    left, right = (bool(side.search(ruled_out)) for side in (_LEFT, _RIGHT))
    if left == right or not CURVES.search(text) or _LEFT.search(text) or _RIGHT.search(text):
        return []
    limits = (-inf, -STRAIGHT_RPS) if left else (STRAIGHT_RPS, inf)
    return [Constraint('yaw_rate_rps', *limits, f'not {"left" if left else "right"}')]


def turns_right(text: str) -> bool:
    return bool(_RIGHT.search(text)) and not _LEFT.search(text)
