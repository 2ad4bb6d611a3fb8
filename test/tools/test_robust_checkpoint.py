# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Training of a robust base policy that is packed and goes on elsewhere."""

from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.base_config import RobustConfig
from policy_gen_ros.domains.go2.building.latent_learning import AdaptorLearner, widened
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy
from policy_gen_ros.domains.go2.building.robust_finetuning import reinforce_robust_base
from policy_gen_ros.domains.go2.shipped import NOMINAL_FOLDER, SHIPPED_FOUNDATION
import pytest
import torch

FILE = Path(__file__).resolve().parents[2] / 'tools' / 'robust_checkpoint.py'


@pytest.fixture(scope='module')
def tool():
    spec = spec_from_file_location('robust_checkpoint', FILE)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


NOMINAL = SHIPPED_FOUNDATION / NOMINAL_FOLDER


def with_stages(stages):
    config = RobustConfig()
    return replace(config, adaptor_batch=8, finetuning=replace(
        config.finetuning, stages=stages, robots=4, iterations=1, horizon=9, warm_up_stages=0))


def test_training_goes_on_from_what_was_packed(tool, tmp_path):
    base = widened(ConditionedPolicy.load(NOMINAL / 'base-0.safetensors'))
    adaptor = AdaptorLearner(Adaptor.load(NOMINAL / 'adaptor.safetensors'), 1e-3,
                             0).adaptor()
    first, second = tmp_path / 'first', tmp_path / 'second'
    first.mkdir()
    trained, learned = reinforce_robust_base(base, adaptor, with_stages(2), 0,
                                             first / 'learner-0.pt')
    tool.pack(first, tmp_path / 'packed')
    assert sum(file.stat().st_size for file in (tmp_path / 'packed').iterdir()) < 2e6
    tool.unpack(tmp_path / 'packed', second)
    there, here = (torch.load(folder / 'learner-0.pt', weights_only=True)
                   for folder in (first, second))
    assert (here['stage'], here['learner']['rate']) == (2, there['learner']['rate'])
    for name in ('actors', 'critics'):
        for one, other in zip(there['learner'][name], here['learner'][name], strict=True):
            assert torch.allclose(one, other, atol=2e-3)
    assert torch.allclose(there['learner']['log_std'], here['learner']['log_std'], atol=1e-3)
    read = ConditionedPolicy.load(second / 'imitation-0.safetensors')
    assert torch.allclose(read.network[0].weight, trained.network[0].weight, atol=2e-3)
    assert np.allclose(Adaptor.load(second / 'imitation-adaptor.safetensors').layers[2][0],
                       learned.layers[2][0], atol=2e-3)
    further, _ = reinforce_robust_base(read, learned, with_stages(3), 0, second / 'learner-0.pt')
    assert not torch.equal(further.network[0].weight, read.network[0].weight)
