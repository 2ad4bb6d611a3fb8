# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Numbers and units in a text: "2 km/h", "0,5 m/s", "between 2 and 3 Hz", "body at 20 cm".

What a unit measures follows from the unit alone where it can (m/s, Hz, rad/s), else from the words
around it: centimetres are of the body or of the steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import inf, pi
import re

from policy_gen_ros.domains.go2.gait.named_values import without_units
from policy_gen_ros.domains.go2.gait.units import (
    AIR,
    BODY_HEIGHT,
    COUNT,
    DISTANCE,
    DUTY,
    FREQUENCY,
    Quantity,
    SPEED,
    STEP_HEIGHT,
    TURN_RATE,
    UNITS,
)
from policy_gen_ros.goals.language.numbers import NUMBER, number

_TO = '\\s*(?:\u00b1|\\+/-|-|\u2013|to|and|or|until)\\s*'
_UNIT = '|'.join(f'(?P<unit{i}>{unit})' for i, (unit, _, _) in enumerate(UNITS))
_QUANTITY = re.compile(
    r'(?P<minus>(?<![\w.])-|minus )?'
    rf'(?P<first>{NUMBER})'
    rf'(?:\s*(?:{_UNIT.replace("(?P<unit", "(?P<early")})?(?P<to>{_TO})'
    rf'(?P<minus_2>(?<=[ t])-|minus )?(?P<second>{NUMBER}))?'
    rf'\s*-?(?:{_UNIT})', re.I)
_SINGLE = re.compile(
    rf'(?P<minus>-|minus )?(?P<first>{NUMBER})(?P<to>)(?P<second>)\s*-?(?:{_UNIT})', re.I)
_BETWEEN = re.compile(r'\bbetween $')
_CYCLE = r'(?:(?:stride|step|gait) )?(?:period|cycle)(?: time)?'
_SECONDS = rf'(?P<first>{NUMBER}) ?(?P<unit>ms|milliseconds?|s|seconds?)'
_PERIODS = tuple(map(re.compile, (
    rf'\b(?:{_CYCLE}(?: of| is)?|every|once every) ?{_SECONDS}\b', rf'{_SECONDS} {_CYCLE}\b')))
_MOST = re.compile(r'(?:[<\u2264]=?|\b(?:at most(?: at)?|'
                   r'(?:no|not) (?:more|faster|higher|quicker) than|'
                   r'under|(?<!speed )(?<!speed it )up to|(?<=a speed )up to|'
                   r'below|max(?:imum|imal)?(?: of)?|(?<!no )(?<!not )(?:less|slower|lower) than|'
                   r'never (?:above|over|more than|faster than|higher than)|'
                   r"(?:not|never|without|\w+n't)\b[^,;.]*? "
                   r'(?:higher|more|faster|above|over)(?: than)?|'
                   r'limit(?:ed)?(?: \w+)? to|'
                   r'within|cap(?:ped)?(?: \w+)? at)) *$')
_LEAST = re.compile(r'(?:[>\u2265]=?|\b(?:at least(?: at)?|at no less than|over|'
                    r'(?:no|not) (?:less|slower|lower) than|'
                    r"(?:not|never|without|\w+n't)\b[^,;.]*? "
                    r'(?:lower|less|slower|below|under)(?: than)?|'
                    r'above|min(?:imum|imal)?(?: of)?|'
                    r'(?<!no )(?<!not )(?:more|faster|higher) than|exceeding)) *$')
_MOST_AFTER = re.compile(r'^ *(?:or (?:less|slower|lower|under|below)|(?:at most|max(?:imum)?|'
                         r'tops)\b)')
_LEAST_AFTER = re.compile(r'^ *(?:or (?:more|faster|higher|above)|(?:at least|min(?:imum)?)\b)')
_OF_BODY = re.compile(r'\b(?:body(?:height)?|h(?= ?[=:])|belly|trunk|torso|chassis|hull|frame|'
                      r'hips?|'
                      r'(?<!step )(?<!swing )(?<!foot )(?<!lift )height|tall|ride|riding|crouch|'
                      r'chest)\b')
_OF_STEP = re.compile(r'\b(?:step|steps|stepping|feet|foot|paws?|swing|lift|lifts|lifting|'
                      r'(?<!ground )clearance|legs?|knees?)\b')
