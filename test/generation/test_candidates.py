# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Goals that candidates are generated for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES, MEASURES
from policy_gen_ros.generation.candidates import candidate_goals, distance, MAX_VARIATION
from policy_gen_ros.goals.goal import Goal
import pytest

GO2 = find_domain('go2')
SOME_MEASURES = st.dictionaries(st.sampled_from(MEASURES.all), st.floats(0, 1), min_size=1).map(
    lambda shares: {m.name: m.low + share * (m.high - m.low) for m, share in shares.items()})


@given(SOME_MEASURES, st.integers(1, 12), st.integers(0, 9))
def test_candidates_ask_for_nearly_the_same(measures, count, seed):
    goals = candidate_goals(GO2, Goal(measures=measures), count, seed)
    assert goals[0].measures == measures and len(goals) == count
    essential = {name: value for name, value in measures.items() if name in GO2.essential}
    for goal in goals:
        assert goal.measures.keys() == measures.keys() or goal.measures == essential
    again = candidate_goals(GO2, Goal(measures=measures), count, seed)
    assert [goal.measures for goal in goals] == [goal.measures for goal in again]


def test_later_candidates_are_further_off():
    goal = Goal(measures={'frequency_hz': 2.5, 'phase_fr': 0.99, 'vx_mps': 0.4})
    far = []
    for seed in range(100):
        near = [list(g.measures.values()) for g in candidate_goals(GO2, goal, 5, seed)]
        rows = np.full((5, len(MEASURE_NAMES)), np.nan)
        rows[:, [MEASURE_NAMES.index(name) for name in goal.measures]] = near
        far.append(distance(GO2, goal, rows))
    mean = np.mean(far, axis=0)
    # The mean of the absolute value of a normal variable is 0.8 of its standard deviation.
    assert mean == pytest.approx(0.8 * np.linspace(0, MAX_VARIATION, 5), abs=0.2)


def test_the_last_three_of_eight_leave_contacts_and_heights_open():
    goal = Goal(measures={'contact_fl': 0.5, 'vx_mps': 0.4, 'body_height_m': 0.3})
    names = [list(g.measures) for g in candidate_goals(GO2, goal, 8)]
    assert names == [list(goal.measures)] * 5 + [['vx_mps']] * 3
    heights = Goal(measures={'body_height_m': 0.3})
    assert all(g.measures.keys() == {'body_height_m'}
               for g in candidate_goals(GO2, heights, 8))


def test_texts_and_clips_are_asked_for_as_they_are():
    goal = Goal(text='trot forward')
    assert candidate_goals(GO2, goal, 3) == [goal] * 3


def test_distance_is_in_tolerances_and_wraps():
    goal = Goal(measures={'phase_fr': 0.98, 'vx_mps': 0.5})
    reached = np.zeros((3, len(MEASURE_NAMES)))
    phase, vx = MEASURE_NAMES.index('phase_fr'), MEASURE_NAMES.index('vx_mps')
    reached[:, phase], reached[:, vx] = (0.98, 0.02, np.nan), (0.5, 0.5, 0.6)
    tolerance = MEASURES.tolerance
    assert (tolerance[phase], tolerance[vx]) == (0.04, 0.05)
    assert distance(GO2, goal, reached) == pytest.approx(
        [0.0, 0.5 * 0.04 / tolerance[phase], 0.1 / tolerance[vx]])
    assert distance(GO2, Goal(text='trot'), reached).tolist() == [0, 0, 0]
