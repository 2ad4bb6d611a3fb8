# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Train on an archive made up for the test: the pipeline runs, resumes and writes a bundle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from policy_gen_ros import Goal, PolicyGenerator
from policy_gen_ros.archive.format import create_archive
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.writing import write_chunk
from policy_gen_ros.domains.go2.gait.captions import Caption, captions
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES
from policy_gen_ros.domains.go2.gait.templates import TEMPLATES
from policy_gen_ros.models.sampler import ddim_sample, T_MAX
from policy_gen_ros.models.text_encoder import TransformersEncoder
from policy_gen_ros.training.config import DiffusionTraining
from policy_gen_ros.training.dataset import BehaviorSet, load_behaviors, put_into_words
from policy_gen_ros.training.diffusion import (
    DiffusionSet,
    draw_cases,
    draws_actor,
    random_measure_subset,
    random_sources,
)
from policy_gen_ros.training.pipeline import train_bundle, TrainingInputs
from policy_gen_ros.training.presets import debug_preset
from policy_gen_ros.utils.config import updated
import pytest
from small_archive import GO2, HELD_OUT, LAYERS, pretend_walk, random_chunk, write_small_archive
import torch

SHORT = updated(debug_preset(), {'network': {'latent_dim': 8}, 'threads': 1})


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    return Archive(write_small_archive(tmp_path_factory.mktemp('archive') / 'small'), HELD_OUT)


def train(archive, output, work, config=SHORT):
    inputs = TrainingInputs(archive.training(), archive.base_weights(), archive.path,
                            pretend_walk)
    return train_bundle(inputs, output, work, config,
                        {'command': 'test', 'held_out': len(archive.held_out)})


def test_training_writes_a_bundle_and_resumes(archive, tmp_path):
    info = train(archive, tmp_path / 'bundle', tmp_path / 'work')
    assert info.layer_sizes == LAYERS
    assert info.provenance['actors'] == 34
    assert info.provenance['held_out'] == 5
    assert info.provenance['behaviors'] == 4 * 34 - 1
    # A third of what is walked falls.
    assert 0 < info.provenance['mixtures'] < SHORT.self_generated.mixtures
    assert 0 < info.provenance['practice'] < SHORT.self_generated.policies
    assert info.provenance['config']['network']['latent_dim'] == 8
    generator = PolicyGenerator.load(tmp_path / 'bundle')
    first = generator.generate(Goal(text='trot forward'))
    assert np.isfinite(first.to_vector()).all()
    stages = {f.name: f.stat().st_mtime_ns for f in (tmp_path / 'work').iterdir()}
    train(archive, tmp_path / 'again', tmp_path / 'work')
    assert stages == {f.name: f.stat().st_mtime_ns for f in (tmp_path / 'work').iterdir()}
    again = PolicyGenerator.load(tmp_path / 'again').generate(Goal(text='trot forward'))
    assert again.sha256 == first.sha256
    with pytest.raises(ValueError, match='seed differ'):
        train(archive, tmp_path / 'bundle', tmp_path / 'work', replace(SHORT, seed=1))
    with pytest.raises(ValueError, match='archive differ'):
        train(Archive(archive.path), tmp_path / 'bundle', tmp_path / 'work')


def test_weights_do_not_depend_on_which_stages_were_there(archive, tmp_path):
    work = tmp_path / 'work'
    train(archive, tmp_path / 'bundle', work)
    diffusion = (work / 'diffusion.pt').read_bytes()
    later = (work / 'behavior.pt').stat().st_mtime_ns
    for file in work.iterdir():
        if file.stat().st_mtime_ns > later:
            file.unlink()
    train(archive, tmp_path / 'again', work)
    assert (work / 'diffusion.pt').read_bytes() == diffusion
    assert (tmp_path / 'again' / 'generator.safetensors').read_bytes() \
        == (tmp_path / 'bundle' / 'generator.safetensors').read_bytes()


def test_each_sentence_is_embedded_once_and_drawn_for_its_behaviour(tmp_path):
    words = [[[] for _ in range(4)] for _ in range(3)]
    words[0][0] = [Caption('walk on', 'a')]
    words[1][1] = [Caption('trot on', 'a'), Caption('walk on', 'b'), Caption('go', 'b')]
    create_archive(tmp_path, GO2, 0, 'test')
    write_chunk(tmp_path, 'a', random_chunk(3, captions=words))
    training = Archive(tmp_path, HELD_OUT).training()
    np.save(tmp_path / 'text.npy', np.eye(3, dtype=np.float32))
    data = load_behaviors(training, tmp_path / 'text.npy')
    rng = np.random.default_rng(0)
    texts, described = data.say(torch.tensor([0, 5, 11]).repeat(200), rng)
    assert described.tolist() == [True, True, False] * 200
    assert texts[::3].unique(dim=0).tolist() == [[1, 0, 0]]
    drawn = texts[1::3].argmax(dim=1).bincount()
    assert len(drawn) == 3 and drawn.min() > 40


