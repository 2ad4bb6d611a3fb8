# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What a domain is: everything that the core has to know of a robot, and no more.

The core (models, policies, archive, training, generation, evaluation) works on any domain. It
imports none: an archive and a bundle name theirs, and :func:`policy_gen_ros.domains.find_domain`
loads it. docs/add_a_domain.md shows how one is written.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TYPE_CHECKING

import numpy as np
from policy_gen_ros.domains.extras import Control, Extras
from policy_gen_ros.domains.measures import Measures
from policy_gen_ros.domains.trajectory import TrajectorySpec

if TYPE_CHECKING:
    from policy_gen_ros.goals.language.sentences import Caption
    from policy_gen_ros.policies.weights import ActorWeights


@dataclass(frozen=True)
class NetworkSpec:
    """
    The policy network of a domain: a multilayer perceptron.

    :param layer_sizes: units of input, hidden and output layers that its own policies have
    :param activation: after each hidden layer: ``elu``, ``tanh`` or ``relu``
    :param action_limit: actions are clipped to so much on either side
    """

    layer_sizes: tuple[int, ...]
    activation: str
    action_limit: float


@dataclass(frozen=True)
class ArchiveField:
    """
    An array that the archives of a domain hold beside those of every archive.

    :param axes: names of its axes; the first is ``actor``
    """

    name: str
    axes: tuple[str, ...]
    dtype: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class RolloutBatch:
    """
    What policies did, each for one episode.

    Shapes: ``survived`` (n,) bool, whether the episode was completed; ``succeeded`` (n,) bool,
    whether it counts as done; ``reward`` (n,); ``measures`` (n, measures), NaN where there is
    none; ``trajectory`` (n, rows, columns), NaN after a failure; ``observations`` (n, k,
    observation), spread over the episode.
    """

    survived: np.ndarray
    succeeded: np.ndarray
    reward: np.ndarray
    measures: np.ndarray
    trajectory: np.ndarray
    observations: np.ndarray


Rollout = Callable[[Sequence['ActorWeights'], int], RolloutBatch]
"""(policies, seed) -> what they did."""


class CaptionModel(Protocol):
    """Language about the behaviours of a domain."""

    @property
    def templates(self) -> Collection[str]:
        """Ids of the templates of :meth:`write`, by which some are held out."""

    @property
    def on_topic(self) -> Sequence[str]:
        """Texts about behaviour in other words than captions, for the probe of unknown texts."""

    def write(self, measures: Mapping[str, float], count: int, rng: np.random.Generator,
              templates: Collection[str] | None = None) -> list[Caption]:
        """Describe measured behaviour."""

    def contradictions(self, text: str | None,
                       measures: Mapping[str, float] | None) -> list[str]:
        """Name what cannot be true at once in a goal, one sentence each."""

    def groups(self, text: str) -> Sequence[str]:
        """Return the groups that a text names, such as a gait family."""


class Domain(ABC):
    """
    A kind of robot or task.

    Attributes that a domain sets; shapes below name their lengths:

    - ``name`` and ``version``, stored in archives and bundles;
    - ``network``, ``measures``, ``controls`` (what is generated beside weights) and
      ``trajectory``;
    - ``groups``: names of the classes of behaviour, such as gait families; :meth:`label` tells
      them. ``group_word`` is what the domain calls one;
    - ``behaviors``: stored of each policy; ``lineages``: how policies of its archives came to be;
    - ``archive_fields``: beside the fields of all archives; ``axis_sizes`` of their axes;
    - ``grid_bins``: cells along each measure that spans the grid;
    - ``captions``, or None; ``rests``: whether texts that ask for rest are understood and refused;
    - ``bundle`` and ``archive_index``: folders that the package ships; ``held_out_file``: what is
      held out of training, a shipped file.
    """

    name: str
    version: int
    network: NetworkSpec
    measures: Measures
    controls: tuple[Control, ...] = ()
    trajectory: TrajectorySpec
    groups: tuple[str, ...]
    group_word: str = 'group'
    behaviors: int = 1
    lineages: tuple[str, ...]
    archive_fields: tuple[ArchiveField, ...] = ()
    axis_sizes: Mapping[str, int] = {}
    grid_bins: int
    captions: CaptionModel | None = None
    rests: bool = False
    bundle: Path
    archive_index: Path
    held_out_file: str

    def __init__(self) -> None:
        self.extras = Extras(self.measures, self.controls)

    @abstractmethod
    def label(self, measures: np.ndarray) -> np.ndarray:
        """
        Return the group that each behaviour belongs to, ``none`` where to none.

        Shape: (..., measures) -> (...), of str
        """

    @abstractmethod
    def succeeded(self, measures: np.ndarray, controls: np.ndarray,
                  survived: np.ndarray) -> np.ndarray:
        """
        Whether behaviours count as qualified.

        :param survived: share of the episodes that were completed
        :return: bool. Shapes: (..., measures), (..., controls), (...) -> (...)
        """

    @abstractmethod
    def make_policy(self, layers: Any, controls: np.ndarray, measures: Mapping[str, float],
                    goal: str = '', bundle: str = '',
                    warnings: tuple[str, ...] = ()) -> ActorWeights:
        """
        Make a policy that this domain runs.

        :param layers: (weight, bias) of each layer
        :param controls: Shape: (controls,)
        """

    @abstractmethod
    def read_spec(self, raw: Mapping[str, Any]) -> Any:
        """
        Check the spec of a stored policy.

        :raises SpecError: it does not fit this domain
        """

    def stored_controls(self, fields: Mapping[str, np.ndarray]) -> np.ndarray:
        """
        Return the controls of stored behaviours, from :attr:`archive_fields`.

        :param fields: name -> array. Shape: (actors, ...)
        :return: Shape: (actors, behaviours, controls)
        """
        shape = next(iter(fields.values())).shape[:2]
        return np.zeros((*shape, 0))

    def limit_controls(self, controls: np.ndarray, measures: np.ndarray) -> np.ndarray:
        """Limit controls to what policies can follow. Shapes: (n, controls), (n, measures)."""
        return controls
