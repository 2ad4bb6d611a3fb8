# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Clock, command and aims survive their encoding, as do the aims of a domain without controls."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.extras import Control, Extras
from policy_gen_ros.domains.measures import circular_difference
import pytest
from toy_domain import Toy

EXTRAS = find_domain('go2').extras


@given(clock=st.floats(1.2, 4), command=st.lists(st.floats(-1, 1), min_size=3, max_size=3),
       contacts=st.lists(st.floats(0, 1), min_size=4, max_size=4),
       phases=st.lists(st.floats(0, 0.999), min_size=3, max_size=3),
       rest=st.lists(st.floats(-1, 1), min_size=5, max_size=5))
def test_round_trip(clock, command, contacts, phases, rest):
    measures = np.array([[*contacts, clock, *phases, *rest]])
    controls, got = EXTRAS.decode(EXTRAS.encode(np.array([[clock, *command]]), measures))
    assert np.allclose(controls, [[clock, *command]], atol=1e-5)
    assert np.allclose(np.delete(got, [5, 6, 7]), np.delete(measures, [5, 6, 7]), atol=1e-5)
    assert np.abs(circular_difference(got[0, 5:8], measures[0, 5:8])).max() < 1e-5


def test_only_what_was_said_is_known():
    said = np.full((1, 13), np.nan)
    said[0, [0, 4, 10]] = 0.6, 3.0, 0.4
    known = EXTRAS.known(said)
    assert np.isfinite(known).sum() == 3
    complete = np.array([[0.6, 0.5, 0.5, 0.5, 3.0, 0.5, 0.5, 0, 0.3, 0.1, 0.4, 0, 0]])
    controls = complete[:, [4, 10, 11, 12]] + [0, 0.1, 0.1, 0.1]
    whole = EXTRAS.encode(controls, complete)
    spoken = np.isfinite(known)
    assert np.allclose(known[spoken], whole[spoken])
    assert np.isnan(EXTRAS.known(complete)).sum() == EXTRAS.control_dim - 1


def test_the_order_of_what_is_generated_is_that_of_the_shipped_bundle():
    """Clock and command first, then sines and cosines of the phases, then all other measures."""
    assert (EXTRAS.control_dim, EXTRAS.dim) == (4, 19)
    assert EXTRAS.plain.tolist() == [0, 1, 2, 3, 8, 9, 10, 11, 12]
    measures = np.array([[0.55, 0.55, 0.55, 0.55, 2.7, 0.25, 0.5, 0.0, 0.27, 0.075, 0.5, 0, 0]])
    encoded = EXTRAS.encode(np.array([[3.3, 0.65, 0.1, -0.2]]), measures)
    expected = [1, 1, 1, -1, 1, 0, 0, 0, -1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0]
    assert encoded.dtype == np.float32
    assert encoded[0] == pytest.approx(expected, abs=1e-6)


def test_contacts_that_are_sampled_beyond_their_range_are_clipped():
    extras = EXTRAS.encode(np.zeros((1, 4)), np.zeros((1, 13)))
    extras[0, EXTRAS.control_dim + 6:] = 99
    _, measures = EXTRAS.decode(extras)
    assert measures[0, :4].tolist() == [1, 1, 1, 1]
    assert measures[0, 8:].min() > 2


def test_policies_that_reach_their_targets_need_no_more_than_these():
    measures = np.array([[0.5, 0.5, 0.5, 0.5, 3.0, 0.5, 0.5, 0, 0.3, 0.1, 0.4, 0.1, -0.2]])
    implied = EXTRAS.implied(measures)
    assert implied.tolist() == [[3.0, 0.4, 0.1, -0.2]]
    _, again = EXTRAS.decode(EXTRAS.encode(implied, measures))
    assert np.allclose(again, measures, atol=1e-6)


@given(speed=st.floats(0, 4), heading=st.floats(0, 0.999), height=st.floats(0, 1))
def test_without_controls_there_are_the_measures_alone(speed, heading, height):
    extras, measures = Toy().extras, np.array([[speed, heading, height]])
    assert (extras.control_dim, extras.dim) == (0, 4)
    encoded = extras.encode(np.zeros((1, 0)), measures)
    assert np.array_equal(encoded, extras.known(measures))
    controls, got = extras.decode(encoded)
    assert controls.shape == extras.implied(measures).shape == (1, 0)
    assert np.allclose(got[:, [0, 2]], measures[:, [0, 2]], atol=1e-5)
    assert abs(circular_difference(got[0, 1], heading)) < 1e-5


def test_a_control_without_a_measure_deviates_from_its_centre():
    extras = Extras(Toy.measures, (Control('gain', '', 0.5, centre=2.0),))
    measures = np.array([[1.0, 0.0, 0.5]])
    assert extras.implied(measures).tolist() == [[2.0]]
    assert extras.encode(np.array([[3.0]]), measures)[0, 0] == 2.0
    assert np.isnan(extras.known(measures)[0, 0])
    assert extras.decode(extras.encode(np.array([[3.0]]), measures))[0] == pytest.approx(3.0)
