# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The age of LowStates, and what a sender leaves empty: neither a fault nor health."""

from __future__ import annotations

from controller_helpers import FakeRobot, make_actor, rolled, standing_state
from hypothesis import given, strategies
import numpy as np
from policy_gen_ros.deployment.controller.clock import StateClock, UNFILLED_FRAMES
from policy_gen_ros.deployment.controller.guards import GuardLimits
from policy_gen_ros.deployment.controller.robot_monitor import RobotMonitor
from policy_gen_ros.deployment.controller.unfilled import empty_fields, MONITORED_FRAMES, Unfilled
from policy_gen_ros.deployment.wire.frames import LowState
from policy_gen_ros.deployment.wire.remote import build_remote, Remote
import pytest

REMOTE = build_remote(Remote())
LAST_TICK = 2**32 - 1


def empty_state(**changes: object) -> LowState:
    """Describe a standing robot as Unitree's simulator does."""
    return standing_state(**{
        'tick_ms': 0, 'signed': False, 'battery_v': 0.0, 'motor_temperature_c': np.zeros(12),
        'foot_force': np.zeros(4), **changes})


def test_a_new_tick_is_a_new_state_and_one_that_stays_grows_old() -> None:
    clock = StateClock()
    assert clock.arrived(1000, 5.0) == (True, 0)
    assert clock.arrived(1002, 5.002) == (True, 0)
    for now_s in (5.004, 5.03, 5.1):
        assert clock.arrived(1002, now_s) == (False, 0)
    assert clock.age_s(5.1) == pytest.approx(0.098)
    assert clock.ticks


def test_without_ticks_every_arrival_is_new() -> None:
    clock = StateClock()
    for k in range(UNFILLED_FRAMES):
        assert clock.ticks
        assert clock.arrived(0, 0.005 * k) == (True, 0)
    assert not clock.ticks
    assert clock.age_s(1.0) == pytest.approx(1.0 - 0.005 * (UNFILLED_FRAMES - 1))


def test_a_sender_that_fills_the_tick_later_is_believed_from_then_on() -> None:
    clock = StateClock()
    for k in range(50):
        clock.arrived(0, 0.002 * k)
    assert clock.arrived(7000, 0.1) == (True, 0)
    assert clock.ticks
    assert clock.arrived(7000, 0.102) == (False, 0), 'from here on the tick tells what is new'


def test_a_twin_with_ticks_after_one_without_is_another_robot() -> None:
    clock = StateClock()
    for k in range(50):
        clock.arrived(0, 300.0 + 0.002 * k)
    assert clock.arrived(2, 0.002) == (True, 300_096), 'by the clock tick its time begins anew'


@given(strategies.integers(1, LAST_TICK), strategies.integers(1, 2**31 - 1))
def test_a_tick_goes_back_or_around(tick_ms: int, by_ms: int) -> None:
    clock = StateClock()
    clock.arrived(tick_ms, 0.0)
    ahead_ms = (tick_ms + by_ms) % 2**32
    if ahead_ms:
        assert clock.arrived(ahead_ms, 0.1) == (True, 0), 'after 49 days it starts again'
    clock = StateClock()
    clock.arrived(tick_ms, 0.0)
    if by_ms < tick_ms:
        assert clock.arrived(tick_ms - by_ms, 0.1) == (True, by_ms)


@pytest.fixture
def simulated(robot: FakeRobot) -> FakeRobot:
    """Walk a robot that fills in as little as Unitree's simulator."""
    robot.state, robot.fills_tick = empty_state(), False
    robot.walk(make_actor())
    robot.step(1000)
    assert robot.runtime.mode == 'walking'
    return robot


@pytest.mark.parametrize(('changes', 'name'), [
    ({'tick_ms': 2}, 'tick'), ({'signed': True}, 'CRC'), ({'battery_v': 28.0}, 'battery voltage'),
    ({'motor_temperature_c': np.full(12, 30.0)}, 'motor temperature'),
    ({'foot_force': np.array([0.0, 0, 12, 0])}, 'foot force'), ({'remote': REMOTE}, 'remote')])
