# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Actors that learn from experts: behaviour cloning, then DAgger (Ross et al. 2011)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.metaworld.building.config import CloningConfig
from policy_gen_ros.domains.metaworld.building.experts import Expert
from policy_gen_ros.domains.metaworld.constants import (
    ACTION_DIM,
    ACTIVATION,
    EPISODE_STEPS,
    OBSERVATION_DIM,
)
from policy_gen_ros.domains.metaworld.episodes import Act, act_of, run_task
from policy_gen_ros.domains.metaworld.imitation import imitate
from policy_gen_ros.policies.weights import Layers
from policy_gen_ros.training.actor_batch import ActorBatch
import torch
from torch import Tensor


@dataclass(frozen=True)
class Lessons:
    """
    States, and what an expert does there.

    Shapes: ``states`` (n, 39), ``actions`` (n, 4), float32
    """

    states: np.ndarray
    actions: np.ndarray

    def joined(self, *others: Lessons) -> Lessons:
        """Return these and, after them, others."""
        every = (self, *others)
        return Lessons(np.concatenate([part.states for part in every]),
                       np.concatenate([part.actions for part in every]))


def watch(task: str, expert: Expert, layouts: Sequence[int], noise: float,
          rng: np.random.Generator) -> Lessons:
    """
    Watch an expert whose actions are carried out with noise.

    :param noise: standard deviation
    """
    rows = []
    for layout in layouts:
        error = noise * rng.standard_normal((EPISODE_STEPS, ACTION_DIM))
        rows.append(run_task(task, expert, layout, record=True, noise=error).rows)
    every = np.concatenate(rows)
    return Lessons(every[:, :OBSERVATION_DIM], every[:, OBSERVATION_DIM:])


def correct(task: str, expert: Expert, act: Act, layouts: Sequence[int],
            steps: int) -> Lessons:
    """Let an actor act, and say what its expert would have done where it came."""
    states = np.concatenate([run_task(task, act, layout, steps, record=True).rows[
        :, :OBSERVATION_DIM] for layout in layouts])
    return Lessons(states, expert.act(states))


def clone(task: str, experts: Sequence[Expert], starts: Sequence[Layers], config: CloningConfig,
          seed: int, stop_after: int | None = None) -> list[Layers]:
    """
    Train an actor for each expert, side by side.

    :param starts: weights that the actors begin from
    :param stop_after: steps after which actors are taken as they are; default: train to the end
    """
    rng = np.random.default_rng([seed, 1])

    def layouts() -> list[int]:
        return rng.integers(1, 2**31, config.episodes).tolist()

    lessons = [watch(task, expert, layouts(), config.noise, rng) for expert in experts]
    shared = np.concatenate([part.states for part in lessons])
    shared = shared[rng.permutation(len(shared))[:config.shared_states]]
    lessons = [part.joined(Lessons(shared, expert.act(shared)))
               for expert, part in zip(experts, lessons)]
    actors = ActorBatch.stack(starts, ACTIVATION)
    learn(actors, lessons, stop_after or config.steps, config, [seed, 2])
    for number in range(0 if stop_after else config.rounds):
        lessons = [part.joined(correct(task, expert, act_of(actors.layers(i)), layouts(),
                                       config.episode_steps))
                   for i, (expert, part) in enumerate(zip(experts, lessons))]
        learn(actors, lessons, config.steps, config, [seed, 3, number])
    return [actors.layers(i) for i in range(len(experts))]


def learn(actors: ActorBatch, lessons: Sequence[Lessons], steps: int, config: CloningConfig,
          seed: Sequence[int], done: Callable[[], object] = lambda: None) -> None:
    """
    Train actors in place, each on its own lessons.

    :param done: called after each step
    """
    rng = np.random.default_rng(seed)

    def draw() -> tuple[Tensor, Tensor]:
        picks = [rng.integers(0, len(part.states), config.batch) for part in lessons]
        states, wanted = (torch.from_numpy(np.stack([
            getattr(part, name)[pick] for part, pick in zip(lessons, picks)]))
            for name in ('states', 'actions'))
        return states, wanted

    imitate(actors, draw, steps, config.learning_rate, done)
