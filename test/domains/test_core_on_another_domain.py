# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Archive, training and generation know nothing of the Go2: the toy domain goes all the way."""

from __future__ import annotations

import json

import numpy as np
from policy_gen_ros import ActorWeights, Goal, PolicyGenerator
from policy_gen_ros.archive.describe import describe
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.export import export_index, export_pyribs
from policy_gen_ros.archive.format import create_archive
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.commands.main import main
from policy_gen_ros.domains import find_domain
from policy_gen_ros.generation.bundle import BundleError, read_info
from policy_gen_ros.policies.network import ActorStack, forward
from policy_gen_ros.policies.spec import SpecError
from policy_gen_ros.training.pipeline import train_bundle, TrainingInputs
from policy_gen_ros.training.presets import debug_preset
from policy_gen_ros.utils.config import updated
import pytest
from toy_domain import run_toys, SIZES, toy_measures, write_toy_archive


@pytest.fixture(scope='module')
def archive(tmp_path_factory, toy):
    return Archive(write_toy_archive(tmp_path_factory.mktemp('archive') / 'toy', toy))


def train(archive, toy, folder):
    inputs = TrainingInputs(archive.training(), archive.base_weights(), archive.path,
                            toy.rollout(archive.path))
    train_bundle(inputs, folder / 'bundle', folder / 'work',
                 updated(debug_preset(), {'network': {'latent_dim': 8}, 'threads': 1}),
                 {'command': 'test'})
    return folder / 'bundle'


@pytest.fixture(scope='module')
def bundle(tmp_path_factory, archive, toy):
    return train(archive, toy, tmp_path_factory.mktemp('training'))


def test_an_archive_reads_back_with_its_domain(archive, toy):
    assert archive.domain.name == 'toy'
    assert archive.header['domain'] == {'name': 'toy', 'version': 3}
    assert archive.damage() == [] and archive.complete
    assert archive.controls.shape == (40, 1, 0)
    assert archive.qualified.all()
    assert set(archive.family[:, 0]) == {'slow', 'fast'}
    assert np.array_equal(archive.family == 'fast', archive.measures[..., 0] > 2.0)
    info = describe(archive)
    assert (info['actors'], info['meant'], sum(info['families'].values())) == (40, {}, 40)
    assert info['cells'] == toy.grid_bins and 0 < info['filled_cells'] <= info['cells']
    assert set(info['spread']) == set(toy.measures.names)
    with pytest.raises(ArchiveError, match='is of the domain toy, not go2'):
        create_archive(archive.path, find_domain('go2'), 0, 'test')


def test_what_its_file_holds_out_is_not_trained_on(archive):
    unseen = archive.measures[:, 0, 0] >= 3.0
    assert 0 < unseen.sum() < 20
    assert np.array_equal(archive.held_out_mask, unseen)
    training = archive.training()
    assert len(training) == 40 - unseen.sum()
    assert training.controls.shape == (len(training), 0)
    assert training.measures[:, 0].max() < 3.0
    assert training.caption_templates == []


def test_it_is_exported(archive, tmp_path):
    export_index(archive, tmp_path / 'index', actors=6, seed=0)
    index = Archive(tmp_path / 'index')
    assert index.damage() == [] and index.weights.stored.sum() == 6
    export_pyribs(archive, np.arange(40), tmp_path / 'toy.npz')
    columns = (tmp_path / 'toy.csv').read_text().splitlines()[0].split(',')
    assert columns == ['objective', 'measures_0', 'index', 'actor', 'lineage', 'run', 'progress',
                       'group', 'qualified', 'robust', 'speed', 'heading', 'height']


def test_a_policy_survives_the_wire_and_is_run_by_its_own_domain(archive, toy):
    policy = archive.actor(3)
    assert (policy.nominal_command, policy.spec.domain) == ((), 'toy')
    again = ActorWeights.from_bytes(policy.to_bytes())
    assert again.sha256 == policy.sha256 and again.spec == policy.spec
    assert ActorWeights.from_bytes(policy.to_bytes(), 'toy').measures == policy.measures
    with pytest.raises(SpecError, match="for the domain 'toy', expected one for 'go2'"):
        ActorWeights.from_bytes(policy.to_bytes(), 'go2')
    observation = np.random.default_rng(0).standard_normal((10, SIZES[0]))
    action = forward(policy.layers, observation, toy.network)
    (first, first_bias), (last, last_bias) = policy.layers
    expected = np.tanh(observation @ first.T + first_bias) @ last.T + last_bias
    assert np.allclose(action, np.clip(expected, -1, 1))
    stack = ActorStack([archive.actor(i) for i in range(10)], toy.network)
    assert np.allclose(stack.act(observation)[3], action[3])


