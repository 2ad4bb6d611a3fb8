# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Write ``sim/go2.urdf`` from ``sim/go2.xml``, for engines that read no MJCF.

    python tools/make_urdf.py

Colliding geoms only: trunk, head and feet, as in the MuJoCo model.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import mujoco
import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2

SIM = Path(__file__).resolve().parent.parent / 'sim'
NAMES = {mujoco.mjtGeom.mjGEOM_BOX: 'box', mujoco.mjtGeom.mjGEOM_SPHERE: 'sphere',
         mujoco.mjtGeom.mjGEOM_CAPSULE: 'capsule', mujoco.mjtGeom.mjGEOM_CYLINDER: 'cylinder'}


def text(values: np.ndarray) -> str:
    """Numbers as URDF has them."""
    return ' '.join(f'{value:.6g}' for value in np.atleast_1d(values))


def link_name(model: mujoco.MjModel, body: int) -> str:
    """Return the name of a body; the trunk's is that of ROS (REP 105)."""
    return 'base_link' if body == 1 else str(model.body(body).name)


def add_shape(link: ElementTree.Element, geom: mujoco._structs._MjModelGeomViews) -> None:
    """Add a geom's shape, where it is in its link, to see and to collide with."""
    kind, size = NAMES[mujoco.mjtGeom(int(geom.type[0]))], geom.size
    for part in ('visual', 'collision'):
        element = ElementTree.SubElement(link, part)
        origin(element, geom.pos, geom.quat)
        shape = ElementTree.SubElement(element, 'geometry')
        if kind == 'box':
            ElementTree.SubElement(shape, 'box', size=text(2 * size))
        elif kind == 'sphere':
            ElementTree.SubElement(shape, 'sphere', radius=text(size[0]))
        else:
            ElementTree.SubElement(shape, kind, radius=text(size[0]), length=text(2 * size[1]))


def origin(element: ElementTree.Element, position: np.ndarray, quaternion: np.ndarray) -> None:
    """Add an origin; angles are roll, pitch and yaw about fixed axes."""
    w, x, y, z = quaternion
    angles = np.array([np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)),
                       np.arcsin(np.clip(2 * (w * y - x * z), -1, 1)),
                       np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))])
    ElementTree.SubElement(element, 'origin', xyz=text(position), rpy=text(angles))


def add_joint(robot: ElementTree.Element, model: mujoco.MjModel, body: int) -> None:
    """Add the hinge that holds a body."""
    index = int(model.body_jntadr[body])
    joint, actuator = model.joint(index), model.actuator(index - 1)
    element = ElementTree.SubElement(robot, 'joint', name=joint.name, type='revolute')
    ElementTree.SubElement(element, 'parent',
                           link=link_name(model, int(model.body_parentid[body])))
    ElementTree.SubElement(element, 'child', link=model.body(body).name)
    origin(element, model.body_pos[body], model.body_quat[body])
    ElementTree.SubElement(element, 'axis', xyz=text(joint.axis))
    ElementTree.SubElement(
        element, 'limit', lower=text(joint.range[0]), upper=text(joint.range[1]),
        effort=text(actuator.forcerange[1]), velocity=text(go2.VELOCITY_LIMIT_RAD_S[index - 1]))


def add_foot(robot: ElementTree.Element, model: mujoco.MjModel, geom: int) -> None:
    """Add a foot as a link of its own: engines report contacts by link."""
    foot, calf = model.geom(geom), model.body(model.geom_bodyid[geom]).name
    link = ElementTree.SubElement(robot, 'link', name=foot.name)
    inertial = ElementTree.SubElement(link, 'inertial')
    ElementTree.SubElement(inertial, 'mass', value='1e-6')
    ElementTree.SubElement(inertial, 'inertia', ixx='1e-9', iyy='1e-9', izz='1e-9', ixy='0',
                           ixz='0', iyz='0')
    collision = ElementTree.SubElement(link, 'collision')
    ElementTree.SubElement(ElementTree.SubElement(collision, 'geometry'), 'sphere',
                           radius=text(foot.size[0]))
    joint = ElementTree.SubElement(robot, 'joint', name=f'{foot.name}_fixed', type='fixed')
    ElementTree.SubElement(joint, 'parent', link=calf)
    ElementTree.SubElement(joint, 'child', link=foot.name)
    origin(joint, foot.pos, np.array([1.0, 0.0, 0.0, 0.0]))


def main() -> None:
    """Convert."""
    model = mujoco.MjModel.from_xml_path(str(SIM / 'go2.xml'))
    robot = ElementTree.Element('robot', name='go2')
    for body in range(1, model.nbody):
        link = ElementTree.SubElement(robot, 'link', name=link_name(model, body))
        inertial = ElementTree.SubElement(link, 'inertial')
        origin(inertial, model.body_ipos[body], model.body_iquat[body])
        ElementTree.SubElement(inertial, 'mass', value=text(model.body_mass[body]))
        ixx, iyy, izz = (text(value) for value in model.body_inertia[body])
        ElementTree.SubElement(inertial, 'inertia', ixx=ixx, iyy=iyy, izz=izz, ixy='0', ixz='0',
                               iyz='0')
        mine = [geom for geom in range(model.ngeom) if model.geom_bodyid[geom] == body
                and model.geom_conaffinity[geom]]
        for geom in mine:
            if not model.geom(geom).name.endswith('_foot'):
                add_shape(link, model.geom(geom))
        if body > 1:
            add_joint(robot, model, body)
        for geom in mine:
            if model.geom(geom).name.endswith('_foot'):
                add_foot(robot, model, geom)
    ElementTree.indent(robot)
    (SIM / 'go2.urdf').write_text(
        '<!-- Made from go2.xml by tools/make_urdf.py -->\n'
        + ElementTree.tostring(robot, encoding='unicode') + '\n')


if __name__ == '__main__':
    main()
