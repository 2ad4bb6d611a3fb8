# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What is understood of a text: gaits, ranges, exclusions, other languages, changes, endings."""

from math import inf, pi

from hypothesis import given, strategies
import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.gait.relative import changed
from policy_gen_ros.domains.go2.gait.text_reading import read_text
from policy_gen_ros.domains.go2.gait.wording import reword
from policy_gen_ros.domains.go2.gait.wording_tables import fold
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX
import pytest

TROT = {'contact_fl': 0.55, 'contact_fr': 0.55, 'contact_rl': 0.55, 'contact_rr': 0.55,
        'frequency_hz': 2.5, 'phase_fr': 0.5, 'phase_rl': 0.5, 'phase_rr': 0.0,
        'body_height_m': 0.28, 'swing_height_m': 0.06, 'vx_mps': 0.5, 'vy_mps': 0.0,
        'yaw_rate_rps': 0.0}


def ranges(text):
    return {item.measure: (item.low, item.high) for item in read_text(text).constraints
            if item.words}


@pytest.mark.parametrize(('text', 'gait'), [
    ('both left legs, then both right legs', 'pace'), ('do not trot, pace instead', 'pace'),
    ('front legs first and then the hind legs', 'bound'), ('bouund forward realy fast', 'bound'),
    ('instead of trotting use a pacing gait', 'pace'), ('trot or pace', 'trot'),
    ('amble like an Icelandic horse', 'walk'), ('hop like a bunny', 'bound'),
    ('hop hop hop like a hare', 'bound'),
    ('tort forwad', 'trot'), ('trotforward', 'trot'), ('trabe langsam', 'trot'),
    ('geh im Passgang', 'pace'), ('au galop', 'bound'), ('al trote', 'trot'),
    ('用小跑步态向前走', 'trot')])
def test_a_gait_is_understood(text, gait):
    assert read_text(text).groups == (gait,)


@pytest.mark.parametrize(('text', 'excluded'), [
    ('anything but a trot', ('trot',)), ('do not trot, pace instead', ('trot',)),
    ('trot, not a pace', ('pace',)), ('trot forward', ()), ('nicht traben', ('trot',)),
    ('neither trot nor bound', ('trot', 'bound')), ('trot? nope, pace', ('trot',)),
    ('ditch the pronk and walk', ('pronk',)),
    ('steer clear of pacing', ('pace',)), ('all gaits except the walk', ('walk',)),
    ('bounding is off the table, trot', ('bound',)), ('enough trotting, bound', ('trot',)),
    ('leave the pronk out of it, pace', ('pronk',)), ('cut the speed', ())])
def test_what_is_ruled_out_is_known(text, excluded):
    assert read_text(text).excluded == excluded


@pytest.mark.parametrize(('text', 'expected'), [
    ('pace backward at 0.5 m/s', {'vx_mps': (-0.5, -0.5)}),
    ('strafe left at 0.2 m/s', {'vy_mps': (0.2, 0.2), 'vx_mps': (-0.08, 0.08)}),
    ('strafe right', {'vy_mps': (-inf, -0.08), 'vx_mps': (-0.08, 0.08)}),
    ('trot forward slowly', {'vx_mps': (0.08, 0.28)}),
    ('langsam rückwärts', {'vx_mps': (-0.28, -0.08)}),
    ('not slowly', {'vx_mps': (0.28, inf)}), ('walk, not backward', {'vx_mps': (0.0, inf)}),
    ('turn right at 0.4 rad/s', {'yaw_rate_rps': (-0.4, -0.4)}),
    ('no faster than 0.3 m/s', {'vx_mps': (0.0, 0.3)}),
    ('body at 20 cm', {'body_height_m': (0.2, 0.2)}),
    ('drive ½ m/s', {'vx_mps': (0.5, 0.5)}), ('1½ Hz', {'frequency_hz': (1.5, 1.5)}),
    ('vx=\u22120.2', {'vx_mps': (-0.2, -0.2)}),
    ('turn right, yaw -0.3', {'yaw_rate_rps': (-0.3, -0.3)}),
    ('spin, but not to the right', {'yaw_rate_rps': (0.08, inf)}),
    ('circle, never left', {'yaw_rate_rps': (-inf, -0.08)}),
    ('brake to 0.2 m/s', {'vx_mps': (0.2, 0.2)}),
    ('walk 3 m to your right', {'vy_mps': (-inf, -0.08), 'vx_mps': (-0.08, 0.08)}),
    ('pace 1 m back', {'vx_mps': (-inf, -0.08)}), ('back 3 m', {'vx_mps': (-inf, -0.08)}),
    ('raise your paws by 6 cm', {'swing_height_m': (0.06, 0.06)}),
    ('backward at least at 0.2 m/s, at most 0.4 m/s', {'vx_mps': (-0.4, -0.2)}),
    ('backward between 0.1 and 0.2 m/s', {'vx_mps': (-0.2, -0.1)}),
    ('strafe right, 0.1..0.2 m/s', {'vy_mps': (-0.2, -0.1), 'vx_mps': (-0.08, 0.08)}),
    ('between -0.2 m/s and 0.2 m/s', {'vx_mps': (-0.2, 0.2)}),
    ('trot to the left, 2 m', {})])
