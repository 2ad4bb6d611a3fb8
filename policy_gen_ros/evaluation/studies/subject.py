# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What is evaluated, on which archive, with which seed; it generates actors and walks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY_DIM
from policy_gen_ros.domains.go2.spec import ActorSpec
from policy_gen_ros.domains.go2.standing import standing_actor
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
from policy_gen_ros.domains.go2.twin.episode import EPISODE_S, EpisodeResult
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation
from policy_gen_ros.evaluation.metrics.held_out import BehaviorGoals
from policy_gen_ros.evaluation.metrics.quality_diversity import Walks
from policy_gen_ros.evaluation.metrics.sizes import FULL, Sizes
from policy_gen_ros.evaluation.studies.single_shot import Rollouts
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import RestError
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.utils.progress import note, progress

BATCH_SIZE = 256
"""Actors that walk side by side."""
_CLOCK_HZ = 2.0
"""Of an actor that only stands."""


@dataclass(frozen=True, eq=False)
class Subject:
    """
    A generator and all that its evaluation needs.

    :param held_out: goals of actors that it was not trained on
    :param archive: what it was trained on; an index without most weights does for most figures
    :param steps, guidance: of the sampler; default: the bundle's
    :param command: command line of the evaluation, for reports
    :param output: folder for results, and for what a second evaluation need not train again
    """

    generator: PolicyGenerator
    adaptor: Adaptor
    held_out: BehaviorGoals
    archive: Archive | None = None
    sizes: Sizes = FULL
    seed: int = 0
    steps: int | None = None
    guidance: float | None = None
    perturbation: Perturbation = NOMINAL
    output: Path | None = None
    command: str = 'policy_gen evaluate'

    @cached_property
    def training(self) -> TrainingArchive | None:
        """Return what the generator was trained on."""
        return self.archive.training() if self.archive else None

    @cached_property
    def whole_archive(self) -> Archive | None:
        """Return the archive, if it holds the weights and trajectories of all actors."""
        return self.archive if self.archive and is_whole(self.archive) else None

    def generate(self, goals: Sequence[Goal], steps: int | None = None) -> list[ActorWeights]:
        """
        One actor for each goal.

        A text that is read as rest is answered as the node would: with standing, which misses
        what was asked.
        """
        actors: list[ActorWeights] = []
        rests: list[str] = []
        for start in range(0, len(goals), BATCH_SIZE):
            actors += self._together(list(goals[start:start + BATCH_SIZE]), self.seed + start,
                                     steps or self.steps, rests)
        if rests:
            note(f'{len(rests)} of {len(goals)} goals are read as rest and count as missed, such '
                 f'as {rests[0]!r}')
        return actors

    def _together(self, goals: list[Goal], seed: int, steps: int | None,
                  rests: list[str]) -> list[ActorWeights]:
        """One actor for each goal; texts that are read as rest are added to ``rests``."""
        try:
            return self.generator.generate_batch(goals, seed, steps, self.guidance)
        except RestError as error:
            walks = [goal.text != error.text for goal in goals]
            rests += [error.text] * walks.count(False)
        info = self.generator.info
        standing = standing_actor(ActorSpec.of_layers(_CLOCK_HZ, info.layer_sizes), info.name)
        made = iter(self._together([goal for goal, walk in zip(goals, walks) if walk], seed, steps,
                                   rests) if any(walks) else ())
        return [next(made) if walk else standing for walk in walks]

    def walk(self, actors: Sequence[ActorWeights], about: str) -> Rollouts:
        """Walk actors for 10 s, each under its nominal command."""
        return Rollouts(actors, self._results(actors, about))

    def walk_groups(self, groups: Mapping[str, Sequence[ActorWeights]],
                    about: str) -> dict[str, Rollouts]:
        """Walk actors of several groups side by side, which is quicker than one by one."""
        walked = self.walk([actor for actors in groups.values() for actor in actors], about)
        start, found = 0, {}
        for name, actors in groups.items():
            stop = start + len(actors)
            found[name] = Rollouts(actors, walked.results[start:stop])
            start = stop
        return found

    def episodes(self, make: Callable[[np.ndarray], list[ActorWeights]], count: int,
                 episodes: int, about: str, other_seeds: int = 0) -> Walks:
        """
        Walk many actors, each several times, without keeping them.

        :param make: rows -> actors. Shape: (k,)
        :param other_seeds: for another number, the same actors meet other randomness
        """
        by_episode: list[list[EpisodeResult]] = [[] for _ in range(episodes)]
        for rows in np.array_split(np.arange(count), -(-count // BATCH_SIZE)):
            results = self._results(make(rows) * episodes, about, 7919 * other_seeds)
            for episode, mine in enumerate(by_episode):
                mine += results[episode * len(rows):(episode + 1) * len(rows)]
        return Walks.of(self.generator.domain, by_episode)

    def _results(self, actors: Sequence[ActorWeights], about: str,
                 offset: int = 0) -> list[EpisodeResult]:
        results: list[EpisodeResult] = []
        with progress(total=len(actors), about=about, unit='walk') as bar:
            for start in range(0, len(actors), BATCH_SIZE):
                part = actors[start:start + BATCH_SIZE]
                walked = rollout_actors(part, self.adaptor, EPISODE_S, None,
                                        self.seed + 1 + start + offset, self.perturbation)
                # Thousands of walks: their rows would take hundreds of megabytes, their contacts
                # take three.
                results += [replace(result, trajectory=np.empty((0, TRAJECTORY_DIM), np.float32))
                            for result in walked]
                bar.update(len(part))
        return results


def is_whole(archive: Archive) -> bool:
    """Whether an archive holds the weights and trajectories of all its actors."""
    return bool(archive.weights.stored.all() and archive.trajectory.stored.all())
