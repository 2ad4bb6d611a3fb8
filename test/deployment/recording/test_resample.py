# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Gaps split, and rows lie on the lines between samples."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.deployment.recording.resample import MAX_GAP_S, Stretch, Track, trajectory_rows
from policy_gen_ros.domains.go2.robot import constants as go2
import pytest

ANY_TIME = settings(deadline=None)
BODY = np.array([0.0, 0.0, -1.0, 0.0, 0.0, 0.0])
EPOCH_S = 1.7e9


def steps() -> st.SearchStrategy[list[float]]:
    """Draw times between samples: none, short ones, and gaps."""
    return st.lists(st.sampled_from([0.0, 0.002, 0.011, 0.02, 0.19, 0.21, 3.0]), min_size=1,
                    max_size=60)


def track(stamps_s: np.ndarray, topic: str = 'a') -> Track:
    """Give a value that is ten times the time since the epoch."""
    return Track.of(topic, stamps_s, (stamps_s[:, None] - EPOCH_S) * 10.0)


@ANY_TIME
@given(steps(), st.randoms(use_true_random=False))
def test_stretches_and_gaps_cover_a_track_in_turn(pauses: list[float], random) -> None:
    stamps = EPOCH_S + np.cumsum(pauses)
    shuffled = stamps.tolist()
    random.shuffle(shuffled)
    made = track(np.array(shuffled))
    assert (np.diff(made.stamps_s) > 0).all()
    stretches, gaps = made.stretches(), made.gaps()
    assert len(gaps) == len(stretches) - 1 == sum(pause > MAX_GAP_S for pause in pauses[1:])
    assert (stretches[0].start_s, stretches[-1].end_s) == (stamps[0], stamps[-1])
    for before, gap, after in zip(stretches, gaps, stretches[1:]):
        assert gap.start_s == before.end_s
        assert gap.seconds == pytest.approx(after.start_s - before.end_s)


@ANY_TIME
@given(steps(), st.lists(st.floats(-1.0, 200.0), min_size=1, max_size=20))
def test_values_are_interpolated_within_stretches_and_unknown_elsewhere(
        pauses: list[float], offsets: list[float]) -> None:
    made = track(EPOCH_S + np.cumsum(pauses))
    times = EPOCH_S + np.array(offsets)
    inside = np.array([any(s.start_s <= time <= s.end_s for s in made.stretches())
                       for time in times])
    values = made.at(times)[:, 0]
    assert (np.isfinite(values) == inside).all()
    np.testing.assert_allclose(values[inside], 10.0 * np.array(offsets)[inside], atol=1e-4)
    np.testing.assert_allclose(made.at(made.stamps_s), made.values)


def test_rows_come_every_20_ms_and_end_with_the_stretch() -> None:
    stamps = EPOCH_S + np.arange(0.0, 2.0, 0.013)
    body = Track('imu', stamps, np.tile(BODY, (len(stamps), 1)))
    joints = Track('joint_states', stamps, np.tile(stamps[:, None] - EPOCH_S, (1, 24)))
    rows = trajectory_rows(Stretch(stamps[0], stamps[-1]), body, joints)
    times = stamps[-1] - EPOCH_S - 0.02 * np.arange(len(rows) - 1, -1, -1)
    np.testing.assert_allclose(rows[:, 18:30], np.tile(times[:, None], (1, 12)), atol=1e-5)
    assert 0 <= times[0] < 0.02
    assert np.isnan(rows[:, 30:]).all()


def test_targets_are_known_only_where_they_were_sent() -> None:
    stamps = np.arange(0.0, 2.0, 0.02)
    body = Track('imu', stamps, np.tile(BODY, (len(stamps), 1)))
    joints = Track('joint_states', stamps, np.zeros((len(stamps), 24)))
    sent = stamps[stamps >= 1.0]
    targets = Track('lowcmd', sent, np.tile(go2.DEFAULT_POSE_RAD + 0.1, (len(sent), 1)))
    rows = trajectory_rows(Stretch(0.0, stamps[-1]), body, joints, targets)
    assert np.isnan(rows[:50, 30:]).all()
    np.testing.assert_allclose(rows[51:, 30:], 0.1, atol=1e-6)


def test_too_short_a_stretch_is_refused() -> None:
    stamps = np.arange(0.0, 2.0, 0.02)
    body = Track('imu', stamps, np.tile(BODY, (len(stamps), 1)))
    joints = Track('joint_states', stamps, np.zeros((len(stamps), 24)))
    with pytest.raises(ValueError, match=r'only 0\.70 s of unbroken joint_states and imu; 0\.8 s'):
        trajectory_rows(Stretch(0.5, 1.2), body, joints)
