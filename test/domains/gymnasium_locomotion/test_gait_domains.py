# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The HalfCheetah as the core sees it."""

import json

import numpy as np
from policy_gen_ros.archive.split import HeldOut
from policy_gen_ros.domains import find_domain
from policy_gen_ros.policies.spec import read_spec, SpecError
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.training.ppo import new_network
import pytest

DOMAIN = find_domain('halfcheetah')


def test_a_policy_comes_back_from_its_bytes():
    policy = DOMAIN.make_policy(new_network(DOMAIN.network.layer_sizes, 0), np.zeros(0),
                                {'contact_back': 0.5}, 'hop')
    again = ActorWeights.from_bytes(policy.to_bytes())
    assert again.spec == policy.spec and again.sha256 == policy.sha256
    assert (again.goal, dict(again.measures)) == ('hop', {'contact_back': 0.5})


def test_a_policy_for_another_machine_is_refused():
    raw = json.loads(DOMAIN.make_policy(new_network((17, 8, 8, 6), 0), np.zeros(0),
                                        {}).spec.to_json())
    assert read_spec(json.dumps(raw)).layer_sizes == (17, 8, 8, 6)
    with pytest.raises(SpecError, match='activation'):
        read_spec(json.dumps({**raw, 'activation': 'elu'}))


def test_episodes_that_were_completed_count():
    measures = np.array([[0.5, 0.5, 1.0], [np.nan] * 3, [0.5, 0.5, 1.0]])
    done = DOMAIN.succeeded(measures, np.zeros((3, 0)), np.array([1.0, 0.0, 0.5]))
    assert done.tolist() == [True, False, False]


def test_what_is_held_out_is_known_to_the_domain():
    held_out = HeldOut.load(DOMAIN)
    assert held_out.regions and set(held_out.caption_templates) <= set(DOMAIN.captions.templates)
    assert len(held_out.caption_templates) < len(DOMAIN.captions.templates) / 2
