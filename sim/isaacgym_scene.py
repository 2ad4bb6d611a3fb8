# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Go2 robots in Isaac Gym (preview 4): all that this project says to ``gymapi``.

NOT RUN on a machine with Isaac Gym; written against its documented Python API, and tested against
a stand-in of the few calls it makes. Needs Python 3.8, as Isaac Gym does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from isaacgym import gymapi, gymtorch  # isort: skip - before torch, or it refuses to load
import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
import torch

ASSET = Path(__file__).resolve().parent / 'go2.urdf'
SPACING_M = 2.0
ARMATURE = np.array([0.01, 0.01, 0.02] * 4)
JOINT_DAMPING, JOINT_FRICTION = 0.2, 0.6
"""Of ``sim/go2.xml``, whose values were fitted to a published walk."""
FRICTION_SPEED_RAD_S = 0.05
"""Below that dry friction fades, as an explicit torque would make a joint at rest tremble."""
START_HEIGHT_M = 0.32


@dataclass(frozen=True)
class Ground:
    """What each robot stands on and carries. Shapes: (n,)."""

    friction: np.ndarray
    restitution: np.ndarray
    payload_kg: np.ndarray


class Scene:
    """
    Robots side by side, joints in policy order, all arrays on the CPU.

    :param dt_s: physics step
    :param device: ``cpu``, or a GPU such as ``cuda:0``
    """

    def __init__(self, ground: Ground, dt_s: float, device: str = 'cpu') -> None:
        self.count, self.dt_s, self._device = len(ground.friction), dt_s, device
        self._gym = gymapi.acquire_gym()
        self._sim = self._create_sim(dt_s)
        self._dof_of, self._feet = self._create_robots(ground)
        self._gym.prepare_sim(self._sim)
        wrap = gymtorch.wrap_tensor
        self._root = wrap(self._gym.acquire_actor_root_state_tensor(self._sim)) \
            .view(self.count, 13)
        self._dof = wrap(self._gym.acquire_dof_state_tensor(self._sim)) \
            .view(self.count, go2.NUM_JOINTS, 2)
        self._force = wrap(self._gym.acquire_net_contact_force_tensor(self._sim)) \
            .view(self.count, -1, 3)
        self._links = wrap(self._gym.acquire_rigid_body_state_tensor(self._sim)) \
            .view(self.count, -1, 13)
        self.torque = np.zeros((self.count, go2.NUM_JOINTS))
        self._refresh()

    def _create_sim(self, dt_s: float) -> object:
        gpu = self._device != 'cpu'
        parameters = gymapi.SimParams()
        parameters.dt, parameters.substeps = dt_s, 1
        parameters.up_axis = gymapi.UP_AXIS_Z
        parameters.gravity = gymapi.Vec3(0.0, 0.0, -9.81)
        parameters.use_gpu_pipeline = parameters.physx.use_gpu = gpu
        parameters.physx.solver_type = 1
        parameters.physx.num_position_iterations = 4
        parameters.physx.contact_offset, parameters.physx.rest_offset = 0.01, 0.0
        index = int(self._device.split(':')[1]) if ':' in self._device else 0
        sim = self._gym.create_sim(index, -1, gymapi.SIM_PHYSX, parameters)
        if sim is None:
            raise RuntimeError('Isaac Gym made no simulation; is there a GPU and a driver?')
        return sim

    def _create_robots(self, ground: Ground) -> tuple[np.ndarray, np.ndarray]:
        """Return where each joint, in policy order, and each foot lie in the engine's arrays."""
        gym = self._gym
        plane = gymapi.PlaneParams()
        plane.normal = gymapi.Vec3(0.0, 0.0, 1.0)
        # The engine takes the mean of both sides: the feet have twice what is meant.
        plane.static_friction = plane.dynamic_friction = plane.restitution = 0.0
        gym.add_ground(self._sim, plane)
        options = gymapi.AssetOptions()
        options.default_dof_drive_mode = gymapi.DOF_MODE_EFFORT
        options.collapse_fixed_joints = False  # the feet are links of their own
        options.angular_damping = options.linear_damping = 0.0
        options.max_angular_velocity = options.max_linear_velocity = 1000.0
        asset = gym.load_asset(self._sim, str(ASSET.parent), ASSET.name, options)
        dofs, links = gym.get_asset_dof_names(asset), gym.get_asset_rigid_body_names(asset)
        pose = gymapi.Transform()
        pose.p = gymapi.Vec3(0.0, 0.0, START_HEIGHT_M)
        corner = gymapi.Vec3(SPACING_M, SPACING_M, SPACING_M)
        for i in range(self.count):
            env = gym.create_env(self._sim, gymapi.Vec3(-SPACING_M, -SPACING_M, 0.0), corner,
                                 int(np.ceil(np.sqrt(self.count))))
            # The body pairs of one robot do not collide in the MuJoCo model either.
            robot = gym.create_actor(env, asset, pose, 'go2', i, 1, 0)
            joints = gym.get_actor_dof_properties(env, robot)
            joints['driveMode'][:] = gymapi.DOF_MODE_EFFORT
            joints['stiffness'][:] = joints['damping'][:] = joints['friction'][:] = 0.0
            for name, armature in zip(go2.JOINT_NAMES, ARMATURE):
                joints['armature'][dofs.index(name)] = armature
            gym.set_actor_dof_properties(env, robot, joints)
            shapes = gym.get_actor_rigid_shape_properties(env, robot)
            for shape in shapes:
                shape.friction = 2 * float(ground.friction[i])
                shape.restitution = 2 * float(ground.restitution[i])
            gym.set_actor_rigid_shape_properties(env, robot, shapes)
            bodies = gym.get_actor_rigid_body_properties(env, robot)
            bodies[0].mass += float(ground.payload_kg[i])
            gym.set_actor_rigid_body_properties(env, robot, bodies, True)
        return (np.array([dofs.index(name) for name in go2.JOINT_NAMES]),
                np.array([links.index(f'{leg}_foot') for leg in go2.LEGS]))

    def place(self, which: np.ndarray, position: np.ndarray, joint_pos: np.ndarray,
              velocity: np.ndarray) -> None:
        """Put robots somewhere, upright. Shapes: (k,), (k, 3), (k, 12), (k, 3)."""
        level = np.tile([0.0, 0.0, 0.0, 1.0], (len(which), 1))
        still = np.zeros((len(which), 3))
        self._root[which] = self._tensor(
            np.concatenate([position, level, velocity, still], axis=1))
        dof = np.zeros((len(which), go2.NUM_JOINTS, 2))
        dof[:, self._dof_of, 0] = joint_pos
        self._dof[which] = self._tensor(dof)
        self._gym.set_actor_root_state_tensor(self._sim, gymtorch.unwrap_tensor(self._root))
        self._gym.set_dof_state_tensor(self._sim, gymtorch.unwrap_tensor(self._dof))

    def kick(self, velocity: np.ndarray) -> None:
        """Add to the horizontal velocities. Shape: (n, 2)."""
        self._root[:, 7:9] += self._tensor(velocity)
        self._gym.set_actor_root_state_tensor(self._sim, gymtorch.unwrap_tensor(self._root))

    def step(self, torque: np.ndarray) -> None:
        """Advance by one physics step. Shape: (n, 12), Nm, before limits and joint friction."""
        self.torque = np.clip(torque, -go2.TORQUE_LIMIT_NM, go2.TORQUE_LIMIT_NM)
        speed = self.joint_vel
        drag = JOINT_DAMPING * speed + JOINT_FRICTION * np.tanh(speed / FRICTION_SPEED_RAD_S)
        ordered = np.empty_like(self.torque)
        ordered[:, self._dof_of] = self.torque - drag
        self._gym.set_dof_actuation_force_tensor(
            self._sim, gymtorch.unwrap_tensor(self._tensor(ordered)))
        self._gym.simulate(self._sim)
        if self._device == 'cpu':
            self._gym.fetch_results(self._sim, True)
        self._refresh()

    def _refresh(self) -> None:
        self._gym.refresh_actor_root_state_tensor(self._sim)
        self._gym.refresh_dof_state_tensor(self._sim)
        self._gym.refresh_net_contact_force_tensor(self._sim)
        self._gym.refresh_rigid_body_state_tensor(self._sim)

    def _tensor(self, values: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values, np.float32)).to(self._device)

    @property
    def position(self) -> np.ndarray:
        """Of the bodies in the world, m. Shape: (n, 3)."""
        return _array(self._root[:, :3])

    @property
    def quaternion(self) -> np.ndarray:
        """Of the bodies, (w, x, y, z); the engine has w last. Shape: (n, 4)."""
        return np.roll(_array(self._root[:, 3:7]), 1, axis=1)

    @property
    def velocity(self) -> np.ndarray:
        """Of the bodies in the world, m/s. Shape: (n, 3)."""
        return _array(self._root[:, 7:10])

    @property
    def ang_vel(self) -> np.ndarray:
        """Of the bodies in their own frames, rad/s. Shape: (n, 3)."""
        return go2.rotate_to_body(self.quaternion, _array(self._root[:, 10:13]))

    @property
    def joint_pos(self) -> np.ndarray:
        """Joint angles, rad. Shape: (n, 12)."""
        return _array(self._dof[..., 0])[:, self._dof_of]

    @property
    def joint_vel(self) -> np.ndarray:
        """Joint speeds, rad/s. Shape: (n, 12)."""
        return _array(self._dof[..., 1])[:, self._dof_of]

    @property
    def foot_force(self) -> np.ndarray:
        """Contact force of each foot, N. Shape: (n, 4)."""
        return np.linalg.norm(_array(self._force)[:, self._feet], axis=-1)

    @property
    def foot_height(self) -> np.ndarray:
        """Centre of each foot above the ground, m. Shape: (n, 4)."""
        return _array(self._links)[:, self._feet, 2]


def _array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.cpu().numpy().astype(float)
