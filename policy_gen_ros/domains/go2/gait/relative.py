# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Words about what the robot does now: "faster", "a bit lower", "same but backwards".

They change what they name and keep the rest. The words are in ``wordings/changes.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import re
from typing import Any

import numpy as np
from policy_gen_ros.domains.go2.gait.measures import (
    family_of,
    GAIT_PHASES,
    MEASURES,
    PHASE_NAMES,
)
from policy_gen_ros.domains.go2.gait.units import (
    BODY_HEIGHT,
    FREQUENCY,
    Quantity,
    SPEED,
    STEP_HEIGHT,
)
from policy_gen_ros.domains.go2.gait.word_lists import WordLists
from policy_gen_ros.goals.language.numbers import NUMBER, number
from policy_gen_ros.goals.language.reading import Change, TextReading

DIRECTION = 'direction'
_MEASURES = {FREQUENCY: 'frequency_hz', BODY_HEIGHT: 'body_height_m',
             STEP_HEIGHT: 'swing_height_m'}
_ON_THE_SPOT_MPS, _TURNING_RPS = 0.06, 0.1
"""A robot that is slower and turns is on the spot: "faster" is about its turn."""
_STANDING_MPS = 0.02
"""Slower is no direction."""
_LEAST_CHANGE_MPS = 0.08
"""A change that nobody would see is none."""
_LISTS = WordLists('changes')
_FLIP, _LITTLE, _MUCH, _CONTINUES, _DOWN = (
    _LISTS.pattern(_LISTS.data[name]) for name in ('flip', 'little', 'much', 'continues', 'down'))
_PERCENT = re.compile(rf'({NUMBER}) ?(?:%|percent|per cent)')
_BY = re.compile(_LISTS.pattern(_LISTS.data['by']).pattern + r'(?: about| around| roughly)? $')
_LIFTED_BY = re.compile(r'\b(?:lift|rais|pick)\w*[^,;.]*\b(?:foot|feet|paws?|legs?)\b[^,;.]* by $')
_MORE_AFTER = re.compile(' ?' + _LISTS.pattern(_LISTS.data['more']).pattern)


@dataclass(frozen=True)
class _Rule:
    """
    An entry of the list of changes.

    :param exact: "a bit" and "much" make no difference
    """

    pattern: re.Pattern[str]
    quantity: str
    factor: float = 1.0
    offset: float = 0.0
    exact: bool = False

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> _Rule:
        factor = entry.get('factor', entry.get('exact factor', 1.0))
        return cls(_LISTS.pattern(entry['words']), entry['quantity'], factor,
                   entry.get('offset', 0.0), exact='exact factor' in entry)

    def change(self, words: str, scale: float, percent: float | None) -> Change:
        """
        Return the change that some words ask for.

        :param scale: 1 for "faster", less for "a bit faster", more for "much faster"
        :param percent: that were named
        """
        factor = self.factor
        if factor != 1 and not self.exact:
            up = 1 if factor > 1 else -1
            factor = factor**scale if percent is None else max(1 + up * percent / 100, 0.05)
        return Change(self.quantity, round(factor, 3), round(self.offset * scale, 4), words)


_RULES = tuple(_Rule.read(entry) for entry in _LISTS.data['changes'])


def changes(text: str) -> tuple[Change, ...]:
    """
    Return what a text changes of the present behaviour.

    :param text: in the words of captions, small letters
    """
    scale, percent = _scale(text), _percent(text)
    found, left = [], text
    for rule in _RULES:
        if match := rule.pattern.search(left):
            left = f'{left[:match.start()]} # {left[match.end():]}'
            found.append(rule.change(match[0], scale, percent))
    if match := _FLIP.search(left):
        found.append(Change(DIRECTION, -1.0, 0.0, match[0]))
    return tuple(found)


def usual_change(quantity: str, up: bool, words: str, text: str) -> Change:
    """
    Return the change that "faster", "lower" and the like ask for.

    :param quantity: one that the list of changes has
    :param words: that ask for it
    :param text: all of it, which may have "a bit" or "much"
    """
    rule = next(rule for rule in _RULES if rule.quantity == quantity and not rule.exact
                and (rule.factor > 1 or rule.offset > 0) == up)
    return rule.change(words, _scale(text), _percent(text))


