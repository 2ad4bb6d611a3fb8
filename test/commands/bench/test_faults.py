# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Each fault on the real wire: the guard that answers, and that the legs are let go."""

from __future__ import annotations

from policy_gen_ros.commands.bench.faults import Fault, FAULTS
from policy_gen_ros.commands.bench.walking import answer_to
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
import pytest


@pytest.fixture(scope='module')
def trot():
    return PolicyGenerator.load().generate(Goal(text='trot forward'))


@pytest.mark.parametrize('fault', FAULTS, ids=lambda fault: fault.name)
def test_a_fault_trips_its_guard(fault: Fault, trot) -> None:
    # On a busy machine the puppet itself may be late by more than the usual 50 ms.
    _, reason = answer_to(fault, trot, bundle_path(None) / 'adaptor.safetensors',
                          state_timeout_s=0.5)
    assert reason.startswith(fault.guard)
    assert ('limit' in reason) == bool(fault.guard), 'what the operator presses trips no guard'