def test_behaviours_of_its_own_are_put_into_words_that_training_may_use(archive, tmp_path):
    unseen = tuple(TEMPLATES)[::2]
    split = replace(HELD_OUT, caption_templates=unseen)
    training = Archive(archive.path, split).training()
    measures = training.measures[:20]
    own = BehaviorSet.uncaptioned(GO2, measures, torch.zeros(20, 19), torch.zeros(20, 200, 43))
    named = put_into_words(own, training.caption_templates, 4, tmp_path / 'own.npy')
    assert named.captions_before.tolist() == list(range(0, 4 * 20 + 1, 4))
    assert named.text.shape == (named.caption.max() + 1, 384)
    assert set(training.caption_templates) == set(tuple(TEMPLATES)[1::2])
    only = training.caption_templates[0]
    one = put_into_words(own, [only], 4, tmp_path / 'one.npy', seed=1)
    rng = np.random.default_rng(1)
    wanted = [c.text for row in measures.tolist()
              for c in captions(dict(zip(MEASURE_NAMES, row)), 4, rng, [only])]
    assert torch.allclose(one.text[one.caption],
                          torch.from_numpy(TransformersEncoder().encode(wanted)), atol=1e-5)


def test_joined_behaviours_keep_their_words():
    def some(count, words):
        rows = torch.arange(float(count))[:, None]
        return BehaviorSet(GO2, np.arange(count), np.zeros((count, 13)), rows, rows[:, None],
                           words, np.arange(2 * count) % len(words), np.arange(count + 1) * 2)

    first, second = torch.eye(3, 5), 2 * torch.eye(5)[2:]
    joined = some(2, first).joined(some(3, second))
    assert joined.originals == 2
    assert joined.actor.tolist() == [0, 1, 2, 3, 4]
    texts, described = joined.say(torch.arange(5).repeat(50), np.random.default_rng(0))
    assert described.all()
    for behavior in range(5):
        begin = 2 * (behavior if behavior < 2 else behavior - 2)
        words = first if behavior < 2 else second
        possible = {tuple(words[(begin + i) % 3].tolist()) for i in range(2)}
        assert {tuple(row) for row in texts[behavior::5].tolist()} == possible


def test_an_archive_without_captions_cannot_be_trained_on(tmp_path):
    create_archive(tmp_path, GO2, 0, 'test')
    write_chunk(tmp_path, 'a', random_chunk(2, captions=[[[]] * 4] * 2))
    with pytest.raises(ValueError, match='no behaviour of the archive has a caption'):
        load_behaviors(Archive(tmp_path, HELD_OUT).training(), tmp_path / 'text.npy')


def test_conditions_are_dropped_in_every_combination():
    rng, config = np.random.default_rng(0), DiffusionTraining()
    present = random_sources(5000, config, rng)
    assert len({tuple(row) for row in present}) == 8
    # One case of eight has none by chance, but for those with one source.
    assert (~present.any(axis=1)).mean() == pytest.approx(0.05 + 0.95 * 0.5 / 8, abs=0.02)
    assert (present.sum(axis=1) == 1).mean() > 0.5
    complete = np.arange(2500) < 500
    given = np.isfinite(random_measure_subset(GO2.measures, np.full((2500, 13), 0.5), complete,
                                              config, rng))
    assert given[complete].all()
    given = given[~complete]
    assert given.all(axis=1).mean() == pytest.approx(0.5, abs=0.05)
    only_contacts = given[:, :4].all(axis=1) & ~given[:, 4:].any(axis=1)
    assert only_contacts.mean() == pytest.approx(0.15, abs=0.04)


def test_some_actors_are_drawn_from_nothing_but_noise_and_all_measures(archive, tmp_path):
    data = load_behaviors(archive.training(), tmp_path / 'text.npy')
    latents, embeddings = torch.randn(len(data), 4), torch.randn(2, len(data), 128)
    config = DiffusionTraining()
    cases = draw_cases(DiffusionSet(data, latents, embeddings), config, np.random.default_rng(0))
    drawing = cases['t'] == T_MAX
    assert drawing.float().mean() == pytest.approx(config.policy_share, abs=0.01) == 0.4
    assert cases['present'][drawing, 1].all()
    assert cases['conditions']['measures'][drawing, :13].all()
    assert cases['t'][~drawing].max() < T_MAX
    assert not cases['present'][~drawing, 1].all()
    assert cases['x0'].shape == cases['noise'].shape == (len(drawing), 4 + GO2.extras.dim)


def test_an_actor_can_be_drawn_in_several_steps(archive, tmp_path):
    data = load_behaviors(archive.training(), tmp_path / 'text.npy')
    known = DiffusionSet(data, torch.randn(len(data), 4), torch.randn(2, len(data), 128))
    config = DiffusionTraining(policy_steps=4)
    times = draw_cases(known, config, np.random.default_rng(0))['t'][draws_actor(config)]
    visited: list[float] = []
    ddim_sample(lambda x, t: (visited.append(float(t[0])), x)[1], torch.zeros(1, 2), 4)
    assert sorted(set(times.tolist())) == pytest.approx(sorted(visited))
