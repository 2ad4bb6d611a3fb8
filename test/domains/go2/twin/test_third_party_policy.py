# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
A policy trained by others, in another simulator, walks in our twin.

It knows nothing of this project, so it tells whether the twin behaves like a Go2.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from policy_gen_ros.deployment.twin.go2_twin import Go2Twin
from policy_gen_ros.deployment.wire.frames import LowCommand
from policy_gen_ros.domains.go2.importers.files import read_mlp
from policy_gen_ros.domains.go2.importers.policies import ForeignPolicy
from policy_gen_ros.domains.go2.importers.spec import load_spec
from policy_gen_ros.domains.go2.importers.walk import ForeignController, walk
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import RobotState
import pytest

WEIGHTS = Path(__file__).resolve().parents[5] / 'shared/data/go2_velocity_policy.safetensors'
pytestmark = pytest.mark.skipif(
    not WEIGHTS.exists(), reason='the third-party policy is not here: it is not part of this '
    'project (fan-ziqi/rl_sar, policy/go2/robot_lab)')

# command, index of its own axis, speed measured by others on a MuJoCo Go2 (2 ms physics)
CASES = [((0.5, 0, 0), 0, 0.49), ((1.0, 0, 0), 0, 0.90), ((0, 0.5, 0), 1, 0.41),
         ((0, 0, 1.0), 2, 1.00), ((-0.5, 0, 0), 0, -0.41)]
COMMANDS = np.array([command for command, _, _ in CASES])
SECONDS = 10.0
TICKS = round(SECONDS / go2.CONTROL_DT_S)
SPEC = load_spec('robot_lab_go2', WEIGHTS.parent)


def third_party_policy() -> ForeignPolicy:
    return ForeignPolicy(WEIGHTS.name, read_mlp(WEIGHTS, SPEC.activation))


def assert_walks(speeds: np.ndarray, gravity_z: np.ndarray) -> None:
    """Shapes: (time, cases, 3), (time, cases), after the start of the run."""
    mean = speeds.mean(axis=0)
    for (command, axis, expected), reached in zip(CASES, mean, strict=True):
        assert reached[axis] == pytest.approx(expected, rel=0.15), (command, reached)
    assert gravity_z.max() < -0.97


def test_it_walks_at_the_wires_physics_rate() -> None:
    twins = [Go2Twin(standing=True) for _ in CASES]
    policy = ForeignController(SPEC, [third_party_policy()], np.zeros(len(CASES)))
    speeds, gravity_z = [], []
    for tick in range(TICKS):
        states = [twin.state() for twin in twins]
        gravity = np.array([go2.gravity_in_body(state.quaternion) for state in states])
        sports = [twin.sport() for twin in twins]
        body = np.array([go2.rotate_to_body(s.quaternion, s.velocity) for s in sports])
        targets = policy.targets(
            RobotState(gravity, np.array([state.gyro for state in states]),
                       np.array([state.joint_pos for state in states]),
                       np.array([state.joint_vel for state in states])), body, COMMANDS)
        for twin, target in zip(twins, targets, strict=True):
            twin.command(LowCommand.hold(target, go2.KP_WALK, go2.KD_WALK))
            for _ in range(10):
                twin.step()
        if tick >= TICKS // 2:
            body[:, 2] = [s.yaw_speed for s in sports]
            speeds.append(body)
            gravity_z.append(gravity[:, 2])
    assert_walks(np.array(speeds), np.array(gravity_z))


def test_it_walks_in_the_batch() -> None:
    results = walk(SPEC, [third_party_policy()], COMMANDS[None], SECONDS, 0).episodes[0]
    assert all(result.survived for result in results)
    speeds = np.array([result.mean_velocity for result in results])
    gravity_z = np.array([result.trajectory[TICKS // 2:, 2] for result in results])
    assert_walks(speeds[None], gravity_z.T)
