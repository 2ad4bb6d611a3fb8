# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Intervals of figures: of shares, and of any statistic."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

BOOTSTRAP_DRAWS = 2000


def wilson_interval(share: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson score interval of a share."""
    centre = share + z * z / (2 * count)
    spread = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count**2))
    scale = 1 + z * z / count
    # at 0 and 1 rounding would leave the range
    return max(0.0, float((centre - spread) / scale)), min(1.0, float((centre + spread) / scale))


def bootstrap_interval(values: np.ndarray, statistic: Callable[..., float] = np.mean,
                       seed: int = 0, draws: int = BOOTSTRAP_DRAWS) -> tuple[float, float]:
    """
    95 % percentile interval of a statistic over rows drawn again with replacement (Efron 1979).

    :param values: rows are drawn together, whatever is in them. Shape: (n, ...)
    :param statistic: of values of the same shape
    :return: NaN where the statistic is of all draws
    :raises ValueError: no rows
    """
    if not len(values):
        raise ValueError('an interval needs at least one value')
    rng = np.random.default_rng(seed)
    drawn = np.array([statistic(values[rng.integers(0, len(values), len(values))])
                      for _ in range(draws)])
    known = drawn[np.isfinite(drawn)]  # a draw may leave nothing to divide by
    low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (np.nan, np.nan)
    return float(low), float(high)
