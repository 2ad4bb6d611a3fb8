# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What a text says is asked for in measures, kept to, or said to be missed."""

from policy_gen_ros.domains.go2.gait.measures import family_of
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import Intent
from policy_gen_ros.models.multilingual_e5 import MultilingualE5
import pytest


@pytest.fixture(scope='module')
def generator():
    return PolicyGenerator.load()


@pytest.mark.parametrize(('text', 'measure', 'low', 'high'), [
    ('trot at 2 km/h', 'vx_mps', 0.55, 0.56), ('pace backward at 0.3 m/s', 'vx_mps', -0.3, -0.3),
    ('trot with the body at 22 cm', 'body_height_m', 0.22, 0.22),
    ('bound at 3 Hz', 'frequency_hz', 3.0, 3.0), ('walk at most 0.2 m/s', 'vx_mps', 0.0, 0.2),
    ('trabe langsam rückwärts', 'vx_mps', -0.28, -0.08), ('strafe right', 'vy_mps', -1.0, -0.08)])
def test_every_draw_keeps_to_what_a_text_says(generator, text, measure, low, high):
    for actor in generator.generate(Goal(text=text), seed=3, count=4):
        assert low - 1e-6 <= actor.measures[measure] <= high + 1e-6
        assert not actor.warnings


def test_a_gait_that_is_ruled_out_is_not_drawn(generator):
    actors = generator.generate(Goal(text='anything but a trot'), seed=0, count=8)
    assert 'trot' not in {family_of(actor.measures) for actor in actors}


def test_the_same_text_in_other_words_is_the_same_goal(generator):
    one, other = (generator.generate(Goal(text=text), seed=0)
                  for text in ('trot slowly backward', 'trabe langsam rückwärts'))
    assert one.measures == pytest.approx(other.measures, abs=1e-5)


@pytest.mark.parametrize(('text', 'words'), [
    ('trot at 5 m/s', 'outside what the archive covers'),
    ('trot with the body at 60 cm', 'outside what the archive covers'),
    ('do a backflip', "'backflip' asks for what the robot cannot do"),
    ('faster', 'does nothing yet')])
def test_what_cannot_be_had_is_said(generator, text, words):
    warnings = generator.generate(Goal(text=text), seed=0).warnings
    assert any(words in warning for warning in warnings), warnings


def test_a_change_keeps_gait_and_weights_near(generator):
    current = generator.generate(Goal(text='trot forward slowly'), seed=1)
    faster = generator.generate(Goal(text='faster', current=current), seed=1)
    assert faster.measures['vx_mps'] > current.measures['vx_mps'] + 0.05
    kept = [name for name in current.measures if name not in ('vx_mps', 'vy_mps')]
    assert {name: faster.measures[name] for name in kept} == pytest.approx(
        {name: current.measures[name] for name in kept})
    assert faster.goal == 'faster'  # who sent a text knows its actor by it


def test_a_text_that_names_a_gait_is_a_goal_of_its_own(generator):
    current = generator.generate(Goal(text='trot forward slowly'), seed=1)
    alone, after = (generator.generate(Goal(text='pace backward', current=before), seed=1)
                    for before in (None, current))
    assert alone.sha256 == after.sha256


def test_words_for_rest_alone_do_not_wait_for_the_reader(monkeypatch):
    def fail(*_, **__):
        raise AssertionError('the encoder of the reader was asked')

    monkeypatch.setattr(MultilingualE5, 'encode_texts', fail)
    generator = PolicyGenerator.load()
    assert generator.understand('stop').intent is Intent.STAND
    assert generator.understand('e-stop!').intent is Intent.EMERGENCY
    assert generator.understand('...').intent is Intent.NEITHER
    with pytest.raises(AssertionError, match='was asked'):
        generator.understand('trot')
