# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What the text reader adds to a reading by words, and corrects in it.

Words give numbers, units and shades such as "very slow", and are kept where both agree. Where the
reader is sure of another class, its class counts, with the range that captions give it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import inf
import re

from policy_gen_ros.domains.go2.gait.attributes import (
    ATTRIBUTES,
    CHANGES,
    classes_of,
    DIRECTIONS,
    LEVELS,
    MEASURED,
    NONE,
    QUANTITIES,
    YES,
)
from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES, GAIT_FAMILIES
from policy_gen_ros.domains.go2.gait.quantities import quantities
from policy_gen_ros.domains.go2.gait.relative import DIRECTION, starts_continuing, usual_change
from policy_gen_ros.domains.go2.gait.text_constraints import assumed
from policy_gen_ros.domains.go2.gait.traits import (
    CONTACT,
    HEIGHT,
    SPEED,
    STILL_MPS,
    STRAIGHT_RPS,
    SWING,
    TEMPO,
    TURN_RPS,
)
from policy_gen_ros.domains.go2.gait.units import SPEED as SPEED_QUANTITY
from policy_gen_ros.goals.language.reading import Attribute, Change, Constraint, TextReading

SURE = 0.4
"""Probability from which the reader's class counts against that of the words."""
CERTAIN = 0.7
"""The same where words name a gait, and for that nothing was said where words say something."""
NO_GAIT = 0.95
"""
The same for that no gait is named, where words name one that nothing rules out. Of 1,120 sentences
that the reader had not learnt words were right in 17 of the 24 with less, and 0 of 3 with more.
"""
POSSIBLE = 0.8
"""The same for that a text asks for nothing impossible, where words say so."""
_GAIT = rf'(?:{"|".join(GAIT_FAMILIES)})'
_BOTH = re.compile(rf'\b{_GAIT}(?:ting|ing)? and (?:an? |then )?{_GAIT}')
_DIGITS = re.compile(r'(?:between |from )?[\d.,]')
_RANGES = {'speed': (SPEED[1][0], SPEED[2][0]), 'frequency': (TEMPO[1][0], TEMPO[2][0]),
           'body_height': (HEIGHT[1][0], HEIGHT[2][0]),
           'swing_height': (SWING[1][0], SWING[2][0]), 'contact': (CONTACT[0][0], CONTACT[1][0])}
"""Where little ends and much begins, as captions say it."""
_MOTION = (*DIRECTIONS, 'speed')
_VELOCITIES = tuple(MEASURED[name] for name in DIRECTIONS)


def refine(reading: TextReading, attributes: Mapping[str, Attribute]) -> TextReading:
    """
    Correct what words alone were read as.

    :param attributes: what the text reader says of each of
        :data:`policy_gen_ros.domains.go2.gait.attributes.ATTRIBUTES`
    """
    by_words = classes_of(reading)
    decided = {name: found for name, found in attributes.items()
               if name in by_words | {'gait': NONE} and found.value != by_words.get(name)
               and found.confidence >= (
                   CERTAIN if found.value == ATTRIBUTES[name][0] else SURE)}
    given = _given(reading)
    left_to_words = _denied(reading) | _numbered(reading, given)
    decided = {name: found for name, found in decided.items() if name not in left_to_words}
    if any(change.quantity == DIRECTION for change in reading.changes):
        # "The other way" is a way that only the present one tells.
        decided = {name: found for name, found in decided.items() if name not in DIRECTIONS}
    constraints = [*_levels(reading, decided)]
    if decided.keys() & {*_MOTION}:
        constraints = [*given.values(), *(
            item for item in _moving(reading, by_words, decided) if item.measure not in given), *(
            item for item in constraints if item.measure not in _VELOCITIES)]
    groups, excluded = _gaits(reading, decided)
    related = decided.get('relative')
    sure = {name: round(found.confidence, 3) for name, found in attributes.items()
            if found.value != ATTRIBUTES[name][0]}
    return replace(
        reading, constraints=tuple(constraints), groups=groups, excluded=excluded,
        changes=_changes(reading, decided),
        continues=starts_continuing(reading.whole) or (
            reading.continues if related is None else related.value == YES),
        impossible=_impossible(reading, attributes.get('impossible')),
        overruled=tuple(QUANTITIES[name] for name in decided if name in QUANTITIES),
        confidence=sure, read_by_network=True)


