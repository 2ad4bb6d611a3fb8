# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""One Go2 in MuJoCo that takes LowCmd and gives LowState."""

from __future__ import annotations

import mujoco
import numpy as np
from policy_gen_ros.deployment.twin.simulated import Body, SimulatedGo2
from policy_gen_ros.deployment.wire.frames import LowCommand
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.twin.drawn import draw
from policy_gen_ros.domains.go2.twin.heights import PERIOD_M
from policy_gen_ros.domains.go2.twin.model import (
    add_bumps,
    compile_model,
    layout_of,
    load_spec,
    set_gains,
)
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation
from policy_gen_ros.domains.go2.twin.platforms import add_platforms
from policy_gen_ros.domains.go2.twin.variant import FOOT_GEOMS, vary

START_SPREAD_RAD = 0.02
_SETTLE_S = 4.0


class Go2Twin(SimulatedGo2):
    """
    The robot in MuJoCo.

    :param physics_dt_s: step of :meth:`step`
    :param standing: start on the feet in the default pose rather than lying on the ground
    :param perturbation: what it meets; drawn once, but for noise and pushes
    :param seed: of the start pose, which spreads by :data:`START_SPREAD_RAD`, and of what is drawn
    """

    def __init__(self, physics_dt_s: float = go2.LOWCMD_DT_S, standing: bool = False,
                 perturbation: Perturbation = NOMINAL, seed: int = 0) -> None:
        start, rng = np.random.default_rng(seed), np.random.default_rng([seed, 1])
        spec = load_spec()
        add_bumps(spec, perturbation.bumps_m, rng)
        self._uneven = perturbation.has_platforms
        if self._uneven:
            add_platforms(spec, FOOT_GEOMS)
        self.model = compile_model(spec, physics_dt_s)
        self.layout = layout_of(self.model)
        drawn = draw(perturbation, 1, rng, np.random.default_rng([seed, 2]))
        vary(self.model, drawn, 0, perturbation.contact_models)
        super().__init__(perturbation, drawn, rng)
        self._walked = np.zeros(3)
        self.model.actuator_gainprm[:, 0] = self.strength
        self.data = mujoco.MjData(self.model)
        self._gains: tuple[bytes, bytes] | None = None
        self._place(standing, start)

    def _place(self, standing: bool, rng: np.random.Generator) -> None:
        data = self.data
        pose = go2.DEFAULT_POSE_RAD if standing else go2.SITTING_POSE_RAD
        data.qpos[self.layout.qpos] = pose + rng.uniform(-START_SPREAD_RAD, START_SPREAD_RAD, 12)
        data.qpos[2], data.qpos[3] = 1.0, 1.0
        mujoco.mj_kinematics(self.model, data)
        feet = [data.geom(f'{leg}_foot').xpos[2] for leg in go2.LEGS]
        data.qpos[2] -= min(feet) - go2.FOOT_RADIUS_M
        # Come to rest, so that the first state on the wire is that of a robot that lies or stands.
        self.apply(LowCommand.hold(pose, go2.KP_STAND, go2.KD_STAND) if standing
                   else LowCommand.damping())
        for _ in range(round(_SETTLE_S / self.model.opt.timestep)):
            mujoco.mj_step(self.model, data)
        data.time, data.qvel[:], data.qacc_warmstart[:] = 0.0, 0.0, 0.0
        if not self._uneven:  # elsewhere other ground is under the feet
            data.qpos[:2] = 0.0
        mujoco.mj_forward(self.model, data)

    def _set_motors(self, constant: np.ndarray, kp: np.ndarray, kd: np.ndarray) -> None:
        gains = kp.tobytes(), kd.tobytes()
        if gains != self._gains:  # controllers rarely change them
            set_gains(self.model, kp * self.strength, kd * self.strength)
            self._gains = gains
        self.data.ctrl[self.layout.actuator] = constant

    @property
    def time_s(self) -> float:
        """Return the simulated time since the start."""
        return self.data.time

    def _advance(self) -> None:
        mujoco.mj_step(self.model, self.data)
        if self._uneven:
            there = PERIOD_M * np.rint(self.data.qpos[:2] / PERIOD_M)
            self.data.qpos[:2] -= there
            self._walked[:2] += there

    def _kick(self, velocity: np.ndarray) -> None:
        self.data.qvel[:2] += velocity

    def pose(self) -> np.ndarray:
        """Position, quaternion, and joints in the model's order. Shape: (19,)."""
        pose = self.data.qpos.copy()
        pose[:3] += self._walked
        return pose

    def body(self) -> Body:
        """Truth of the moment."""
        data, layout = self.data, self.layout
        return Body(
            position=data.qpos[:3] + self._walked, quaternion=data.qpos[3:7].copy(),
            velocity=data.qvel[:3].copy(), ang_vel=data.qvel[3:6].copy(),
            accelerometer=data.sensordata[layout.accelerometer].copy(),
            joint_pos=data.qpos[layout.qpos], joint_vel=data.qvel[layout.qvel],
            joint_torque=data.actuator_force[layout.actuator],
            foot_force=data.sensordata[layout.touch])
