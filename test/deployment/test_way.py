# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A way is measured by odometry: gaps, directions and rubbish do not count as steps taken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from policy_gen_ros.deployment.way import LONGEST_GAP_S, OBSERVED, rate_along, Way
from policy_gen_ros.goals.language.reading import Amount
import pytest

STILL = dict.fromkeys(OBSERVED, 0.0)


def way(total: float = 2.0, rate: float = 0.5, measure: str = 'vx_mps') -> Way:
    return Way(Amount(measure, total, 'go 2 m'), STILL | {measure: rate})


def test_two_metres_at_half_a_metre_a_second_are_reached_after_four_seconds():
    gone = way()
    for tick in range(201):
        assert not gone.reached
        gone.add(0.02 * tick, STILL | {'vx_mps': 0.5})
    gone.add(4.02, STILL | {'vx_mps': 0.5})
    assert gone.reached and gone.gone == pytest.approx(2.01)


def test_turning_right_reaches_an_angle_to_the_right_only():
    right, left = way(1.0, -0.5, 'yaw_rate_rps'), way(1.0, 0.5, 'yaw_rate_rps')
    for tick in range(120):
        for each in (right, left):
            each.add(0.02 * tick, STILL | {'yaw_rate_rps': -0.5})
    assert right.reached and not left.reached and left.gone < 0


def test_a_way_goes_where_the_actor_aims_at():
    """"Walk 2 m to the left" is a way of metres, whatever side they lie on."""
    amount = Amount('vx_mps', 2.0, '2 m')
    aimed = STILL | {'vx_mps': 0.3, 'vy_mps': -0.4}
    assert rate_along(amount, aimed) == pytest.approx(0.5)
    gone = Way(amount, aimed)
    for tick in range(11):
        gone.add(0.1 * tick, aimed)
    assert gone.gone == pytest.approx(0.5)
    gone.add(1.1, STILL | {'vx_mps': 0.4, 'vy_mps': 0.3})
    assert gone.gone == pytest.approx(0.5), 'across its way is no way'


@pytest.mark.parametrize('rubbish', [float('nan'), float('inf')])
def test_what_is_not_finite_is_left_out(rubbish):
    gone = way()
    for time_s, rate in ((0.0, 1.0), (0.1, rubbish), (0.2, 1.0)):
        gone.add(time_s, STILL | {'vx_mps': rate})
    assert gone.gone == pytest.approx(0.2)


def test_silence_is_no_way_and_is_known():
    gone = way()
    assert not gone.followed(0.0)
    gone.add(0.0, STILL | {'vx_mps': 1.0})
    assert gone.followed(LONGEST_GAP_S) and not gone.followed(LONGEST_GAP_S + 0.1)
    gone.add(10.0, STILL | {'vx_mps': 1.0})
    assert gone.gone == 0.0 and gone.followed(10.0)


@given(st.lists(st.floats(0.001, 0.9 * LONGEST_GAP_S), min_size=1, max_size=50),
       st.floats(-3, 3), st.sampled_from(OBSERVED))
def test_a_constant_velocity_times_the_time_is_the_way(gaps, rate, measure):
    gone, time_s = way(1.0, -1.0, measure), 0.0  # aims the other way
    gone.add(time_s, STILL)
    for gap in gaps:
        time_s += gap
        gone.add(time_s, STILL | {measure: rate})
    assert gone.gone == pytest.approx(-rate * time_s)
