# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Numbers without units: of what is named, "frequency 2.5" and "vx -0.3 to -0.1", and "trot 0.5".

A decimal after a gait or a direction is a speed in m/s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import radians
import re

from policy_gen_ros.domains.go2.gait.measures import MEASURES
from policy_gen_ros.domains.go2.gait.units import (
    ANGLE,
    BODY_HEIGHT,
    DUTY,
    FREQUENCY,
    Quantity,
    SPEED,
    STEP_HEIGHT,
    TURN_RATE,
    UNIT,
)
from policy_gen_ros.goals.language.numbers import DIGITS, NUMBER, number

_SHARE = r'(?:(?:one |a )?half|(?:a |one )?third|two thirds|(?:a |one )?quarter|three quarters)\b'
_TO = r'(?: ?[-\u2013,] ?| (?:to|and|or|until) )'
_SECOND = rf'(?:{_TO}(?P<minus_2>-)?(?P<second>{DIGITS})[\])]?)?(?!\d)'
_NAMED = re.compile(
    rf'\b(?P<what>duty(?:[ _](?:factor|cycle))?|speed|velocity|frequency|freq|cadence|'
    rf'(?:step|yaw|turn)[ _]rate|(?:step|swing)[ _]height|swing|(?:body[ _])?height|yaw|wz|vx|vy|'
    rf'{"|".join(MEASURES.names)})'
    rf'(?: (?:of|at|to|is|about|around|in|between|from|range|=))*[ =:\[(]*'
    rf'(?P<minus>(?<=[ =:\[(])-)?(?P<first>{DIGITS}|{_SHARE}){_SECOND}', re.I)
_WITH_UNIT = re.compile(rf'{NUMBER}\s*-?(?:{UNIT})', re.I)
_DUTY_AFTER = re.compile(rf'(?<![\w.,])(?P<first>{DIGITS}|{_SHARE}) (?P<what>duty)\b')
_DECIMAL = r'[01]?[.,]\d+'
_SPEED_AFTER = re.compile(
    r'\b(?:forwards?|ahead|backwards?|sideways|(?:to the )?(?:left|right)|trot|pace|bound|'
    rf'pronk|walk)(?: at)? (?P<words>(?:between |from )?(?P<first>{_DECIMAL})'
    rf'(?:{_TO}(?P<second>{_DECIMAL}))?)(?![\d.,]*\d|\s*[\w%\u00b0])')
_KINDS = {**{name: name for name in MEASURES.names}, 'vx': 'vx_mps', 'vy': 'vy_mps',
          'duty': DUTY, 'freq': FREQUENCY, 'cadence': FREQUENCY, 'step rate': FREQUENCY,
          'step height': STEP_HEIGHT, 'swing': STEP_HEIGHT, 'yaw': TURN_RATE,
          'turn rate': TURN_RATE, 'wz': TURN_RATE,
          'body height': BODY_HEIGHT, 'height': BODY_HEIGHT}
"""By how the name begins, the first that fits."""
_ANGLE = re.compile(
    r'\b(?:(?:turn|rotate|spin|pivot)(?: (?:to the )?(?:left|right|around))?(?: by)?|do a) '
    rf'(?P<first>\d{{2,3}})(?![\d.,]*\d|\s*(?:{UNIT}|s\b))')
"""Degrees are not always said: "turn 180"."""


def without_units(text: str, taken: Iterable[Quantity]) -> Iterator[Quantity]:
    """
    Yield numbers without units.

    :param taken: numbers with units, which are no others
    """
    places = [range(item.start, item.end) for item in taken]

    def is_free(found: re.Match[str]) -> bool:
        first, last = found.start('first'), found.end()
        return not _WITH_UNIT.match(text, first) and not any(
            first < place.stop and place.start < last for place in places)

    for found in filter(is_free, _ANGLE.finditer(text)):
        angle = radians(number(found['first']))
        yield Quantity(ANGLE, angle, angle, *found.span('first'), found['first'])
    for found in filter(is_free, _NAMED.finditer(text)):
        what = found['what'] if found['what'] in MEASURES.names else \
            found['what'].replace('_', ' ')
        kind = next((kind for name, kind in _KINDS.items() if what.startswith(name)), SPEED)
        sign = -1.0 if found['minus'] else 1.0
        values = [sign * number(found['first'])]
        if found['second']:
            values.append((-1.0 if found['minus_2'] else 1.0) * number(found['second']))
        yield Quantity(kind, min(values), max(values), *found.span(), found[0])
    for found in filter(is_free, _DUTY_AFTER.finditer(text)):
        value = number(found['first'])
        yield Quantity(DUTY, value, value, *found.span(), found[0])
    for found in filter(is_free, _SPEED_AFTER.finditer(text)):
        values = [number(found['first']), number(found['second'] or found['first'])]
        yield Quantity(SPEED, min(values), max(values), *found.span('words'), found['words'])
