# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
A stand-in for the few calls of Isaac Gym that ``sim/isaacgym_scene.py`` makes, on MuJoCo.

It keeps the conventions that differ: w last in quaternions, angular velocity in the world, joints
in an order of its own.
"""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import mujoco
import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.twin.model import layout_of, load_model
import torch

DOFS = sorted(go2.JOINT_NAMES, key=lambda name: name[::-1])
LINKS = ['base_link', *sorted(f'{leg}_{part}' for leg in go2.LEGS
                         for part in ('hip', 'thigh', 'calf', 'foot'))]
POLICY_OF_DOF = np.array([go2.JOINT_NAMES.index(name) for name in DOFS])
FOOT_LINKS = [LINKS.index(f'{leg}_foot') for leg in go2.LEGS]


class Gym:
    """All robots of one simulation."""

    def create_sim(self, compute: int, graphics: int, engine: int, parameters: object) -> Gym:
        self.model = load_model(parameters.dt)
        self.model.actuator_biasprm[:] = 0.0
        self.model.dof_damping[:] = self.model.dof_frictionloss[:] = 0.0
        self.layout, self.data, self.properties = layout_of(self.model), [], []
        return self

    def add_ground(self, sim: Gym, plane: object) -> None:
        assert plane.normal.z == 1.0

    def load_asset(self, sim: Gym, root: str, file: str, options: object) -> str:
        assert not options.collapse_fixed_joints
        mujoco.MjModel.from_xml_path(f'{root}/{file}')
        return file

    def get_asset_dof_names(self, asset: str) -> list[str]:
        return DOFS

    def get_asset_rigid_body_names(self, asset: str) -> list[str]:
        return LINKS

    def create_env(self, sim: Gym, lower: object, upper: object, per_row: int) -> int:
        self.data.append(mujoco.MjData(self.model))
        return len(self.data) - 1

    def create_actor(self, env: int, asset: str, pose: object, name: str, group: int, mask: int,
                     segment: int) -> int:
        self.properties.append({})
        return env

    def get_actor_dof_properties(self, env: int, actor: int) -> np.ndarray:
        return np.zeros(12, [(name, np.float32) for name in (
            'driveMode', 'stiffness', 'damping', 'friction', 'armature')])

    def set_actor_dof_properties(self, env: int, actor: int, values: np.ndarray) -> None:
        self.properties[env]['armature'] = dict(zip(DOFS, values['armature'].tolist()))

    def get_actor_rigid_shape_properties(self, env: int, actor: int) -> list:
        return [SimpleNamespace(friction=1.0, restitution=0.0) for _ in range(6)]

    def set_actor_rigid_shape_properties(self, env: int, actor: int, shapes: list) -> None:
        self.properties[env]['friction'] = shapes[0].friction

    def get_actor_rigid_body_properties(self, env: int, actor: int) -> list:
        return [SimpleNamespace(mass=6.921)]

    def set_actor_rigid_body_properties(self, env: int, actor: int, bodies: list,
                                        recompute: bool) -> None:
        self.properties[env]['mass'] = bodies[0].mass

    def prepare_sim(self, sim: Gym) -> None:
        n = len(self.data)
        self.root, self.dof = torch.zeros(n, 13), torch.zeros(n * 12, 2)
        self.force, self.links = torch.zeros(n * len(LINKS), 3), torch.zeros(n * len(LINKS), 13)

    def acquire_actor_root_state_tensor(self, sim: Gym) -> torch.Tensor:
        return self.root

    def acquire_dof_state_tensor(self, sim: Gym) -> torch.Tensor:
        return self.dof

    def acquire_net_contact_force_tensor(self, sim: Gym) -> torch.Tensor:
        return self.force

    def acquire_rigid_body_state_tensor(self, sim: Gym) -> torch.Tensor:
        return self.links

    def set_actor_root_state_tensor(self, sim: Gym, root: torch.Tensor) -> None:
        for data, row in zip(self.data, root.double().numpy()):
            data.qpos[:3], data.qpos[3:7] = row[:3], np.roll(row[3:7], 1)
            data.qvel[:3] = row[7:10]
            data.qvel[3:6] = go2.rotate_to_body(data.qpos[3:7], row[10:13])

    def set_dof_state_tensor(self, sim: Gym, dof: torch.Tensor) -> None:
        for data, rows in zip(self.data, dof.double().numpy().reshape(-1, 12, 2)):
            data.qpos[self.layout.qpos[POLICY_OF_DOF]] = rows[:, 0]
            data.qvel[self.layout.qvel[POLICY_OF_DOF]] = rows[:, 1]
            mujoco.mj_forward(self.model, data)

    def set_dof_actuation_force_tensor(self, sim: Gym, torque: torch.Tensor) -> None:
        for data, row in zip(self.data, torque.double().numpy()):
            data.ctrl[self.layout.actuator[POLICY_OF_DOF]] = row

    def simulate(self, sim: Gym) -> None:
        for data in self.data:
            mujoco.mj_step(self.model, data)

    def fetch_results(self, sim: Gym, wait: bool) -> None:
        assert wait

    def refresh_actor_root_state_tensor(self, sim: Gym) -> None:
        for i, data in enumerate(self.data):
            quaternion = data.qpos[3:7].copy()
            back = quaternion * [1, -1, -1, -1]
            world = go2.rotate_to_body(back, data.qvel[3:6]) if quaternion.any() else np.zeros(3)
            self.root[i] = torch.from_numpy(np.concatenate(
                [data.qpos[:3], np.roll(quaternion, -1), data.qvel[:3], world]))

    def refresh_dof_state_tensor(self, sim: Gym) -> None:
        rows = self.dof.view(-1, 12, 2)
        for i, data in enumerate(self.data):
            rows[i, :, 0] = torch.from_numpy(data.qpos[self.layout.qpos[POLICY_OF_DOF]])
            rows[i, :, 1] = torch.from_numpy(data.qvel[self.layout.qvel[POLICY_OF_DOF]])

    def refresh_net_contact_force_tensor(self, sim: Gym) -> None:
        rows = self.force.view(-1, len(LINKS), 3)
        for i, data in enumerate(self.data):
            rows[i, FOOT_LINKS, 2] = torch.from_numpy(data.sensordata[self.layout.touch]).float()

    def refresh_rigid_body_state_tensor(self, sim: Gym) -> None:
        rows = self.links.view(-1, len(LINKS), 13)
        for i, data in enumerate(self.data):
            rows[i, FOOT_LINKS, 2] = torch.from_numpy(
                data.sensordata[self.layout.foot_position[:, 2]]).float()


def install() -> None:
    """Make ``import isaacgym`` find this."""
    package, gymapi, gymtorch = (ModuleType(name) for name in (
        'isaacgym', 'isaacgym.gymapi', 'isaacgym.gymtorch'))
    gymapi.acquire_gym = Gym
    gymapi.UP_AXIS_Z, gymapi.SIM_PHYSX, gymapi.DOF_MODE_EFFORT = 1, 1, 3
    gymapi.Vec3 = lambda x, y, z: SimpleNamespace(x=x, y=y, z=z)
    gymapi.SimParams = lambda: SimpleNamespace(physx=SimpleNamespace())
    gymapi.PlaneParams = gymapi.AssetOptions = gymapi.Transform = SimpleNamespace
    gymtorch.wrap_tensor = gymtorch.unwrap_tensor = lambda tensor: tensor
    package.gymapi, package.gymtorch = gymapi, gymtorch
    sys.modules.update({'isaacgym': package, 'isaacgym.gymapi': gymapi,
                        'isaacgym.gymtorch': gymtorch})