def test_training_writes_a_bundle_that_generates_for_its_measures(bundle, archive):
    info = read_info(bundle)
    assert (info.domain, info.domain_version, info.layer_sizes) == ('toy', 3, SIZES)
    assert sorted(file.name for file in bundle.iterdir()) == [
        'bundle.json', 'coverage.safetensors', 'generator.safetensors']
    generator = PolicyGenerator.load(bundle, device='cpu')
    asked = Goal(measures={'speed': 1.5}, domain='toy')
    first, again, other = (generator.generate(asked, seed=seed) for seed in (0, 0, 1))
    assert first.sha256 == again.sha256 != other.sha256
    assert first.measures['speed'] == 1.5 and set(first.measures) == set(archive.domain.measures
                                                                         .names)
    assert first.spec.domain == 'toy' and first.nominal_command == ()
    walked = run_toys([first, other], 0)
    assert np.isfinite(walked.measures).all()
    assert np.allclose(walked.measures[0], toy_measures(first.to_vector()[None])[0])


def test_all_kinds_of_goals_are_taken(bundle):
    generator = PolicyGenerator.load(bundle, device='cpu')
    rows = np.random.default_rng(0).standard_normal((60, 4))
    for goal in (Goal(text='a fast toy', domain='toy'), Goal(trajectory=rows, domain='toy'),
                 Goal(text='stop', measures={'height': 0.5}, trajectory=rows, domain='toy')):
        assert np.isfinite(generator.generate(goal).to_vector()).all()
    far = generator.generate(Goal(measures={'speed': 4.0}, domain='toy'))
    assert any('speed = 4 m/s is outside' in warning for warning in far.warnings)


def test_an_archive_without_captions_makes_a_bundle_that_takes_no_text(toy, tmp_path):
    silent = Archive(write_toy_archive(tmp_path / 'toy', toy, captions=False))
    generator = PolicyGenerator.load(train(silent, toy, tmp_path), device='cpu')
    made = generator.generate(Goal(measures={'speed': 1.5}, domain='toy'))
    assert np.isfinite(made.to_vector()).all()
    with pytest.raises(ValueError, match='was trained without captions: give measures'):
        generator.generate(Goal(text='a fast toy', domain='toy'))


def test_onnx_runtime_gives_the_same(bundle, tmp_path, monkeypatch):
    pytest.importorskip('onnxscript')
    pytest.importorskip('onnxruntime')
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    rows = np.random.default_rng(0).standard_normal((60, 4))
    goals = [Goal(measures={'speed': 1.5, 'heading': 0.9}, domain='toy'),
             Goal(text='a fast toy', trajectory=rows, domain='toy')]
    made = [PolicyGenerator.load(bundle, 'cpu', backend).generate_batch(goals)
            for backend in ('torch', 'onnx')]
    for expected, policy in zip(*made):
        assert np.allclose(policy.to_vector(), expected.to_vector(), atol=1e-4)
        assert policy.measures == pytest.approx(expected.measures, abs=1e-3)


def test_the_command_exports_it(bundle, tmp_path):
    pytest.importorskip('onnxscript')
    pytest.importorskip('onnxruntime')
    assert main(['export', '--bundle', str(bundle), '--output', str(tmp_path / 'onnx'),
                 '--batch', '1', '--json', str(tmp_path / 'said.json')]) == 0
    said = json.loads((tmp_path / 'said.json').read_text())
    assert said['largest_difference'] < 1e-4


def test_goals_and_bundles_of_other_domains_are_refused(bundle, tmp_path):
    generator = PolicyGenerator.load(bundle, device='cpu', domain='toy')
    with pytest.raises(ValueError, match='the goal is for the domain go2, the bundle toy-'):
        generator.generate(Goal(measures={'vx_mps': 0.3}))
    with pytest.raises(BundleError, match='is of the domain toy, expected one of go2'):
        PolicyGenerator.load(bundle, domain='go2')
    info = json.loads((bundle / 'bundle.json').read_text())
    for change, message in (({'domain': 'go3'}, "not installed: unknown domain 'go3'"),
                            ({'domain_version': 2}, 'version 2 of the domain toy.*reads 3')):
        (tmp_path / 'bundle.json').write_text(json.dumps({**info, **change}))
        with pytest.raises(BundleError, match=message):
            read_info(tmp_path)


def test_what_it_cannot_do_is_said(toy, archive, tmp_path):
    with pytest.raises(ValueError, match='archives of the domain toy are not built here'):
        toy.build_archive(tmp_path, None, 'test')
    with pytest.raises(ValueError, match='policies of the domain toy are not run here'):
        toy.episode(archive.actor(0), 1.0, None, 0, None)
