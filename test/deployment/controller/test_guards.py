# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Every guard, provoked: what it says and what the runtime does."""

from __future__ import annotations

from dataclasses import fields

from controller_helpers import FakeRobot, make_actor, make_adaptor, rolled
import numpy as np
from policy_gen_ros.deployment.controller.guards import clip_targets, GuardLimits
from policy_gen_ros.deployment.controller.runtime import LocomotionRuntime
from policy_gen_ros.deployment.controller.trial import TrialLimits
from policy_gen_ros.domains.go2.robot import constants as go2
import pytest


@pytest.fixture
def walking(robot: FakeRobot) -> FakeRobot:
    robot.walk(make_actor())
    robot.step(300)
    return robot


def assert_damps(robot: FakeRobot, mode: str, says: str) -> None:
    command = robot.commands[-1]
    assert robot.runtime.mode == mode
    assert not command.kp.any() and (command.kd == go2.KD_DAMPING).all()
    assert any(says in message for message in robot.events()), robot.events()


def test_stale_state(walking: FakeRobot) -> None:
    walking.step(25, frozen=True)
    assert walking.runtime.mode == 'walking'
    walking.step(2, frozen=True)
    assert_damps(walking, 'damping', 'stale LowState: 0.052 s, limit 0.05')
    assert walking.runtime.request('stand')[0], 'stand leads out of damping'


def test_tilt(walking: FakeRobot) -> None:
    walking.step(quaternion=rolled(1.1))
    assert_damps(walking, 'fault', 'tilt: 1.1 rad, limit 1')
    accepted, why = walking.runtime.request('stand')
    assert not accepted and 'damp first' in why
    walking.runtime.request('damp')
    walking.step(quaternion=rolled(0.0))
    assert walking.runtime.request('stand')[0]


@pytest.mark.parametrize(('field', 'name'), [
    ('gyro', 'body rate'), ('quaternion', 'gravity'), ('joint_pos', 'joint position'),
    ('joint_vel', 'joint velocity')])
def test_non_finite_observation(walking: FakeRobot, field: str, name: str) -> None:
    bad = getattr(walking.state, field).copy()
    bad[-1] = np.nan
    walking.step(**{field: bad})
    assert_damps(walking, 'fault', f'non-finite {name}')


def test_non_finite_action(walking: FakeRobot) -> None:
    actor = make_actor()
    object.__setattr__(actor, 'layers', tuple((w * np.nan, b) for w, b in actor.layers))
    walking.hand_over(actor)
    walking.step(10)
    assert_damps(walking, 'fault', 'non-finite action: 12 values')


def test_joint_beyond_its_range(walking: FakeRobot) -> None:
    pose = go2.DEFAULT_POSE_RAD.copy()
    pose[2] = -3.0
    walking.step(joint_pos=pose)
    assert_damps(walking, 'fault', 'FL_calf_joint')


def test_joint_over_its_speed(walking: FakeRobot) -> None:
    walking.step(joint_vel=np.full(12, 60.0))
    assert_damps(walking, 'fault', 'joint speed over rated speed')


def test_motor_temperature(walking: FakeRobot) -> None:
    heat = np.full(12, 84.0)
    walking.step(motor_temperature_c=heat)
    assert walking.runtime.mode == 'walking'
    heat = heat.copy()
    heat[4] = 90.0
    walking.step(motor_temperature_c=heat)
    assert_damps(walking, 'damping', 'motor temperature: 90 °C, limit 85 (FR_thigh_joint)')


def test_battery_may_sag_but_not_stay_low(walking: FakeRobot) -> None:
    walking.step(100, battery_v=22.0)
    walking.step(1000, battery_v=29.0)
    walking.step(1000, battery_v=0.0)  # not read
    assert walking.runtime.mode == 'walking'
    walking.step(1000, battery_v=22.0)
    assert_damps(walking, 'damping', 'battery: 24 V, limit 24')


