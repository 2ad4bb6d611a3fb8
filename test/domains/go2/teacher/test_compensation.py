# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What a teacher adds that is told how robot and ground differ from the nominal ones."""

from dataclasses import replace

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.kinematics import foot_jacobian, foot_positions, joint_angles
from policy_gen_ros.domains.go2.robot.observation import RobotState
from policy_gen_ros.domains.go2.teacher.compensation import (
    CAPTURE_M,
    compensate,
    Hidden,
    LEAD_S,
    NOMINAL_DAMPING,
    NOMINAL_FRICTION_NM,
    phase_ahead,
    slope_of,
)
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController, TeacherInput
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_walks
import pytest

COUNT = 20
TEACHER = GaitController()


@pytest.fixture
def gaits():
    return sample_walks(COUNT, np.random.default_rng(0))[0]


@pytest.fixture
def seen(gaits):
    """Level robots as fast as they should be, with moving joints near their default pose."""
    rng = np.random.default_rng(1)
    state = RobotState(np.tile([0.0, 0.0, -1.0], (COUNT, 1)), np.zeros((COUNT, 3)),
                       go2.DEFAULT_POSE_RAD + rng.uniform(-0.2, 0.2, (COUNT, 12)),
                       rng.uniform(-3, 3, (COUNT, 12)))
    velocity = np.tile([0.5, 0.0, 0.0], (COUNT, 1))
    return TeacherInput(state, velocity, np.full(COUNT, 0.28), rng.random(COUNT), velocity)


def nominal(**changes):
    one, none = np.ones(COUNT), np.zeros(COUNT)
    hidden = Hidden(NOMINAL_DAMPING * one, NOMINAL_FRICTION_NM * one, one, one, one, none,
                    np.zeros((COUNT, 2)), none, np.tile([0.0, 0.0, 1.0], (COUNT, 1)), none)
    return replace(hidden, **{name: np.full(COUNT, value) if np.isscalar(value) else value
                              for name, value in changes.items()})


def added_torque(seen, gaits, **changes):
    """Torque that nominal motors would give more, at joint targets in the middle. (n, 12)."""
    targets = np.tile(go2.DEFAULT_POSE_RAD, (COUNT, 1))
    return go2.KP_WALK * (compensate(targets, seen, gaits, nominal(**changes), TEACHER) - targets)


def test_nothing_is_added_for_the_nominal_robot(seen, gaits):
    targets = TEACHER.targets(seen, gaits)
    assert np.allclose(compensate(targets, seen, gaits, nominal(), TEACHER), targets, atol=1e-9)


def test_motors_of_another_strength_and_gains_give_the_torque_of_nominal_ones(seen, gaits):
    targets = np.tile(go2.DEFAULT_POSE_RAD, (COUNT, 1))
    hidden = nominal(motor_strength=0.8, kp_scale=1.15, kd_scale=0.85)
    asked = compensate(targets, seen, gaits, hidden, TEACHER)
    q, dq = seen.state.joint_pos, seen.state.joint_vel
    given = 0.8 * (1.15 * go2.KP_WALK * (asked - q) - 0.85 * go2.KD_WALK * dq)
    assert np.allclose(given, go2.KP_WALK * (targets - q) - go2.KD_WALK * dq)


def test_damping_and_friction_of_joints_are_paid_for_in_the_direction_of_their_motion(seen, gaits):
    still = replace(seen, state=replace(seen.state, joint_vel=np.zeros((COUNT, 12))))
    damped = added_torque(still, gaits, joint_damping=2.2)
    assert np.allclose(damped, 2 * added_torque(still, gaits, joint_damping=1.2))
    assert np.allclose(added_torque(still, gaits, joint_damping=0.0),
                       -0.1 * damped)  # easier than nominal: less than nothing
    before, after = (joint_angles(TEACHER.foot_paths(still, gaits, t)) for t in (0.0, 0.02))
    moves = np.abs(after - before) > 0.02
    assert moves.sum() > 50
    assert (np.sign(damped) == np.sign(after - before))[moves].mean() > 0.95
    dry = added_torque(still, gaits, joint_friction_nm=0.0)
    assert np.abs(dry).max() <= NOMINAL_FRICTION_NM + 1e-9
    assert (np.sign(dry) == -np.sign(damped))[np.abs(damped) > 0.1].all()


def test_measured_speeds_count_beside_wanted_ones(seen, gaits):
    still = replace(seen, state=replace(seen.state, joint_vel=np.zeros((COUNT, 12))))
    change = added_torque(seen, gaits, joint_damping=1.2) \
        - added_torque(still, gaits, joint_damping=1.2)
    moving = np.abs(change) > 1e-9
    assert moving.mean() > 0.9
    assert (np.sign(change) == np.sign(seen.state.joint_vel))[moving].all()


