# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Foreign observations against our own builder, the published layouts, and stacks of history."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from policy_gen_ros.domains.go2.importers.observation import build_frame, History, Seen, Term
from policy_gen_ros.domains.go2.importers.spec import load_spec
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import (
    build_adaptor_observation,
    build_observation,
    RobotState,
)

N = 5


def random_seen(seed=0):
    rng = np.random.default_rng(seed)
    state = RobotState(rng.normal(size=(N, 3)), rng.normal(size=(N, 3)), rng.normal(size=(N, 12)),
                       rng.normal(size=(N, 12)))
    return Seen(state, rng.normal(size=(N, 3)), rng.normal(size=(N, 3)), go2.DEFAULT_POSE_RAD,
                rng.normal(size=(N, 12)), rng.normal(size=(N, 12)), rng.random(N),
                rng.normal(size=(N, 2)), rng.normal(size=(N, 2100)))


def spec(name):
    return load_spec(name, Path())


def test_our_own_spec_is_our_observation():
    seen, ours = random_seen(), spec('policy_gen')
    expected = build_observation(seen.state, seen.last_action, seen.command, seen.latent,
                                 seen.phase)
    assert np.allclose(build_frame(ours.observation, seen, ours.observation_clip), expected,
                       atol=1e-6)


def test_both_adaptor_observations_are_ours():
    seen = random_seen()
    expected = build_adaptor_observation(seen.state, seen.last_action, seen.action_before,
                                         seen.command, seen.phase)
    for name in ('policy_gen', 'walk_these_ways_go2'):
        frame = build_frame(spec(name).adaptor.observation, seen, None)
        assert np.allclose(frame, expected, atol=1e-6), name


def test_walk_these_ways_reads_its_history_and_then_the_latent():
    seen = random_seen()
    frame = build_frame(spec('walk_these_ways_go2').observation, seen, None)
    assert np.allclose(frame, np.concatenate([seen.adaptor_history, seen.latent], axis=1))


def test_robot_lab_is_as_published():
    robot_lab = spec('robot_lab_go2')
    assert robot_lab.joints == go2.WIRE_JOINT_NAMES
    pose = np.array(robot_lab.default_pose_rad)
    seen = replace(random_seen(), default_pose=pose)
    expected = np.concatenate([
        seen.state.ang_vel * 0.25, seen.state.gravity, seen.command, seen.state.joint_pos - pose,
        seen.state.joint_vel * 0.05, seen.last_action], axis=1)
    assert np.allclose(build_frame(robot_lab.observation, seen, None), expected, atol=1e-6)


def test_clip_scales_and_base_velocity():
    seen = random_seen()
    frame = build_frame([Term('base_lin_vel', (1.0, 0.0, 100.0)), Term('constant', values=(7.0,))],
                        seen, 3.0)
    assert np.allclose(frame[:, 0], seen.base_lin_vel[:, 0].clip(-3, 3))
    assert (frame[:, 1] == 0).all()
    assert np.abs(frame).max() == 3


def test_a_clock_gives_its_functions_one_after_the_other():
    seen = random_seen()
    term = Term('clock', frequency_hz=2.0, offsets=(0.0, 0.25), functions=('cos', 'sin'))
    frame = build_frame([term], seen, None)
    assert frame.shape == (N, term.size) == (N, 4)
    assert np.allclose(frame[:, 1], -frame[:, 2], atol=1e-6)  # cos a quarter on is -sin


def test_history_is_zero_at_first_and_ordered_as_told():
    frames = [np.full((2, 3), float(i + 1)) for i in range(4)]
    oldest, newest = History(2, 3, 3, False), History(2, 3, 3, True)
    assert oldest.push(frames[0])[0].tolist() == [0] * 6 + [1] * 3
    assert newest.push(frames[0])[0].tolist() == [1] * 3 + [0] * 6
    for frame in frames[1:]:
        last, first = oldest.push(frame), newest.push(frame)
    assert last[1].tolist() == [2] * 3 + [3] * 3 + [4] * 3
    assert first[1].tolist() == [4] * 3 + [3] * 3 + [2] * 3
