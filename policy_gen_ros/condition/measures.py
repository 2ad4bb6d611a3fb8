"""Measure condition: numbers in, features out; what is unsaid is flagged, not guessed."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.goal.measures import MEASURES

# Centre and spread of each measure over walking gaits: brings the features to about unit scale.
_CENTRE = {'frequency_hz': 2.6, 'body_height_m': 0.28, 'swing_height_m': 0.075}
_SPREAD = {'frequency_hz': 0.55, 'body_height_m': 0.035, 'swing_height_m': 0.025, 'vx_mps': 0.35,
           'vy_mps': 0.12, 'yaw_rate_rps': 0.4}
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
            centre = _CENTRE.get(measure.name, 0.55 if measure.unit.startswith('share') else 0.0)
            spread = _SPREAD.get(measure.name, 0.1)
            features = ((filled[:, i] - centre) / spread)[:, None]
        columns.append(features * said[:, i:i + 1])
    return np.concatenate(columns, axis=1).astype(np.float32)