_OFF_GROUND = re.compile(r'\b(?:ground clearance|(?:off|above) (?:the )?(?:ground|floor))\b')
"""Of the feet where the clause names them, else of the body."""
_OF_NOTHING = re.compile(
    r'^ ?(?:long\b|strides?\b|(?:wide )?(?:circle|radius|diameter|ring)\b)|'
    r'\b(?:(?:stride|step) length|radius|diameter)(?: of| is)?$')
"""A stride's length and a circle's size are no measures."""
_JUMPS, _UP_AFTER = (re.compile(r'\b(?:bounce|jump|hop|leap)(?: up)?$'),
                     re.compile(r'^ ?(?:high|up|off|into the air)\b'))
_SINKS = re.compile(r'\b(?:drop|sink|lower|rise|crouch|squat|duck)(?: (?:down|up|by|to)){0,2}$')
_WAY_BEFORE = re.compile(r'\b(?:forwards?|ahead|onwards?|(?<!your )(?<!the )(?<!its )back(?: up)?|'
                         r'backwards?|sideways|left|right)(?: (?:by|for))?$')
_WAY_AFTER = re.compile(r'^ ?(?:forwards?|ahead|onwards?|back(?:wards?)?|sideways|'
                        r'to (?:the|your|its) (?:left|right)|left|right)\b')
_GOING = re.compile(r'\b(?:go|move|walk|travel|advance|trot|pace|bound|pronk|run|drive|strafe|'
                    r'sidestep|slide|crawl|creep)(?: (?:by|for))?$')
_CLAUSE_ENDS = re.compile(r'^ ?(?:$|(?:with|while|and|then|at|in)\b)')
_IN_AIR = re.compile(r'\b(?:in the air|airborne|aloft|off the ground|swing(?:ing)? phase)\b')
_TURNS = re.compile(r'\b(?:turn\w*|spin\w*|rotat\w+|yaw\w*|pirouette\w*|circl\w+)\b')
_OF_GROUND = re.compile(r'\b(?:ground|contact|down|duty|stance|floor|touch\w*)\b')
LONGEST_HEIGHT_M = 0.6
_NEARBY = 40
"""Characters around a length in which its noun stands."""


def quantities(text: str) -> list[Quantity]:
    """
    Numbers with units, from left to right.

    :param text: small letters, words parted by single blanks
    """
    found = _directed([*_with_units(text)], text)
    return [*found, *without_units(text, found), *_periods(text)]


def _found(text: str) -> Iterator[re.Match[str]]:
    """Find numbers with units; of "0.3 m/s and 2 Hz" both, as that is no range."""
    found = _QUANTITY.search(text)
    while found:
        early = next((i for i in range(len(UNITS)) if found[f'early{i}'] is not None), None)
        joined = 'and' in (found['to'] or '') and not _BETWEEN.search(text[:found.start()])
        if early is not None and (joined or _unit(found) != early):
            found = _SINGLE.match(text, found.start()) or found
        yield found
        found = _QUANTITY.search(text, found.end())


def _unit(found: re.Match[str]) -> int:
    return next(i for i in range(len(UNITS)) if found[f'unit{i}'] is not None)


def _directed(found: list[Quantity], text: str) -> list[Quantity]:
    """Tell several speeds apart by the directions beside them: "0.3 m/s ahead, 0.1 m/s left"."""
    speeds = {item.start: _beside(item, text) for item in found if item.kind == SPEED}
    if len(speeds) < 2 or not any(speeds.values()):
        return found
    return [_along(item, speeds[item.start]) if item.kind == SPEED else item for item in found]


def _beside(speed: Quantity, text: str) -> str:
    """Return the direction beside a speed; empty where there is none."""
    found = _WAY_AFTER.search(text[speed.end:]) or _WAY_BEFORE.search(
        text[:speed.start].rstrip().removesuffix(' at'))
    return found[0] if found else ''


def _along(speed: Quantity, direction: str) -> Quantity:
    """Return a speed in a direction; where none is given a value is forward, and a limit open."""
    if 'sideways' in direction or (not direction and speed.low != speed.high):
        return speed
    if speed.low == -inf:
        speed = replace(speed, low=0.0)
    kind = 'vy_mps' if 'left' in direction or 'right' in direction else 'vx_mps'
    if 'right' in direction or 'back' in direction:
        return replace(speed, kind=kind, low=-speed.high, high=-speed.low)
    return replace(speed, kind=kind)


