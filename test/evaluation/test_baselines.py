# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Baselines answer goals from the training actors alone, and each is what its name says."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.baselines.regression import fold, train_conditioned_policy, train_hypernetwork
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES, MEASURES
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.evaluation.studies import baselines
from policy_gen_ros.evaluation.studies.baselines import (
    Blend,
    blend_weights,
    fit_kernel,
    fit_linear,
    Learned,
    nearest_training_distance,
    neighbours,
    typical_distance,
    weight_baselines,
)
from policy_gen_ros.training.function_space import ActorData
from policy_gen_ros.training.loop import TrainingRun
import pytest
from scipy.spatial.distance import cdist
from small_archive import GO2, HELD_OUT, LAYERS, write_small_archive
import torch

FREQUENCY, VELOCITY = MEASURE_NAMES.index('frequency_hz'), slice(10, 13)


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    return Archive(write_small_archive(tmp_path_factory.mktemp('archive') / 'a'), HELD_OUT)


@pytest.fixture(scope='module')
def training(archive):
    """Made so that weights, clocks and commands follow from the measures, but not linearly."""
    training = archive.training()
    rng = np.random.default_rng(0)
    bend = 3 * rng.standard_normal((4, 8))
    nominal = training.measures[np.unique(training.actor, return_index=True)[1]]
    hidden = np.sin(nominal[:, :4] @ bend)
    weights = hidden @ (0.05 * rng.standard_normal((8, training.weights.shape[1])))
    clock = 2.0 + nominal[training.actor, :1]
    return replace(training, weights=weights.astype(np.float16), controls=np.concatenate(
        [clock, training.measures[:, VELOCITY] + 0.1], axis=1))


@pytest.fixture(scope='module')
def data(archive, training):
    return ActorData(training, archive.base_weights())


@pytest.fixture(scope='module')
def fitted(training, data):
    return weight_baselines(training, data)


@pytest.fixture
def goals(training):
    """Not the measures of any actor. Shape: (3, 13)."""
    between = (training.measures[[0, 8, 40]] + training.measures[[20, 28, 60]]) / 2
    between[:, FREQUENCY], between[:, 10] = 2.9, 0.2
    return between


def vectors_of(actors):
    return np.stack([actor.to_vector() for actor in actors])


def test_every_baseline_answers_every_goal(fitted, goals):
    assert list(fitted) == ['nearest_neighbour', 'interpolation', 'linear', 'kernel', 'noise',
                            'mean']
    answers = {name: baseline.actors(goals) for name, baseline in fitted.items()}
    assert all(len(actors) == 3 and actors[0].spec.layer_sizes == LAYERS
               for actors in answers.values())
    flat = [vectors_of(actors) for actors in answers.values()]
    assert not any(np.allclose(a, b) for i, a in enumerate(flat) for b in flat[:i])


@pytest.mark.parametrize('broken', [
    np.zeros(13), np.zeros((1, 12)), np.full((1, 13), np.nan)])
def test_goals_that_are_not_complete_are_refused(fitted, training, data, broken):
    learned = Learned(train_hypernetwork(data, training, TrainingRun(1)))
    for baseline in (*fitted.values(), learned):
        with pytest.raises(ValueError, match='13 complete measures'):
            baseline.actors(broken)


def test_the_nearest_is_a_training_actor_with_its_own_clock(fitted, training, data, goals):
    near = fitted['nearest_neighbour'].actors(goals)
    apart = cdist(MEASURES.encode(goals), MEASURES.encode(training.measures))
    for actor, row, goal in zip(near, apart.argmin(axis=1), goals):
        expected = training.policy(int(row))
        assert np.array_equal(actor.to_vector(), expected.to_vector())
        assert actor.nominal_command == tuple(goal[VELOCITY]) == pytest.approx((0.2, 0.0, 0.0))
        assert actor.spec.clock_hz == pytest.approx(expected.spec.clock_hz) != 2.9
    assert np.array_equal(nearest_training_distance(vectors_of(near), data), np.zeros(3))


