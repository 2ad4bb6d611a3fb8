# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Stop, lie down, and what the operator's remote asks for, in the runtime without physics."""

from __future__ import annotations

from dataclasses import replace

from controller_helpers import FakeRobot, make_actor, make_adaptor, standing_state
import numpy as np
from policy_gen_ros.deployment.controller.gains import STIFFEN_S
from policy_gen_ros.deployment.controller.remote import RemoteConfig
from policy_gen_ros.deployment.controller.runtime import LocomotionRuntime
from policy_gen_ros.deployment.controller.walk_end import CALM_BEFORE_STANDING_S
from policy_gen_ros.deployment.wire.remote import build_remote, Key, NO_REMOTE, Remote
from policy_gen_ros.domains.go2.robot import constants as go2
import pytest

REST = build_remote(Remote())
CHORD = build_remote(Remote(keys=Key.L1 | Key.X))


def test_stop_steps_on_the_spot_and_stands_without_a_jerk(robot: FakeRobot) -> None:
    robot.walk(make_actor(scale=0.1, command=(0.5, 0.0, 0.0)))
    robot.step(200)
    assert robot.runtime.request('stop')[0]
    robot.step(11)
    assert robot.runtime.mode == 'walking'
    assert not robot.runtime.walk.policy.command.any(), 'within one control period'
    start = len(robot.commands)
    robot.step(round(CALM_BEFORE_STANDING_S / robot.dt_s))
    assert robot.runtime.mode == 'standing_up'
    robot.step(round(STIFFEN_S / robot.dt_s))
    assert robot.runtime.mode == 'standing'
    np.testing.assert_allclose(robot.commands[-1].q, go2.DEFAULT_POSE_RAD, atol=1e-6)
    gains = np.array([command.kp[0] for command in robot.commands[start:]])
    assert gains[0] == go2.KP_WALK and gains[-1] == pytest.approx(go2.KP_STAND)
    assert np.abs(np.diff(gains)).max() < 0.2


def test_cmd_vel_does_not_keep_a_walk_going_that_is_to_end(robot: FakeRobot) -> None:
    robot.walk(make_actor())
    robot.step(200)
    robot.runtime.request('stop')
    for _ in range(round(2.5 / robot.dt_s)):
        robot.runtime.set_command(np.array([0.8, 0.0, 0.0]))
        robot.step()
        assert not robot.runtime.walk.policy.command.any() or robot.runtime.mode != 'walking'
    assert robot.runtime.mode == 'standing'


def test_the_calm_actor_ends_a_walk_and_the_interrupted_one_goes_on(robot: FakeRobot) -> None:
    calm, walker = make_actor(seed=8), make_actor(seed=9)
    calmed = FakeRobot(LocomotionRuntime(make_adaptor(), calm=calm, wall_s=lambda: 0.0))
    calmed.walk(walker)
    calmed.step(200)
    calmed.runtime.request('stop')
    calmed.step(50)
    assert calmed.runtime.actor is calm
    calmed.step(round((CALM_BEFORE_STANDING_S + 1.5) / calmed.dt_s))
    assert calmed.runtime.mode == 'standing' and calmed.runtime.actor is walker
    assert calmed.runtime.request('activate')[0]
    calmed.step()
    assert calmed.runtime.mode == 'walking' and calmed.runtime.actor is walker


def test_an_actor_that_comes_while_a_walk_ends_waits_for_the_next(robot: FakeRobot) -> None:
    walker, late = make_actor(seed=1), make_actor(seed=2)
    robot.walk(walker)
    robot.step(200)
    robot.runtime.request('stop')
    robot.step(20)
    robot.hand_over(late)
    robot.step(100)
    assert robot.runtime.mode == 'walking' and robot.runtime.actor is walker
    robot.step(1500)
    assert robot.runtime.mode == 'standing', 'a new goal does not undo a stop'
    assert robot.runtime.actor is late


def test_activate_takes_a_stop_back(robot: FakeRobot) -> None:
    robot.walk(make_actor(command=(0.5, 0.0, 0.0)))
    robot.step(200)
    robot.runtime.request('stop')
    robot.step(100)
    assert robot.runtime.request('activate')[0]
    robot.step(1500)
    assert robot.runtime.mode == 'walking' and robot.runtime.walk.policy.command[0] == 0.5


@pytest.mark.parametrize('wish', ['stop', 'stand', 'lie_down'])
def test_a_fall_while_a_walk_ends_is_still_a_fault(robot: FakeRobot, wish: str) -> None:
    robot.walk(make_actor())
    robot.step(200)
    robot.runtime.request(wish)
    robot.step(50)
    robot.step(quaternion=np.array([0.6, 0.8, 0.0, 0.0]))
    assert robot.runtime.mode == 'fault' and not robot.commands[-1].kp.any()


