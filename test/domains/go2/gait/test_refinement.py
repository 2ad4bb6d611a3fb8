# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What the text reader corrects in what words alone are read as."""

from __future__ import annotations

from math import inf

import numpy as np
from policy_gen_ros.domains.go2.gait.attributes import (
    ATTRIBUTES,
    classes_of,
    FEATURE_DIM,
    INTENT,
    word_features,
)
from policy_gen_ros.domains.go2.gait.refinement import CERTAIN, NO_GAIT, POSSIBLE, refine, SURE
from policy_gen_ros.domains.go2.gait.text_reading import read_text
from policy_gen_ros.goals.language.reading import Attribute, TextReading
import pytest


def corrected(text: str, confidence: float = 0.95, **wanted: str) -> TextReading:
    """Read a text with a reader that agrees with the words but for some attributes."""
    by_words = classes_of(read_text(text))
    found = {name: Attribute(by_words.get(name, classes[0]), 0.95, 'words')
             for name, classes in ATTRIBUTES.items()}
    found |= {name: Attribute(value, confidence, 'words') for name, value in wanted.items()}
    return refine(read_text(text), found)


def ranges(reading: TextReading) -> dict[str, tuple[float, float]]:
    return {item.measure: (item.low, item.high) for item in reading.constraints}


@pytest.mark.parametrize('text', [
    'trot forward slowly', 'pace backward at 0.3 m/s', 'faster', 'strafe left, body low',
    'turn left by 90 degrees', 'anything but a trot', 'bound very fast with high steps'])
def test_where_both_agree_the_words_stand(text: str) -> None:
    before, after = read_text(text), corrected(text)
    assert set(after.constraints) == set(before.constraints)
    assert (after.groups, after.excluded, after.changes) == (
        before.groups, before.excluded, before.changes)


def test_an_unsure_reader_changes_nothing() -> None:
    reading = corrected('trot forward slowly', SURE - 0.05, gait='pace', vx='backward')
    assert reading.groups == ('trot',)
    assert set(reading.constraints) == set(read_text('trot forward slowly').constraints)


def test_what_words_deny_is_left_to_them() -> None:
    before, after = read_text('not too fast'), corrected('not too fast', speed='fast',
                                                         change_speed='up')
    assert after.constraints == before.constraints and not after.changes
    assert corrected('not too fast', speed='none').constraints == before.constraints
    assert corrected('too fast', change_speed='up').changes


def test_gaits_are_corrected_and_excluded() -> None:
    assert corrected('move', gait='bound').groups == ('bound',)
    reading = corrected('trot', gait='pace', not_trot='yes')
    assert (reading.groups, reading.excluded) == (('pace',), ('trot',))
    assert corrected('the trot of the horse', NO_GAIT + 0.01, gait='none').groups == ()
    assert corrected('creep ahead', NO_GAIT - 0.01, gait='none').groups == ('walk',)
    assert corrected('i veto the walk', NO_GAIT - 0.01, gait='none', not_walk='yes').groups == ()


def test_levels_have_the_range_of_captions() -> None:
    found = ranges(corrected('tap the floor', contact='short', swing_height='high'))
    assert found['contact_rl'] == (0.0, 0.45)
    assert found['swing_height_m'] == (0.072, inf)
    assert 'body_height_m' not in ranges(corrected('low body', body_height='none'))
    # A number is no matter of more or less.
    assert ranges(corrected('body at 20 cm', body_height='high'))['body_height_m'] == (0.2, 0.2)


def test_numbers_keep_their_size_and_get_the_direction() -> None:
    assert ranges(corrected('trot at 0.3 m/s', vx='backward'))['vx_mps'] == (-0.3, -0.3)
    found = ranges(corrected('crab over at 0.2 m/s', vy='right', vx='zero'))
    assert found['vy_mps'] == (-0.2, -0.2)
    assert found['vx_mps'] == pytest.approx((-0.08, 0.08))
    slow = ranges(corrected('trot very slowly', vx='backward'))['vx_mps']
    assert slow == (-0.15, -0.08)


