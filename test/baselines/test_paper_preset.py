# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The papers' presets on an archive made up for the test: train, resume, read back, answer."""

from __future__ import annotations

from itertools import pairwise
import json
import shutil

import numpy as np
from policy_gen_ros.archive.format import create_archive
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.writing import write_chunk
from policy_gen_ros.baselines.bundle import INFO_FILE, PaperError, TENSOR_FILE
from policy_gen_ros.baselines.generator import PaperGenerator
from policy_gen_ros.baselines.make_an_agent import LayerwiseAutoencoder, MakeAnAgentConfig
from policy_gen_ros.baselines.policy_diffusion import PolicyDiffusionConfig
from policy_gen_ros.baselines.preset import PresetSettings, train_preset
from policy_gen_ros.baselines.unet import UNetConfig
from policy_gen_ros.training import loop
import pytest
from safetensors.numpy import load_file, save_file
from small_archive import GO2, HELD_OUT, LAYERS, random_chunk, write_small_archive
import torch

STEPS = {'autoencoder_steps': 12, 'denoiser_steps': 12, 'behavior_steps': 6}
CONFIGS = {
    'make_an_agent': MakeAnAgentConfig(
        unet=UNetConfig(8, 128, (16, 24), time_dim=16), denoiser_batch=16, **STEPS),
    'policy_diffusion': PolicyDiffusionConfig(
        hyper_width=32, chunk_neurons=4, encoder_width=8, unet_width=16, token_dim=16,
        denoiser_batch=16, **STEPS)}
GOALS = np.array([[0.5] * 4 + [3.0, 0.5, 0.5, 0, 0.28, 0.07, 0.4, 0.1, -0.2],
                  [0.6] * 4 + [2.0, 0, 0.5, 0.5, 0.3, 0.07, 9.0, 0, 0]])


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    return Archive(write_small_archive(tmp_path_factory.mktemp('archive') / 'small'), HELD_OUT)


def train(kind, archive, output, work=None, provenance=None, **changes):
    settings = PresetSettings(kind, **{'config': CONFIGS[kind], 'threads': 1, **changes})
    return train_preset(archive.training(), archive.base_weights(), output, settings, work,
                        provenance)


@pytest.fixture(scope='module')
def folders(archive, tmp_path_factory):
    """Train a folder of each kind."""
    made = {}
    for kind in CONFIGS:
        made[kind] = tmp_path_factory.mktemp(kind)
        train(kind, archive, made[kind], provenance={'command': 'test'})
    return made


def hashes(actors):
    return [actor.sha256 for actor in actors]


def test_measures_are_answered_with_their_own_clock_and_command(folders):
    generator = PaperGenerator.load(folders['policy_diffusion'])
    assert generator.sources == ('measures', 'text')
    actors = generator.from_measures(GOALS, seed=3)
    assert [actor.spec.layer_sizes for actor in actors] == [LAYERS, LAYERS]
    assert [actor.spec.clock_hz for actor in actors] == [3.0, 2.0]
    assert actors[0].nominal_command == pytest.approx((0.4, 0.1, -0.2))
    assert actors[1].nominal_command == (1.5, 0, 0)  # what a robot may be asked at most
    assert hashes(actors) == hashes(generator.from_measures(GOALS, seed=3))
    alone = generator.from_measures(GOALS[:1], seed=3)[0]
    assert np.allclose(alone.to_vector(), actors[0].to_vector(), atol=1e-4)
    assert hashes(actors) != hashes(generator.from_measures(GOALS, seed=4))
    assert hashes(generator.actors(GOALS)) == hashes(generator.from_measures(GOALS, steps=100))
    assert generator.from_measures(GOALS[:0]) == []


def test_texts_are_answered_with_clock_and_command_of_the_nearest_caption(folders):
    generator = PaperGenerator.load(folders['policy_diffusion'])
    first, second = generator.from_texts(['trot forward', 'pace on'])
    assert first.sha256 != second.sha256
    assert first.spec.clock_hz == 2.5
    assert first.nominal_command[0] == pytest.approx(0.315, abs=0.016)


def test_trajectories_are_answered_with_clock_and_command_of_the_nearest_walk(archive, folders):
    generator = PaperGenerator.load(folders['make_an_agent'])
    known = archive.training()
    asked = [0, 5, 100]
    actors = generator.from_trajectories([known.trajectory[i] for i in asked])
    assert len(set(hashes(actors))) == 3
    for index, actor in zip(asked, actors):
        assert actor.nominal_command == pytest.approx(known.controls[index, 1:], abs=1e-3)
    assert hashes(actors) == hashes(generator.from_trajectories(
        [known.trajectory[i] for i in asked], steps=10))


