# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""How far a robot has come, by its odometry: what ends "go 2 m forward"."""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot, isfinite

from policy_gen_ros.goals.language.reading import Amount

OBSERVED = ('vx_mps', 'vy_mps', 'yaw_rate_rps')
"""Measures that odometry gives: the velocity of the body in its own frame."""
LONGEST_GAP_S = 0.5
"""Odometry that is silent for longer is lost: nobody knows how the robot moved meanwhile."""


def rate_along(amount: Amount, aimed: Mapping[str, float]) -> float:
    """
    Return how fast an actor gets along its own direction; in the unit of the amount per second.

    :param aimed: value by name of measure, what the actor aims at
    """
    return hypot(*(aimed[name] for name in _parts(amount)))


def _parts(amount: Amount) -> tuple[str, ...]:
    """Return the measures that add up: of a way to go both, wherever it leads."""
    return OBSERVED[:2] if amount.measure in OBSERVED[:2] else (amount.measure,)


class Way:
    """
    The sum of a velocity over time along the direction that an actor aims at.

    :param amount: of a measure in OBSERVED
    :param aimed: value by name of OBSERVED, what the actor aims at; the other direction counts
        against the amount
    """

    def __init__(self, amount: Amount, aimed: Mapping[str, float]) -> None:
        self.amount = amount
        rate = rate_along(amount, aimed)
        self._direction = {name: aimed[name] / rate for name in _parts(amount)}
        self._last_s: float | None = None
        self.gone = 0.0
        """So far, in the unit of the amount."""

    @property
    def reached(self) -> bool:
        """Whether the amount is reached."""
        return self.gone >= self.amount.total

    def add(self, time_s: float, velocity: Mapping[str, float]) -> None:
        """
        Take in a sample of the odometry; one that is not finite is left out.

        :param time_s: when it was measured
        :param velocity: value by name of OBSERVED, SI units
        """
        rate = sum(share * velocity[name] for name, share in self._direction.items())
        if not isfinite(rate):
            return
        gap_s = 0.0 if self._last_s is None else time_s - self._last_s
        self._last_s = time_s
        if 0 < gap_s <= LONGEST_GAP_S:
            self.gone += rate * gap_s

    def followed(self, now_s: float) -> bool:
        """Whether the odometry still comes, on the clock of its samples."""
        return self._last_s is not None and now_s - self._last_s <= LONGEST_GAP_S
