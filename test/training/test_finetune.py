# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Fine-tuning with a critic: what it learns from, and where the drawing of actors moves."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES
from policy_gen_ros.models.decoder import Decoder, DecoderConfig
from policy_gen_ros.models.latent_diffusion import DiffusionConfig, DiffusionModel
from policy_gen_ros.models.trajectory_encoder import BehaviorEncoder
from policy_gen_ros.training.config import CriticConfig, FinetuneConfig, TrainConfig
from policy_gen_ros.training.critic import CriticSamples, gaits, in_spreads, train_critic
from policy_gen_ros.training.finetune import (
    AskedBehaviors,
    collect_critic_samples,
    finetune,
    follow_critic,
    TrainedNetworks,
    Tried,
)
from policy_gen_ros.training.relabelling import draw_actors
from policy_gen_ros.utils.config import ConfigError, updated
import pytest
from small_archive import GO2, HELD_OUT, LAYERS, measures_row, pretend_walk, write_small_archive
import torch

LATENT = 8
FORBIDDEN = measures_row('trot', frequency_hz=3.5, vx_mps=0.5)
SHORT = TrainConfig(finetune=FinetuneConfig(rounds=2, walks=60, critic_steps=5, steps=5))


@pytest.fixture(scope='module')
def training(tmp_path_factory):
    path = write_small_archive(tmp_path_factory.mktemp('archive') / 'small')
    return Archive(path, HELD_OUT).training()


def networks(seed: int = 0) -> TrainedNetworks:
    torch.manual_seed(seed)
    return TrainedNetworks(DiffusionModel(GO2, LATENT, DiffusionConfig()),
                           Decoder(DecoderConfig(LAYERS, LATENT, rank=4, width=16)),
                           BehaviorEncoder(GO2.trajectory).eval())


def lucky(asked: np.ndarray, count: int = 4000) -> CriticSamples:
    """Pretend samples that walk where their first latent is above zero; the second is reward."""
    rng = np.random.default_rng(0)
    behavior = rng.integers(0, len(asked), count)
    measures = asked[behavior]
    extras = GO2.extras.encode(measures[:, [4, 10, 11, 12]], measures)
    samples = torch.cat([torch.randn(count, LATENT), torch.from_numpy(extras)], dim=1)
    good = samples[:, 0] > 0
    return CriticSamples(torch.from_numpy(behavior), samples, samples,
                 torch.where(good, gaits(GO2, measures), 0), torch.from_numpy(measures).float(),
                 samples[:, 1].sigmoid(), torch.randn(count, 128))


def test_gaits_are_numbered_and_the_unsound_is_none_of_them():
    rows = np.stack([measures_row(name) for name in GAIT_FAMILIES])
    assert gaits(GO2, rows).tolist() == [1, 2, 3, 4, 5]
    assert gaits(GO2, rows, np.array([True, False, True, True, False])).tolist() == [1, 0, 3, 4, 0]
    rows[1, 5:8] = np.nan
    assert gaits(GO2, rows).tolist() == [1, 0, 3, 4, 5]


def test_a_critic_learns_what_becomes_of_samples(training):
    tried = lucky(training.measures)
    critic = train_critic(GO2, tried, 150, CriticConfig())
    logits, measures, reward = critic(tried.samples[:500])
    right = (logits.argmax(dim=-1) == tried.gait[:500]).float().mean()
    assert right > 0.85
    sound = tried.gait[:500] > 0
    missed = (measures - in_spreads(GO2, tried.measures[:500]))[:, sound].abs().mean()
    assert missed < 0.5
    foreseen = torch.stack([reward.mean(dim=0), tried.reward[:500]])[:, sound]
    assert torch.corrcoef(foreseen)[0, 1] > 0.8
    assert not critic.training
    assert torch.equal(logits, critic(tried.samples[:500])[0])


