# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Archive metrics against closed forms."""

from functools import partial
import json

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES, MEASURE_NAMES
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult
from policy_gen_ros.evaluation.metrics.intervals import bootstrap_interval
from policy_gen_ros.evaluation.metrics.quality_diversity import (
    cdf_rewards,
    compare_archives,
    elite_cdf,
    js_divergence,
    measure_errors,
    reward_ratio,
    spaced_behaviors,
    Walks,
)
import pytest

GO2 = find_domain('go2')
CENTRES = np.array([[a, b, 0.5, 0.5] for a in (0.1, 0.3, 0.5, 0.7, 0.9)
                    for b in (0.1, 0.3, 0.5, 0.7, 0.9)])
"""Middles of 25 of the 625 cells."""

diverge = partial(js_divergence, GO2)


def walks(contacts, reward=0.8, survived=True, episodes=2):
    shape = (len(contacts), episodes)
    return Walks(GO2, np.repeat(contacts[:, None], episodes, axis=1),
                 np.broadcast_to(np.reshape(reward, (-1, 1)), shape).astype(float),
                 np.broadcast_to(np.reshape(survived, (-1, 1)), shape))


def test_an_archive_that_is_kept_whole_has_perfect_figures():
    reward = np.linspace(0.2, 1.0, 25)
    result = compare_archives(CENTRES, walks(CENTRES, reward), walks(CENTRES, reward))
    assert result.coverage == result.archive_coverage == pytest.approx(25 / 625)
    assert result.qd_score == pytest.approx(reward.sum())
    for ratio in (result.coverage_ratio, result.qd_score_ratio):
        assert (ratio.value, ratio.low, ratio.high) == pytest.approx((1, 1, 1))
    assert result.mem.value == pytest.approx(0, abs=1e-12)
    assert result.js_divergence == pytest.approx(0, abs=1e-12)
    assert result.cdf == result.archive_cdf
    assert json.loads(json.dumps(result.to_dict()))['coverage_ratio']['value'] == 1


def test_what_is_lost_shows():
    # Five actors collapse into the first cell, five fall; cells keep the best of their actors.
    reached, survived = CENTRES.copy(), np.ones(25, bool)
    reached[1:6], survived[20:] = CENTRES[0], False
    reward = np.full(25, 0.5)
    reward[3] = 0.9
    result = compare_archives(CENTRES, walks(reached, reward, survived), walks(CENTRES, 0.8))
    assert result.coverage == pytest.approx(15 / 625)
    assert result.coverage_ratio.value == pytest.approx(15 / 25)
    assert result.coverage_ratio.low < 15 / 25 < result.coverage_ratio.high
    assert result.qd_score == pytest.approx(0.9 + 14 * 0.5)
    assert result.archive_qd_score == pytest.approx(25 * 0.8)
    assert result.qd_score_ratio.value == pytest.approx(7.9 / 20)
    assert result.mem.value == pytest.approx(np.linalg.norm(
        CENTRES[1:6] - CENTRES[0], axis=1).sum() / 25)
    assert result.mem.low < result.mem.value < result.mem.high
    assert result.archive_mem.value == pytest.approx(0)
    # P: 25 cells with 1/25 each. Q: 6/25 in the first cell, none in the next five.
    p, q = np.full(25, 1 / 25), np.full(25, 1 / 25)
    q[0], q[1:6] = 6 / 25, 0
    mean = (p + q) / 2
    by_hand = (p * np.log(p / mean)).sum() / 2 + (q[q > 0] * np.log(
        q[q > 0] / mean[q > 0])).sum() / 2
    assert result.js_divergence == pytest.approx(by_hand)
    assert result.cdf[0] == result.cdf[50] == pytest.approx(15 / 625)
    assert result.cdf[51] == result.cdf[90] == pytest.approx(1 / 625)


def test_js_divergence_of_disjoint_distributions_is_ln_2():
    assert diverge(CENTRES[:5], CENTRES[20:]) == pytest.approx(np.log(2))
    assert diverge(CENTRES, np.repeat(CENTRES, 3, axis=0)) == pytest.approx(0, abs=1e-12)
    # Inside a cell nothing changes; contacts of 0 and 1 belong to the outer cells.
    assert diverge(CENTRES, CENTRES + 0.05) == pytest.approx(0, abs=1e-12)
    assert diverge(np.zeros((1, 4)), np.full((1, 4), 0.1)) == pytest.approx(0, abs=1e-12)
    assert diverge(np.ones((1, 4)), np.full((1, 4), 0.9)) == pytest.approx(0, abs=1e-12)


