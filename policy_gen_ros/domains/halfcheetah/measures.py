# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What is measured of a HalfCheetah, and the gaits that its feet make."""

from __future__ import annotations

from typing import Any

import numpy as np
from policy_gen_ros.domains.measures import Measure, Measures

_CONTACT: dict[str, Any] = {
    'unit': 'share of time', 'low': 0.0, 'high': 1.0, 'centre': 0.5, 'spread': 0.25,
    'noise': 0.02, 'tolerance': 0.05, 'weight': 1.0, 'grid': True, 'bounded': True}
MEASURES = Measures(
    Measure('contact_back', **_CONTACT), Measure('contact_front', **_CONTACT),
    Measure('vx_mps', 'm/s', -5.0, 10.0, 1.5, 1.5, noise=0.05, tolerance=0.2, weight=0.5))
CONTACT_NAMES = MEASURES.names[:2]
GAITS = ('both feet', 'back foot', 'front foot', 'neither foot')
"""By the feet that are used."""
USED = 0.25
"""Share of time on the ground from which on a foot is used."""


def gait_of(measures: np.ndarray) -> np.ndarray:
    """Return the gait of each behaviour, ``none`` without measures. Shape: (..., 3) -> (...)."""
    back, front = measures[..., 0], measures[..., 1]
    used = [(back >= USED) & (front >= USED), (back >= USED) & (front < USED),
            (back < USED) & (front >= USED), (back < USED) & (front < USED)]
    return np.select(used, GAITS, default='none')
