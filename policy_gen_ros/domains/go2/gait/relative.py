# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Words about what the robot does now: "faster", "a bit lower", "twice as fast", "same but backwards".

They change what they name and keep the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
import re

import numpy as np
from policy_gen_ros.domains.go2.gait import quantities
from policy_gen_ros.domains.go2.gait.measures import (
    family_of,
    GAIT_PHASES,
    MEASURES,
    PHASE_NAMES,
)
from policy_gen_ros.domains.go2.gait.quantities import Quantity
from policy_gen_ros.goals.language.reading import Change, TextReading

SPEED, FREQUENCY = 'speed', 'stepping frequency'
BODY_HEIGHT, STEP_HEIGHT = 'body height', 'step height'
FORWARD, SIDEWAYS, TURN = 'forward speed', 'speed to the left', 'turn to the left'
_MEASURES = {FREQUENCY: 'frequency_hz', BODY_HEIGHT: 'body_height_m',
             STEP_HEIGHT: 'swing_height_m', FORWARD: 'vx_mps', SIDEWAYS: 'vy_mps',
             TURN: 'yaw_rate_rps'}
_FEET = r'(?:feet|foot|legs?|paws?|knees)'
_BODY = r'(?:body|belly|trunk|torso|hips?|yourself|stance|height|posture)'
# The first that fits takes its words out of the text: "higher steps" is no higher body. Each has
# its quantity, and the size of the change: a factor for speeds and where it says so, else an offset
# in the quantity's unit.
_PATTERNS: tuple[tuple[str, str, float], ...] = (
    (rf'(?:higher|bigger lift|taller) (?:steps?|stepping|swing|lift|foot lift|{_FEET})'
     rf'|(?:step|swing|stepping|lift|pick(?: up)?|raise)(?: \w+)?(?: {_FEET})?(?: up)? higher'
     rf'|{_FEET} higher|hop higher|bounce higher|jump higher|more (?:foot )?(?:lift|clearance)|(?:lift|raise|pick up) (?:the|your|its) '
     rf'{_FEET} more|pick (?:the|your|its) {_FEET} up more|higher knees|dragging (?:your|its) (?:toes|feet)', STEP_HEIGHT, 0.03),
    (rf'(?:lower|flatter) (?:steps?|stepping|swing|lift|foot lift|{_FEET})'
     rf'|(?:step|swing|stepping|lift)(?: \w+)?(?: {_FEET})? (?:lower|less)|{_FEET} lower'
     r'|less (?:foot )?(?:lift|clearance)|flatter|(?:lift|raise|pick up) (?:the |your |its |those )?(?:feet|legs|paws) (?:less|lower)', STEP_HEIGHT, -0.03),
    (r'(?:quicker|faster|more rapid|shorter and faster) (?:steps?|stepping|cadence|rhythm|feet|'
     r'tempo|leg\w*|footwork)|(?:step|stepping) (?:a bit |a little |much )?(?:faster|quicker|more (?:quickly|often))|more often'
     r'|(?:shorter|smaller) (?:strides|steps)|higher (?:cadence|frequency|step rate|tempo|rate)|(?:raise|increase|up) (?:the |your )?'
     r'(?:step(?:ping)? )?(?:frequency|cadence|rate|tempo)|more steps', FREQUENCY, 0.5),
    (r'(?:slower|calmer) (?:steps?|stepping|cadence|rhythm|feet|tempo|leg\w*|footwork)'
     r'|(?:step|stepping) (?:slower|more slowly|less often)'
     r'|lower (?:cadence|frequency|step rate|tempo|rate)|(?:lower|reduce|decrease|drop) (?:the |'
     r'your )?(?:step(?:ping)? )?(?:frequency|cadence|rate|tempo)|fewer steps|(?:longer|bigger) (?:strides|steps)', FREQUENCY, -0.5),
    (r'(?:double|twice) (?:the |your )?(?:step(?:ping)? rate|cadence|frequency|step frequency)',
     FREQUENCY, 2.0),
    (r'(?:half|halve) (?:the |your )?(?:step(?:ping)? rate|cadence|frequency|step frequency)',
     FREQUENCY, 0.5),
    (r'twice (?:as fast|(?:the|that|your|this) speed)|double (?:the |your |that )?speed'
     r'|two times (?:as fast|faster)', SPEED, 2.0),
    (r'three times (?:as fast|faster|(?:the|that|your) speed)|triple (?:the |your |that )?speed', SPEED, 3.0),
    (r'(?:half|halve) (?:as fast|(?:the |your |that )?speed)|half the pace', SPEED, 0.5),
    (r'faster|quicker|(?:too|so|way too) slow(?:ly)?|more quickly|speed (?:\w+ )?up|speed it up|accelerate|more speed'
     r'|pick up (?:the |your )?(?:pace|speed)|(?:increase|raise|up) (?:the |your )?(?:speed|pace)'
     r'|step on it|more gas|give it (?:some|more) gas|step up the pace|quicken', SPEED, 1.4),
    (r'slower|more slowly|slow (?:\w+ )?down|slow it|decelerate|less speed|ease (?:off|up)|'
     r'(?:reduce|decrease|lower|cut|drop) (?:the |your )?(?:speed|pace)|less fast|less quickly|less (?:\w+ )?speed'
     r'|not so fast|(?:too|so) fast|back off|brake|take it down a notch|dial it back', SPEED,
     1 / 1.4),
    (rf'lower(?: (?:the|your|its))?(?: {_BODY})?|(?:the |your |its )?{_BODY} (?:down|lower)'
     rf'|(?:drop|sink|bring)(?: (?:the|your|its) {_BODY})?(?: down)?|get (?:lower|down)|too high'
     r'|crouch more|closer to the (?:ground|floor)|crouch down more|duck more|deeper', BODY_HEIGHT,
     -0.03),
    (rf'higher|taller|(?:raise|lift)(?: up)? (?:the|your|its) {_BODY}|rise(?: up)?|too low'
     r'|(?:stand|straighten|get) (?:up )?(?:more|taller|higher)|come up|less crouched'
     rf'|{_BODY} up', BODY_HEIGHT, 0.03))
