# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Tiny archives, from nothing to sealed, and what is refused."""

from dataclasses import replace

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import finished_chunks
from policy_gen_ros.archive.grid import measure_grid
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.gymnasium_locomotion import simulation
from policy_gen_ros.domains.gymnasium_locomotion.building.config import LocomotionArchiveConfig
from policy_gen_ros.domains.gymnasium_locomotion.simulation import MissingGymnasiumError
from policy_gen_ros.utils.config import updated
import pytest

TINY = updated(LocomotionArchiveConfig(), {
    'base_robots': 4, 'base_iterations': 2, 'waves': 1, 'branch_jobs': 1, 'branches': 2,
    'branch_robots': 2, 'branch_iterations': 2, 'keep_every': 1, 'horizon': 8,
    'stage_iterations': 2, 'rounds': 1, 'islands': 1, 'generations': 1, 'children': 12,
    'chunk_size': 8, 'iso_sigma': 0.3, 'repeatable': 1, 'depth': 2, 'tries': 2, 'seed': 3})


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    """Give the path of a tiny archive."""
    pytest.importorskip('gymnasium', reason='the extra "gymnasium" is not installed')
    path = tmp_path_factory.mktemp('archives') / 'tiny'
    find_domain('halfcheetah').build_archive(path, TINY, 'a test')
    return path


def test_an_archive_is_whole(built):
    archive = Archive(built)
    assert archive.complete and archive.damage() == []
    assert len(archive) == archive.planned > 2
    assert set(archive.source.tolist()) <= {'reinforced', 'crossed'}
    assert (archive.survived == 1).all() and np.isfinite(archive.measures).all()
    assert not (built / 'search').exists()
    assert (built / 'foundation' / 'start-0.safetensors').is_file()


def test_a_robot_with_four_feet_has_an_archive_too(tmp_path):
    pytest.importorskip('gymnasium', reason='the extra "gymnasium" is not installed')
    domain = find_domain('ant')
    config = updated(TINY, {
        'iso_sigma': 0.01, 'children': 3, 'conditions': 2, 'branch_iterations': 1})
    domain.build_archive(tmp_path / 'ant', config, 'a test')
    archive = Archive(tmp_path / 'ant')
    assert archive.complete and archive.damage() == []
    assert set(archive.source.tolist()) == {'reinforced', 'crossed'}
    assert archive.weights.shape[1] == 27 * 128 + 128 + 128 * 128 + 128 + 128 * 8 + 8
    assert archive.measures.shape[1:] == (1, 5) and archive.qualified.any()
    grid = measure_grid(archive)
    assert grid.cells == 10_000 and 0 < len(grid) <= len(archive)


def test_measures_are_means_over_two_episodes_that_are_alike(built):
    from policy_gen_ros.domains.gymnasium_locomotion.building.build import (
        EPISODES,
        evaluate_chunk,
        EvaluationJob,
        Shared,
    )
    from policy_gen_ros.domains.gymnasium_locomotion.building.elites import ElitePolicies
    from policy_gen_ros.domains.gymnasium_locomotion.rollout import episode_seeds, run_episodes

    weights = Archive(built).weights[:3]
    elites = ElitePolicies(weights, np.zeros(3), np.zeros((3, 2)), np.zeros(3, np.int32),
                           np.ones(3))
    domain = find_domain('halfcheetah')
    job = EvaluationJob('a', 'crossed', 'a', elites, 5)
    stored = evaluate_chunk(Shared(domain.robot, domain.captions, 1.0), job).arrays
    done = run_episodes(domain.robot, elites.layers(domain.robot.layer_sizes),
                        episode_seeds(5, EPISODES * 3), 1000)
    each = done.measures.reshape(3, EPISODES, 3)
    assert (each[:, 0] != each[:, 1]).any()
    assert np.array_equal(stored['measures'][:, 0], each.mean(axis=1))
    assert np.array_equal(stored['reward'][:, 0], done.reward.reshape(3, EPISODES).mean(axis=1))
    apart = np.abs(each[:, 0] - each[:, 1])[:, :2].max(axis=1)
    strict = evaluate_chunk(
        Shared(domain.robot, domain.captions, float(np.median(apart))), job)
    assert np.isnan(strict.arrays['measures'][:, 0]).any(axis=1).tolist() \
        == (apart > np.median(apart)).tolist()
    assert [bool(words[0]) for words in strict.captions] == (apart <= np.median(apart)).tolist()


def test_a_finished_archive_is_left_as_it_is(built):
    before = {file: file.stat().st_mtime_ns for file in built.rglob('*') if file.is_file()}
    find_domain('halfcheetah').build_archive(built, TINY, 'another test')
    assert before == {file: file.stat().st_mtime_ns for file in built.rglob('*')
                      if file.is_file()}


def test_an_archive_goes_on_as_it_was_begun(built):
    with pytest.raises(ArchiveError, match='was begun with rounds 1, not 2: leave'):
        find_domain('halfcheetah').build_archive(
            built, replace(TINY, rounds=2), 'a test')
    assert finished_chunks(built)


def test_nothing_is_begun_without_gymnasium(tmp_path, monkeypatch):
    monkeypatch.setattr(simulation, 'find_spec', lambda name: None)
    with pytest.raises(MissingGymnasiumError, match='make gymnasium'):
        find_domain('halfcheetah').build_archive(tmp_path / 'none', TINY, 'a test')
    assert not (tmp_path / 'none').exists()
