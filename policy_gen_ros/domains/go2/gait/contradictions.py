# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Contradictory goals: a text against itself, and against the measures that are given with it.

Words that mean nothing to :mod:`policy_gen_ros.domains.go2.gait.meaning` are not judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from math import hypot, inf

import numpy as np
from policy_gen_ros.domains.go2.gait.meaning import read, Statement
from policy_gen_ros.domains.go2.gait.measures import (
    BETWEEN_FAMILIES_CYCLES,
    CONTACT_NAMES,
    family_distances,
    GAIT_PHASES,
    nearest_family,
    PHASE_NAMES,
)
from policy_gen_ros.goals.language.reading import TextReading


def contradictions(asked: TextReading, measures: Mapping[str, float] | None) -> list[str]:
    """
    Name what cannot be true at once in a goal.

    :param asked: what the text asks for
    :param measures: any of :data:`policy_gen_ros.domains.go2.gait.measures.MEASURE_NAMES`, SI
        units
    :return: one sentence each; none where nothing contradicts, or nothing is recognised
    """
    statements = [item for item in read(asked.text) if item.quantity not in asked.overruled]
    families = asked.groups
    found = []
    if len(families) > 1:
        found.append(f'the text names several gaits: {" and ".join(families)}')
    # Of words for one thing, the first pair that differs is enough: 'fast and quickly, slowly'.
    pairs = {a.quantity: (a, b) for a, b in reversed([*combinations(statements, 2)])
             if _differ(a, b)}
    found += [f'the text says {a.describe()} and {b.describe()}' for a, b in pairs.values()]
    known = _quantities(measures or {}, sideways=any(
        item.quantity == 'speed to the left' for item in statements))
    for item in statements:
        if item.quantity in known:
            source, low, high = known[item.quantity]
            if high < item.near[0] or low > item.near[1]:
                found.append(f'the text says {item.describe()}, the measures say {source}')
    phases = {name: value for name, value in (measures or {}).items() if name in PHASE_NAMES}
    found += [f'the text rules out {family!r}, the phases are those of it'
              for family in asked.excluded if len(phases) == len(PHASE_NAMES)
              and nearest_family(np.array([*phases.values()])) == family]
    return found + [f'the text says {family!r}, the phases said are those of a {other}'
                    for family in families if (other := _other_family(family, phases))]


def _differ(a: Statement, b: Statement) -> bool:
    """Whether two words exclude each other. Neighbouring classes do not: 'slow' and 'medium'."""
    if a.quantity != b.quantity:
        return False
    if a.low == a.high or b.low == b.high:
        (low, high), near = ((a.low, a.high), b.near) if a.low == a.high \
            else ((b.low, b.high), a.near)
        return high < near[0] or low > near[1]
    return max(a.low, b.low) > min(a.high, b.high)


def _other_family(family: str, phases: Mapping[str, float]) -> str | None:
    """
    Family that fits the given phases clearly better, if there is one.

    Legs of which nothing is given may move as in the family named.
    """
    assumed = dict(zip(PHASE_NAMES, GAIT_PHASES[family])) | dict(phases)

    distance = family_distances(np.array([*assumed.values()]))
    nearest = min(distance, key=distance.__getitem__)
    return nearest if distance[family] - distance[nearest] > BETWEEN_FAMILIES_CYCLES else None


def _quantities(measures: Mapping[str, float],
                sideways: bool) -> dict[str, tuple[str, float, float]]:
    """
    Return for each quantity what measures say of it, and between which limits it must lie.

    :param sideways: the text speaks of going to a side, so a vy left out is not zero
    """
    def stated(*names: str) -> str:
        return ', '.join(f'{name} = {measures[name]:g}' for name in names if name in measures)

    found = {quantity: (stated(name), measures[name], measures[name]) for quantity, name in (
        ('stepping frequency', 'frequency_hz'), ('body height', 'body_height_m'),
        ('step height', 'swing_height_m'), ('forward speed', 'vx_mps'),
        ('speed to the left', 'vy_mps'), ('turn to the left', 'yaw_rate_rps'))
        if name in measures}
    vx, vy = measures.get('vx_mps'), measures.get('vy_mps')
    if vx is not None or vy is not None:
        least = hypot(vx or 0.0, vy or 0.0)
        most = inf if vx is None or (vy is None and sideways) else least
        found['speed'] = stated('vx_mps', 'vy_mps'), least, most
        if hz := measures.get('frequency_hz'):
            found['stride'] = stated('vx_mps', 'vy_mps', 'frequency_hz'), least / hz, most / hz
    contact = [measures[name] for name in CONTACT_NAMES if name in measures]
    if contact:
        found['share of time on the ground'] = (
            stated(*CONTACT_NAMES), sum(contact) / 4, (sum(contact) + 4 - len(contact)) / 4)
    return found
