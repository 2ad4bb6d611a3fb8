# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Rehearsal with the shipped bundle in real twins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from policy_gen_ros.deployment.rehearsal.rehearse import (
    asked_family,
    RehearsalConfig,
    RehearsalError,
    rehearse,
    walk_candidates,
)
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.gait.text_reading import read_text
from policy_gen_ros.domains.go2.shipped import ADAPTOR_FILE
from policy_gen_ros.domains.go2.standing import standing_actor
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.reading import TextReading
import pytest

CONFIG = RehearsalConfig(candidates=3, twins=3)


@pytest.fixture(scope='module')
def generator() -> PolicyGenerator:
    return PolicyGenerator.load()


@pytest.fixture(scope='module')
def adaptor() -> Adaptor:
    return Adaptor.load(bundle_path(None) / ADAPTOR_FILE)


def test_the_best_that_qualifies_is_chosen(generator, adaptor):
    goal = Goal(text='trot forward')
    found = rehearse(generator, adaptor, goal, CONFIG, seed=0)
    alone = generator.generate(goal, seed=0).to_vector()  # other bits in a batch of another size
    assert found.candidates[0].actor.to_vector() == pytest.approx(alone, abs=1e-4)
    fit = [c for c in found.candidates if c.qualified]
    assert found.actor is found.candidates[found.chosen].actor
    assert found.candidates[found.chosen].reward == max(
        c.reward for c in fit if (c.as_asked < 0.5) == min(c.as_asked < 0.5 for c in fit))
    assert {walk.family for walk, fault in zip(fit[0].walks, fit[0].faults) if not fault} \
        == {'trot'}
    again = rehearse(generator, adaptor, goal, CONFIG, seed=0)
    assert [c.reward for c in again.candidates] == [c.reward for c in found.candidates]


def test_measures_choose_the_nearest(generator, adaptor):
    goal = Goal(measures={'vx_mps': 0.5, 'frequency_hz': 2.5, 'contact_fl': 0.5})
    found = rehearse(generator, adaptor, goal, CONFIG, seed=1)
    assert found.candidates[found.chosen].distance == min(
        c.distance for c in found.candidates if c.qualified and c.as_asked >= 0.5)
    assert abs(found.candidates[found.chosen].measures['frequency_hz'] - 2.5) < 0.3


def test_candidates_carry_the_goal_that_was_asked_for(generator, adaptor):
    goal = Goal(measures={'vx_mps': 0.5, 'contact_fl': 0.5})
    found = rehearse(generator, adaptor, goal, CONFIG)
    assert {c.actor.goal for c in found.candidates} == {'vx_mps=0.5, contact_fl=0.5'}


def test_none_that_qualifies_is_refused_with_reasons(generator, adaptor):
    kicked = replace(CONFIG, perturbation=Perturbation(push_mps=6.0, push_every_s=1.0))
    found = rehearse(generator, adaptor, Goal(text='trot forward'), kicked)
    assert found.chosen is None and not any(c.qualified for c in found.candidates)
    with pytest.raises(RehearsalError, match="'trot forward' did not pass its rehearsal") as no:
        _ = found.actor
    assert 'no candidate of 3' in str(no.value) and '9 x "falls"' in str(no.value)
    assert {c.why_not for c in found.candidates} == {'falls in 3 of 3 perturbed twins'}
    result = found.to_dict()
    assert result['qualified'] is False and result['chosen'] is None
    assert set(result['candidates'][0]) >= {'qualified', 'survived', 'reward', 'measures',
                                            'why_not'}


def test_who_does_not_step_or_walks_otherwise_does_not_qualify(generator, adaptor, monkeypatch):
    trot = generator.generate(Goal(text='trot forward'))
    stands = standing_actor(trot.spec, '')
    falls = replace(trot, layers=tuple((-weight, bias) for weight, bias in trot.layers))
    monkeypatch.setattr(generator, 'generate_batch', lambda *_: [stands, falls, trot])
    calm = replace(CONFIG, perturbation=NOMINAL)
    found = rehearse(generator, adaptor, Goal(text='bound forward'), calm)
    assert [set(c.faults) for c in found.candidates] == [
        {'keeps no rhythm'}, {'falls'}, {'is a trot, not a bound'}]
    assert found.chosen is None
    assert rehearse(generator, adaptor, Goal(text='trot forward'), calm).chosen == 2


def test_candidates_meet_the_same_twins(generator, adaptor):
    trot = generator.generate(Goal(text='trot forward'))
    (first, second) = walk_candidates([trot, trot], adaptor, CONFIG, seed=3)
    assert len(first) == len(second) == 1 + CONFIG.twins
    for walk, same in zip(first, second, strict=True):
        # Phases of the clocks differ between all walks, the ground does not.
        assert walk.mean_velocity == pytest.approx(same.mean_velocity, abs=0.15)
    spread = np.std([walk.mean_velocity for walk in first], axis=0).max()
    assert spread > 0.01


@pytest.mark.parametrize(('goal', 'family'), [
    (Goal(text='bound slowly'), 'bound'), (Goal(text='go slowly'), None),
    (Goal(measures={'phase_fr': 0.5, 'phase_rl': 0.5, 'phase_rr': 0.0}), 'trot'),
    (Goal(measures={'phase_fr': 0.5}), None)])
def test_the_gait_that_a_goal_names(goal, family):
    reading = read_text(goal.text) if goal.text else TextReading('')
    assert asked_family(goal, reading) == family


@pytest.mark.parametrize('wrong', [
    {'candidates': 0}, {'twins': 0}, {'seconds': 1.0}, {'upright': 1.5}])
def test_config_rejects_what_makes_no_sense(wrong):
    with pytest.raises(ValueError, match=f'{next(iter(wrong))} of a rehearsal is'):
        RehearsalConfig(**wrong)
