# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Both papers' designs learn a handful of actors by heart, and say what they cannot do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from policy_gen_ros.baselines.baseline import choose_config, PaperBaseline
from policy_gen_ros.baselines.make_an_agent import MakeAnAgentConfig
from policy_gen_ros.baselines.policy_diffusion import PolicyDiffusionConfig
from policy_gen_ros.baselines.training import (
    BaselineActors,
    BaselineConditions,
    draw_times,
    SCALINGS,
    train_baseline,
    weight_scaling,
)
from policy_gen_ros.baselines.unet import UNetConfig
from policy_gen_ros.models.sampler import add_noise, T_MAX
import pytest
import torch

SIZES = (7, 16, 16, 3)
PARAMETERS = 8 * 16 + 17 * 16 + 17 * 3
ACTORS = 8
SMALL = {
    'make_an_agent': MakeAnAgentConfig(
        SIZES, unet=UNetConfig(16, 5, (32, 48), time_dim=32), autoencoder_batch=8,
        autoencoder_rate=1e-2, denoiser_batch=32, denoiser_rate=3e-3),
    'policy_diffusion': PolicyDiffusionConfig(
        SIZES, hyper_width=64, chunk_neurons=4, encoder_width=32, unet_width=24, token_dim=16,
        autoencoder_batch=8, autoencoder_rate=5e-3, denoiser_batch=32, denoiser_rate=3e-3,
        prediction='x0')}
"""
The papers' designs at the size of the actors of these tests.

Predicting noise, as Policy Diffusion has it, takes thousands of steps until conditions are
followed; that it learns is tested apart.
"""


def small_archive(seed=0):
    rng = torch.Generator().manual_seed(seed)
    start = 0.3 * torch.randn(PARAMETERS, generator=rng)
    weights = start + 0.1 * torch.randn(ACTORS, PARAMETERS, generator=rng)
    probe = torch.randn(ACTORS, 32, 7, generator=rng)
    # Two behaviours an actor, close to each other.
    conditions = 3 + 2 * torch.randn(ACTORS, 5, generator=rng).repeat(2, 1)
    conditions += 0.02 * torch.randn(2 * ACTORS, 5, generator=rng)
    return {'weights': weights, 'start': start, 'probe': probe, 'conditions': conditions,
            'actor': torch.arange(ACTORS).repeat(2)}


def train(kind, autoencoder_steps, denoiser_steps, config=None, **changes):
    data = {**small_archive(), **changes}
    config = replace(choose_config(kind, config or SMALL[kind]),
                     autoencoder_steps=autoencoder_steps, denoiser_steps=denoiser_steps)
    return train_baseline(
        config, BaselineActors(data['weights'], data['start'], data['probe']),
        BaselineConditions(data['conditions'], data['actor']))


@pytest.fixture(scope='module', params=list(SMALL))
def learned(request):
    return request.param, train(request.param, 400, 400)


def autoencoder_loss(baseline, data):
    torch.manual_seed(1)
    with torch.no_grad():
        return baseline.autoencoder.loss(data['weights'], data['probe']).item()


def test_autoencoder_learns_the_actors_by_heart(learned):
    kind, baseline = learned
    data = small_archive()
    untrained = train(kind, 1, 1)
    assert autoencoder_loss(baseline, data) < 0.1 * autoencoder_loss(untrained, data)


@pytest.mark.parametrize('config', [
    SMALL['make_an_agent'], SMALL['policy_diffusion'],
    replace(SMALL['policy_diffusion'], prediction='noise')])
def test_denoiser_learns(config):
    data = small_archive()
    kind = 'make_an_agent' if config == SMALL['make_an_agent'] else 'policy_diffusion'
    untrained, trained = (train(kind, 1, steps, config) for steps in (1, 80))
    losses = []
    for baseline in (untrained, trained):
        rng = torch.Generator().manual_seed(0)
        latent = baseline.autoencoder.encode(data['weights'])
        x0 = ((latent - baseline.latent_mean) / baseline.latent_std).repeat(8, 1)
        t, noise = torch.rand(64, generator=rng), torch.randn(x0.shape, generator=rng)
        losses.append(baseline.denoiser().loss(x0, add_noise(x0, noise, t), noise, t, data[
            'conditions'][:ACTORS].repeat(8, 1)).item())
    assert losses[1] < 0.5 * losses[0]