def _percent(text: str) -> float | None:
    """Return the percent that a text names."""
    named = _PERCENT.search(text)
    return number(named[1]) if named else None


def _scale(text: str) -> float:
    """Return how much of the usual change a text asks for."""
    return 0.5 if _LITTLE.search(text) else 2.0 if _MUCH.search(text) else 1.0


def relative_quantity(text: str, quantity: Quantity) -> Change | None:
    """Read "by three centimetres" and "0.2 m/s more"; None where a quantity is no change."""
    if quantity.kind not in (SPEED, *_MEASURES) or quantity.low != quantity.high:
        return None
    before, after = text[:quantity.start], text[quantity.end:]
    by = _BY.search(before) and not _LIFTED_BY.search(before)  # a foot is lifted from the ground
    if not by and not _MORE_AFTER.match(after):
        return None
    clause = re.split('[,;.!?]', before)[-1] + ' ' + re.split('[,;.!?]', after)[0]
    value = -quantity.low if _DOWN.search(clause) else quantity.low
    return Change(quantity.kind, 1.0, value, quantity.words)


def continues(text: str) -> bool:
    """Whether a text is about what the robot does now, by words such as "same" or "keep going"."""
    return bool(_CONTINUES.search(text))


def starts_continuing(text: str) -> bool:
    """Whether these are its first words: "now pace" leaves no doubt that it continues."""
    return bool(_CONTINUES.match(text))


def changed(current: Mapping[str, float], reading: TextReading,
            share: float = 1.0) -> dict[str, float]:
    """
    Apply what a text names to the measures of a behaviour, and keep the rest.

    :param current: all measures, SI units
    :param share: of each relative change that is made, above 0 up to 1
    :return: measures; without phases where the gait is ruled out and no other is named
    """
    result = dict(current)
    _apply(result, reading.changes, share)
    for constraint in reading.constraints:
        name = constraint.measure
        if constraint.words and not constraint.holds(result[name]):
            margin = 2 * float(MEASURES.tolerance[MEASURES.index(name)])
            result[name] = constraint.nearest(result[name], margin)
    family = family_of(result)
    if reading.groups and family not in reading.groups:
        result |= dict(zip(PHASE_NAMES, GAIT_PHASES[reading.groups[0]]))
    elif family in reading.excluded:
        for name in PHASE_NAMES:
            del result[name]
    return result


def _apply(result: dict[str, float], wanted: tuple[Change, ...], share: float) -> None:
    for change in wanted:
        factor = change.factor**share if change.factor > 0 else change.factor
        if change.quantity == SPEED:
            if change.offset:
                _add_speed(result, share * change.offset)
            else:
                _scale_speed(result, factor)
        elif change.quantity == DIRECTION:
            for name in ('vx_mps', 'vy_mps', 'yaw_rate_rps'):
                result[name] *= -1.0
        else:
            name = _MEASURES[change.quantity]
            result[name] = factor * result[name] + share * change.offset


def _scale_speed(measures: dict[str, float], factor: float) -> None:
    """Scale speed; a robot on the spot turns faster, or, told to speed up, sets off."""
    speed = float(np.hypot(measures['vx_mps'], measures['vy_mps']))
    if speed < _ON_THE_SPOT_MPS and abs(measures['yaw_rate_rps']) > _TURNING_RPS:
        measures['yaw_rate_rps'] *= factor
    elif factor > 1:
        _add_speed(measures, max(speed * (factor - 1), _LEAST_CHANGE_MPS))
    else:
        _add_speed(measures, min(speed * (factor - 1), -_LEAST_CHANGE_MPS))


def _add_speed(measures: dict[str, float], change: float) -> None:
    """Add to the speed in the present direction, down to none; from standing it is forward."""
    speed = float(np.hypot(measures['vx_mps'], measures['vy_mps']))
    target = max(speed + change, 0.0)
    if speed < _STANDING_MPS:
        measures['vx_mps'] = target
        return
    for name in ('vx_mps', 'vy_mps'):
        measures[name] *= target / speed