def test_goals_that_a_baseline_does_not_take_are_named(folders):
    behavioural = PaperGenerator.load(folders['make_an_agent'])
    with pytest.raises(ValueError, match="'measures', but this baseline was trained on traj"):
        behavioural.from_measures(GOALS)
    with pytest.raises(ValueError, match='at least 40 rows'):
        behavioural.from_trajectories([np.zeros((39, 42))])
    measured = PaperGenerator.load(folders['policy_diffusion'])
    with pytest.raises(ValueError, match=r"'trajectory', but this .* measures, text"):
        measured.from_trajectories([np.zeros((50, 42))])
    with pytest.raises(ValueError, match='complete measures'):
        measured.from_measures(np.where(GOALS == 0.07, np.nan, GOALS))
    with pytest.raises(ValueError, match='text is empty'):
        measured.from_texts(['?'])


def test_the_description_says_what_was_trained(archive, folders):
    info = PaperGenerator.load(folders['make_an_agent']).info
    assert info.kind == 'make_an_agent'
    assert info.config.layer_sizes == LAYERS
    assert info.config.unet == CONFIGS['make_an_agent'].unet
    assert info.training_fingerprint == archive.training().fingerprint
    assert info.figures['actors'] == 34
    assert info.figures['behaviors'] == info.references['trajectory'] == 4 * 34 - 1
    assert info.provenance == {'command': 'test'}
    counts = PaperGenerator.load(folders['make_an_agent']).parameter_counts('trajectory')
    assert list(counts) == ['decoder', 'denoiser', 'scaling', 'condition']
    assert min(counts.values()) > 0


def test_half_precision_hardly_changes_what_is_generated(archive, folders):
    folder = folders['policy_diffusion']
    stored = load_file(folder / TENSOR_FILE)
    assert stored['baseline.autoencoder.decoder.trunk.1.weight'].dtype == np.float16
    assert stored['baseline.autoencoder.scale'].dtype == np.float32
    read = PaperGenerator.load(folder).baseline
    trained = PaperGenerator.load(folder).baseline
    trained.load_state_dict(torch.load(folder / 'stages' / 'autoencoder.pt'))
    trained.denoiser('measures').load_state_dict(
        torch.load(folder / 'stages' / 'denoiser_measures.pt'))
    condition = torch.from_numpy(GO2.measures.encode(GOALS))
    first, second = (baseline.generate(condition, 'measures') for baseline in (read, trained))
    assert (first - second).norm() < 0.01 * (second - trained.autoencoder.centre).norm()


@pytest.mark.parametrize('kind', CONFIGS)
def test_training_goes_on_after_the_last_stage_and_repeats_itself(kind, archive, folders,
                                                                  tmp_path):
    work = tmp_path / 'work'
    shutil.copytree(folders[kind] / 'stages', work)
    newest = max(file.name for file in work.glob('denoiser_*.pt'))
    (work / newest).unlink()
    kept = {file.name: file.stat().st_mtime_ns for file in work.iterdir()}
    train(kind, archive, tmp_path / 'again', work=work)
    assert kept == {file.name: file.stat().st_mtime_ns for file in work.iterdir()
                    if file.name != newest}
    assert (tmp_path / 'again' / TENSOR_FILE).read_bytes() == (
        folders[kind] / TENSOR_FILE).read_bytes()
    with pytest.raises(ValueError, match=r'another training \(seed differ\)'):
        train(kind, archive, tmp_path / 'again', work=work, seed=1)


def test_a_stage_that_was_stopped_goes_on_as_if_it_had_not_been(archive, folders, tmp_path,
                                                                monkeypatch):
    monkeypatch.setattr(loop, 'CHECKPOINT_STEPS', 5)
    steps = []
    loss = LayerwiseAutoencoder.loss

    def stopping(self, weights, states):
        steps.append(1)
        if len(steps) == 9:
            raise KeyboardInterrupt
        return loss(self, weights, states)

    monkeypatch.setattr(LayerwiseAutoencoder, 'loss', stopping)
    with pytest.raises(KeyboardInterrupt):
        train('make_an_agent', archive, tmp_path)
    assert (tmp_path / 'stages' / 'autoencoder.checkpoint.pt').exists()
    assert not (tmp_path / INFO_FILE).exists()
    train('make_an_agent', archive, tmp_path)
    assert len(steps) == 9 + 12 - 5
    assert not list(tmp_path.rglob('*checkpoint*'))
    assert (tmp_path / TENSOR_FILE).read_bytes() == (
        folders['make_an_agent'] / TENSOR_FILE).read_bytes()


