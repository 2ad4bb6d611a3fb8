# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Held-out goals come from what training never saw; seen ones and baselines from what it did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.export import export_index
from policy_gen_ros.archive.format import create_archive
from policy_gen_ros.archive.split import HeldOut, Region
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.writing import write_chunk
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES
from policy_gen_ros.evaluation.metrics.held_out import BehaviorGoals, draw_held_out, draw_seen
from policy_gen_ros.evaluation.studies.baselines import archive_actors, weight_baselines
from policy_gen_ros.training.function_space import ActorData
import pytest
from small_archive import GO2, HELD_OUT, random_chunk, write_small_archive


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    return Archive(write_small_archive(tmp_path_factory.mktemp('archive') / 'small'), HELD_OUT)


def test_goals_are_behaviours_of_held_out_actors(archive):
    goals = draw_held_out(archive, 100, 0)
    assert len(goals) == 5 * 4
    assert set(goals.actor) == set(archive.held_out)
    region = goals.novelty == 'region'
    assert set(goals.actor[region]) == {25}
    assert set(goals.novelty[~region]) == {'run'}
    for row, clip, actor in zip(goals.measures, goals.trajectory, goals.actor):
        behavior = np.flatnonzero((archive.measures[actor] == row).all(axis=1))[0]
        assert np.array_equal(clip, archive.trajectory[int(actor)][behavior, :100])


def test_goals_are_whole_where_other_behaviours_of_their_actors_ended_early(tmp_path):
    create_archive(tmp_path, GO2, 0, 'test')
    chunk = random_chunk(3, run='ppo-03')
    chunk.arrays['survived'][:, 1:3] = 0
    chunk.arrays['trajectory'][:, 1:3, 20:] = np.nan
    write_chunk(tmp_path, 'a', chunk)
    goals = draw_held_out(Archive(tmp_path, HELD_OUT), 100, 0)
    assert len(goals) == 3 * 2
    assert np.isfinite(goals.trajectory).all()


def test_every_novelty_gets_its_share_and_the_first_goals_too(archive):
    goals = draw_held_out(archive, 8, 3)
    assert [int((goals.novelty == name).sum()) for name in ('region', 'run')] == [4, 4]
    assert set(goals.select(slice(2)).novelty) == {'region', 'run'}
    again = draw_held_out(archive, 8, 3)
    assert np.array_equal(goals.measures, again.measures)
    assert goals.text.tolist() == again.text.tolist()


def test_other_behaviours_of_an_actor_held_out_by_region_are_told_apart(archive):
    nominal_only = replace(HELD_OUT, regions=(Region(
        'walk', ((2.0, 3.0), (0.295, 0.305), (-np.inf, np.inf))),))
    goals = draw_held_out(Archive(archive.path, nominal_only), 1000, 0)
    of_actor_0 = goals.novelty[goals.actor == 0]
    assert sorted(of_actor_0) == ['actor', 'actor', 'actor', 'region']


def test_texts_come_from_held_out_templates_where_there_are_any(archive):
    goals = draw_held_out(archive, 20, 0)
    assert goals.new_wording.all()
    assert set(goals.text.tolist()) <= {f'{family} my dog' for family in GAIT_FAMILIES}
    known = draw_held_out(Archive(archive.path, replace(HELD_OUT, caption_templates=())), 20, 0)
    assert not known.new_wording.any()
    assert len({text.split(' ', 1)[1] for text in known.text.tolist()}) > 1


def test_seen_goals_are_behaviours_that_training_reads(archive):
    training = archive.training()
    goals = draw_seen(archive, 1000, 0)
    assert len(goals) == len(training.measures)
    assert {tuple(row) for row in goals.measures} == {tuple(row) for row in training.measures}
    assert not set(goals.actor) & set(archive.held_out)
    assert set(goals.novelty) == {'nothing'} and not goals.new_wording.any()
    assert not [text for text in goals.text if text.endswith('my dog')]  # a held-out template
    few = draw_seen(archive, 5, 0)
    assert len(few) == 5 and few.text.tolist() == draw_seen(archive, 5, 0).text.tolist()
    assert few.actor.tolist() != draw_seen(archive, 5, 1).actor.tolist()


def test_of_an_index_seen_goals_are_those_with_trajectories(archive, tmp_path):
    export_index(archive, tmp_path / 'index', 10, 0)
    index = Archive(tmp_path / 'index', HELD_OUT)
    goals = draw_seen(index, 1000, 0)
    assert 0 < len(goals) <= 10
    assert index.weights.stored[goals.actor].all()
    for actor, goal in zip(archive_actors(index, goals), goals.measures):
        assert np.allclose(list(actor.measures.values()), goal)


def test_without_behaviours_to_train_on_there_are_no_seen_goals(tmp_path):
    create_archive(tmp_path, GO2, 0, 'test')
    write_chunk(tmp_path, 'a', random_chunk(3, run='ppo-03'))
    with pytest.raises(ArchiveError, match='no behaviour to train on'):
        draw_seen(Archive(tmp_path, HELD_OUT), 8, 0)


def test_goals_are_saved_and_read(archive, tmp_path):
    goals = draw_held_out(archive, 8, 0)
    goals.save(tmp_path / 'goals.npz')
    read = BehaviorGoals.load(tmp_path / 'goals.npz', GO2)
    assert read.text.tolist() == goals.text.tolist()
    assert read.novelty.tolist() == goals.novelty.tolist()
    assert np.array_equal(read.measures, goals.measures)
    with pytest.raises(ValueError, match='no held-out goals'):
        BehaviorGoals.load(tmp_path / 'other.npz', GO2)


def test_without_anything_held_out_there_are_no_goals(archive):
    with pytest.raises(ArchiveError, match='no behaviour of a held-out actor'):
        draw_held_out(Archive(archive.path, HeldOut(GO2)), 8, 0)


def test_baselines_take_held_out_actors_as_reference_and_training_actors(archive):
    goals = draw_held_out(archive, 8, 0)
    reference = archive_actors(archive, goals)
    assert [actor.sha256 for actor in reference] \
        == [archive.actor(int(index)).sha256 for index in goals.actor]
    for actor, row in zip(reference, goals.measures):
        assert np.allclose(list(actor.measures.values()), row)
    held_out = {archive.actor(int(index)).sha256 for index in archive.held_out}
    known = archive.training()
    fitted = weight_baselines(known, ActorData(known, archive.base_weights()))
    nearest = fitted['nearest_neighbour'].actors(goals.measures)
    assert not held_out & {actor.sha256 for actor in nearest}
    assert np.allclose([actor.nominal_command for actor in nearest], goals.measures[:, 10:13])
