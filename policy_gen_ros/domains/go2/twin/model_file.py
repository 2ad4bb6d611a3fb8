# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Any group's MJCF of a Go2 as the twin: its bodies, joints, contacts and ground, our motors.

Joints and feet are found by name, or named in a map beside the file: ``go2.map.yaml`` beside
``go2.xml``, with ``joints`` (our names to theirs) and ``feet`` (``FL``, ``FR``, ``RL``, ``RR`` to
the geoms that touch the ground). Either may leave out what is found without.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
import re
from typing import Any

import mujoco
import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.kinematics import foot_positions
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.many import MakeTwins, PHYSICS_DT_S
from policy_gen_ros.domains.go2.twin.model import compile_model, strip
from policy_gen_ros.domains.go2.twin.variant import FOOT_GEOMS
from policy_gen_ros.utils.yaml_files import read_yaml_file

MAP_SUFFIX = '.map.yaml'
MAX_FOOT_ERROR_M = 0.01
"""Legs of a Go1 end 1.6 cm, those of an A1 2 cm from a Go2's."""
MIN_MASS_KG, MAX_MASS_KG = 10.0, 25.0
IMU_POSITION_M = (-0.02557, 0.0, 0.04232)
TOUCH_MARGIN_M = 0.004
_WORDS = {'hip': 'hip|abduction|abad|haa', 'thigh': 'thigh|hip_pitch|hfe', 'calf': 'calf|knee|kfe'}
"""What joints are called."""


class ModelError(ValueError):
    """No MJCF of a Go2; the message names the file and says what is wrong, in one line."""


def twins_of(model: Path | None, copies: int = 1) -> MakeTwins:
    """
    Return what makes twins of a model.

    :param model: another group's; default: ours
    :param copies: as of :class:`BatchTwin`
    :raises ModelError: as :func:`read_model`
    """
    return partial(BatchTwin, copies=copies, robot=None if model is None else read_model(model))


def read_model(path: Path) -> mujoco.MjSpec:
    """
    Read another group's model, and give it our names, motors and sensors.

    Its control, sensors and keyframes are dropped, and so is what is only looked at, whose files
    need not be there. Where it has no ground it gets our plane.

    :raises ModelError: no file, no MJCF, a joint or foot that is not found, or another robot
    """
    if not path.is_file():
        raise ModelError(f'{path}: there is no such file')
    try:
        spec = mujoco.MjSpec.from_file(str(path))
    except ValueError as error:
        raise ModelError(f'{path} is not MJCF: {_one_line(error)}') from error
    try:
        _adopt(spec, _read_map(path.with_name(path.stem + MAP_SUFFIX)))
        strip(spec)
        _check(compile_model(spec.copy(), PHYSICS_DT_S))
    except ModelError as error:
        raise ModelError(f'{path}: {error}') from error
    except ValueError as error:  # of MuJoCo
        raise ModelError(f'{path} does not compile: {_one_line(error)}') from error
    return spec


def _one_line(error: ValueError) -> str:
    return ' '.join(str(error).split())


def _read_map(path: Path) -> dict[str, dict[str, str]]:
    if not path.is_file():
        return {}
    try:
        raw = read_yaml_file(path)
    except ValueError as error:
        raise ModelError(str(error)) from error
    known = {'joints': go2.JOINT_NAMES, 'feet': go2.LEGS}
    for part, names in raw.items() if isinstance(raw, dict) else [('', None)]:
        if not isinstance(names, Mapping) or set(names) - set(known.get(part, ())):
            raise ModelError(f'{path.name}: expected "joints" with names such as FL_hip_joint, '
                             f'and "feet" with FL, FR, RL, RR, got {str(raw)[:60]}')
    return dict(raw)


def _adopt(spec: mujoco.MjSpec, names: dict[str, dict[str, str]]) -> None:
    for thing in [*spec.actuators, *spec.sensors, *spec.keys]:
        spec.delete(thing)
    joints = [_joint(spec, name, names.get('joints', {}).get(name)) for name in go2.JOINT_NAMES]
    _one_robot(spec, joints)
    feet = [_foot(spec, leg, joints[3 * i + 2].parent, names.get('feet', {}).get(leg))
            for i, leg in enumerate(go2.LEGS)]
    for joint, name in zip(joints, go2.JOINT_NAMES):
        _rename(spec, joint, name)
    for foot, name in zip(feet, FOOT_GEOMS):
        _rename(spec, foot, name)
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST  # integrates our motors' kd
    _add_motors(spec)
    _add_sensors(spec, joints[0].parent.parent, feet)
    if not any(geom.contype or geom.conaffinity for geom in spec.worldbody.geoms):
        spec.worldbody.add_geom(name='floor', type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 0.05],
                                contype=1, conaffinity=1, condim=3)


def _joint(spec: mujoco.MjSpec, name: str, theirs: str | None) -> Any:
    leg, segment, _ = name.split('_')
    pattern = re.compile(rf'(?:.*[/_.-])?{leg}_(?:{_WORDS[segment]})(?:_joint)?', re.IGNORECASE)
    found = [joint for joint in spec.joints
             if (joint.name == theirs if theirs else pattern.fullmatch(joint.name))]
    return _only(found, f'joint {name}' + (f', which the map calls {theirs},' if theirs else ''),
                 'joints')