def test_feet_in_stance_carry_what_is_loaded(seen, gaits):
    torque = added_torque(seen, gaits, load_kg=3.0).reshape(COUNT, 4, 3)
    jacobian = foot_jacobian(seen.state.joint_pos)
    force = np.linalg.solve(-np.swapaxes(jacobian, -1, -2), torque[..., None])[..., 0]
    stance = (seen.phase[:, None] - gaits.touch_down) % 1.0 < gaits.duty
    assert np.allclose(force[..., :2], 0.0, atol=1e-6)
    assert np.allclose(force[~stance], 0.0, atol=1e-6)
    # In each cycle, as much as the load weighs.
    weight = 3.0 * 9.81 / gaits.duty.sum(axis=1)
    assert np.allclose(force[..., 2], stance * weight[:, None])


def test_a_load_in_front_is_carried_by_the_feet_in_front(seen, gaits):
    moment = np.tile([0.5, 0.0], (COUNT, 1))
    torque = added_torque(seen, gaits, load_moment_kg_m=moment).reshape(COUNT, 4, 3)
    force = np.linalg.solve(-np.swapaxes(foot_jacobian(seen.state.joint_pos), -1, -2),
                            torque[..., None])[..., 0][..., 2]
    stance = (seen.phase[:, None] - gaits.touch_down) % 1.0 < gaits.duty
    assert (force[:, :2][stance[:, :2]] > 0).all()
    assert (force[:, 2:][stance[:, 2:]] < 0).all()


def test_the_slope_of_the_ground_does_not_hang_on_the_tilt_of_the_trunk():
    tilt = np.radians(10)
    level = slope_of(np.array([[-np.sin(tilt), 0, np.cos(tilt)]]), np.array([[0.0, 0, -1]]))
    along = slope_of(np.array([[0.0, 0, 1]]), np.array([[-np.sin(tilt), 0, -np.cos(tilt)]]))
    assert np.allclose(level, along)
    assert np.allclose(level, [[-np.tan(tilt), 0]])  # uphill


def test_feet_are_led_along_a_slope_under_a_level_trunk(seen, gaits):
    tilt = np.radians(8)
    uphill = np.tile([-np.sin(tilt), 0.0, np.cos(tilt)], (COUNT, 1))
    flat = joint_angles(TEACHER.foot_paths(seen, gaits, 0.01))
    moved = compensate(flat, seen, gaits, nominal(normal=uphill), TEACHER)
    rise = (foot_positions(moved) - foot_positions(flat))[..., 2]
    wanted = np.tan(tilt) * foot_positions(flat)[..., 0]
    reached = np.abs(rise - wanted) < 2e-3
    assert reached.mean() > 0.9  # some legs are at their end
    assert np.abs(wanted).mean() > 0.015


def test_feet_swing_higher_over_edges_and_stand_as_before(seen, gaits):
    flat = joint_angles(TEACHER.foot_paths(seen, gaits, 0.01))
    moved = compensate(flat, seen, gaits, nominal(rise_m=0.03), TEACHER)
    rise = (foot_positions(moved) - foot_positions(flat))[..., 2]
    phase = (seen.phase[:, None] - gaits.touch_down) % 1.0
    stance = phase < gaits.duty
    middle = np.abs((phase - gaits.duty) / (1 - gaits.duty) - 0.5) < 0.2
    assert np.allclose(rise[stance], 0.0, atol=1e-6)
    assert (rise[middle] > 0.015).mean() > 0.9


def test_feet_that_swing_are_led_to_where_they_catch_a_push(seen, gaits):
    phase = (seen.phase[:, None] - gaits.touch_down) % 1.0
    swings = phase > gaits.duty

    def moved(push):
        pushed = replace(seen, base_velocity=seen.base_velocity + push)
        targets = joint_angles(TEACHER.foot_paths(pushed, gaits, LEAD_S))
        feet = foot_positions(compensate(targets, pushed, gaits, nominal(), TEACHER))
        return feet - foot_positions(targets)

    assert swings.any()
    assert (moved([0.0, 0.4, 0.0])[swings][:, 1] > 0).all()
    assert np.allclose(moved([0.0, 0.4, 0.0])[~swings], 0, atol=1e-6)
    assert np.linalg.norm(moved([0.0, 5.0, 0.0])[..., :2], axis=-1).max() < CAPTURE_M + 1e-6


def test_the_clock_is_read_as_far_ahead_as_targets_are_late(gaits):
    phase = phase_ahead(np.full(COUNT, 0.9), np.full(COUNT, 2.5), nominal(delay_s=0.06))
    assert np.allclose(phase, 0.05)