_FACTOR = re.compile('double|twice|hal[fv]|three|triple|two')
_CHANGES = tuple((re.compile(rf'\b(?:{pattern})\b'), quantity, size)
                 for pattern, quantity, size in _PATTERNS)
_FLIP = re.compile(r'\b(?:reverse direction|(?:the )?(?:other|opposite|reverse) (?:way|direction)(?: around)?'
                   r'|reverse (?:the |your )?direction|change direction|turn it around'
                   r'|back the way you came|flip (?:the )?direction)\b')
_LITTLE = re.compile(r'\b(?:a (?:bit|little|touch|tad|notch|hair|smidge\w*|smidgen)|slightly|'
                     r'somewhat|a little bit|marginally|just a)\b')
_MUCH = re.compile(r'\b(?:much|a lot|far|way|significantly|considerably|a great deal|lots|'
                   r'a good deal|even more)\b')
_PERCENT = re.compile(r'\b(\d+) ?(?:%|percent|per cent)')
_CONTINUES = re.compile(
    r"\b(?:same|keep going|carry on|continue|go on|as before|like before|as you (?:are|were|do)|"
    r"keep (?:the|this|that|your) (?:gait|rhythm|speed|pace|style|direction)|keep (?:it|this|that)"
    r"(?: up)?|keep at it|don't change|do not change|stick with|again|more to the|now|still|"
    r"just like that|switch to|change to|change the gait|instead|but (?:with|without|more|less)|"
    r"more|less|while you're at it|keep doing)\b")
_OF_QUANTITIES = {quantities.SPEED: SPEED, quantities.FREQUENCY: FREQUENCY,
                  quantities.BODY_HEIGHT: BODY_HEIGHT, quantities.STEP_HEIGHT: STEP_HEIGHT}