def test_any_conditions_can_be_asked_for(archive, tmp_path):
    info = train('make_an_agent', archive, tmp_path, sources=('measures',))
    assert info.condition_dims == {'measures': 29}
    assert len(PaperGenerator.load(tmp_path).from_measures(GOALS)) == 2
    with pytest.raises(ValueError, match='expected some of measures, text, trajectory'):
        train('make_an_agent', archive, tmp_path, sources=('smell',))


def test_an_archive_without_captions_gives_no_answers_to_text(tmp_path):
    create_archive(tmp_path / 'archive', GO2, 0, 'test')
    write_chunk(tmp_path / 'archive', 'a', random_chunk(4, captions=[[[]] * 4] * 4))
    known = Archive(tmp_path / 'archive', HELD_OUT).training()
    layers = tuple((np.zeros((b, a), np.float32), np.zeros(b, np.float32))
                   for a, b in pairwise(LAYERS))
    settings = PresetSettings('policy_diffusion', config=CONFIGS['policy_diffusion'], threads=1)
    info = train_preset(known, layers, tmp_path / 'made', settings)
    assert list(info.condition_dims) == ['measures']
    with pytest.raises(ValueError, match=r'base weights .* do not have layers'):
        train_preset(known, layers[1:], tmp_path / 'other',
                     PresetSettings('policy_diffusion', threads=1))


def test_a_folder_from_before_all_settings_were_recorded_loads(folders, tmp_path):
    folder = shutil.copytree(folders['make_an_agent'], tmp_path / 'copy')
    raw = json.loads((folder / INFO_FILE).read_text())
    assert raw['config'].items() >= STEPS.items()
    for name in (*STEPS, 'max_gradient_norm', 'ema_decay', 'captions', 'clips', 'input_noise',
                 'latent_noise', 'autoencoder_states'):
        del raw['config'][name]
    (folder / INFO_FILE).write_text(json.dumps(raw))
    assert PaperGenerator.load(folder).info.config.input_noise == 0.001


def change(name, value):
    def spoil(folder):
        raw = json.loads((folder / INFO_FILE).read_text())
        raw[name] = value
        (folder / INFO_FILE).write_text(json.dumps(raw))
    return spoil


def spoil_tensors(folder, **changes):
    tensors = {**load_file(folder / TENSOR_FILE), **changes}
    save_file({name: value for name, value in tensors.items() if value is not None},
              folder / TENSOR_FILE)


@pytest.mark.parametrize(('spoil', 'message'), [
    (lambda folder: (folder / INFO_FILE).unlink(), 'no baseline at .*--preset'),
    (lambda folder: (folder / INFO_FILE).write_text('{'), 'is not JSON'),
    (lambda folder: (folder / INFO_FILE).write_text('[]'), "format 'list'"),
    (change('format', 'policy_gen_ros/bundle/1'), 'this version reads'),
    (change('domain', 'go3'), "unknown domain 'go3'"),
    (change('kind', 'gan'), "kind is 'gan', expected"),
    (change('colour', 'red'), r"unknown keys \['colour'\]"),
    (change('config', {'unet': {'depth': 3}}), r"unknown keys \['config.unet.depth'\]"),
    (change('config', {'layers_per_chunk': [1]}), 'does not add up'),
    (change('config', 3), 'malformed'),
    (change('config', {'tokens': 2}), r"unknown keys \['config.tokens'\]"),
    (change('references', {'trajectory': 'many'}), "references.trajectory is 'many': "),
    (change('condition_dims', {'trajectory': 5}), 'do not fit'),
    (lambda folder: (folder / TENSOR_FILE).unlink(), 'cannot be read'),
    (lambda folder: (folder / TENSOR_FILE).write_bytes(b'x' * 100), 'cannot be read'),
    (lambda folder: spoil_tensors(folder, **{'baseline.latent_mean': None}), 'do not fit'),
    (lambda folder: spoil_tensors(folder, **{
        'baseline.latent_mean': np.full(16, np.nan, np.float32)}), 'not finite')])
def test_damaged_and_foreign_folders_are_refused(folders, tmp_path, spoil, message):
    folder = tmp_path / 'copy'
    shutil.copytree(folders['make_an_agent'], folder)
    spoil(folder)
    with pytest.raises(PaperError, match=message):
        PaperGenerator.load(folder)
