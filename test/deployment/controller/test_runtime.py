# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""State machine, swap and blend of the runtime, without physics."""

from __future__ import annotations

from dataclasses import replace

from controller_helpers import FakeRobot, make_actor, make_adaptor
import numpy as np
from policy_gen_ros.deployment.controller.policy import PolicyRunner
from policy_gen_ros.deployment.controller.runtime import LocomotionRuntime
from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import joint_targets, RobotState
from policy_gen_ros.policies.weights import ActorWeights
import pytest


def test_passive_gives_no_torque(robot: FakeRobot) -> None:
    command = robot.step()
    assert robot.runtime.mode == 'passive'
    assert not command.kp.any() and not command.kd.any() and not command.tau.any()


def test_a_robot_that_was_never_heard_is_not_told_to_stand_up(robot: FakeRobot) -> None:
    accepted, why = robot.runtime.request('stand')
    assert not accepted and 'no LowState has arrived yet' in why
    robot.step()
    assert robot.runtime.mode == 'passive'
    assert robot.runtime.request('stand')[0]


def test_stands_up_from_lying_through_the_sitting_pose(robot: FakeRobot) -> None:
    lying = np.array([0.3, 1.9, -2.6, -0.3, 1.9, -2.6, 0.3, 2.1, -2.6, -0.3, 2.1, -2.6])
    robot.step(joint_pos=lying)
    assert robot.runtime.request('stand')[0]
    first = robot.step()
    assert robot.runtime.mode == 'standing_up'
    np.testing.assert_allclose(first.q, robot.state.joint_pos, atol=0.05)
    robot.step(500)
    np.testing.assert_allclose(robot.commands[-1].q, go2.SITTING_POSE_RAD, atol=0.02)
    robot.step(600)
    assert robot.runtime.mode == 'standing'
    np.testing.assert_allclose(robot.commands[-1].q, go2.DEFAULT_POSE_RAD, atol=1e-9)
    targets = np.array([command.q for command in robot.commands[1:]])
    assert np.abs(np.diff(targets, axis=0)).max() < 0.02
    assert robot.commands[-1].kp[0] == go2.KP_STAND


def test_walking_needs_an_actor_and_a_stand(robot: FakeRobot) -> None:
    assert robot.runtime.request('activate') == (
        False, 'no actor has arrived; send a goal to the generator first')
    robot.hand_over(make_actor())
    robot.step()
    accepted, why = robot.runtime.request('activate')
    assert not accepted and 'passive' in why and 'stand first' in why


def test_gains_soften_smoothly_when_walking_starts(robot: FakeRobot) -> None:
    robot.walk(make_actor())
    start = len(robot.commands)
    robot.step(200)
    gains = np.array([command.kp[0] for command in robot.commands[start - 1:]])
    assert gains[0] == pytest.approx(go2.KP_STAND, abs=1.0) and gains[-1] == go2.KP_WALK
    assert np.abs(np.diff(gains)).max() < 1.0


def test_policy_runs_every_20_ms(robot: FakeRobot) -> None:
    robot.walk(make_actor())
    before = robot.runtime.walk.policy_ticks
    robot.step(500)
    assert robot.runtime.walk.policy_ticks - before == 50
    assert robot.runtime.walk.missed_policy_ticks == 0


def test_auto_activate_walks_without_being_asked() -> None:
    runtime = LocomotionRuntime(make_adaptor(), auto_activate=True, wall_s=lambda: 0.0)
    robot = FakeRobot(runtime)
    robot.step(5)
    assert runtime.mode == 'passive'
    robot.hand_over(make_actor())
    robot.step(1200)
    assert runtime.mode == 'walking'
    runtime.request('damp')
    robot.step(1000)
    assert runtime.mode == 'damping', 'damping on request must not be undone'


def test_swap_happens_between_two_policy_ticks(robot: FakeRobot) -> None:
    old, new = make_actor(bias=0.0), make_actor(bias=1.0, seed=1)
    robot.walk(old)
    robot.step(205)
    robot.hand_over(new)
    while robot.runtime.actor is old:
        before = robot.runtime.walk.policy_ticks
        robot.step()
    assert robot.runtime.walk.policy_ticks == before + 1
    assert robot.runtime.walk.swaps == 2
    assert any('took over' in message for message in robot.events())


def test_blend_is_linear_and_ends_at_the_new_actor(robot: FakeRobot) -> None:
    robot.walk(make_actor(bias=0.0))
    robot.step(300)
    robot.hand_over(make_actor(bias=1.0, seed=1))
    start = len(robot.commands)
    robot.step(150)
    targets = np.array([command.q for command in robot.commands[start:]])[::10]
    steps = np.diff(targets[:, 1])
    assert targets[-1] == pytest.approx(joint_targets(np.ones(12)))
    assert steps.max() <= go2.ACTION_SCALE[1] * 0.1 + 1e-6, 'one tenth of the way a policy tick'


def test_an_actor_that_arrives_during_a_blend_waits_for_its_end(robot: FakeRobot) -> None:
    robot.walk(make_actor())
    robot.step(300)
    second, third = make_actor(bias=1.0, seed=1), make_actor(bias=-1.0, seed=2)
    robot.hand_over(second)
    robot.step(20)
    robot.hand_over(third)
    robot.step(20)
    assert robot.runtime.actor is second
    robot.step(100)
    assert robot.runtime.actor is third


