# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""How long it takes from a goal to the bytes of an actor, one goal at a time."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle

import numpy as np
from policy_gen_ros.evaluation.metrics.held_out import KINDS
from policy_gen_ros.evaluation.studies.subject import Subject
from policy_gen_ros.generation.timing import milliseconds, quantiles


def time_goals(subject: Subject) -> dict[str, np.ndarray]:
    """
    Generate single actors for held-out goals by turns, after a few for warmth.

    :return: kind of goal -> milliseconds. Shapes: (subject.sizes.timed,)
    """
    def measure(kind: str) -> np.ndarray:
        goals = cycle(subject.held_out.goals(kind))
        return milliseconds(lambda: subject.generate([next(goals)])[0].to_bytes(),
                            subject.sizes.timed)

    return {kind: measure(kind) for kind in KINDS}


def quantiles_by_kind(times_ms: Mapping[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Median, 99th percentile and number of the times of each kind."""
    return {kind: {**quantiles(times), 'count': len(times)} for kind, times in times_ms.items()}
