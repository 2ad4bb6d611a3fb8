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
from policy_gen_ros.domains.go2.twin.many import CONTACT_FORCE_N
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation

COMMAND_TIMEOUT_S = 0.1
"""Five control periods; a controller that misses so many is gone."""
_MOTOR_TEMPERATURE_C = 32.0
_BATTERY_V = 29.4
_INT16_MAX = 32767


@dataclass(frozen=True)
class Body:
    """
    What an engine says of the robot at one moment, without noise.

    Shapes: ``position`` m and ``velocity`` m/s (3,) in the world; ``quaternion`` (w, x, y, z);
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

    :param perturbation: what it meets; drawn once, but for noise and pushes
    :param rng: draws it
    """

    def __init__(self, perturbation: Perturbation, rng: np.random.Generator) -> None:
        self.perturbation = perturbation
        self._rng = rng
        self.strength = float(rng.uniform(*perturbation.motor_strength))
        self._delay_s = float(rng.uniform(*perturbation.delay_s))
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
        kp, kd = np.where(no_position, 0.0, command.kp), np.where(no_velocity, 0.0, command.kd)
        self._set_motors(kp * command.q + kd * command.dq + command.tau, kp, kd)

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
        if not self.perturbation.push_mps or self.time_s < self._next_push_s:
            return
        self._next_push_s += self.perturbation.push_every_s
        angle = self._rng.uniform(0, 2 * np.pi)
        self._kick(self.perturbation.push_mps * np.array([np.cos(angle), np.sin(angle)]))

    def state(self) -> LowState:
        """Sensor readings. Foot forces are in N, rounded as the wire's int16 demands."""
        body, noise = self.body(), self.perturbation
        return LowState(
            tick_ms=round(self.time_s * 1000), quaternion=self._tilted(body.quaternion),
            gyro=self._noisy(body.ang_vel, noise.ang_vel_noise_rad_s),
            accelerometer=body.accelerometer,
            joint_pos=self._noisy(body.joint_pos, noise.joint_pos_noise_rad),
            joint_vel=self._noisy(body.joint_vel, noise.joint_vel_noise_rad_s),
            joint_torque=body.joint_torque,
            motor_temperature_c=np.full(go2.NUM_JOINTS, _MOTOR_TEMPERATURE_C),
            foot_force=np.clip(np.rint(body.foot_force), 0, _INT16_MAX), battery_v=_BATTERY_V)

    def sport(self) -> SportState:
        """Ground truth of the body."""
        body = self.body()
        return SportState(
            tick_ms=round(self.time_s * 1000), position=body.position, velocity=body.velocity,
            yaw_speed=float(body.ang_vel[2]), quaternion=body.quaternion,
            body_height=float(body.position[2]))

    def contacts(self) -> np.ndarray:
        """Which feet touch the ground, policy leg order. Shape: (4,), bool."""
        return self.body().foot_force > CONTACT_FORCE_N

    def _noisy(self, values: np.ndarray, size: float) -> np.ndarray:
        """Sensor readings, with noise if there is any."""
        return values + size * self._rng.standard_normal(len(values)) if size else values

    def _tilted(self, quaternion: np.ndarray) -> np.ndarray:
        """Noise on the direction of gravity is a small turn of the body about a level axis."""
        size = self.perturbation.gravity_noise
        if not size:
            return quaternion
        half = np.array([1.0, *self._noisy(np.zeros(2), size / 2), 0.0])
        return go2.multiply_quaternions(quaternion, half / np.linalg.norm(half))
