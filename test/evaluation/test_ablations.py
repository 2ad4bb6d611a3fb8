# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Ablations train, score, resume, and compare answers with the prompts' own actors."""

from __future__ import annotations

from dataclasses import replace
import json

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.adaptor import archive_adaptor
from policy_gen_ros.evaluation.metrics.held_out import draw_held_out
from policy_gen_ros.evaluation.metrics.sizes import QUICK
from policy_gen_ros.evaluation.studies import ablations
from policy_gen_ros.evaluation.studies.ablation_variants import (
    describe,
    Ground,
    imitate,
    inference,
    make_an_agent,
    ours,
    policy_diffusion,
    QUICK_EFFORT,
)
from policy_gen_ros.evaluation.studies.ablations import (
    ablation_tables,
    run_ablations,
    STUDIES,
    VARIANTS,
)
from policy_gen_ros.evaluation.studies.subject import Subject
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.models.decoder import run_actors, shape_weights
from policy_gen_ros.training.function_space import ActorData
from policy_gen_ros.utils.config import updated
import pytest
from random_bundle import write_random_bundle
from small_archive import HELD_OUT, write_small_archive
import torch

EFFORT = replace(QUICK_EFFORT, goals=3, ours=updated(
    QUICK_EFFORT.ours, {'self_generated': {'mixtures': 12, 'policies': 12}}))


@pytest.fixture(scope='module')
def subject(tmp_path_factory):
    folder = tmp_path_factory.mktemp('archive')
    archive = Archive(write_small_archive(folder / 'small'), HELD_OUT)
    generator = PolicyGenerator.load(write_random_bundle(folder / 'bundle'), device='cpu')
    return Subject(generator, archive_adaptor(archive),
                   draw_held_out(archive, 4, 0), archive, QUICK)


@pytest.fixture
def ground(subject, tmp_path):
    few = replace(subject, held_out=subject.held_out.select(slice(EFFORT.goals)))
    return Ground(few, subject.archive, subject.archive.training(), EFFORT, tmp_path)


def test_every_study_is_about_variants_there_are_and_none_is_left_out():
    named = {variant for rows in STUDIES.values() for variant in rows.values()}
    assert named == set(VARIANTS)
    assert all(len(rows) >= 2 for rows in STUDIES.values())


@pytest.mark.parametrize(('variant', 'kinds'), [
    (inference(steps=1), {'measures', 'text', 'trajectory'}),
    (ours(actors=20, error_of_actions=False, network={'rank': 16, 'latent_dim': 8}),
     {'measures', 'text', 'trajectory'}),
    (policy_diffusion(kl=1e-3, hyper_width=32), {'measures'}),
    (make_an_agent(channels=8), {'trajectory'}), (make_an_agent('raw', rows=50), {'trajectory'}),
    (make_an_agent('h', width=20), {'trajectory'})],
    ids=('inference', 'ours', 'policy_diffusion', 'make_an_agent', 'raw', 'width'))
def test_variants_answer_every_goal(variant, kinds, ground):
    answers = variant(ground)
    assert set(answers) == kinds
    for actors in answers.values():
        assert len(actors) == EFFORT.goals
        assert all(np.isfinite(actor.to_vector()).all() for actor in actors)


def test_results_are_kept_and_compared_with_the_prompts(subject, tmp_path, monkeypatch):
    asked = []

    def own(ground):
        asked.append(1)
        return {'trajectory': ablations.archive_actors(ground.archive, ground.goals)}

    monkeypatch.setattr(ablations, 'VARIANTS', {'own': own, 'others': inference()})
    results = run_ablations(subject, EFFORT, tmp_path)
    assert results['own']['likeness'] == {'weights': pytest.approx(1), 'joints_rad': 0}
    assert results['others']['likeness']['joints_rad'] > 0
    # The generator's actors have other layers than the small archive's.
    assert results['others']['likeness']['weights'] is None
    assert results['own']['scores']['trajectory']['count'] == EFFORT.goals
    assert json.loads((tmp_path / 'own.json').read_text()) == results['own']
    again = run_ablations(subject, EFFORT, tmp_path)
    assert json.dumps(again) == json.dumps(results) and len(asked) == 1
    with pytest.raises(ValueError, match='seed differ'):
        run_ablations(replace(subject, seed=1), EFFORT, tmp_path)
    monkeypatch.setattr(ablations, 'STUDIES', {'Study': {'a': 'own', 'b': 'others'}})
    table, = ablation_tables(results)
    assert [row[0] for row in table.rows] == [
        'a, trajectory', 'b, measures', 'b, text', 'b, trajectory',
        'the prompts themselves, other seed']
    assert table.rows[0][-2:] == ('1.00', '0.000')


def test_an_index_is_not_enough(subject, tmp_path):
    with pytest.raises(ValueError, match='whole archive'):
        run_ablations(replace(subject, archive=None), EFFORT, tmp_path)


def test_descriptions_are_parts_of_the_embedding_or_the_rows_themselves(ground):
    clips = ground.goals.trajectory
    both, h, v = (describe(ground, clips, source, 100) for source in ('both', 'h', 'v'))
    assert torch.equal(torch.cat([h, v], dim=1), both)
    assert describe(ground, clips, 'raw', 40).shape == (EFFORT.goals, 40 * 43)
    assert not torch.allclose(describe(ground, clips, 'both', 40), both)
    with pytest.raises(ValueError, match='expected one of both'):
        describe(ground, clips, 'smell', 100)
    with pytest.raises(ValueError, match='expected 40 to'):
        describe(ground, clips, 'both', 10)


def test_imitated_actors_do_what_the_known_ones_do(subject):
    data = ActorData(subject.archive.training().sample(6), subject.archive.base_weights())
    errors = []
    for steps in (1, 300):
        weights, start = imitate(data, 32, steps)
        assert weights.shape == (6, start.shape[0])
        actions = run_actors(shape_weights(weights, (49, 32, 32, 12)), data.own.float(), 'elu')
        errors.append((actions - data.own_actions).square().mean().item())
    assert errors[1] < 0.3 * errors[0]


def test_a_part_of_the_archive_is_as_if_there_were_no_more(subject):
    training = subject.archive.training()
    part = training.sample(5, seed=2)
    assert len(part) == 5 and sorted(set(part.actor)) == list(range(5))
    assert part.fingerprint != training.fingerprint
    for behavior in range(len(part.actor)):
        mine = part.policy(behavior)
        whole = next(i for i in range(len(training.actor))
                     if np.array_equal(training.measures[i], part.measures[behavior]))
        assert mine.sha256 == training.policy(whole).sha256
        assert np.array_equal(part.trajectory[behavior], training.trajectory[whole])
        assert part.captions[behavior] == training.captions[whole]
    with pytest.raises(ValueError, match='cannot draw 0'):
        training.sample(0)
