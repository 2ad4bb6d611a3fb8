# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Goals that leave measures open: copies satisfy and do not vary, the archive does both."""

import numpy as np
from policy_gen_ros.archive.rows import RowView
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES, MEASURE_NAMES, PHASE_NAMES
from policy_gen_ros.evaluation.studies.ambiguity import (
    ambiguous_goals,
    AmbiguousGoal,
    clip_goals,
    MIN_MATCHES,
    score_ambiguity,
)
import pytest
from small_archive import measures_row

VX, HEIGHT, PHASE_FR = (MEASURE_NAMES.index(name)
                        for name in ('vx_mps', 'body_height_m', 'phase_fr'))
TROT = AmbiguousGoal('trot')


@pytest.fixture(scope='module')
def archive():
    """Two hundred behaviours, families in turn, everything else spread out."""
    rng = np.random.default_rng(0)
    rows = np.array([measures_row(GAIT_FAMILIES[i % len(GAIT_FAMILIES)]) for i in range(200)])
    rows[:, 5:8] = (rows[:, 5:8] + rng.normal(0, 0.02, (200, 3))) % 1
    free = np.setdiff1d(np.arange(13), [5, 6, 7])
    rows[:, free] += rng.normal(0, 0.05, (200, len(free)))
    return rows


def test_what_is_given_and_what_is_not():
    assert [n for n, u in zip(MEASURE_NAMES, TROT.missing) if not u] == list(PHASE_NAMES)
    assert (TROT.goal.text, TROT.goal.measures, TROT.kind) == ('trot', None, 'family')
    low = AmbiguousGoal(measures={'body_height_m': 0.22, 'phase_fr': 0.98})
    assert low.goal.text is None and low.goal.measures == {'body_height_m': 0.22, 'phase_fr': 0.98}
    assert low.missing.sum() == 11 and not low.missing[HEIGHT]
    for arguments in ({}, {'family': 'trot', 'measures': {'vx_mps': 0.1}}):
        with pytest.raises(ValueError, match='either a family or some measures'):
            AmbiguousGoal(**arguments)
    with pytest.raises(ValueError, match='expected one of walk, trot'):
        AmbiguousGoal('gallop')


