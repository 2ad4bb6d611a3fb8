# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Another group's model as the twin: found by name or by a map, walked in, refused in one line."""

from __future__ import annotations

from pathlib import Path
import re

import mujoco
import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.model_file import ModelError, read_model
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation
from policy_gen_ros.domains.go2.twin.rollout import rollout
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.utils.paths import share_file
import pytest

OURS = share_file('sim/go2.xml').read_text()
THEIRS = {
    'damping="0.2"': 'damping="2.0"', 'frictionloss="0.6"': 'frictionloss="0.2"',
    'size="0.022" contype="0"': 'size="0.026" contype="0"',
    'friction="0.8 0.02': 'friction="0.6 0.02', 'mass="6.921"': 'mass="8.0"',
    'mass="0.2414"': 'mass="0.2"', '<body name="base"': '<body name="trunk"'}
"""Joints, feet and masses of a variant, and names."""


def variant(folder: Path, changes: dict[str, str] | None = None, patterns: tuple = ()) -> Path:
    text = OURS
    for was, now in {**THEIRS, **(changes or {})}.items():
        assert was in text
        text = text.replace(was, now)
    for pattern, now in patterns:
        text, count = re.subn(pattern, now, text, flags=re.DOTALL)
        assert count
    (folder / 'robot.xml').write_text(text)
    return folder / 'robot.xml'


def stood(path: Path, perturbation: Perturbation | None = None) -> BatchTwin:
    twin = BatchTwin(2, 0, perturbation or Perturbation(), kp=go2.KP_STAND, kd=go2.KD_STAND,
                     robot=read_model(path))
    for _ in range(80):
        twin.step(np.tile(go2.DEFAULT_POSE_RAD, (2, 1)))
    return twin


def test_their_masses_joints_and_contacts_count_and_our_motors_and_sensors(tmp_path):
    twin = stood(variant(tmp_path))
    model = twin.model
    assert (model.dof_damping[6:] == 2.0).all() and (model.dof_frictionloss[6:] == 0.2).all()
    assert model.body('trunk').mass[0] == 8.0 and model.geom('RL_foot').size[0] == 0.026
    assert twin.friction == pytest.approx(0.6)
    truth = twin.truth()
    assert truth.contact[:, -1].all() and not truth.fallen.any()
    assert np.allclose(truth.foot_height, go2.FOOT_RADIUS_M, atol=0.004)  # soles, not centres
    assert np.abs(model.actuator_forcerange[:, 1] - go2.TORQUE_LIMIT_NM).max() == 0
    assert np.allclose(-twin._models.actuator_biasprm[:, 1], go2.KP_STAND)


def test_our_own_file_is_our_own_twin():
    ours, read = BatchTwin(2, 0), BatchTwin(2, 0, robot=read_model(share_file('sim/go2.xml')))
    for twin in (ours, read):
        for _ in range(40):
            twin.step(np.tile(go2.DEFAULT_POSE_RAD, (2, 1)))
    assert np.allclose(ours.physics, read.physics, atol=1e-9)


def test_conditions_change_their_model_too(tmp_path):
    both = stood(variant(tmp_path), Perturbation(friction=(0.3, 0.3), steps_m=(0.04, 0.04)))
    assert both.friction == pytest.approx(0.3)
    assert (both._models[0].dof_damping[6:] == 2.0).all()
    assert not both.fallen.any() and 0.2 < both.height.min() < both.height.max() < 0.35
    assert both._sensors[:, -1][:, both.layout.foot_position[:, 2]].max() > 0.05


def test_an_actor_walks_in_it(tmp_path):
    actor = PolicyGenerator.load().generate(Goal(text='trot forward'), seed=0)
    there = rollout(actor, 4.0, model=variant(tmp_path))
    here = rollout(actor, 4.0)
    assert there.survived and there.mean_velocity != here.mean_velocity


