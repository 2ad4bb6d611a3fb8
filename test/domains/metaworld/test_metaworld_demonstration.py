# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Prompts read as demonstrations, on hands that move without a simulator."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.metaworld.constants import (
    CONTROL_DT_S,
    LAYER_SIZES,
    PROMPT_ROWS,
    scaled,
    unscaled,
)
from policy_gen_ros.domains.metaworld.demonstration import implausible, read_demonstration, STEP_M
from policy_gen_ros.domains.metaworld.episodes import act_of
from policy_gen_ros.domains.metaworld.following import clone_demonstrations, clone_rows
from policy_gen_ros.domains.metaworld.retargeting import Retargeting, RetargetingConfig
from policy_gen_ros.training.ppo import new_network
import pytest
import torch

START, OBJECT, PUSHED = (0.0, 0.6, 0.2), np.array([0.2, 0.8, 0.2]), np.array([0.0, 0.8, 0.2])
BESIDE = np.array([0.03, -0.02, -0.1])
"""Of the hand, to the object that it pushes."""
STILL = {'reach': 0.0, 'lift': 0.0, 'lowest_goal': 0.0, 'highest_goal': 0.0, 'apart': 0.0,
         'near_share': 0.0, 'far_share': 0.0, 'speed_noise': 0.0, 'lag': 0}


def trajectory(hands, objects, goal, actions=0.0):
    """Rows of states with a hand and an object. Shapes: (63, 3), (63, 3) -> (63, 43)."""
    frame = np.concatenate([hands, np.full((63, 1), 0.6), objects, np.zeros((63, 11))], axis=1)
    before = np.concatenate([frame[:1], frame[:-1]])
    seen = scaled(np.concatenate([frame, before, np.tile(goal, (63, 1))], axis=1))
    return np.concatenate([seen, np.broadcast_to(actions, (63, 4))], axis=1).astype(np.float32)


def approach(target):
    """Move the hand by 5 mm a row. Shape: (60, 3)."""
    way = np.asarray(target) - START
    share = np.minimum(0.005 * np.arange(PROMPT_ROWS) / np.abs(way).max(), 1.0)
    return START + share[:, None] * way


@pytest.fixture
def push():
    """Return a hand that comes above the object and, unseen, goes down and pushes it."""
    hands = np.concatenate([approach(OBJECT + BESIDE + [0, 0, 0.15]),
                            PUSHED + BESIDE + 0.004 * np.arange(3)[:, None] * [-1, 0, 0]])
    objects = np.concatenate([np.tile(OBJECT, (60, 1)), hands[60:] - BESIDE])
    return trajectory(hands, objects, PUSHED, (0.5, 0.5, 0.5, 1.0))


@pytest.fixture
def reach():
    """Return a hand that goes to the goal, which is within the first 60 rows, and stays there."""
    goal = START + np.array([0.12, 0.2, 0.05])
    hands = approach(goal)
    actions = np.zeros((63, 4))
    actions[:59, :3] = np.clip(np.diff(hands, axis=0) / STEP_M, -1, 1)
    rows = trajectory(np.concatenate([hands, hands[41:44]]), np.tile(OBJECT, (63, 1)), goal,
                      actions)
    rows[PROMPT_ROWS:] = rows[41:44]
    return rows


def test_the_hand_goes_to_where_it_touches_the_object_and_on_with_it(push):
    shown = read_demonstration(push)
    hand, lies = shown.states.hand, shown.states.object
    assert np.abs(np.diff(hand, axis=0)).max() < 0.51 * STEP_M / 0.5
    assert shown.moves_object and shown.guessed == shown.contact > PROMPT_ROWS
    assert np.allclose(lies[:shown.contact], OBJECT, atol=1e-6)
    assert hand[shown.contact - 1] == pytest.approx(OBJECT + BESIDE, abs=STEP_M)
    pushing = slice(shown.contact, None)
    assert np.abs(hand[pushing] - lies[pushing] - BESIDE).max() < 1e-3
    assert (np.diff(shown.progress) >= 0).all() and shown.progress[-1] == 1
    # It goes on beyond where success was.
    assert lies[-1, 0] < PUSHED[0] - 0.02


def test_the_hand_goes_no_way_back_to_an_object_that_turns(push):
    # In success it is above the object, which has turned away below: it never was so high.
    push[PROMPT_ROWS:, :39] = scaled(unscaled(push[PROMPT_ROWS:, :39]) - np.array(
        [*np.zeros(4), 0, 0, 0.4, *np.zeros(32)]))
    shown = read_demonstration(push)
    assert shown.guessed > PROMPT_ROWS
    assert (np.diff(shown.states.hand[PROMPT_ROWS - 1:shown.guessed + 2, 2]) <= 1e-9).all()