def test_every_empty_field_has_a_name(changes: dict[str, object], name: str) -> None:
    assert name in empty_fields(empty_state())
    assert empty_fields(empty_state(**changes)) == empty_fields(empty_state()) - {name}


def test_a_robot_leaves_nothing_empty() -> None:
    assert empty_fields(standing_state(tick_ms=2, remote=REMOTE)) == set()


def test_what_is_empty_is_reported_once_and_forgotten_when_it_is_filled() -> None:
    unfilled = Unfilled()
    remarks = [unfilled.follow(empty_state(foot_force=np.full(4, float(k == 30))))
               for k in range(2 * MONITORED_FRAMES)]
    assert remarks[MONITORED_FRAMES - 1].startswith(
        'LowState leaves empty: CRC, battery voltage, motor temperature, remote, tick;')
    assert not any(remarks[:MONITORED_FRAMES - 1] + remarks[MONITORED_FRAMES:])
    assert unfilled.follow(empty_state(tick_ms=4, remote=REMOTE)) == ''
    assert unfilled.names == ('CRC', 'battery voltage', 'motor temperature')
    unfilled.follow(empty_state())
    assert unfilled.names == ('CRC', 'battery voltage', 'motor temperature')


def test_silence_is_noticed_with_and_without_ticks() -> None:
    for tick_ms in (0, 2):
        monitor = RobotMonitor(GuardLimits())
        for k in range(40):
            monitor.follow(empty_state(tick_ms=tick_ms * (k + 1)), 0.002 * k)
        last = empty_state(tick_ms=tick_ms * 40)
        monitor.follow(last, 0.08)
        assert monitor.forbids() == (None, None)
        monitor.follow(last, 0.2)
        _, unfit = monitor.forbids()
        assert unfit and 'stale LowState' in str(unfit)


def test_a_gap_is_noticed_even_if_the_next_state_has_just_come() -> None:
    monitor = RobotMonitor(GuardLimits())
    monitor.follow(empty_state(), 0.0)
    monitor.follow(empty_state(), 0.3)
    assert 'stale LowState: 0.3 s' in str(monitor.forbids()[1])


def test_what_is_empty_is_neither_a_fault_nor_health(simulated: FakeRobot) -> None:
    runtime = simulated.runtime
    assert runtime.guard_trips == 0
    assert [line for line in simulated.events() if 'leaves empty' in line] == [
        'LowState leaves empty: CRC, battery voltage, foot force, motor temperature, remote, '
        'tick; what these would tell is not monitored']
    assert runtime.unfilled == (
        'CRC', 'battery voltage', 'foot force', 'motor temperature', 'remote', 'tick')


def test_other_guards_hold_without_ticks(simulated: FakeRobot) -> None:
    simulated.step(quaternion=rolled(0.6))
    assert simulated.runtime.mode == 'fault'
    assert 'IMU jump' in str(simulated.runtime.last_trip)


def test_silence_ends_a_walk_without_ticks(simulated: FakeRobot) -> None:
    simulated.step(30, frozen=True)
    assert simulated.runtime.mode == 'damping'
    assert 'stale LowState' in str(simulated.runtime.last_trip)


def test_a_battery_that_is_reported_later_is_watched_from_then_on(simulated: FakeRobot) -> None:
    simulated.step(3, battery_v=20.0)
    assert simulated.runtime.mode == 'damping'
    assert 'battery' in str(simulated.runtime.last_trip)


def test_a_tick_that_is_filled_in_later_does_not_end_the_walk(simulated: FakeRobot) -> None:
    simulated.fills_tick = True
    simulated.step(500)
    assert simulated.runtime.mode == 'walking'
    assert 'tick' not in simulated.runtime.unfilled
    simulated.step(30, frozen=True)
    assert 'stale LowState' in str(simulated.runtime.last_trip)


def test_a_twin_with_ticks_after_one_without_does_not_walk_on(simulated: FakeRobot) -> None:
    simulated.fills_tick, simulated.now_s = True, 0.0
    simulated.step()
    assert simulated.runtime.mode == 'passive'
