# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Prompts that are not an archive actor's own trajectory."""

import numpy as np
from policy_gen_ros.archive.format import create_archive
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.writing import write_chunk
from policy_gen_ros.domains.go2.building.screen import walk_teacher
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.evaluation.studies import prompts
from policy_gen_ros.evaluation.studies.prompts import (
    noisy_trajectory,
    out_of_distribution_prompts,
    partially_trained_prompts,
)
import pytest
from small_archive import GO2, HELD_OUT, random_chunk


def test_noise_is_on_the_actions_alone():
    rows = np.zeros((3, 2000, 42))
    noisy = noisy_trajectory(rows, np.random.default_rng(0))
    assert not noisy[..., :30].any()
    found = noisy[..., 30:].reshape(-1, 12).std(axis=0)
    assert found == pytest.approx(0.1 * go2.ACTION_SCALE, rel=0.05)
    assert np.array_equal(noisy, noisy_trajectory(rows, np.random.default_rng(0)))
    assert not np.array_equal(noisy, noisy_trajectory(rows, np.random.default_rng(1)))


def test_noise_keeps_what_is_unknown_and_what_joints_allow():
    rows = np.random.default_rng(0).normal(0, 0.2, (50, 42)).astype(np.float32)
    rows[3, 30:] = np.nan
    before = rows.copy()
    assert np.allclose(noisy_trajectory(rows, np.random.default_rng(0), 0.0), rows, atol=1e-6,
                       equal_nan=True)
    wild = noisy_trajectory(rows, np.random.default_rng(0), 100.0)
    assert np.isnan(wild[3, 30:]).all() and np.isfinite(np.delete(wild, 3, axis=0)).all()
    targets = np.delete(wild, 3, axis=0)[:, 30:] + go2.DEFAULT_POSE_RAD
    assert (targets <= go2.TARGET_UPPER_RAD + 1e-6).all()
    assert (targets >= go2.TARGET_LOWER_RAD - 1e-6).all()
    assert np.array_equal(rows, before, equal_nan=True)


@pytest.fixture
def runs(tmp_path):
    """Two runs: one fails in several ways and succeeds in the end, the other never does."""
    create_archive(tmp_path, GO2, 0, 'test')
    progress = np.array([0.0, 0.05, 0.2, 0.5, 1.0])
    survived = np.ones((5, 4))
    survived[:3] = 0.0
    first = random_chunk(5, 0, 'reinforced', 'ppo-00', progress=progress, survived=survived)
    first.arrays['trajectory'][0, :, 39:] = np.nan  # one row too few
    first.arrays['trajectory'][1, :, 40:] = np.nan
    second = random_chunk(5, 1, 'reinforced', 'ppo-01', progress=progress,
                          survived=np.zeros((5, 4)))
    write_chunk(tmp_path, 'a', random_chunk(5, 2, survived=survived))
    write_chunk(tmp_path, 'b', first)
    write_chunk(tmp_path, 'c', second)
    return Archive(tmp_path, HELD_OUT)


def test_partially_trained_actors_prompt_for_what_their_run_becomes(runs):
    found = partially_trained_prompts(runs)
    # Of the run that succeeds: one fell too early, one after 40 rows, one is judged to the end.
    assert [len(rows) for rows in found.trajectory] == [40, 200]
    assert np.array_equal(found.trajectory[0], runs.trajectory[6][0, :40].astype(np.float32))
    assert np.array_equal(found.measures, np.repeat(runs.measures[9:10, 0], 2, axis=0))
    assert found.source.tolist() == ['ppo-00 after 5%', 'ppo-00 after 20%']
    assert [len(goal.trajectory) for goal in found.goals()] == [40, 200]
    assert found.family == [runs.family[9, 0]] * 2


def test_an_archive_without_such_runs_has_no_prompts(tmp_path):
    create_archive(tmp_path, GO2, 0, 'test')
    write_chunk(tmp_path, 'a', random_chunk(5))
    found = partially_trained_prompts(Archive(tmp_path, HELD_OUT))
    assert len(found) == 0 and found.goals() == [] and found.family == []


def test_unknown_controllers_walk_in_a_known_way_and_follow_the_seed(monkeypatch):
    walked = []

    def record(teacher, gait, *arguments):
        walked.append((gait, walk_teacher(teacher, gait, *arguments)))
        return walked[-1][1]

    monkeypatch.setattr(prompts, 'walk_teacher', record)
    found = out_of_distribution_prompts(2, seed=0)
    assert [rows.shape for rows in found.trajectory] == [(100, 42)] * 2
    assert len(found.goals()) == 2 and 'none' not in found.family
    results = [result for _, batch in walked for result in batch]
    behind = next(r for r in results if np.array_equal(r.trajectory[100:200], found.trajectory[0]))
    assert behind.survived and behind.seconds == pytest.approx(6.0)
    assert list(behind.measures.values()) == found.measures[0].tolist()
    again = out_of_distribution_prompts(2, seed=0)
    assert np.array_equal(again.trajectory[1], found.trajectory[1])
    # Whatever was walked before is known.
    gait = walked[0][0]
    assert prompts._unlike(gait, None).all()
    known = np.concatenate([gait.to_array()[:2], np.full((1, 12), np.nan)])
    assert prompts._unlike(gait, known).tolist()[:2] == [False, False]
    assert prompts._unlike(gait, known)[2:].any()


def test_gaits_that_are_all_known_are_an_error(monkeypatch):
    monkeypatch.setattr(prompts, 'NEW_GAIT', np.inf)
    known = np.array([[2.5, .5, .5, .5, .5, .5, .5, 0, .08, .28, .34, 0]])
    with pytest.raises(ValueError, match='0 of the 3 wanted'):
        out_of_distribution_prompts(3, seed=0, known=known)
