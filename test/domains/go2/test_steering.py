# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Velocity commands: never beyond the range of training, nor beyond what the gait can keep up."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.steering import limit_command
import pytest

FAST, SLOW_AND_TALL = 3.5, {**dict.fromkeys(CONTACT_NAMES, 0.75), 'body_height_m': 0.33}


def test_an_actor_of_unknown_gait_is_limited_by_the_range_alone():
    assert np.array_equal(limit_command(np.array([9.0, -9.0, 0.1]), FAST, {}),
                          [go2.COMMAND_UPPER[0], go2.COMMAND_LOWER[1], 0.1])


def test_slow_steps_of_a_tall_robot_carry_it_less_far():
    asked = np.array([go2.COMMAND_UPPER[0], 0.0, 0.0])
    quick = limit_command(asked, FAST, SLOW_AND_TALL)
    slow = limit_command(asked, 1.5, SLOW_AND_TALL)
    assert 0.2 < slow[0] < 0.6 * quick[0]
    assert slow[1:] == pytest.approx([0.0, 0.0])


@given(st.tuples(*[st.floats(-5, 5)] * 3), st.floats(0.5, 6), st.floats(0, 1),
       st.floats(0.12, 0.42))
def test_what_is_given_has_the_direction_asked_for(command, clock_hz, contact, height):
    measures = {**dict.fromkeys(CONTACT_NAMES, contact), 'body_height_m': height}
    inside = np.clip(command, go2.COMMAND_LOWER, go2.COMMAND_UPPER)
    given_command = limit_command(np.array(command), clock_hz, measures)
    assert (np.abs(given_command) <= np.abs(inside)).all()
    assert np.allclose(np.cross(given_command, inside), 0)
