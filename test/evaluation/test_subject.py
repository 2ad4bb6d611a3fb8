# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Generating and walking: order is kept, batches do not show, and memory is spared."""

from evaluation_helpers import as_intended, perfect_subject, PerfectGenerator
import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.evaluation.metrics.sizes import FULL, QUICK, Sizes
from policy_gen_ros.evaluation.studies import subject
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import RestError
from policy_gen_ros.goals.language.understanding import understand
from policy_gen_ros.utils.progress import SILENCED
import pytest
from small_archive import HELD_OUT, write_small_archive


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    return Archive(write_small_archive(tmp_path_factory.mktemp('archive') / 'a'), HELD_OUT)


@pytest.fixture
def calls(monkeypatch):
    made = []

    def walk(actors, adaptor, seconds, commands, seed, perturbation):
        made.append((len(actors), seed))
        return as_intended(actors, adaptor)

    monkeypatch.setattr(subject, 'rollout_actors', walk)
    monkeypatch.setattr(subject, 'BATCH_SIZE', 4)
    return made


def test_groups_walk_together_and_come_back_apart(archive, calls):
    mine = perfect_subject(archive)
    groups = {'a': [archive.actor(i) for i in range(3)], 'b': [archive.actor(7)], 'c': []}
    walked = mine.walk_groups(groups, 'test')
    assert calls == [(4, 1)]
    assert [len(walked[name]) for name in groups] == [3, 1, 0]
    assert np.allclose(walked['b'].measures[0], archive.measures[7, 0])
    assert walked['a'].results[0].trajectory.shape == (0, 42)


def test_episodes_belong_to_their_actors(archive, calls):
    mine = perfect_subject(archive)
    walks = mine.episodes(lambda rows: [archive.actor(int(i)) for i in rows], 6, 3, 'test')
    assert walks.spanning.shape == (6, 3, 4)
    for episode in range(3):
        assert np.allclose(walks.spanning[:, episode], archive.measures[:6, 0, :4])
    assert sum(count for count, _ in calls) == 18
    first = {seed for _, seed in calls}
    calls.clear()
    mine.episodes(lambda rows: [archive.actor(int(i)) for i in rows], 6, 3, 'test', other_seeds=1)
    assert not first & {seed for _, seed in calls}


def test_goals_are_answered_in_order_whatever_the_batches(archive, calls):
    mine = perfect_subject(archive)
    goals = mine.held_out.goals('measures')
    actors = mine.generate(goals)
    assert len(goals) == 6 > subject.BATCH_SIZE
    assert np.allclose([list(actor.measures.values()) for actor in actors],
                       mine.held_out.measures)


def test_goals_that_are_read_as_rest_are_missed_and_the_others_answered(
        archive, calls, capsys, monkeypatch):
    monkeypatch.delenv(SILENCED, raising=False)  # another test may have asked for quiet

    class Careful(PerfectGenerator):
        def generate_batch(self, goals, seed=0, steps=None, guidance=None):
            for goal in goals:
                if goal.text and (intent := understand(goal.text).intent).rests:
                    raise RestError(goal.text, intent)
            return super().generate_batch(goals, seed, steps, guidance)

    mine = perfect_subject(archive, generator=Careful(archive))
    texts = ['trot', 'stop now', 'pace', 'lie down', 'stop now', 'trot']
    actors = mine.generate([Goal(text=text) for text in texts])
    assert [actor.goal == 'stand' for actor in actors] == [False, True, False, True, True, False]
    assert '3 of 6 goals are read as rest and count as missed' in capsys.readouterr().err


def test_a_whole_archive_is_known_as_such(archive):
    assert perfect_subject(archive).whole_archive is archive
    assert perfect_subject(archive, archive=None).whole_archive is None


def test_sizes_are_checked():
    assert FULL.behaviors >= 1000 and FULL.spaced == 50
    assert QUICK.held_out < FULL.held_out and not QUICK.hypernetwork
    with pytest.raises(ValueError, match='seen must be at least 1, got 0'):
        Sizes(seen=0)
    with pytest.raises(ValueError, match='first_pass must be at least 0, got -1'):
        Sizes(first_pass=-1)
