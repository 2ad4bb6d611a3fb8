# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""ONNX Runtime gives what PyTorch gives; exports that do not fit are refused."""

import json
import shutil
import sys

import numpy as np
from policy_gen_ros import Goal, PolicyGenerator
from policy_gen_ros.domains import find_domain
from policy_gen_ros.generation.bundle import read_info
from policy_gen_ros.generation.engine import EngineError, TorchEngine
from policy_gen_ros.generation.networks import load_networks
from policy_gen_ros.generation.onnx_files import cache_folder, MANIFEST, read_manifest, WEIGHTS
from policy_gen_ros.generation.timing import stage_shares, STAGES
from policy_gen_ros.models.condition_encoder import source_dims
from policy_gen_ros.models.text_encoder import TransformersEncoder
import pytest
from random_bundle import write_random_bundle
import torch

GO2 = find_domain('go2')
TOLERANCE = 1e-4


def clip(rows=100, seed=0):
    made = 0.1 * np.random.default_rng(seed).standard_normal((rows, 42)).astype(np.float32)
    made[:, 2] = -1.0
    return made


GOALS = {'text': Goal(text='trot forward slowly with high steps'),
         'long text': Goal(text='trot forward, with ' + 'very ' * 40 + 'high steps'),
         'measures': Goal(measures={'contact_fl': 0.5, 'vx_mps': 0.3}),
         'trajectory': Goal(trajectory=clip()),
         'all': Goal(text='bound', measures={'frequency_hz': 2.5}, trajectory=clip(61))}
SENTENCES = ['trot', 'a dog that paces forward slowly, with its body held low',
             'turn ' * 25, 'pronk ' * 200]