def _with_units(text: str) -> Iterator[Quantity]:
    for found in _found(text):
        _, kind, scale = UNITS[_unit(found)]
        try:
            first = number(found['first'].lower())
            second = number(found['second'].lower()) if found['second'] else first
        except ValueError:  # 'point blank'
            continue
        start, end = found.start(), found.start() + len(found[0].rstrip())
        before, after = text[:start].rstrip(), text[end:]
        named, kind = kind, _kind_of(kind, before, after)
        # No leg is as long as that: "five metres with the feet high" are a way.
        if named == 'length' and kind and scale * first > LONGEST_HEIGHT_M:
            kind = DISTANCE
        few = found['first'].lower() in ('a', 'an', 'once') and not after.startswith(' step ')
        bare = found[0].lower().endswith('second') and 'step' not in found[0]
        if not kind or (kind == FREQUENCY and bare and found['first'] in ('a', 'an')) \
                or (kind == COUNT and few):
            continue
        if named == 'rotation' and kind == TURN_RATE:
            scale *= 2 * pi
        low, high = sorted(scale * value for value in _range(found, first, second))
        low, high, start, end = _limits(text, low, high, start, end)
        if kind == AIR:  # what is not in the air stands
            kind, low, high = DUTY, 1 - high, 1 - low
        yield Quantity(kind, low, high, start, end, text[start:end])


def _range(found: re.Match[str], first: float, second: float) -> tuple[float, float]:
    """Return the ends of a range, with their signs: "-0.3 to -0.1", "0.4 \u00b1 0.1"."""
    first = -first if found['minus'] else first
    if not found['to']:
        return first, first
    if found['to'].strip() in ('\u00b1', '+/-'):
        return first - second, first + second
    return first, -second if found.re is _QUANTITY and found['minus_2'] else second


def _periods(text: str) -> Iterator[Quantity]:
    for found in (found for pattern in _PERIODS for found in pattern.finditer(text)):
        seconds = number(found['first']) * (0.001 if found['unit'].startswith('m') else 1.0)
        if seconds > 0:
            yield Quantity(FREQUENCY, 1 / seconds, 1 / seconds, *found.span(), found[0])


def _limits(text: str, low: float, high: float, start: int,
            end: int) -> tuple[float, float, int, int]:
    """Widen a value to a range where words before or after it say so, and take these words in."""
    before, after = text[:start], text[end:]
    # Of "not lower than" the pattern that begins first has seen the whole.
    most, least = _MOST.search(before), _LEAST.search(before)
    if most and not (least and least.start() < most.start()):
        return -inf, high, most.start(), end
    if least:
        return low, inf, least.start(), end
    if found := _MOST_AFTER.search(after):
        return -inf, high, start, end + found.end()
    if found := _LEAST_AFTER.search(after):
        return low, inf, start, end + found.end()
    if low != high and (found := re.search(r'\b(?:between|from) *$', before)):
        start = found.start()
    return low, high, start, end


def _kind_of(kind: str, before: str, after: str) -> str:
    """Return what a quantity measures: the nearest noun decides where its unit does not."""
    if kind not in ('length', 'share', 'rotation'):
        return kind
    before, after = before[-_NEARBY:], after[:_NEARBY]
    if kind == 'length':
        if _OF_NOTHING.search(after) or _OF_NOTHING.search(before):
            return ''
        if _JUMPS.search(before) and _UP_AFTER.search(after):
            return STEP_HEIGHT
        if _WAY_BEFORE.search(before) or _WAY_AFTER.search(after) or (
                _GOING.search(before) and _CLAUSE_ENDS.search(after)):
            return DISTANCE
    # A clause has its own nouns.
    before, after = re.split('[,;.!?]', before)[-1], re.split('[,;.!?]', after)[0]
    if kind == 'rotation':  # of the robot or of its legs
        return TURN_RATE if _TURNS.search(before) or _TURNS.search(after) else FREQUENCY
    if kind == 'share':
        if _IN_AIR.search(before) or _IN_AIR.search(after):
            return AIR
        return DUTY if _OF_GROUND.search(before) or _OF_GROUND.search(after) else ''
    places = []
    for name, pattern in ((BODY_HEIGHT, _OF_BODY), (STEP_HEIGHT, _OF_STEP)):
        places += [(len(before) - found.end(), name) for found in pattern.finditer(before)]
        places += [(found.start(), name) for found in pattern.finditer(after)]
    if places:
        return min(places)[1]
    above = _OFF_GROUND.search(before) or _OFF_GROUND.search(after) or _SINKS.search(before)
    return BODY_HEIGHT if above else DISTANCE
