# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Leg kinematics against MuJoCo, and the joint map against names."""

from hypothesis import given, settings
from hypothesis import strategies as st
import mujoco
import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.kinematics import (
    foot_jacobian,
    foot_positions,
    joint_angles,
    leg_points,
)
from policy_gen_ros.domains.go2.twin.model import layout_of, load_model

ANGLES = st.lists(st.floats(-0.5, 0.5), min_size=12, max_size=12).map(np.array)


@given(offset=ANGLES)
@settings(max_examples=40, deadline=None)
def test_feet_lie_where_mujoco_puts_them(offset):
    model = load_model()
    data, layout = mujoco.MjData(model), layout_of(model)
    q = go2.DEFAULT_POSE_RAD + offset
    data.qpos[:3] = 0
    data.qpos[layout.qpos] = q
    mujoco.mj_forward(model, data)
    assert np.allclose(data.sensordata[layout.foot_position], foot_positions(q), atol=1e-9)
    joints = [[data.body(f'{leg}_{part}').xpos for part in ('hip', 'thigh', 'calf')]
              for leg in go2.LEGS]
    assert np.allclose(leg_points(q)[:, :3], joints, atol=1e-9)
    assert np.array_equal(leg_points(q)[:, 3], foot_positions(q))


@given(offset=ANGLES)
@settings(max_examples=40, deadline=None)
def test_inverse_kinematics_inverts(offset):
    q = np.clip(go2.DEFAULT_POSE_RAD + offset, go2.JOINT_LOWER_RAD, go2.JOINT_UPPER_RAD)
    assert np.allclose(joint_angles(foot_positions(q)), q, atol=1e-6)


@given(offset=ANGLES)
@settings(max_examples=20, deadline=None)
def test_jacobian_is_the_derivative(offset):
    q, step = go2.DEFAULT_POSE_RAD + offset, 1e-6
    numeric = np.stack([(foot_positions(q + step * np.tile(axis, 4)) - foot_positions(q)) / step
                        for axis in np.eye(3)], axis=-1)
    assert np.allclose(foot_jacobian(q), numeric, atol=1e-5)


def test_wire_order_follows_the_names():
    assert go2.WIRE_FROM_POLICY.tolist() == [3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8]
    names = np.array(go2.JOINT_NAMES)
    assert names[go2.WIRE_FROM_POLICY].tolist() == list(go2.WIRE_JOINT_NAMES)
    assert np.array(go2.WIRE_LEGS)[go2.FEET_POLICY_FROM_WIRE].tolist() == list(go2.LEGS)


def test_gravity_in_body_of_known_tilts():
    half = np.sqrt(0.5)
    assert np.allclose(go2.gravity_in_body(np.array([1.0, 0, 0, 0])), [0, 0, -1])
    assert np.allclose(go2.gravity_in_body(np.array([half, half, 0, 0])), [0, -1, 0])  # roll 90
    assert np.allclose(go2.gravity_in_body(np.array([half, 0, half, 0])), [1, 0, 0])  # nose down
