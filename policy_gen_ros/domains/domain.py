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
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Protocol, TYPE_CHECKING

import numpy as np
from policy_gen_ros.domains.extras import Control, Extras
from policy_gen_ros.domains.measures import Measures
from policy_gen_ros.domains.trajectory import TrajectoryReading, TrajectorySpec

if TYPE_CHECKING:
    from policy_gen_ros.goals.language.reading import Attribute, TextReading
    from policy_gen_ros.goals.language.sentences import Caption
    from policy_gen_ros.policies.weights import ActorWeights, Layers


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


class Rollout(Protocol):
    """Runs policies, each for one episode under its own controls."""

    def __call__(self, policies: Sequence[ActorWeights], seed: int) -> RolloutBatch:
        """Return what they did."""


class Episode(Protocol):
    """What one policy did."""

    @property
    def survived(self) -> bool:
        """Whether the episode was completed."""

    @property
    def seconds(self) -> float:
        """Time before a failure, or the whole episode."""

    @property
    def measures(self) -> Mapping[str, float]:
        """What was measured, by name."""

    @property
    def reward(self) -> float:
        """Return of the episode, as the domain has it."""

    @property
    def trajectory(self) -> np.ndarray:
        """Rows of behaviour. Shape: (time, columns)."""

    @property
    def family(self) -> str:
        """Measured group, such as a gait family."""


@dataclass(frozen=True)
class PolicyEpisode:
    """An :class:`Episode` as a domain that has nothing to add says it."""

    survived: bool
    seconds: float
    measures: Mapping[str, float]
    reward: float
    trajectory: np.ndarray
    family: str


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

    @classmethod
    def joined(cls, batches: Sequence[RolloutBatch]) -> RolloutBatch:
        """Join batches, one after the other."""
        return cls(*(np.concatenate([getattr(batch, field.name) for batch in batches])
                     for field in fields(cls)))

    def __getitem__(self, rows: np.ndarray) -> RolloutBatch:
        return RolloutBatch(*(getattr(self, field.name)[rows] for field in fields(self)))


class Cloner(Protocol):
    """Trains policies each on one prompt, and on nothing else, without a simulator."""

    def __call__(self, trajectories: np.ndarray, starts: Sequence[Layers],
                 seed: int) -> list[Layers]:
        """
        Return the weights of the policies.

        :param trajectories: one for each policy. Shape: (n, rows, columns), float32
        :param starts: weights that each begins from
        """


@dataclass(frozen=True)
class CloningRule:
    """
    When a prompt is cloned instead of left to the generator.

    See :mod:`policy_gen_ros.generation.cloning`.

    :param cloner: the one of :meth:`Domain.cloners` that does it
    :param motion_gap: of the farthest prompts that are left to the generator, see
        :meth:`policy_gen_ros.generation.coverage.Coverage.motion_gap`
    """

    cloner: str
    motion_gap: float


@dataclass(frozen=True)
class TextReaderSpec:
    """
    A trained text reader of a domain, see :class:`policy_gen_ros.models.text_reader.TextReader`.

    :param file: its weights
    :param attributes: classes by attribute
    :param features: what the words of a text show by themselves. Shape: (feature_dim,)
    :param refine: corrects a reading by words with what the reader read
    """

    file: Path
    attributes: Mapping[str, tuple[str, ...]]
    feature_dim: int
    features: Callable[[str], np.ndarray]
    refine: Callable[[TextReading, Mapping[str, Attribute]], TextReading]


