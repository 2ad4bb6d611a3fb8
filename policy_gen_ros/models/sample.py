# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What one diffusion sample holds beside the latent: clock rate, nominal command, aimed measures.

They are generated together with the weights because they belong together: a gait learned at 3 Hz
needs its 3 Hz clock, and a text that names no speed leaves it to the sampler. The command is
stored as its offset from the aimed velocity: what an actor falls short by is a small number that
hangs on the actor, while the velocity itself is known as soon as it is asked for.
"""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.go2.gait.measures import (
    COMMAND_NAMES,
    MEASURE_NAMES,
    MEASURES,
    PHASE_NAMES,
)
from policy_gen_ros.models.measure_features import MEASURE_CENTRE, MEASURE_SPREAD

_FREQUENCY = MEASURE_NAMES.index('frequency_hz')
_VELOCITY = slice(-len(COMMAND_NAMES), None)
_PHASE = slice(MEASURE_NAMES.index(PHASE_NAMES[0]), MEASURE_NAMES.index(PHASE_NAMES[-1]) + 1)
_OFFSET_SPREAD = np.array([0.15, 0.1, 0.2])
# The aimed frequency is the clock's.
_PLAIN = [i for i, measure in enumerate(MEASURES) if not measure.circular and i != _FREQUENCY]
CONTROL_DIM = 1 + len(COMMAND_NAMES)
EXTRA_DIM = CONTROL_DIM + 2 * len(PHASE_NAMES) + len(_PLAIN)


def encode_extras(clock_hz: np.ndarray, command: np.ndarray, measures: np.ndarray) -> np.ndarray:
    """
    Everything at about unit scale; NaN where a value is NaN.

    :param clock_hz: Shape: (n,)
    :param command: Shape: (n, 3)
    :param measures: in the order of MEASURE_NAMES. Shape: (n, 13)
    :return: clock, command, phases, other measures. Shape: (n, 19), float32
    """
    clock = (np.asarray(clock_hz)[:, None] - MEASURE_CENTRE[_FREQUENCY]) \
        / MEASURE_SPREAD[_FREQUENCY]
    angle = 2 * np.pi * measures[:, _PHASE]
    plain = (measures - MEASURE_CENTRE) / MEASURE_SPREAD
    return np.concatenate([
        clock, (command - measures[:, _VELOCITY]) / _OFFSET_SPREAD, np.sin(angle), np.cos(angle),
        plain[:, _PLAIN]], axis=1).astype(np.float32)


def decode_extras(extras: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Inverse of :func:`encode_extras`.

    :return: clock_hz (n,), command (n, 3), measures (n, 13)
    """
    clock = extras[:, 0] * MEASURE_SPREAD[_FREQUENCY] + MEASURE_CENTRE[_FREQUENCY]
    sine, cosine, plain = np.split(extras[:, CONTROL_DIM:], [3, 6], axis=1)
    measures = np.empty((len(extras), len(MEASURE_NAMES)))
    measures[:, _PLAIN] = plain * MEASURE_SPREAD[_PLAIN] + MEASURE_CENTRE[_PLAIN]
    measures[:, :4] = np.clip(measures[:, :4], 0, 1)
    measures[:, _FREQUENCY] = clock
    measures[:, _PHASE] = np.arctan2(sine, cosine) / (2 * np.pi) % 1.0
    command = extras[:, 1:CONTROL_DIM] * _OFFSET_SPREAD + measures[:, _VELOCITY]
    return clock, command, measures


def known_extras(measures: np.ndarray) -> np.ndarray:
    """
    Return what asked measures say of a sample: the aims, and the clock by the frequency.

    :param measures: NaN where unsaid. Shape: (n, 13)
    :return: NaN where unknown, as the command always is. Shape: (n, 19), float32
    """
    unknown = np.full((len(measures), len(COMMAND_NAMES)), np.nan)
    return encode_extras(measures[:, _FREQUENCY], unknown, measures)
