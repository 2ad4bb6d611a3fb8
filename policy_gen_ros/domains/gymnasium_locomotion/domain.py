# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Robots of Gymnasium's locomotion benchmark as domains: gaits by the contacts of feet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TYPE_CHECKING

import numpy as np
from policy_gen_ros.domains.domain import Domain, NetworkSpec, PolicyEpisode, Rollout
from policy_gen_ros.domains.gymnasium_locomotion.robot import (
    ACTION_LIMIT,
    ACTIVATION,
    Robot,
    TRAJECTORY_ROWS,
)
from policy_gen_ros.domains.gymnasium_locomotion.vocabulary import Vocabulary
from policy_gen_ros.domains.trajectory import TrajectorySpec
from policy_gen_ros.policies.spec import PolicySpec
from policy_gen_ros.policies.weights import ActorWeights, Layers
from policy_gen_ros.utils.config import updated

if TYPE_CHECKING:
    from policy_gen_ros.domains.gymnasium_locomotion.building.config import (
        LocomotionArchiveConfig,
    )
    from policy_gen_ros.domains.gymnasium_locomotion.captions import GaitLanguage

_ACTION_SPREAD = 0.7


class GymnasiumLocomotion(Domain):
    """
    Gaits of one robot. Policies have no command, and nothing beside weights.

    A domain sets ``robot``, ``vocabulary`` and what else :class:`Domain` does not get from these.
    """

    robot: Robot
    vocabulary: Vocabulary
    group_word = 'gait'
    sources = ('reinforced', 'crossed', 'imported')

    def __init__(self) -> None:
        robot = self.robot
        self.network = NetworkSpec(robot.layer_sizes, ACTIVATION, ACTION_LIMIT)
        self.measures, self.groups = robot.measures, robot.gait_names
        self.grid_bins = robot.grid_bins
        self.trajectory = TrajectorySpec(
            centre=(0.0,) * (robot.observation_dim + robot.action_dim),
            scale=(1.0,) * robot.observation_dim + (_ACTION_SPREAD,) * robot.action_dim,
            state_dim=robot.observation_dim, dt_s=robot.control_dt_s, rows=TRAJECTORY_ROWS)
        self.held_out_measures = robot.contact_names
        self.essential = frozenset(robot.contact_names)
        super().__init__()

    @cached_property
    def captions(self) -> GaitLanguage:
        """Captions of gaits."""
        from policy_gen_ros.domains.gymnasium_locomotion.captions import GaitLanguage

        return GaitLanguage(self.robot, self.vocabulary)

    def label(self, measures: np.ndarray) -> np.ndarray:
        """Gait by the feet that are used. Shape: (..., measures) -> (...)."""
        return self.robot.gait_of(measures)

    def succeeded(self, measures: np.ndarray, controls: np.ndarray,
                  survived: np.ndarray) -> np.ndarray:
        """Behaviours whose episodes were all completed."""
        return (survived == 1) & np.isfinite(measures).all(axis=-1)

    def make_policy(self, layers: Layers, controls: np.ndarray, measures: Mapping[str, float],
                    goal: str = '', bundle: str = '',
                    warnings: tuple[str, ...] = ()) -> ActorWeights:
        """Make a policy."""
        sizes = (layers[0][0].shape[1], *(len(bias) for _, bias in layers))
        return ActorWeights(self._spec(sizes), layers, (), goal, measures, bundle, warnings)

    def read_spec(self, raw: Mapping[str, Any]) -> PolicySpec:
        """Check a stored spec; raises SpecError."""
        return self._spec(self.robot.layer_sizes).check(raw)

    def archive_config(self) -> LocomotionArchiveConfig:
        """Return the settings of an archive of some thousand policies."""
        from policy_gen_ros.domains.gymnasium_locomotion.building.config import (
            LocomotionArchiveConfig,
        )

        return updated(LocomotionArchiveConfig(), self.archive_settings())

    def archive_settings(self) -> Mapping[str, Any]:
        """Return the settings of archives that are others than HalfCheetah's, the default ones."""
        return {}

    def build_archive(self, path: Path, config: LocomotionArchiveConfig, command: str,
                      ray_address: str | None = None) -> None:
        """Train, branch, cross and evaluate policies."""
        from policy_gen_ros.domains.gymnasium_locomotion.building.build import build_archive

        build_archive(path, self, config, command, ray_address)

    def episode(self, policy: ActorWeights, seconds: float, command: Sequence[float] | None,
                seed: int, bundle: Path | None) -> PolicyEpisode:
        """
        Run one policy.

        :raises ValueError: a command, or too short a time
        :raises MissingGymnasiumError: there is no model to simulate
        """
        from policy_gen_ros.domains.gymnasium_locomotion.rollout import run_episode

        if command is not None:
            raise ValueError(f'policies of the domain {self.name} follow no command; leave '
                             '--command out')
        return run_episode(self.robot, policy, seconds, seed)

    def training_settings(self) -> Mapping[str, Any]:
        """
        Return the settings of training.

        A gait is a range of contacts, so that being well inside of it counts little, and a policy
        is asked for by its contacts, at the edges of the grid too: more reward counts little.
        Policies with the same contacts may have little in common, so that their mean is none.
        """
        return {'diffusion': {'policy_steps': 10},
                'finetune': {'group_weight': 0.1, 'reward_weight': 0.3}}

    def training_rollout(self, source: Path) -> Rollout:
        """Return what runs policies for a shorter episode each than the benchmark's."""
        from policy_gen_ros.domains.gymnasium_locomotion.rollout import roll_out

        return partial(roll_out, self.robot, steps=self.robot.training_steps)

    def rollout(self, source: Path) -> Rollout:
        """Return what runs policies for a benchmark's episode each, in worker processes."""
        from policy_gen_ros.domains.gymnasium_locomotion.rollout import roll_out

        return partial(roll_out, self.robot)

    def _spec(self, layer_sizes: tuple[int, ...]) -> PolicySpec:
        return PolicySpec(self.name, layer_sizes, ACTIVATION, ACTION_LIMIT,
                          self.robot.control_dt_s)
