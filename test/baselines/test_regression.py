# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Regression learns what actors do from measures; a folded condition changes nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.baselines.regression import (
    CONDITIONED_POLICY,
    ConditionedActor,
    fold,
    train_conditioned_policy,
    train_hypernetwork,
    width_of_an_actor,
)
from policy_gen_ros.models.decoder import run_actors, shape_weights
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.training.dataset import measure_features
from policy_gen_ros.training.decoder import Visited
from policy_gen_ros.training.function_space import ActorData
from policy_gen_ros.training.loop import TrainingRun
import pytest
from small_archive import GO2, HELD_OUT, write_small_archive
import torch

# The actors of the small archive are random: one network of their size cannot do what all do.
TRAINERS = (train_hypernetwork, partial(train_conditioned_policy, hidden=96,
                                        config=replace(CONDITIONED_POLICY, batch=16)))


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    return Archive(write_small_archive(tmp_path_factory.mktemp('archive') / 'a'), HELD_OUT)


@pytest.fixture(scope='module')
def training(archive):
    return archive.training()


@pytest.fixture(scope='module')
def data(archive, training):
    return ActorData(training, archive.base_weights())


def nominal(training):
    """Condition of each actor's first behaviour. Shape: (n, 29)."""
    _, behavior = np.unique(training.actor, return_index=True)
    return measure_features(GO2.measures, training.measures[behavior])


def error(network, training, data, conditions=None):
    """Mean square action error on the actors' own states."""
    given = nominal(training) if conditions is None else conditions
    return (network.act(given, data.own.float()) - data.own_actions).square().mean().item()


@pytest.mark.parametrize('train', TRAINERS, ids=('hypernetwork', 'conditioned'))
def test_training_brings_actions_nearer_and_needs_the_condition(train, training, data):
    short, long = (train(data, training, TrainingRun(steps)) for steps in (10, 400))
    assert error(long, training, data) < 0.8 * error(short, training, data)
    other = nominal(training).roll(1, 0)
    assert error(long, training, data) < 0.8 * error(long, training, data, other)


@pytest.mark.parametrize('train', TRAINERS, ids=('hypernetwork', 'conditioned'))
def test_clock_and_command_are_learned(train, training, data):
    network = train(data, training, TrainingRun(300))
    wanted = GO2.extras.encode(training.controls, training.measures)[:, :GO2.extras.control_dim]
    got = network.controls(measure_features(GO2.measures, training.measures)).numpy()
    assert got.shape == wanted.shape == (len(training.measures), 4)
    assert np.abs(got - wanted).max() < 0.15
    assert np.abs(wanted).min(axis=0)[0] > 0.15  # a head that says 0 would be wrong


@pytest.mark.parametrize('train', TRAINERS, ids=('hypernetwork', 'conditioned'))
def test_flat_actors_act_as_the_network_does(train, training, data):
    network, condition = train(data, training, TrainingRun(20)), nominal(training)
    folded = run_actors(shape_weights(network.vectors(condition), network.layer_sizes),
                        data.own.float(), data.activation)
    assert torch.allclose(folded, network.act(condition, data.own.float()), atol=1e-4)
    assert not network.vectors(condition).requires_grad


@pytest.mark.parametrize('train', TRAINERS, ids=('hypernetwork', 'conditioned'))
def test_training_is_seeded(train, training, data):
    first, again, other = (train(data, training, TrainingRun(5, seed)).vectors(nominal(training))
                           for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


@pytest.mark.parametrize('train', TRAINERS, ids=('hypernetwork', 'conditioned'))
def test_states_that_were_visited_are_learned_as_well(train, training, data):
    far = (3.0 * torch.randn(len(data), 64, 49, generator=torch.Generator().manual_seed(0))).half()
    visited = Visited(far, data.actions(torch.arange(len(data)), lambda rows: far[rows].float()))
    alone, taught = (train(data, training, TrainingRun(300), visited=states)
                     for states in (None, visited))
    errors = [(network.act(nominal(training), far.float()) - visited.actions).square().mean()
              for network in (alone, taught)]
    assert errors[1] < 0.9 * errors[0]


def test_the_hypernetwork_writes_residuals_from_the_base_weights(archive, training, data):
    decoder = train_hypernetwork(data, training, TrainingRun(5)).decoder
    for start, (weight, bias) in zip(decoder.base, archive.base_weights()):
        assert np.array_equal(start[:-1].T, weight)
        assert np.array_equal(start[-1], bias)


def test_a_folded_condition_is_a_bias_and_nothing_else(training, data):
    policy = train_conditioned_policy(data, training, TrainingRun(20))
    one, two = (fold(policy, row) for row in nominal(training)[:2])
    assert [weight.shape for weight, _ in one] == [
        (b, a) for a, b in pairwise(policy.layer_sizes)]
    differs = [not np.array_equal(a, b) for first, second in zip(one, two)
               for a, b in zip(first, second)]
    assert differs == [False, True, False, False, False, False]
    flat = np.concatenate([part.ravel() for layer in one for part in layer])
    again = ActorWeights.layers_from_vector(flat, policy.layer_sizes)
    assert all(np.array_equal(a, b) for first, second in zip(one, again)
               for a, b in zip(first, second))


@pytest.mark.parametrize(('sizes', 'parameters'), [
    ((49, 192, 192, 12), 48_972), ((49, 24, 24, 12), 2_100), ((49, 64, 64, 64, 12), 12_300)])
def test_a_conditioned_policy_is_as_large_as_an_actor(sizes, parameters):
    policy = ConditionedActor(GO2, sizes, width_of_an_actor(GO2, sizes))
    count = sum(p.numel() for p in policy.network.parameters())
    assert count == pytest.approx(parameters, rel=0.03)
    assert policy.network[0].in_features == 49 + GO2.measures.features
    assert sum((a + 1) * b for a, b in pairwise(sizes)) == parameters


def test_hidden_sizes_can_be_chosen(training, data):
    assert train_conditioned_policy(
        data, training, TrainingRun(1), hidden=7).layer_sizes == (49, 7, 7, 12)
