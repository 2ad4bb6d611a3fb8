# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Sizes and seed of a HalfCheetah archive. Imports no simulator: the command line reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from policy_gen_ros.utils.naming import suggest

LEAST = {'seed': 0, 'waves': 0, 'rounds': 0, 'episode_steps': 200}
"""The smallest value of a field, where that is not 1."""


@dataclass(frozen=True)
class HalfCheetahConfig:
    """
    Size and seed of an archive; ``--set name=value`` on the command line.

    First PPO trains a base policy for the benchmark's reward. Then, wave by wave, PPO branches off
    from it and from elites, each branch for its own random mixture of reward and foot contacts.
    Last, Iso+LineDD crosses elites, round by round.

    :param base_robots: that the base learns from
    :param base_iterations: of PPO
    :param waves: of branches; those of the first start from the base, later ones from elites
    :param branch_jobs: of a wave, each in one process
    :param branches: of a job, trained side by side
    :param branch_robots: that each branch learns from
    :param branch_iterations: of PPO
    :param keep_every: iterations after which branches are tried and kept
    :param horizon: control steps of an iteration
    :param stage_iterations: after which robots begin anew
    :param rounds: of crossing
    :param islands: of a round, each in one process, which meet after it
    :param generations: of an island
    :param children: of a generation
    :param iso_sigma, line_sigma: of Iso+LineDD: spread of all weights, and along the line to the
        other parent
    :param episode_steps: of the two episodes that the search tries a policy in
    :param repeatable: largest difference of a contact between both, for the policy to be kept
    :param chunk_size: elites judged together
    """

    seed: int = 0
    base_robots: int = 64
    base_iterations: int = 100
    waves: int = 2
    branch_jobs: int = 2
    branches: int = 16
    branch_robots: int = 8
    branch_iterations: int = 30
    keep_every: int = 2
    horizon: int = 32
    stage_iterations: int = 16
    rounds: int = 4
    islands: int = 2
    generations: int = 15
    children: int = 96
    iso_sigma: float = 0.02
    line_sigma: float = 0.4
    episode_steps: int = 300
    repeatable: float = 0.1
    chunk_size: int = 64

    def __post_init__(self) -> None:
        for field in fields(self):
            value, least = getattr(self, field.name), LEAST.get(field.name, 1)
            if isinstance(field.default, float):
                least = 0
            if not least <= value < 2**31:
                raise ValueError(f'{field.name} must be at least {least}, got {value}')

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> HalfCheetahConfig:
        """
        Sizes as given, the others as by default.

        :param settings: values as text, by name
        :raises ValueError: an unknown name (with the nearest known one), or no number in range
        """
        types: dict[str, Any] = {field.name: type(field.default) for field in fields(cls)}
        values: dict[str, Any] = {}
        for name, text in settings.items():
            if name not in types:
                raise ValueError(f'unknown setting {name!r}{suggest(name, list(types))}')
            try:
                values[name] = types[name](text)
            except ValueError:
                kind = 'a whole number' if types[name] is int else 'a number'
                raise ValueError(f'{name} is {text!r:.80}, expected {kind}') from None
        return cls(**values)

    def to_json(self) -> dict[str, int | float]:
        """As plain data."""
        return asdict(self)