class CaptionModel(Protocol):
    """Language about the behaviours of a domain."""

    @property
    def reader(self) -> TextReaderSpec | None:
        """The trained reader of texts; None where words alone are read."""

    @property
    def templates(self) -> Collection[str]:
        """Ids of the templates of :meth:`write`, by which some are held out."""

    @property
    def on_topic(self) -> Sequence[str]:
        """Texts about behaviour in other words than captions, for the probe of unknown texts."""

    def write(self, measures: Mapping[str, float], count: int, rng: np.random.Generator,
              templates: Collection[str] | None = None) -> list[Caption]:
        """Describe measured behaviour."""

    def contradictions(self, reading: TextReading,
                       measures: Mapping[str, float] | None) -> list[str]:
        """Name what cannot be true at once in a goal, one sentence each."""

    def read(self, text: str) -> TextReading:
        """Return what a text asks for, in one result."""

    def change(self, current: Mapping[str, float], reading: TextReading,
               share: float) -> dict[str, float]:
        """
        Apply what a text names to the measures of a behaviour, and keep the rest.

        :param current: all measures of the domain
        :param share: of each relative change that is made, above 0 up to 1
        """

    def group(self, text: str) -> str | None:
        """Return the one group that a text asks for; None where it names none or several."""

    def failure(self, text: str) -> str | None:
        """
        Return the words of a text that ask for a failure, or None.

        Such texts are pruned, as in Policy Diffusion (Hegde et al. 2023).
        """


