# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The shipped bundle: deterministic, complete actors from every kind of goal."""

import json
import shutil

import numpy as np
from policy_gen_ros import ActorWeights, Goal, PolicyGenerator
from policy_gen_ros.domains.go2.gait.contradictions import contradictions
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES, MEASURES
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.generation import generator as generation
from policy_gen_ros.generation.bundle import bundle_path, BundleError, read_info
import pytest


@pytest.fixture(scope='module')
def generator():
    return PolicyGenerator.load(device='cpu')


def clip():
    rows = 0.1 * np.random.default_rng(0).standard_normal((60, 42)).astype(np.float32)
    rows[:, 2] = -1.0
    return rows


GOALS = {'text': Goal(text='trot forward slowly with high steps'),
         'measures': Goal(measures={'contact_fl': 0.5, 'vx_mps': 0.3}),
         'trajectory': Goal(trajectory=clip()),
         'all': Goal(text='bound', measures={'frequency_hz': 2.5}, trajectory=clip())}


@pytest.mark.parametrize('kind', GOALS)
def test_same_seed_same_weights_and_other_seed_others(generator, kind):
    first, again, other = (generator.generate(GOALS[kind], seed=seed) for seed in (3, 3, 4))
    assert first.sha256 == again.sha256
    assert first.sha256 != other.sha256


def test_actor_survives_the_wire(generator):
    actor = generator.generate(GOALS['text'])
    copy = ActorWeights.from_bytes(actor.to_bytes())
    assert copy.sha256 == actor.sha256
    assert copy.goal == 'trot forward slowly with high steps'
    assert set(copy.measures) == set(MEASURE_NAMES)
    assert copy.bundle == generator.bundle_name


def test_count_gives_a_list_of_different_actors(generator):
    actors = generator.generate(GOALS['text'], count=4)
    assert len({actor.sha256 for actor in actors}) == 4
    assert len(generator.generate(GOALS['text'], count=1)) == 1


def test_the_first_of_many_is_the_one_alone(generator):
    alone = generator.generate(GOALS['text'], seed=5)
    first = generator.generate(GOALS['text'], seed=5, count=8)[0]
    assert np.allclose(alone.to_vector(), first.to_vector(), atol=1e-4)
    assert alone.nominal_command == pytest.approx(first.nominal_command, abs=1e-3)


@pytest.mark.parametrize('frequency', [2.0, 3.0])
def test_the_clock_runs_at_the_asked_frequency(generator, frequency):
    actors = generator.generate(Goal(measures={'frequency_hz': frequency}), count=4)
    assert [a.spec.clock_hz for a in actors] == pytest.approx([frequency] * 4, abs=1e-3)


def test_what_is_left_open_is_left_to_the_sampler(generator):
    """A text that names no speed gives actors of different speeds, all about as tall as asked."""
    goal = Goal(text='trot forward', measures={'body_height_m': 0.25})
    actors = generator.generate(goal, count=16)
    assert np.std([a.measures['vx_mps'] for a in actors]) > 0.1
    assert {a.measures['body_height_m'] for a in actors} == {0.25}


class Listening:
    """Another engine, and the measures that it was conditioned on."""

    def __init__(self, engine):
        self.engine, self.conditions = engine, []

    def __getattr__(self, name):
        return getattr(self.engine, name)

    def condition(self, features, present):
        self.conditions.append(features['measures'].copy() if present[0, 1] else None)
        return self.engine.condition(features, present)


def test_the_actor_is_conditioned_on_the_targets_that_were_drawn_first(generator):
    engine = Listening(generator.engine)
    listening = PolicyGenerator(generator.info, engine)
    actor = listening.generate(GOALS['text'], steps=3)
    nothing, *_, targets = engine.conditions
    assert nothing is None
    reached = MEASURES.encode(np.array([[actor.measures[name] for name in MEASURE_NAMES]]))
    assert targets == pytest.approx(reached, abs=1e-5)
    engine.conditions = []
    listening.generate(GOALS['text'], steps=1)
    assert engine.conditions == [None]


def test_where_all_measures_are_given_no_targets_are_drawn(generator):
    given = generator.generate(GOALS['text']).measures
    engine = Listening(generator.engine)
    actor = PolicyGenerator(generator.info, engine).generate(Goal(measures=given), steps=4)
    assert len(engine.conditions) == 1
    assert actor.measures == pytest.approx(given)


def test_targets_that_the_words_rule_out_are_drawn_again(generator, monkeypatch):
    goal = Goal(text='bound with long strides')
    monkeypatch.setattr(generation, 'measures_to_inpaint',
                        lambda _domain, _constraints, asked, _targets: asked)  # nothing is pinned

    def wrong(draws):
        monkeypatch.setattr(generation, 'TARGET_DRAWS', draws)
        return sum(bool(contradictions(generator.read(goal.text), actor.measures))
                   for actor in generator.generate(goal, count=64))

    once, often = wrong(1), wrong(8)
    assert once > 6
    assert often < once / 2


