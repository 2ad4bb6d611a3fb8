"""The archive engine end to end, tiny: clone, measure, store, read, find damage."""

import dataclasses
import shutil

import numpy as np
from policy_gen_ros.actor.adaptor import Adaptor
from policy_gen_ros.archive.build import evaluate_chunk
from policy_gen_ros.archive.clone import clone_styles
from policy_gen_ros.archive.collect import collect, StateBatch
from policy_gen_ros.archive.learn_base import common_start, ConditionedPolicy
from policy_gen_ros.archive.store import Archive, ArchiveError, create_archive, write_chunk
from policy_gen_ros.generator.bundle import bundle_path
from policy_gen_ros.teacher.gait_controller import GaitController
from policy_gen_ros.teacher.style import sample_commands, sample_styles
import pytest
import torch


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    """Ten actors that were hardly trained, in one chunk."""
    torch.manual_seed(0)
    rng, adaptor = np.random.default_rng(0), Adaptor.load(bundle_path() / 'adaptor.safetensors')
    style = sample_styles(10, rng)
    nominal = sample_commands(style, rng)
    pool = StateBatch.concatenate(collect(None, GaitController(), style, nominal, adaptor, 40, 0))
    base = ConditionedPolicy()
    start = common_start(base)
    layers = clone_styles(style, nominal, start, base, pool, adaptor, 0, rounds=2, steps=3,
                          robots_per_actor=1, ticks=20)
    path = tmp_path_factory.mktemp('archive')
    create_archive(path, 0, 'test')
    write_chunk(path, 0, evaluate_chunk(style, nominal, layers, adaptor, 0))
    return path, start, layers


def test_cloning_moves_every_actor_away_from_the_common_start(tiny):
    _, start, layers = tiny
    vectors = np.stack([np.concatenate([p.ravel() for layer in actor for p in layer])
                        for actor in layers])
    origin = np.concatenate([p.ravel() for layer in start for p in layer])
    assert (np.abs(vectors - origin).max(axis=1) > 0).all()
    # Not a style vector in disguise: the first bias holds a small part of the variance only.
    variance = vectors.var(axis=0)
    assert variance[49 * 192:50 * 192].sum() < 0.2 * variance.sum()


def test_archive_reads_back(tiny):
    archive = Archive(tiny[0])
    assert len(archive) == 10
    assert archive.weights.shape == (10, 48_972)
    assert archive.trajectory.shape == (10, 4, 200, 42)
    assert archive.probe.shape == (10, 128, 49)
    assert archive.held_out_mask.tolist() == [False] * 9 + [True]
    actor = archive.actor(3, 1)
    assert np.array_equal(actor.to_vector(), archive.weights[3])
    assert np.allclose(actor.nominal_command, archive.command[3, 1])
    assert archive.damage() == []


def test_an_archive_keeps_its_seed(tiny):
    with pytest.raises(ArchiveError, match='begun with seed 0, not 1'):
        create_archive(tiny[0], 1, 'test')


def test_an_actor_keeps_its_side_while_the_archive_grows(tiny, tmp_path):
    for number in (0, 2):
        shutil.copytree(tiny[0] / 'chunk_00000', tmp_path / f'chunk_{number:05d}')
    shutil.copy(tiny[0] / 'index.json', tmp_path)
    before = Archive(tmp_path).held_out_mask
    print_before = Archive(tmp_path).fingerprint
    shutil.copytree(tiny[0] / 'chunk_00000', tmp_path / 'chunk_00001')
    after = Archive(tmp_path)
    assert np.array_equal(after.held_out_mask[:10], before[:10])
    assert np.array_equal(after.held_out_mask[20:], before[10:])
    assert after.fingerprint != print_before


def test_damage_is_found(tiny, tmp_path):
    copy = tmp_path / 'copy'
    shutil.copytree(tiny[0], copy)
    reward = np.load(copy / 'chunk_00000' / 'reward.npy')
    np.save(copy / 'chunk_00000' / 'reward.npy', reward + 1)
    (copy / 'chunk_00000' / 'probe.npy').unlink()
    assert sorted(Archive(copy).damage()) == ['chunk_00000/probe.npy is missing',
                                              'chunk_00000/reward.npy was altered']


def test_no_archive_and_other_versions_are_refused(tmp_path):
    with pytest.raises(ArchiveError, match='no policy archive'):
        Archive(tmp_path)
    (tmp_path / 'index.json').write_text('{"format": "other/2"}')
    with pytest.raises(ArchiveError, match='this version reads'):
        Archive(tmp_path)


def test_labels_depend_on_the_style():
    rng = np.random.default_rng(0)
    style = sample_styles(5, rng)
    states = collect(None, GaitController(), style, sample_commands(style, rng), None, 30, 0)[-1]
    same = StateBatch(*(np.repeat(getattr(states, f.name)[:1], 5, axis=0)
                        for f in dataclasses.fields(states)))
    labels = same.labels(GaitController(), style)
    assert np.abs(labels - labels[0]).max(axis=1)[1:].min() > 0.1
