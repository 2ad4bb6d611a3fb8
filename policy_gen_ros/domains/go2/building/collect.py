# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Collecting teacher-labelled states for imitation (DAgger, Ross et al. 2011)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import build_observation, RobotState
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController, TeacherInput
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters, limit_commands
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.closed_loop import ClosedLoop
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation, TRAINING

ACTION_NOISE = 0.3
"""Exploration noise on executed actions, in action units (0.075 rad at the thigh)."""


@dataclass
class StateBatch:
    """
    States with everything that an observation or a teacher label needs. First axis: sample.

    Shapes: gravity, ang_vel, base_velocity, command (n, 3); joint_pos, joint_vel, last_action
    (n, 12); latent (n, any); phase, height (n,).
    """

    gravity: np.ndarray
    ang_vel: np.ndarray
    joint_pos: np.ndarray
    joint_vel: np.ndarray
    last_action: np.ndarray
    command: np.ndarray
    latent: np.ndarray
    phase: np.ndarray
    base_velocity: np.ndarray
    height: np.ndarray

    def __len__(self) -> int:
        return len(self.phase)

    def __getitem__(self, index: np.ndarray | slice) -> StateBatch:
        return StateBatch(*(getattr(self, f.name)[index] for f in fields(self)))

    @classmethod
    def concatenate(cls, batches: list[StateBatch]) -> StateBatch:
        """Join batches along the sample axis."""
        return cls(*(np.concatenate([getattr(b, f.name) for b in batches]) for f in fields(cls)))

    @property
    def state(self) -> RobotState:
        """Sensor part."""
        return RobotState(self.gravity, self.ang_vel, self.joint_pos, self.joint_vel)

    def observations(self) -> np.ndarray:
        """Actor inputs. Shape: (n, 47 + latent)."""
        return build_observation(self.state, self.last_action, self.command, self.latent,
                                 self.phase)

    def labels(self, teacher: GaitController, gaits: GaitParameters) -> np.ndarray:
        """Return what the teacher would do in this gait, row by row. Shape: (n, 12)."""
        seen = TeacherInput(self.state, self.base_velocity, self.height, self.phase, self.command)
        return teacher.actions(seen, gaits).astype(np.float32)


def random_commands(gaits: GaitParameters, nominal: np.ndarray,
                    rng: np.random.Generator) -> np.ndarray:
    """Nominal commands for half of the rows, for the others any that the gait allows."""
    n = len(nominal)
    command = rng.uniform(go2.COMMAND_LOWER, go2.COMMAND_UPPER, (n, 3))
    command[rng.random(n) < 0.3, 1:] = 0.0
    command = limit_commands(gaits, command)
    return np.where(rng.random((n, 1)) < 0.5, nominal, command)


def collect(act: Callable[[np.ndarray], np.ndarray] | None, gaits: GaitParameters,
            nominal: np.ndarray, adaptor: Adaptor | None, ticks: int, seed: int,
            perturbation: Perturbation = TRAINING, keep_every: int = 1,
            other_commands: bool = True) -> list[StateBatch]:
    """
    Walk a batch and keep the states it visits.

    :param act: observations -> actions of the student; ``None`` lets the teacher walk
    :param gaits: one a robot. Shape: (n,)
    :param nominal: nominal commands. Shape: (n, 3)
    :param other_commands: half of the time other commands are asked
    :return: one batch of n states for each kept tick
    """
    n, rng = len(gaits), np.random.default_rng([seed, 1])
    twin = BatchTwin(n, seed, perturbation)
    twin.reset(speed_noise=0.5)
    loop = ClosedLoop(twin, adaptor, gaits.frequency_hz, rng.random(n))
    teacher = GaitController()
    command = random_commands(gaits, nominal, rng) if other_commands else nominal
    kept = []
    for t in range(ticks):
        if other_commands and t % 75 == 74:
            change = rng.random(n) < 0.5
            command[change] = random_commands(gaits, nominal, rng)[change]
        observation, state = loop.observe(command)
        truth = twin.truth()
        batch = StateBatch(state.gravity, state.ang_vel, state.joint_pos, state.joint_vel,
                           loop.last_action, command.copy(), loop.latent, loop.phase,
                           truth.base_velocity, truth.height)
        if t % keep_every == 0:
            kept.append(StateBatch(*(getattr(batch, f.name).astype(np.float32)
                                     for f in fields(batch))))
        action = batch.labels(teacher, gaits) if act is None else act(observation)
        noise = ACTION_NOISE * rng.standard_normal(action.shape)
        noisy = action + noise * (rng.random((n, 1)) < 0.5)
        loop.apply(np.clip(noisy, -go2.ACTION_CLIP, go2.ACTION_CLIP))
        fallen = np.flatnonzero(twin.fallen)
        if len(fallen):
            loop.reset(fallen)
    return kept
