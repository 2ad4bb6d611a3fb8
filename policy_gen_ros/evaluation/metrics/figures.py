# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Figures of an evaluation, with intervals and the archive's own; the contract's JSON of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from policy_gen_ros.evaluation.metrics.intervals import wilson_interval
from policy_gen_ros.evaluation.metrics.quality_diversity import Estimate

CONTRACT = (
    'reward_ratio', 'qd_score_ratio', 'coverage', 'coverage_ratio', 'mem', 'js_divergence',
    'compression_ratio', 'qualified_rate.seen', 'qualified_rate.held_out', 'qualified_rate.text',
    'qualified_rate.trajectory', 'rehearsed_qualified_rate', 'language_gait_accuracy',
    'sequence_success.archive', 'sequence_success.measures', 'sequence_success.language',
    'held_out_ok.command', 'held_out_ok.measures', 'held_out_ok.text', 'held_out_ok.trajectory',
    'held_out_ok.floor', 'ambiguous_goals.satisfied', 'ambiguous_goals.spread', 'sampling_steps',
    'nearest_training_distance.median', 'nearest_training_distance.min')
"""Keys that the result always has; null where a figure was not computed."""


@dataclass(frozen=True)
class Figure:
    """
    One line of the table.

    :param key: place in the JSON, parts joined by dots
    :param name: for people
    :param count: goals, actors or behaviours that it is about
    :param interval: 95 %
    :param archive: the same figure of the archive's own actors, walked again with other seeds
    """

    key: str
    name: str
    value: float
    count: int
    interval: tuple[float, float] | None = None
    archive: float | None = None

    @classmethod
    def share(cls, key: str, name: str, value: float, count: int,
              archive: float | None = None) -> Figure:
        """Figure that is a share of independent goals."""
        return cls(key, name, value, count, wilson_interval(value, count), archive)

    @classmethod
    def estimate(cls, key: str, name: str, estimate: Estimate, count: int,
                 archive: float | None = None) -> Figure:
        """Figure that comes with its interval."""
        return cls(key, name, estimate.value, count, (estimate.low, estimate.high), archive)


def nested(figures: Sequence[Figure]) -> dict[str, Any]:
    """All keys of the contract, and those of the figures, as nested objects."""
    result: dict[str, Any] = {}
    values = {**dict.fromkeys(CONTRACT), **{figure.key: figure.value for figure in figures}}
    for key, value in values.items():
        *outer, last = key.split('.')
        place = result
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
    return result
