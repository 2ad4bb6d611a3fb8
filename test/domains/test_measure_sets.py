# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Measures of a domain: arithmetic on all of them, and what goals may ask for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.domains.go2.gait.measures import MEASURES as GO2
from policy_gen_ros.domains.measures import circular_difference
import pytest
from toy_domain import Toy

TOY = Toy.measures
ROWS = st.lists(st.tuples(*[st.one_of(st.just(np.nan), st.floats(-5, 5))] * 3), min_size=1,
                max_size=8).map(np.array)


@pytest.mark.parametrize('measures', [TOY, GO2], ids=['toy', 'go2'])
def test_a_set_of_measures_is_a_sequence_of_them(measures):
    assert len(measures) == len(list(measures)) == len(measures.names)
    for i, measure in enumerate(measures):
        assert measures[i] is measure
        assert measures.index(measure.name) == i
        for part in ('circular', 'centre', 'spread', 'low', 'high', 'noise', 'tolerance', 'weight',
                     'bounded'):
            assert getattr(measures, part)[i] == getattr(measure, part)
    assert measures.grid.tolist() == [i for i, m in enumerate(measures) if m.grid]


def test_arrays_are_in_order_and_nan_where_nothing_is_said():
    array = TOY.array({'height': 0.4, 'speed': 1.0})
    assert np.array_equal(array, [1.0, np.nan, 0.4], equal_nan=True)
    assert np.isnan(TOY.array({})).all()


@given(ROWS)
def test_features_say_what_was_observed_and_where(rows):
    features = TOY.encode(rows)
    assert features.shape == (len(rows), TOY.features) == (len(rows), 7)
    assert features.dtype == np.float32 and np.isfinite(features).all()
    observed = np.isfinite(rows)
    assert np.array_equal(features[:, :3], observed)
    assert np.allclose(features[:, 3], np.where(observed[:, 0], rows[:, 0] - 2.0, 0), atol=1e-5)
    assert np.allclose(features[:, 6], np.where(observed[:, 2], rows[:, 2] / 0.2 - 2.5, 0),
                       atol=1e-5)
    length = np.hypot(features[:, 4], features[:, 5])
    assert np.allclose(length, observed[:, 1], atol=1e-5)


@given(ROWS, st.integers(-2, 2))
def test_only_what_wraps_wraps(rows, turns):
    turned = rows + turns * TOY.circular
    assert np.allclose(TOY.encode(turned), TOY.encode(rows), atol=1e-4)
    apart = TOY.difference(turned, rows)
    assert np.allclose(apart[np.isfinite(rows)], 0, atol=1e-6)
    assert np.isnan(apart[~np.isfinite(rows)]).all()


def test_differences_of_some_measures():
    a, b = np.array([[3.0, 0.9]]), np.array([1.0, 0.1])
    assert TOY.difference(a, b, [0, 1]) == pytest.approx(np.array([[2.0, -0.2]]))
    assert TOY.difference(a[:, ::-1], b[::-1], [1, 0]) == pytest.approx(np.array([[-0.2, 2.0]]))
    assert TOY.difference(np.array([0.9]), 0.1, 1) == pytest.approx(circular_difference(0.9, 0.1))
    assert TOY.difference(np.array([0.9]), 0.1, 0) == pytest.approx(0.8)


@given(ROWS)
def test_what_is_brought_into_range_may_be_asked_for(rows):
    rows = np.nan_to_num(rows)
    inside = TOY.into_range(rows)
    for row in inside.tolist():
        assert TOY.check(dict(zip(TOY.names, row))) == dict(zip(TOY.names, row))
    assert np.allclose(TOY.difference(TOY.into_range(inside), inside), 0)
    unchanged = (rows >= TOY.low) & (rows <= TOY.high) & ~TOY.circular
    assert np.array_equal(inside[unchanged], rows[unchanged])


@pytest.mark.parametrize(('asked', 'message'), [
    ({}, r'no measures given \(known: speed, heading, height\)'),
    ({'sped': 1.0}, "unknown measure 'sped'; did you mean 'speed'"),
    ({'vx_mps': 1.0}, r"unknown measure 'vx_mps' \(known: speed"),
    ({'speed': 'fast'}, "speed is 'fast', expected a number"),
    ({'speed': None}, 'speed is None, expected a number'),
    ({'speed': 4.1}, 'speed = 4.1 m/s is outside 0 to 4'),
    ({'speed': np.nan}, 'speed = nan m/s is outside'),
    ({'speed': 1.0, 'heading': -0.1}, 'heading = -0.1 cycles is outside 0 to 1')])
def test_what_cannot_be_asked_for_is_refused(asked, message):
    with pytest.raises(ValueError, match=message):
        TOY.check(asked)


def test_numbers_of_any_kind_are_taken():
    assert TOY.check({'height': np.float32(0.5), 'speed': '2'}) == {'height': 0.5, 'speed': 2.0}