class Domain(ABC):
    """
    A kind of robot or task.

    Attributes that a domain sets; shapes below name their lengths:

    - ``name`` and ``version``, stored in archives and bundles;
    - ``network``, ``measures``, ``controls`` (what is generated beside weights) and
      ``trajectory``;
    - ``groups``: names of the classes of behaviour, such as gait families; :meth:`label` tells
      them. ``group_word`` is what the domain calls one;
    - ``behaviors``: stored of each policy; ``sources``: how policies of its archives came to be;
    - ``archive_fields``: beside the fields of all archives; ``axis_sizes``: those of their axes
      that are fixed; ``may_be_nan``: those of them that may hold NaN; ``index_files``: files of
      an archive that go into its index too;
    - ``grid_bins``: cells along each measure that spans the grid; ``min_reward``, from which QD
      scores count, and ``max_reward``: training and plots take the range between them as one;
    - ``essential``: names of the measures without which a goal is another one; loosened goals
      name no others;
    - ``episode_s``: how long an episode of ``policy_gen rollout`` is by default, in seconds;
    - ``outcomes``: what an episode is called that was completed, and one that was not;
    - ``prompted``: whether policies are asked for by trajectories, so that
      :mod:`policy_gen_ros.evaluation.prompted` evaluates them. ``reward`` then is the share of the
      test episodes that succeeded;
    - ``cloning``: when prompts are cloned instead of left to the generator; None: never;
    - ``rests``: whether texts that ask for rest are understood and refused;
    - ``bundle`` and ``archive_index``: folders that the package ships; ``held_out_file``: what is
      held out of training, a shipped file: regions of a group between bounds of the
      ``held_out_measures``, runs and caption templates.
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
    sources: tuple[str, ...]
    archive_fields: tuple[ArchiveField, ...] = ()
    axis_sizes: tuple[tuple[str, int], ...] = ()
    grid_bins: int
    min_reward: float = 0.0
    max_reward: float = 1.0
    may_be_nan: tuple[str, ...] = ()
    index_files: tuple[str, ...] = ()
    essential: frozenset[str] = frozenset()
    episode_s: float = 10.0
    outcomes: tuple[str, str] = ('upright', 'fell')
    prompted: bool = False
    cloning: CloningRule | None = None
    rests: bool = False
    bundle: Path
    archive_index: Path
    held_out_file: str
    held_out_measures: tuple[str, ...]

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
    def make_policy(self, layers: Layers, controls: np.ndarray, measures: Mapping[str, float],
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

    @property
    def captions(self) -> CaptionModel | None:
        """Language about behaviours; None in a domain without words."""
        return None

    def read_trajectory(self, trajectory: np.ndarray) -> TrajectoryReading:
        """
        Measure what a trajectory shows; by default nothing, and its embedding has to tell.

        :param trajectory: Shape: (time, columns)
        """
        return TrajectoryReading()

    def relative_reward(self, reward: np.ndarray) -> np.ndarray:
        """Rewards from ``min_reward`` to ``max_reward`` as 0 to 1. Shape: (...)."""
        return (reward - self.min_reward) / (self.max_reward - self.min_reward)

    def clearly(self, measures: np.ndarray) -> dict[str, np.ndarray]:
        """
        Which behaviours clearly belong to each group: between two groups, a domain may say none.

        Shape: (..., measures) -> (...), bool
        """
        labels = self.label(measures)
        return {group: labels == group for group in self.groups}

    def finish_policy(self, layers: Layers, controls: np.ndarray, measures: Mapping[str, float],
                      goal: str, bundle: str, warnings: tuple[str, ...]) -> ActorWeights:
        """Make a generated policy: as :meth:`make_policy`, within limits that it can follow."""
        return self.make_policy(layers, controls, measures, goal, bundle, warnings)

    def limit_controls(self, controls: np.ndarray, measures: Mapping[str, float]) -> np.ndarray:
        """Limit controls to what a policy can follow. Shape: (controls,)."""
        return controls

    def stored_controls(self, read: Callable[[str], np.ndarray]) -> np.ndarray:
        """
        Return the controls of stored behaviours.

        :param read: reads one of the small fields of an archive
        :return: Shape: (actors, behaviours, controls)
        """
        return np.zeros((*read('reward').shape, 0), np.float32)

    def archive_config(self) -> Any:
        """
        Return the settings with which archives are built by default.

        A :func:`policy_gen_ros.utils.config.configuration` with a field ``seed``.

        :raises ValueError: archives of the domain are not built here
        """
        raise ValueError(f'archives of the domain {self.name} are not built here')

    def training_settings(self) -> Mapping[str, Any]:
        """
        Return the settings of training that are others than those of the presets.

        Nested like :class:`policy_gen_ros.training.config.TrainConfig`.
        """
        return {}

    def build_archive(self, path: Path, config: Any, command: str,
                      ray_address: str | None = None) -> None:
        """
        Build an archive, or go on with one.

        :param config: as :meth:`archive_config` has it
        :param command: that builds it, for the archive's provenance
        :param ray_address: of a Ray cluster that does the work; default: the cores here
        :raises ValueError: the archive there was begun with other settings
        """
        raise ValueError(f'archives of the domain {self.name} are not built here')

    def episode(self, policy: ActorWeights, seconds: float, command: Sequence[float] | None,
                seed: int, bundle: Path | None) -> Episode:
        """
        Run one policy.

        :param command: for policies that follow one; default: their nominal one
        :param bundle: that the policy belongs to; default: the shipped one
        :raises ValueError: a command or time that the domain does not know
        """
        raise ValueError(f'policies of the domain {self.name} are not run here')

    @abstractmethod
    def rollout(self, source: Path) -> Rollout:
        """
        Return what runs policies for evaluation.

        :param source: archive or bundle that the policies belong to
        """

    def training_rollout(self, source: Path) -> Rollout:
        """
        Return what runs policies for training: the same, where shorter episodes do not do.

        :param source: archive or bundle that the policies belong to
        """
        return self.rollout(source)

    def add_to_bundle(self, source: Path, bundle: Path) -> None:  # noqa: B027 - may do nothing
        """Write what a bundle holds beside its networks, from an archive or another bundle."""

    def finish_bundle(self, bundle: Path) -> None:  # noqa: B027 - may do nothing
        """Add to a bundle what it generates itself."""

    def archive_header(self) -> dict[str, Any]:
        """Return what ``archive.json`` says beside what it says in every domain."""
        return {}

    def intended_groups(self, read: Callable[[str], np.ndarray]) -> np.ndarray | None:
        """Group that each stored policy was meant to have; None where nobody meant one."""
        return None

    def cloners(self) -> Mapping[str, Cloner]:
        """Return ways to train a policy on one prompt, by what it learns from; few domains do."""
        return {}
