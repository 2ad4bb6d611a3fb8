# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Rows of trajectories: features, segments, and goals that are refused."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY
import pytest
from toy_domain import Toy

SPEC = replace(Toy.trajectory, min_rows=6, segment_rows=4, actions='throttle')


def test_columns_are_brought_to_scale():
    rows = np.array([[1.0, 3.0, -2.0, 0.5]])
    assert SPEC.features(rows).tolist() == [[1.0, 1.0, -2.0, 0.5, 0.0]]
    assert SPEC.features(rows).dtype == np.float32
    assert SPEC.dim == 4 and SPEC.state_scale.tolist() == [1.0, 2.0]


def test_rows_without_actions_are_flagged_and_zero_there():
    rows = np.ones((2, 3, 4))
    rows[0, 1, 3] = np.nan
    rows[1, :, 2:] = np.nan
    features = SPEC.features(rows)
    assert np.isfinite(features).all()
    assert features[..., -1].tolist() == [[0, 1, 0], [1, 1, 1]]
    assert not features[features[..., -1] == 1][:, 2:4].any()
    assert (features[..., 0] == 1).all()
    assert rows[0, 0, 2] == 1  # what came in is left as it was


@given(rows=st.integers(4, 60), length=st.integers(2, 4))
def test_segments_overlap_by_half_and_cover_everything(rows, length):
    spec = replace(SPEC, segment_rows=length)
    segments = spec.cut(np.arange(rows)[:, None].repeat(4, axis=1))
    assert segments.shape[1:] == (length, 4)
    assert set(segments[..., 0].ravel()) == set(range(rows))
    starts = segments[:, 0, 0]
    assert (np.diff(starts) <= length // 2).all() and (np.diff(starts) > 0).all()


def test_a_goal_keeps_its_rows_as_float32():
    rows = np.random.default_rng(0).standard_normal((6, 4))
    rows[:, 2:] = np.nan
    checked = SPEC.check(rows)
    assert checked.dtype == np.float32
    assert np.array_equal(checked, rows.astype(np.float32), equal_nan=True)


def spoilt(row, column, value):
    rows = np.zeros((6, 4))
    rows[row, column] = value
    return rows


@pytest.mark.parametrize(('rows', 'message'), [
    (np.zeros((6, 3)), r'has shape \(time, 4\), got \(6, 3\)'),
    (np.zeros(4), r'has shape \(time, 4\), got \(4,\)'),
    (np.zeros((5, 4)), 'needs at least 6 rows at 20 Hz, got 5'),
    (spoilt(3, 1, np.nan), r'row 3, feature 1 .* only the throttle \(features 2 to 3\)'),
    (spoilt(3, 0, np.inf), 'row 3, feature 0 is not finite'),
    (spoilt(3, 2, -np.inf), r'throttle \(features 2 to 3\) must be finite or NaN')])
def test_goals_that_cannot_be_read_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        SPEC.check(rows)


def test_the_rows_of_the_go2_are_what_its_bundles_were_trained_on():
    assert (TRAJECTORY.dim, TRAJECTORY.state_dim, TRAJECTORY.rows) == (42, 30, 200)
    assert (TRAJECTORY.min_rows, TRAJECTORY.segment_rows, TRAJECTORY.dt_s) == (40, 40, 0.02)
    standing = np.zeros((1, 42))
    standing[:, 2] = -1.0
    assert not TRAJECTORY.features(standing).any()
    assert TRAJECTORY.features(standing + 1)[0] == pytest.approx(
        [5.0] * 3 + [1.0] * 3 + [1 / 0.35] * 12 + [0.2] * 12 + [2.0] * 12 + [0.0])
    with pytest.raises(ValueError, match=r'joint targets \(features 30 to 41\)'):
        TRAJECTORY.check(np.full((40, 42), np.nan))
