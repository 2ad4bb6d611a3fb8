# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Sizes and seed of an archive. Imports no library: the command line shows the defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class SearchConfig:
    """
    Size of the quality-diversity search.

    :param batch: solutions a generation from each family's CMA-MAE emitter; the Iso+LineDD emitter
        adds three times as many
    """

    generations: int = 120
    batch: int = 32

    def __post_init__(self) -> None:
        _check_least(self, generations=1, batch=1)


@dataclass(frozen=True)
class BasePolicyConfig:
    """
    Sizes of what comes before the actors.

    :param bases: independent seeds of the conditioned base
    :param practice: stages of reinforcement learning of the first base
    :param other_practice: of each further one
    :param search: of the specialists
    """

    bases: int = 3
    practice: int = 120
    other_practice: int = 40
    search: SearchConfig = field(default_factory=SearchConfig)
    seed: int = 0

    def __post_init__(self) -> None:
        _check_least(self, bases=1, practice=1, other_practice=1, seed=0)


@dataclass(frozen=True)
class BuildConfig:
    """
    Size and seed of an archive.

    :param clones: styles cloned from the first base, rounded up to whole chunks
    :param other_clones: styles cloned from each other base, as well
    :param specialists: elites of the quality-diversity search that are cloned, as well
    :param runs: reinforcement-learning runs, of which nine checkpoints each are kept
    :param chunk_size: actors trained side by side
    """

    clones: int = 2560
    other_clones: int = 192
    specialists: int = 640
    runs: int = 10
    foundation: BasePolicyConfig = field(default_factory=BasePolicyConfig)
    chunk_size: int = 64

    def __post_init__(self) -> None:
        _check_least(self, clones=1, chunk_size=1, other_clones=0, specialists=0, runs=0)

    @property
    def seed(self) -> int:
        """Everything follows from it."""
        return self.foundation.seed


def _check_least(config: Any, **least: int) -> None:
    for name, value in least.items():
        if getattr(config, name) < value:
            raise ValueError(f'{name} must be at least {value}, got {getattr(config, name)}')
