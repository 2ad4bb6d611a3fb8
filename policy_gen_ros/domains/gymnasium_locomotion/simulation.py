# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Simulated robots: model, reward, end and first states of Gymnasium's, many side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
import warnings

import mujoco
import mujoco.rollout
import numpy as np
from policy_gen_ros.domains.gymnasium_locomotion.bodies import Bodies
from policy_gen_ros.domains.gymnasium_locomotion.robot import ACTION_LIMIT, Robot

MODELS = 'envs/mujoco/assets'


class MissingGymnasiumError(ValueError):
    """The package that has the models is not installed."""


def model_file(robot: Robot) -> Path:
    """
    Where Gymnasium keeps the model of a robot.

    :raises MissingGymnasiumError: it is not installed, or lacks the model
    """
    found = find_spec('gymnasium')
    path = Path(found.origin).parent / MODELS / robot.model if found and found.origin else None
    if path is None or not path.is_file():
        raise MissingGymnasiumError(
            f'{robot.name} needs the model in Gymnasium, which is not installed: run "make '
            'gymnasium", or "pip install gymnasium"')
    return path


@cache
def load_model(robot: Robot) -> mujoco.MjModel:
    """Gymnasium's model with a sensor for each foot, which tells whether it touches the floor."""
    spec = mujoco.MjSpec.from_file(str(model_file(robot)))
    found_once = [1 << mujoco.mjtConDataField.mjCONDATA_FOUND.value, 0, 1]
    for foot in robot.feet:
        spec.add_sensor(
            name=foot.geom, type=mujoco.mjtSensor.mjSENS_CONTACT, intprm=found_once,
            objtype=mujoco.mjtObj.mjOBJ_GEOM, objname=foot.geom,
            reftype=mujoco.mjtObj.mjOBJ_GEOM, refname='floor')
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # an attribute of the files that MuJoCo has deprecated
        return spec.compile()


class Robots:
    """
    Robots of one kind side by side, each in its own world, stepped in this thread.

    :param seeds: one a robot. It begins as Gymnasium's does after ``reset(seed=seed)``
    """

    def __init__(self, robot: Robot, seeds: Sequence[int] | np.ndarray) -> None:
        self._robot, self._model = robot, load_model(robot)
        self._data = mujoco.MjData(self._model)
        self._bodies = Bodies(self._model) if robot.sees_bodies else None
        self._rollout = mujoco.rollout.Rollout(nthread=0)
        count, nq, nv = len(seeds), self._model.nq, self._model.nv
        size = mujoco.mj_stateSize(self._model, mujoco.mjtState.mjSTATE_FULLPHYSICS)
        self._position, self._velocity = slice(1, 1 + nq), slice(1 + nq, 1 + nq + nv)
        self._physics = np.zeros((count, size))
        self._states = np.zeros((count, robot.substeps, size))
        self._touch = np.zeros((count, robot.substeps, len(robot.feet)))
        self._mean = np.array(robot.observation_mean)
        self._spread = np.array(robot.observation_spread)
        # Where each is along x, and what policies see beside positions and velocities.
        self._place = np.zeros(count)
        self._beside = np.zeros((count, self._bodies.values if self._bodies else 0))
        self._random = [np.random.default_rng(int(seed)) for seed in seeds]
        self.failed = np.zeros(count, bool)
        """Whose episode has ended, or whose simulation has diverged: it stays as it was before
        its first step. Shape: (n,)"""
        self.reset(np.ones(count, bool))

    def reset(self, chosen: np.ndarray) -> None:
        """
        Begin anew with some, as Gymnasium's ``reset()`` does without a seed.

        :param chosen: Shape: (n,), bool
        """
        noise, normal = self._robot.reset_noise, self._robot.reset_velocity == 'normal'
        nq, nv = self._model.nq, self._model.nv
        self._rest(chosen)
        rows = np.flatnonzero(chosen)
        for i in rows:
            rng, row = self._random[i], self._physics[i]
            row[self._position] += rng.uniform(-noise, noise, nq)
            row[self._velocity] = (noise * rng.standard_normal(nv) if normal
                                   else rng.uniform(-noise, noise, nv))
        self._look(rows)
        self.failed[rows] = False

    def _rest(self, chosen: np.ndarray) -> None:
        self._physics[chosen] = 0.0
        self._physics[chosen, self._position] = self._model.qpos0

    def _look(self, rows: np.ndarray, control: np.ndarray | float = 0.0) -> None:
        """
        See where some are, and what their bodies do.

        :param control: that brought them there. Shape: (n, actions)
        """
        self._place[rows] = self._physics[rows, 1]
        if self._bodies is not None:
            self._beside[rows], self._place[rows] = self._bodies.of(self._physics[rows], control)

    def observe(self) -> np.ndarray:
        """Return what policies see, at about unit scale. Shape: (n, observation), float32."""
        seen = np.concatenate([self._robot.observe(*self._state()), self._beside], axis=1)
        return ((seen - self._mean) / self._spread).astype(np.float32)

    def _state(self) -> tuple[np.ndarray, np.ndarray]:
        return self._physics[:, self._position], self._physics[:, self._velocity]

    def step(self, action: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """
        Advance those that have not failed by one control period.

        :param action: torques in shares of the largest; clipped. Shape: (n, actions)
        :return: the benchmark's reward, which has the step too in which an episode ends, share of
            the period that each foot touches the floor, forward speed in m/s; zero after a
            failure. Shapes: (n,), (n, feet), (n,)
        """
        robot, going = self._robot, np.flatnonzero(~self.failed)
        action = np.clip(np.asarray(action, float), -ACTION_LIMIT, ACTION_LIMIT)[going]
        control = robot.control_limit * action
        before, states = self._physics[going], self._states[:len(going)]
        place = self._place[going]
        touch = self._touch[:len(going)]
        if len(going):
            self._rollout.rollout(
                self._model, self._data, before, nstep=robot.substeps, state=states,
                control=control[:, None].repeat(robot.substeps, 1), sensordata=touch)
        after = self._physics[going] = states[:, -1]
        # MuJoCo resets a diverged simulation by itself: its clock then starts again from zero.
        diverged = ~np.isfinite(after).all(axis=1) | (
            after[:, 0] < before[:, 0] + 0.9 * robot.control_dt_s)
        self._look(going, control)
        speed = (self._place[going] - place) / robot.control_dt_s
        healthy = np.ones(len(going), bool) if robot.healthy is None else robot.healthy(
            after[:, self._position], after[:, self._velocity])
        gained = (robot.speed_reward * speed + robot.healthy_reward * healthy
                  - robot.control_cost * np.square(action).sum(axis=1))
        self.failed[going] = diverged | ~healthy
        self._rest(self.failed)
        self._look(going[self.failed[going]])
        reward, forward = np.zeros((2, len(self.failed)))
        contact = np.zeros((len(self.failed), len(robot.feet)))
        kept = ~diverged
        for result, found in ((reward, gained), (forward, speed),
                              (contact, (touch > 0).mean(axis=1))):
            result[going[kept]] = found[kept]
        return reward, contact, forward