def test_ranges_are_in_the_direction_that_is_named(text, expected):
    found = ranges(text)
    assert found.keys() == expected.keys()
    for name, limits in expected.items():
        assert found[name] == pytest.approx(limits)


@pytest.mark.parametrize(('text', 'expected'), [
    ('lauf maximal 3 Kilometer pro Stunde', {'vx_mps': (0.0, 3 / 3.6)}),
    ('Bauch auf 26 Zentimeter', {'body_height_m': (0.26, 0.26)}),
    ('nicht weniger als einen halben Meter pro Sekunde', {'vx_mps': (0.5, inf)}),
    ('a lo sumo 1 kilómetro por hora', {'vx_mps': (0.0, 1 / 3.6)}),
    ('el tronco a 30 centímetros', {'body_height_m': (0.3, 0.3)}),
    ('medio metro por segundo como mínimo', {'vx_mps': (0.5, inf)}),
    ('pas plus de 2 kilomètres par heure', {'vx_mps': (0.0, 2 / 3.6)}),
    ('lève les pieds de 6 centimètres', {'swing_height_m': (0.06, 0.06)}),
    ('时速2公里', {'vx_mps': (2 / 3.6, 2 / 3.6)}), ('至少每小时1公里', {'vx_mps': (1 / 3.6, inf)}),
    ('抬腿6厘米', {'swing_height_m': (0.06, 0.06)}),
    ('zwischen 0,4 und 0,6 m/s', {'vx_mps': (0.4, 0.6)}),
    ('2 bis 2,5 Hertz', {'frequency_hz': (2.0, 2.5)}),
    ('entre 0,4 y 0,6 m/s', {'vx_mps': (0.4, 0.6)}), ('de 0,4 à 0,6 m/s', {'vx_mps': (0.4, 0.6)}),
    ('0.4到0.6米每秒', {'vx_mps': (0.4, 0.6)})])
def test_numbers_are_read_in_other_languages(text, expected):
    found = ranges(text)
    assert found.keys() == expected.keys()
    for name, limits in expected.items():
        assert found[name] == pytest.approx(limits)


@pytest.mark.parametrize(('text', 'ignored'), [
    ('between 0.3 and 0.6', ('between 0.3 and 0.6',)),
    ('pace at 2 hz, 0.3 to 0.6', ('0.3 to 0.6',)), ('turn 0.7', ('0.7',)),
    ('pace at 0.3 m/s', ()), ('walk 2 by 2', ()), ('0.5 % faster', ())])
def test_numbers_of_nothing_are_said_to_be_ignored(text, ignored):
    assert read_text(text).ignored == ignored


def test_a_spin_stays_on_the_spot():
    found = ranges('spin counterclockwise')
    assert found['yaw_rate_rps'][0] > 0
    assert max(map(abs, found['vx_mps'] + found['vy_mps'])) < 0.1


def test_forward_and_straight_are_taken_for_granted_and_called_so():
    assumed = {item.measure for item in read_text('trot').constraints if not item.words}
    assert assumed == {'vx_mps', 'vy_mps', 'yaw_rate_rps'}
    assert not any(item.measure == 'vx_mps' for item in read_text('spin left').constraints
                   if not item.words)


@pytest.mark.parametrize('text', ['do a backflip', 'walk on three legs', 'at 1 m/s into the wall',
                                  'climb the stairs'])
def test_what_the_robot_cannot_do_is_named(text):
    assert read_text(text).impossible


@pytest.mark.parametrize('text', ['do a handstand', 'shake hands', 'beg', 'high five, doggy!',
                                  'stand on your hind legs', 'fetch the stick', 'take a bow'])
def test_a_trick_is_all_that_such_a_text_asks_for(text):
    reading = read_text(text)
    assert reading.trick and reading.impossible


@pytest.mark.parametrize('text', ['stop before you run into the wall', 'play dead', 'sit', 'trot',
                                  'stop, do not bark', 'bow your legs and trot', 'stand'])
def test_other_texts_are_no_tricks(text):
    assert not read_text(text).trick


