# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Policies for prompts: the generator's, or clones of the prompt where it shows what is not known.

A generator knows the tasks of its training better than one prompt shows them, and no others. How
far a prompt moves from all that training has seen tells which it is. What a generated policy does
in the prompt's states does not: it can act as the prompt does and lead elsewhere by itself, and
where the prompt is a poor one, it is right to act otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.policies.weights import ActorWeights, Layers

if TYPE_CHECKING:
    from policy_gen_ros.generation.generator import PolicyGenerator

CLONING = ('auto', 'always', 'never')


@dataclass(frozen=True, eq=False)
class PromptedPolicy:
    """
    A policy, and how it came to be.

    :param cloned: from the goal's trajectory; else it is the generator's
    :param reason: why, in a few words; empty where that was no question
    """

    policy: ActorWeights
    cloned: bool = False
    reason: str = ''


def generate_or_clone(generator: PolicyGenerator, goals: Sequence[Goal], seed: int = 0,
                      clone: str = 'auto', steps: int | None = None,
                      guidance: float | None = None) -> list[PromptedPolicy]:
    """
    Make one policy for each goal.

    Clones begin at the generator's weights, and follow the trajectory alone, whatever else the
    goal asks for. They learn side by side: how one turns out depends a little on the others.

    :param clone: ``auto`` where the domain's :class:`CloningRule` says so, ``always`` or ``never``
    :raises ValueError: another word; ``always`` where nothing can be cloned; and as
        :meth:`PolicyGenerator.generate_batch`
    """
    if clone not in CLONING:
        raise ValueError(f'clone is {clone!r}, expected one of: {", ".join(CLONING)}')
    domain = generator.domain
    if clone == 'always':
        _check_can_be_cloned(domain, goals)
    made = generator.generate_batch(list(goals), seed, steps, guidance)
    found = [PromptedPolicy(policy, *_decide(generator, goal, clone))
             for goal, policy in zip(goals, made)]
    prompts = {i: goal.trajectory for i, (goal, each) in enumerate(zip(goals, found))
               if each.cloned and goal.trajectory is not None}
    if prompts and domain.cloning:
        networks = domain.cloners()[domain.cloning.cloner](
            np.stack([*prompts.values()]), [made[i].layers for i in prompts], seed)
        for i, layers in zip(prompts, networks):
            found[i] = replace(found[i], policy=_clone(domain, goals[i], made[i], layers))
    return found


def _check_can_be_cloned(domain: Domain, goals: Sequence[Goal]) -> None:
    if domain.cloning is None:
        raise ValueError(f'policies of the domain {domain.name} are not cloned from trajectories')
    for goal in goals:
        if goal.trajectory is None:
            raise ValueError('there is no trajectory to clone a policy from')
        if problem := _problem(domain, goal.trajectory):
            raise ValueError(f'the trajectory cannot be cloned: {problem}')


def _problem(domain: Domain, trajectory: np.ndarray) -> str:
    """Say why a trajectory teaches nothing; empty where it does."""
    if np.isnan(trajectory).any():
        return 'it lacks actions'
    return '; '.join(domain.read_trajectory(trajectory).remarks)


def _decide(generator: PolicyGenerator, goal: Goal, clone: str) -> tuple[bool, str]:
    """Whether a goal's policy is cloned, and why."""
    domain, rule = generator.domain, generator.domain.cloning
    coverage = generator.validation.coverage
    if goal.trajectory is None or rule is None:
        return False, ''
    if clone != 'auto':
        return clone == 'always', 'as was asked'
    if coverage is None:
        return False, ''
    gap = coverage.motion_gap(goal.trajectory)
    measured = f'{gap:.1f} times as far as its own may be, up to {rule.motion_gap:g} is trusted'
    if gap <= rule.motion_gap:
        return False, f'the trajectory is near those of training: {measured}'
    if problem := _problem(domain, goal.trajectory):
        return False, f'the trajectory is far from those of training, but {problem}'
    return True, f'the trajectory is far from those of training: {measured}'


def _clone(domain: Domain, goal: Goal, made: ActorWeights, layers: Layers) -> ActorWeights:
    """
    Put a clone's weights in place of a generated policy's, and say of it what is true.

    It aims at no measures. Those that are controls say how it is run, and where the goal does not
    name them, they are what the generator took the trajectory for.
    """
    controls = [control.is_measure for control in domain.controls if control.is_measure]
    measures = {name: made.measures[name] for name in controls}
    guessed = [domain.measures[domain.measures.index(name)].describe(value)
               for name, value in measures.items() if name not in (goal.measures or {})]
    warnings = tuple(f'the clone is run with {text}, the nearest that the generator knows: name '
                     'another among the measures' for text in guessed)
    return replace(made, layers=layers, goal=f'{made.goal} (cloned)', measures=measures,
                   warnings=warnings)