def test_imu_jump(walking: FakeRobot) -> None:
    walking.step(quaternion=rolled(0.3))
    assert walking.runtime.mode == 'walking'
    walking.step(quaternion=rolled(-0.2))
    assert_damps(walking, 'fault', 'IMU jump: 0.5 rad, limit 0.35')


def test_a_turn_that_the_gyroscope_measures_is_no_jump(walking: FakeRobot) -> None:
    walking.step(20, frozen=True)
    walking.step(quaternion=rolled(0.5), gyro=np.array([8.0, 0, 0]))
    assert walking.runtime.mode == 'walking'


def test_how_long_a_battery_may_sag_and_what_norm_is_off_are_limits(walking: FakeRobot) -> None:
    walking.runtime.set_limits(GuardLimits(battery_mean_s=60.0, imu_norm_error=0.005))
    walking.step(1000, battery_v=22.0)
    assert walking.runtime.mode == 'walking'
    walking.step(quaternion=np.array([0.99, 0, 0, 0]))
    assert_damps(walking, 'fault', 'IMU quaternion norm off 1: 0.01')


def test_quaternion_off_its_norm(walking: FakeRobot) -> None:
    walking.step(quaternion=np.array([0.5, 0, 0, 0]))
    assert_damps(walking, 'fault', 'IMU quaternion norm off 1: 0.5')


def test_policy_late(walking: FakeRobot) -> None:
    walking.dt_s = 0.19
    walking.runtime.set_limits(GuardLimits(state_timeout_s=1.0))
    walking.step()
    assert walking.runtime.mode == 'walking'
    walking.dt_s = 0.25
    walking.step()
    assert_damps(walking, 'damping', 'policy late: 0.2')


def test_a_tick_that_goes_back_means_another_robot(walking: FakeRobot) -> None:
    walking.now_s = 0.0
    walking.step()
    assert walking.runtime.mode == 'passive'
    assert any('tick went back' in message for message in walking.events())


def test_a_fault_outlives_another_twin_and_ends_auto_activate() -> None:
    runtime = LocomotionRuntime(make_adaptor(), auto_activate=True, wall_s=lambda: 0.0)
    robot = FakeRobot(runtime)
    robot.hand_over(make_actor())
    robot.step(1300)
    assert runtime.mode == 'walking'
    robot.step(quaternion=rolled(1.1))
    assert runtime.mode == 'fault'
    robot.now_s = 0.0
    robot.step(1300, quaternion=rolled(0.0))
    assert runtime.mode == 'fault'
    assert any('restarted; fault' in message for message in robot.events())
    runtime.mode = 'passive'
    robot.step(1300)
    assert runtime.mode == 'passive', 'nobody has asked the robot to stand up'


def test_standing_up_on_its_side_is_refused(robot: FakeRobot) -> None:
    robot.step(quaternion=rolled(1.5))
    robot.runtime.request('stand')
    robot.step()
    assert robot.runtime.mode == 'fault'


def test_targets_stay_within_torque_and_range() -> None:
    rng = np.random.default_rng(0)
    low, high = go2.TARGET_LOWER_RAD, go2.TARGET_UPPER_RAD
    for _ in range(200):
        q, dq = rng.uniform(low, high), rng.normal(0, 5, 12)
        for kp, kd in ((20.0, 0.5), (70.0, 4.0)):
            target = clip_targets(rng.uniform(-6, 6, 12), q, dq, kp, kd)
            torque = kp * (target - q) - kd * dq
            assert (target >= low).all() and (target <= high).all()
            free = (target > low) & (target < high)
            assert (np.abs(torque) <= go2.TORQUE_LIMIT_NM + 1e-9)[free].all()


def test_usual_limits_lie_within_the_bounds_of_their_parameters() -> None:
    for item in (*fields(GuardLimits), *fields(TrialLimits)):
        lowest, highest = item.metadata['bounds']
        assert lowest <= item.default <= highest, item.name


def test_limits_are_validated() -> None:
    with pytest.raises(ValueError, match='tilt_rad is 0'):
        GuardLimits(tilt_rad=0.0)
