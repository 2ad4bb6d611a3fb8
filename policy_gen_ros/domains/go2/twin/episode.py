# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Recording a batch of episodes and judging them: measures, tracking and reward."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from policy_gen_ros.domains.go2.gait.measures import family_of, measure_behavior
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY_DIM
from policy_gen_ros.domains.go2.twin.many import ManyTwins, PHYSICS_DT_S, SUBSTEPS

EPISODE_S = 10.0
"""Of an episode by which an actor is evaluated."""
SETTLE_S = 2.0
"""Start of an episode that is left out of measures, at most half of it."""
_JOINT_VEL, _TARGET = slice(18, 30), slice(30, 42)
"""Of a trajectory row."""


@dataclass(frozen=True)
class Effort:
    """
    What a walk asks of the motors, after settling.

    :param torque_nm: root mean square, over joints and time
    :param power_w: mean over time of the mechanical power of all joints; none is recovered
    :param action_rate_rad_s: root mean square of how fast joint targets change, from one control
        period to the next
    """

    torque_nm: float = float('nan')
    power_w: float = float('nan')
    action_rate_rad_s: float = float('nan')


@dataclass(frozen=True)
class EpisodeResult:
    """
    One evaluated episode.

    :param seconds: time walked before a fall, or the whole episode
    :param mean_velocity: vx, vy m/s, yaw rate rad/s in the body frame, after settling
    :param trajectory: Shape: (time, 42)
    :param reward: see :func:`reward_of`
    :param contact: which of the feet FL FR RL RR stood for most of each row of the trajectory.
        Shape: (time, 4), bool; no rows where nobody recorded it
    :param effort: NaN where nobody recorded it
    """

    survived: bool
    seconds: float
    mean_velocity: tuple[float, float, float]
    measures: dict[str, float]
    trajectory: np.ndarray
    reward: float
    contact: np.ndarray = field(default_factory=lambda: np.empty((0, 4), bool))
    effort: Effort = Effort()

    @property
    def family(self) -> str:
        """Measured gait family."""
        return family_of(self.measures)


class EpisodeRecorder:
    """Collects what a batch of robots does, tick by tick."""

    def __init__(self, twin: ManyTwins, ticks: int) -> None:
        n = twin.count
        self._twin = twin
        self._tick = 0
        self.contact = np.zeros((n, ticks, SUBSTEPS, 4), bool)
        self.height = np.zeros((n, ticks), np.float32)
        self.foot_height = np.zeros((n, ticks, 4), np.float32)
        self.velocity = np.zeros((n, ticks, 3), np.float32)
        self.tilt = np.zeros((n, ticks), np.float32)
        self.torque_square = np.zeros((n, ticks), np.float32)
        self.torque = np.zeros((n, ticks, go2.NUM_JOINTS), np.float32)
        self.rows = np.zeros((n, ticks, TRAJECTORY_DIM), np.float32)
        self.alive = np.zeros((n, ticks), bool)

    def record(self, row: np.ndarray) -> None:
        """Store the period just stepped; ``row`` is its trajectory row. Shape: (n, 42)."""
        truth, t = self._twin.truth(), self._tick
        self.contact[:, t] = truth.contact
        self.height[:, t] = truth.height
        self.foot_height[:, t] = truth.foot_height - go2.FOOT_RADIUS_M
        self.velocity[:, t, :2] = truth.base_velocity[:, :2]
        self.velocity[:, t, 2] = truth.ang_vel[:, 2]
        self.tilt[:, t] = np.hypot(*row[:, :2].T)
        self.torque_square[:, t] = (truth.torque_nm**2).mean(axis=1)
        self.torque[:, t] = truth.torque_nm
        self.rows[:, t] = row
        self.alive[:, t] = ~truth.fallen
        self._tick += 1

    def results(self, command: np.ndarray) -> list[EpisodeResult]:
        """Judge every episode against its command. Shape: (n, 3)."""
        return [self._result(i, command[i]) for i in range(len(command))]

    def _result(self, i: int, command: np.ndarray) -> EpisodeResult:
        ticks = self._tick
        walked = int(self.alive[i, :ticks].sum())
        # Nothing after a fall is measured; of an early one the second half of what was walked.
        settle = min(round(SETTLE_S / go2.CONTROL_DT_S), walked // 2)
        part = slice(settle, max(walked, settle + 1))
        contact = self.contact[i, part].reshape(-1, 4)
        velocity = self.velocity[i, part]
        measures = measure_behavior(contact, PHYSICS_DT_S, self.height[i, part],
                                    self.foot_height[i, part], velocity)
        survived = walked == ticks
        reward = reward_of(velocity, command, self.tilt[i, part], self.torque_square[i, part]) \
            if survived else 0.0
        vx, vy, yaw = (float(v) for v in velocity.mean(axis=0))
        rows = max(walked, 1)
        return EpisodeResult(survived, walked * go2.CONTROL_DT_S, (vx, vy, yaw), measures,
                             self.rows[i, :rows].copy(), reward,
                             self.contact[i, :rows].mean(axis=1) >= 0.5,
                             self._effort(i, part))

    def _effort(self, i: int, part: slice) -> Effort:
        torque, rows = self.torque[i, part], self.rows[i, part]
        if len(rows) < 2:
            return Effort()
        # A row has what was sensed as its period began, a torque is that at its end.
        power = np.abs(torque[:-1] * rows[1:, _JOINT_VEL]).sum(axis=1)
        rate = np.diff(rows[:, _TARGET], axis=0) / go2.CONTROL_DT_S
        return Effort(float(np.sqrt(self.torque_square[i, part].mean())), float(power.mean()),
                      float(np.sqrt(np.square(rate).mean())))


def reward_of(velocity: np.ndarray, command: np.ndarray, tilt: np.ndarray,
              torque_square: np.ndarray) -> float:
    """
    Reward of an upright episode, 0 to 1; a fall earns 0.

    Tracking of the mean velocity (the form of walk-these-ways: exp(-error^2 / 0.25) for the
    angular part, a four times sharper exp(-error^2 / 0.0625) for the linear one), upright trunk
    and low torque, weighted 0.5, 0.25, 0.15, 0.1. The mean, not each tick, is tracked: bounding
    gaits oscillate by nature.

    :param velocity: Shape: (ticks, 3)
    :param tilt: sine of the trunk's tilt. Shape: (ticks,)
    :param torque_square: mean squared joint torque, (Nm)^2. Shape: (ticks,)
    """
    error = velocity.mean(axis=0) - command
    linear = np.exp(-(error[0]**2 + error[1]**2) / 0.0625)
    angular = np.exp(-error[2]**2 / 0.25)
    upright = np.exp(-10 * float(np.mean(tilt**2)))
    effort = np.exp(-float(np.mean(torque_square)) / 100)
    return float(0.5 * linear + 0.25 * angular + 0.15 * upright + 0.1 * effort)
