# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Latents are what actors do: errors in them are action errors."""

from __future__ import annotations

from policy_gen_ros.archive.store import Archive
from policy_gen_ros.models.decoder import DecoderConfig, run_actors, shape_weights
from policy_gen_ros.training.config import DecoderTraining
from policy_gen_ros.training.decoder import start_decoder, train_decoder, Visited
from policy_gen_ros.training.function_space import ActorData, find_function_space
from policy_gen_ros.training.loop import TrainingRun
import pytest
from small_archive import HELD_OUT, write_small_archive
import torch

TRAINING = DecoderTraining(batch=16)


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    archive = Archive(write_small_archive(tmp_path_factory.mktemp('archive') / 'a'), HELD_OUT)
    return ActorData(archive.training(), archive.base_weights())


def test_actions_are_those_of_the_stored_actors(data):
    flat = data.weights[3:4].float()
    own = run_actors(shape_weights(flat, data.sizes), data.own[3:4].float(), 'elu')
    common = run_actors(shape_weights(flat, data.sizes), data.common[None], 'elu')
    assert torch.allclose(own[0], data.own_actions[3], atol=1e-5)
    assert torch.allclose(common[0], data.common_actions[3], atol=1e-5)


def test_a_start_of_other_layers_is_refused(tmp_path):
    archive = Archive(write_small_archive(tmp_path / 'a'), HELD_OUT)
    with pytest.raises(ValueError, match=r'base weights .* do not have layers'):
        ActorData(archive.training(), archive.base_weights()[1:])


def test_latents_have_unit_variance_and_measure_action_errors(data):
    # As many components as actors differ in: nothing is lost.
    space, held = find_function_space(data.common_actions, len(data) - 1)
    latent = space.encode(data.common_actions)
    assert held == pytest.approx(1.0, abs=1e-6)
    assert torch.allclose(latent.square().mean(dim=0), torch.ones(len(data) - 1), atol=1e-3)
    assert space.importance.sum() == pytest.approx(1.0)
    apart = ((latent[0] - latent[1]) * space.spread).square().sum()
    actions = (data.common_actions[0] - data.common_actions[1]).square().sum()
    assert apart == pytest.approx(actions.item(), rel=1e-3)


def test_fewer_components_hold_less(data):
    shares = [find_function_space(data.common_actions, count)[1] for count in (2, 8, 16)]
    assert shares == sorted(shares) and shares[0] < 0.9 * shares[2]


def test_training_brings_decoded_actions_nearer(data):
    space, _ = find_function_space(data.common_actions, 16)
    latent = space.encode(data.common_actions)
    decoder = start_decoder(data, DecoderConfig(data.sizes, 16, rank=24, width=32), seed=0)
    short = train_decoder(data, latent, decoder, TRAINING, TrainingRun(20))
    long = train_decoder(data, latent, decoder, TRAINING, TrainingRun(300))
    assert long < 0.7 * short


def test_states_that_were_visited_are_learned_as_well(data):
    space, _ = find_function_space(data.common_actions, 16)
    latent = space.encode(data.common_actions)
    generator = torch.Generator().manual_seed(0)
    far = (4.0 + torch.randn(len(data), 64, 49, generator=generator)).half()
    visited = Visited(far, data.actions(torch.arange(len(data)), lambda rows: far[rows].float()))

    def error_there(states):
        decoder = start_decoder(data, DecoderConfig(data.sizes, 16, rank=24, width=32), seed=0)
        train_decoder(data, latent, decoder, TRAINING, TrainingRun(250), states)
        with torch.no_grad():
            got = run_actors(decoder.weights(latent), far.float(), 'elu')
        return (got - visited.actions).square().mean().item()

    assert error_there(visited) < 0.8 * error_there(None)
