# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Velocities where a recording has none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.deployment.recording.clip import read_clip
from policy_gen_ros.deployment.recording.message_types import JOINT_STATE
from policy_gen_ros.deployment.recording.resample import Track
from policy_gen_ros.deployment.recording.tracks import Topics
from policy_gen_ros.deployment.recording.velocities import with_velocities
import pytest
from recorded_walks import check_trot, trot, trotting_joints, write_bag


def track(times_s: np.ndarray, speeds: float = np.nan) -> Track:
    return Track('j', times_s, np.array([np.concatenate([trotting_joints(t)[0], [speeds] * 12])
                                         for t in times_s]))


@pytest.mark.parametrize(('change', 'why'), [
    (lambda message: np.zeros(0), 'are missing'),
    (lambda message: np.full(12, np.nan), 'are missing'),
    (lambda message: np.where(np.arange(12) < 3, np.nan, message.velocity), 'are partly missing'),
    (lambda message: np.zeros(12), 'are all zero though the joints move')],
    ids=['empty', 'NaN', 'NaN of a leg', 'zero'])
@pytest.mark.parametrize('rate_hz', [50.0, 400.0])
def test_velocities_come_from_positions_where_none_were_sent(
        tmp_path: Path, change, why: str, rate_hz: float) -> None:
    def without(kind: str, message: Any) -> None:
        if kind == JOINT_STATE:
            message.velocity = change(message)

    clip = read_clip(write_bag(tmp_path / 'bag', trot(2.0, rate_hz, change=without)), Topics())
    # At the ends the differences reach to one side only.
    check_trot(clip.trajectory[2:-2], clip.end_s - 0.02 * (len(clip.trajectory) - 3), 0.15)
    assert clip.describe()[1] == (
        f'/joint_states: velocities {why}: differences of positions over 20 ms are taken (they '
        f'pass what is below {11 if rate_hz == 50 else 22} Hz)')


@pytest.mark.parametrize(('rate_hz', 'cut_off_hz'), [(50.0, 11.1), (500.0, 22.2)])
def test_the_cut_off_is_where_half_the_power_passes(rate_hz: float, cut_off_hz: float) -> None:
    times = np.arange(0.0, 4.0, 1 / rate_hz)
    position = np.tile(np.sin(2 * np.pi * cut_off_hz * times)[:, None], (1, 12))
    filled, _ = with_velocities(Track('j', times, np.hstack([position, position * np.nan])))
    share = filled.values[20:-20, 12].std() / (2 * np.pi * cut_off_hz * position.std())
    assert share == pytest.approx(np.sqrt(0.5), abs=0.03)


def test_zero_velocities_of_joints_that_stand_are_believed() -> None:
    times = np.arange(0.0, 2.0, 0.02)
    still = Track('j', times, np.tile(np.append(trotting_joints(0.0)[0], np.zeros(12)), (100, 1)))
    assert with_velocities(still) == (still, ())


def test_differences_do_not_reach_across_gaps() -> None:
    times = np.concatenate([np.arange(0.0, 1.0, 0.02), [1.5], np.arange(2.0, 3.0, 0.02)])
    velocity = with_velocities(track(times))[0].values[:, 12:]
    assert np.abs(velocity).max() < 6.0
    assert not velocity[50].any()


def test_uneven_times_make_no_difference() -> None:
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(0.001, 0.015, 400))
    velocity = with_velocities(track(times))[0].values[:, 12:]
    wanted = np.array([trotting_joints(t)[1] for t in times])
    np.testing.assert_allclose(velocity[5:-5], wanted[5:-5], atol=0.5)
