# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Scores of teachers."""

from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy
from policy_gen_ros.evaluation.studies.teachers import possible_share, score_teachers
import pytest
import torch
from wide_latent import TWO_VALUE_ADAPTOR


@pytest.fixture(scope='module')
def adaptor():
    return Adaptor.load(TWO_VALUE_ADAPTOR)


def test_the_teacher_walks_better_than_a_network_that_learned_nothing(adaptor):
    torch.manual_seed(0)
    scores = score_teachers({'untrained': (ConditionedPolicy(), adaptor)}, 20, 4.0, 0)
    assert scores['analytic']['nominal'].walks > 0.8
    assert scores['analytic']['nominal'].tracks > scores['untrained']['nominal'].tracks
    assert scores['analytic']['nominal'].count == 20
    assert 0.3 < possible_share(500, 0) < 0.8