@pytest.fixture(scope='module')
def cache(tmp_path_factory):
    """Keep exports out of the user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp('cache')
        patch.setenv('XDG_CACHE_HOME', str(folder))
        yield folder


@pytest.fixture(scope='module')
def bundle(tmp_path_factory):
    return write_random_bundle(tmp_path_factory.mktemp('bundles') / 'random')


@pytest.fixture(scope='module')
def in_torch(bundle):
    return PolicyGenerator.load(bundle, device='cpu')


@pytest.fixture(scope='module')
def in_onnx(bundle, cache):
    pytest.importorskip('onnxscript')
    pytest.importorskip('onnxruntime')
    return PolicyGenerator.load(bundle, device='cpu', backend='onnx')


def largest(a, b):
    return np.abs(np.asarray(a) - np.asarray(b)).max()


def test_sentences_agree(in_torch, in_onnx):
    expected = in_torch.engine.embed_texts(SENTENCES)
    assert largest(in_onnx.engine.embed_texts(SENTENCES), expected) < TOLERANCE
    assert largest(TransformersEncoder().encode(SENTENCES), expected) < TOLERANCE


@pytest.mark.parametrize('rows', [40, 100, 101, 300])
def test_trajectories_agree(in_torch, in_onnx, rows):
    trajectory = clip(rows, seed=rows)
    trajectory[:, 30:] = np.nan if rows == 101 else trajectory[:, 30:]
    expected = in_torch.engine.trajectory(trajectory)
    assert np.isfinite(expected).all()
    assert largest(in_onnx.engine.trajectory(trajectory), expected) < TOLERANCE


@pytest.mark.parametrize('count', [1, 8, 11])
def test_conditions_denoising_and_decoding_agree(in_torch, in_onnx, count):
    rng, engines = np.random.default_rng(count), (in_torch.engine, in_onnx.engine)
    features = {source: rng.standard_normal((count, dim)).astype(np.float32)
                for source, dim in source_dims(GO2.measures).items()}
    present = rng.random((count, 3)) < 0.5
    with torch.inference_mode():
        tokens, others = (engine.condition(features, present) for engine in engines)
        assert largest(tokens, others) < TOLERANCE
        assert tokens.shape[0] == count and tokens.std() > 0.01
        info = in_torch.info
        sample_dim = info.latent_dim + GO2.extras.dim
        sample = torch.from_numpy(rng.standard_normal((count, sample_dim)).astype('f4'))
        x, y = (engine.denoise(sample, torch.tensor(0.7).expand(count), tokens)
                for engine in engines)
        assert largest(x, y) < TOLERANCE and x.std() > 0.01
        one, other = (engine.decode(sample[:, :info.latent_dim]) for engine in engines)
        assert largest(one, other) < TOLERANCE
        assert one.shape == (count, 48972) and one.std() > 0.01


@pytest.mark.parametrize('kind', GOALS)
@pytest.mark.parametrize('count', [1, 8])
@pytest.mark.parametrize('guidance', [None, 1.7])
def test_actors_agree(in_torch, in_onnx, kind, count, guidance):
    made = [generator.generate(GOALS[kind], seed=3, count=count, guidance=guidance)
            for generator in (in_torch, in_onnx)]
    for expected, actor in zip(*made):
        assert largest(actor.to_vector(), expected.to_vector()) < TOLERANCE
        assert actor.spec.clock_hz == pytest.approx(expected.spec.clock_hz, abs=TOLERANCE)
        assert actor.nominal_command == pytest.approx(expected.nominal_command, abs=2 * TOLERANCE)
        assert actor.measures == pytest.approx(expected.measures, abs=1e-3)
        assert actor.warnings == expected.warnings


def test_different_goals_in_one_batch_agree(in_torch, in_onnx):
    goals = list(GOALS.values()) * 2
    made = [generator.generate_batch(goals, seed=1) for generator in (in_torch, in_onnx)]
    for expected, actor in zip(*made):
        assert largest(actor.to_vector(), expected.to_vector()) < TOLERANCE


def test_the_same_seed_gives_the_same_actor(in_onnx):
    first, again, other = (in_onnx.generate(GOALS['all'], seed=seed) for seed in (5, 5, 6))
    assert first.sha256 == again.sha256 != other.sha256


def test_candidates_for_one_goal_embed_it_once(bundle, monkeypatch):
    info, shown = read_info(bundle), []
    engine = TorchEngine(load_networks(bundle, info, 'cpu'), '', 'cpu')
    embed = engine.trajectory
    monkeypatch.setattr(engine, 'trajectory', lambda rows: shown.append(rows) or embed(rows))
    PolicyGenerator(info, engine).generate(GOALS['trajectory'], count=8)
    assert len(shown) == 1


def test_graphs_have_static_shapes_and_share_their_weights(in_onnx, bundle):
    onnx = pytest.importorskip('onnx')
    folder = cache_folder(bundle)
    manifest = read_manifest(folder, bundle)
    for graph in manifest.graphs:
        model = onnx.load(folder / graph.file, load_external_data=False)
        assert model.opset_import[0].version == manifest.opset
        shapes = {value.name: [d.dim_value for d in value.type.tensor_type.shape.dim]
                  for value in model.graph.input}
        assert shapes == graph.inputs
        assert all(n > 0 for shape in [*shapes.values(), graph.output] for n in shape)
    assert sum(manifest.sizes.values()) < 1.1 * manifest.sizes[WEIGHTS]
    assert manifest.sizes[WEIGHTS] < 100e6


def test_a_second_load_exports_nothing(in_onnx, bundle, monkeypatch):
    monkeypatch.setattr(torch.onnx, 'export', None)
    again = PolicyGenerator.load(bundle, device='cpu', backend='onnx')
    goal = GOALS['measures']
    assert again.generate(goal).sha256 == in_onnx.generate(goal).sha256


@pytest.fixture
def beside(in_onnx, bundle, tmp_path):
    """Give a copy of the bundle with its export in the folder ``onnx``."""
    copy = tmp_path / 'bundle'
    shutil.copytree(bundle, copy)
    shutil.copytree(cache_folder(bundle), copy / 'onnx')
    return copy


def test_an_export_beside_the_bundle_is_taken(beside, monkeypatch, tmp_path):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'nothing'))
    actor = PolicyGenerator.load(beside, device='cpu', backend='onnx').generate(GOALS['text'])
    assert actor.bundle == 'random-0'
    assert not (tmp_path / 'nothing').exists()


def test_a_stale_export_is_refused(beside):
    write_random_bundle(beside, seed=1)
    with pytest.raises(EngineError, match=r'is stale.*random-0.*policy_gen export'):
        PolicyGenerator.load(beside, device='cpu', backend='onnx')


@pytest.mark.parametrize(('damage', 'message'), [
    (lambda folder: (folder / WEIGHTS).write_bytes(b''), 'weights.bin is missing or has not'),
    (lambda folder: (folder / 'decoder_1.onnx').unlink(), 'decoder_1.onnx is missing'),
    (lambda folder: (folder / MANIFEST).write_text('{'), 'is damaged'),
    (lambda folder: (folder / MANIFEST).write_text('[]'), 'is damaged'),
    (lambda folder: _change(folder, format='policy_gen_ros/onnx/99'), 'this version reads'),
    (lambda folder: _change(folder, surprise=1), 'is damaged'),
    (lambda folder: _change(folder, graphs=[]), 'no graph for trajectory')])
def test_damaged_exports_are_refused(beside, damage, message):
    damage(beside / 'onnx')
    with pytest.raises(EngineError, match=message):
        PolicyGenerator.load(beside, device='cpu', backend='onnx')


def _change(folder, **changes):
    file = folder / MANIFEST
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_without_onnxruntime_the_cure_is_named(bundle, monkeypatch):
    monkeypatch.setitem(sys.modules, 'onnxruntime', None)
    with pytest.raises(EngineError, match='pip install onnxruntime'):
        PolicyGenerator.load(bundle, device='cpu', backend='onnx')


def test_without_an_exporter_the_cure_is_named(bundle, monkeypatch, tmp_path):
    pytest.importorskip('onnxruntime')
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    monkeypatch.setitem(sys.modules, 'onnxscript', None)
    with pytest.raises(EngineError, match=r'pip install onnx onnxscript.*policy_gen export'):
        PolicyGenerator.load(bundle, device='cpu', backend='onnx')


@pytest.mark.gpu
def test_cuda_agrees(in_torch, in_onnx, bundle):
    onnxruntime = pytest.importorskip('onnxruntime')
    if 'CUDAExecutionProvider' not in onnxruntime.get_available_providers():
        pytest.skip('this ONNX Runtime has no CUDA')
    on_cuda = PolicyGenerator.load(bundle, device='cuda', backend='onnx')
    made = [generator.generate_batch(list(GOALS.values())) for generator in (in_torch, on_cuda)]
    for expected, actor in zip(*made):
        assert largest(actor.to_vector(), expected.to_vector()) < TOLERANCE


@pytest.mark.parametrize('device', ['tpu', 'tensorrt', 'cuda'])
def test_a_device_that_is_not_there_is_refused(in_onnx, bundle, device):
    import onnxruntime

    if f'{device.upper()}ExecutionProvider' in map(
            str.upper, onnxruntime.get_available_providers()):
        pytest.skip(f'{device} is there')
    with pytest.raises(EngineError, match=device):
        PolicyGenerator.load(bundle, device=device, backend='onnx')


def test_an_unknown_backend_is_refused(bundle):
    with pytest.raises(ValueError, match="'jax', expected one of: torch, onnx"):
        PolicyGenerator.load(bundle, backend='jax')


def test_stages_add_up(in_torch):
    shares = stage_shares(in_torch, {'measures': GOALS['measures']}, repeats=2)['measures']
    assert tuple(shares) == STAGES
    assert sum(shares.values()) == pytest.approx(1.0)
    assert shares['text'] == shares['trajectory'] == 0.0
    assert min(shares[stage] for stage in ('condition', 'denoiser', 'decoder')) > 0.0
