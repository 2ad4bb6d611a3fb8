# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The HalfCheetah as a domain: gaits of Gymnasium's benchmark, by the contacts of two feet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TYPE_CHECKING

import numpy as np
from policy_gen_ros.domains.domain import CaptionModel, Domain, NetworkSpec, Rollout
from policy_gen_ros.domains.halfcheetah.constants import (
    ACTION_DIM,
    ACTION_LIMIT,
    ACTIVATION,
    CONTROL_DT_S,
    LAYER_SIZES,
    OBSERVATION_DIM,
    TRAINING_STEPS,
    TRAJECTORY_ROWS,
)
from policy_gen_ros.domains.halfcheetah.measures import (
    CONTACT_NAMES,
    gait_of,
    GAITS,
    MEASURES,
)
from policy_gen_ros.domains.trajectory import TrajectorySpec
from policy_gen_ros.policies.spec import PolicySpec
from policy_gen_ros.policies.weights import ActorWeights, Layers

if TYPE_CHECKING:
    from policy_gen_ros.domains.halfcheetah.building.config import HalfCheetahConfig
    from policy_gen_ros.domains.halfcheetah.rollout import CheetahEpisode

_FOLDER = Path(__file__).resolve().parent
_ACTION_SPREAD = 0.7


class HalfCheetah(Domain):
    """Gaits of Gymnasium's HalfCheetah. Policies have no command, and nothing beside weights."""

    name, version = 'halfcheetah', 1
    network = NetworkSpec(LAYER_SIZES, ACTIVATION, ACTION_LIMIT)
    measures = MEASURES
    trajectory = TrajectorySpec(
        centre=(0.0,) * (OBSERVATION_DIM + ACTION_DIM),
        scale=(1.0,) * OBSERVATION_DIM + (_ACTION_SPREAD,) * ACTION_DIM,
        state_dim=OBSERVATION_DIM, dt_s=CONTROL_DT_S, rows=TRAJECTORY_ROWS)
    groups, group_word = GAITS, 'gait'
    sources = ('reinforced', 'crossed', 'imported')
    grid_bins, min_reward, max_reward = 50, -2000.0, 6000.0
    essential = frozenset(CONTACT_NAMES)
    bundle, archive_index = _FOLDER / 'bundle', _FOLDER / 'archive_index'
    held_out_file = 'config/held_out_halfcheetah.json'
    held_out_measures = CONTACT_NAMES

    @cached_property
    def captions(self) -> CaptionModel:
        """Captions of gaits."""
        from policy_gen_ros.domains.halfcheetah.captions import CheetahLanguage

        return CheetahLanguage()

    def label(self, measures: np.ndarray) -> np.ndarray:
        """Gait by the feet that are used. Shape: (..., 3) -> (...)."""
        return gait_of(measures)

    def succeeded(self, measures: np.ndarray, controls: np.ndarray,
                  survived: np.ndarray) -> np.ndarray:
        """Behaviours whose episodes were all completed."""
        return (survived == 1) & np.isfinite(measures).all(axis=-1)

    def make_policy(self, layers: Layers, controls: np.ndarray, measures: Mapping[str, float],
                    goal: str = '', bundle: str = '',
                    warnings: tuple[str, ...] = ()) -> ActorWeights:
        """Make a policy."""
        sizes = (layers[0][0].shape[1], *(len(bias) for _, bias in layers))
        return ActorWeights(_spec(sizes), layers, (), goal, measures, bundle, warnings)

    def read_spec(self, raw: Mapping[str, Any]) -> PolicySpec:
        """Check a stored spec; raises SpecError."""
        return _spec(LAYER_SIZES).check(raw)

    def archive_config(self) -> HalfCheetahConfig:
        """Return the settings of an archive of some thousand policies."""
        from policy_gen_ros.domains.halfcheetah.building.config import HalfCheetahConfig

        return HalfCheetahConfig()

    def build_archive(self, path: Path, config: HalfCheetahConfig, command: str,
                      ray_address: str | None = None) -> None:
        """Train, branch, cross and evaluate policies."""
        from policy_gen_ros.domains.halfcheetah.building.build import build_archive

        build_archive(path, self, config, command, ray_address)

    def episode(self, policy: ActorWeights, seconds: float, command: Sequence[float] | None,
                seed: int, bundle: Path | None) -> CheetahEpisode:
        """
        Run one policy.

        :raises ValueError: a command, or too short a time
        :raises MissingGymnasiumError: there is no model to simulate
        """
        from policy_gen_ros.domains.halfcheetah.rollout import run_episode

        if command is not None:
            raise ValueError(f'policies of the domain {self.name} follow no command; leave '
                             '--command out')
        return run_episode(policy, seconds, seed)

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
        """Return what runs policies for half of a benchmark's episode each."""
        from policy_gen_ros.domains.halfcheetah.rollout import roll_out

        return partial(roll_out, steps=TRAINING_STEPS)

    def rollout(self, source: Path) -> Rollout:
        """Return what runs policies for a benchmark's episode each, in worker processes."""
        from policy_gen_ros.domains.halfcheetah.rollout import roll_out

        return roll_out


def _spec(layer_sizes: tuple[int, ...]) -> PolicySpec:
    return PolicySpec('halfcheetah', layer_sizes, ACTIVATION, ACTION_LIMIT, CONTROL_DT_S)
