# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A foundation is trained part by part; what is finished is never trained again."""

from dataclasses import replace
import json

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building import base_policies as foundation
from policy_gen_ros.domains.go2.building.base_policies import prepare_base_policies
from policy_gen_ros.domains.go2.building.collect import collect, StateBatch
from policy_gen_ros.domains.go2.building.config import Go2ArchiveConfig
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy
from policy_gen_ros.domains.go2.building.search import Elites
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_walks
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.utils.config import updated
import pytest
import torch

CONFIG = updated(Go2ArchiveConfig(), {'base': {
    'count': 2, 'finetuning': {'stages': 3}, 'other_stages': 1}})


@pytest.fixture
def trained(monkeypatch):
    """Replace all training by its result, and note what was trained."""
    calls = []
    gaits, command = sample_walks(4, np.random.default_rng(0))
    pool = StateBatch.concatenate(collect(None, gaits, command, None, 10, 0))

    def adaptor(_, seed):
        calls.append('adaptor')
        return Adaptor.load(bundle_path() / 'adaptor.safetensors'), {'r2_friction': 0.5}

    def imitate(_, __, seed, about, row):
        calls.append(f'imitation {seed}')
        torch.manual_seed(seed)
        return ConditionedPolicy(), pool

    def finetune(base, _, config, seed, file, about, row):
        calls.append(f'fine-tuning {config.stages}')
        file.write_text('state')
        return base

    def search(*_, with_gains, row):
        assert with_gains  # of the teacher, which walks
        calls.append('search')
        return Elites(np.zeros((2, 37)), np.ones(2), np.zeros((2, 6)))

    for name, replacement in (('train_adaptor', adaptor), ('train_base', imitate),
                              ('reinforce_base', finetune), ('search_specialists', search)):
        monkeypatch.setattr(foundation, name, replacement)
    monkeypatch.setattr(foundation, 'run_jobs', lambda work, shared, jobs: (
        (job, work(shared, job)) for job in jobs))
    return calls


def test_every_part_is_trained_once(trained, tmp_path):
    path = tmp_path / 'foundation'
    first = prepare_base_policies(path, CONFIG)
    assert trained == ['adaptor', 'imitation 0', 'fine-tuning 3', 'imitation 10000',
                       'fine-tuning 1', 'search']
    again = prepare_base_policies(path, CONFIG)
    assert len(trained) == 6
    assert len(again.bases) == 2
    assert torch.equal(first.bases[1].network[0].weight, again.bases[1].network[0].weight)
    assert not torch.equal(first.bases[0].network[0].weight, first.bases[1].network[0].weight)
    assert not list(path.glob('learner-*'))
    assert set(json.loads((tmp_path / 'seconds.json').read_text())) == {
        'adaptor', 'base-0', 'base-1', 'search'}


def test_a_base_that_was_not_finished_is_finished(trained, tmp_path):
    path = tmp_path / 'foundation'
    prepare_base_policies(path, CONFIG)
    (path / 'base-1.safetensors').unlink()
    prepare_base_policies(path, CONFIG)
    assert trained[6:] == ['fine-tuning 1']


def test_no_search_where_no_specialists_are_wanted(trained, tmp_path):
    made = prepare_base_policies(tmp_path / 'foundation', replace(CONFIG, specialists=0))
    assert made.elites is None
    assert 'search' not in trained
