# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen explain``: what a text is understood as."""

import json

from policy_gen_ros.commands.main import main
import pytest


def explain(text, tmp_path, *more):
    path = tmp_path / 'explained.json'
    assert main(['explain', text, '--json', str(path), *more]) == 0
    return json.loads(path.read_text())


def test_constraints_carry_the_words_that_they_came_from(tmp_path):
    told = explain('trot backward at 2 km/h past the fridge, not a pace', tmp_path)
    assert told['intents'] == ['walk']
    exact = [item for item in told['constraints'] if item['measure'] == 'vx_mps']
    assert exact[0]['low'] == exact[0]['high'] == pytest.approx(-2 / 3.6)
    assert exact[0]['words'] == '2 km/h'
    assert told['ignored'] == ['past', 'fridge']
    assert told['steps'][0]['groups'] == ['trot'] and told['steps'][0]['excluded'] == ['pace']
    assert 0 < told['confidence'] <= 1


def test_each_step_of_a_sequence_is_explained(tmp_path):
    told = explain('trot for 5 s, then turn left by 90 degrees, then lie down', tmp_path)
    assert told['intents'] == ['walk', 'walk', 'lie down']
    assert told['steps'][0]['seconds'] == 5
    assert told['steps'][1]['until']['measure'] == 'yaw_rate_rps'


def test_what_is_relative_says_to_what(tmp_path, capsys):
    main(['explain', 'a bit lower', '--current', 'trot forward'])
    out = capsys.readouterr().out
    assert "relative to 'trot forward'" in out and 'body height -0.015' in out


def test_an_empty_text_is_refused(capsys):
    with pytest.raises(SystemExit):
        raise SystemExit(main(['explain', '...']))
    assert 'the goal text is empty' in capsys.readouterr().err