def test_neighbours_count_by_their_distance():
    known = np.array([[0.0], [3.0], [10.0]])
    assert neighbours(known, 2)(np.array([[1.0], [0.0]])) == pytest.approx(
        np.array([[2 / 3, 1 / 3, 0.0], [1.0, 0.0, 0.0]]), abs=1e-5)


def test_interpolation_mixes_clocks_and_keeps_the_asked_velocity(fitted, training, goals):
    baseline = fitted['interpolation']
    shares = baseline.coefficients(MEASURES.encode(goals))
    assert ((shares > 0).sum(axis=1) == baselines.NEIGHBOURS).all()
    actors = baseline.actors(goals)
    assert [actor.spec.clock_hz for actor in actors] == pytest.approx(
        shares @ training.controls[:, 0])
    assert np.allclose([actor.nominal_command for actor in actors], goals[:, VELOCITY])


def test_the_mean_actor_does_not_depend_on_the_goal(fitted, training, goals):
    actors = fitted['mean'].actors(goals)
    mean = training.weights.astype(np.float64)[training.actor].mean(axis=0)
    assert np.allclose(vectors_of(actors), mean, atol=1e-5)
    assert [actor.spec.clock_hz for actor in actors] == pytest.approx([2.9] * 3)
    assert np.allclose([actor.nominal_command for actor in actors], goals[:, VELOCITY])


def test_blends_are_sums_of_actors_in_any_blocks(training, data, monkeypatch):
    shares = np.random.default_rng(0).standard_normal((2, len(training.actor)))
    expected = shares @ training.weights[training.actor].astype(np.float64)
    for block in (256, 5):
        monkeypatch.setattr(baselines, 'BLOCK', block)
        assert np.allclose(blend_weights(shares, training.actor, data), expected, atol=1e-4)


def test_linear_regression_is_ridge_regression(training, data, goals, monkeypatch):
    monkeypatch.setattr(baselines, 'LINEAR_PENALTIES', (2.0,))
    x, y = MEASURES.encode(training.measures), training.weights[training.actor].astype(float)
    centred, mean = x - x.mean(axis=0), y.mean(axis=0)
    solved = np.linalg.solve(centred.T @ centred + 2 * np.eye(29), centred.T @ (y - mean))
    expected = (MEASURES.encode(goals) - x.mean(axis=0)) @ solved + mean
    got = vectors_of(fit_linear(training, data).actors(goals))
    assert np.allclose(got, expected, atol=1e-4)


def test_regressions_predict_clock_and_command(fitted, goals, training):
    clock = 2.0 + goals[:, 0]
    for name in ('linear', 'kernel'):
        actors = fitted[name].actors(goals)
        assert np.abs([actor.spec.clock_hz for actor in actors] - clock).max() < 0.1, name
    known = training.measures[::20].copy()
    command = np.array([actor.nominal_command for actor in fitted['linear'].actors(known)])
    assert np.abs(command - known[:, VELOCITY] - 0.1).max() < 0.02  # more than was asked


def test_commands_stay_in_range(training, data, goals):
    far = goals.copy()
    far[:, 10] = 4000.0
    learned = Learned(train_hypernetwork(data, training, TrainingRun(50)))
    for baseline in (fit_linear(training, data), learned):
        fastest = max(actor.nominal_command[0] for actor in baseline.actors(far))
        assert fastest == go2.COMMAND_UPPER[0]


def test_a_learned_baseline_decodes_clock_and_command_beside_what_the_goal_says(goals):
    command = goals[:, VELOCITY] + [0.05, 0.0, -0.1]
    given = np.concatenate([np.full((3, 1), 2.2), command], axis=1)
    controls = torch.from_numpy(GO2.extras.encode(given, goals)[:, :GO2.extras.control_dim])
    parameters = sum((a + 1) * b for a, b in pairwise(LAYERS))
    network = SimpleNamespace(domain=GO2, layer_sizes=LAYERS, controls=lambda condition: controls,
                              vectors=lambda condition: torch.zeros(3, parameters))
    actors = Learned(network).actors(goals)
    assert [actor.spec.clock_hz for actor in actors] == pytest.approx([2.2] * 3)
    assert np.allclose([actor.nominal_command for actor in actors], command, atol=1e-5)


