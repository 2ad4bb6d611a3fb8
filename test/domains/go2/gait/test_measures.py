# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Measures: rhythm and family from contacts, and refusals."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.domains.go2.gait.measures import (
    family_distances,
    GAIT_FAMILIES,
    GAIT_PHASES,
    MEASURE_NAMES,
    measure_rhythm,
    MEASURES,
    nearest_family,
)
from policy_gen_ros.domains.measures import circular_difference
import pytest

DT_S = 0.005


def contacts(frequency_hz, duty, phases, seconds=8.0):
    """Perfect contact record of a gait."""
    t = np.arange(0, seconds, DT_S)[:, None]
    offset = np.array([0.0, *phases])
    return (t * frequency_hz - offset) % 1.0 < duty


@pytest.mark.parametrize('family', GAIT_PHASES)
@given(frequency=st.floats(1.5, 4.0), duty=st.floats(0.35, 0.75), jitter=st.floats(-0.04, 0.04))
@settings(max_examples=25, deadline=None)
def test_rhythm_of_every_family_is_recovered(family, frequency, duty, jitter):
    phases = (np.array(GAIT_PHASES[family]) + jitter) % 1.0
    measured_hz, measured = measure_rhythm(contacts(frequency, duty, phases), DT_S)
    assert measured_hz == pytest.approx(frequency, rel=0.05)
    assert np.abs(circular_difference(measured, phases)).max() < 0.05
    assert nearest_family(measured) == family


def test_the_families_keep_their_numbers():
    assert GAIT_FAMILIES[:5] == ('walk', 'trot', 'pace', 'bound', 'pronk'), (
        'shipped elites and logs of searches know families by number: new ones go to the end of '
        'GAIT_PHASES')


@pytest.mark.parametrize(('one', 'other'), [*combinations(GAIT_PHASES, 2)])
def test_the_families_keep_their_distance(one, other):
    apart = family_distances(np.array(GAIT_PHASES[one]))[other]
    assert apart >= 0.5, (f'{other!r} is {apart:.2f} cycles from {one!r}; keep 0.5, see '
                          'docs/add_a_gait.md')


def test_the_first_of_equally_near_families_is_taken():
    between = (np.array(GAIT_PHASES['walk']) + GAIT_PHASES['pace']) / 2
    between[1] = 7 / 8
    apart = family_distances(between)
    assert apart['walk'] == apart['pace'] == min(apart.values())
    assert nearest_family(between) == 'walk'


def test_short_contact_chatter_does_not_count_as_steps():
    record = contacts(2.0, 0.5, GAIT_PHASES['trot'])
    record[10::100] = ~record[10::100]
    frequency, phases = measure_rhythm(record, DT_S)
    assert frequency == pytest.approx(2.0, rel=0.05)
    assert nearest_family(phases) == 'trot'


def test_standing_and_flying_have_no_gait():
    for value in (True, False):
        frequency, phases = measure_rhythm(np.full((1000, 4), value), DT_S)
        assert np.isnan(frequency)
        assert nearest_family(phases) == 'none'


@given(a=st.floats(-3, 3), b=st.floats(-3, 3))
def test_circular_difference_is_the_short_way_round(a, b):
    difference = circular_difference(a, b)
    assert -0.5 <= difference < 0.5
    assert np.isclose(np.exp(2j * np.pi * (b + difference)), np.exp(2j * np.pi * a), atol=1e-6)


def test_unknown_measure_is_refused_with_a_suggestion():
    with pytest.raises(ValueError, match="did you mean 'body_height_m'"):
        MEASURES.check({'body_heigt': 0.3})


@pytest.mark.parametrize('value', [float('nan'), float('inf'), -0.1, 1.2])
def test_measure_out_of_range_is_refused(value):
    with pytest.raises(ValueError, match='contact_fl'):
        MEASURES.check({'contact_fl': value})


def test_there_are_thirteen_measures():
    assert len(MEASURE_NAMES) == len(MEASURES) == 13


def test_bundles_rely_on_the_scales():
    assert MEASURES.centre.tolist() == [0.55] * 4 + [2.7] + [0.0] * 3 + [0.27, 0.075, 0, 0, 0]
    assert MEASURES.spread.tolist() == [0.1] * 4 + [0.6] + [1.0] * 3 + [0.035, 0.025, 0.5, 0.2,
                                                                       0.6]
    assert np.flatnonzero(MEASURES.circular).tolist() == [5, 6, 7]
    assert MEASURES.grid.tolist() == np.flatnonzero(MEASURES.bounded).tolist() == [0, 1, 2, 3]
