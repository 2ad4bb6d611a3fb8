# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Scores of teachers, and of specialists' niches."""

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy
from policy_gen_ros.domains.go2.building.search import Elites, encode
from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES, MEASURE_NAMES
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_walks
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult
from policy_gen_ros.evaluation.studies.specialists import (
    elite_of,
    Niches,
    optimise_base,
    score_niches,
)
from policy_gen_ros.evaluation.studies.teachers import possible_share, score_teachers
from policy_gen_ros.generation.bundle import bundle_path
import pytest
import torch


@pytest.fixture(scope='module')
def adaptor():
    return Adaptor.load(bundle_path() / 'adaptor.safetensors')


@pytest.fixture(scope='module')
def elites():
    rng = np.random.default_rng(0)
    gaits, command = sample_walks(4, rng)
    solution = encode(gaits, command[:, 0])
    solution[:, 13:] = rng.normal(0, 0.2, (4, 24))
    measures = np.concatenate([np.arange(4)[:, None], np.full((4, 5), 0.5)], axis=1)
    return Elites(solution, np.ones(4), measures)


def episode(contact: float, vx: float, survived: bool = True) -> EpisodeResult:
    measures = dict.fromkeys(MEASURE_NAMES, 0.0) | dict.fromkeys(CONTACT_NAMES, contact)
    return EpisodeResult(survived, 10.0, (vx, 0.0, 0.0), measures, np.zeros((1, 42)), 0.5)


def test_the_teacher_walks_better_than_a_network_that_learned_nothing(adaptor):
    torch.manual_seed(0)
    scores = score_teachers({'untrained': (ConditionedPolicy(), adaptor)}, 20, 4.0, 0)
    assert scores['analytic']['nominal'].walks > 0.8
    assert scores['analytic']['nominal'].tracks > scores['untrained']['nominal'].tracks
    assert scores['analytic']['nominal'].count == 20
    assert 0.3 < possible_share(500, 0) < 0.8


def test_a_niche_is_reached_by_contacts_and_speed(elites):
    niches = Niches.of(elites, np.arange(4))
    vx = niches.command[:, 0]
    results = [episode(0.5, vx[0]), episode(0.6, vx[1]), episode(0.5, vx[2] + 0.2),
               episode(0.5, vx[3], survived=False)]
    scores = score_niches(results, niches)
    assert scores['all'].reached == 1
    assert scores['all'].walks == 0.75
    assert scores['walk'].contact_error == pytest.approx(0.0)
    assert scores['trot'].contact_error == pytest.approx(0.1)


def test_specialists_are_matched_with_their_elites(elites):
    # As of the search's first generation: the schedule's own gains, and phases that wrap.
    solution = elites.solution.copy()
    solution[:3, 13:] = 0.0
    solution[1, 5] = -1e-9
    solution[3, :13] = solution[0, :13]
    first = Elites(solution, elites.reward, elites.measures)
    rows = np.array([2, 0, 3, 1])
    gaits, gains = first.gaits().to_array().astype(np.float32), first.gaits().gain_offset
    assert gaits[1, 5] == 1.0
    gaits[1, 5] = 0.0
    assert elite_of(first, gaits[rows], gains[rows].astype(np.float32)).tolist() == rows.tolist()
    with pytest.raises(ValueError, match='of another search'):
        elite_of(first, gaits[rows] + 0.01, gains[rows])


def test_searching_a_command_anew_needs_no_more_than_its_budget(elites, adaptor, monkeypatch):
    monkeypatch.setattr('policy_gen_ros.evaluation.studies.specialists.GENERATIONS', 1)
    monkeypatch.setattr('policy_gen_ros.evaluation.studies.specialists.SEARCH_EPISODE_S', 1.0)
    niches = Niches.of(elites, np.arange(2))
    gaits, command = optimise_base(ConditionedPolicy(), niches, adaptor, 0)
    assert len(gaits) == 2
    assert not gaits.gain_offset.any()  # the base is not conditioned on gains
    assert np.isfinite(command).all()
