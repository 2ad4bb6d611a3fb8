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
from dataclasses import dataclass
from math import inf, pi, radians
import re

from policy_gen_ros.goals.language.numbers import DIGITS, NUMBER, number

SPEED, FREQUENCY, TURN_RATE = 'speed', 'stepping frequency', 'turn rate'
BODY_HEIGHT, STEP_HEIGHT, DUTY = 'body height', 'step height', 'share of time on the ground'
DISTANCE, ANGLE, COUNT = 'distance', 'angle', 'number of steps'

_PER_S = r'\s*(?:/\s*s(?:ec(?:ond)?s?)?|(?:per|a|each|every)\s+sec(?:ond)?s?|ps)\b'
_PER_H = r'\s*(?:/\s*h(?:r|our)?|(?:per|an)\s+hour|ph)\b'
_PER_MIN = r'\s*(?:/\s*min(?:ute)?|(?:per|a|each|every)\s+min(?:ute)?)\b'
_METRE, _FOOT = r'(?:m(?:et(?:er|re)s?)?)', r'(?:f(?:ee|oo)?t)'
_CM, _MM = r'(?:cm|centi-?met(?:er|re)s?)', r'(?:mm|milli-?met(?:er|re)s?)'
_DM = r'(?:dm|deci-?met(?:er|re)s?)'
_DEGREE = r'(?:°|deg(?:ree)?s?)'
_EACH_SECOND = r'(?:per|a|each|every)\s+second\b'
_STRIDE = r'(?:steps?|strides?|cycles?|times|beats?|footfalls?)'
_INCH = r'(?:inch(?:es)?|in(?= (?:off|above|of|high)))'
# "Two feet together" are no length.
_FEET = r'(?:ft\b|feet(?= (?:forwards?|ahead|back\w*|to the|away|left|right)\b|$|[,.;!]))'
_MANNER = (r'(?:small|tiny|little|big|long|short|slow|quick|fast|careful|single|more|forwards?|'
           r'backwards?|trot(?:ting)?|pac(?:e|ing)|(?:bound|pronk|walk)(?:ing)?)')
# How they step, and steps that are a gait, are words of their own and not taken in.
_COUNTED = (rf'(?:(?={_MANNER} (?:steps|strides)\b|(?:bounds|pronks)\b)|'
            r'(?:steps|strides|paces|hops|jumps|leaps)\b|'
            r'times\b(?! (?:the|as|your|that|faster|a|per)\b))')
# A unit that is the beginning of another comes after it.
_UNITS: tuple[tuple[str, str, float], ...] = (
    (_CM + _PER_S, SPEED, 0.01), (_DM + _PER_S, SPEED, 0.1), (_FOOT + _PER_S, SPEED, 0.3048),
    (r'(?:km|kilomet(?:er|re)s?|k)' + _PER_H, SPEED, 1 / 3.6), (r'kmh\b', SPEED, 1 / 3.6),
    (r'(?:mi(?:les?)?)' + _PER_H, SPEED, 0.44704), (r'mph\b', SPEED, 0.44704),
    (r'knots?\b', SPEED, 0.514444), (_METRE + _PER_S, SPEED, 1.0),
    (_METRE + _PER_MIN, SPEED, 1 / 60), (r'm\s?s-1\b', SPEED, 1.0),
    (r'rad(?:ian)?s?' + _PER_S, TURN_RATE, 1.0), (_DEGREE + _PER_S, TURN_RATE, radians(1)),
    (r'(?:hz|hertz)\b', FREQUENCY, 1.0), (_STRIDE + _PER_S, FREQUENCY, 1.0),
    (_STRIDE + _PER_MIN, FREQUENCY, 1 / 60), (_EACH_SECOND, FREQUENCY, 1.0),
    (r'bpm\b', FREQUENCY, 1 / 60), (r'rpm\b', 'rotation', 1 / 60),
    (_DEGREE + r'(?!\w)', ANGLE, radians(1)), (r'(?:%|per ?cent\b)', 'share', 0.01),
    (r'(?:of|the) (?:the |each |its |every )?(?:stride|time|cycle)\b', 'share', 1.0),
    (_CM, 'length', 0.01), (_DM + r'\b', 'length', 0.1), (_MM, 'length', 0.001),
    (_INCH, 'length', 0.0254),
    (_METRE + r'\b', 'length', 1.0), (_FEET, 'length', 0.3048), (_COUNTED, COUNT, 1.0))