def test_generated_weights_are_those_of_the_conditions_actor(learned):
    """Nearest among the archive's actors, by weights or, for the loss on actions, by actions."""
    kind, baseline = learned
    data = small_archive()
    generated = baseline.generate(data['conditions'][:ACTORS], seed=3)
    assert generated.shape == (ACTORS, PARAMETERS)
    assert torch.cdist(generated, data['weights']).argmin(dim=1).tolist() == list(range(ACTORS))
    if kind == 'policy_diffusion':
        states = data['probe'][:1].expand(ACTORS, -1, -1)
        actions, wanted = (baseline.autoencoder.actions(w, states).flatten(1)
                           for w in (generated, data['weights']))
        assert torch.cdist(actions, wanted).argmin(dim=1).tolist() == list(range(ACTORS))


def test_seeds_decide_and_batches_do_not(learned):
    _, baseline = learned
    conditions = small_archive()['conditions'][:3]
    generated = baseline.generate(conditions, seed=5, steps=4)
    assert torch.equal(generated, baseline.generate(conditions, seed=5, steps=4))
    assert not torch.equal(generated, baseline.generate(conditions, seed=6, steps=4))
    assert torch.allclose(generated[:1], baseline.generate(conditions[:1], seed=5, steps=4),
                          atol=1e-5)


def test_state_dict_holds_everything(learned):
    kind, baseline = learned
    copy = PaperBaseline(SMALL[kind], {'condition': 5})
    copy.eval().load_state_dict(baseline.state_dict())
    conditions = small_archive()['conditions'][:2]
    assert torch.allclose(copy.generate(conditions, steps=2),
                          baseline.generate(conditions, steps=2), atol=1e-5)


@pytest.mark.parametrize('kind', list(SMALL))
def test_training_repeats_itself(kind):
    first, second = (train(kind, 4, 4).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_guidance_needs_condition_dropout():
    with pytest.raises(ValueError, match='condition_dropout'):
        train('policy_diffusion', 1, 1).generate(torch.zeros(1, 5), guidance=2.0)
    with pytest.raises(ValueError, match='condition_dropout'):
        train('make_an_agent', 1, 1).generate(torch.zeros(1, 5), guidance=2.0)
    config = PolicyDiffusionConfig(SIZES, chunk_neurons=4, hyper_width=16, unet_width=16,
                                   condition_dropout=0.5)
    baseline = train('policy_diffusion', 2, 20, config)
    plain, guided = (baseline.generate(torch.ones(2, 5), steps=3, guidance=g) for g in (1, 2))
    assert plain.shape == guided.shape == (2, PARAMETERS)
    assert not torch.allclose(plain, guided)


def test_no_steps_are_refused():
    for steps in ((0, 1), (1, 0)):
        with pytest.raises(ValueError, match=r'_steps\n.* greater than or equal to 1'):
            train('make_an_agent', *steps)
    with pytest.raises(ValueError, match='at least 1'):
        train('make_an_agent', 1, 1).generate(torch.zeros(1, 5), steps=0)


@pytest.mark.parametrize('kind', SCALINGS)
def test_scaling(kind):
    data = small_archive()
    data['weights'][:, 0] = 1.0  # never varies
    centre, scale = weight_scaling(data['weights'], data['start'], kind)
    scaled = (data['weights'] - centre) / scale
    assert torch.isfinite(scaled).all()
    if kind == 'raw':
        assert torch.equal(scaled, data['weights'])
    else:
        assert scaled[:, 1:].square().mean().sqrt().item() == pytest.approx(1, abs=0.3)


def test_sampler_meets_only_times_that_were_trained():
    times = draw_times(5000, np.random.default_rng(0))
    assert times.min() > 0 and times.max() == T_MAX
    trained = times.unique()
    assert len(trained) == 100
    for steps in (1, 4, 10, 100):
        asked = torch.linspace(T_MAX, 0.0, steps + 1)[:-1]
        assert (asked[:, None] - trained).abs().min(dim=1).values.max() < 1e-6


@pytest.mark.parametrize(('changes', 'message'), [
    ({'weights': torch.zeros(8, 5)}, 'parameters'),
    ({'start': torch.zeros(3)}, 'parameters'),
    ({'probe': torch.zeros(8, 32, 6)}, 'probe must have shape'),
    ({'actor': torch.arange(3)}, 'as many actor rows'),
    ({'actor': torch.full((16,), 8)}, r'must lie in 0\.\.7'),
    ({'conditions': torch.full((16, 5), torch.nan)}, 'conditions holds values')])
def test_tensors_that_do_not_fit_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        train('make_an_agent', 1, 1, **changes)


def test_kind_and_config_must_belong_together():
    with pytest.raises(ValueError, match='kind is'):
        train('gan', 1, 1, SMALL['make_an_agent'])
    with pytest.raises(ValueError, match='needs a MakeAnAgentConfig'):
        train('make_an_agent', 1, 1, SMALL['policy_diffusion'])
