# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""How long a text says that something lasts."""

from hypothesis import given
from hypothesis import strategies as st
from policy_gen_ros.goals.language.durations import in_seconds, take_duration
import pytest


@pytest.mark.parametrize(('text', 'rest', 'seconds'), [
    ('pace for 4 s', 'pace', 4.0), ('pace 4s', 'pace', 4.0), ('7 sec of pacing', 'of pacing', 7.0),
    ('pace for 1.5 min', 'pace', 90.0), ('pace for 1/4 hour', 'pace', 900.0),
    ('pace for 1 h', 'pace', 3600.0), ('pace for 800 ms', 'pace', 0.8),
    ('pace during the next 3 seconds', 'pace', 3.0), ('pace for 2 to 4 s', 'pace', 3.0),
    ('pace for a couple of minutes', 'pace', 120.0),
    ('pace for about half a minute', 'pace', 30.0),
    ('pace for 1 minute and 20 seconds', 'pace', 80.0), ('pace 2 min 5 s', 'pace', 125.0)])
def test_a_duration_is_taken_out(text, rest, seconds):
    left, found = take_duration(in_seconds(text))
    assert (' '.join(left.split()), found) == (rest, seconds)


@pytest.mark.parametrize('text', [
    'pace', 'pace with a period of 0.5 s', 'one step every 2 seconds', 'a 0.4 s stride period',
    'pace at 3 m/s', 'three steps per 2 seconds', 'a second', '2.5 s^-1', 'turn at 0.3 rad/s'])
def test_the_time_of_a_step_and_rates_are_none(text):
    assert take_duration(in_seconds(text)) == (text, None)


@given(st.text(max_size=80))
def test_no_text_is_too_strange(text):
    left, seconds = take_duration(in_seconds(text))
    assert seconds is None or (seconds >= 0 and len(left) <= len(in_seconds(text)))
