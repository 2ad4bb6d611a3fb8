# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Measures that are categories, such as tasks: in conditions, samples, goals and coverage."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.commands.goals import parse_measures
from policy_gen_ros.domains.extras import Control, Extras
from policy_gen_ros.domains.measures import Measure, Measures, ONE_HOT
from policy_gen_ros.generation.coverage import squared_gaps
import pytest

SHAPES = ('cube', 'ball', 'cone')
MEASURES = Measures(
    Measure.of_categories('shape', SHAPES),
    Measure('size', 'm', 0.0, 2.0, 1.0, 0.5, noise=0.01, tolerance=0.05, weight=1.0))
BALL, CONE = np.array([[1.0, 1.5]]), np.array([[2.0, 1.5]])


def test_a_condition_has_a_feature_for_each_category():
    seen = MEASURES.encode(np.array([[1.0, 1.5], [np.nan, 1.5]]))
    assert seen.shape == (2, MEASURES.features) == (2, 2 + 3 + 1)
    assert seen[0].tolist() == [1, 1, 0, ONE_HOT, 0, 1]
    assert seen[1].tolist() == [0, 1, 0, 0, 0, 1]


def test_categories_are_the_same_or_not():
    apart = MEASURES.difference(np.array([[0.0, 1.0], [2.0, 1.0], [np.nan, 1.0]]),
                                np.array([2.0, 1.5]))
    assert apart[:, 0].tolist()[:2] == [1, 0] and np.isnan(apart[2, 0])
    assert apart[:, 1].tolist() == [-0.5] * 3


def test_what_is_blurred_is_the_category_that_it_was():
    assert MEASURES.into_range(np.array([[1.02, 3.0]])).tolist() == [[1.0, 2.0]]


def test_commands_name_categories_and_goals_count_them():
    assert parse_measures('shape=cone, size=1.5', MEASURES) == {'shape': 2.0, 'size': 1.5}
    with pytest.raises(ValueError, match="'pyramid' is none of cube, ball, cone"):
        parse_measures('shape=pyramid', MEASURES)
    assert MEASURES.check({'shape': 2}) == {'shape': 2.0}
    for number in (0.5, 3, float('nan')):
        with pytest.raises(ValueError, match='none of cube, ball, cone'):
            MEASURES.check({'shape': number})
    shape, size = MEASURES
    assert (shape.describe(2.0), size.describe(1.5)) == ('shape = cone', 'size = 1.5 m')


@pytest.mark.parametrize('controls', [(), (Control('shape', '', 1.0, is_measure='shape'),)])
def test_samples_say_the_category_that_scores_highest(controls):
    extras = Extras(MEASURES, controls)
    run_with = BALL[:, :len(controls)]
    sample = extras.encode(run_with, BALL)
    assert (extras.control_dim, sample.shape) == (0, (1, extras.dim)) == (0, (1, 1 + 3))
    assert np.array_equal(sample, extras.known(BALL))
    sample[:, 1:] += [[0.4 * ONE_HOT, -0.4 * ONE_HOT, 0.0]]
    decoded, measures = extras.decode(sample)
    assert np.array_equal(measures, BALL) and np.array_equal(decoded, run_with)
    assert np.array_equal(extras.implied(CONE), CONE[:, :len(controls)])


def test_a_control_that_is_a_number_keeps_its_column_beside_one_that_is_a_category():
    extras = Extras(MEASURES, (Control('shape', '', 1.0, is_measure='shape'),
                               Control('gain', '', 0.5, centre=2.0)))
    controls, measures = extras.decode(extras.encode(np.array([[2.0, 3.0]]), CONE))
    assert extras.control_dim == 1
    assert controls.tolist() == [[2.0, 3.0]] and measures.tolist() == CONE.tolist()


def test_nothing_that_is_not_said_is_known_of_a_category():
    known = Extras(MEASURES, ()).known(np.array([[np.nan, 1.5]]))
    assert known[0, 0] == 1.0 and np.isnan(known[0, 1:]).all()


def test_other_categories_are_as_far_apart_in_coverage_as_in_conditions():
    gaps = squared_gaps(MEASURES, BALL[0], np.concatenate([BALL, CONE]))
    wanted = np.square(MEASURES.encode(BALL) - MEASURES.encode(CONE)).sum()
    assert gaps.tolist() == [[0, wanted], [0, 0]]
