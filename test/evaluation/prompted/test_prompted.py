# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Prompts, who answers them, and the figures of the answers, on an archive that nobody trained."""

from __future__ import annotations

from types import SimpleNamespace

from made_up_metaworld import DOMAIN, EACH, write_archive
import numpy as np
from policy_gen_ros.archive import export
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.export import export_index
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.domain import RolloutBatch
from policy_gen_ros.evaluation.metrics.domain_subject import DomainSubject
from policy_gen_ros.evaluation.metrics.sizes import QUICK
from policy_gen_ros.evaluation.prompted.answers import TrainingActors
from policy_gen_ros.evaluation.prompted.evaluation import Answered, evaluate_prompts
from policy_gen_ros.evaluation.prompted.prompts import draw_prompts, KINDS
import pytest

RUNS = (('reach', 0), ('reach', 1), ('reach-wall', 0), ('dial-turn', 0), ('dial-turn', 1))
"""Each number of a run, from 0 on, is what its trajectories are near."""


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    return write_archive(tmp_path_factory.mktemp('prompted') / 'archive', RUNS)


class Echo:
    """A generator that embeds a trajectory as its mean, and gives the first training actor."""

    domain, bundle_name = DOMAIN, 'echo'

    def __init__(self, archive):
        self._archive = archive
        self.engine = SimpleNamespace(trajectory=lambda rows: rows.mean(axis=0))
        self.validation = SimpleNamespace(coverage=None)

    def generate_batch(self, goals, seed, steps=None, guidance=None):
        assert all(goal.measures is None and goal.text is None for goal in goals)
        return [self._archive.actor(int(self._archive.seen[0])) for _ in goals]


def test_prompts_are_of_held_out_actors_and_take_turns_between_tasks(archive):
    seen = draw_prompts(archive, 'seen', 3, seed=0)
    assert set(archive.run[seen.actor]) == {'reach-0', 'dial-turn-0'} and len(seen) == 3
    assert set(seen.group[:2]) == {'reach', 'dial-turn'}
    assert archive.qualified[seen.actor, 0].all()
    poor = draw_prompts(archive, 'sub_optimal', 9, seed=0)
    assert len(poor) == 2 and not archive.qualified[poor.actor, 0].any()
    unseen = draw_prompts(archive, 'unseen', 9, seed=0)
    assert set(unseen.group) == {'reach-wall'} and len(unseen) == EACH - 1


def test_answers_are_run_in_the_task_of_the_prompt(archive):
    prompts = draw_prompts(archive, 'unseen', 1, seed=0)
    answer = archive.actor(int(archive.seen[0]))
    assert answer.spec.task == 'dial-turn'
    assert [policy.spec.task for policy in prompts.placed([answer])] == ['reach-wall']


def test_the_nearest_trajectory_is_looked_up_among_training_actors_only(archive):
    known = TrainingActors(Echo(archive), archive)
    prompts = draw_prompts(archive, 'seen', 4, seed=0)
    for look_up in (known.nearest_by_rows, known.nearest_by_embedding):
        assert [policy.spec.task for policy in look_up(prompts, 0)] == prompts.group.tolist()
    mean = known.mean_of_nearest_group(prompts, 0)[0]
    mine = np.flatnonzero(archive.run == f'{prompts.group[0]}-1')[:-1]
    assert np.allclose(mean.to_vector(), archive.weights[mine].astype(float).mean(axis=0),
                       atol=1e-3)


def test_the_best_are_selected_within_each_task(archive):
    prompts = draw_prompts(archive, 'seen', 4, seed=0)
    success = np.array([0.0, 0.2, 0.4, 0.6])
    found = Answered(prompts, 'someone', success, success == 1, success, success)
    best = [success[prompts.group == task].max() for task in ('reach', 'dial-turn')]
    assert found.top(1) == pytest.approx(np.mean(best))
    assert found.top(10) == pytest.approx(success.mean())
    assert found.qualified_by_group() == {'dial-turn': (0, 2), 'reach': (0, 2)}


def shares(policies, seed):
    """Let all policies succeed but those for reach-wall, half of whose episodes do."""
    n = len(policies)
    share = np.array([0.5 if policy.spec.task == 'reach-wall' else 1.0 for policy in policies])
    return RolloutBatch(share == 1, share == 1, share, np.zeros((n, 5)), np.zeros((n, 63, 43)),
                        np.zeros((n, 128, 39)))


def test_an_index_answers_its_prompts_and_says_what_it_leaves_out(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(type(DOMAIN), 'cloners', lambda domain: {
        'the rows': lambda trajectories, starts, seed: starts})
    export_index(archive, tmp_path / 'index', actors=4, seed=0)
    index = Archive(tmp_path / 'index')
    assert index.held_out_mask[index.weights.stored].all()
    generator = Echo(archive)  # knows the archive that it was trained on
    result = evaluate_prompts(DomainSubject(generator, index, shares, QUICK))
    scores = result.to_dict()
    assert set(scores['prompted']) == {'seen', 'unseen'}
    mean = 'mean actor of the nearest group'
    assert {mean, 'mean actor, then cloned from the rows',
            f'prompts of {KINDS["sub_optimal"]}'} < set(scores['left_out'])
    assert mean not in scores['prompted']['seen']
    assert scores['prompted']['seen']['generator']['cosine_to_nearest_training_actor'] is None
    assert mean in result.tables()[-1].plain()
    whole = evaluate_prompts(DomainSubject(generator, archive, shares, QUICK))
    assert not whole.left_out and 'left out' not in whole.tables()[-1].plain()


def test_an_index_without_prompts_is_said(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(type(DOMAIN), 'prompted', False)
    training = archive.seen
    monkeypatch.setattr(export, 'spaced_actors', lambda *_: training[:2])
    export_index(archive, tmp_path / 'index', actors=2, seed=0)
    with pytest.raises(ArchiveError, match='no trajectory of a held-out actor'):
        evaluate_prompts(DomainSubject(Echo(archive), Archive(tmp_path / 'index'), shares, QUICK))


def test_all_are_scored_on_the_same_prompts(archive, monkeypatch):
    def clone(trajectories, starts, seed):
        assert len(trajectories) == len(starts)
        return starts

    monkeypatch.setattr(type(DOMAIN), 'cloners', lambda domain: {'the rows': clone})

    result = evaluate_prompts(DomainSubject(Echo(archive), archive, shares, QUICK))
    scores = result.to_dict()['prompted']
    assert set(scores) == {'seen', 'sub_optimal', 'unseen'}
    assert {len(methods) for methods in scores.values()} == {8 + 4}
    assert scores['seen']['generator']['qualified'] == 1
    assert scores['unseen']['generator']['success'] == 0.5
    assert scores['seen']['generator, or its clone of the prompt'] == scores['seen']['generator']
    cloned = scores['seen']['base weights, then cloned from the rows']
    assert cloned == scores['seen']['base weights of the archive']
    assert scores['unseen']["the prompt's own actor"]['cosine_to_prompt_actor'] == pytest.approx(1)
    assert scores['unseen']['random training actor'][
        'cosine_to_nearest_training_actor'] == pytest.approx(1)
    assert len(result.tables()) == 4 and '0.500' in result.tables()[2].markdown()
