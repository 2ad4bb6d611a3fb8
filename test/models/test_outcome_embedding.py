# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Embedding of trajectories whose end counts, as of tasks that are done at some time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from policy_gen_ros.models.trajectory_encoder import BehaviorEncoder, TRAJECTORY_FEATURES
import torch
from toy_domain import Toy

SPEC = replace(Toy.trajectory, rows=15, min_rows=15, segment_rows=12, outcome_rows=3)


def trajectory(seed=0, rows=15):
    return np.random.default_rng(seed).standard_normal((rows, 4)).astype(np.float32)


def encoder():
    torch.manual_seed(0)
    return BehaviorEncoder(SPEC).eval()


def test_a_goal_is_its_beginning_and_its_end():
    rows = trajectory(rows=40)
    assert np.array_equal(SPEC.check(rows), np.concatenate([rows[:12], rows[-3:]]))
    assert np.array_equal(SPEC.cut(SPEC.check(rows))[0], SPEC.check(rows))


def test_the_beginning_makes_one_half_of_the_embedding_and_the_end_the_other():
    whole, half = encoder().embed(trajectory()), TRAJECTORY_FEATURES // 2
    other_end, other_start, other_actions = trajectory(), trajectory(), trajectory()
    other_end[-1, 0] += 1
    other_start[0, 0] += 1
    other_actions[-1, 3] += 1
    for rows, changed in ((other_end, [False, True]), (other_start, [True, False]),
                          (other_actions, [False, False])):
        now = encoder().embed(rows)
        assert [not np.array_equal(now[:half], whole[:half]),
                not np.array_equal(now[half:], whole[half:])] == changed


def test_contrast_has_gradients_for_both_networks():
    network = encoder()
    features = torch.from_numpy(SPEC.features(np.stack([trajectory(seed) for seed in range(4)])))
    network.contrastive_loss(features, features).backward()
    for part in (network.state_target, network.later_states):
        assert all(p.grad is not None and torch.isfinite(p.grad).all() and p.grad.any()
                   for p in part.parameters())