def test_a_clip_shows_its_rhythm_and_leaves_nothing_open(archive):
    trajectory = (1e-4 * np.arange(200 * 60 * 42, dtype=np.float32)).reshape(200, 60, 42)
    rows = RowView('trajectory', [trajectory], np.zeros(200, int), np.arange(200))
    part = np.where(np.arange(200) < 150, 0, -1)  # the last are not stored
    index = RowView('trajectory', [trajectory], part, np.arange(200))
    assert len(clip_goals(archive, index, 180, seed=0)) == 150
    goals = clip_goals(archive, rows, 4, seed=0)
    assert len({goal.goal.trajectory[0, 0] for goal in goals}) == 4
    for goal in goals:
        source = round(1e4 * goal.clip[0, 0]) // (60 * 42)
        assert goal.kind == 'clip' and goal.clip.shape == (50, 42)
        assert goal.satisfied(archive)[source]
        other = archive[source].copy()
        other[VX] += 1
        assert goal.satisfied(other[None]).all()
        other[4] += 0.5
        assert not goal.satisfied(other[None]).any()
        assert not goal.missing.any()
    sources = [round(1e4 * goal.clip[0, 0]) // (60 * 42) for goal in goals]
    reached = np.repeat(archive[sources][:, None], 3, axis=1)
    result = score_ambiguity([*goals, TROT], np.concatenate(
        [reached, np.tile(measures_row('pace'), (1, 3, 1))]), np.ones((5, 3), bool), archive)
    assert result.satisfied_by_kind == {'clip': 1.0, 'family': 0.0}


def test_satisfaction_has_tolerances_and_phases_wrap():
    goal = AmbiguousGoal(measures={'vx_mps': 0.3, 'phase_fr': 0.97})
    rows = np.array([measures_row() for _ in range(5)])
    rows[:, PHASE_FR] = [0.97, 0.04, 0.15, 0.97, np.nan]
    rows[:, VX] = [0.3, 0.44, 0.3, 0.46, 0.3]
    assert goal.satisfied(rows).tolist() == [True, True, False, False, False]
    rows = np.array([measures_row('trot'), measures_row('pace'), measures_row('trot')])
    rows[2, 6] = np.nan
    assert TROT.satisfied(rows).tolist() == [True, False, False]


def test_samples_of_the_archive_spread_like_the_archive(archive):
    trots = archive[TROT.satisfied(archive)]
    rng = np.random.default_rng(1)
    reached = np.stack([trots[rng.choice(len(trots), 8, replace=False)] for _ in range(30)])
    result = score_ambiguity([TROT] * 30, reached, np.ones((30, 8), bool), archive)
    assert result.satisfied.value == 1 and result.satisfied_by_kind == {'family': 1.0}
    assert result.spread.value == pytest.approx(1, abs=0.05)
    assert result.spread.low < 1 < result.spread.high
    assert np.isnan([result.spread_by_measure[name] for name in PHASE_NAMES]).all()
    # Half as far from the mean is half the spread.
    near, free = reached.copy(), TROT.missing
    near[..., free] = (near[..., free] + near[..., free].mean(axis=1, keepdims=True)) / 2
    halved = score_ambiguity([TROT] * 30, near, np.ones((30, 8), bool), archive)
    assert halved.spread.value == pytest.approx(result.spread.value / 2)


def test_an_average_satisfies_and_does_not_vary(archive):
    reached = np.tile(measures_row('trot'), (2, 8, 1))
    result = score_ambiguity([TROT, TROT], reached, np.ones((2, 8), bool), archive)
    assert (result.satisfied.value, result.spread.value) == (1.0, 0.0)


def test_falls_and_wrong_gaits_do_not_satisfy_and_add_no_spread(archive):
    low = AmbiguousGoal(measures={'body_height_m': 0.28})
    reached = np.tile(measures_row('trot'), (2, 4, 1))
    reached[0, 0] = measures_row('pace', frequency_hz=4.0)
    reached[0, 1, VX] = 3.0
    survived = np.ones((2, 4), bool)
    survived[0, 1] = False
    reached[1, 0, PHASE_FR], reached[1, 1, VX] = np.nan, 0.4
    result = score_ambiguity([TROT, low], reached, survived, archive)
    assert result.satisfied.value == pytest.approx((2 / 4 + 4 / 4) / 2)
    assert result.satisfied_by_kind == {'family': 0.5, 'measures': 1.0}
    assert result.spread_by_measure['frequency_hz'] == 0.0
    assert 0 < result.spread_by_measure['vx_mps'] < 2
    assert result.spread_by_measure['phase_fr'] == 0.0  # given by one goal, open in the other
    assert np.isfinite(result.spread_by_measure['body_height_m'])


def test_nobody_satisfies(archive):
    result = score_ambiguity([TROT], np.tile(measures_row('pace'), (1, 4, 1)),
                             np.ones((1, 4), bool), archive)
    assert result.satisfied.value == 0 and np.isnan(result.spread.value)


def test_goals_are_common_in_the_archive_and_follow_the_seed(archive):
    goals = ambiguous_goals(archive, 6, seed=0)
    assert [goal.family for goal in goals[:len(GAIT_FAMILIES)]] == list(GAIT_FAMILIES)
    assert [goal.kind for goal in goals[len(GAIT_FAMILIES):]] == ['measures'] * 6
    assert all(goal.satisfied(archive).sum() >= MIN_MATCHES for goal in goals)
    again, other = (ambiguous_goals(archive, 6, seed=seed) for seed in (0, 1))
    given = [dict(goal.measures) for goal in goals]
    assert given == [dict(goal.measures) for goal in again]
    assert given != [dict(goal.measures) for goal in other]
    with pytest.raises(ValueError, match='too few are alike'):
        ambiguous_goals(archive[:10], 2, seed=0)


def test_bad_input_is_refused(archive):
    with pytest.raises(ValueError, match=r'expected \(G, K, 13\)'):
        score_ambiguity([TROT], np.zeros((1, 4, 12)), np.ones((1, 4)), archive)
    with pytest.raises(ValueError, match="satisfy 'trot', expected 20"):
        score_ambiguity([TROT], np.zeros((1, 4, 13)), np.ones((1, 4)), archive[:20])
