# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The observation builder: layout, scales and the walk-these-ways history."""

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import (
    build_adaptor_observation,
    build_observation,
    joint_targets,
    OBSERVATION_DIM,
    observation_fields,
    RobotState,
    trajectory_row,
)


def a_state(lead=()):
    rng = np.random.default_rng(0)
    return RobotState(*(rng.standard_normal((*lead, k)) for k in (3, 3, 12, 12)))


def test_observation_has_its_fields_in_order():
    state, action = a_state(), np.arange(12.0)
    observation = build_observation(state, action, np.array([1.0, 0.5, 0.2]), np.array([7.0, 8.0]),
                                    np.array(0.25))
    assert observation.shape == (OBSERVATION_DIM,)
    cuts = np.cumsum([size for _, size in observation_fields()])[:-1]
    part = dict(zip((name for name, _ in observation_fields()), np.split(observation, cuts)))
    assert np.allclose(part['gravity'], state.gravity)
    assert np.allclose(part['ang_vel'], 0.25 * state.ang_vel)
    assert np.allclose(part['joint_pos'], state.joint_pos - go2.DEFAULT_POSE_RAD)
    assert np.allclose(part['joint_vel'], 0.05 * state.joint_vel)
    assert np.allclose(part['last_action'], action)
    assert np.allclose(part['command'], [2.0, 1.0, 0.2])
    assert np.allclose(part['latent'], [7, 8])
    assert np.allclose(part['clock'], [1, 0], atol=1e-6)


def test_no_gait_parameter_reaches_the_actor():
    names = {name for name, _ in observation_fields()}
    assert names == {'gravity', 'ang_vel', 'joint_pos', 'joint_vel', 'last_action', 'command',
                     'latent', 'clock'}


def test_batch_equals_single():
    batch = a_state((5,))
    one = RobotState(*(getattr(batch, n)[3] for n in ('gravity', 'ang_vel', 'joint_pos',
                                                      'joint_vel')))
    rng = np.random.default_rng(1)
    action, command, latent, phase = (rng.random((5, 12)), rng.random((5, 3)), rng.random((5, 2)),
                                      rng.random(5))
    together = build_observation(batch, action, command, latent, phase)
    assert np.allclose(together[3], build_observation(one, action[3], command[3], latent[3],
                                                      phase[3]))


def test_adaptor_observation_follows_walk_these_ways():
    state, last, before = a_state(), np.full(12, 0.5), np.full(12, -0.5)
    row = build_adaptor_observation(state, last, before, np.array([1.0, 0.5, 0.4]), np.array(0.25))
    assert row.shape == (70,)
    assert np.allclose(row[:3], state.gravity)
    assert np.allclose(row[3:6], [2.0, 1.0, 0.1])
    assert np.allclose(row[42:54], last)
    assert np.allclose(row[54:66], before)
    assert np.allclose(row[66:], [-1, 1, 1, -1], atol=1e-6)  # trot: FL and RR half a cycle off


def test_targets_and_rows():
    action = np.ones(12)
    target = joint_targets(action)
    assert np.allclose(target - go2.DEFAULT_POSE_RAD, [0.125, 0.25, 0.25] * 4)
    assert np.allclose(trajectory_row(a_state(), target)[30:], [0.125, 0.25, 0.25] * 4)