@pytest.mark.parametrize('text', ['no backflips, just trot', 'trot on diagonal legs',
                                  'walk with three feet staying down'])
def test_what_it_can_is_not(text):
    assert not read_text(text).impossible


@pytest.mark.parametrize(('text', 'measure', 'total'), [
    ('turn around', 'yaw_rate_rps', pi), ('turn left by 90 degrees', 'yaw_rate_rps', pi / 2),
    ('go 2 m forward', 'vx_mps', 2.0), ('go left 2 m', 'vy_mps', 2.0),
    ('strafe right for 1.5 m', 'vy_mps', 1.5),
    ('walk 10 steps', 'frequency_hz', 5.0),
    ('go all the way around twice', 'yaw_rate_rps', 4 * pi),
    ('spin four times', 'yaw_rate_rps', 8 * pi),
    ('one step to the right', 'frequency_hz', 0.5), ('two turns left', 'yaw_rate_rps', 4 * pi),
    ('zwei Meter nach rechts', 'vy_mps', 2.0), ('un metro a la izquierda', 'vy_mps', 1.0),
    ("avance d'un mètre", 'vx_mps', 1.0), ('转两圈', 'yaw_rate_rps', 4 * pi),
    ('trot forward', None, None), ('trot with 50 cm strides', None, None)])
def test_what_ends_a_goal_is_understood(text, measure, total):
    until = read_text(text).until
    assert (until and until.measure) == measure
    assert (until and until.total) == pytest.approx(total)


@pytest.mark.parametrize(('text', 'higher', 'lower'), [
    ('faster', ['vx_mps'], []), ('slow down', [], ['vx_mps']),
    ('a bit lower', [], ['body_height_m']), ('higher steps', ['swing_height_m'], []),
    ('do not go so fast', [], ['vx_mps']), ('not that slow', ['vx_mps'], []),
    ('quicker steps', ['frequency_hz'], []), ('turn left now', ['yaw_rate_rps'], []),
    ('schneller', ['vx_mps'], []), ('un poco más bajo', [], ['body_height_m']),
    ('keep going', [], [])])
def test_a_change_changes_what_it_names_and_nothing_else(text, higher, lower):
    result = changed(TROT, read_text(text))
    assert [name for name in TROT if result[name] > TROT[name]] == higher
    assert [name for name in TROT if result[name] < TROT[name]] == lower


@pytest.mark.parametrize(('text', 'expected'), [
    ('twice as fast', {'vx_mps': 1.0}), ('half the speed', {'vx_mps': 0.25}),
    ('20 percent faster', {'vx_mps': 0.6}),
    ('half as high steps', {'swing_height_m': 0.03}), ('drop by 2 cm', {'body_height_m': 0.26}),
    ('feet twice as high', {'swing_height_m': 0.12}),
    ('same gait but backwards', {'vx_mps': -0.5}),
    ('the other way', {'vx_mps': -0.5}), ('now pace', {'phase_rl': 0.0, 'phase_rr': 0.5})])
def test_how_much_is_understood(text, expected):
    assert changed(TROT, read_text(text)) == pytest.approx(TROT | expected)


@pytest.mark.parametrize(('text', 'speed'), [
    ('faster', 0.08), ('slower', 0.0), ('twice as fast', 0.08), ('add 0.2 m/s', 0.2)])
def test_a_robot_that_stands_still_can_be_told_to_change(text, speed):
    result = changed(TROT | {'vx_mps': 0.0}, read_text(text))
    assert (result['vx_mps'], result['vy_mps']) == pytest.approx((speed, 0.0))


def test_what_turns_on_the_spot_turns_faster():
    spin = TROT | {'vx_mps': 0.0, 'yaw_rate_rps': -0.5}
    faster = changed(spin, read_text('twice as fast'))
    assert faster == pytest.approx(spin | {'yaw_rate_rps': -1.0})


def test_a_gait_that_is_ruled_out_leaves_the_phases_open():
    assert not any(name.startswith('phase') for name in changed(TROT, read_text('do not trot')))


def test_captions_keep_their_own_words():
    """What the generator has learnt must reach it as it was learnt."""
    archive = Archive(SHIPPED_INDEX)
    rows = np.random.default_rng(0).permutation(len(archive.captions))[:400]
    texts = [caption.text for row in rows for captions in archive.captions[row]
             for caption in captions]
    readings = [reword(text) for text in texts]
    assert all(reading.language == 'en' for reading in readings)
    same = np.mean([reading.text == fold(text) for reading, text in zip(readings, texts)])
    assert same > 0.98


@given(strategies.text(max_size=120))
def test_no_text_is_too_strange(text):
    reading = read_text(text)
    for item in reading.constraints:
        assert item.low <= item.high