def test_measure_error_is_a_distance():
    shift = np.array([0.03, 0.0, -0.04, 0.0])
    assert measure_errors(CENTRES, CENTRES + shift) == pytest.approx(np.full(25, 0.05))


def test_reward_ratio_is_one_of_sums():
    archive = walks(CENTRES[:2], [1.0, 0.5])
    ratio = reward_ratio(walks(CENTRES[:2], [0.5, 0.7]), archive)
    assert ratio.value == pytest.approx(1.2 / 1.5)
    assert (ratio.low, ratio.high) == pytest.approx((0.5, 1.4))  # one goal drawn twice
    with pytest.raises(ValueError, match='2 actors for 3 behaviours'):
        reward_ratio(archive, walks(CENTRES[:3]))
    with pytest.raises(ValueError, match='nothing to compare with'):
        reward_ratio(archive, walks(CENTRES[:2], 0.0))


def test_the_distribution_counts_empty_cells():
    elites = np.array([np.nan, 0.25, 0.5, np.nan])
    assert elite_cdf(elites, np.array([0.0, 0.3, 0.5, 0.6])).tolist() == [0.5, 0.25, 0.25, 0.0]
    rewards = cdf_rewards(GO2)
    assert (rewards[0], rewards[-1]) == (0.0, 1.0)
    assert len(elite_cdf(elites, rewards)) == len(rewards) == 101


def test_the_interval_of_a_mean_is_that_of_statistics():
    values = np.random.default_rng(0).normal(3.0, 2.0, 400)
    low, high = bootstrap_interval(values)
    half = 1.96 * values.std() / 20
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.03)
    assert bootstrap_interval(values) == (low, high) != bootstrap_interval(values, seed=1)
    with pytest.raises(ValueError, match='at least one value'):
        bootstrap_interval(np.empty(0))


def test_spaced_behaviours_are_the_best_of_far_apart_regions():
    rng = np.random.default_rng(0)
    contacts = np.repeat(CENTRES, 4, axis=0) + rng.uniform(-0.01, 0.01, (100, 4))
    reward = rng.uniform(0, 1, 100)
    rows = spaced_behaviors(GO2, contacts, reward, 25)
    assert rows.tolist() == sorted(4 * np.arange(25) + reward.reshape(25, 4).argmax(axis=1))
    with pytest.raises(ArchiveError, match='50 regions'):
        spaced_behaviors(GO2, contacts[:40], reward[:40])


def test_walks_are_collected_seed_by_seed():
    def episode(contact, reward):
        measures = dict.fromkeys(MEASURE_NAMES, 0.0) | dict.fromkeys(CONTACT_NAMES, contact)
        return EpisodeResult(reward > 0, 1.0, (0, 0, 0), measures, np.zeros((1, 42)), reward)

    both = Walks.of(GO2, [[episode(0.2, 0.5), episode(0.6, 0.9)],
                          [episode(0.4, 0.7), episode(0.6, 0.0)]])
    assert both.mean_spanning[:, 0] == pytest.approx([0.3, 0.6])
    assert both.mean_reward == pytest.approx([0.6, 0.45])
    # An actor that fell once is in no cell.
    assert np.isfinite(both.elites()).sum() == 1 and np.nanmax(both.elites()) == pytest.approx(0.6)


@pytest.mark.parametrize('shapes', [((3, 2, 4), (3, 2), (3, 1)), ((3, 4), (3,), (3,)),
                                    ((3, 2, 3), (3, 2), (3, 2)), ((0, 2, 4), (0, 2), (0, 2))])
def test_shapes_that_do_not_fit_are_refused(shapes):
    with pytest.raises(ValueError, match='expected'):
        Walks(GO2, *(np.zeros(shape) for shape in shapes))
    with pytest.raises(ValueError, match='finite'):
        Walks(GO2, np.full((1, 1, 4), np.nan), np.ones((1, 1)), np.ones((1, 1), bool))
