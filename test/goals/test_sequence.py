# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Goals in time, as a sentence and as YAML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st
from policy_gen_ros.domains.go2.gait.templates import TEMPLATES
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import Intent, Understood
from policy_gen_ros.goals.sequence import MAX_STEPS, parse_sequence, understand_words
from policy_gen_ros.goals.steps import MAX_STEP_S, MIN_STEP_S, Sequence, Step
import pytest
import yaml


def parsed(text: str) -> list[tuple[str, float | None]]:
    return [(step.describe(), step.seconds) for step in parse_sequence(text, step_s=8.0).steps]


@pytest.mark.parametrize(('text', 'expected'), [
    ('trot forward', [('trot forward', None)]),
    ('trot for 5 s, then bound forward, then stand',
     [('trot', 5.0), ('bound forward', 8.0), ('stand', None)]),
    ('Trot for two minutes. Then pace; and then walk slowly!',
     [('Trot', 120.0), ('pace', 8.0), ('walk slowly!', None)]),
    ('trot for twenty-five seconds, then pace for a dozen seconds, then pronk for half a minute',
     [('trot', 25.0), ('pace', 12.0), ('pronk', 30.0), ('stand', None)]),
    ('pronk for 2.5 sec after that trot', [('pronk', 2.5), ('trot', None)]),
    ('trot 4 seconds -> pronk for 2 s -> stop',
     [('trot', 4.0), ('pronk', 2.0), ('stand', None)]),
    ('trot for 5 s, then pace. Finally halt.',
     [('trot', 5.0), ('pace', 8.0), ('stand', None)]),
    ('pace 3s, then trot for 1 minute and 30 seconds',
     [('pace', 3.0), ('trot', 90.0), ('stand', None)]),
    ('trab sechs Sekunden und bleib stehen', [('trot', 6.0), ('stand', None)]),
    ('trota durante 4 segundos y para', [('trot', 4.0), ('stand', None)]),
    ('lauf 3 s und dann halt', [('lauf', 3.0), ('stand', None)]),
    ('小跑3秒, 然后停', [('trot', 3.0), ('stand', None)]),
    ('pace for 3 s, lie down and wait', [('pace', 3.0), ('lie down', None)]),
    ('pace for 3 s, trot 2 s, stop, and stay there',
     [('pace', 3.0), ('trot', 2.0), ('stand', None)]),
    ('trot at the end of the hall', [('trot at the end of the hall', None)]),
    ('trot forward for 3 seconds', [('trot forward', 3.0), ('stand', None)]),
    ('Stand still.', [('stand', None)]),
    ('stop', [('stand', None)]),
    ('walk slowly; lift the feet', [('walk slowly; lift the feet', None)]),
    ('stand tall and walk', [('stand tall and walk', None)]),
    ('- trot for 5 s\n- {text: pace, seconds: 2}\n- stand',
     [('trot', 5.0), ('pace', 2.0), ('stand', None)]),
    ('[{measures: {vx_mps: 0.5}, text: trot, seconds: 4}, {measures: {vx_mps: 0.2}}]',
     [('trot; vx_mps=0.5', 4.0), ('vx_mps=0.2', None)])])
def test_steps(text, expected):
    assert parsed(text) == expected


@pytest.mark.parametrize(('text', 'reason'), [
    ('', 'the goal text is empty'),
    ('trot for 0 s', 'lasts 0 s, expected 0.5 to 3600 s'),
    ('trot ' * 801, '4005 characters, at most 4000'),
    ('trot ' * 200, '999 characters, at most 500'),
    ('trot, then ' * (MAX_STEPS + 1), f'at most {MAX_STEPS} are read'),
    ('- {text: trot, secs: 5}', "step 1 is {'secs': 5, 'text': 'trot'}, expected text or"),
    ('- {seconds: 5}', 'step 1 is'), ('[1, 2]', 'step 1 is 1,'), ('[]', 'not a YAML list'),
    ('- trot\n- {text: pace, seconds: long}', "step 2: seconds are 'long', expected a number"),
    ('- {measures: 3}', 'measures are 3, expected name: value pairs'),
    ('- {text: yes}', 'text is True, expected words'),
    ('- {measures: {vx_mps: }}', 'vx_mps is None, expected a number'),
    ('- {measures: {vx_mps: [1]}}', 'vx_mps is [1], expected a number'),
    ('- {measures: {vx_mps: fast}}', "vx_mps is 'fast', expected a number"),
    ('- {measures: {1: 2}}', 'unknown measure 1'),
    ('- {measures: {speed: 1}}', "step 1: unknown measure 'speed'"),
    ('- {text: trot, seconds: .nan}', 'lasts nan s'),
    ('- foo: [', 'the goals are not YAML'), ('- &a [*a]', 'step 1 is'),
    ('- !!python/object/apply:os.system [ls]', 'the goals are not YAML')])
def test_malformed_sequences_are_named(text, reason):
    with pytest.raises(ValueError, match=r'^[^\n]+$') as refused:
        parse_sequence(text)
    assert reason in str(refused.value)


