# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Traits of a measured behaviour: the tags and numbers that captions put into words.

A tag is a short name such as ``'slow'`` or ``'low body'``. Opposite tags always have a class
between them, so that no caption calls a behaviour slow and its neighbour fast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.go2.gait.measures import circular_difference, CONTACT_NAMES, family_of

Classes = tuple[tuple[float, tuple[str, ...]], ...]
"""Rising upper limits, and the tags of what lies below: the general tag first."""

_ANY = float('inf')
STILL_MPS = 0.08
"""A hand's breadth a second is no travel: actors told to stay on the spot drift as much."""
SPEED: Classes = (
    (0.15, ('slow', 'very slow')), (0.28, ('slow',)), (0.52, ('medium speed',)),
    (0.9, ('fast',)), (_ANY, ('fast', 'very fast')))
"""Gaits reach 1.5 m/s; of an archive's moving behaviours a quarter each lies below 0.17, 0.28 and
0.44 m/s and above."""
TURN_RPS, SHARP_TURN_RPS = 0.15, 0.6
"""A quarter turn in ten seconds, and nearly a full circle."""
STRAIGHT_RPS, STRAIGHT_MPS = 0.08, 0.05
DIAGONAL_SHARE = 0.5
"""Sideways over lengthwise speed from which the dog goes at an angle (27 degrees)."""
TIGHT_RADIUS_M = 0.8
"""A little more than the length of the robot."""
TEMPO: Classes = (
    (1.75, ('slow tempo', 'very slow tempo')), (2.15, ('slow tempo',)), (3.0, ('medium tempo',)),
    (3.5, ('quick tempo',)), (_ANY, ('quick tempo', 'very quick tempo')))
"""Strides of one foot per second; gaits reach from 1.5 to 4."""
HEIGHT: Classes = (
    (0.225, ('low body', 'very low body')), (0.252, ('low body',)), (0.305, ('normal height',)),
    (_ANY, ('high body',)))
"""The Go2 stands at 0.27 to 0.30 m; gaits reach from 0.20 to 0.34."""
SWING: Classes = (
    (0.02, ('low steps', 'very low steps')), (0.035, ('low steps',)), (0.072, ('normal steps',)),
    (0.1, ('high steps',)), (_ANY, ('high steps', 'very high steps')))
"""A quarter of an archive's behaviours steps below 0.03 m, a sixth above 0.07."""
CONTACT: Classes = (
    (0.45, ('short contact',)), (0.6, ('medium contact',)), (_ANY, ('long contact',)))
"""Below 0.45 a trot has a flight phase, above 0.6 three feet are often down at once."""
STRIDE: Classes = (
    (0.06, ('short strides',)), (0.22, ('normal strides',)), (_ANY, ('long strides',)))
"""Metres of travel in a stride; a sixth of an archive's behaviours lies below, a tenth above."""
ONE_FOOT_SHARE = 0.09
"""A foot that is down 40 ms longer or shorter than any other in a stride of 2.3 Hz looks lame."""
PAIR_SHARE = 0.08
"""The same for two feet against the other two: less is seen, as two show it."""
EVEN_SHARE = 0.03
"""Feet closer than this cannot be told apart by eye."""
UNEVEN_CYCLES = 0.12
"""Left and right halves of a stride of 0.38 and 0.62 are heard as a limp."""
EARLY_CYCLES = 0.08
"""30 ms at 2.7 Hz: fore and hind feet that should land together no longer do."""
EVEN_DUTY_SPREAD = 0.1
"""One number for all feet's contact is honest only below."""

LEGS = (('left front', 'front left'), ('right front', 'front right'),
        ('left hind', 'left rear', 'back left', 'rear left'),
        ('right hind', 'right rear', 'back right', 'rear right'))
"""Names of FL, FR, RL, RR."""
NUMBER_WORDS = {1: 'one', 2: 'two', 3: 'three', 4: 'four'}
"""Times a second that captions write in words."""
_WHOLE_TOLERANCE_HZ = 0.1


@dataclass(frozen=True)
class Traits:
    """
    What is worth saying about one behaviour.

    :param family: gait family
    :param tags: attribute -> tags, the general one first; attributes without a tag are left out
    :param values: numbers and names for the braces in the words, as text
    """

    family: str
    tags: Mapping[str, tuple[str, ...]]
    values: Mapping[str, str]

    @property
    def all_tags(self) -> frozenset[str]:
        """Tags of all attributes."""
        return frozenset(tag for tags in self.tags.values() for tag in tags)


def classify(value: float, classes: Classes) -> tuple[str, ...]:
    """Tags of the class in which a value lies."""
    return next(tags for limit, tags in classes if value < limit)