def _foot(spec: mujoco.MjSpec, leg: str, calf: Any, theirs: str | None) -> Any:
    """Find the geom that the map names, or of those that can touch the one farthest down."""
    if theirs:
        found = [geom for geom in spec.geoms if geom.name == theirs]
    else:
        spheres = [geom for geom in calf.find_all('geom') if geom.contype or geom.conaffinity]
        spheres = [geom for geom in spheres if geom.type == mujoco.mjtGeom.mjGEOM_SPHERE]
        found = sorted(spheres, key=lambda geom: _below(geom, calf))[:1]
    foot = _only(found, f'foot {leg}' + (f', which the map calls {theirs},' if theirs else
                                         ', a sphere at the end of the calf that can touch,'),
                 'feet')
    if foot.type != mujoco.mjtGeom.mjGEOM_SPHERE:
        raise ModelError(f'foot {leg} ({foot.name}) is not a sphere, and contacts are only known '
                         'of spheres')
    return foot


def _below(geom: Any, calf: Any) -> float:
    """Height of a geom in the frame of a calf, of whose children frames are parallel."""
    height, body = float(geom.pos[2]), geom.parent
    while body.id != calf.id:
        height, body = height + float(body.pos[2]), body.parent
    return height


def _only(found: list[Any], what: str, part: str) -> Any:
    if len(found) != 1:
        several = ', '.join(repr(thing.name) for thing in found)
        raise ModelError(f'{what} is not found' if not found else
                         f'{what} is one of several: {several}; name it under "{part}" in a '
                         f'{MAP_SUFFIX} file beside it')
    return found[0]


def _one_robot(spec: mujoco.MjSpec, joints: list[Any]) -> None:
    free = [joint for joint in spec.joints if joint.type == mujoco.mjtJoint.mjJNT_FREE]
    others = sorted(joint.name or '(unnamed)' for joint in spec.joints
                    if joint not in free and joint not in joints)
    if len(free) != 1:
        raise ModelError(f'it has {len(free)} free joints, expected one, that of the trunk')
    if others:
        raise ModelError(f'it has joints beside those of the legs: {", ".join(others)[:80]}')


def _rename(spec: mujoco.MjSpec, thing: Any, name: str) -> None:
    """Rename an element, and what refers to it."""
    for pair in spec.pairs:
        pair.geomname1 = name if pair.geomname1 == thing.name else pair.geomname1
        pair.geomname2 = name if pair.geomname2 == thing.name else pair.geomname2
    for equality in spec.equalities:
        equality.name1 = name if equality.name1 == thing.name else equality.name1
        equality.name2 = name if equality.name2 == thing.name else equality.name2
    thing.name = name


def _add_motors(spec: mujoco.MjSpec) -> None:
    for name, limit in zip(go2.JOINT_NAMES, go2.TORQUE_LIMIT_NM):
        spec.add_actuator(
            name=name.removesuffix('_joint'), target=name, trntype=mujoco.mjtTrn.mjTRN_JOINT,
            gaintype=mujoco.mjtGain.mjGAIN_FIXED, biastype=mujoco.mjtBias.mjBIAS_AFFINE,
            gainprm=[1.0] + [0.0] * 9, forcelimited=True, forcerange=[-limit, limit],
            ctrllimited=False)


def _add_sensors(spec: mujoco.MjSpec, trunk: Any, feet: list[Any]) -> None:
    for site in list(spec.sites):
        if site.name == 'imu' or site.name in FOOT_GEOMS:
            spec.delete(site)
    trunk.add_site(name='imu', pos=IMU_POSITION_M)
    for foot in feet:
        foot.parent.add_site(name=foot.name, pos=foot.pos, group=4,
                             size=[foot.size[0] + TOUCH_MARGIN_M] * 3)
    kinds = mujoco.mjtSensor
    spec.add_sensor(name='accelerometer', type=kinds.mjSENS_ACCELEROMETER,
                    objtype=mujoco.mjtObj.mjOBJ_SITE, objname='imu')
    for kind, ending in ((kinds.mjSENS_TOUCH, 'touch'), (kinds.mjSENS_FRAMEPOS, 'pos')):
        for leg, foot in zip(go2.LEGS, feet):
            spec.add_sensor(name=f'{leg}_{ending}', type=kind, objtype=mujoco.mjtObj.mjOBJ_SITE,
                            objname=foot.name)


def _check(model: mujoco.MjModel) -> None:
    """Make sure that the legs are a Go2's."""
    data = mujoco.MjData(model)
    trunk = model.dof_bodyid[0]
    data.qpos[:7] = 0, 0, 1, 1, 0, 0, 0
    pose = go2.DEFAULT_POSE_RAD + np.tile([0.1, 0.2, -0.1], 4)  # no angle is zero
    for name, angle in zip(go2.JOINT_NAMES, pose):
        data.joint(name).qpos[0] = angle
    mujoco.mj_kinematics(model, data)
    feet = np.array([data.geom(name).xpos for name in FOOT_GEOMS]) - data.xpos[trunk]
    apart = np.linalg.norm(feet - foot_positions(pose), axis=1)
    worst = int(apart.argmax())
    if apart[worst] > MAX_FOOT_ERROR_M:
        raise ModelError(f'its foot {go2.LEGS[worst]} is {100 * apart[worst]:.1f} cm from where '
                         "a Go2's is: it is of another robot, or its joints turn the other way")
    mass = float(model.body_subtreemass[trunk])
    if not MIN_MASS_KG <= mass <= MAX_MASS_KG:
        raise ModelError(f'it weighs {mass:.1f} kg, expected {MIN_MASS_KG:g} to {MAX_MASS_KG:g} '
                         'of a Go2')