def test_words_that_contradict_the_measures_asked_for_do_not_change_these(generator):
    goal = Goal(text='trot forward slowly', measures={'vx_mps': 0.9})
    assert {actor.measures['vx_mps'] for actor in generator.generate(goal, count=4)} == {0.9}


def test_a_command_beyond_training_is_limited_and_said(generator):
    actor = generator.generate(Goal(measures={'vx_mps': 2.0}))
    assert actor.nominal_command[0] <= go2.COMMAND_UPPER[0]
    assert any('nominal command limited' in warning for warning in actor.warnings)
    assert any('vx_mps = 2 m/s is outside' in warning for warning in actor.warnings)


def test_texts_that_say_nothing_about_gait_are_named(generator):
    def remarks(text):
        return generator.generate(Goal(text=text)).warnings

    assert any('neither to walk nor to rest' in line for line in remarks('buy milk and eggs'))
    assert any('several gaits' in line for line in remarks('trot and pace'))
    assert remarks('trot forward with quick steps') == ()


def test_unknown_goals_can_be_refused_or_replaced():
    fast = Goal(measures={'vx_mps': 2.4})
    with pytest.raises(ValueError, match=r'vx_mps = 2\.4 m/s is outside'):
        PolicyGenerator.load(device='cpu', unknown='refuse').generate(fast)
    actor = PolicyGenerator.load(device='cpu', unknown='nearest').generate(fast)
    assert 0.8 < actor.measures['vx_mps'] < 2.0


def test_goals_for_another_domain_are_refused(generator):
    with pytest.raises(ValueError, match=r'goal is for the domain toy, the bundle .* is of go2'):
        generator.generate_batch([GOALS['text'], Goal(text='go', domain='toy')])


def test_goals_change_the_weights(generator):
    vectors = [generator.generate(goal, seed=0).to_vector() for goal in GOALS.values()]
    distance = [np.linalg.norm(a - b) for i, a in enumerate(vectors) for b in vectors[:i]]
    assert min(distance) > 0.1


@pytest.mark.parametrize(('name', 'value'), [('count', 0), ('count', 10**6), ('steps', 0)])
def test_senseless_numbers_are_refused(generator, name, value):
    with pytest.raises(ValueError, match=name):
        generator.generate(GOALS['measures'], **{name: value})


def test_no_bundle_is_refused(tmp_path):
    with pytest.raises(BundleError, match='no bundle at'):
        PolicyGenerator.load(tmp_path)


@pytest.mark.parametrize(('change', 'message'), [
    ({'format': 'policy_gen_ros/bundle/99'}, 'this version reads'),
    ({'domain': 'go3'}, "not installed: unknown domain 'go3'"),
    ({'domain_version': 99}, 'version 99 of the domain go2'),
    ({'surprise': 1}, r"unknown keys \['surprise'\]: train it anew"),
    ({'latent_dim': 7}, 'does not fit'),
    ({'latent_dim': 'many'}, r"malformed \(latent_dim is 'many': .*: copy it again"),
    ({'layer_sizes': None}, 'malformed .layer_sizes is None')])
def test_other_bundles_are_refused(tmp_path, change, message):
    copy = tmp_path / 'bundle'
    shutil.copytree(bundle_path(), copy)
    info = json.loads((copy / 'bundle.json').read_text())
    (copy / 'bundle.json').write_text(json.dumps({**info, **change}))
    with pytest.raises(BundleError, match=message):
        PolicyGenerator.load(copy)


def test_a_bundle_from_before_there_were_domains_is_of_the_go2(tmp_path):
    info = json.loads((bundle_path() / 'bundle.json').read_text())
    old = {name: value for name, value in info.items() if not name.startswith('domain')}
    (tmp_path / 'bundle.json').write_text(json.dumps(old))
    read = read_info(tmp_path)
    assert (read.domain, read.domain_version) == ('go2', 1)
    assert read == read_info(bundle_path(), 'go2')


def test_what_a_bundle_leaves_out_is_named(tmp_path):
    info = json.loads((bundle_path() / 'bundle.json').read_text())
    del info['rank']
    (tmp_path / 'bundle.json').write_text(json.dumps(info))
    with pytest.raises(BundleError, match=r'bundle.json is malformed \(rank: Field required\)'):
        read_info(tmp_path)


def test_truncated_weights_are_refused(tmp_path):
    copy = tmp_path / 'bundle'
    shutil.copytree(bundle_path(), copy)
    file = copy / 'generator.safetensors'
    file.write_bytes(file.read_bytes()[:100_000])
    with pytest.raises(BundleError, match='cannot be read'):
        PolicyGenerator.load(copy)


def test_bundle_is_small():
    assert sum(f.stat().st_size for f in bundle_path().iterdir()) < 20e6
