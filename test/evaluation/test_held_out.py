"""Held-out goals come from what training never saw; baselines from what it did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import create_archive, write_chunk
from policy_gen_ros.archive.split import HeldOut
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.evaluation.baselines import floor_actors, nearest_actors
from policy_gen_ros.evaluation.held_out import draw_held_out, HeldOutGoals
import pytest
from small_archive import HELD_OUT, random_chunk, write_small_archive


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
    create_archive(tmp_path, 0, 'test')
    chunk = random_chunk(3, run='base-2')
    chunk.survived[:, 1:3] = 0
    chunk.trajectory[:, 1:3, 20:] = np.nan
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
    nominal_only = replace(HELD_OUT, regions=(replace(
        HELD_OUT.regions[0], family='walk', frequency_hz=(2.0, 3.0), vx_mps=(0.295, 0.305)),))
    goals = draw_held_out(Archive(archive.path, nominal_only), 1000, 0)
    of_actor_0 = goals.novelty[goals.actor == 0]
    assert sorted(of_actor_0) == ['actor', 'actor', 'actor', 'region']


def test_texts_come_from_held_out_templates_where_there_are_any(archive):
    goals = draw_held_out(archive, 20, 0)
    assert goals.new_wording.all()
    assert set(goals.text.tolist()) <= {f'{family} my dog' for family in
                                        ('walk', 'trot', 'pace', 'bound', 'pronk')}
    known = draw_held_out(Archive(archive.path, replace(HELD_OUT, caption_templates=())), 20, 0)
    assert not known.new_wording.any()
    assert len({text.split(' ', 1)[1] for text in known.text.tolist()}) > 1


def test_goals_are_saved_and_read(archive, tmp_path):
    goals = draw_held_out(archive, 8, 0)
    goals.save(tmp_path / 'goals.npz')
    read = HeldOutGoals.load(tmp_path / 'goals.npz')
    assert read.text.tolist() == goals.text.tolist()
    assert read.novelty.tolist() == goals.novelty.tolist()
    assert np.array_equal(read.measures, goals.measures)
    with pytest.raises(ValueError, match='no held-out goals'):
        HeldOutGoals.load(tmp_path / 'other.npz')


def test_without_anything_held_out_there_are_no_goals(archive):
    with pytest.raises(ArchiveError, match='no behaviour of a held-out actor'):
        draw_held_out(Archive(archive.path, HeldOut()), 8, 0)


def test_baselines_take_held_out_actors_as_floor_and_training_actors_as_rivals(archive):
    goals = draw_held_out(archive, 8, 0)
    floor = floor_actors(archive, goals)
    assert [actor.sha256 for actor in floor] \
        == [archive.actor(int(index)).sha256 for index in goals.actor]
    for actor, row in zip(floor, goals.measures):
        assert np.allclose(list(actor.measures.values()), row)
    held_out = {archive.actor(int(index)).sha256 for index in archive.held_out}
    rivals = nearest_actors(archive.training(), goals)
    assert not held_out & {actor.sha256 for actor in rivals}
    assert np.allclose([actor.nominal_command for actor in rivals], goals.measures[:, 10:13])