def test_swapping_weights_under_identical_inputs_changes_the_action() -> None:
    state = RobotState(np.array([0.0, 0, -1]), np.zeros(3), go2.DEFAULT_POSE_RAD, np.zeros(12))
    actions = []
    for seed in (1, 2):
        policy = PolicyRunner(make_adaptor(), blend_s=0.0)
        policy.swap(make_actor(scale=0.3, seed=seed))
        actions.append(policy.step(state, None, 0.0))
    assert np.abs(actions[0] - actions[1]).max() > 0.05


def test_clock_runs_on_across_a_swap() -> None:
    state = RobotState(np.array([0.0, 0, -1]), np.zeros(3), go2.DEFAULT_POSE_RAD, np.zeros(12))
    policy = PolicyRunner(make_adaptor(), blend_s=0.1)
    policy.swap(make_actor(clock_hz=2.0))
    phases = []
    for k in range(60):
        if k == 30:
            policy.swap(make_actor(clock_hz=4.0, seed=1))
        policy.step(state, None, k * go2.CONTROL_DT_S)
        phases.append(policy.phase)
    advance = np.diff(np.unwrap(phases, period=1.0))
    assert advance[10] == pytest.approx(0.04) and advance[-1] == pytest.approx(0.08)
    assert ((advance > 0.0399) & (advance < 0.0801)).all()


def actor_that_tells_vx() -> ActorWeights:
    """Make an actor whose second action is twice vx; its nominal vx is 0.5 m/s."""
    actor = make_actor(command=(0.5, 0.0, 0.0))
    weight = np.zeros((16, 49), np.float32)
    weight[0, 42] = 1.0  # hidden unit 0 reads vx
    out = np.zeros((12, 16), np.float32)
    out[1, 0] = 1.0
    object.__setattr__(actor, 'layers', ((weight, actor.layers[0][1]), (out, np.zeros(12))))
    return actor


def walked_with(robot: FakeRobot, count: int = 150) -> float:
    """Step and return the largest second action meanwhile."""
    actions = []
    for _ in range(count):
        robot.step()
        actions.append(robot.runtime.walk.policy.last_action[1])
    return max(actions)


def test_cmd_vel_from_before_the_walk_is_as_old_as_it_is(robot: FakeRobot) -> None:
    robot.hand_over(actor_that_tells_vx())
    robot.step()
    assert robot.runtime.request('stand')[0]
    robot.step(1500)
    robot.runtime.set_command(np.array([0.8, 0.0, 0.0]))
    robot.step(300)
    assert robot.runtime.request('activate')[0]
    assert walked_with(robot) == pytest.approx(1.0)


def test_cmd_vel_ends_with_the_twin_that_it_was_for(robot: FakeRobot) -> None:
    robot.walk(actor_that_tells_vx())
    robot.step(400)
    robot.runtime.set_command(np.array([0.8, 0.0, 0.0]))
    robot.step(50)
    assert robot.runtime.walk.policy.last_action[1] == pytest.approx(1.6)
    robot.runtime.set_command(np.array([0.8, 0.0, 0.0]))
    robot.now_s = 0.0
    robot.walk(actor_that_tells_vx())
    assert walked_with(robot) == pytest.approx(1.0)


def test_cmd_vel_is_limited_to_what_the_actor_can_follow_and_says_so_once(
        robot: FakeRobot) -> None:
    def warnings() -> int:
        return sum('limited to' in message for message in robot.events())

    robot.walk(actor_that_tells_vx())
    robot.step(300)
    for vx in (3.0, 2.0, 3.0):
        robot.runtime.set_command(np.array([vx, 0.0, 0.0]))
        robot.step(20)
    assert robot.runtime.walk.policy.last_action[1] == pytest.approx(2 * go2.COMMAND_UPPER[0])
    assert warnings() == 1
    robot.runtime.set_command(np.array([0.0, 0.0, 0.0]))
    robot.step(20)
    assert warnings() == 1
    robot.runtime.set_command(np.array([-3.0, 0.0, 0.0]))
    robot.step(20)
    # What is negative passes through ELU on its way.
    expected = np.expm1(2 * go2.COMMAND_LOWER[0])
    assert robot.runtime.walk.policy.last_action[1] == pytest.approx(expected)
    assert warnings() == 2


def test_cmd_vel_asks_no_more_of_an_actor_than_its_gait_can_do(robot: FakeRobot) -> None:
    slow_and_tall = {**dict.fromkeys(CONTACT_NAMES, 0.85), 'body_height_m': 0.34}
    robot.walk(replace(actor_that_tells_vx(), measures=slow_and_tall))
    robot.step(300)
    robot.runtime.set_command(np.array([0.9, 0.0, 0.0]))
    robot.step(20)
    assert 0.2 < robot.runtime.walk.policy.command[0] < 0.8
    assert robot.runtime.walk.policy.command[0] == pytest.approx(
        robot.runtime.walk.policy.last_action[1] / 2)


def test_cmd_vel_overrides_the_nominal_command_until_it_is_stale(robot: FakeRobot) -> None:
    robot.walk(actor_that_tells_vx())
    robot.step(400)
    assert robot.runtime.walk.policy.last_action[1] == pytest.approx(1.0)
    robot.runtime.set_command(np.array([0.8, 0.0, 0.0]))
    robot.step(100)
    assert robot.runtime.walk.policy.last_action[1] == pytest.approx(1.6)
    robot.step(300)
    assert robot.runtime.walk.policy.last_action[1] == pytest.approx(1.0)
    assert any('stale cmd_vel' in message for message in robot.events())
    assert not robot.runtime.set_command(np.array([np.nan, 0, 0]))
