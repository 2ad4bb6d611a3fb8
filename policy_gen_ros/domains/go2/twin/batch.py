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
from policy_gen_ros.domains.go2.twin.drawn import draw
from policy_gen_ros.domains.go2.twin.heights import grounds_of, height_at, highest_under, PERIOD_M
from policy_gen_ros.domains.go2.twin.many import (
    CONTACT_FORCE_N,
    has_fallen,
    PHYSICS_DT_S,
    SUBSTEPS,
    Truth,
)
from policy_gen_ros.domains.go2.twin.model import (
    add_bumps,
    compile_model,
    floor_height,
    layout_of,
    load_spec,
    set_gains,
    strip,
)
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation
from policy_gen_ros.domains.go2.twin.platforms import add_platforms
from policy_gen_ros.domains.go2.twin.pushes import Pushes
from policy_gen_ros.domains.go2.twin.variant import FOOT_GEOMS, vary

TARGETS_KEPT = 4
"""The newest target and those before it: enough for a delay of 60 ms."""
START_HALF_M = 2.0
"""On bumps twins start so far from the origin at most, along each axis."""
ABOVE_PLATFORMS_M = 0.065
"""
On platforms twins start so much higher than on the plane, which lifts feet that start in it. A
foot whose centre is in a box would be pushed out of its nearest side.
"""
APPLIED = mujoco.mjtState.mjSTATE_CTRL.value | mujoco.mjtState.mjSTATE_QFRC_APPLIED.value
"""Inputs of each substep: controls, and forces along the degrees of freedom."""


