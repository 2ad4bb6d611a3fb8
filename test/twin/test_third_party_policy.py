"""
A policy trained by others, in another simulator, walks in our twin.

It knows nothing of this project, so it tells whether the twin behaves like a Go2.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from policy_gen_ros.robot import go2
from policy_gen_ros.twin.batch import BatchTwin
from policy_gen_ros.twin.go2_twin import Go2Twin
from policy_gen_ros.wire.frames import LowCommand
import pytest

WEIGHTS = Path(__file__).resolve().parents[3] / 'shared/data/go2_velocity_policy.safetensors'
pytestmark = pytest.mark.skipif(
    not WEIGHTS.exists(), reason='the third-party policy is not here: it is not part of this '
    'project (fan-ziqi/rl_sar, policy/go2/robot_lab)')

# command, index of its own axis, speed measured by others on a MuJoCo Go2 (2 ms physics)
CASES = [((0.5, 0, 0), 0, 0.49), ((1.0, 0, 0), 0, 0.90), ((0, 0.5, 0), 1, 0.41),
         ((0, 0, 1.0), 2, 1.00), ((-0.5, 0, 0), 0, -0.41)]
COMMANDS = np.array([command for command, _, _ in CASES])
SECONDS = 10.0
TICKS = round(SECONDS / go2.CONTROL_DT_S)
POSE = np.array([0, 0.8, -1.5] * 4)
SCALE = np.array([0.125, 0.25, 0.25] * 4)


class VelocityPolicy:
    """The policy with its own observation, in wire joint order. Batch-first."""

    def __init__(self, count: int) -> None:
        from safetensors.numpy import load_file
        tensors = load_file(WEIGHTS)
        self._layers = [(tensors[f'{i}.weight'], tensors[f'{i}.bias']) for i in (0, 2, 4, 6)]
        self._last = np.zeros((count, 12))

    def targets(self, command, gravity, ang_vel, joint_pos, joint_vel) -> np.ndarray:
        wire = go2.WIRE_FROM_POLICY
        x = np.concatenate([ang_vel * 0.25, gravity, command, joint_pos[:, wire] - POSE,
                            joint_vel[:, wire] * 0.05, self._last], axis=1).astype(np.float32)
        for weight, bias in self._layers[:-1]:
            x = x @ weight.T + bias
            x = np.where(x > 0, x, np.expm1(np.minimum(x, 0)))
        weight, bias = self._layers[-1]
        self._last = np.clip(x @ weight.T + bias, -100, 100)
        return (POSE + SCALE * self._last)[:, go2.POLICY_FROM_WIRE]


def assert_walks(speeds: np.ndarray, gravity_z: np.ndarray) -> None:
    """Shapes: (time, cases, 3), (time, cases), of the second half of the run."""
    mean = speeds.mean(axis=0)
    for (command, axis, expected), reached in zip(CASES, mean, strict=True):
        assert reached[axis] == pytest.approx(expected, rel=0.15), (command, reached)
    assert gravity_z.max() < -0.97


def test_it_walks_at_the_wires_physics_rate() -> None:
    twins = [Go2Twin(standing=True) for _ in CASES]
    policy = VelocityPolicy(len(CASES))
    speeds, gravity_z = [], []
    for tick in range(TICKS):
        states = [twin.state() for twin in twins]
        gravity = np.array([go2.gravity_in_body(state.quaternion) for state in states])
        targets = policy.targets(
            COMMANDS, gravity, np.array([state.gyro for state in states]),
            np.array([state.joint_pos for state in states]),
            np.array([state.joint_vel for state in states]))
        for twin, target in zip(twins, targets, strict=True):
            twin.command(LowCommand.hold(target, go2.KP_WALK, go2.KD_WALK))
            for _ in range(10):
                twin.step()
        if tick >= TICKS // 2:
            sports = [twin.sport() for twin in twins]
            body = np.array([go2.rotate_to_body(s.quaternion, s.velocity) for s in sports])
            body[:, 2] = [s.yaw_speed for s in sports]
            speeds.append(body)
            gravity_z.append(gravity[:, 2])
    assert_walks(np.array(speeds), np.array(gravity_z))


def test_it_walks_in_the_batch() -> None:
    twins, policy = BatchTwin(len(CASES)), VelocityPolicy(len(CASES))
    speeds, gravity_z = [], []
    for tick in range(TICKS):
        state = twins.sense()
        twins.step(policy.targets(COMMANDS, state.gravity, state.ang_vel, state.joint_pos,
                                  state.joint_vel))
        truth = twins.truth()
        if tick >= TICKS // 2:
            speeds.append(np.column_stack([truth.base_velocity[:, :2], truth.ang_vel[:, 2]]))
            gravity_z.append(state.gravity[:, 2])
    assert not twins.fallen.any()
    assert_walks(np.array(speeds), np.array(gravity_z))