def test_numbers_with_a_sign_or_a_name_keep_their_direction() -> None:
    wrong = {'vx': 'forward', 'vy': 'right', 'yaw': 'left', 'speed': 'fast'}
    for text, expected in (
            ('vx -0.2, yaw -0.3', {'vx_mps': (-0.2, -0.2), 'yaw_rate_rps': (-0.3, -0.3)}),
            ('trot at -0.4 m/s', {'vx_mps': (-0.4, -0.4)}),
            ('0.4 m/s ahead and 0.2 m/s to the left',
             {'vx_mps': (0.4, 0.4), 'vy_mps': (0.2, 0.2)}),
            ('turn by -60 degrees', {'yaw_rate_rps': (-0.6, -0.6)})):
        found = ranges(corrected(text, **wrong))
        assert {name: found[name] for name in expected} == expected
    assert ranges(corrected('walk 2 m to the left', vy='none', vx='forward'))['vy_mps'][0] > 0
    assert not corrected('brake to 0.2 m/s', change_speed='down').changes


def test_limits_in_words_stay_and_turns_by_an_angle_stay_on_the_spot() -> None:
    reading = corrected('never less than half a metre per second', speed='none')
    assert ranges(reading)['vx_mps'] == (0.5, inf)
    before, after = (ranges(read('turn right by 45 degrees')) for read in (
        read_text, lambda text: corrected(text, vx='none', yaw='left')))
    assert after['vx_mps'] == before['vx_mps'] and after['vy_mps'] == before['vy_mps']
    assert after['yaw_rate_rps'] == (0.6, 0.6)


def test_speed_follows_the_direction() -> None:
    assert ranges(corrected('chop chop', speed='fast'))['vx_mps'] == (0.52, inf)
    found = ranges(corrected('crab over', vy='left', speed='slow'))
    assert found['vy_mps'] == (0.08, 0.28)
    assert found['vx_mps'] == (-0.08, 0.08)


def test_turning() -> None:
    assert ranges(corrected('round we go', yaw='right'))['yaw_rate_rps'] == (-inf, -0.15)
    assert ranges(corrected('as the crow flies', yaw='zero'))['yaw_rate_rps'] == (-0.08, 0.08)


def test_changes_and_what_is_relative() -> None:
    change, = corrected('a bit more gas', change_speed='up', relative='yes').changes
    assert change.quantity == 'speed' and change.factor > 1
    assert change.factor < corrected('more gas', change_speed='up').changes[0].factor
    assert corrected('keep at it', relative='yes').continues
    assert not corrected('trot and keep going', relative='no').continues
    assert corrected('now pace', relative='no').continues  # no doubt by its first word


def test_words_that_say_something_are_dropped_only_by_a_certain_reader() -> None:
    said, unsaid = ([item.low for item in corrected('trot fast', confidence,
                                                    speed='none').constraints
                     if item.measure == 'vx_mps'] for confidence in (CERTAIN - 0.05, 0.95))
    assert said == [pytest.approx(0.52)]
    assert unsaid[0] < 0.1


def test_what_cannot_be_done_is_named() -> None:
    assert corrected('trot on the moon', impossible='yes').impossible == ('words',)
    assert corrected('handstand', POSSIBLE + 0.05, impossible='no').impossible == ('handstand',)
    assert corrected('do a backflip', POSSIBLE - 0.05, impossible='no').impossible == ('backflip',)
    assert corrected('the ceiling is low', impossible='no').impossible == ()


def test_what_the_reader_read_has_a_confidence() -> None:
    assert corrected('move', gait='bound').confidence['gait'] == pytest.approx(0.95)
    assert corrected('move', gait='bound').read_by_network


def test_features_show_what_words_say() -> None:
    row = word_features('trot forward slowly')
    assert row.shape == (FEATURE_DIM,) and row.dtype == np.float32
    assert not np.array_equal(row, word_features('pace forward slowly'))
    for text in ('', 'trot or pace', 'stop', '慢慢走'):
        assert np.isfinite(word_features(text)).all()
        assert all(value in ATTRIBUTES[name]
                   for name, value in classes_of(read_text(text)).items())
    assert INTENT not in classes_of(read_text('stop'))
