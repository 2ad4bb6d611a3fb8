# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Numbers and units in texts."""

from math import inf, pi

from hypothesis import given, strategies
from policy_gen_ros.domains.go2.gait.quantities import quantities
import pytest


@pytest.mark.parametrize(('text', 'kind', 'low', 'high'), [
    ('trot at 2 km/h', 'speed', 2 / 3.6, 2 / 3.6), ('0.5m/s', 'speed', 0.5, 0.5),
    ('.5 mps', 'speed', 0.5, 0.5), ('0,5 m/s', 'speed', 0.5, 0.5),
    ('-0.5 m/s', 'speed', -0.5, -0.5),
    ('half a metre per second', 'speed', 0.5, 0.5), ('1 mph', 'speed', 0.44704, 0.44704),
    ('0.5-0.7 m/s', 'speed', 0.5, 0.7), ('between 0.5 and 0.7 m/s', 'speed', 0.5, 0.7),
    ('at most 0.4 m/s', 'speed', -inf, 0.4), ('no faster than 30 cm/s', 'speed', -inf, 0.3),
    ('at least 0.4 m/s', 'speed', 0.4, inf), ('0.4 m/s or more', 'speed', 0.4, inf),
    ('never less than half a meter per second', 'speed', 0.5, inf),
    ("don't let your body go lower than 25 cm", 'body height', 0.25, inf),
    ('do not go faster than 0.4 m/s', 'speed', -inf, 0.4),
    ('one point one meters per second', 'speed', 1.1, 1.1),
    ('zero comma four meters per second', 'speed', 0.4, 0.4),
    ('a hundred and twenty degrees', 'angle', 2 * pi / 3, 2 * pi / 3),
    ('five metres with the feet lifted high', 'distance', 5, 5),
    ('hull 26 cm up', 'body height', 0.26, 0.26), ('swing: 0.05', 'step height', 0.05, 0.05),
    ('yaw rate 0.3', 'turn rate', 0.3, 0.3),
    ('point five meters per second', 'speed', 0.5, 0.5), ('speed 0.5', 'speed', 0.5, 0.5),
    ('3 hz', 'stepping frequency', 3, 3), ('three steps per second', 'stepping frequency', 3, 3),
    ('150 steps per minute', 'stepping frequency', 2.5, 2.5),
    ('30 degrees per second', 'turn rate', pi / 6, pi / 6), ('0.6 rad/s', 'turn rate', 0.6, 0.6),
    ('body at 20 cm', 'body height', 0.2, 0.2), ('20 cm steps', 'step height', 0.2, 0.2),
    ('belly 0.22 m above the ground', 'body height', 0.22, 0.22),
    ('lift the feet 80 mm', 'step height', 0.08, 0.08),
    ('feet down 60 percent of the time', 'share of time on the ground', 0.6, 0.6),
    ('duty factor 0.6', 'share of time on the ground', 0.6, 0.6),
    ('turn by 90 degrees', 'angle', pi / 2, pi / 2), ('go 2 m forward', 'distance', 2, 2),
    ('walk ten steps', 'number of steps', 10, 10),
    ('a dozen slow steps', 'number of steps', 12, 12), ('eight bounds', 'number of steps', 8, 8),
    ('duty cycle to one half', 'share of time on the ground', 0.5, 0.5),
    ('0.5 duty', 'share of time on the ground', 0.5, 0.5), ('forward at 0.8', 'speed', 0.8, 0.8),
    ('twelve decimetres per second', 'speed', 1.2, 1.2), ('h = 0.29 m', 'body height', 0.29, 0.29),
    ('without lifting the feet more than 4 cm', 'step height', -inf, 0.04),
    ('pace - 0.4 m/s', 'speed', 0.4, 0.4), ('minus 0.4 m/s', 'speed', -0.4, -0.4),
    ('< 0.6 m/s', 'speed', -inf, 0.6), ('\u22652 hz', 'stepping frequency', 2, inf),
    ('a gait period of 500 ms', 'stepping frequency', 2, 2),
    ('0.4 s step cycle', 'stepping frequency', 2.5, 2.5),
    ('rotate left by 90 and trot', 'angle', pi / 2, pi / 2), ('do a 360', 'angle', 2 * pi, 2 * pi),
    ('spin to the right 45', 'angle', pi / 4, pi / 4), ('1/2 turn left', 'angle', pi, pi),
    ('hop 10 cm high', 'step height', 0.1, 0.1), ('sink by 4 cm', 'body height', 0.04, 0.04),
    ('3/4 m/s', 'speed', 0.75, 0.75), ('1 1/2 hz', 'stepping frequency', 1.5, 1.5),
    ('two tenths of a metre per second', 'speed', 0.2, 0.2), ('250 mm/s', 'speed', 0.25, 0.25),
    ('0.7 m·s^-1', 'speed', 0.7, 0.7), ('0.2 rad s-1', 'turn rate', 0.2, 0.2),
    ('turn by 0.8 rad', 'angle', 0.8, 0.8), ('three full rotations', 'angle', 6 * pi, 6 * pi),
    ('half a turn to the left', 'angle', pi, pi), ('0.5 km', 'distance', 500, 500),
    ('10 yards', 'distance', 9.144, 9.144), ('a step forward', 'number of steps', 1, 1),
    ('back up 40 cm', 'distance', 0.4, 0.4),
    ('go 35 cm with the knees high', 'distance', 0.35, 0.35),
    ('25 cm to the left with your belly low', 'distance', 0.25, 0.25),
    ('paws at least 6 cm above the ground', 'step height', 0.06, inf),
    ('20 cm of ground clearance', 'body height', 0.2, 0.2),
    ('airborne 30 % of the time', 'share of time on the ground', 0.7, 0.7),
    ('vx -0.2', 'vx_mps', -0.2, -0.2), ('vy=0.1', 'vy_mps', 0.1, 0.1),
    ('yaw rate: -0.3', 'turn rate', -0.3, -0.3), ('contact_rl 0.45', 'contact_rl', 0.45, 0.45),
    ('swing_height_m = 0.07', 'swing_height_m', 0.07, 0.07), ('speed -0.4', 'speed', -0.4, -0.4),
    ('a speed up to 0.4 m/s', 'speed', -inf, 0.4), ('speed up to 0.9 m/s', 'speed', 0.9, 0.9),
    ('step at 150 rpm', 'stepping frequency', 2.5, 2.5),
    ('spin at 10 rpm', 'turn rate', pi / 3, pi / 3),
    ('0.2-0.4 m/s', 'speed', 0.2, 0.4), ('2-3 hz', 'stepping frequency', 2, 3),
    ('-0.4 to -0.2 m/s', 'speed', -0.4, -0.2), ('-0.1 to 0.3 m/s', 'speed', -0.1, 0.3),
    ('0.5 \u00b1 0.1 m/s', 'speed', 0.4, 0.6), ('pace 0.2 to 0.4', 'speed', 0.2, 0.4),
    ('bound between 0.6 and 0.9', 'speed', 0.6, 0.9), ('speed 0.2-0.4', 'speed', 0.2, 0.4),
    ('cadence between 2 and 2.5', 'stepping frequency', 2, 2.5),
    ('vx in [0.2, 0.4]', 'vx_mps', 0.2, 0.4), ('vx -0.4 to -0.2', 'vx_mps', -0.4, -0.2),
    ('body height 22 to 26 cm', 'body height', 0.22, 0.26),
    ('height 0.22-0.26', 'body height', 0.22, 0.26),
    ('duty 0.6 to 0.7', 'share of time on the ground', 0.6, 0.7),
    ('yaw -0.2 to 0.2', 'turn rate', -0.2, 0.2), ('0.4 meter in a second', 'speed', 0.4, 0.4)])
