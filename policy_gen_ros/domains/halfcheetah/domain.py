# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The HalfCheetah as a domain: gaits of Gymnasium's benchmark, by the contacts of two feet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.domains.domain import CaptionModel, Domain, NetworkSpec, RolloutBatch
from policy_gen_ros.domains.halfcheetah.constants import (
    ACTION_DIM,
    ACTION_LIMIT,
    ACTIVATION,
    CONTROL_DT_S,
    LAYER_SIZES,
    OBSERVATION_DIM,
)
from policy_gen_ros.domains.halfcheetah.measures import gait_of, GAITS, MEASURES
from policy_gen_ros.domains.trajectory import TrajectorySpec
from policy_gen_ros.policies.spec import PolicySpec
from policy_gen_ros.policies.weights import ActorWeights, Layers

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
        state_dim=OBSERVATION_DIM, dt_s=CONTROL_DT_S)
    groups, group_word = GAITS, 'gait'
    lineages = ('reinforced', 'crossed', 'imported')
    grid_bins = 50
    bundle, archive_index = _FOLDER / 'bundle', _FOLDER / 'archive_index'
    held_out_file = 'config/held_out_halfcheetah.json'

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
        return ActorWeights(_spec(sizes), layers, goal=goal, measures=measures, bundle=bundle,
                            warnings=warnings)

    def read_spec(self, raw: Mapping[str, Any]) -> PolicySpec:
        """Check a stored spec; raises SpecError."""
        return _spec(LAYER_SIZES).check(raw)

    def rollout(self, policies: Sequence[ActorWeights], seed: int) -> RolloutBatch:
        """
        Run policies for one episode each, in worker processes.

        :raises MissingGymnasiumError: there is no model to simulate
        """
        from policy_gen_ros.domains.halfcheetah.rollout import roll_out

        return roll_out(policies, seed)

    def build_archive(self, path: Path, options: Mapping[str, str], command: str,
                      ray: str | None = None) -> None:
        """
        Build or continue an archive.

        :param options: values by name, of
            :class:`policy_gen_ros.domains.halfcheetah.building.config.HalfCheetahConfig`
        :param ray: address of a Ray cluster
        """
        from policy_gen_ros.domains.halfcheetah.building.build import build_archive

        build_archive(path, self, options, command, ray)


def _spec(layer_sizes: tuple[int, ...]) -> PolicySpec:
    return PolicySpec('halfcheetah', layer_sizes, ACTIVATION, ACTION_LIMIT, CONTROL_DT_S)
