# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Goals outside of training, or against themselves: warned about, refused, or replaced."""

import numpy as np
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.go2.gait.measures import (
    GAIT_PHASES,
    MEASURE_NAMES,
    nearest_families,
    PHASE_NAMES,
)
from policy_gen_ros.domains.go2.gait.text_reading import read_text
from policy_gen_ros.domains.go2.shipped import SHIPPED_BUNDLE
from policy_gen_ros.generation.coverage import Coverage, load_coverage
from policy_gen_ros.generation.goal_validation import GoalValidation
from policy_gen_ros.generation.understanding import EmbeddedText
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import Intent, Understood
from policy_gen_ros.goals.language.reading import TextReading
import pytest

TROT = np.array([[0.5, 0.5, 0.5, 0.5, 2.5, 0.5, 0.5, 0.0, 0.28, 0.07, 0.4, 0.0, 0.0]])
GO2 = find_domain('go2')
COVERAGE = Coverage(GO2, TROT, np.full(13, 0.5), np.array([1.0, -0.5]), np.zeros((0, 90)),
                    np.array([1.0]))
FREQUENCY = MEASURE_NAMES.index('frequency_hz')
KNOWN, FAST = Goal(measures={'vx_mps': 0.4}), Goal(measures={'vx_mps': 2.0, 'frequency_hz': 2.6})


def test_what_is_covered_passes_without_a_word():
    goal, remarks, described, *_ = GoalValidation(GO2, COVERAGE).admit(KNOWN, None)
    assert goal is KNOWN
    assert remarks == ()
    assert described == 'vx_mps=0.4'


def by_words(text):
    """Return a goal, and its text as it is understood without an encoder."""
    return Goal(text=text), EmbeddedText(read_text(text), Understood(Intent.WALK), None)


def test_a_warning_changes_nothing():
    goal, remarks, *_ = GoalValidation(GO2, COVERAGE, 'warn').admit(FAST, None)
    assert goal is FAST
    assert len(remarks) == 1 and 'vx_mps = 2 m/s is outside' in remarks[0]


def test_refused_goals_are_errors():
    with pytest.raises(ValueError, match='vx_mps = 2 m/s is outside'):
        GoalValidation(GO2, COVERAGE, 'refuse').admit(FAST, None)
    with pytest.raises(ValueError, match='several gaits'):
        GoalValidation(GO2, None, 'refuse').admit(*by_words('trot and pace'))


def test_the_nearest_takes_the_place_of_what_was_given_and_of_nothing_else():
    goal, remarks, *_ = GoalValidation(GO2, COVERAGE, 'nearest').admit(FAST, None)
    assert goal.measures == pytest.approx({'vx_mps': 0.4, 'frequency_hz': 2.5})
    assert set(goal.measures) < set(MEASURE_NAMES)
    assert 'asked for instead' in remarks[0]


def test_a_text_about_something_else_is_named():
    screen = GoalValidation(GO2, COVERAGE)
    text = Goal(text='buy milk')
    for sentence, remarks in ((1.0, 0), (0.0, 1)):
        embedded = EmbeddedText(TextReading('buy milk'), Understood(Intent.WALK),
                                np.array([sentence]))
        found = screen.admit(text, embedded).remarks
        assert len(found) == remarks
        assert all('nothing about gait' in remark for remark in found)


def test_a_gait_that_was_never_learned_is_named_and_refused():
    for asked in (by_words('pace forward'), by_words('not a trot but a pace'),
                  (Goal(measures=dict(zip(PHASE_NAMES, GAIT_PHASES['pace']))), None)):
        remarks = GoalValidation(GO2, COVERAGE).admit(*asked)[1]
        assert "the archive has hardly any 'pace'; it has trot" in remarks
        with pytest.raises(ValueError, match="hardly any 'pace'"):
            GoalValidation(GO2, COVERAGE, 'refuse').admit(*asked)
    assert GoalValidation(GO2, COVERAGE).admit(*by_words('trot forward, not a pace'))[1] == ()


def test_the_shipped_bundle_knows_which_gaits_it_learned(monkeypatch):
    """Some of its behaviours are nearest to a new family, but they lie between the old ones."""
    monkeypatch.setitem(GAIT_PHASES, 'stagger', (0.125, 0.375, 0.75))
    coverage = load_coverage(SHIPPED_BUNDLE, GO2)
    assert 'stagger' in nearest_families(coverage.points)
    assert 'stagger' not in coverage.families
    assert {'walk', 'trot', 'pace', 'bound', 'pronk'} <= set(coverage.families)
    asked = Goal(measures=dict(zip(PHASE_NAMES, GAIT_PHASES['stagger'])))
    assert "hardly any 'stagger'; it has walk, trot, pace, bound" in ' '.join(
        GoalValidation(GO2, coverage).admit(asked, None)[1])
    for family in coverage.families:
        assert GoalValidation(GO2, coverage).admit(*by_words(family))[1] == ()


def test_an_unknown_word_is_refused():
    with pytest.raises(ValueError, match='warn, refuse, nearest'):
        GoalValidation(GO2, None, 'ignore')


def test_targets_outside_become_the_nearest_covered_where_nobody_asked():
    screen = GoalValidation(GO2, COVERAGE)
    far = COVERAGE.points[0].astype(float)
    far[FREQUENCY] += 5.0
    free = np.ones(len(far), bool)
    np.testing.assert_array_equal(screen.covered(far, free), COVERAGE.nearest(far))
    free[FREQUENCY] = False
    assert screen.covered(far, free)[FREQUENCY] == far[FREQUENCY]
    within = COVERAGE.points[0].astype(float)
    np.testing.assert_array_equal(screen.covered(within, free), within)
    np.testing.assert_array_equal(GoalValidation(GO2, None).covered(far, free), far)