def test_a_quantity_is_read_in_si_units(text, kind, low, high):
    (found,) = quantities(text)
    assert found.kind == kind
    assert (found.low, found.high) == pytest.approx((low, high))
    assert text[found.start:found.end] == found.words


@pytest.mark.parametrize('text', ['one foot at a time', 'all four feet together', 'trot for 5 s',
                                  'point blank', 'a step', '20 % faster', 'two feet together',
                                  'trot a bit', 'bound 2 by 2', '1/0 m/s', '40 cm strides',
                                  'in a 3 m circle', 'a circle of radius 2 m'])
def test_other_numbers_are_no_quantities(text):
    assert not quantities(text)


def test_two_lengths_belong_to_the_nouns_next_to_them():
    found = quantities('lift the feet 8 cm with the body 25 cm high')
    assert [(item.kind, item.low) for item in found] == [('step height', 0.08),
                                                         ('body height', 0.25)]


@pytest.mark.parametrize(('text', 'expected'), [
    ('0.4 m/s and 2,5 hz', [('speed', 0.4), ('stepping frequency', 2.5)]),
    ('0.2 m/s backward and 0.1 m/s to the right', [('vx_mps', -0.2), ('vy_mps', -0.1)]),
    ('left at 0.1 m/s, ahead at 0.3 m/s', [('vy_mps', 0.1), ('vx_mps', 0.3)]),
    ('1 m to 20 cm high steps', [('distance', 1.0), ('step height', 0.2)])])
def test_two_quantities_are_no_range(text, expected):
    assert [(item.kind, item.low) for item in quantities(text)] == expected
    assert all(item.low == item.high for item in quantities(text))


@given(strategies.floats(0.01, 3).map(lambda x: round(x, 3)),
       strategies.sampled_from([('m/s', 1.0), ('km/h', 1 / 3.6), ('cm/s', 0.01), ('mps', 1.0)]),
       strategies.sampled_from(['', ' ']), strategies.sampled_from(['.', ',']))
def test_every_number_is_read_whatever_its_unit_and_point(value, unit, blank, point):
    text = f'trot at {value:.3f}{blank}{unit[0]} forward'.replace('.', point)
    (found,) = quantities(text)
    assert found.low == found.high == pytest.approx(value * unit[1])


@given(strategies.text(max_size=80))
def test_no_text_is_too_strange(text):
    for found in quantities(text):
        assert found.low <= found.high