class BatchTwin:
    """
    ``count`` independent twins that share one clock. A fallen twin stays fallen until reset.

    Positions, heights and velocities are along the ground, which may be a slope.

    :param copies: so many equal parts of the batch meet the same randomness: common random numbers
        for comparisons. Twins of different parts differ only in what acts on them.
    :param kp, kd: gains of the joints in policy order. Shape: () or (12,)
    :param robot: another group's, as :func:`policy_gen_ros.domains.go2.twin.model_file.read_model`
        gives it; default: ours
    :raises ValueError: parts that are not equal, or a perturbation beyond what is simulated
    """

    def __init__(self, count: int, seed: int = 0, perturbation: Perturbation = NOMINAL,
                 copies: int = 1, kp: ArrayLike = go2.KP_WALK, kd: ArrayLike = go2.KD_WALK,
                 robot: mujoco.MjSpec | None = None) -> None:
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
        self.rng, self._more = np.random.default_rng(seed), np.random.default_rng([seed, 2])
        self._floor_m = 0.0 if robot is None else floor_height(robot.copy().compile())
        self.model = self._compile(load_spec() if robot is None else robot.copy())
        self.layout = layout_of(self.model)
        threads = len(os.sched_getaffinity(0))
        self._data = [mujoco.MjData(self.model) for _ in range(threads)]
        self._rollout = mujoco.rollout.Rollout(nthread=threads)
        part = draw(perturbation, count // copies, self.rng, self._more)
        self._pushes = Pushes(perturbation, part.pushed, self.rng, self._more)
        self.drawn = part.tiled(copies)
        self._models = self._draw_models()
        self._down = self.drawn.down
        self._gain = self.kp * self.drawn.kp_scale[:, None], self.kd * self.drawn.kd_scale[:, None]
        self._delay_substeps = np.rint(self.drawn.delay_s / PHYSICS_DT_S).astype(int)
        self._grounds = grounds_of(self.drawn)
        state_size = mujoco.mj_stateSize(self.model, mujoco.mjtState.mjSTATE_FULLPHYSICS)
        self.physics = np.zeros((count, state_size))
        self._states = np.zeros((count, SUBSTEPS, state_size))
        self._sensors = np.zeros((count, SUBSTEPS, self.model.nsensordata))
        self._warmstart = np.zeros((count, self.model.nv))
        self._sent = np.tile(go2.DEFAULT_POSE_RAD, (TARGETS_KEPT, count, 1))
        self.fallen = np.zeros(count, bool)
        self.time_s = 0.0
        self.reset()

    def _compile(self, spec: mujoco.MjSpec) -> mujoco.MjModel:
        add_bumps(spec, self.perturbation.bumps_m, self.rng)
        strip(spec)
        if self.perturbation.has_platforms:
            add_platforms(spec, FOOT_GEOMS)
        model = compile_model(spec, PHYSICS_DT_S)
        # One robot is one island: to look for more takes time and changes nothing.
        model.opt.disableflags |= mujoco.mjtDisableBit.mjDSBL_ISLAND
        return model

    def _draw_models(self) -> mujoco.MjModel | list[mujoco.MjModel]:
        drawn = self.drawn
        made: dict[bytes, mujoco.MjModel] = {}
        models = []
        for i in range(self.count):
            key = drawn.model_key(i)
            if key not in made:
                made[key] = model = copy.copy(self.model)
                vary(model, drawn, i, self.perturbation.contact_models)
                strength = drawn.motor_strength[i]
                set_gains(model, self.kp * (strength * drawn.kp_scale[i]),
                          self.kd * (strength * drawn.kd_scale[i]))
                model.actuator_gainprm[:, 0] = strength
            models.append(made[key])
        feet = [self.model.geom(name).id for name in FOOT_GEOMS]
        self._sole = np.array([model.geom_size[feet, 0] for model in models]) - go2.FOOT_RADIUS_M
        self.friction = np.array([model.geom_friction[feet[0], 0] for model in models])
        return models[0] if len(made) == 1 else models

    @property
    def restitution(self) -> np.ndarray:
        """Return that of the contacts of each twin's feet. Shape: (count,)."""
        return self.drawn.restitution

    def _uniform(self, low: float, high: float, *shape: int) -> np.ndarray:
        return self._tiled(self.rng.uniform(low, high, (self.count // self.copies, *shape)))

    def _normal(self, *shape: int) -> np.ndarray:
        return self._tiled(self.rng.standard_normal((self.count // self.copies, *shape)))

    def _tiled(self, part: np.ndarray) -> np.ndarray:
        return np.tile(part, (self.copies, *(1 for _ in part.shape[1:])))

    def reset(self, which: np.ndarray | None = None, speed_noise: float = 0.0) -> None:
        """
        Put the chosen twins (default: all) back on their feet, standing in the default pose.

        :param which: indices
        :param speed_noise: largest horizontal speed along each axis to begin with, m/s
        """
        which = np.arange(self.count) if which is None else np.atleast_1d(which)
        n = len(which)
        qpos = np.zeros((n, self.model.nq))
        qpos[:, 2], qpos[:, 3] = self._floor_m + 0.29, 1.0
        qpos[:, self.layout.qpos] = go2.DEFAULT_POSE_RAD + self._uniform(-0.05, 0.05, 12)[which]
        qvel = np.zeros((n, self.model.nv))
        qvel[:, :2] = self._uniform(-speed_noise, speed_noise, 2)[which]
        if self.perturbation.bumps_m:  # flat ground draws nothing: its random numbers stay
            qpos[:, :2] = self._uniform(-START_HALF_M, START_HALF_M, 2)[which]
            qpos[:, 2] += self.perturbation.bumps_m / 2
        if self._grounds is not None:
            half = PERIOD_M / 2
            qpos[:, :2] = self._tiled(self._more.uniform(
                -half, half, (self.count // self.copies, 2)))[which]
            qpos[:, 2] += ABOVE_PLATFORMS_M + highest_under(self._grounds[which], qpos[:, :2])
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
        target = self._sent[age, np.arange(self.count)[:, None]]
        # Motors control what their encoders say.
        control = (target - self.drawn.joint_offset_rad[:, None]) * self._gain[0][:, None]
        applied = np.zeros((self.count, SUBSTEPS, self.model.nu + self.model.nv))
        applied[..., self.layout.actuator] = control
        kick, force = self._pushes.at(round(self.time_s / go2.CONTROL_DT_S))
        start = 1 + self.model.nq
        self.physics[:, start:start + 2] += self._tiled(kick)
        applied[..., self.model.nu:self.model.nu + 2] = self._tiled(force)[:, None]
        due_s = self.physics[:, 0] + 0.9 * go2.CONTROL_DT_S
        self._rollout.rollout(
            self._models, self._data, self.physics, control=applied, nstep=SUBSTEPS,
            control_spec=APPLIED, initial_warmstart=self._warmstart, state=self._states,
            sensordata=self._sensors, skip_checks=False)
        self.physics[:] = self._states[:, -1]
        self.time_s += go2.CONTROL_DT_S
        self.fallen |= has_fallen(self.quaternion, self.height)
        # MuJoCo resets a diverged simulation by itself: its clock then starts again from zero.
        self.fallen |= ~np.isfinite(self.physics).all(axis=1) | (self.physics[:, 0] < due_s)
        if self._grounds is not None:
            self.physics[:, 1:3] -= PERIOD_M * np.rint(self.physics[:, 1:3] / PERIOD_M)

    @property
    def quaternion(self) -> np.ndarray:
        """Return the base orientation (w, x, y, z). Shape: (count, 4)."""
        return self.physics[:, 4:8]

    @property
    def height(self) -> np.ndarray:
        """
        Return the base height, m. Shape: (count,).

        Above the plane, the mean of bumps, or the start on another group's ground, and where there
        are platforms above the mean of what is under the feet.
        """
        height = self.physics[:, 3] - self._floor_m
        return height if self._grounds is None else height - self._under_feet(
            self._grounds).mean(axis=1)

    def _under_feet(self, grounds: np.ndarray) -> np.ndarray:
        """Height of the ground under the feet, m. Shape: (count, 4)."""
        return height_at(grounds, self._sensors[:, -1][:, self.layout.foot_position[:, :2]])

    def sense(self) -> RobotState:
        """Sensor readings with the batch's noise."""
        noise, drawn = self.perturbation, self.drawn
        qvel = self.physics[:, 1 + self.model.nq:1 + self.model.nq + self.model.nv]
        state = RobotState(
            gravity=self._gravity(), ang_vel=qvel[:, 3:6].copy(),
            joint_pos=self.physics[:, 1 + self.layout.qpos] + drawn.joint_offset_rad,
            joint_vel=qvel[:, self.layout.qvel])
        if noise is NOMINAL:
            return state
        # A mounting that is off by a small turn.
        gravity = state.gravity - np.cross(drawn.imu_tilt_rad, state.gravity)
        ang_vel = state.ang_vel - np.cross(drawn.imu_tilt_rad, state.ang_vel)
        noisy = drawn.noisy[:, None]
        return RobotState(
            gravity=gravity + noisy * noise.gravity_noise * self._normal(3),
            ang_vel=ang_vel + drawn.gyro_bias_rad_s
            + noisy * noise.ang_vel_noise_rad_s * self._normal(3),
            joint_pos=state.joint_pos + noisy * noise.joint_pos_noise_rad * self._normal(12),
            joint_vel=state.joint_vel + noisy * noise.joint_vel_noise_rad_s * self._normal(12))

    def _gravity(self) -> np.ndarray:
        """Direction of gravity in the body frame. Shape: (count, 3)."""
        if not self.drawn.slope_deg.any():
            return go2.gravity_in_body(self.quaternion)
        return go2.rotate_to_body(self.quaternion, self._down)

    def truth(self) -> Truth:
        """Ground truth of the control period just stepped."""
        nq, nv = self.model.nq, self.model.nv
        qvel = self.physics[:, 1 + nq:1 + nq + nv]
        touch = self._sensors[:, :, self.layout.touch]
        joint_pos = self.physics[:, 1 + self.layout.qpos] + self.drawn.joint_offset_rad
        kp, kd = self._gain
        torque = kp * (self._sent[0] - joint_pos) - kd * qvel[:, self.layout.qvel]
        foot_height = self._sensors[:, -1][:, self.layout.foot_position[:, 2]] \
            - self._floor_m - self._sole
        if self._grounds is not None:
            foot_height -= self._under_feet(self._grounds)
        return Truth(
            base_velocity=go2.rotate_to_body(self.quaternion, qvel[:, :3]), ang_vel=qvel[:, 3:6],
            height=self.height.copy(),
            contact=touch > CONTACT_FORCE_N,
            foot_height=foot_height,
            torque_nm=np.clip(torque, -go2.TORQUE_LIMIT_NM, go2.TORQUE_LIMIT_NM),
            fallen=self.fallen.copy())
