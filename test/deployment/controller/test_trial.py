# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Actors on trial: who fails is rolled back to the last who passed."""

from __future__ import annotations

from controller_helpers import FakeRobot, make_actor, make_adaptor, rolled
import numpy as np
from policy_gen_ros.deployment.controller.runtime import LocomotionRuntime
from policy_gen_ros.deployment.controller.trial import TrialLimits
import pytest

OLD, NEW, NEWER = (make_actor(bias=0.1 * seed, seed=seed) for seed in range(3))


@pytest.fixture
def walking(robot: FakeRobot) -> FakeRobot:
    robot.walk(OLD)
    robot.step(300)
    return robot


def lean(robot: FakeRobot, angle_rad: float) -> None:
    """Lean over as slowly as a body does."""
    for angle in np.linspace(0, angle_rad, 10):
        robot.step(10, quaternion=rolled(angle))


def test_an_actor_that_tilts_the_body_is_rolled_back(walking: FakeRobot) -> None:
    walking.hand_over(NEW)
    walking.step(50)
    assert walking.runtime.actor is NEW
    lean(walking, 0.8)
    assert walking.runtime.mode == 'walking'
    assert walking.runtime.actor is OLD
    assert walking.runtime.walk.rolled_back == 1
    rolled_back = [message for message in walking.events() if 'rolled back' in message]
    assert len(rolled_back) == 1
    assert NEW.sha256[:12] in rolled_back[0] and 'tilt after a swap: 0.6' in rolled_back[0]
    walking.step(700)
    assert walking.runtime.actor is OLD and walking.runtime.walk.rolled_back == 1


def test_after_its_trial_an_actor_stays(walking: FakeRobot) -> None:
    walking.hand_over(NEW)
    walking.step(520)
    lean(walking, 0.8)
    assert walking.runtime.actor is NEW and walking.runtime.walk.rolled_back == 0


def test_an_actor_on_trial_is_nobody_to_come_back_to(walking: FakeRobot) -> None:
    walking.hand_over(NEW)
    walking.step(250)
    walking.hand_over(NEWER)
    walking.step(150)
    assert walking.runtime.actor is NEWER
    lean(walking, 0.8)
    assert walking.runtime.actor is OLD


def test_swaying_fails_and_a_short_knock_does_not(walking: FakeRobot) -> None:
    walking.hand_over(NEW)
    walking.step(50)
    walking.step(20, gyro=np.array([5.0, 0, 0]))
    walking.step(100, gyro=np.zeros(3))
    assert walking.runtime.actor is NEW
    walking.step(150, gyro=np.array([6.0, 0, 0]))
    assert walking.runtime.actor is OLD
    assert any('sway after a swap: 4' in message for message in walking.events())


def test_turning_off_the_command_fails(walking: FakeRobot) -> None:
    walking.hand_over(NEW)
    walking.step(520, gyro=np.array([0, 0, 2.0]))
    assert walking.runtime.actor is OLD
    assert any('yaw rate off the command' in message for message in walking.events())


def test_turning_as_commanded_passes(walking: FakeRobot) -> None:
    walking.hand_over(make_actor(command=(0.0, 0.0, 1.2), seed=5))
    walking.step(520, gyro=np.array([0, 0, 2.0]))
    assert walking.runtime.walk.rolled_back == 0


def test_without_a_trial_nobody_is_rolled_back() -> None:
    robot = FakeRobot(LocomotionRuntime(make_adaptor(), wall_s=lambda: 0.0,
                                        trial_limits=TrialLimits(seconds=0.0)))
    robot.walk(OLD)
    robot.step(300)
    robot.hand_over(NEW)
    robot.step(50)
    lean(robot, 0.8)
    assert robot.runtime.actor is NEW


def test_limits_are_validated() -> None:
    with pytest.raises(ValueError, match='tilt_rad is -1'):
        TrialLimits(tilt_rad=-1.0)
