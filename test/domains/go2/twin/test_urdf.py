# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``sim/go2.urdf``, for engines that read no MJCF, is the robot of ``sim/go2.xml``."""

from __future__ import annotations

from pathlib import Path

import mujoco
import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
import pytest

SIM = Path(__file__).resolve().parents[4] / 'sim'


@pytest.fixture(scope='module')
def models() -> tuple[mujoco.MjModel, mujoco.MjModel]:
    """Read both; MuJoCo fixes the first link of a URDF to the world, so the trunk is not there."""
    return tuple(mujoco.MjModel.from_xml_path(str(SIM / name))
                 for name in ('go2.xml', 'go2.urdf'))


def test_joints_and_masses_are_the_same(models) -> None:
    ours, urdf = models
    for name in go2.JOINT_NAMES:
        a, b = ours.joint(name), urdf.joint(name)
        np.testing.assert_allclose(a.range, b.range, atol=1e-5)
        np.testing.assert_array_equal(a.axis, b.axis)
        link = name.removesuffix('_joint')
        a, b = ours.body(link), urdf.body(link)
        np.testing.assert_allclose(a.mass, b.mass, rtol=1e-4)
        np.testing.assert_allclose(a.ipos, b.ipos, atol=1e-4)
        np.testing.assert_allclose(np.sort(a.inertia), np.sort(b.inertia), rtol=1e-3)
    assert '<mass value="6.921" />' in (SIM / 'go2.urdf').read_text()


def test_feet_are_where_they_are_in_our_model(models) -> None:
    rng = np.random.default_rng(0)
    for _ in range(10):
        angles = rng.uniform(go2.JOINT_LOWER_RAD, go2.JOINT_UPPER_RAD)
        feet = []
        for model in models:
            data = mujoco.MjData(model)
            for name, angle in zip(go2.JOINT_NAMES, angles):
                data.joint(name).qpos = angle
            if model is models[0]:
                data.qpos[:7] = 0, 0, 0, 1, 0, 0, 0
            mujoco.mj_kinematics(model, data)
            # The only spheres on calves that collide.
            feet.append([next(data.geom_xpos[geom] for geom in range(model.ngeom)
                              if model.geom_bodyid[geom] == model.body(f'{leg}_calf').id
                              and model.geom_conaffinity[geom]) for leg in go2.LEGS])
        np.testing.assert_allclose(feet[0], feet[1], atol=1e-5)