def test_what_no_policy_here_sees_is_said(push, reach):
    assert implausible(reach) == ()
    scale = push.copy()
    scale[:, :39] = unscaled(push[:, :39])
    scale[:59, 39:42] = np.diff(unscaled(push[:60, :39])[:, :3], axis=0) / STEP_M
    assert '0.1' in implausible(scale)[0] and 'have to be scaled' in implausible(scale)[0]
    assert 'm away' in implausible(1e6 * push)[0]
    push[:, 39:] = np.nan
    assert implausible(push) == ()


def test_nothing_is_filled_in_where_success_is_among_the_first_rows(reach):
    shown = read_demonstration(reach)
    assert not shown.moves_object and shown.guessed == len(shown.states) == 44 + 8
    assert np.allclose(shown.states.hand[:44], unscaled(reach[:44, :39])[:, :3])
    assert shown.approach[0] == 0 and shown.approach[-1] == 1


def test_without_shifts_and_noise_states_are_those_of_the_demonstration(push):
    shown = read_demonstration(push)
    states, actions = Retargeting([push], RetargetingConfig(**STILL)).draw(
        200, torch.Generator().manual_seed(0))
    hand = unscaled(states[0].numpy())[:, :3]
    apart = np.linalg.norm(hand[:, None] - shown.states.hand, axis=2)
    assert apart.min(axis=1).max() < 1e-5
    wanted = shown.states.actions[apart.argmin(axis=1)]
    assert np.abs(actions[0].numpy() - wanted).mean() < 0.02  # the hand rests here and there


def test_the_hand_begins_where_it_did_and_meets_the_object_where_it_is(push):
    shown = read_demonstration(push)
    states, _ = Retargeting([push], RetargetingConfig(**{**STILL, 'reach': 0.1})).draw(
        400, torch.Generator().manual_seed(0))
    state = unscaled(states[0].numpy())
    shift = state[:, -3:] - shown.goal
    assert np.abs(shift[:, :2]).max() > 0.09 and np.abs(shift[:, 2]).max() < 1e-6
    begun = np.isclose(state[:, 2], shown.states.hand[0, 2], atol=1e-6)
    assert begun.any() and np.allclose(state[begun, :3], shown.states.hand[0], atol=1e-6)
    pushing = np.abs(state[:, 4:7] - shift - OBJECT).max(axis=1) > 1e-3
    assert pushing.any()
    assert np.allclose(state[pushing, :3] - state[pushing, 4:7], BESIDE, atol=1e-3)


def test_beside_its_way_the_hand_is_led_back(reach):
    reach[:, 39:42] = 0.0
    config = RetargetingConfig(**{**STILL, 'near_share': 1.0})
    states, actions = Retargeting([reach], config).draw(100, torch.Generator().manual_seed(0))
    shown = read_demonstration(reach).states.hand
    hand, motion = unscaled(states[0].numpy())[:, :3], actions[0, :, :3].numpy()
    nearer = np.linalg.norm((hand + 0.01 * motion)[:, None] - shown, axis=2).min(axis=1)
    assert (nearer < np.linalg.norm(hand[:, None] - shown, axis=2).min(axis=1) + 1e-3).all()
    assert np.linalg.norm(motion, axis=1).mean() > 0.2


def test_a_policy_of_one_demonstration_reaches_goals_that_stand_elsewhere(reach):
    goal = read_demonstration(reach).goal + np.array([-0.08, -0.06, 0.05])

    def distance(layers):
        """Of the hand to the goal after 1.5 s."""
        hand = before = np.array(START)
        for _ in range(round(1.5 / CONTROL_DT_S)):
            rest = [0.6, *OBJECT, *np.zeros(11)]
            action = act_of(layers)(scaled(np.array([*hand, *rest, *before, *rest, *goal])))
            hand, before = hand + STEP_M * np.clip(action[:3], -1, 1), hand
        return np.linalg.norm(hand - goal)

    starts = [new_network(LAYER_SIZES, 0)]
    assert distance(clone_demonstrations(reach[None], starts, 0)[0]) < 0.03
    assert distance(clone_rows(reach[None], starts, 0)[0]) > 0.05


def test_the_same_seed_gives_the_same_policy(reach, monkeypatch):
    from policy_gen_ros.domains.metaworld import following

    monkeypatch.setattr(following, '_CONFIG', following.FollowingConfig(steps=3))
    one, same, other = (clone_demonstrations(reach[None], [new_network(LAYER_SIZES, 0)], seed)
                        for seed in (1, 1, 2))
    assert np.array_equal(one[0][0][0], same[0][0][0])
    assert not np.array_equal(one[0][0][0], other[0][0][0])
