# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A foundation is trained part by part; what is finished is never trained again."""

import json

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building import base_policies as foundation
from policy_gen_ros.domains.go2.building.base_policies import prepare_base_policies
from policy_gen_ros.domains.go2.building.collect import collect, StateBatch
from policy_gen_ros.domains.go2.building.config import BasePolicyConfig
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy
from policy_gen_ros.domains.go2.building.search import Elites
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_walks
from policy_gen_ros.generation.bundle import bundle_path
import pytest
import torch

CONFIG = BasePolicyConfig(bases=2, practice=3, other_practice=1)


@pytest.fixture
def trained(monkeypatch):
    """Replace all training by its result, and note what was trained."""
    calls = []
    style, command = sample_walks(4, np.random.default_rng(0))
    pool = StateBatch.concatenate(collect(None, style, command, None, 10, 0))

    def adaptor(seed):
        calls.append('adaptor')
        return Adaptor.load(bundle_path() / 'adaptor.safetensors'), {'r2_friction': 0.5}

    def imitate(_, seed, about, row):
        calls.append(f'imitation {seed}')
        torch.manual_seed(seed)
        return ConditionedPolicy(), pool

    def practise(base, _, config, seed, file, about, row):
        calls.append(f'practice {config.stages}')
        file.write_text('state')
        return base

    def search(*_, row):
        calls.append('search')
        return Elites(np.zeros((2, 37)), np.ones(2), np.zeros((2, 6)))

    for name, replacement in (('train_adaptor', adaptor), ('train_base', imitate),
                              ('reinforce_base', practise), ('search_specialists', search)):
        monkeypatch.setattr(foundation, name, replacement)
    monkeypatch.setattr(foundation, 'run_jobs', lambda work, shared, jobs: (
        (job, work(shared, job)) for job in jobs))
    return calls


def test_every_part_is_trained_once(trained, tmp_path):
    path = tmp_path / 'foundation'
    first = prepare_base_policies(path, CONFIG, search=True)
    assert trained == ['adaptor', 'imitation 0', 'practice 3', 'imitation 10000', 'practice 1',
                       'search']
    again = prepare_base_policies(path, CONFIG, search=True)
    assert len(trained) == 6
    assert len(again.bases) == 2
    assert torch.equal(first.bases[1].network[0].weight, again.bases[1].network[0].weight)
    assert not torch.equal(first.bases[0].network[0].weight, first.bases[1].network[0].weight)
    assert not list(path.glob('practice-*'))
    assert set(json.loads((tmp_path / 'seconds.json').read_text())) == {
        'adaptor', 'base-0', 'base-1', 'search'}


def test_a_base_that_was_not_finished_is_finished(trained, tmp_path):
    path = tmp_path / 'foundation'
    prepare_base_policies(path, CONFIG, search=True)
    (path / 'base-1.safetensors').unlink()
    prepare_base_policies(path, CONFIG, search=True)
    assert trained[6:] == ['practice 1']


def test_no_search_where_no_specialists_are_wanted(trained, tmp_path):
    made = prepare_base_policies(tmp_path / 'foundation', CONFIG, search=False)
    assert made.elites is None
    assert 'search' not in trained


def test_sizes_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match='practice must be at least 1, got 0'):
        BasePolicyConfig(practice=0)
