# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What a simulated Go2 does beside physics, in whatever engine: its motor boards and sensors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass

import numpy as np
from policy_gen_ros.deployment.wire.frames import (
    LowCommand,
    LowState,
    POS_STOP_RAD,
    SportState,
    VEL_STOP_RAD_S,
)
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.twin.drawn import Drawn
from policy_gen_ros.domains.go2.twin.many import CONTACT_FORCE_N
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation
from policy_gen_ros.domains.go2.twin.pushes import IMPULSE_S

COMMAND_TIMEOUT_S = 0.1
"""Five control periods; a controller that misses so many is gone."""
_MOTOR_TEMPERATURE_C = 32.0
_BATTERY_V = 29.4
_INT16_MAX = 32767


@dataclass(frozen=True)
class Body:
    """
    What an engine says of the robot at one moment, without noise.

    Shapes: ``position`` m and ``velocity`` m/s (3,) in the world, which on a slope lies along the
    ground, as ``quaternion`` (w, x, y, z) does;
    ``ang_vel`` rad/s and ``accelerometer`` m/s² (3,) in the body; joints (12,) in policy order;
    ``foot_force`` (4,) N.
    """

    position: np.ndarray
    quaternion: np.ndarray
    velocity: np.ndarray
    ang_vel: np.ndarray
    accelerometer: np.ndarray
    joint_pos: np.ndarray
    joint_vel: np.ndarray
    joint_torque: np.ndarray
    foot_force: np.ndarray


