# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Base policies are trained part by part; what is finished is never trained again."""

from dataclasses import replace
import json

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building import base_policies
from policy_gen_ros.domains.go2.building.base_policies import prepare_base_policies
from policy_gen_ros.domains.go2.building.config import Go2ArchiveConfig
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy
from policy_gen_ros.domains.go2.building.search import Elites, SOLUTION_SIZE
from policy_gen_ros.domains.go2.building.symmetric import SymmetricPolicy
from policy_gen_ros.utils.config import updated
import pytest
import torch
from wide_latent import TWO_VALUE_ADAPTOR

CONFIG = updated(Go2ArchiveConfig(), {
    'base': {'finetuning': {'stages': 3}},
    'robust': {'pool': {'robots': 4, 'ticks': 20, 'rounds': 1, 'states': 8},
               'base_weights': {'steps': 2}}})


@pytest.fixture
def trained(monkeypatch):
    """Replace all training by its result, and note what was trained."""
    calls = []
    shipped = Adaptor.load(TWO_VALUE_ADAPTOR)

    def adaptor(_, seed):
        calls.append('adaptor')
        return shipped, {'r2_friction': 0.5}

    def imitate(_, __, seed):
        calls.append('nominal imitation')
        return ConditionedPolicy()

    def finetune(base, _, config, seed, file):
        calls.append(f'nominal fine-tuning {config.stages}')
        file.write_text('state')
        return base

    def imitate_expert(base, given, _, seed, file):
        calls.append('imitation of the expert')
        file.write_text('lessons')
        return SymmetricPolicy.from_layers(base.layers()), given

    def reinforce(base, given, _, seed, file):
        calls.append('fine-tuning')
        file.write_text('state')
        return base, given

    def search(*_):
        calls.append('search')
        return Elites(np.zeros((2, SOLUTION_SIZE)), np.ones(2), np.zeros((2, 6)))

    for name, replacement in (
            ('train_adaptor', adaptor), ('train_base', imitate), ('reinforce_base', finetune),
            ('imitate_expert', imitate_expert), ('reinforce_robust_base', reinforce),
            ('search_specialists', search)):
        monkeypatch.setattr(base_policies, name, replacement)
    return calls


def test_every_part_is_trained_once(trained, tmp_path):
    path = tmp_path / 'foundation'
    first = prepare_base_policies(path, CONFIG)
    assert trained == ['adaptor', 'nominal imitation', 'nominal fine-tuning 3',
                       'imitation of the expert', 'fine-tuning', 'search']
    again = prepare_base_policies(path, CONFIG)
    assert len(trained) == 6
    assert torch.equal(first.shared.base.network[0].weight, again.shared.base.network[0].weight)
    assert len(again.shared.pool) == 8
    assert not [*path.rglob('learner-*'), *path.rglob('lessons-*')]
    assert set(json.loads((tmp_path / 'seconds.json').read_text())) == {
        'adaptor', 'nominal base', 'imitation of the expert', 'fine-tuning', 'search'}


def test_a_base_that_was_not_finished_is_finished(trained, tmp_path):
    path = tmp_path / 'foundation'
    prepare_base_policies(path, CONFIG)
    (path / 'base-0.safetensors').unlink()
    prepare_base_policies(path, CONFIG)
    assert trained[6:] == ['fine-tuning']


def test_where_the_base_policy_is_there_nothing_is_made_that_it_learned_from(trained, tmp_path):
    path = tmp_path / 'foundation'
    prepare_base_policies(path, CONFIG)
    for file in (path / 'nominal').iterdir():
        file.unlink()
    prepare_base_policies(path, CONFIG)
    assert len(trained) == 6


def test_no_search_where_no_specialists_are_wanted(trained, tmp_path):
    made = prepare_base_policies(tmp_path / 'foundation', replace(CONFIG, specialists=0))
    assert made.elites is None
    assert 'search' not in trained