def _denied(reading: TextReading) -> set[str]:
    """Return attributes of quantities that words deny: of "not too fast" a reader sees "fast"."""
    denied = {item.measure for item in reading.constraints if item.words.startswith('not ')}
    names = {name for name in (*LEVELS, *DIRECTIONS)
             if MEASURED.get(name) in denied
             or (name == 'speed' and denied & {'vx_mps', 'vy_mps'})}
    return names | {f'change_{name}' for name in names}


def _numbered(reading: TextReading, given: Mapping[str, Constraint]) -> set[str]:
    """Return attributes of which a number leaves nothing open: "slow down to 0.3 m/s"."""
    exact = {item.measure for item in reading.constraints if item.exact and item.words}
    changes = {name for name in CHANGES if (exact & {'vx_mps', 'vy_mps'} if name == 'speed'
                                            else MEASURED[name] in exact)}
    aside = reading.until is not None and reading.until.measure == 'vy_mps'
    return {f'change_{name}' for name in changes} | {
        name for name in DIRECTIONS if MEASURED[name] in given} | (
            {'speed'} if given.keys() & {'vx_mps', 'vy_mps'} else set()) | (
                {'vx', 'vy'} if aside else set())


def _given(reading: TextReading) -> dict[str, Constraint]:
    """
    Return the velocities whose direction is certain, by measure.

    It is of a number with a sign, of one by the name of its measure, "vx -0.3", and of one to a
    side, with one ahead beside it.
    """
    found = {item.measure: item for item in reading.constraints
             if item.words and item.measure in _VELOCITIES}
    exact = {name for name, item in found.items() if item.exact}
    return {name: item for name, item in found.items()
            if (item.exact and (name == 'vy_mps' or (name == 'vx_mps' and 'vy_mps' in exact)))
            or any(number.kind == name or number.high < 0 for number in quantities(item.words))}