def test_lie_down_sinks_from_a_walk_and_from_standing(robot: FakeRobot) -> None:
    robot.walk(make_actor())
    robot.step(200)
    for _ in range(2):
        start = len(robot.commands)
        assert robot.runtime.request('lie_down')[0]
        robot.step(2000)
        assert robot.runtime.mode == 'damping'
        held = np.array([command.q for command in robot.commands[start:] if command.kp.any()])
        np.testing.assert_allclose(held[-1], go2.SITTING_POSE_RAD, atol=0.01)
        assert np.abs(np.diff(held, axis=0)).max() < 0.02
        robot.runtime.request('stand')
        robot.step(1500)
        assert robot.runtime.mode == 'standing'


@pytest.mark.parametrize('wish', ['stop', 'lie_down'])
def test_what_does_not_walk_has_nothing_to_end(robot: FakeRobot, wish: str) -> None:
    robot.step()
    assert robot.runtime.request(wish)[0]
    robot.step(10)
    assert robot.runtime.mode == 'passive'


def test_stop_keeps_a_twin_from_walking_on_its_own() -> None:
    runtime = LocomotionRuntime(make_adaptor(), auto_activate=True, wall_s=lambda: 0.0)
    robot = FakeRobot(runtime)
    robot.hand_over(make_actor())
    robot.step(100)
    assert runtime.mode == 'standing_up'
    runtime.request('stop')
    robot.step(1500)
    assert runtime.mode == 'standing'


def test_a_stop_chord_damps_in_the_same_tick_until_stand(robot: FakeRobot) -> None:
    robot.state = standing_state(remote=REST)
    robot.walk(make_actor())
    robot.step(200)
    command = robot.step(remote=CHORD)
    assert robot.runtime.mode == 'damping' and not command.kp.any() and command.kd.all()
    accepted, why = robot.runtime.request('stand')
    assert not accepted and 'a stop chord is held' in why
    robot.step(500, remote=REST)
    robot.hand_over(make_actor(seed=3))
    robot.step(500)
    assert robot.runtime.mode == 'damping'
    robot.step(60, remote=build_remote(Remote(keys=Key.START)))
    assert robot.runtime.mode == 'standing_up'


def test_a_stop_chord_does_not_lead_out_of_a_fault(robot: FakeRobot) -> None:
    robot.state = standing_state(remote=REST)
    robot.walk(make_actor())
    robot.step(quaternion=np.array([0.6, 0.8, 0.0, 0.0]))
    robot.step(10, quaternion=np.array([1.0, 0.0, 0.0, 0.0]))
    robot.step(10, remote=CHORD)
    robot.step(10, remote=REST)
    robot.step(100, remote=build_remote(Remote(keys=Key.START)))
    assert robot.runtime.mode == 'fault'
    assert any('call the service damp to leave it' in text for text in robot.events())


def test_the_remote_takes_no_legs_that_others_hold() -> None:
    runtime = LocomotionRuntime(make_adaptor(), owns_legs=False, wall_s=lambda: 0.0)
    robot = FakeRobot(runtime, state=standing_state(remote=REST))
    robot.step(10)
    robot.step(100, remote=build_remote(Remote(keys=Key.A)))
    assert runtime.mode == 'passive'
    assert any('the legs are not ours' in text for text in robot.events())
    assert runtime.request('stand')[0]
    robot.step(1500, remote=REST)
    assert runtime.mode == 'standing', 'a request to stand comes once the legs are free'


def test_sticks_command_and_cmd_vel_wins_where_it_has_priority(robot: FakeRobot) -> None:
    robot.state = standing_state(remote=REST)
    robot.walk(make_actor())
    robot.step(200, remote=build_remote(Remote(ly=1.0)))
    assert robot.runtime.walk.policy.command[0] == pytest.approx(1.0)
    assert robot.runtime.walk.velocity.source == 'remote'
    robot.runtime.set_limits(robot.runtime.limits, remote=RemoteConfig(priority='cmd_vel'))
    robot.runtime.set_command(np.array([0.3, 0.0, 0.0]))
    robot.step(20)
    assert robot.runtime.walk.policy.command[0] == pytest.approx(0.3)
    assert robot.runtime.walk.velocity.source == 'cmd_vel'


def test_where_a_remote_is_required_its_loss_ends_the_walk(robot: FakeRobot) -> None:
    required = RemoteConfig(required=True)
    robot.runtime.set_limits(robot.runtime.limits, remote=required)
    robot.step(500)
    accepted, why = robot.runtime.request('stand')
    assert not accepted and 'remote absent' in why and 'switch the remote on' in why
    robot.state = replace(robot.state, remote=REST)
    robot.step(10)
    robot.walk(make_actor())
    robot.step(500, remote=NO_REMOTE)
    assert robot.runtime.mode == 'damping'
    assert str(robot.runtime.last_trip).startswith('remote lost')
