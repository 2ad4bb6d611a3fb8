# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen bench`` measures what it says; how fast this machine is, no test asks."""

import json

from policy_gen_ros.commands.main import main
import pytest
from random_bundle import write_random_bundle


@pytest.fixture(scope='module')
def bundle(tmp_path_factory):
    return write_random_bundle(tmp_path_factory.mktemp('bundles') / 'random')


def test_bench_measures_generation_beside_a_walking_robot(bundle, capsys):
    assert main(['bench', '--bundle', str(bundle), '--backends', 'torch', '--device', 'cpu',
                 '--repeats', '2', '--swaps', '0', '--json', '-']) == 0
    result = json.loads(capsys.readouterr().out)
    for name in ('goal_to_weights_ms', 'goal_to_weights_under_load_ms'):
        assert set(result[name]) == {'text', 'measures', 'trajectory'}
        assert all(set(times) == {'p50', 'p99'} for times in result[name].values())
    assert set(result['backends']['torch']['control_period_under_load_ms']) == {
        'p50', 'p99_error', 'max_error', 'missed'}
    assert set(result['twin_control_steps_per_s']) == {'single', 'batched'}
    assert set(result['backends']) == {'torch'}
    assert result['rehearsal_s']['candidates'] == 8 and result['rehearsal_s']['p50'] > 0
    assert set(result['backends']['torch']['candidates_over_one']['text']) == {'8', '64'}
    assert 'swap' not in result and 'make_an_agent_ms' not in result
    assert result['machine']['cores'] >= 1


@pytest.mark.parametrize(('options', 'message'), [
    (['--repeats', '0'], 'at least 1'), (['--threads', '0'], 'at least 1'),
    (['--swaps', '-1'], 'at least 0'), (['--backends', 'jax'], "'jax', expected one of")])
def test_bad_input_is_one_clear_line(bundle, capsys, options, message):
    assert main(['bench', '--bundle', str(bundle), *options]) == 2
    output = capsys.readouterr().err
    assert message in output
    assert len(output.strip().splitlines()) == 1, output