def test_a_kernel_explains_what_is_not_linear(training, data, monkeypatch):
    known, y = training.measures[::4], training.weights[training.actor[::4]]

    def left(baseline):
        return np.abs(vectors_of(baseline.actors(known)) - y).mean()

    kernel = fit_kernel(training, data)
    assert left(kernel) < 0.7 * left(fit_linear(training, data))
    monkeypatch.setattr(baselines, 'KERNEL_BEHAVIORS', 20)
    few = fit_kernel(training, data)
    assert (few.coefficients(MEASURES.encode(known)).std(axis=0) > 1e-9).sum() == 20
    assert left(few) > left(kernel)


def test_settings_are_chosen_on_actors_that_were_left_out(training, data, monkeypatch):
    """A penalty that explains nothing and one that explains: the second is taken, either way."""
    chosen = []
    for penalties in ((1e9, 0.1), (0.1, 1e9)):
        monkeypatch.setattr(baselines, 'KERNEL_PENALTIES', penalties)
        chosen.append(vectors_of(fit_kernel(training, data).actors(training.measures[:8])))
    assert np.array_equal(*chosen)
    assert not np.allclose(chosen[0][0], chosen[0][4])


def test_noise_is_as_long_as_it_says(fitted, data, goals):
    near, noisy = (vectors_of(fitted[name].actors(goals)) for name in
                   ('nearest_neighbour', 'noise'))
    wanted = baselines.NOISE_SHARE * typical_distance(data)
    assert np.linalg.norm(noisy - near, axis=1) == pytest.approx([wanted] * 3, rel=0.1)
    alone = fitted['noise'].actors(goals[:1])[0].to_vector()
    assert np.allclose(alone, noisy[0], atol=1e-6)
    other = replace(fitted['noise'], seed=1)
    assert isinstance(other, Blend) and not np.allclose(vectors_of(other.actors(goals)), noisy)


def test_learned_baselines_use_their_own_clock_command_and_layers(training, data, goals):
    policy = train_conditioned_policy(data, training, TrainingRun(300))
    condition = torch.from_numpy(MEASURES.encode(goals))
    for actor, row, clock in zip(Learned(policy).actors(goals), condition, 2.0 + goals[:, 0]):
        assert actor.spec.layer_sizes == policy.layer_sizes != LAYERS
        for layer, folded in zip(actor.layers, fold(policy, row)):
            assert np.array_equal(layer[0], folded[0]) and np.array_equal(layer[1], folded[1])
        assert abs(actor.spec.clock_hz - clock) < 0.2
        assert 0.2 < actor.nominal_command[0] < 0.45
    assert policy.controls(condition).shape == (3, GO2.extras.control_dim) == (3, 4)


def test_distance_is_in_distances_of_training_actors(data, monkeypatch):
    weights = data.weights.float()
    apart = torch.cdist(weights.double(), weights.double())
    apart.fill_diagonal_(torch.inf)
    nearest = apart.min(dim=1).values
    assert typical_distance(data) == pytest.approx(float(nearest.median()), rel=0.1)
    step = torch.zeros_like(weights[:2])
    step[:, 7] = 0.01
    expected = 0.01 / typical_distance(data)
    for block in (256, 5):
        monkeypatch.setattr(baselines, 'BLOCK', block)
        got = nearest_training_distance((weights[[3, 30]] + step).numpy(), data)
        assert got == pytest.approx([expected] * 2, rel=1e-3)
    assert nearest_training_distance(weights[:1].numpy() + 1.0, data, 2.0)[0] == pytest.approx(
        0.5 * float((weights[0] + 1.0 - weights).norm(dim=1).min()))
    with pytest.raises(ValueError, match='actors of shape'):
        nearest_training_distance(np.zeros((1, 5), np.float32), data)