def _gaits(reading: TextReading,
           decided: Mapping[str, Attribute]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    groups, excluded = reading.groups, set(reading.excluded)
    gait = decided.get('gait')
    # What words exclude stays excluded: they are seldom wrong about that.
    excluded |= {family for family in GAIT_FAMILIES
                 if (found := decided.get(f'not_{family}')) and found.value == YES}
    # Against a gait that words name the reader has to be nearly certain; of "trot and pace" it
    # does not choose: whoever asks for both hears that.
    needed = NO_GAIT if gait and gait.value == NONE and not excluded & {*groups} else CERTAIN
    if gait and not _BOTH.search(reading.whole) and (not groups or gait.confidence > needed):
        groups = () if gait.value == NONE else (gait.value,)
    return groups, tuple(family for family in GAIT_FAMILIES
                         if family in excluded and family not in groups)


def _levels(reading: TextReading, decided: Mapping[str, Attribute]) -> Iterator[Constraint]:
    """Yield constraints, with those of little and much of a quantity as they were decided."""
    replaced: set[str] = set()
    for name, found in decided.items():
        if name not in LEVELS or name not in MEASURED:
            continue
        names = CONTACT_NAMES if name == 'contact' else (MEASURED[name],)
        if any(item.measure in names and (item.exact or quantities(item.words))
               for item in reading.constraints):
            continue  # a number stands
        replaced.update(names)
        if found.value != NONE:
            low, high = _range(name, found.value)
            for measure in names:
                yield Constraint(measure, low, high, found.words)
    for item in reading.constraints:
        if item.measure not in replaced:
            yield item


def _range(name: str, value: str) -> tuple[float, float]:
    little, much = _RANGES[name]
    top = 1.0 if name == 'contact' else inf
    return (0.0, little) if value == LEVELS[name][0] else (much, top)


@dataclass(frozen=True)
class _Motion:
    """Classes of the motion and their words, by the reader where it decided."""

    by_words: Mapping[str, str]
    decided: Mapping[str, Attribute]

    def value(self, name: str) -> str:
        found = self.decided.get(name)
        return found.value if found else self.by_words[name]

    def words(self, name: str, item: Constraint | None) -> str:
        found = self.decided.get(name)
        return found.words if found else item.words if item else ''

    def sign(self, name: str) -> int:
        """1 forward or to the left, -1 to the other side, 0 where neither is said."""
        return {0: 1, 1: -1}.get(DIRECTIONS[name].index(self.value(name)), 0) \
            if self.value(name) in DIRECTIONS[name] else 0


def _moving(reading: TextReading, by_words: Mapping[str, str],
            decided: Mapping[str, Attribute]) -> Iterator[Constraint]:
    """Yield the constraints of velocities anew, with the numbers that there were."""
    said = {item.measure: item for item in reading.constraints if item.words}
    motion = _Motion(by_words, decided)
    found: list[Constraint] = []
    low, high, words = _speed_range(said, motion)
    aside, ahead = motion.sign('vy'), motion.sign('vx')
    if aside:
        limits = (STILL_MPS, inf) if ahead else (max(low, STILL_MPS), high)
        found.append(_signed('vy_mps', aside, *limits, motion.words('vy', said.get('vy_mps'))))
    elif motion.value('vy') == 'zero':
        found.append(Constraint('vy_mps', -STILL_MPS, STILL_MPS, motion.words('vy', None)))
    if ahead or (words and not aside):
        if ahead:
            low = max(low, STILL_MPS)
        words = words or motion.words('vx', said.get('vx_mps'))
        found.append(_signed('vx_mps', ahead or 1, low, high, words))
    elif aside or motion.value('vx') == 'zero':
        found.append(Constraint('vx_mps', -STILL_MPS, STILL_MPS, motion.words(
            'vx', said.get('vx_mps')) or motion.words('vy', said.get('vy_mps'))))
    if reading.until and reading.until.measure == 'yaw_rate_rps' and not (ahead or aside):
        # Who turns by an angle stays where they are.
        found = [item for item in reading.constraints if item.measure in ('vx_mps', 'vy_mps')]
    found += _turning(said.get('yaw_rate_rps'), motion)
    yield from found
    yield from assumed({item.measure for item in found})


def _speed_range(said: Mapping[str, Constraint],
                 motion: _Motion) -> tuple[float, float, str]:
    """Return the speed's range and its words, without a direction."""
    for measure in ('vx_mps', 'vy_mps'):
        item = said.get(measure)
        if item and (_DIGITS.match(item.words) or any(
                number.kind == SPEED_QUANTITY for number in quantities(item.words))):
            low, high = sorted((abs(item.low), abs(item.high)))
            return (0.0 if item.low < 0 < item.high else low), high, item.words
    level = motion.value('speed')
    if level == NONE:
        return 0.0, inf, ''
    if 'speed' not in motion.decided:  # with its shade, such as "very slow"
        for measure in ('vx_mps', 'vy_mps'):
            item = said.get(measure)
            if item and not item.low < 0 < item.high:
                low, high = sorted((abs(item.low), abs(item.high)))
                return low, high, item.words
    return *_range('speed', level), motion.words('speed', None)


def _turning(item: Constraint | None, motion: _Motion) -> list[Constraint]:
    if 'yaw' not in motion.decided:
        return [item] if item else []
    words, sign = motion.words('yaw', item), motion.sign('yaw')
    if motion.value('yaw') == NONE:
        return [item] if item and item.exact else []
    if not sign:
        return [Constraint('yaw_rate_rps', -STRAIGHT_RPS, STRAIGHT_RPS, words)]
    if item and item.low * item.high > 0 and abs(item.high) < inf:  # a rate or an angle
        low, high = sorted((abs(item.low), abs(item.high)))
        return [_signed('yaw_rate_rps', sign, low, high, words)]
    return [_signed('yaw_rate_rps', sign, TURN_RPS, inf, words)]


def _signed(measure: str, sign: int, low: float, high: float, words: str) -> Constraint:
    return Constraint(measure, low, high, words) if sign > 0 else \
        Constraint(measure, -high, -low, words)


def _changes(reading: TextReading,
             decided: Mapping[str, Attribute]) -> tuple[Change, ...]:
    """Return the changes that words ask for, and those that only the reader sees."""
    found = list(reading.changes)
    for name in CHANGES:
        change = decided.get(f'change_{name}')
        if change is None:
            continue
        found = [item for item in found if item.quantity != QUANTITIES[name]]
        if change.value != NONE:
            found.append(usual_change(QUANTITIES[name], change.value == 'up', change.words,
                                      reading.whole))
    return tuple(found)


def _impossible(reading: TextReading, found: Attribute | None) -> tuple[str, ...]:
    if reading.trick:
        return reading.impossible
    if found and found.value == YES:  # in doubt, too: to walk instead is worse than a remark
        return reading.impossible or (found.words,)
    return () if found and found.confidence >= POSSIBLE else reading.impossible