class SimulatedGo2(ABC):
    """
    The robot, stepped from outside; knows nothing about the wire or about wall time.

    Lying before the first command, and whenever the newest is older than
    :data:`COMMAND_TIMEOUT_S` of simulated time, the motors damp: zero torque would drop the body,
    and holding the last target would let a dead controller look alive. A standing start holds its
    pose until the first command.

    :param perturbation: what it meets
    :param drawn: what of it was drawn once, for one robot
    :param rng: draws noise and pushes
    """

    def __init__(self, perturbation: Perturbation, drawn: Drawn,
                 rng: np.random.Generator) -> None:
        self.perturbation = perturbation
        self.drawn = drawn
        self._rng = rng
        self.strength = float(drawn.motor_strength[0])
        self._delay_s = float(drawn.delay_s[0])
        self._offset_rad = drawn.joint_offset_rad[0]
        self._mounting = drawn.imu_tilt_rad[0]
        half, azimuth = np.radians(drawn.slope_deg[0]) / 2, drawn.azimuth_rad[0]
        self.slope = np.array([np.cos(half), -np.sin(azimuth) * np.sin(half),
                               np.cos(azimuth) * np.sin(half), 0.0])
        self._push_velocity, self._push_until_s = np.zeros(2), -1.0
        self._waiting: deque[tuple[float, LowCommand]] = deque()
        self._next_push_s = perturbation.push_every_s
        self._command_until_s = -1.0

    @property
    @abstractmethod
    def time_s(self) -> float:
        """Return the simulated time since the start."""

    @abstractmethod
    def body(self) -> Body:
        """Truth of the moment."""

    @abstractmethod
    def pose(self) -> np.ndarray:
        """Position, quaternion, and joints in the order of ``sim/go2.xml``. Shape: (19,)."""

    @abstractmethod
    def _set_motors(self, constant: np.ndarray, kp: np.ndarray, kd: np.ndarray) -> None:
        """
        From now on each motor gives ``strength (constant - kp q - kd dq)``, within its limit.

        Shapes: (12,), policy order.
        """

    @abstractmethod
    def _kick(self, velocity: np.ndarray) -> None:
        """Add to the body's horizontal velocity, m/s. Shape: (2,)."""

    @abstractmethod
    def _advance(self) -> None:
        """Integrate one physics step."""

    def apply(self, command: LowCommand) -> None:
        """Follow a command from the next step on."""
        # Unitree's stop marks switch their term off, whatever the gain says.
        no_position, no_velocity = command.q >= POS_STOP_RAD, command.dq >= VEL_STOP_RAD_S
        kp = np.where(no_position, 0.0, command.kp) * self.drawn.kp_scale[0]
        kd = np.where(no_velocity, 0.0, command.kd) * self.drawn.kd_scale[0]
        q = command.q - self._offset_rad  # motors control what their encoders say
        self._set_motors(kp * q + kd * command.dq + command.tau, kp, kd)

    def command(self, command: LowCommand) -> None:
        """
        Follow this command until another comes or it gets too old.

        From the next step on, or as much later as the motors are slow.
        """
        self._waiting.append((self.time_s + self._delay_s, command))
        self._command_until_s = self.time_s + self._delay_s + COMMAND_TIMEOUT_S

    def step(self) -> None:
        """Advance by one physics step."""
        while self._waiting and self._waiting[0][0] <= self.time_s + 1e-9:
            self.apply(self._waiting.popleft()[1])
        self._push()
        if 0 <= self._command_until_s < self.time_s:
            self.apply(LowCommand.damping())
            self._command_until_s = -1.0
        self._advance()

    def _push(self) -> None:
        of = self.perturbation
        if self.time_s < self._push_until_s:
            self._kick(self._push_velocity)
        if not (of.push_mps or of.impulse_ns) or self.time_s < self._next_push_s:
            return
        self._next_push_s += of.push_every_s
        angle = self._rng.uniform(0, 2 * np.pi)
        size = float(self.drawn.pushed[0])
        if of.push_range != (1.0, 1.0):
            size *= self._rng.uniform(*of.push_range)
        push = size * np.array([np.cos(angle), np.sin(angle)])
        if of.push_mps and (not of.impulse_ns or self._rng.random() < 0.5):
            self._kick(of.push_mps * push)
        else:  # a force on all of the body, as a part of its change of velocity in each step
            steps = round(IMPULSE_S / go2.LOWCMD_DT_S)
            self._push_velocity = of.impulse_ns / go2.MASS_KG / steps * push
            self._push_until_s = self.time_s + (steps - 0.5) * go2.LOWCMD_DT_S
            self._kick(self._push_velocity)

    def state(self) -> LowState:
        """Sensor readings. Foot forces are in N, rounded as the wire's int16 demands."""
        body, noise = self.body(), self.perturbation
        return LowState(
            tick_ms=round(self.time_s * 1000),
            quaternion=self._tilted(self._mounted(self._level(body.quaternion))),
            gyro=self._noisy(body.ang_vel - np.cross(self._mounting, body.ang_vel)
                             + self.drawn.gyro_bias_rad_s[0], noise.ang_vel_noise_rad_s),
            accelerometer=body.accelerometer,
            joint_pos=self._noisy(body.joint_pos + self._offset_rad, noise.joint_pos_noise_rad),
            joint_vel=self._noisy(body.joint_vel, noise.joint_vel_noise_rad_s),
            joint_torque=body.joint_torque,
            motor_temperature_c=np.full(go2.NUM_JOINTS, _MOTOR_TEMPERATURE_C),
            foot_force=np.clip(np.rint(body.foot_force), 0, _INT16_MAX), battery_v=_BATTERY_V)

    def sport(self) -> SportState:
        """Ground truth of the body."""
        body = self.body()
        return SportState(
            tick_ms=round(self.time_s * 1000), position=body.position, velocity=body.velocity,
            yaw_speed=float(body.ang_vel[2]), quaternion=self._level(body.quaternion),
            body_height=float(body.position[2]))

    def contacts(self) -> np.ndarray:
        """Which feet touch the ground, policy leg order. Shape: (4,), bool."""
        return self.body().foot_force > CONTACT_FORCE_N

    def _noisy(self, values: np.ndarray, size: float) -> np.ndarray:
        """Sensor readings, with noise if there is any."""
        size *= float(self.drawn.noisy[0])
        return values + size * self._rng.standard_normal(len(values)) if size else values

    def _level(self, quaternion: np.ndarray) -> np.ndarray:
        """Orientation in the level world of one along the ground."""
        if self.drawn.slope_deg[0] == 0:
            return quaternion
        return go2.multiply_quaternions(self.slope, quaternion)

    def _mounted(self, quaternion: np.ndarray) -> np.ndarray:
        """Orientation of the IMU in the trunk's."""
        if not self._mounting.any():
            return quaternion
        turn = np.array([1.0, *(self._mounting / 2)])
        return go2.multiply_quaternions(quaternion, turn / np.linalg.norm(turn))

    def _tilted(self, quaternion: np.ndarray) -> np.ndarray:
        """Noise on the direction of gravity is a small turn of the body about a level axis."""
        size = self.perturbation.gravity_noise
        if not size:
            return quaternion
        half = np.array([1.0, *self._noisy(np.zeros(2), size / 2), 0.0])
        return go2.multiply_quaternions(quaternion, half / np.linalg.norm(half))
