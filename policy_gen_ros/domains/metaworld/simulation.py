# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
MetaWorld's tasks, each in its own simulated world.

MetaWorld 3.1.1 pins MuJoCo 3.3.0. It runs on this package's, too, but for one line: what MuJoCo
stores of an equality constraint is longer by now, and MetaWorld writes the whole of it.
:func:`_reset_mocap_welds` takes its place, here and nowhere else.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any
import warnings

import numpy as np
from policy_gen_ros.domains.metaworld.constants import EPISODE_STEPS, TASKS

_WELD = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 5.0)
"""Anchor, relative position and orientation, and torque scale of the weld that moves the hand."""


class MissingMetaWorldError(ValueError):
    """The package that has the tasks is not installed."""


def check_installed() -> None:
    """
    Find out early whether tasks can be simulated.

    :raises MissingMetaWorldError: they cannot
    """
    for name in ('metaworld', 'gymnasium', 'mujoco'):
        if find_spec(name) is None:
            raise MissingMetaWorldError(
                f'the domain metaworld needs the package {name}, which is not installed: run '
                '"make metaworld", or install what requirements-metaworld.txt names')


def _reset_mocap_welds(environment: Any) -> None:
    import mujoco

    model = environment.model
    for i in np.flatnonzero(model.eq_type == mujoco.mjtEq.mjEQ_WELD):
        model.eq_data[i, :len(_WELD)] = _WELD


@cache
def load_task(task: str) -> TaskSimulation:
    """
    Return the simulation of a task, one for each process.

    :raises MissingMetaWorldError: MetaWorld is not installed
    :raises ValueError: an unknown task
    """
    check_installed()
    if task not in TASKS:
        raise ValueError(f'unknown task {task!r}, expected one of: {", ".join(TASKS)}')
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # of Gymnasium, about sizes and names of environments
        from metaworld.env_dict import ALL_V3_ENVIRONMENTS
        from metaworld.sawyer_xyz_env import SawyerMocapBase

        SawyerMocapBase.reset_mocap_welds = _reset_mocap_welds  # type: ignore
        return TaskSimulation(ALL_V3_ENVIRONMENTS[f'{task}-v3']())


class TaskSimulation:
    """
    One episode of a task after the other.

    As in MetaWorld's MT1, the position of the goal is part of the observation.

    :param environment: of MetaWorld
    """

    def __init__(self, environment: Any) -> None:
        self._environment = environment
        environment._partially_observable = False
        environment._set_task_called = True
        environment._freeze_rand_vec, environment.seeded_rand_vec = False, True
        environment.__dict__.pop('sawyer_observation_space', None)  # was cached without the goal

    @property
    def scene(self) -> tuple[Any, Any]:
        """Return MuJoCo's model and its state now, to draw them."""
        return self._environment.model, self._environment.data

    def begin(self, layout: int) -> np.ndarray:
        """
        Begin an episode and return the first observation. Shape: (39,).

        :param layout: seed of the positions of objects and goal; the same one places them the same
        """
        self._environment.np_random = np.random.default_rng(layout)
        return self._environment.reset()[0]

    def step(self, action: np.ndarray) -> tuple[np.ndarray, bool]:
        """
        Advance by one control period.

        :param action: motion of the hand in shares of 1 cm, and effort of the gripper; clipped.
            Shape: (4,)
        :return: the next observation (39,), and whether the task is done in it
        :raises ValueError: the episode has had its 500 steps
        """
        if self._environment.curr_path_length >= EPISODE_STEPS:
            raise ValueError(f'an episode has {EPISODE_STEPS} steps')
        observation, _, _, _, info = self._environment.step(np.clip(action, -1.0, 1.0))
        return observation, bool(info['success'])