_TO = '\\s*(?:-|\u2013|to|and|or|\\.\\.+|until)\\s*'
_UNIT = '|'.join(f'(?P<unit{i}>{unit})' for i, (unit, _, _) in enumerate(_UNITS))
_QUANTITY = re.compile(
    '(?P<minus>(?<![\\w.])[-\u2212]\\s?|minus )?'
    rf'(?P<first>{NUMBER})'
    rf'(?:\s*(?:{_UNIT.replace("(?P<unit", "(?P<early")})?{_TO}(?P<second>{NUMBER}))?'
    rf'\s*-?(?:{_UNIT})', re.I)
_SHARE = r'(?:(?:one |a )?half|(?:a |one )?third|two thirds|(?:a |one )?quarter|three quarters)\b'
_BARE = re.compile(
    rf'\b(?P<what>duty(?: factor| cycle)?|speed|velocity|frequency|freq|cadence|step rate|vx|'
    rf'step height|swing height|swing|(?:body )?height|(?<=yaw )rate)'
    rf'(?: (?:of|at|to|is|about|around|=))*[ =:]*(?P<first>{DIGITS}|{_SHARE})', re.I)
_DUTY_AFTER = re.compile(rf'(?<![\w.,])(?P<first>{DIGITS}|{_SHARE}) (?P<what>duty)\b')
_SPEED_AFTER = re.compile(
    r'\b(?P<what>forwards?|ahead|backwards?|sideways|(?:to the )?(?:left|right)|trot|pace|bound|'
    r'pronk|walk)(?: at)? (?P<first>[01]?[.,]\d+)(?![\d.,]*\d|\s*[\w%\u00b0])')
_BARE_KINDS = {'duty': DUTY, 'speed': SPEED, 'velocity': SPEED, 'vx': SPEED,
               'freq': FREQUENCY, 'cadence': FREQUENCY, 'step rate': FREQUENCY,
               'step height': STEP_HEIGHT, 'swing': STEP_HEIGHT, 'rate': TURN_RATE,
               'body height': BODY_HEIGHT, 'height': BODY_HEIGHT}
_PERIOD = re.compile(rf'\b(?:(?:stride |step )?period(?: of| is)?|every|once every) ?'
                     rf'(?P<first>{NUMBER}) ?(?P<unit>ms|milliseconds?|s|seconds?)\b')
_MOST = re.compile(r'\b(?:at most|(?:no|not) (?:more|faster|higher|quicker) than|up to|under|'
                   r'below|max(?:imum|imal)?(?: of)?|(?<!no )(?<!not )(?:less|slower|lower) than|'
                   r'never (?:above|over|more than|faster than|higher than)|'
                   r"(?:not|never|without|\w+n't)\b[^,;.]*? "
                   r'(?:higher|more|faster|above|over)(?: than)?|'
                   r'limit(?:ed)?(?: \w+)? to|'
                   r'within|cap(?:ped)?(?: \w+)? at) *$')
_LEAST = re.compile(r'\b(?:at least|at no less than|(?:no|not) (?:less|slower|lower) than|over|'
                    r"(?:not|never|without|\w+n't)\b[^,;.]*? "
                    r'(?:lower|less|slower|below|under)(?: than)?|'
                    r'above|min(?:imum|imal)?(?: of)?|'
                    r'(?<!no )(?<!not )(?:more|faster|higher) than|exceeding) *$')
_MOST_AFTER = re.compile(r'^ *(?:or (?:less|slower|lower|under|below)|(?:at most|max(?:imum)?|'
                         r'tops)\b)')
_LEAST_AFTER = re.compile(r'^ *(?:or (?:more|faster|higher|above)|(?:at least|min(?:imum)?)\b)')
_OF_BODY = re.compile(r'\b(?:body(?:height)?|h(?= ?[=:])|belly|trunk|torso|chassis|hull|frame|'
                      r'hips?|'
                      r'(?<!step )(?<!swing )(?<!foot )(?<!lift )height|tall|ride|riding|crouch|'
                      r'chest|ground clearance|off the (?:ground|floor)|'
                      r'above (?:the )?(?:ground|floor))\b')
