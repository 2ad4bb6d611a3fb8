# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Shapes and sizes of the networks of both papers."""

from __future__ import annotations

from dataclasses import replace

from policy_gen_ros.baselines.baseline import PaperBaseline
from policy_gen_ros.baselines.make_an_agent import (
    BehaviorDenoiser,
    LayerwiseAutoencoder,
    MakeAnAgentConfig,
    PUBLISHED_CONFIG,
)
from policy_gen_ros.baselines.policy_diffusion import (
    AUTOENCODER_LATENT_DIM,
    PolicyDiffusionConfig,
    TokenDenoiser,
    VariationalAutoencoder,
)
from policy_gen_ros.baselines.unet import (
    ARCHIVE_SIZED,
    ConditionalUNet1D,
    ConditionalUNet2D,
    PUBLISHED,
    UNetConfig,
)
from policy_gen_ros.models.decoder import run_actors, shape_weights
from policy_gen_ros.models.sampler import add_noise
import pytest
import torch

ACTOR_PARAMETERS = 48_972


def size_m(module):
    return sum(p.numel() for p in module.parameters()) / 1e6


def test_published_unet_has_163_million_parameters():
    with torch.device('meta'):
        assert size_m(ConditionalUNet1D(PUBLISHED)) == pytest.approx(163, rel=0.03)


def test_published_autoencoder_has_two_linear_maps_of_every_weight():
    with torch.device('meta'):
        network = LayerwiseAutoencoder(PUBLISHED_CONFIG, torch.empty(ACTOR_PARAMETERS),
                                       torch.empty(ACTOR_PARAMETERS))
    # No bias; the rest is the LayerNorm.
    assert size_m(network) * 1e6 == 2 * 1024 * ACTOR_PARAMETERS + 2 * 1024
    assert network.latent_dim == 2 * 1024


@pytest.mark.parametrize('config', [MakeAnAgentConfig(), PolicyDiffusionConfig()])
def test_archive_sized_baselines_have_some_million_parameters(config):
    baseline = PaperBaseline(config, {'trajectory': 128})
    counts = baseline.parameter_counts()
    assert 0.5e6 < counts['denoiser'] < 3e6
    assert 0.5e6 < counts['decoder'] < 3e6
    assert counts['scaling'] == 2 * ACTOR_PARAMETERS
    assert baseline.parameter_count() == sum(counts.values()) - counts['encoder']
    assert sum(counts.values()) - counts['scaling'] == sum(
        p.numel() for p in baseline.parameters())


@pytest.mark.parametrize('tokens', [1, 2, 3, 5])
@pytest.mark.parametrize('kernel_size', [3, 5])
def test_unet_takes_any_number_of_tokens(tokens, kernel_size):
    config = UNetConfig(6, 4, (8, 16, 16), kernel_size)
    x = torch.randn(3, tokens, 6)
    assert ConditionalUNet1D(config)(x, torch.rand(3), torch.randn(3, 4)).shape == x.shape


def test_unet_hears_time_condition_and_the_other_tokens():
    torch.manual_seed(0)
    network = ConditionalUNet1D(replace(ARCHIVE_SIZED, channels=6, condition_dim=4))
    x, t, condition = torch.randn(2, 2, 6), torch.full((2,), 0.5), torch.randn(2, 4)
    before = network(x, t, condition)
    assert not torch.allclose(before, network(x, t + 0.1, condition), atol=1e-4)
    assert not torch.allclose(before, network(x, t, condition + 1), atol=1e-4)
    x[:, 1] += 1
    assert not torch.allclose(before[:, 0], network(x, t, condition)[:, 0], atol=1e-4)


@pytest.mark.parametrize('kwargs', [{'widths': ()}, {'widths': (12,)},
                                    {'widths': (8,), 'kernel_size': 4}])
def test_unet_refuses_sizes_that_do_not_fit(kwargs):
    with pytest.raises(ValueError, match='must be'):
        UNetConfig(6, 4, **kwargs)


