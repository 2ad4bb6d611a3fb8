# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Where a robot has walked, by its legs, beside where it has."""

from dataclasses import fields, replace

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.adaptor import archive_adaptor
from policy_gen_ros.domains.go2.gait.leg_odometry import LegOdometry
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import RobotState
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX
from policy_gen_ros.domains.go2.spec import go2_spec, NETWORK
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.closed_loop import ClosedLoop
from policy_gen_ros.policies.network import ActorStack
import pytest

TICKS = 300


@pytest.fixture(scope='module')
def walked():
    """Walk eight actors for 6 s: readings of each tick, and poses (ticks, 8, 7)."""
    archive = Archive(SHIPPED_INDEX)
    good = np.flatnonzero(archive.weights.stored & archive.qualified[:, 0])
    fast = good[np.argsort(-np.abs(archive.measures[good, 0, 10]))[:8]]
    actors = [archive.actor(int(number)) for number in fast]
    stack = ActorStack(actors, NETWORK)
    twin = BatchTwin(8, 0)
    loop = ClosedLoop(twin, archive_adaptor(archive),
                      np.array([go2_spec(actor).clock_hz for actor in actors]), np.zeros(8))
    command = np.array([actor.nominal_command for actor in actors])
    states, poses = [], []
    for _ in range(TICKS):
        observation, state = loop.observe(command)
        states.append(state)
        poses.append(twin.physics[:, 1:8].copy())
        loop.apply(stack.act(observation))
    assert not twin.fallen.any()
    return states, np.stack(poses)


def follow(states, poses, robot, ticks=range(TICKS)):
    legs = LegOdometry()
    for tick in ticks:
        state = RobotState(*(getattr(states[tick], field.name)[robot]
                             for field in fields(RobotState)))
        found = legs.follow(0.02 * tick, poses[tick, robot, 3:], state)
    return found


def test_it_drifts_by_a_small_share_of_the_way(walked):
    states, poses = walked
    shares = []
    for robot in range(8):
        found = follow(states, poses, robot)
        way = np.linalg.norm(np.diff(poses[:, robot, :2], axis=0), axis=1).sum()
        missed = np.linalg.norm(found.position[:2] - (poses[-1] - poses[0])[robot, :2])
        shares.append(missed / way)
        assert missed < 3 * found.position_sd_m
        assert way > 1.5
    assert np.median(shares) < 0.1


def test_velocity_is_that_of_the_trunk(walked):
    states, poses = walked
    legs, error = LegOdometry(), []
    for tick in range(TICKS):
        state = RobotState(*(getattr(states[tick], field.name)[0] for field in fields(RobotState)))
        found = legs.follow(0.02 * tick, poses[tick, 0, 3:], state)
        if tick > 50:
            moved = (poses[tick, 0, :3] - poses[tick - 1, 0, :3]) / 0.02
            error.append(found.velocity - go2.rotate_to_body(poses[tick, 0, 3:], moved))
    assert (np.sqrt(np.mean(np.square(error), axis=0)) < 2 * found.velocity_sd_mps).all()
    assert (np.abs(np.mean(error, axis=0))[:2] < 0.08).all()


def test_over_a_gap_it_stands_still(walked):
    states, poses = walked
    before = follow(states, poses, 0, range(100))
    after = follow(states, poses, 0, [*range(100), 200])
    assert np.array_equal(before.position, after.position)
    assert after.position_sd_m == before.position_sd_m


def test_in_the_air_it_goes_on_and_knows_less(walked):
    states, poses = walked
    legs = LegOdometry()
    for tick in range(100):
        state = RobotState(*(getattr(states[tick], field.name)[0] for field in fields(RobotState)))
        found = legs.follow(0.02 * tick, poses[tick, 0, 3:], state)
    # All legs drawn up at once.
    lifted = replace(state, joint_pos=np.tile([0.0, 1.4, -2.6], 4), joint_vel=np.zeros(12))
    air = legs.follow(2.0, poses[99, 0, 3:], lifted)
    assert np.array_equal(air.velocity, found.velocity)
    assert (air.velocity_sd_mps > found.velocity_sd_mps).all()
    assert not np.array_equal(air.position, found.position)