_OF_STEP = re.compile(r'\b(?:step|steps|stepping|feet|foot|paws?|swing|lift|lifts|lifting|'
                      r'clearance|legs?|knees?)\b')
_TURNS = re.compile(r'\b(?:turn\w*|spin\w*|rotat\w+|yaw\w*|pirouette\w*|circl\w+)\b')
_OF_GROUND = re.compile(r'\b(?:ground|contact|down|duty|stance|floor|touch\w*)\b')
LONGEST_HEIGHT_M = 0.6
_NEARBY = 40
"""Characters around a length in which its noun stands."""


@dataclass(frozen=True)
class Quantity:
    """
    A quantity with its unit.

    :param kind: what it measures, such as :data:`SPEED`
    :param low, high: SI units; equal for one value, infinite where only one limit is given
    :param start, end: where it stands in the text
    :param words: as it stands there
    """

    kind: str
    low: float
    high: float
    start: int
    end: int
    words: str


def quantities(text: str) -> list[Quantity]:
    """
    Numbers with units, from left to right.

    :param text: small letters, words parted by single blanks
    """
    return [*_with_units(text), *_without_units(text), *_periods(text)]


def _with_units(text: str) -> Iterator[Quantity]:
    for found in _QUANTITY.finditer(text):
        index = next(i for i in range(len(_UNITS)) if found[f'unit{i}'] is not None)
        _, kind, scale = _UNITS[index]
        try:
            first = number(found['first'].lower())
            second = number(found['second'].lower()) if found['second'] else first
        except ValueError:  # 'point blank'
            continue
        start, end = found.start(), found.start() + len(found[0].rstrip())
        before, after = text[:start].rstrip(), text[end:]
        # No leg is as long as that: "five metres with the feet high" are a way.
        named = kind
        kind = DISTANCE if kind == 'length' and scale * first > LONGEST_HEIGHT_M else \
            _kind_of(kind, before, after)
        few = found['first'].lower() in ('a', 'an', 'once')
        bare = found[0].lower().endswith('second') and 'step' not in found[0]
        if not kind or (kind == FREQUENCY and bare and found['first'] in ('a', 'an')) \
                or (kind == COUNT and few):
            continue
        if named == 'rotation' and kind == TURN_RATE:
            scale *= 2 * pi
        sign = -1.0 if found['minus'] else 1.0
        values = sorted((sign * scale * first, sign * scale * second))
        low, high, start, end = _limits(text, values[0], values[1], start, end)
        yield Quantity(kind, low, high, start, end, text[start:end])


def _without_units(text: str) -> Iterator[Quantity]:
    for pattern in (_BARE, _DUTY_AFTER, _SPEED_AFTER):
        for found in pattern.finditer(text):
            if _QUANTITY.match(text, found.start('first')):
                continue
            kind = next((kind for name, kind in _BARE_KINDS.items()
                         if found['what'].startswith(name)), SPEED)
            value = number(found['first'])
            words = found[0] if pattern is not _SPEED_AFTER else found['first']
            yield Quantity(kind, value, value, found.end() - len(words), found.end(), words)


def _periods(text: str) -> Iterator[Quantity]:
    for found in _PERIOD.finditer(text):
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
    # A clause has its own nouns.
    before, after = re.split('[,;.!?]', before)[-1], re.split('[,;.!?]', after)[0]
    if kind == 'rotation':  # of the robot or of its legs
        return TURN_RATE if _TURNS.search(before) or _TURNS.search(after) else FREQUENCY
    if kind == 'share':
        return DUTY if _OF_GROUND.search(before) or _OF_GROUND.search(after) else ''
    places = []
    for name, pattern in ((BODY_HEIGHT, _OF_BODY), (STEP_HEIGHT, _OF_STEP)):
        places += [(len(before) - found.end(), name) for found in pattern.finditer(before)]
        places += [(found.start(), name) for found in pattern.finditer(after)]
    return min(places)[1] if places else DISTANCE
