# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Measure condition: numbers in, features out; what is unsaid is flagged, not guessed."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.go2.gait.measures import MEASURES

MEASURE_CENTRE = np.array([0.55] * 4 + [2.7] + [0.0] * 3 + [0.27, 0.075, 0.0, 0.0, 0.0])
MEASURE_SPREAD = np.array([0.1] * 4 + [0.6] + [1.0] * 3 + [0.035, 0.025, 0.5, 0.2, 0.6])
"""Over walking gaits, in the order of MEASURE_NAMES: bring features to about unit scale."""
MEASURE_FEATURES = sum(3 if measure.circular else 2 for measure in MEASURES)


def encode_measures(values: np.ndarray) -> np.ndarray:
    """
    Features of measures, each with a flag whether it was said.

    :param values: in the order of MEASURE_NAMES, NaN where unsaid. Shape: (n, 13)
    :return: Shape: (n, 29), float32
    """
    said = np.isfinite(values)
    filled = np.where(said, values, 0.0)
    columns = [said.astype(np.float32)]
    for i, measure in enumerate(MEASURES):
        if measure.circular:
            angle = 2 * np.pi * filled[:, i]
            features = np.stack([np.sin(angle), np.cos(angle)], axis=1)
        else:
            features = (filled[:, i:i + 1] - MEASURE_CENTRE[i]) / MEASURE_SPREAD[i]
        columns.append(features * said[:, i:i + 1])
    return np.concatenate(columns, axis=1).astype(np.float32)
