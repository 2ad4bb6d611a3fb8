# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Orders that come later: what is done now is kept until then, and in doubt a rest is at once."""

from __future__ import annotations

from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.delays import find_delay
from policy_gen_ros.goals.language.intents import Intent
from policy_gen_ros.goals.sequence import parse_sequence
from policy_gen_ros.goals.steps import KEEP, Sequence, Step
import pytest


def parsed(text: str) -> list[tuple[str, float | None]]:
    return [(step.describe(), step.seconds) for step in parse_sequence(text).steps]


@pytest.mark.parametrize(('text', 'seconds', 'rest'), [
    ('stop after 4 s', 4.0, 'stand'), ('halt in six seconds', 6.0, 'stand'),
    ('lie down after a minute', 60.0, 'lie down'),
    ('sit down after 10 seconds', 10.0, 'lie down'), ('stand up in 4 s', 4.0, 'stand'),
    ('in 2 to 4 s, sit', 3.0, 'lie down'),
    ('hey dog, in about 7 s freeze please', 7.0, 'stand'), ('stop 2 s from now', 2.0, 'stand'),
    ('5 seconds later, halt', 5.0, 'stand'), ('stop when 8 s have passed', 8.0, 'stand'),
    ('sit in 1 minute and 10 seconds', 70.0, 'lie down'), ('6 s, then stop', 6.0, 'stand'),
    ('halte in 4 Sekunden an', 4.0, 'stand'), ('nach zwei Minuten hinlegen', 120.0, 'lie down'),
    ('para después de 4 segundos', 4.0, 'stand'), ('dentro de 5 segundos, para', 5.0, 'stand'),
    ('arrête-toi dans 4 secondes', 4.0, 'stand'), ('四秒钟后停下', 4.0, 'stand'),
    ('在6秒之后趴下', 6.0, 'lie down')])
def test_a_rest_that_is_told_for_later_waits(text, seconds, rest):
    assert parsed(text) == [(KEEP, seconds), (rest, None)]


@pytest.mark.parametrize(('text', 'measure', 'total'), [
    ('stop after 3 m', 'vx_mps', 3.0), ('halt in 12 steps', 'frequency_hz', 6.0),
    ('stop once you have gone 2.5 m', 'vx_mps', 2.5),
    ('lie down after half a turn', 'yaw_rate_rps', 3.1416),
    ('bleib nach zehn Schritten stehen', 'frequency_hz', 5.0), ('para tras 2 metros', 'vx_mps', 2),
    ('arrête après 3 mètres', 'vx_mps', 3), ('5米后停', 'vx_mps', 5)])
def test_it_may_wait_for_a_way_or_for_steps(text, measure, total):
    keep, rest = parse_sequence(text).steps
    assert keep.keeps and keep.until and rest.rest.rests
    assert (keep.until.measure, keep.until.total) == (measure, pytest.approx(total, rel=1e-4))


@pytest.mark.parametrize(('text', 'expected'), [
    ('pace slowly and stop after 6 s', [('pace slowly', 6.0), ('stand', None)]),
    ('pace, then sit after 6 s', [('pace', 6.0), ('lie down', None)]),
    ('trot for 4 s, after 3 s halt', [('trot', 4.0), (KEEP, 3.0), ('stand', None)]),
    ('wait, and lie down after 9 s', [('stand', 9.0), ('lie down', None)]),
    ('- pace\n- stop after 6 s', [('pace', 6.0), ('stand', None)]),
    ('stop for 6 s after 4 s, then bound', [(KEEP, 4.0), ('stand', 6.0), ('bound', None)]),
    ('stop in 2 s, then bound', [(KEEP, 2.0), ('stand', 8.0), ('bound', None)]),
    ('stop after trotting for 6 s', [('trotting', 6.0), ('stand', None)]),
    ('trabe und halte nach 6 Sekunden an', [('trabe', 6.0), ('stand', None)]),
    ('走六秒后停下', [('走', 6.0), ('stand', None)]),
    ('stop, after 3 s pace', [('stand', 3.0), ('pace', None)]),
    ('in 3 s, pace', [(KEEP, 3.0), ('pace', None)]),
    ('in quick steps pace ahead', [('in quick steps pace ahead', None)]),
    ('go 2 m in 5 s, and halt', [('go 2 m in', 5.0), ('stand', None)])])
def test_what_is_told_first_lasts_until_then(text, expected):
    found = [(' '.join(text.split()), seconds) for text, seconds in parsed(text)]
    assert found == expected


@pytest.mark.parametrize('text', [
    'e-stop in 3 s', 'pace and e-stop after 3 s', 'abort in 5 seconds', 'Notaus in 3 Sekunden',
    'pace, then in 3 s, emergency', 'emergency, stop in 3 s'])
def test_an_emergency_stop_never_waits(text):
    sequence = parse_sequence(text)
    assert [step.rest for step in sequence.steps] == [Intent.EMERGENCY]
    assert sequence.remarks


@pytest.mark.parametrize('text', [
    'stop now, not in 3 s', 'stop in 3 s, no, right now', 'stop in a second', 'stop in 2 hours',
    'halt in 50 ms', 'stop within 4 s', 'stop in 5 s or less', 'arrête-toi en 3 secondes',
    'stop! in 5 m there is a wall', 'stop wall in 2 m', 'in 2 m there is a wall. Stop!',
    'stop! cliff in 3 steps', 'buy milk in 3 s and stop', 'stop after hearing a beep for 2 s',
    'stop 2 m before the wall', 'stop at 2 m', 'pace and stop after 2 hours', 'halt after 3 m/s'])
def test_in_doubt_the_robot_rests_at_once(text):
    first = parse_sequence(text).steps[0]
    assert not first.keeps and first.rest is Intent.STAND


def test_what_is_not_waited_for_is_said():
    assert parse_sequence('stop in 2 hours').remarks == ("'in 2 hours' is not waited for",)


@pytest.mark.parametrize('text', ['pace with a period of 0.5 s', 'one step every 2 seconds',
                                  'turn left', 'pace after the dog', 'stop after lunch'])
def test_other_words_are_no_delay(text):
    assert find_delay(text) is None


def test_a_rest_is_not_lost_with_what_is_not_understood():
    sequence = parse_sequence('in 3 s you buy milk, stop')
    assert [step.rest for step in sequence.steps] == [Intent.STAND]
    assert sequence.remarks == ('what it comes after is not understood',)


def test_a_time_alone_asks_for_nothing():
    with pytest.raises(ValueError, match=r"'in 3 s' does not say what to do"):
        parse_sequence('in 3 s')


def test_where_nothing_walks_a_rest_is_not_waited_for_and_a_walk_is():
    rest = parse_sequence('stop after 3 s').from_rest()
    assert [step.describe() for step in rest.steps] == ['stand']
    assert rest.remarks == ("'stand' is not waited for: nothing walks",)
    walk = parse_sequence('in 3 s, pace').from_rest()
    assert [(step.describe(), step.seconds) for step in walk.steps] == [
        ('stand', 3.0), ('pace', None)]
    other = Sequence((Step(Goal(text='pace')),))
    assert other.from_rest() is other
