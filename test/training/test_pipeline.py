"""Train on an archive made up for the test: the pipeline runs, resumes and writes a bundle."""

from dataclasses import replace
import shutil

import numpy as np
from policy_gen_ros import Goal, PolicyGenerator
from policy_gen_ros.actor.spec import ActorSpec
from policy_gen_ros.archive.store import Archive, Chunk, create_archive, write_chunk
from policy_gen_ros.generator.bundle import bundle_path
from policy_gen_ros.goal.captions import captions
from policy_gen_ros.goal.measures import GAIT_PHASES, MEASURE_NAMES
from policy_gen_ros.training.dataset import load_behaviors
from policy_gen_ros.training.diffusion import random_measure_subset, random_sources
from policy_gen_ros.training.pipeline import debug_preset, train_bundle
import pytest
from safetensors.numpy import save_file

COUNT, K = 40, 4


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    """Forty random networks with plausible measures."""
    rng, spec = np.random.default_rng(0), ActorSpec(clock_hz=2.5)
    path = tmp_path_factory.mktemp('archive')
    create_archive(path, 0, 'test')
    start = 0.1 * rng.standard_normal(spec.parameter_count).astype(np.float32)
    families = list(GAIT_PHASES.values())
    measures = np.zeros((COUNT, K, 13), np.float32)
    for i in range(COUNT):
        measures[i] = [0.5, 0.5, 0.5, 0.5, 2.5, *families[i % 5], 0.28, 0.07, 0.3, 0, 0]
    command = np.tile(np.array([0.3, 0, 0], np.float32), (COUNT, K, 1))
    style = np.full((COUNT, 11), 2.5, np.float32)
    words = [[captions(dict(zip(MEASURE_NAMES, measures[i, k])), 2, rng) for k in range(K)]
             for i in range(COUNT)]
    write_chunk(path, 0, Chunk(
        start + 0.02 * rng.standard_normal((COUNT, spec.parameter_count)).astype(np.float32),
        style, command, measures, np.full((COUNT, K), 0.9, np.float32),
        np.ones((COUNT, K), bool), rng.standard_normal((COUNT, K, 200, 42)).astype(np.float16),
        rng.standard_normal((COUNT, 128, 49)).astype(np.float16), words))
    tensors, position = {}, 0
    for i, (fan_in, fan_out) in enumerate(zip(spec.layer_sizes, spec.layer_sizes[1:])):
        weight = start[position:position + fan_in * fan_out].reshape(fan_out, fan_in)
        tensors[f'layers.{i}.weight'] = weight
        position += fan_in * fan_out
        tensors[f'layers.{i}.bias'] = start[position:position + fan_out]
        position += fan_out
    save_file(tensors, path / 'start.safetensors')
    shutil.copy(bundle_path() / 'adaptor.safetensors', path / 'adaptor.safetensors')
    return Archive(path)


def test_training_writes_a_bundle_and_resumes(archive, tmp_path):
    config = replace(debug_preset(), autoencoder_steps=30, behavior_steps=30, diffusion_steps=30)
    info = train_bundle(archive, tmp_path / 'bundle', tmp_path / 'work', config, 'test')
    assert info.provenance['actors'] == 36
    assert info.provenance['held_out'] == 4
    generator = PolicyGenerator.load(tmp_path / 'bundle')
    first = generator.generate(Goal(text='trot forward'))
    assert np.isfinite(first.to_vector()).all()
    stages = {f.name: f.stat().st_mtime_ns for f in (tmp_path / 'work').iterdir()}
    train_bundle(archive, tmp_path / 'again', tmp_path / 'work', config, 'test')
    assert stages == {f.name: f.stat().st_mtime_ns for f in (tmp_path / 'work').iterdir()}
    again = PolicyGenerator.load(tmp_path / 'again').generate(Goal(text='trot forward'))
    assert again.sha256 == first.sha256


def test_stages_of_another_run_are_refused(archive, tmp_path):
    config = replace(debug_preset(), autoencoder_steps=30, behavior_steps=30, diffusion_steps=30)
    train_bundle(archive, tmp_path / 'bundle', tmp_path / 'work', config, 'test')
    with pytest.raises(ValueError, match='seed differ'):
        train_bundle(archive, tmp_path / 'bundle', tmp_path / 'work', replace(config, seed=1), '')


def test_held_out_actors_are_not_read(archive, tmp_path):
    data = load_behaviors(archive, archive.train, tmp_path / 'text.npy')
    assert archive.held_out.tolist() == [9, 19, 29, 39]
    assert not set(data.actor) & set(archive.held_out)
    assert len(data) == 36 * K


def test_conditions_are_dropped_in_every_combination():
    rng = np.random.default_rng(0)
    combinations = {tuple(row) for row in random_sources(2000, rng)}
    assert len(combinations) == 8
    assert (~random_sources(5000, rng).any(axis=1)).mean() == pytest.approx(0.1, abs=0.02)
    said = np.isfinite(random_measure_subset(np.full((2000, 13), 0.5), rng))
    assert said.all(axis=1).mean() == pytest.approx(0.5, abs=0.05)
    only_contacts = said[:, :4].all(axis=1) & ~said[:, 4:].any(axis=1)
    assert only_contacts.mean() == pytest.approx(0.15, abs=0.04)
