# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""How much is walked: a sample for a look, or enough for narrow intervals."""

from __future__ import annotations

from dataclasses import dataclass, fields

from policy_gen_ros.archive.grid import CVT_REGIONS


@dataclass(frozen=True)
class Sizes:
    """
    Counts of what an evaluation walks.

    :param held_out, seen: goals of each kind
    :param behaviors: of the archive, whose grid of contacts is compared
    :param spaced, episodes: behaviours spread over the contacts, and episodes of each
    :param sequences: of four behaviours
    :param scenario_actors: for each scenario
    :param statements, clips, samples: goals that say one or two things and clips of a second,
        beside the families, and actors for each
    :param out_of_distribution, partially_trained: prompts of either kind, the latter as far as
        there are any
    :param rehearsals: goals of each kind, seen and held out, that are rehearsed
    :param timed: goals of each kind that are timed, one by one
    :param steps: numbers of sampler steps that are compared
    :param first_pass, hypernetwork, conditioned: optimiser steps of the learned baselines; with
        none of them only baselines that need no training are scored
    """

    held_out: int = 200
    seen: int = 200
    behaviors: int = 1000
    spaced: int = CVT_REGIONS
    episodes: int = 10
    sequences: int = 100
    scenario_actors: int = 100
    statements: int = 20
    clips: int = 10
    samples: int = 16
    out_of_distribution: int = 100
    partially_trained: int = 100
    rehearsals: int = 40
    timed: int = 200
    steps: tuple[int, ...] = (1, 4, 50)
    first_pass: int = 1500
    hypernetwork: int = 8000
    conditioned: int = 20000

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            least = 0 if field.name in ('first_pass', 'hypernetwork', 'conditioned') else 1
            if field.name != 'steps' and value < least:
                raise ValueError(f'{field.name} must be at least {least}, got {value}')


FULL = Sizes()
QUICK = Sizes(held_out=20, seen=20, behaviors=100, episodes=1, sequences=8, scenario_actors=12,
              statements=3, clips=2, samples=6, out_of_distribution=8, partially_trained=8,
              rehearsals=1, timed=50, steps=(50,), first_pass=0, hypernetwork=0, conditioned=0)
