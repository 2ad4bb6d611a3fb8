# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Episodes of HalfCheetah policies: what comes back, and that it hangs on nothing else."""

from dataclasses import dataclass
import os

import numpy as np
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.gymnasium_locomotion import rollout
from policy_gen_ros.domains.gymnasium_locomotion.rollout import (
    roll_out,
    run_episodes,
    SHORTEST_EPISODE,
)
from policy_gen_ros.domains.halfcheetah.robot import HALF_CHEETAH
from policy_gen_ros.domains.walker2d.robot import WALKER2D
from policy_gen_ros.training.ppo import new_network
import pytest

pytest.importorskip('gymnasium', reason='the extra "gymnasium" is not installed')


@dataclass
class Policy:
    """All that a rollout reads of a policy."""

    layers: tuple


def policies(count, sizes=HALF_CHEETAH.layer_sizes):
    return [Policy(new_network(sizes, seed)) for seed in range(count)]


def test_an_episode_gives_measures_rows_and_observations():
    done = roll_out(HALF_CHEETAH, policies(3), seed=0, steps=SHORTEST_EPISODE)
    assert done.survived.all() and done.succeeded.all()
    assert done.trajectory.shape == (3, 200, 23) and done.observations.shape == (3, 128, 17)
    assert done.measures.shape == (3, 3) and done.reward.shape == (3,)
    assert ((done.measures[:, :2] >= 0) & (done.measures[:, :2] <= 1)).all()
    # The reward is the way covered, but for what the motors cost, of 1,000 steps of 0.05 s.
    cost = 0.1 * np.square(done.trajectory[..., 17:]).sum(axis=2).mean(axis=1)
    assert np.allclose(done.reward / 1000, done.measures[:, 2] - cost, atol=0.4)


def test_rows_hold_what_the_policy_saw_and_did():
    policy = policies(1)[0]
    rows = roll_out(HALF_CHEETAH, [policy], seed=0, steps=SHORTEST_EPISODE).trajectory[0]
    x = rows[:, :17]
    for i, (weight, bias) in enumerate(policy.layers):
        x = x @ weight.T + bias
        x = np.tanh(x) if i < 2 else np.clip(x, -1, 1)
    assert np.allclose(rows[:, 17:], x, atol=1e-5)


def test_one_episode_may_be_as_short_as_a_trajectory():
    done = find_domain('halfcheetah').episode(policies(1)[0], 10.0, None, 0, None)
    assert done.trajectory.shape == (200, 23) and done.seconds == 10
    assert done.family in HALF_CHEETAH.gait_names
    with pytest.raises(ValueError, match='seconds must be 10 to 600, got 9'):
        find_domain('halfcheetah').episode(policies(1)[0], 9.0, None, 0, None)
    with pytest.raises(ValueError, match='follow no command'):
        find_domain('halfcheetah').episode(policies(1)[0], 10.0, (1.0, 0.0, 0.0), 0, None)


@pytest.mark.parametrize('cores', [{0}, {0, 1}])
def test_workers_blocks_and_shapes_change_nothing(monkeypatch, cores):
    own = sorted(os.sched_getaffinity(0))
    monkeypatch.setattr(os, 'sched_getaffinity', lambda process: set(own[:len(cores)]))
    mixed = policies(2) + policies(1, (17, 8, 6)) + policies(1)
    seeds = rollout.episode_seeds(5, len(mixed))
    alone = [run_episodes(HALF_CHEETAH, [policy.layers], seeds[i:i + 1], SHORTEST_EPISODE)
             for i, policy in enumerate(mixed)]
    monkeypatch.setattr(rollout, 'BLOCK', 2)
    together = roll_out(HALF_CHEETAH, mixed, seed=5, steps=SHORTEST_EPISODE)
    assert np.allclose(together.measures, np.concatenate([one.measures for one in alone]),
                       atol=1e-3)
    assert np.allclose(together.reward, np.concatenate([one.reward for one in alone]), atol=5)


def test_seeds_of_a_policy_do_not_hang_on_those_after_it():
    assert rollout.episode_seeds(1, 3).tolist() == rollout.episode_seeds(1, 9)[:3].tolist()
    assert rollout.episode_seeds(1, 3).tolist() != rollout.episode_seeds(2, 3).tolist()


def test_a_robot_that_falls_keeps_what_it_earned_and_has_no_measures(monkeypatch):
    gymnasium = pytest.importorskip('gymnasium')
    pytest.importorskip('imageio', reason='Gymnasium does not start its environments without it')
    policy = policies(1)[0]
    done = run_episodes(WALKER2D, [policy.layers], [11], 2 * SHORTEST_EPISODE)
    env = gymnasium.make('Walker2d-v5').unwrapped
    seen, earned, fallen, steps = env.reset(seed=11)[0], 0.0, False, 0
    while not fallen:
        x = ((seen - WALKER2D.observation_mean) / WALKER2D.observation_spread).astype(np.float32)
        for weight, bias in policy.layers[:-1]:
            x = np.tanh(weight @ x + bias)
        action = np.clip(policy.layers[-1][0] @ x + policy.layers[-1][1], -1, 1)
        seen, reward, fallen, _, _ = env.step(action)
        earned, steps = earned + reward, steps + 1
    assert steps < 2 * SHORTEST_EPISODE and not done.survived[0] and not done.succeeded[0]
    assert done.reward[0] == pytest.approx(earned, abs=0.1)
    assert np.isnan(done.measures).all() and np.isnan(done.trajectory[0, -1]).all()
    monkeypatch.setattr(rollout, 'episode_seeds', lambda seed, count: np.array([seed]))
    one = find_domain('walker2d').episode(policy, 8.0, None, 11, None)
    assert not one.survived and one.seconds == pytest.approx((steps - 1) * 0.008)
    assert one.reward == done.reward[0] and one.family == 'none'


def test_too_short_an_episode_is_refused():
    with pytest.raises(ValueError, match='at least 200, got 199'):
        roll_out(HALF_CHEETAH, policies(1), seed=0, steps=199)