def traits_of(measures: Mapping[str, float], rng: np.random.Generator) -> Traits:
    """
    Put measures into classes.

    :param measures: all of :data:`policy_gen_ros.domains.go2.gait.measures.MEASURE_NAMES`
    :param rng: chooses among names of the same leg and ways to round a number
    """
    family = family_of(measures)
    contact = np.array([measures[name] for name in CONTACT_NAMES])
    vx, vy, yaw = (float(measures[name]) for name in ('vx_mps', 'vy_mps', 'yaw_rate_rps'))
    speed = float(np.hypot(vx, vy))
    tags, values = _travel(vx, vy, yaw)
    limb, leg = _limbs(contact)
    tags |= {
        'tempo': classify(measures['frequency_hz'], TEMPO),
        'height': classify(measures['body_height_m'], HEIGHT),
        'swing': classify(measures['swing_height_m'], SWING),
        'contact': classify(float(contact.mean()), CONTACT),
        'limb': limb, 'beat': _beat(family, measures)}
    if 'still' not in tags['direction']:
        tags['speed'] = classify(speed, SPEED)
        tags['stride'] = classify(speed / measures['frequency_hz'], STRIDE)
    if np.ptp(contact) < EVEN_DUTY_SPREAD:
        duty = contact.mean()
        values |= {'duty_percent': f'{100 * duty:.0f}', 'duty': f'{duty:.2f}'}
    if leg is not None:
        values['leg'] = str(rng.choice(LEGS[leg]))
    hz = float(measures['frequency_hz'])
    whole = round(hz)
    near = abs(hz - whole) < _WHOLE_TOLERANCE_HZ and whole in NUMBER_WORDS
    values |= {
        'hz': f'{hz:.1f}', 'times': NUMBER_WORDS[whole] if near else f'{hz:.1f}',
        'mps': f'{speed:.{rng.integers(1, 3)}f}',
        'turn_rps': f'{abs(yaw):.1f}', 'turn_deg': f'{5 * round(np.degrees(abs(yaw)) / 5):.0f}',
        'body_cm': f'{100 * measures["body_height_m"]:.0f}',
        'body_m': f'{measures["body_height_m"]:.2f}',
        'swing_cm': f'{100 * measures["swing_height_m"]:.0f}'}
    if limb == ('drag',) and 'high steps' in tags['swing']:
        del tags['limb']  # a leg that is dragged and lifted high reads as a contradiction
    if 'very low steps' in tags['swing']:
        del values['swing_cm']  # a matter of millimetres
    return Traits(family, {name: found for name, found in tags.items() if found}, values)


def _travel(vx: float, vy: float, yaw: float) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Direction, sideways drift and turn; sides are named in the values."""
    lengthwise, sideways = abs(vx) >= STILL_MPS, abs(vy) >= STILL_MPS
    values = {'side': 'left' if vy > 0 else 'right', 'turn': 'left' if yaw > 0 else 'right'}
    tags: dict[str, tuple[str, ...]] = {}
    if not lengthwise:
        tags['direction'] = ('sideways',) if sideways else ('still',)
    else:
        tags['direction'] = ('forward',) if vx > 0 else ('backward',)
        if vx > 0 and abs(yaw) < STRAIGHT_RPS and abs(vy) < STRAIGHT_MPS:
            tags['direction'] += ('straight',)
        if sideways:
            tags['drift'] = ('diagonal',) if abs(vy) >= DIAGONAL_SHARE * abs(vx) else ('drift',)
    if abs(yaw) >= TURN_RPS:
        tags['turn'] = _turn(vx, yaw, tags['direction'], sideways)
    return tags, values


def _turn(vx: float, yaw: float, direction: tuple[str, ...],
          sideways: bool) -> tuple[str, ...]:
    tags = ('turn', 'sharp turn') if abs(yaw) >= SHARP_TURN_RPS else ('turn',)
    if direction == ('still',):
        return (*tags, 'spin')
    if direction != ('forward',) or sideways:
        return tags
    return (*tags, 'curve', 'tight curve') if abs(vx / yaw) < TIGHT_RADIUS_M else (*tags, 'curve')


def _limbs(contact: np.ndarray) -> tuple[tuple[str, ...], int | None]:
    """
    Tag of an asymmetry of ground contact between feet, and the foot that stands out.

    :param contact: share of time on the ground. Shape: (4,), feet FL FR RL RR
    """
    order = np.argsort(contact)
    longer = contact[order[3]] - contact[order[2]]
    shorter = contact[order[1]] - contact[order[0]]
    if max(longer, shorter) >= ONE_FOOT_SHARE:
        return (('drag',), int(order[3])) if longer > shorter else (('limp',), int(order[0]))
    for (name, first), (other, second) in ((('front', [0, 1]), ('hind', [2, 3])),
                                           (('left', [0, 2]), ('right', [1, 3]))):
        difference = contact[first].mean() - contact[second].mean()
        longer_pair, shorter_pair = (first, second) if difference > 0 else (second, first)
        if (abs(difference) >= PAIR_SHARE
                and contact[longer_pair].min() > contact[shorter_pair].max()):
            return (f'{name if difference > 0 else other} longer',), None
    return (('even feet',), None) if np.ptp(contact) < EVEN_SHARE else ((), None)


def _beat(family: str, measures: Mapping[str, float]) -> tuple[str, ...]:
    """Tag of how touch-downs differ from the family's pattern."""
    fr, rl, rr = (float(measures[f'phase_{leg}']) for leg in ('fr', 'rl', 'rr'))

    def apart(a: float, b: float) -> float:
        return float(circular_difference(a, b))

    if family in ('walk', 'trot', 'pace') and abs(apart(fr, 0.5)) >= UNEVEN_CYCLES:
        return ('uneven beat',)
    if family == 'bound' and abs(apart(fr, 0.0)) >= UNEVEN_CYCLES:
        return ('front feet split',)
    if family == 'bound' and abs(apart(rl, rr)) >= UNEVEN_CYCLES:
        return ('hind feet split',)
    late: Sequence[float] = ()
    if family == 'trot':
        late = (apart(rl, fr), apart(rr, 0.0))
    elif family == 'pronk':
        late = (apart(rl, fr), apart(rr, fr), apart(rl, 0.0), apart(rr, 0.0))
    if late and max(late) <= -EARLY_CYCLES:
        return ('hind feet first',)
    return ('front feet first',) if late and min(late) >= EARLY_CYCLES else ()