@pytest.mark.parametrize('policy_steps', [1, 4])
def test_what_is_drawn_follows_the_critic_and_the_targets_stay(training, policy_steps):
    model, before = networks().diffusion, networks().diffusion.eval()
    asked, tried = training.measures, lucky(training.measures)
    noise = torch.randn(200, model.sample_dim)
    rows = np.arange(200) % len(asked)
    was = draw_actors(before, asked[rows], noise, policy_steps)
    text = torch.randn(len(asked), 384)
    config = updated(SHORT, {'finetune': {'steps': 300},
                             'diffusion': {'policy_steps': policy_steps}})
    critic = train_critic(GO2, tried, 150, CriticConfig())
    behaviors = AskedBehaviors(asked, text, torch.ones(len(asked), dtype=torch.bool))
    follow_critic(model, before, critic, Tried(model, tried, behaviors), config, seed=0)
    drawn = draw_actors(model.eval(), asked[rows], noise, policy_steps)
    moved = (drawn - was)[:, :LATENT].mean(dim=0)
    assert moved[0] > 0.15
    assert moved[1:].abs().max() < moved[0] / 2
    t = torch.full((200,), 0.5)
    condition = {'text': torch.randn(200, 384), 'measures': torch.zeros(200, 29),
                 'trajectory': torch.zeros(200, 128)}
    present = torch.tensor([[True, False, False]]).expand(200, 3)
    with torch.no_grad():
        then, now = (net.denoiser(noise, t, net.condition(condition, present))
                     for net in (before, model))
    assert (now - then)[:, LATENT:].abs().mean() < moved[0] / 4


def test_nothing_that_training_may_not_read_is_kept(training):
    def walk(actors, seed):
        walked = pretend_walk(actors, seed)
        walked.measures[1] = FORBIDDEN
        return walked

    config = TrainConfig(finetune=FinetuneConfig(walks=300))
    tried = collect_critic_samples(networks(), training, walk, config, 0)
    assert 0 < len(tried) <= 298  # walked in two parts
    assert training.may_train(tried.measures.numpy()).all()
    fell = ~torch.isfinite(tried.measures).all(dim=1)
    assert fell.any() and not tried.gait[fell].any()
    assert (tried.gait[~fell] > 0).all()
    assert not tried.clip[fell].any() and tried.clip[~fell].any(dim=1).all()
    assert torch.equal(tried.relabelled[:, :LATENT], tried.samples[:, :LATENT])
    assert torch.isfinite(tried.relabelled[~fell]).all()
    asked_elsewhere = training.measures[tried.behavior.numpy()]
    assert training.may_train(asked_elsewhere).all()


def test_it_resumes_and_gives_the_same(training, tmp_path):
    def run(folder):
        made = networks()
        walks = finetune(made, training, pretend_walk, folder, SHORT)
        return walks, made.diffusion.state_dict()

    for name in 'ab':
        (tmp_path / name).mkdir()
    walks, once = run(tmp_path / 'a')
    assert 60 < walks <= 120
    written = {f.name: f.stat().st_mtime_ns for f in (tmp_path / 'a').iterdir()}
    assert {'tried-0.pt', 'finetuned-0.pt', 'tried-1.pt', 'finetuned-1.pt'} <= set(written)
    (tmp_path / 'a' / 'finetuned-1.pt').unlink()
    again, (_, anew) = run(tmp_path / 'a')[1], run(tmp_path / 'b')
    for name, value in once.items():
        assert torch.equal(value, again[name]), name
        assert torch.equal(value, anew[name]), name
    untouched = networks().diffusion.state_dict()
    assert any(not torch.equal(value, once[name]) for name, value in untouched.items())


def test_where_nothing_walks_the_model_stays(training, tmp_path, capsys):
    def fall(actors, seed):
        walked = pretend_walk(actors, seed)
        nobody = np.zeros(len(actors), bool)
        return replace(walked, survived=nobody, succeeded=nobody)

    made = networks()
    finetune(made, training, fall, tmp_path, updated(SHORT, {'finetune': {'rounds': 1}}))
    assert 'nothing to fine-tune on' in capsys.readouterr().err
    before, after = networks().diffusion.state_dict(), made.diffusion.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


@pytest.mark.parametrize('name', [field.name for field in fields(FinetuneConfig)])
def test_settings_are_checked(name):
    known = getattr(FinetuneConfig(), name)
    if is_dataclass(known):
        wrong, message = 1, f'{name} has settings of its own'
    elif isinstance(known, int):
        wrong, message = 0, f'{name} is 0: .* greater than or equal to 1'
    else:
        wrong, message = -0.1, f'{name} is -0.1: .* greater than or equal to 0'
    with pytest.raises(ConfigError, match=message):
        updated(FinetuneConfig(), {name: wrong})
