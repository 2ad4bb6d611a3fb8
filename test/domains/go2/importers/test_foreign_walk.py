# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Foreign policies in the loop with the twin."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.importers.policies import ForeignPolicy
from policy_gen_ros.domains.go2.importers.spec import load_spec
from policy_gen_ros.domains.go2.importers.walk import ACTIVATIONS, FLOAT16_MAX, walk
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.spec import ActorSpec
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
from policy_gen_ros.domains.go2.twin.perturbation import TRAINING
from policy_gen_ros.policies.weights import ActorWeights
import pytest
import torch
from wide_latent import TWO_VALUE_ADAPTOR

FORWARD = np.array([[[0.3, 0.0, 0.0]]])


def random_layers(sizes, seed, scale=0.3):
    rng = np.random.default_rng(seed)
    return tuple(((scale / np.sqrt(a) * rng.normal(size=(b, a))).astype(np.float32),
                  (0.1 * rng.normal(size=b)).astype(np.float32))
                 for a, b in pairwise(sizes))


def robot_lab():
    return load_spec('robot_lab_go2', Path())


def robot_lab_policy(seed, scale=0.3):
    return ForeignPolicy(f'{seed}', random_layers((45, 16, 12), seed, scale))


def test_one_of_our_actors_walks_as_it_does_in_our_own_loop():
    """The joints and targets of every tick agree: observation, latent, clock and targets do."""
    adaptor = Adaptor.load(TWO_VALUE_ADAPTOR)
    actor = ActorWeights(ActorSpec(clock_hz=2.5), random_layers((49, 192, 192, 12), 0, 2.0))
    policy = ForeignPolicy('ours', actor.layers, adaptor.layers, actor.spec.clock_hz)
    theirs = walk(load_spec('policy_gen', Path()), [policy], FORWARD, 1.0, 3).episodes[0][0]
    ours = rollout_actors([actor], adaptor, 1.0, FORWARD[0], 3)[0]
    assert np.ptp(ours.trajectory[:, 30:], axis=0).min() > 0.05  # it does move
    assert np.allclose(theirs.trajectory[:, 6:], ours.trajectory[:, 6:], atol=1e-3)
    assert theirs.measures == pytest.approx(ours.measures, abs=1e-3, nan_ok=True)


def test_joint_order_is_by_name():
    """A policy whose inputs and outputs are shuffled, and a spec that says so, do the same."""
    spec, policy = robot_lab(), robot_lab_policy(0, 2.0)
    shuffle = np.random.default_rng(0).permutation(12)
    shuffled = replace(
        spec, joints=tuple(spec.joints[i] for i in shuffle),
        default_pose_rad=tuple(spec.default_pose_rad[i] for i in shuffle),
        action_scale=tuple(spec.action_scale[i] for i in shuffle))
    (first, bias), (last, last_bias) = policy.layers
    columns = np.concatenate([np.arange(9), *(9 + 12 * k + shuffle for k in range(3))])
    other = ForeignPolicy('other', ((first[:, columns], bias),
                                    (last[shuffle], last_bias[shuffle])))
    a = walk(spec, [policy], FORWARD, 1.0, 0).episodes[0][0]
    b = walk(shuffled, [other], FORWARD, 1.0, 0).episodes[0][0]
    assert np.allclose(a.trajectory, b.trajectory, atol=1e-3)


def test_what_a_policy_does_hangs_on_no_other():
    spec, policies = robot_lab(), [robot_lab_policy(seed, 2.0) for seed in range(3)]
    command = np.tile([[0.5, 0, 0], [0, 0.2, 0]], (3, 1, 1))
    together = walk(spec, policies, command, 1.0, 5, TRAINING)
    alone = walk(spec, policies[2:], command[2:], 1.0, 5, TRAINING)
    for a, b in zip(together.episodes[2], alone.episodes[0], strict=True):
        assert np.allclose(a.trajectory, b.trajectory, atol=1e-3)


def test_policies_with_the_same_weights_meet_the_same_randomness():
    policy = robot_lab_policy(0, 2.0)
    episodes = walk(robot_lab(), [policy, policy], np.repeat(FORWARD, 2, axis=0), 1.0, 5,
                    TRAINING).episodes
    assert np.allclose(episodes[0][0].trajectory, episodes[1][0].trajectory, atol=1e-4)


def test_network_inputs_are_kept_every_second_tick():
    walked = walk(robot_lab(), [robot_lab_policy(0), robot_lab_policy(1)],
                  np.repeat(FORWARD, 2, axis=0), 0.4, 0, keep=8)
    assert walked.met.shape == (2, 8, 45)
    assert np.allclose(walked.met[:, :, 6:9], [0.3, 0, 0], atol=1e-3)
    assert not np.array_equal(walked.met[0, -1], walked.met[1, -1])


def test_a_stacked_history_reaches_the_network():
    spec = replace(robot_lab(), history_length=3, history_order='newest_first')
    policy = ForeignPolicy('stack', random_layers((135, 8, 12), 0))
    met = walk(spec, [policy], FORWARD, 0.4, 0, keep=9).met[0].reshape(9, 3, 45)
    assert not met[0, 1:].any()
    assert np.array_equal(met[3, 2], met[2, 0])  # two ticks on, it is the oldest of three


@pytest.mark.parametrize('name', ACTIVATIONS)
def test_activations_are_those_of_pytorch(name):
    x = np.linspace(-100, 100, 2001).astype(np.float32)
    expected = getattr(torch.nn.functional, name)(torch.from_numpy(x)).numpy()
    assert np.allclose(ACTIVATIONS[name](x), expected, atol=1e-5)


def test_a_spec_brings_its_own_gains():
    still = ForeignPolicy('still', tuple((np.zeros((b, a), np.float32), np.zeros(b, np.float32))
                                         for a, b in ((45, 8), (8, 12))))
    height = {kp: walk(replace(robot_lab(), kp=(kp,) * 12, kd=(1.0,) * 12), [still], FORWARD, 2.0,
                       0).episodes[0][0].measures['body_height_m'] for kp in (20.0, 60.0)}
    assert height[60.0] > height[20.0] + 0.02  # legs of stiffer joints sag less


def test_weights_that_overflow_fall_and_leave_finite_records():
    spec = replace(robot_lab(), observation_clip=None)
    huge = np.float32(FLOAT16_MAX)
    layers = tuple((np.full((b, a), huge), np.full(b, huge)) for a, b in (
        (45, 64), (64, 64), (64, 64), (64, 64), (64, 64), (64, 12)))
    walked = walk(spec, [ForeignPolicy('huge', layers)], FORWARD, 3.0, 0, keep=20)
    assert not walked.episodes[0][0].survived
    assert np.isfinite(walked.met).all()
    assert np.isfinite(walked.episodes[0][0].trajectory).all()


def test_targets_stay_inside_what_is_sent_to_a_robot():
    result = walk(robot_lab(), [robot_lab_policy(0, 100.0)], FORWARD, 0.5, 0).episodes[0][0]
    target = result.trajectory[:, 30:] + go2.DEFAULT_POSE_RAD
    assert (target >= go2.TARGET_LOWER_RAD - 1e-5).all()
    assert (target <= go2.TARGET_UPPER_RAD + 1e-5).all()
