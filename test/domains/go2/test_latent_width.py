# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A latent may be wider than walk-these-ways': everything follows the adaptor."""

from dataclasses import replace

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.base_config import (
    BaseWeightsTraining,
    FinetuningConfig,
    ImitationConfig,
)
from policy_gen_ros.domains.go2.building.clone import clone_gaits, CloningBase
from policy_gen_ros.domains.go2.building.collect import collect, StateBatch
from policy_gen_ros.domains.go2.building.config import CloningConfig
from policy_gen_ros.domains.go2.building.learn_base import common_start, train_base
from policy_gen_ros.domains.go2.building.runs import FinetuningTask, train_runs
from policy_gen_ros.domains.go2.building.training_rollouts import collect_rollouts
from policy_gen_ros.domains.go2.domain import Go2
from policy_gen_ros.domains.go2.robot.observation import observation_fields
from policy_gen_ros.domains.go2.spec import ActorSpec
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_walks
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.policies.spec import parameter_count, read_spec, SpecError
from policy_gen_ros.policies.weights import ActorWeights, layer_sizes
import pytest
from wide_latent import narrow_actor, TWO_VALUE_ADAPTOR, wide_actor, wide_adaptor

WIDTH = 12


@pytest.fixture(scope='module')
def adaptor():
    return Adaptor.load(TWO_VALUE_ADAPTOR)


@pytest.fixture(scope='module')
def wide(adaptor):
    return wide_adaptor(adaptor, WIDTH)


@pytest.fixture(scope='module')
def actor():
    return narrow_actor(ActorWeights.load(bundle_path() / 'calm.safetensors'))


def test_the_spec_of_an_actor_follows_from_its_inputs():
    assert ActorSpec.of_layers(2.5, (49, 192, 192, 12)) == ActorSpec(clock_hz=2.5)
    spec = ActorSpec.of_layers(2.5, (59, 64, 12))
    assert (spec.latent_dim, dict(spec.observation)['latent']) == (WIDTH, WIDTH)
    assert read_spec(spec.to_json()) == spec


@pytest.mark.parametrize(('changes', 'why'), [
    ({'latent_dim': 0, 'observation': observation_fields(0)}, 'latent_dim is 0'),
    ({'latent_dim': 65}, 'latent_dim is 65'), ({'latent_dim': '2'}, "latent_dim is '2'"),
    ({'latent_dim': 2}, 'observation is'), ({'observation': observation_fields(2)}, 'observation'),
    ({'layer_sizes': (49, 64, 12)}, 'with latent_dim 12 expected 59 inputs')])
def test_a_spec_whose_parts_do_not_fit_is_refused(changes, why):
    with pytest.raises(SpecError, match=why):
        replace(ActorSpec.of_layers(2.5, (59, 64, 12)), **changes)
    with pytest.raises(SpecError, match='latent_dim is -40'):
        ActorSpec.of_layers(2.5, (7, 64, 12))


def test_the_bytes_of_a_wide_actor_are_read_again(actor):
    wide = wide_actor(actor, WIDTH)
    copy = ActorWeights.from_bytes(wide.to_bytes())
    assert (copy.spec, copy.sha256) == (wide.spec, wide.sha256)


def test_an_actor_that_ignores_what_is_new_walks_as_before(actor, adaptor, wide):
    one, = rollout_actors([actor], adaptor, 2.0)
    other, = rollout_actors([wide_actor(actor, WIDTH)], wide, 2.0)
    # Sums of more terms are rounded differently, and legs on the ground make that larger.
    assert np.allclose(one.trajectory[:20], other.trajectory[:20], atol=1e-3)
    assert other.survived


def test_an_actor_reads_what_is_new(actor, wide):
    reader = wide_actor(actor, WIDTH)
    (weight, bias), *others = reader.layers
    weight = weight.copy()
    weight[:, 56] = 1.0  # the last value of the latent
    reader = replace(reader, layers=((weight, bias), *others))
    one, other = rollout_actors([wide_actor(actor, WIDTH), reader], wide, 1.0)
    rows = min(len(one.trajectory), len(other.trajectory))
    assert np.abs(one.trajectory[:rows] - other.trajectory[:rows]).max() > 0.05


def test_an_actor_under_another_adaptor_is_refused(actor, adaptor, wide):
    with pytest.raises(SpecError, match='reads a latent of 2 values, the adaptor gives 12'):
        rollout_actors([actor], wide, 1.0)
    with pytest.raises(SpecError, match='reads a latent of 12 values, the adaptor gives 2'):
        rollout_actors([wide_actor(actor, WIDTH)], adaptor, 1.0)


def test_base_clones_and_reinforced_actors_read_it(wide):
    imitation = ImitationConfig(rounds=1, robots=10, ticks=20, steps=3, batch=16)
    base = train_base(wide, imitation, 0)
    assert layer_sizes(base.layers())[0] == 59 + 15  # and the features of a gait
    assert type(base).from_layers(base.layers()).layers()[0][0].shape == (384, 74)
    gaits, nominal = sample_walks(2, np.random.default_rng(0))
    pool = StateBatch.concatenate(collect(None, gaits, nominal, wide, 20, 0))
    start = common_start(base, pool, BaseWeightsTraining(steps=2), 0)
    clones = clone_gaits(gaits, nominal, CloningBase(base, start, pool, wide),
                         CloningConfig(rounds=1, steps=2, ticks=10), 0)
    stages = FinetuningConfig(stages=1, robots=2, iterations=1, horizon=5)
    runs = train_runs(FinetuningTask(clones, gaits, nominal, wide), stages, 0, (1.0,))
    assert runs.weights.shape == (1, 2, parameter_count((59, 192, 192, 12)))


def test_states_hold_the_latent_of_their_adaptor(wide):
    gaits, nominal = sample_walks(3, np.random.default_rng(0))
    states = StateBatch.concatenate(collect(None, gaits, nominal, wide, 5, 0))
    assert states.observations().shape == (15, 59)
    assert np.array_equal(states.observations()[:, 45:57], states.latent)


def test_what_actors_met_is_as_wide_as_what_they_saw(actor, wide):
    batch = collect_rollouts([wide_actor(actor, WIDTH)], wide, 0)
    assert batch.observations.shape == (1, 48, 59)


def test_a_domain_makes_actors_as_wide_as_their_layers(actor):
    layers = wide_actor(actor, WIDTH).layers
    made = Go2().make_policy(layers, np.array([2.5, 0.3, 0.0, 0.0]), {})
    assert made.spec.latent_dim == WIDTH