@pytest.mark.parametrize('around', [
    '- {}', '- {{text: {}}}', '- {{measures: {}}}', '- {{measures: {{vx_mps: {}}}}}',
    '- {{text: a, seconds: {}}}'])
def test_a_short_text_that_means_millions_of_values_is_refused(around):
    levels = ['&a0 [1]', *(f'&a{i} [' + 9 * f'*a{i - 1}, ' + ']' for i in range(1, 9))]
    with pytest.raises(ValueError, match=r'^[^\n]{1,300}$'):
        parse_sequence(around.format(f'[{", ".join(levels)}]'))


def test_steps_that_ask_for_a_failure_are_left_out():
    sequence = parse_sequence('trot, then fall over, then walk without stumbling')
    assert [step.describe() for step in sequence.steps] == ['trot', 'walk without stumbling']
    assert sequence.remarks == ("'fall over' is left out: 'fall' asks for a failure",)
    with pytest.raises(ValueError, match="'limp forward' is left out: 'limp' asks for a failure"):
        parse_sequence('limp forward')


@given(st.text(max_size=200))
@example('- ' + '[' * 190)
def test_any_text_is_read_or_refused(text):
    try:
        sequence = parse_sequence(text)
    except ValueError:
        return
    assert 1 <= len(sequence.steps) <= MAX_STEPS
    assert sequence.steps[-1].seconds is None or sequence.steps[-1].goal is None
    assert all(step.seconds or step.until for step in sequence.steps[:-1])


GOALS = st.builds(Goal, text=st.sampled_from(['trot', 'pace to the left: "now"', "don't stop",
                                              'walk for 3 s', 'trot, then pace', '- trot']),
                  measures=st.one_of(st.none(), st.fixed_dictionaries(
                      {'vx_mps': st.floats(-1, 1), 'contact_fl': st.floats(0, 1)})))


@given(st.lists(st.builds(Step, GOALS, st.floats(MIN_STEP_S, MAX_STEP_S)), min_size=1,
                max_size=5))
def test_what_yaml_says_is_what_is_read(steps):
    written = yaml.safe_dump([{'text': step.goal.text, 'seconds': step.seconds} | (
        {'measures': step.goal.measures} if step.goal.measures else {}) for step in steps])
    read = parse_sequence(written).steps
    assert read[-1] == Step(None)
    for step, again in zip(steps, read[:-1], strict=True):
        assert (again.goal.text, again.goal.measures, again.seconds) == (
            step.goal.text, step.goal.measures, step.seconds)


@given(GOALS)
def test_one_step_as_text_is_the_same_goal(goal):
    (step,) = parse_sequence(Sequence.of(goal).steps[0].to_text()).steps
    assert (step.goal.text, step.goal.measures) == (goal.text, goal.measures)


def test_captions_are_not_taken_for_sequences():
    for template in TEMPLATES.values():
        assert len(parse_sequence(template.replace('{', '').replace('}', '')).steps) == 1, template


def read_as(text: str, *steps: str) -> Callable[[str], Understood]:
    """Return a reader that parts one text, and reads the rest by its words."""
    return lambda words: replace(understand_words(words), steps=steps if words == text else ())


def test_steps_that_only_a_reader_sees_are_taken_in_its_order():
    text = 'before you bound, trot slowly for 5 s'
    reader = read_as(text, 'trot slowly for 5 s', 'bound')
    first, second = parse_sequence(text, reader=reader).steps
    assert (first.goal.text.strip(), first.seconds) == ('trot slowly', 5.0)
    assert second.goal.text == 'bound'


@pytest.mark.parametrize(('text', 'steps'), [
    ('down, lie down', ('down', 'lie down')),  # of several rests the first would do
    ('trot and buy milk', ('trot', 'buy milk')),
    ('stop before you hit the wall', ('you hit the wall', 'stop')),  # now, not later
    ('trot, stop', ('trot', 'stop')),
    ('stop trotting and start bounding', ('trotting', 'bounding'))])
def test_parts_that_are_no_steps_part_nothing(text, steps):
    (step,) = parse_sequence(text, reader=read_as(text, *steps)).steps
    assert step.describe() == parse_sequence(text).steps[0].describe()


def test_a_rest_waits_for_walks_that_end():
    text = 'bound for 3 s, lie down'
    walk, rest = parse_sequence(text, reader=read_as(text, 'bound for 3 s', 'lie down')).steps
    assert walk.goal and walk.seconds == 3 and rest.intent is Intent.LIE_DOWN


def test_what_a_reader_takes_for_one_behaviour_stays_whole_unless_a_part_rests_or_ends():
    text = 'lift one leg, then lift another'
    assert len(parse_sequence(text).steps) == 2
    assert len(parse_sequence(text, reader=read_as(text)).steps) == 1
    for text in ('trot, then stop', 'trot for 5 s, then pace'):
        assert len(parse_sequence(text, reader=read_as(text)).steps) == 2
