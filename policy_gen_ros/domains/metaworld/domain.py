# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""MetaWorld as a domain: one robot arm and nineteen tasks, those of Make-An-Agent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TYPE_CHECKING

import numpy as np
from policy_gen_ros.archive.format import BASE_WEIGHTS_FILE
from policy_gen_ros.domains.domain import Cloner, CloningRule, Domain, PolicyEpisode, Rollout
from policy_gen_ros.domains.extras import Control
from policy_gen_ros.domains.metaworld.constants import (
    ACTION_DIM,
    CONTROL_DT_S,
    EPISODE_STEPS,
    LAYER_SIZES,
    NETWORK,
    OBSERVATION_DIM,
    OUTCOME_ROWS,
    PROMPT_ROWS,
    SEEN_TASKS,
    TASKS,
    TRAINING_STEPS,
)
from policy_gen_ros.domains.metaworld.demonstration import implausible
from policy_gen_ros.domains.metaworld.measures import MEASURES, task_of
from policy_gen_ros.domains.metaworld.spec import spec_of
from policy_gen_ros.domains.trajectory import TrajectoryReading, TrajectorySpec
from policy_gen_ros.policies.spec import PolicySpec
from policy_gen_ros.policies.weights import ActorWeights, Layers

if TYPE_CHECKING:
    from policy_gen_ros.domains.metaworld.building.config import MetaWorldConfig

_FOLDER = Path(__file__).resolve().parent
_ACTION_SPREAD = 0.6
_DIM = OBSERVATION_DIM + ACTION_DIM


class MetaWorld(Domain):
    """
    Tasks of MetaWorld.

    A policy is run in one task, which is a control of it and the first of its measures.
    """

    name, version = 'metaworld', 1
    network = NETWORK
    measures = MEASURES
    controls = (Control('task', 'category', 1.0, is_measure='task'),)
    trajectory = TrajectorySpec(
        centre=(0.0,) * _DIM, scale=(1.0,) * OBSERVATION_DIM + (_ACTION_SPREAD,) * ACTION_DIM,
        state_dim=OBSERVATION_DIM, dt_s=CONTROL_DT_S, rows=PROMPT_ROWS + OUTCOME_ROWS,
        min_rows=PROMPT_ROWS + OUTCOME_ROWS, segment_rows=PROMPT_ROWS, outcome_rows=OUTCOME_ROWS)
    groups, group_word = TASKS, 'task'
    sources = ('cloned', 'independent', 'half-trained', 'imported')
    grid_bins = 20
    essential = frozenset({'task'})
    prompted, outcomes = True, ('succeeded', 'failed')
    cloning = CloningRule('the demonstration', motion_gap=2.0)
    episode_s = EPISODE_STEPS * CONTROL_DT_S
    bundle, archive_index = _FOLDER / 'bundle', _FOLDER / 'archive_index'
    held_out_file = 'config/held_out_metaworld.json'
    held_out_measures = ()
    index_files = (BASE_WEIGHTS_FILE,)

    def label(self, measures: np.ndarray) -> np.ndarray:
        """Task that a policy was run in. Shape: (..., 5) -> (...)."""
        return task_of(measures)

    def succeeded(self, measures: np.ndarray, controls: np.ndarray,
                  survived: np.ndarray) -> np.ndarray:
        """
        Whether policies are qualified, as in Make-An-Agent: all test episodes succeeded.

        The episode in the layout of prompts has to succeed, too: without it there are no measures.
        """
        return (survived == 1) & np.isfinite(measures).all(axis=-1)

    def make_policy(self, layers: Layers, controls: np.ndarray, measures: Mapping[str, float],
                    goal: str = '', bundle: str = '',
                    warnings: tuple[str, ...] = ()) -> ActorWeights:
        """Make a policy for the task that the control is the number of."""
        sizes = (layers[0][0].shape[1], *(len(bias) for _, bias in layers))
        return ActorWeights(spec_of(TASKS[int(controls[0])], sizes), layers, (), goal, measures,
                            bundle, warnings)

    def read_spec(self, raw: Mapping[str, Any]) -> PolicySpec:
        """Check a stored spec; raises SpecError."""
        return spec_of(SEEN_TASKS[0], LAYER_SIZES).check(raw)

    def stored_controls(self, read: Callable[[str], np.ndarray]) -> np.ndarray:
        """Return the tasks of stored behaviours. Shape: (actors, behaviours, 1)."""
        return read('measures')[..., :1]

    def intended_groups(self, read: Callable[[str], np.ndarray]) -> np.ndarray:
        """Return the task that each stored policy learned, whether it does it or not."""
        return task_of(read('measures')[:, 0])

    def read_trajectory(self, trajectory: np.ndarray) -> TrajectoryReading:
        """Measure nothing, but say where the rows cannot be what policies of this domain see."""
        return TrajectoryReading(remarks=implausible(trajectory))

    def archive_config(self) -> MetaWorldConfig:
        """Return the settings of a small archive."""
        from policy_gen_ros.domains.metaworld.building.config import MetaWorldConfig

        return MetaWorldConfig()

    def build_archive(self, path: Path, config: MetaWorldConfig, command: str,
                      ray_address: str | None = None) -> None:
        """Clone varied experts and test the clones."""
        from policy_gen_ros.domains.metaworld.building.build import build_archive

        build_archive(path, self, config, command, ray_address)

    def episode(self, policy: ActorWeights, seconds: float, command: Sequence[float] | None,
                seed: int, bundle: Path | None) -> PolicyEpisode:
        """
        Test one policy in its task.

        :raises ValueError: a command, or another time than an episode's
        :raises MissingMetaWorldError: there is nothing to simulate
        """
        from policy_gen_ros.domains.metaworld.rollout import run_policy

        if command is not None:
            raise ValueError(f'policies of the domain {self.name} follow no command; leave '
                             '--command out')
        return run_policy(policy, seconds, seed)

    def training_settings(self) -> Mapping[str, Any]:
        """
        Return the settings of training.

        A trajectory has one segment, so that clips differ by their noise alone. What is asked for
        is a task: whoever does it well in some other way is worth more than who fails in the
        way that was asked for.
        """
        return {'embedding': {'actions_missing': 0.1, 'sensor_noise': 0.02, 'cuts': 4,
                              'longest_clip': 1},
                'coverage': {'longest_clip': PROMPT_ROWS + OUTCOME_ROWS},
                'diffusion': {'one_condition_shares': (0.0, 0.3, 0.7)}}

    def training_rollout(self, source: Path) -> Rollout:
        """Return what tests policies in the layout of prompts and in one random layout."""
        from policy_gen_ros.domains.metaworld.rollout import roll_out

        return partial(roll_out, episodes=1, steps=TRAINING_STEPS)

    def rollout(self, source: Path) -> Rollout:
        """Return what tests policies in the layout of prompts and in five random ones."""
        from policy_gen_ros.domains.metaworld.rollout import roll_out

        return roll_out

    def cloners(self) -> Mapping[str, Cloner]:
        """Return plain behaviour cloning, and what reads the prompt as a demonstration."""
        from policy_gen_ros.domains.metaworld.following import clone_demonstrations, clone_rows

        return {'the rows': clone_rows, 'the demonstration': clone_demonstrations}
