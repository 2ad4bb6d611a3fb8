# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Attributes that the text reader of gaits reads, and what the words alone show of them."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

import numpy as np
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES
from policy_gen_ros.domains.go2.gait.text_reading import read_text
from policy_gen_ros.domains.go2.gait.traits import STILL_MPS
from policy_gen_ros.goals.language.intent_model import BUCKETS, features, FLAGS
from policy_gen_ros.goals.language.intents import Intent
from policy_gen_ros.goals.language.lexicon import read_words
from policy_gen_ros.goals.language.reading import (
    Constraint,
    ONE,
    ORDER,
    STEPS,
    SWAPPED,
    TextReading,
)

NONE, NO, YES = 'none', 'no', 'yes'
LEVELS = {'speed': ('slow', 'fast'), 'frequency': ('low', 'high'), 'body_height': ('low', 'high'),
          'swing_height': ('low', 'high'), 'contact': ('short', 'long')}
"""Quantities that a text calls little or much, and how the classes call that."""
DIRECTIONS = {'vx': ('forward', 'backward', 'zero'), 'vy': ('left', 'right', 'zero'),
              'yaw': ('left', 'right', 'zero')}
CHANGES = ('speed', 'frequency', 'body_height', 'swing_height')
"""Quantities that a text raises or lowers."""
MEASURED = {'frequency': 'frequency_hz', 'body_height': 'body_height_m',
            'swing_height': 'swing_height_m', 'contact': 'contact_fl', 'vx': 'vx_mps',
            'vy': 'vy_mps', 'yaw': 'yaw_rate_rps'}
QUANTITIES = {'speed': 'speed', 'frequency': 'stepping frequency', 'body_height': 'body height',
              'swing_height': 'step height', 'contact': 'share of time on the ground',
              'vx': 'forward speed', 'vy': 'speed to the left', 'yaw': 'turn to the left'}
"""What the vocabulary of captions calls them."""
INTENT = 'intent'
ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    'gait': (NONE, *GAIT_FAMILIES),
    **{name: (NONE, *classes) for name, classes in (DIRECTIONS | LEVELS).items()},
    **{f'change_{name}': (NONE, 'up', 'down') for name in CHANGES},
    'relative': (NO, YES), 'impossible': (NO, YES),
    **{f'not_{family}': (NO, YES) for family in GAIT_FAMILIES},
    INTENT: tuple(intent.value for intent in Intent), ORDER: (ONE, STEPS, SWAPPED)}
_OFFSETS = dict(zip(ATTRIBUTES, np.cumsum([0, *map(len, ATTRIBUTES.values())]).tolist()))
_CLASSES = sum(map(len, ATTRIBUTES.values()))
FEATURE_DIM = _CLASSES + BUCKETS + FLAGS
_FAST_MPS, _SLOW_MPS = 0.28, 0.31
"""What is above, and what is below, is said to be fast or slow."""


def word_features(text: str) -> np.ndarray:
    """
    Say what the words of a text show by themselves: what the grammar reads, and their letters.

    :return: Shape: (FEATURE_DIM,), float32
    """
    result = np.zeros(_CLASSES, np.float32)
    for name, value in classes_of(read_text(text)).items():
        result[_OFFSETS[name] + ATTRIBUTES[name].index(value)] = 1.0
    return np.concatenate([result, features(text, read_words(text))])


def classes_of(reading: TextReading) -> dict[str, str]:
    """Return what a reading says of each attribute; several gaits, and intents, are left out."""
    said = {item.measure: item for item in reading.constraints if item.words}
    found = {name: _level(said.get(MEASURED[name]), name) for name in LEVELS if name in MEASURED}
    found |= {name: _direction(said.get(MEASURED[name]), name) for name in DIRECTIONS}
    found['speed'] = _speed(said)
    if len(reading.groups) < 2:
        found['gait'] = reading.groups[0] if reading.groups else NONE
    changed = {change.quantity: change for change in reading.changes}
    for name in CHANGES:
        change = changed.get(QUANTITIES[name])
        found[f'change_{name}'] = NONE if change is None else \
            'up' if change.factor > 1 or change.offset > 0 else 'down'
    found |= {f'not_{family}': YES if family in reading.excluded else NO
              for family in GAIT_FAMILIES}
    found['relative'] = YES if reading.changes or reading.continues else NO
    found['impossible'] = YES if reading.impossible else NO
    return found


def _level(item: Constraint | None, name: str) -> str:
    little, much = LEVELS[name]
    return NONE if item is None else much if item.high == inf or item.high >= 1 else little


def _direction(item: Constraint | None, name: str) -> str:
    ahead, back, neither = DIRECTIONS[name]
    if item is None:
        return NONE
    if item.low >= 0 and item.high > 2 * STILL_MPS:
        return ahead
    return back if item.high <= 0 and item.low < -2 * STILL_MPS else neither


def _speed(said: Mapping[str, Constraint]) -> str:
    for measure in ('vx_mps', 'vy_mps'):
        item = said.get(measure)
        if item is None or item.low < 0 < item.high:
            continue
        low, high = sorted((abs(item.low), abs(item.high)))
        if high == inf and low >= _FAST_MPS:
            return 'fast'
        if STILL_MPS < high <= _SLOW_MPS:
            return 'slow'
    return NONE
