# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A real controller process walks a real twin process and says how it kept its period."""

from __future__ import annotations

import time

from policy_gen_ros.commands.bench.walking import swaps_while_walking, walking_robot
from policy_gen_ros.commands.demo.children import DemoError
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
import pytest

ADAPTOR = bundle_path(None) / 'adaptor.safetensors'
# Another process may hold both cores for a moment, and the twin is late then: that is no fault of
# what is tested here.
PATIENT_S = 1.0
PERIOD = {'p50', 'p99_error', 'max_error', 'missed'}


@pytest.fixture(scope='module')
def trot():
    return PolicyGenerator.load().generate(Goal(text='trot forward'))


def test_swaps_on_the_wire_are_counted_and_timed(trot):
    result = swaps_while_walking([trot], ADAPTOR, 3, state_timeout_s=PATIENT_S)
    assert (result['swap']['count'], result['swap']['fell']) == (3, '')
    assert result['swap']['missed_ticks'] >= 0
    # The same actor again and again: its targets step as they did before, or hardly more.
    assert 0.05 < result['swap']['own_target_step_rad'] < 2.0
    assert 0.05 < result['swap']['max_target_step_rad'] < 2.0
    for name in ('control_period_ms', 'policy_period_ms', 'bare_period_ms'):
        assert set(result[name]) == PERIOD
    # 500 and 50 a second, whatever the machine is busy with.
    assert result['control_period_ms']['p50'] == pytest.approx(2.0, abs=1.0)
    assert result['policy_period_ms']['p50'] == pytest.approx(20.0, abs=10.0)
    assert 0.0 < result['lowcmd_cpu_share'] < 1.0


def test_a_robot_walks_beside_other_work(trot):
    with walking_robot(trot, ADAPTOR, PATIENT_S) as walk:
        assert walk == {}
        time.sleep(1.0)
    assert walk['fell'] == '' and 'swap' not in walk
    assert set(walk['control_period_ms']) == PERIOD


def test_a_controller_that_cannot_start_says_why(trot, tmp_path):
    with pytest.raises(DemoError, match='controller ended with exit code 1'):
        swaps_while_walking([trot], tmp_path / 'missing.safetensors', 1)