def test_other_names_order_ground_and_no_meshes(tmp_path):
    path = variant(tmp_path, patterns=(
        (r'(F[LR]|R[LR])_(hip|thigh|calf)_joint', r'go2/\1_\2_joint'),
        (r'name="(F[LR]|R[LR])_foot" class', r'name="\1" class'),
        (r'<sensor>.*</sensor>', ''), (r'<geom name="floor"[^>]*>', ''),
        (r'<site name="imu"[^>]*>', ''),
        (r'</asset>', '<mesh name="shell" file="not_there.obj"/></asset>'),
        (r'(<geom name="trunk")', r'<geom type="mesh" mesh="shell"/>\1')))
    twin = stood(path)
    assert twin.truth().contact[:, -1].all()
    assert twin.model.geom('floor').type[0] == mujoco.mjtGeom.mjGEOM_PLANE
    assert twin.model.nmesh == 0


def test_a_map_finds_what_has_other_names(tmp_path):
    path = variant(tmp_path, patterns=(
        (r'FL_hip_joint', 'front_left_roll'), (r'"RR_foot" class', '"sole" class')))
    with pytest.raises(ModelError, match='joint FL_hip_joint is not found'):
        read_model(path)
    (tmp_path / 'robot.map.yaml').write_text(
        'joints: {FL_hip_joint: front_left_roll}\nfeet: {RR: sole}\n')
    assert stood(path).truth().contact[:, -1].all()
    (tmp_path / 'robot.map.yaml').write_text('joints: {FL_hip_joint: middle_roll}\n')
    with pytest.raises(ModelError, match='FL_hip_joint, which the map calls middle_roll, is not'):
        read_model(path)
    (tmp_path / 'robot.map.yaml').write_text('paws: {RR: sole}\n')
    with pytest.raises(ModelError, match=r'robot.map.yaml: expected "joints" with names'):
        read_model(path)


def test_it_stands_on_their_ground(tmp_path):
    raised = ('<geom name="floor" type="plane" pos="0 0 -0.5" contype="1" size="0 0 1"/>'
              '<geom type="box" size="1 1 0.1" pos="0 0 0.3" contype="1"/>'
              '<geom type="box" size="1 1 0.1" pos="0 0 0.7" contype="0" conaffinity="0"/>')
    twin = stood(variant(tmp_path, patterns=((r'<geom name="floor"[^>]*>', raised),)))
    assert not twin.fallen.any() and 0.2 < twin.height.min() < twin.height.max() < 0.35
    assert twin.physics[:, 3].min() > 0.6


@pytest.mark.parametrize(('patterns', 'says'), [
    ((('name="RL_calf_joint"', 'name="tail"'), ('joint="RL_calf_joint"', 'joint="tail"')),
     'joint RL_calf_joint is not found'),
    ((('<freejoint name="root"/>', ''),), 'it has 0 free joints, expected one'),
    (((r'<geom name="FL_foot"[^>]*>', ''),), 'foot FL, a sphere at the end of the calf'),
    (((r'pos="0 0.0955 0"', 'pos="0 0.08 0"'),), '1.5 cm from where a Go2.s is: it is of another'),
    (((r'(<joint axis=)"0 1 0"', r'\1"0 -1 0"'),), 'or its joints turn the other way'),
    ((('mass="8.0"', 'mass="30"'),), 'it weighs 38.1 kg, expected 10 to 25'),
    (((r'(<worldbody>)', r'\1<body><joint name="door"/><geom size="0.1"/></body>'),),
     'it has joints beside those of the legs: door'),
    (((r'<worldbody>.*</worldbody>', ''),), 'joint FL_hip_joint is not found'),
    ((('name="FL_thigh" pos', 'name="FL_hip" pos'),), 'repeated name')])
def test_what_is_no_go2_is_refused_in_one_line(tmp_path, patterns, says):
    path = variant(tmp_path, patterns=patterns)
    with pytest.raises(ModelError, match=says) as error:
        read_model(path)
    assert str(error.value).startswith(str(path)) and '\n' not in str(error.value)


@pytest.mark.parametrize(('text', 'says'), [
    (None, 'there is no such file'), ('legs: 4', 'is not MJCF'), ('<robot name="go2"/>', 'xml')])
def test_what_is_no_mjcf_is_refused_in_one_line(tmp_path, text, says):
    path = tmp_path / 'robot.xml'
    if text:
        path.write_text(text)
    with pytest.raises(ModelError, match=says) as error:
        read_model(path)
    assert '\n' not in str(error.value)
