# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Units of what texts give in numbers, as regular expressions: "m/s", "steps per second", "°".

Of some units only the words around them tell what is measured: a length, a share of the time, and
rotations per minute.
"""

from dataclasses import dataclass
from math import pi, radians

SPEED, FREQUENCY, TURN_RATE = 'speed', 'stepping frequency', 'turn rate'
BODY_HEIGHT, STEP_HEIGHT, DUTY = 'body height', 'step height', 'share of time on the ground'
DISTANCE, ANGLE, COUNT = 'distance', 'angle', 'number of steps'
AIR = 'share of time in the air'

_PER_S = (r'(?:\s*(?:/\s*s(?:ec(?:ond)?s?)?|ps|'
          r'(?:per|a|each|every|in(?: a| the)?)\s+sec(?:ond)?s?)\b'
          r'| ?[·*.]? ?s ?\^? ?-1\b)')
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
            r'(?=step (?:forwards?|ahead|back\w*|sideways|to the)\b)|'
            r'(?:steps|strides|paces|hops|jumps|leaps)\b|'
            r'times\b(?! (?:the|as|your|that|faster|a|per)\b))')
_REVOLUTION = (r'(?:(?:full|complete|whole|entire) )?(?:(?:turns|rotations|revolutions|spins)\b|'
               r'(?:turn|rotation|revolution|spin)'
               r'(?= (?:to|on|in|and|then|left|right|clockwise|counter\w*)\b|$|[,.;!]))'
               r'(?!/| (?:per|an?|each|every)\b)')
# A unit that is the beginning of another comes after it.
UNITS: tuple[tuple[str, str, float], ...] = (
    (_CM + _PER_S, SPEED, 0.01), (_MM + _PER_S, SPEED, 0.001), (_DM + _PER_S, SPEED, 0.1),
    (_FOOT + _PER_S, SPEED, 0.3048),
    (r'(?:km|kilomet(?:er|re)s?|k)' + _PER_H, SPEED, 1 / 3.6), (r'kmh\b', SPEED, 1 / 3.6),
    (r'(?:mi(?:les?)?)' + _PER_H, SPEED, 0.44704), (r'mph\b', SPEED, 0.44704),
    (r'knots?\b', SPEED, 0.514444), (_METRE + _PER_S, SPEED, 1.0),
    (_METRE + _PER_MIN, SPEED, 1 / 60),
    (r'rad(?:ian)?s?' + _PER_S, TURN_RATE, 1.0), (_DEGREE + _PER_S, TURN_RATE, radians(1)),
    (r'(?:hz|hertz)\b', FREQUENCY, 1.0), (_STRIDE + _PER_S, FREQUENCY, 1.0),
    (_STRIDE + _PER_MIN, FREQUENCY, 1 / 60), (_EACH_SECOND, FREQUENCY, 1.0),
    (r'bpm\b', FREQUENCY, 1 / 60), (r'rpm\b', 'rotation', 1 / 60),
    (_DEGREE + r'(?!\w)', ANGLE, radians(1)), (r'rad(?:ian)?s?\b', ANGLE, 1.0),
    (_REVOLUTION, ANGLE, 2 * pi), (r'(?:%|per ?cent\b)', 'share', 0.01),
    (r'(?:of|the) (?:the |each |its |every )?(?:stride|time|cycle)\b', 'share', 1.0),
    (_CM, 'length', 0.01), (_DM + r'\b', 'length', 0.1), (_MM, 'length', 0.001),
    (_INCH, 'length', 0.0254),
    (r'(?:km|kilomet(?:er|re)s?)\b', 'length', 1000.0), (r'(?:yards?|yd)\b', 'length', 0.9144),
    (r'miles?\b', 'length', 1609.344), (_METRE + r'\b', 'length', 1.0),
    (_FEET, 'length', 0.3048), (_COUNTED, COUNT, 1.0))
"""Regular expression of a unit, what it measures, and how much of the SI unit it is."""
UNIT = '|'.join(unit for unit, _, _ in UNITS)


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
