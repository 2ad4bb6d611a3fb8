# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Domains of the family as the core sees them."""

import json
import pickle

import numpy as np
from policy_gen_ros.archive.split import HeldOut
from policy_gen_ros.domains import find_domain
from policy_gen_ros.policies.spec import read_spec, SpecError
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.training.ppo import new_network
import pytest


@pytest.fixture(params=['halfcheetah', 'walker2d', 'ant', 'humanoid'])
def domain(request):
    return find_domain(request.param)


def test_a_policy_comes_back_from_its_bytes(domain):
    name = domain.measures.names[0]
    policy = domain.make_policy(new_network(domain.network.layer_sizes, 0), np.zeros(0),
                                {name: 0.5}, 'hop')
    again = ActorWeights.from_bytes(policy.to_bytes())
    assert again.spec == policy.spec and again.sha256 == policy.sha256
    assert (again.goal, dict(again.measures)) == ('hop', {name: 0.5})


def test_a_policy_for_another_machine_is_refused(domain):
    inputs, *_, outputs = domain.network.layer_sizes
    sizes = (inputs, 8, 8, outputs)
    raw = json.loads(domain.make_policy(new_network(sizes, 0), np.zeros(0), {}).spec.to_json())
    assert read_spec(json.dumps(raw)).layer_sizes == sizes
    with pytest.raises(SpecError, match='activation'):
        read_spec(json.dumps({**raw, 'activation': 'elu'}))


def test_episodes_that_were_completed_count(domain):
    measures = np.full((3, len(domain.measures)), 0.5)
    measures[1] = np.nan
    done = domain.succeeded(measures, np.zeros((3, 0)), np.array([1.0, 0.0, 0.5]))
    assert done.tolist() == [True, False, False]


@pytest.mark.parametrize('name', ['halfcheetah', 'walker2d', 'humanoid'])
def test_gaits_go_by_the_feet_used(name):
    domain = find_domain(name)
    rows = np.array([[0.5, 0.5, 1], [0.5, 0.1, 1], [0.1, 0.5, 1], [0, 0, 1], [np.nan] * 3])
    assert domain.label(rows).tolist() == [*domain.groups, 'none']


def test_gaits_of_four_feet_go_by_how_many_and_which():
    used = np.array([[1, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0],
                     [0, 1, 0, 1], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]])
    contact = np.where(used, [0.25, 0.5, 0.8, 1.0], [0.0, 0.1, 0.24, 0.2])
    domain = find_domain('ant')
    assert domain.label(np.column_stack([contact, np.ones(9)])).tolist() == [*domain.groups]
    assert domain.label(np.full((1, 2, 5), np.nan)).tolist() == [['none'] * 2]


def test_each_set_of_feet_is_one_gait(domain):
    sets = [feet for gait in domain.robot.gaits for feet in gait.used]
    count = len(domain.robot.feet)
    assert sorted(sets) == [f'{number:0{count}b}' for number in range(2 ** count)]


def test_what_a_mirrored_robot_sees_is_scaled_alike(domain):
    mirror = domain.robot.mirror
    if mirror is None:
        pytest.skip('its sides are not the same')
    order = list(mirror.observation)
    signs = np.ones(len(order))
    signs[list(mirror.negated_observation)] = -1
    assert sorted(order) == [*range(domain.robot.observation_dim)]
    assert sorted(mirror.action) == [*range(domain.robot.action_dim)]
    mean, spread = np.array(domain.robot.observation_mean), domain.robot.observation_spread
    assert np.array_equal(mean[order] * signs, mean)
    assert np.array_equal(np.array(spread)[order], spread)


def test_a_robot_keeps_its_model_in_a_worker(domain):
    # The model is kept by robot: what a worker gets has to be equal to what it had.
    assert hash(pickle.loads(pickle.dumps(domain.robot))) == hash(domain.robot)
    assert pickle.loads(pickle.dumps(domain.robot)) == domain.robot


def test_what_is_held_out_is_known_to_the_domain(domain):
    held_out = HeldOut.load(domain)
    assert held_out.regions and set(held_out.caption_templates) <= set(domain.captions.templates)
    assert len(held_out.caption_templates) < len(domain.captions.templates) / 2
