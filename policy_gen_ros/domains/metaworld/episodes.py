# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Episodes of one policy in one task, and what a trajectory keeps of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.metaworld.constants import (
    ACTION_LIMIT,
    EPISODE_STEPS,
    NETWORK,
    OBSERVATION_DIM,
    OUTCOME_ROWS,
    PROMPT_ROWS,
    scaled,
)
from policy_gen_ros.domains.metaworld.simulation import load_task
from policy_gen_ros.policies.network import forward
from policy_gen_ros.policies.weights import Layers

Act = Callable[[np.ndarray], np.ndarray]
"""A policy, by what it sees. Shape: (39,) -> (4,)."""


def act_of(layers: Layers) -> Act:
    """Return a policy network as a function of one state."""
    return lambda seen: forward(layers, seen, NETWORK)


@dataclass(frozen=True)
class TaskEpisode:
    """
    What a policy saw and did.

    :param rows: a state and the action in it. Shape: (time, 43), float32
    :param success: row of the first state in which the task was done, the number of rows where
        that was the last one, and -1 where it never was
    """

    rows: np.ndarray
    success: int

    @property
    def trajectory(self) -> np.ndarray:
        """
        Return the first 60 rows, and 3 from the first success on.

        Without success these are the last 3, as nothing else tells where the policy leads.

        :raises ValueError: the episode was not recorded so far
        """
        if len(self.rows) < PROMPT_ROWS:
            raise ValueError(f'an episode of {len(self.rows)} rows is too short for a trajectory')
        last = len(self.rows) - OUTCOME_ROWS
        outcome = min(self.success, last) if self.success >= 0 else last
        return np.concatenate([self.rows[:PROMPT_ROWS],
                               self.rows[outcome:outcome + OUTCOME_ROWS]])


def run_task(task: str, act: Act, layout: int, steps: int = EPISODE_STEPS,
             record: bool = False, noise: np.ndarray | None = None) -> TaskEpisode:
    """
    Run a policy in a task until it has succeeded.

    :param layout: see :meth:`policy_gen_ros.domains.metaworld.simulation.TaskSimulation.begin`
    :param record: go on for as long as a trajectory needs
    :param noise: added to the actions that are carried out, not to those in the rows. Shape:
        (steps, 4)
    """
    simulation = load_task(task)
    seen = scaled(simulation.begin(layout))
    rows = np.empty((steps, OBSERVATION_DIM + 4), np.float32)
    success, end, done = -1, steps, 0
    while done < end:
        action = np.clip(act(seen), -ACTION_LIMIT, ACTION_LIMIT)
        rows[done] = np.concatenate([seen, action])
        observation, succeeded = simulation.step(action if noise is None else action + noise[done])
        seen, done = scaled(observation), done + 1
        if succeeded and success < 0:
            success = done
            end = min(steps, max(PROMPT_ROWS, success + OUTCOME_ROWS)) if record else done
    return TaskEpisode(rows[:done], success)
