# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The Isaac Gym twin, against a stand-in of Isaac Gym: that cannot be installed from a registry.

What is shown: joints, quaternions and frames are told apart, the motors do what the MuJoCo twin's
do, and Isaac Gym's Python 3.8 can read every module that it imports.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import sys

import numpy as np
from policy_gen_ros.deployment.twin.go2_twin import Go2Twin
from policy_gen_ros.deployment.wire.frames import LowCommand
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
import pytest
import stand_in

ROOT = Path(__file__).resolve().parents[3]
SIM = ROOT / 'sim'
STAND = LowCommand.hold(go2.DEFAULT_POSE_RAD, go2.KP_STAND, go2.KD_STAND)


@pytest.fixture(scope='module')
def twin_module() -> Iterator[object]:
    stand_in.install()
    sys.path.insert(0, str(SIM))
    import isaacgym_twin

    yield isaacgym_twin
    sys.path.remove(str(SIM))
    for name in list(sys.modules):
        if name.startswith('isaacgym'):
            del sys.modules[name]


def test_it_stands_as_the_mujoco_twin_does(twin_module) -> None:
    ours = Go2Twin(standing=True)
    theirs = twin_module.IsaacGo2(True, NOMINAL, 0)
    # One leg is told something else: orders that are mixed up would show.
    target = go2.DEFAULT_POSE_RAD.copy()
    target[[3, 4]] += 0.15, 0.2
    states = []
    for twin in (ours, theirs):
        for _ in range(600):
            twin.command(LowCommand.hold(target, go2.KP_STAND, go2.KD_STAND))
            twin.step()
        states.append(twin.state())
    np.testing.assert_allclose(states[1].joint_pos, states[0].joint_pos, atol=0.05)
    np.testing.assert_allclose(states[1].quaternion, states[0].quaternion, atol=0.03)
    np.testing.assert_allclose(states[1].accelerometer, states[0].accelerometer, atol=0.5)
    assert states[1].foot_force.sum() == pytest.approx(states[0].foot_force.sum(), rel=0.1)
    assert theirs.time_s == pytest.approx(1.2)
    assert theirs.pose()[7:] == pytest.approx(states[1].joint_pos)


def test_turning_is_told_in_the_bodys_frame(twin_module) -> None:
    twin = twin_module.IsaacGo2(True, NOMINAL, 0)
    tilted = np.array([np.cos(0.4), 0.0, np.sin(0.4), 0.0])
    twin._scene._root[0, 3:7] = twin._scene._tensor(np.roll(tilted, -1))
    twin._scene._root[0, 10:13] = twin._scene._tensor(np.array([0.0, 0.0, 1.0]))
    np.testing.assert_allclose(twin.body().quaternion, tilted, atol=1e-6)
    np.testing.assert_allclose(twin.body().ang_vel, go2.rotate_to_body(tilted, np.array(
        [0.0, 0.0, 1.0])), atol=1e-6)


def test_actors_walk_side_by_side(twin_module, tmp_path: Path, capsys) -> None:
    generator = PolicyGenerator.load()
    for text in ('trot forward', 'walk forward slowly'):
        actor = generator.generate(Goal(text=text))
        (tmp_path / f'{text}.safetensors').write_bytes(actor.to_bytes())
    adaptor = str(bundle_path(None) / 'adaptor.safetensors')
    assert twin_module.main(['--rollout', str(tmp_path), '--adaptor', adaptor, '--seconds',
                             '4']) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line['actor'] for line in lines] == ['trot forward.safetensors',
                                                 'walk forward slowly.safetensors']
    assert all(line['survived'] for line in lines)
    assert lines[0]['measures']['vx_mps'] > 0.2


def test_ground_and_load_reach_the_engine(twin_module) -> None:
    hard = Perturbation(friction=(0.4, 0.4), payload_kg=(2.0, 2.0), motor_strength=(0.9, 0.9))
    twin = twin_module.IsaacGo2(True, hard, 0)
    properties = twin._scene._gym.properties[0]
    assert properties['friction'] == pytest.approx(0.8)  # meant with the ground's 0: 0.4
    assert properties['mass'] == pytest.approx(8.921)
    assert properties['armature']['FR_calf_joint'] == pytest.approx(0.02)
    assert twin.strength == 0.9


def test_what_it_cannot_do_it_says(twin_module) -> None:
    with pytest.raises(ValueError, match=r'flat ground and one model only.*bumps_m'):
        twin_module.IsaacGo2(True, Perturbation(bumps_m=0.02), 0)
    with pytest.raises(ValueError, match='push_mps'):
        twin_module.IsaacTwins(2, 0, Perturbation(push_mps=0.5))


def imported_by(path: Path, seen: set[Path]) -> set[Path]:
    """Files of this project that a file imports when it is imported, and those that these do."""
    if path in seen:
        return seen
    seen.add(path)
    for node in ast.parse(path.read_text()).body:
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f'{node.module}.{alias.name}' for alias in node.names)]
        for name in names:
            for folder in (ROOT, SIM):
                file = folder.joinpath(*name.split('.')).with_suffix('.py')
                if file.exists():
                    imported_by(file, seen)
    return seen


def test_python_3_8_can_read_what_it_imports() -> None:
    files = imported_by(SIM / 'isaacgym_twin.py', set())
    assert len(files) > 15
    for file in files:
        tree = ast.parse(file.read_text(), str(file), feature_version=(3, 8))
        for node in ast.walk(tree):
            where = f'{file.name}:{getattr(node, "lineno", 0)}'
            if isinstance(node, ast.ImportFrom):
                assert {alias.name for alias in node.names}.isdisjoint(
                    {'pairwise', 'batched', 'TypeAlias'}), where
                assert (node.module or '').split('.')[0] not in ('mujoco', 'rclpy'), where
            elif isinstance(node, ast.Import):
                assert all(alias.name.split('.')[0] != 'mujoco' for alias in node.names), where
            elif isinstance(node, ast.Attribute):
                assert node.attr not in ('removesuffix', 'removeprefix', 'bit_count'), where
            elif isinstance(node, ast.keyword):
                assert node.arg not in ('strict', 'kw_only', 'slots'), where
        for node in tree.body:  # outside of annotations, generics of 3.9 are read at once
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript) \
                    and isinstance(node.value.value, ast.Name):
                assert node.value.value.id not in (
                    'tuple', 'list', 'dict', 'Callable', 'Mapping', 'Sequence'), file.name