def test_2d_unet_attends_to_tokens_that_differ():
    torch.manual_seed(0)
    network = ConditionalUNet2D(4, 16, token_dim=8)
    x, t, tokens = torch.randn(2, 4, 4, 4), torch.rand(2), torch.randn(2, 3, 8)
    before = network(x, t, tokens)
    assert before.shape == x.shape
    assert not torch.allclose(before, network(x, t, tokens.roll(1, dims=0)), atol=1e-5)
    # Attention has no order of its own.
    assert torch.allclose(before, network(x, t, tokens.flip(1)), atol=1e-5)


def test_chunks_of_layers_must_add_up():
    assert MakeAnAgentConfig().chunk_sizes == (9600, 39_372)
    assert MakeAnAgentConfig(layers_per_chunk=(1, 1, 1)).chunk_sizes == (9600, 37_056, 2316)
    with pytest.raises(ValueError, match='add up'):
        MakeAnAgentConfig(layers_per_chunk=(1, 1))


@pytest.mark.parametrize(('network', 'config'), [
    (LayerwiseAutoencoder, MakeAnAgentConfig()),
    (VariationalAutoencoder, PolicyDiffusionConfig())])
def test_autoencoders_turn_actors_into_latents_and_back(network, config):
    torch.manual_seed(0)
    centre, scale = torch.randn(ACTOR_PARAMETERS), torch.full((ACTOR_PARAMETERS,), 0.01)
    autoencoder = network(config, centre, scale)
    latent = autoencoder.encode(centre + scale * torch.randn(3, ACTOR_PARAMETERS))
    assert latent.shape == (3, autoencoder.latent_dim)
    weights = autoencoder.decode(latent)
    assert weights.shape == (3, ACTOR_PARAMETERS)
    assert (weights - centre).abs().max() < 0.1
    actions = run_actors(shape_weights(weights, config.layer_sizes), torch.randn(3, 5, 49), 'elu')
    assert actions.shape == (3, 5, 12)


def test_hypernetwork_writes_weight_before_bias():
    """Rows of a node are neurons: the last value of each is the bias."""
    config = PolicyDiffusionConfig((3, 5, 2), chunk_neurons=2, hyper_width=8)
    vae = VariationalAutoencoder(config, torch.zeros(32), torch.ones(32))
    for head in vae.decoder.heads:
        torch.nn.init.zeros_(head.weight)
        with torch.no_grad():
            head.bias.reshape(-1, head.out_features // 2)[:, -1] = 7.0  # two neurons a node
    (first, first_bias), (second, second_bias) = shape_weights(
        vae.decode(torch.zeros(1, AUTOENCODER_LATENT_DIM)), config.layer_sizes)
    assert (first == 0).all() and (second == 0).all()
    assert (first_bias == 7).all() and (second_bias == 7).all()


def test_perfect_noise_gives_the_clean_latent(monkeypatch):
    network = TokenDenoiser(PolicyDiffusionConfig(), torch.zeros(5), torch.ones(5))
    x0, noise = torch.randn(2, 4, AUTOENCODER_LATENT_DIM)
    t = torch.rand(4)
    noisy = add_noise(x0, noise, t)
    monkeypatch.setattr(network, 'predict', lambda *_: noise)
    assert torch.allclose(network.predict_x0(noisy, t, network.embed(torch.randn(4, 5))), x0,
                          atol=1e-3)


@pytest.mark.parametrize('wrong', [{'prediction': 'v'}, {'condition_dropout': 1.0}])
def test_policy_diffusion_refuses_what_it_does_not_know(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        PolicyDiffusionConfig(**wrong)


@pytest.mark.parametrize(('network', 'config'), [
    (BehaviorDenoiser, MakeAnAgentConfig()), (TokenDenoiser, PolicyDiffusionConfig())])
def test_denoisers_scale_conditions_the_same_in_training_and_generation(network, config):
    condition = torch.randn(6, 5)
    mean, std = torch.randn(5), torch.rand(5) + 0.5
    torch.manual_seed(0)
    plain = network(config, torch.zeros(5), torch.ones(5))
    torch.manual_seed(0)
    scaling = network(config, mean, std)
    assert torch.allclose(plain.embed(condition), scaling.embed(condition * std + mean), atol=1e-5)
