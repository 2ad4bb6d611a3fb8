# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Clock, command and aims survive their encoding."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.domains.go2.gait.measures import circular_difference
from policy_gen_ros.models.sample import CONTROL_DIM, decode_extras, encode_extras, known_extras


@given(clock=st.floats(1.2, 4), command=st.lists(st.floats(-1, 1), min_size=3, max_size=3),
       contacts=st.lists(st.floats(0, 1), min_size=4, max_size=4),
       phases=st.lists(st.floats(0, 0.999), min_size=3, max_size=3),
       rest=st.lists(st.floats(-1, 1), min_size=5, max_size=5))
def test_round_trip(clock, command, contacts, phases, rest):
    measures = np.array([[*contacts, clock, *phases, *rest]])
    got_clock, got_command, got = decode_extras(
        encode_extras(np.array([clock]), np.array([command]), measures))
    assert np.allclose(got_clock, clock, atol=1e-5)
    assert np.allclose(got_command, command, atol=1e-5)
    assert np.allclose(np.delete(got, [5, 6, 7]), np.delete(measures, [5, 6, 7]), atol=1e-5)
    assert np.abs(circular_difference(got[0, 5:8], measures[0, 5:8])).max() < 1e-5


def test_only_what_was_said_is_known():
    said = np.full((1, 13), np.nan)
    said[0, [0, 4, 10]] = 0.6, 3.0, 0.4
    known = known_extras(said)
    assert np.isfinite(known).sum() == 3
    complete = np.array([[0.6, 0.5, 0.5, 0.5, 3.0, 0.5, 0.5, 0, 0.3, 0.1, 0.4, 0, 0]])
    whole = encode_extras(complete[:, 4], complete[:, 10:] + 0.1, complete)
    spoken = np.isfinite(known)
    assert np.allclose(known[spoken], whole[spoken])
    assert np.isnan(known_extras(complete)).sum() == CONTROL_DIM - 1
