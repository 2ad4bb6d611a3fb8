# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What must hold for a sentence of the language test set, checked on what the robot did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import degrees, hypot, inf
from typing import Any

from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult

MOVES_MPS, TURNS_RPS = 0.05, 0.1
"""Slower is no direction."""
STANDS_MPS, STRAIGHT_RPS = 0.12, 0.15
VALUE_SHARE, VALUE_MPS = 0.1, 0.05
"""How near a value must come."""
SAID = ('outside what the archive covers', 'is not met', 'command limited to')
"""Parts of the warnings that say that a value is not reached."""
ENDING_SHARE = 0.15
"""How near a way, an angle or a time must come."""
_NAMES = {'frequency': 'frequency_hz', 'body_height': 'body_height_m',
          'swing_height': 'swing_height_m', 'yaw': 'yaw_rate_rps'}
_RESTS = {'stand': 'stand', 'lie_down': 'lie down', 'emergency': 'emergency stop'}
_SIGNS = {'vx': ('vx_mps', 'forward', MOVES_MPS, STANDS_MPS),
          'vy': ('vy_mps', 'left', MOVES_MPS, STANDS_MPS),
          'yaw': ('yaw_rate_rps', 'left', TURNS_RPS, STRAIGHT_RPS)}
_HIGH = {'speed': 'fast', 'contact': 'long'}
"""What the test set calls more than the median, where that is not high."""

Plan = Sequence[tuple[str | None, 'Walked | None', float | None]]
"""Of each step: how it rests, or how it walks; and how long."""


@dataclass(frozen=True)
class Walked:
    """What an actor did, and what was said of it when it was made."""

    episode: EpisodeResult
    warnings: Sequence[str]

    def value(self, name: str) -> float:
        """Return what was measured, under the test set's name for it."""
        measures = self.episode.measures
        if name == 'speed':
            return hypot(measures['vx_mps'], measures['vy_mps'])
        if name in ('contact', 'duty'):
            return sum(measures[contact] for contact in CONTACT_NAMES) / 4
        return measures[_NAMES[name]]


def check(expect: Mapping[str, Any], plan: Plan, warnings: Sequence[str], refused: bool,
          before: Walked | None, medians: Mapping[str, float]) -> bool:
    """
    Whether all holds that a sentence says.

    :param medians: of the archive's behaviours, by measure, and of ``speed``
    """
    if 'refuse' in expect:
        return refused or bool(warnings)
    if 'rest' in expect:
        return bool(plan) and plan[0][0] == _RESTS[expect['rest']]
    if refused:
        # A value out of reach may be refused; whatever else is asked may not.
        return any(key in expect for key in ('values', 'between', 'at_least', 'at_most'))
    if 'steps' in expect:
        # A last step that ends leads to standing.
        asked = expect['steps']
        return len(plan) >= len(asked) and all(
            _step(step, *did, before, medians) for step, did in zip(asked, plan))
    return bool(plan) and _step(expect, *plan[0], before, medians)


def _step(expect: Mapping[str, Any], rest: str | None, walked: Walked | None,
          seconds: float | None, before: Walked | None, medians: Mapping[str, float]) -> bool:
    if 'rest' in expect:
        return rest == _RESTS[expect['rest']]
    if walked is None or not walked.episode.survived:
        return False
    family = walked.episode.family
    if expect.get('gait', family) != family or family in expect.get('not_gait', ()):
        return False
    return (all(_sign(walked, key, expect[key]) for key in _SIGNS if key in expect)
            and all(_side(walked, key, expect[key], medians)
                    for key in ('speed', 'frequency', 'body_height', 'swing_height', 'contact')
                    if key in expect)
            and _values(expect, walked) and _ending(expect, walked, seconds)
            and _change(expect, walked, before))


def _sign(walked: Walked, key: str, wanted: str) -> bool:
    name, positive, moves, stands = _SIGNS[key]
    value = walked.episode.measures[name]
    if wanted in ('zero', 'stop'):
        return abs(value) < stands
    return value > moves if wanted == positive else value < -moves


def _side(walked: Walked, key: str, wanted: str, medians: Mapping[str, float]) -> bool:
    median = sum(medians[name] for name in CONTACT_NAMES) / 4 if key == 'contact' else \
        medians[_NAMES.get(key, key)]
    high = _HIGH.get(key, 'high')
    return walked.value(key) > median if wanted == high else walked.value(key) < median


def _values(expect: Mapping[str, Any], walked: Walked) -> bool:
    limits = [(key, value, value) for key, value in expect.get('values', {}).items()]
    limits += [(key, *pair) for key, pair in expect.get('between', {}).items()]
    limits += [(key, value, inf) for key, value in expect.get('at_least', {}).items()]
    limits += [(key, -inf, value) for key, value in expect.get('at_most', {}).items()]

    def holds(key: str, low: float, high: float) -> bool:
        slack = VALUE_SHARE * max(abs(x) for x in (low, high) if abs(x) != inf)
        if key in ('speed', 'yaw'):
            slack = max(slack, VALUE_MPS)
        return low - slack <= walked.value(key) <= high + slack

    # What cannot be reached may be said instead.
    return any(words in warning for warning in walked.warnings for words in SAID) \
        or all(holds(*limit) for limit in limits)


def _ending(expect: Mapping[str, Any], walked: Walked, seconds: float | None) -> bool:
    measures = walked.episode.measures
    done: dict[str, Callable[[float], float]] = {
        'seconds': lambda s: s, 'distance_m': lambda s: s * walked.value('speed'),
        'turn_deg': lambda s: s * degrees(measures['yaw_rate_rps']),
        'count': lambda s: 2 * s * measures['frequency_hz']}
    for key, amount in done.items():
        if key not in expect:
            continue
        wanted = float(expect[key])
        if seconds is None:
            return False
        reached = amount(seconds)
        if key == 'turn_deg' and abs(wanted) == 180 and 'yaw' not in expect:
            reached, wanted = abs(reached), 180.0  # either way round
        if abs(reached - wanted) > ENDING_SHARE * abs(wanted):
            return False
    return True


def _change(expect: Mapping[str, Any], walked: Walked, before: Walked | None) -> bool:
    if before is None:
        return True
    change = dict(expect.get('change', {}))
    factors = change.pop('factor', {})
    now, then = walked.episode.measures, before.episode.measures
    for key, wanted in change.items():
        if wanted in ('up', 'down'):
            if (walked.value(key) > before.value(key)) != (wanted == 'up'):
                return False
        elif wanted == 'flip':
            if now[f'{key}_mps'] * then[f'{key}_mps'] >= 0:
                return False
        elif not _sign(walked, key, wanted):
            return False
    for key, factor in factors.items():
        if abs(walked.value(key) / before.value(key) - factor) > 0.2 * factor:
            return False
    return 'gait' not in expect.get('keep', ()) or \
        walked.episode.family == before.episode.family
