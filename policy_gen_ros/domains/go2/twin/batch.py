# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Many twins at once: ``mujoco.rollout`` steps them in C++ threads, one control period a call."""

from __future__ import annotations

import copy
import os

import mujoco
import mujoco.rollout
import numpy as np
from numpy.typing import ArrayLike
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import RobotState
from policy_gen_ros.domains.go2.twin.many import (
    CONTACT_FORCE_N,
    has_fallen,
    PHYSICS_DT_S,
    SUBSTEPS,
    Truth,
)
from policy_gen_ros.domains.go2.twin.model import layout_of, load_model, randomise, set_gains
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation

TARGETS_KEPT = 4
"""The newest target and those before it: enough for a delay of 60 ms."""
START_HALF_M = 2.0
"""On uneven ground twins start so far from the origin at most, along each axis."""


class BatchTwin:
    """
    ``count`` independent twins that share one clock. A fallen twin stays fallen until reset.

    :param copies: so many equal parts of the batch meet the same randomness: common random numbers
        for comparisons. Twins of different parts differ only in what they are told to do.
    :param kp, kd: gains of the joints in policy order. Shape: () or (12,)
    """

    def __init__(self, count: int, seed: int = 0, perturbation: Perturbation = NOMINAL,
                 copies: int = 1, kp: ArrayLike = go2.KP_WALK,
                 kd: ArrayLike = go2.KD_WALK) -> None:
        if count % copies:
            raise ValueError(f'{count} twins are not {copies} equal parts')
        longest_s = (TARGETS_KEPT - 1) * go2.CONTROL_DT_S
        if perturbation.delay_s[1] > longest_s:
            raise ValueError(f'delays of up to {longest_s} s are simulated, '
                             f'not {perturbation.delay_s[1]}')
        self.count = count
        self.copies = copies
        self.kp, self.kd = np.broadcast_to(kp, go2.NUM_JOINTS), np.broadcast_to(kd, go2.NUM_JOINTS)
        self.perturbation = perturbation
        self.rng = np.random.default_rng(seed)
        self.model = load_model(PHYSICS_DT_S, perturbation.bumps_m, self.rng)
        self.layout = layout_of(self.model)
        threads = len(os.sched_getaffinity(0))
        self._data = [mujoco.MjData(self.model) for _ in range(threads)]
        self._rollout = mujoco.rollout.Rollout(nthread=threads)
        self._models = self._draw_models()
        self._delay_substeps = np.rint(
            self._uniform(*perturbation.delay_s) / PHYSICS_DT_S).astype(int)
        state_size = mujoco.mj_stateSize(self.model, mujoco.mjtState.mjSTATE_FULLPHYSICS)
        self.physics = np.zeros((count, state_size))
        self._states = np.zeros((count, SUBSTEPS, state_size))
        self._sensors = np.zeros((count, SUBSTEPS, self.model.nsensordata))
        self._warmstart = np.zeros((count, self.model.nv))
        self._sent = np.tile(go2.DEFAULT_POSE_RAD, (TARGETS_KEPT, count, 1))
        self.fallen = np.zeros(count, bool)
        self.time_s = 0.0
        self.reset()

    def _draw_models(self) -> mujoco.MjModel | list[mujoco.MjModel]:
        noise = self.perturbation
        self.friction = self._uniform(*noise.friction)
        self.restitution = self._uniform(*noise.restitution)
        payload = self._uniform(*noise.payload_kg)
        strength = self._uniform(*noise.motor_strength)
        same = all(low == high for low, high in (noise.friction, noise.restitution,
                                                 noise.payload_kg, noise.motor_strength))
        models = []
        for i in range(1 if same else self.count):
            model = copy.copy(self.model) if not same else self.model
            randomise(model, self.friction[i], self.restitution[i], payload[i])
            set_gains(model, self.kp * strength[i], self.kd * strength[i])
            model.actuator_gainprm[:, 0] = strength[i]
            models.append(model)
        return models[0] if same else models

    def _uniform(self, low: float, high: float, *shape: int) -> np.ndarray:
        part = self.rng.uniform(low, high, (self.count // self.copies, *shape))
        return np.tile(part, (self.copies, *(1 for _ in shape)))

    def _normal(self, *shape: int) -> np.ndarray:
        part = self.rng.standard_normal((self.count // self.copies, *shape))
        return np.tile(part, (self.copies, *(1 for _ in shape)))

    def reset(self, which: np.ndarray | None = None, speed_noise: float = 0.0) -> None:
        """
        Put the chosen twins (default: all) back on their feet, standing in the default pose.

        :param which: indices
        :param speed_noise: largest horizontal speed along each axis to begin with, m/s
        """
        which = np.arange(self.count) if which is None else np.atleast_1d(which)
        n = len(which)
        qpos = np.zeros((n, self.model.nq))
        qpos[:, 2], qpos[:, 3] = 0.29, 1.0
        qpos[:, self.layout.qpos] = go2.DEFAULT_POSE_RAD + self._uniform(-0.05, 0.05, 12)[which]
        qvel = np.zeros((n, self.model.nv))
        qvel[:, :2] = self._uniform(-speed_noise, speed_noise, 2)[which]
        if self.perturbation.bumps_m:  # flat ground draws nothing: its random numbers stay
            qpos[:, :2] = self._uniform(-START_HALF_M, START_HALF_M, 2)[which]
            qpos[:, 2] += self.perturbation.bumps_m / 2
        self.physics[which] = 0.0
        self.physics[which, 1:1 + self.model.nq] = qpos
        self.physics[which, 1 + self.model.nq:1 + self.model.nq + self.model.nv] = qvel
        self._warmstart[which] = 0.0
        self._sent[:, which] = go2.DEFAULT_POSE_RAD
        self.fallen[which] = False
        self._sensors[which] = 0.0
        self._states[which] = self.physics[which, None]

    def step(self, target_rad: np.ndarray) -> None:
        """
        Advance every twin by one control period.

        :param target_rad: joint targets in policy order. Shape: (count, 12)
        """
        self._sent = np.concatenate([np.asarray(target_rad, float)[None], self._sent[:-1]])
        # Which of the targets sent acts in each substep: 0 is the newest.
        age = -((np.arange(SUBSTEPS)[None] - self._delay_substeps[:, None]) // SUBSTEPS)
        control = self._sent[age, np.arange(self.count)[:, None]] * self.kp
        ordered = np.empty_like(control)
        ordered[..., self.layout.actuator] = control
        self._push()
        due_s = self.physics[:, 0] + 0.9 * go2.CONTROL_DT_S
        self._rollout.rollout(
            self._models, self._data, self.physics, control=ordered, nstep=SUBSTEPS,
            initial_warmstart=self._warmstart, state=self._states, sensordata=self._sensors,
            skip_checks=False)
        self.physics[:] = self._states[:, -1]
        self.time_s += go2.CONTROL_DT_S
        self.fallen |= has_fallen(self.quaternion, self.height)
        # MuJoCo resets a diverged simulation by itself: its clock then starts again from zero.
        self.fallen |= ~np.isfinite(self.physics).all(axis=1) | (self.physics[:, 0] < due_s)

    def _push(self) -> None:
        noise = self.perturbation
        tick = round(self.time_s / go2.CONTROL_DT_S)
        if noise.push_mps == 0 or tick == 0 or tick % round(noise.push_every_s / go2.CONTROL_DT_S):
            return
        angle = self._uniform(0, 2 * np.pi)
        start = 1 + self.model.nq
        self.physics[:, start] += noise.push_mps * np.cos(angle)
        self.physics[:, start + 1] += noise.push_mps * np.sin(angle)

    @property
    def quaternion(self) -> np.ndarray:
        """Return the base orientation (w, x, y, z). Shape: (count, 4)."""
        return self.physics[:, 4:8]

    @property
    def height(self) -> np.ndarray:
        """Return the base height above the plane or the mean ground, m. Shape: (count,)."""
        return self.physics[:, 3]

    def sense(self) -> RobotState:
        """Sensor readings with the batch's noise."""
        noise = self.perturbation
        qvel = self.physics[:, 1 + self.model.nq:1 + self.model.nq + self.model.nv]
        state = RobotState(
            gravity=go2.gravity_in_body(self.quaternion), ang_vel=qvel[:, 3:6].copy(),
            joint_pos=self.physics[:, 1 + self.layout.qpos], joint_vel=qvel[:, self.layout.qvel])
        if noise is NOMINAL:
            return state
        return RobotState(
            gravity=state.gravity + noise.gravity_noise * self._normal(3),
            ang_vel=state.ang_vel + noise.ang_vel_noise_rad_s * self._normal(3),
            joint_pos=state.joint_pos + noise.joint_pos_noise_rad * self._normal(12),
            joint_vel=state.joint_vel + noise.joint_vel_noise_rad_s * self._normal(12))

    def truth(self) -> Truth:
        """Ground truth of the control period just stepped."""
        nq, nv = self.model.nq, self.model.nv
        qvel = self.physics[:, 1 + nq:1 + nq + nv]
        touch = self._sensors[:, :, self.layout.touch]
        joint_pos = self.physics[:, 1 + self.layout.qpos]
        torque = self.kp * (self._sent[0] - joint_pos) - self.kd * qvel[:, self.layout.qvel]
        return Truth(
            base_velocity=go2.rotate_to_body(self.quaternion, qvel[:, :3]), ang_vel=qvel[:, 3:6],
            height=self.height.copy(),
            contact=touch > CONTACT_FORCE_N,
            foot_height=self._sensors[:, -1][:, self.layout.foot_position[:, 2]],
            torque_nm=np.clip(torque, -go2.TORQUE_LIMIT_NM, go2.TORQUE_LIMIT_NM),
            fallen=self.fallen.copy())
