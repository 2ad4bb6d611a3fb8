# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What counts of a message, and which messages are refused."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.deployment.recording.message_types import known_types, LOW_CMD
from policy_gen_ros.deployment.recording.samples import (
    body_sample,
    joint_sample,
    of_imu,
    of_joint_state,
    of_low_cmd,
)
from policy_gen_ros.deployment.wire.frames import build_low_command, LowCommand
from policy_gen_ros.domains.go2.robot import constants as go2
import pytest
from recorded_walks import at_ns, imu, joint_positions, joint_state, YAW_RATE_RPS

NAMES = list(go2.JOINT_NAMES)


def test_joints_are_found_by_name_whatever_their_order() -> None:
    stamp_s, sample = of_joint_state(joint_state(3.0))
    assert stamp_s == pytest.approx(at_ns(3.0) * 1e-9)
    np.testing.assert_allclose(sample[:12], joint_positions(3.0))


def test_a_level_body_feels_gravity_below() -> None:
    half = YAW_RATE_RPS / 2
    np.testing.assert_allclose(
        of_imu(imu(1.0))[1],
        [0, 0, -1, 0, 0, YAW_RATE_RPS, 0, 0, 9.8, np.cos(half), 0, 0, np.sin(half)], atol=1e-12)


@pytest.mark.parametrize('velocity', [[], [float('nan')] * 12])
def test_velocities_may_be_unknown(velocity: list[float]) -> None:
    sample = joint_sample(NAMES, [0.5] * 12, velocity)
    assert (sample[:12] == 0.5).all() and np.isnan(sample[12:]).all()


@pytest.mark.parametrize(('names', 'position', 'velocity', 'says'), [
    (NAMES[:-1], [0.0] * 11, [0.0] * 11, 'no joint RR_calf_joint; there are FL_hip_joint, FL_thi'),
    (['a', 'b'], [0.0] * 2, [0.0] * 2, 'no joint FL_hip_joint, FL_thi.*; there are a, b'),
    ([], [], [], 'there are none'),
    (['x\ny' * 500] * 20, [0.0] * 20, [0.0] * 20, 'there are x yx'),
    (['x'] * 201, [], [], '201 joint names'),
    (NAMES, [0.0] * 12, [0.0], '12 names, 12 positions, 1 velocities; only velocities may be'),
    (NAMES, [], [0.0] * 12, '12 names, 0 positions, 12 velocities'),
    (NAMES, [0.0] * 12, [float('inf')] * 12, 'not finite'),
    (NAMES, [float('nan')] * 12, [0.0] * 12, 'not finite'),
    (NAMES, [0.0] * 12, [1e300] * 12, 'too large')])
def test_wrong_joint_states_are_refused_in_one_short_line(
        names: list[str], position: list[float], velocity: list[float], says: str) -> None:
    with pytest.raises(ValueError, match=says) as refusal:
        joint_sample(names, position, velocity)
    assert '\n' not in str(refusal.value) and len(str(refusal.value)) < 600


@pytest.mark.parametrize(('quat_w', 'ang_vel', 'says'), [
    ((0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 'not a unit quaternion'),
    ((float('nan'), 0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 'not a unit quaternion'),
    ((1.0, 0.0, 0.0, 0.0), (0.0, 0.0, float('inf')), 'not finite')])
def test_wrong_imu_readings_are_refused(quat_w: tuple, ang_vel: tuple, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        body_sample(quat_w, ang_vel)


def test_an_imu_without_orientation_is_refused() -> None:
    with pytest.raises(ValueError, match='no orientation'):
        of_imu(imu(0.0, covariance=-1.0))


@pytest.mark.parametrize('command', [LowCommand.idle(), LowCommand.damping()])
def test_a_joint_without_stiffness_has_no_target(command: LowCommand) -> None:
    message = known_types().deserialize_cdr(build_low_command(command), LOW_CMD)
    assert np.isnan(of_low_cmd(message)[1]).all()
