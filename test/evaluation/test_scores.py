# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Scores: a perfect result scores perfectly, a wrong one does not."""

from types import SimpleNamespace

import numpy as np
from policy_gen_ros.commands.evaluate_options import PERTURBATION_NAMES
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES
from policy_gen_ros.domains.go2.spec import ActorSpec
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult, reward_of
from policy_gen_ros.domains.go2.twin.perturbation import PERTURBATIONS
from policy_gen_ros.evaluation.metrics.held_out import BehaviorGoals, KINDS, NOVELTIES
from policy_gen_ros.evaluation.metrics.intervals import wilson_interval
from policy_gen_ros.evaluation.studies.single_shot import Rollouts, score_parts, score_rollouts
from policy_gen_ros.generation.bundle import bundle_path
import pytest

GO2 = find_domain('go2')
TROT = [0.5, 0.5, 0.5, 0.5, 2.5, 0.5, 0.5, 0.0, 0.28, 0.07, 0.4, 0.0, 0.0]


def goals(count=4):
    return BehaviorGoals(GO2, np.tile(TROT, (count, 1)), np.array(['trot'] * count),
                         np.zeros((count, 100, 42)), np.arange(count), np.full(count, 'actor'),
                         np.zeros(count, bool))


def result(survived=True, **changes):
    measures = {**dict(zip(MEASURE_NAMES, TROT)), **changes}
    return EpisodeResult(survived, 10.0, (0.4, 0.0, 0.0), measures, np.zeros((1, 42)), 0.9)


def walked(*results, command=(0.4, 0.0, 0.0)):
    actor = SimpleNamespace(nominal_command=command, spec=ActorSpec(clock_hz=2.5))
    return Rollouts([actor] * len(results), results)


def test_perfect_results():
    score = score_rollouts(walked(*[result()] * 4), goals())
    assert (score.walks, score.right_family, score.qualified, score.ok) == (1, 1, 1, 1)
    assert score.contact_error == pytest.approx(0)


def test_faults_are_counted():
    score = score_rollouts(walked(
        result(), result(survived=False), result(phase_rr=0.5, phase_fr=0.0),
        result(contact_fl=0.9)), goals())
    assert (score.walks, score.right_family, score.qualified) == (0.75, 0.75, 0.5)
    assert score.contact_error == pytest.approx(0.4 / 4 / 3)
    assert score.mem == pytest.approx(0.4 / 3)
    assert score.ok == 0.5


def test_who_qualifies_keeps_a_rhythm_and_follows_its_own_command():
    lame = result(frequency_hz=float('nan'))
    assert score_rollouts(walked(result(), lame), goals(2)).qualified == 0.5
    # The goal's velocity does not matter here, but what the actor is commanded.
    assert score_rollouts(walked(result(vx_mps=0.8)), goals(1)).qualified == 0
    commanded = walked(result(vx_mps=0.8), command=(0.8, 0.0, 0.0))
    assert score_rollouts(commanded, goals(1)).qualified == 1
    assert score_rollouts(walked(result(), command=(0.4, 0.0, 0.5)), goals(1)).qualified == 0


def test_a_sentence_that_names_no_family_leaves_it_open():
    asked = BehaviorGoals(GO2, np.tile(TROT, (2, 1)), np.array(['trot', 'move slowly']),
                          np.zeros((2, 100, 42)), np.arange(2), np.full(2, 'actor'),
                          np.zeros(2, bool))
    bound = result(phase_fr=0.0, phase_rl=0.5, phase_rr=0.5)
    by_text = score_rollouts(walked(bound, bound), asked.asked('text'))
    assert (by_text.qualified, by_text.right_family) == (0.5, 0.0)
    by_measures = score_rollouts(walked(bound, bound), asked.asked('measures'))
    assert (by_measures.qualified, by_measures.right_family) == (0.0, 0.0)
    nothing_named = score_rollouts(walked(bound), asked.select(slice(1, 2)).asked('text'))
    assert np.isnan(nothing_named.right_family)


def test_without_survivors_errors_are_of_all():
    fallen = result(survived=False, contact_fl=0.9, frequency_hz=np.nan)
    score = score_rollouts(walked(*[fallen] * 2), goals(2))
    assert (score.walks, score.qualified, score.ok) == (0, 0, 0)
    assert score.mem == pytest.approx(0.4)
    assert np.isnan(score.frequency_error_hz)


def test_parts_are_judged_apart():
    parts = score_parts(walked(result(), result(survived=False), result()), goals(3),
                        np.array(['new', 'old', 'new']))
    assert {name: (score.count, score.walks) for name, score in parts.items()} \
        == {'new': (2, 1.0), 'old': (1, 0.0)}


def test_wilson_interval_contains_the_share_and_shrinks():
    for share in (0.0, 0.5, 0.97, 1.0):
        narrow, wide = wilson_interval(share, 1000), wilson_interval(share, 20)
        assert wide[0] - 1e-9 <= narrow[0] <= share + 1e-9
        assert share - 1e-9 <= narrow[1] <= wide[1] + 1e-9
        assert wide[0] >= 0 and wide[1] <= 1
    assert wilson_interval(0.9, 100) == pytest.approx((0.826, 0.945), abs=0.001)


def test_reward_falls_with_every_fault():
    command = np.array([0.4, 0.0, 0.0])
    perfect = reward_of(np.tile(command, (50, 1)), command, np.zeros(50), np.zeros(50))
    assert perfect == pytest.approx(1.0)
    off_course = command + np.array([0.3, 0.0, 0.0])
    worse = [reward_of(np.tile(off_course, (50, 1)), command, np.zeros(50), np.zeros(50)),
             reward_of(np.tile(command, (50, 1)), command, np.full(50, 0.3), np.zeros(50)),
             reward_of(np.tile(command, (50, 1)), command, np.zeros(50), np.full(50, 50.0))]
    assert max(worse) < perfect


def test_shipped_goals_make_goals_of_every_kind():
    shipped = BehaviorGoals.load(bundle_path() / 'held_out_goals.npz', GO2)
    assert len(shipped) == 100
    for kind in KINDS:
        assert len(shipped.goals(kind)) == 100
    assert set(shipped.family) == {'walk', 'trot', 'pace', 'bound', 'pronk'}
    assert set(shipped.novelty) <= set(NOVELTIES)


def test_the_command_line_knows_every_perturbation():
    assert tuple(PERTURBATIONS) == PERTURBATION_NAMES