_BY = re.compile(r'\b(?:by|add|another|plus|minus|(?:lower|raise|lift|drop|sink) (?:the|your|its) '
                 r'(?:body|hips|back|belly|feet|trunk))(?: about| around| roughly)? $')
_MORE_AFTER = re.compile(r' ?(?:more|less|higher|lower|taller|faster|slower|extra)\b')
_DOWN = re.compile(r'\b(?:lower|drop|reduce|decrease|slower|less|down|sink|minus|cut|crouch|fewer)'
                   r'\b')
_LEAST_SPEED_MPS = 0.12


def changes(text: str) -> tuple[Change, ...]:
    """
    Return what a text changes of the present behaviour.

    :param text: in the words of captions, small letters
    """
    scale = 0.5 if _LITTLE.search(text) else 2.0 if _MUCH.search(text) else 1.0
    percent = _PERCENT.search(text)
    found, left = [], text
    for pattern, quantity, size in _CHANGES:
        match = pattern.search(left)
        if not match:
            continue
        left = left[:match.start()] + ' # ' + left[match.end():]
        if quantity != SPEED and not _FACTOR.match(match[0]):
            found.append(Change(quantity, 1.0, round(size * scale, 4), match[0]))
            continue
        factor = size
        if percent and size in (1.4, 1 / 1.4):
            factor = 1 + (1 if size > 1 else -1) * float(percent[1]) / 100
        elif size in (1.4, 1 / 1.4):
            factor = size**scale
        found.append(Change(quantity, round(max(factor, 0.05), 3), 0.0, match[0]))
    if match := _FLIP.search(left):
        found.append(Change('direction', -1.0, 0.0, match[0]))
    return tuple(found)


def relative_quantity(text: str, quantity: Quantity) -> Change | None:
    """Read "by three centimetres" and "0.2 m/s more"; None where a quantity is no change."""
    if quantity.kind not in _OF_QUANTITIES or quantity.low != quantity.high:
        return None
    before, after = text[:quantity.start], text[quantity.end:]
    if not _BY.search(before) and not _MORE_AFTER.match(after):
        return None
    clause = re.split('[,;.!?]', before)[-1] + ' ' + re.split('[,;.!?]', after)[0]
    down = _DOWN.search(clause)
    value = -quantity.low if down else quantity.low
    return Change(_OF_QUANTITIES[quantity.kind], 1.0, value, quantity.words)


def continues(text: str) -> bool:
    """Whether a text is about what the robot does now, by words such as "same" or "keep going"."""
    return bool(_CONTINUES.search(text))


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
            speed = float(np.hypot(result['vx_mps'], result['vy_mps']))
            if change.offset and speed:
                factor = max(speed + share * change.offset, 0.0) / speed
            _scale_speed(result, factor)
        elif change.quantity == 'direction':
            for name in ('vx_mps', 'vy_mps', 'yaw_rate_rps'):
                result[name] *= -1.0
        else:
            name = _MEASURES[change.quantity]
            result[name] = factor * result[name] + share * change.offset


def _scale_speed(measures: dict[str, float], factor: float) -> None:
    """Scale speed; a robot on the spot turns faster, or, told to speed up, sets off."""
    speed = float(np.hypot(measures['vx_mps'], measures['vy_mps']))
    if speed < _LEAST_SPEED_MPS / 2 and abs(measures['yaw_rate_rps']) > 0.1:
        measures['yaw_rate_rps'] *= factor
    elif speed < _LEAST_SPEED_MPS and factor > 1:
        measures['vx_mps'] += np.copysign(0.2, measures['vx_mps']) * (factor - 1) / 0.4
    else:
        # A change that nobody would see is none.
        least = 0.08 if factor > 1 else -0.08
        change = max(speed * (factor - 1), least) if factor > 1 else min(speed * (factor - 1),
                                                                        least)
        target = max(speed + change, 0.0)
        for name in ('vx_mps', 'vy_mps'):
            measures[name] *= target / speed
