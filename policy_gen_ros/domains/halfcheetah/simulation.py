# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The simulated HalfCheetah: model, reward and first states of Gymnasium's, many side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
import warnings

import mujoco
import mujoco.rollout
import numpy as np
from policy_gen_ros.domains.halfcheetah.constants import (
    ACTION_LIMIT,
    CONTROL_COST,
    CONTROL_DT_S,
    FEET,
    OBSERVATION_MEAN,
    OBSERVATION_SPREAD,
    RESET_NOISE,
    SUBSTEPS,
)

MODEL_FILE = 'envs/mujoco/assets/half_cheetah.xml'


class MissingGymnasiumError(ValueError):
    """The package that has the model is not installed."""


def model_file() -> Path:
    """
    Where Gymnasium keeps its model.

    :raises MissingGymnasiumError: it is not installed, or lacks the model
    """
    found = find_spec('gymnasium')
    path = Path(found.origin).parent / MODEL_FILE if found and found.origin else None
    if path is None or not path.is_file():
        raise MissingGymnasiumError(
            'halfcheetah needs the model in Gymnasium, which is not installed: run "make '
            'halfcheetah", or "pip install gymnasium"')
    return path


@cache
def load_model() -> mujoco.MjModel:
    """Gymnasium's model with a sensor for each foot, which tells whether it touches the floor."""
    spec = mujoco.MjSpec.from_file(str(model_file()))
    found_once = [1 << mujoco.mjtConDataField.mjCONDATA_FOUND.value, 0, 1]
    for foot in FEET:
        spec.add_sensor(
            name=foot, type=mujoco.mjtSensor.mjSENS_CONTACT, intprm=found_once,
            objtype=mujoco.mjtObj.mjOBJ_GEOM, objname=foot,
            reftype=mujoco.mjtObj.mjOBJ_GEOM, refname='floor')
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # an attribute of the file that MuJoCo has deprecated
        return spec.compile()


class Cheetahs:
    """
    Robots side by side, each in its own world, stepped in this thread.

    :param seeds: one a robot. It begins as Gymnasium's does after ``reset(seed=seed)``
    """

    def __init__(self, seeds: Sequence[int] | np.ndarray) -> None:
        self._model = load_model()
        self._data = mujoco.MjData(self._model)
        self._rollout = mujoco.rollout.Rollout(nthread=0)
        count, nq, nv = len(seeds), self._model.nq, self._model.nv
        size = mujoco.mj_stateSize(self._model, mujoco.mjtState.mjSTATE_FULLPHYSICS)
        self._position, self._velocity = slice(1, 1 + nq), slice(1 + nq, 1 + nq + nv)
        self._physics = np.zeros((count, size))
        for row, seed in zip(self._physics, seeds):
            rng = np.random.default_rng(int(seed))
            row[self._position] = self._model.qpos0 + rng.uniform(-RESET_NOISE, RESET_NOISE, nq)
            row[self._velocity] = RESET_NOISE * rng.standard_normal(nv)
        self._states = np.zeros((count, SUBSTEPS, size))
        self._touch = np.zeros((count, SUBSTEPS, len(FEET)))
        self.failed = np.zeros(count, bool)
        """Whose simulation has diverged: from then on it stands still. Shape: (n,)"""

    def observe(self) -> np.ndarray:
        """Return what policies see, at about unit scale. Shape: (n, 17), float32."""
        seen = self._physics[:, self._position.start + 1:self._velocity.stop]
        return ((seen - OBSERVATION_MEAN) / OBSERVATION_SPREAD).astype(np.float32)

    def step(self, action: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """
        Advance by one control period.

        :param action: torques in shares of the largest; clipped. Shape: (n, 6)
        :return: the benchmark's reward, share of the period that each foot touches the floor (back
            foot first), forward speed in m/s. Shapes: (n,), (n, 2), (n,)
        """
        action = np.clip(np.asarray(action, float), -ACTION_LIMIT, ACTION_LIMIT)
        before = self._physics.copy()
        self._rollout.rollout(
            self._model, self._data, self._physics, control=action[:, None].repeat(SUBSTEPS, 1),
            nstep=SUBSTEPS, state=self._states, sensordata=self._touch)
        self._physics[:] = self._states[:, -1]
        # MuJoCo resets a diverged simulation by itself: its clock then starts again from zero.
        self.failed |= ~np.isfinite(self._physics).all(axis=1) | (
            self._physics[:, 0] < before[:, 0] + 0.9 * CONTROL_DT_S)
        self._physics[self.failed] = 0.0
        speed = (self._physics[:, 1] - before[:, 1]) / CONTROL_DT_S
        speed[self.failed] = 0.0
        reward = speed - CONTROL_COST * np.square(action).sum(axis=1)
        return reward, (self._touch > 0).mean(axis=1), speed
