# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Behaviour measures: names, units, ranges, gait families, and how they are measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from policy_gen_ros.domains.measures import circular_difference, Measure, Measures

_CONTACT: dict[str, Any] = {
    'unit': 'share of time', 'low': 0.0, 'high': 1.0, 'centre': 0.55, 'spread': 0.1, 'noise': 0.01,
    'tolerance': 0.03, 'weight': 0.35, 'grid': True, 'bounded': True}
_PHASE: dict[str, Any] = {
    'unit': 'cycles after FL', 'low': 0.0, 'high': 1.0, 'centre': 0.0, 'spread': 1.0,
    'noise': 0.01, 'tolerance': 0.04, 'weight': 0.0, 'circular': True}
# A contact has a large weight: with a third of it, rare contacts give way to common ones, which
# are easier to walk. The phases make the gait family, which is judged for itself.
MEASURES = Measures(
    *(Measure(f'contact_{leg}', **_CONTACT) for leg in ('fl', 'fr', 'rl', 'rr')),
    Measure('frequency_hz', 'Hz', 0.5, 6.0, 2.7, 0.6, noise=0.02, tolerance=0.1, weight=0.0),
    *(Measure(f'phase_{leg}', **_PHASE) for leg in ('fr', 'rl', 'rr')),
    Measure('body_height_m', 'm', 0.12, 0.42, 0.27, 0.035, noise=0.002, tolerance=0.01,
            weight=0.15),
    Measure('swing_height_m', 'm', 0.0, 0.25, 0.075, 0.025, noise=0.002, tolerance=0.01,
            weight=0.08),
    Measure('vx_mps', 'm/s', -2.0, 2.5, 0.0, 0.5, noise=0.02, tolerance=0.05, weight=1.0),
    Measure('vy_mps', 'm/s', -1.0, 1.0, 0.0, 0.2, noise=0.01, tolerance=0.03, weight=0.4),
    Measure('yaw_rate_rps', 'rad/s', -2.5, 2.5, 0.0, 0.6, noise=0.02, tolerance=0.05, weight=0.3))
MEASURE_NAMES = MEASURES.names
CONTACT_NAMES = MEASURE_NAMES[:4]
PHASE_NAMES = MEASURE_NAMES[5:8]
COMMAND_NAMES = MEASURE_NAMES[10:13]

GAIT_PHASES = {
    'walk': (0.5, 0.75, 0.25),
    'trot': (0.5, 0.5, 0.0),
    'pace': (0.5, 0.0, 0.5),
    'bound': (0.0, 0.5, 0.5),
    'pronk': (0.0, 0.0, 0.0)}
"""Touch-down of FR, RL, RR after FL, in cycles. The walk is the lateral sequence RL FL RR FR."""
GAIT_FAMILIES = tuple(GAIT_PHASES)
BETWEEN_FAMILIES_CYCLES = 0.25
"""Summed over the feet: midway between one family and where another is equally near."""
RHYTHM_THRESHOLD = 0.5
_DEBOUNCE_S = 0.03


def family_distances(phases: np.ndarray) -> dict[str, np.ndarray]:
    """
    How far touch-down phases lie from those of each family, summed over the feet.

    :param phases: FR, RL, RR relative to FL, in cycles. Shape: (..., 3)
    :return: cycles, for each of :data:`GAIT_FAMILIES`. Shapes: (...)
    """
    return {name: np.abs(circular_difference(phases, template)).sum(axis=-1)
            for name, template in GAIT_PHASES.items()}


def nearest_family(phases: np.ndarray) -> str:
    """
    Gait family whose touch-down phases lie nearest.

    Of several that are equally near, as for 21 of the 3,191 qualified actors of the shipped
    index, it is the first of :data:`GAIT_FAMILIES`.

    :param phases: FR, RL, RR relative to FL, in cycles; NaN where a foot keeps no rhythm.
        Shape: (3,)
    :return: a name of :data:`GAIT_FAMILIES`, or ``'none'`` when a phase is unknown
    """
    if not np.isfinite(phases).all():
        return 'none'
    distance = family_distances(phases)
    return min(distance, key=distance.__getitem__)


def _touch_downs(contact: np.ndarray, dt_s: float) -> np.ndarray:
    """Return the times of touch-down, ignoring gaps and blips shorter than the debounce time."""
    hold = max(1, round(_DEBOUNCE_S / dt_s))
    padded = np.concatenate([np.zeros(1, bool), contact, np.zeros(1, bool)])
    edges = np.flatnonzero(np.diff(padded.astype(int)))
    starts, ends = edges[::2], edges[1::2]
    if len(starts) == 0:
        return starts * dt_s
    gap = starts[1:] - ends[:-1] >= hold
    starts, ends = starts[np.concatenate([[True], gap])], ends[np.concatenate([gap, [True]])]
    long_enough = (ends - starts >= hold) & (starts > 0)
    return starts[long_enough] * dt_s


def measure_rhythm(contact: np.ndarray, dt_s: float) -> tuple[float, np.ndarray]:
    """
    Measure stepping frequency and touch-down phases of a contact record.

    :param contact: Shape: (time, 4), bool, feet FL FR RL RR
    :return: frequency in Hz (NaN without rhythm), phases of FR RL RR after FL in cycles (NaN where
        a foot keeps no rhythm). Shape: (3,)
    """
    downs = [_touch_downs(contact[:, foot], dt_s) for foot in range(4)]
    periods = [np.median(np.diff(times)) for times in downs if len(times) >= 3]
    if not periods:
        return float('nan'), np.full(3, np.nan)
    frequency = 1.0 / float(np.median(periods))
    phases = np.full(3, np.nan)
    if len(downs[0]) < 3:
        return frequency, phases
    for foot in (1, 2, 3):
        if len(downs[foot]) < 3:
            continue
        before = np.clip(np.searchsorted(downs[0], downs[foot], side='right') - 1, 0, None)
        angle = 2j * np.pi * frequency * (downs[foot] - downs[0][before])
        mean = np.exp(angle).mean()
        if abs(mean) >= RHYTHM_THRESHOLD:
            phases[foot - 1] = (np.angle(mean) / (2 * np.pi)) % 1.0
    return frequency, phases


def measure_behavior(contact: np.ndarray, contact_dt_s: float, body_height: np.ndarray,
                     foot_height: np.ndarray, velocity: np.ndarray) -> dict[str, float]:
    """
    All thirteen measures of a stretch of walking.

    :param contact: Shape: (time, 4), bool, sampled every ``contact_dt_s``
    :param body_height: m. Shape: (ticks,)
    :param foot_height: height of the sole above ground, m. Shape: (ticks, 4)
    :param velocity: vx, vy m/s and yaw rate rad/s in the body frame. Shape: (ticks, 3)
    :return: name -> value; frequency and phases are NaN without a rhythm
    """
    frequency, phases = measure_rhythm(contact, contact_dt_s)
    values = [*contact.mean(axis=0), frequency, *phases, body_height.mean(),
              np.percentile(foot_height, 95, axis=0).mean(), *velocity.mean(axis=0)]
    return {name: float(value) for name, value in zip(MEASURE_NAMES, values)}


def nearest_families(measures: np.ndarray) -> list[str]:
    """Nearest family of each behaviour. Shape: (n, 13)."""
    return [nearest_family(row[5:8]) for row in measures]


def family_of(measures: Mapping[str, float]) -> str:
    """Gait family of measured touch-down phases; ``'none'`` where they are missing."""
    return nearest_family(np.array([measures.get(name, np.nan) for name in PHASE_NAMES]))
