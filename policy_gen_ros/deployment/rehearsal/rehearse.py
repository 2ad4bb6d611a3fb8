# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Rehearsal before deployment: candidates walk in perturbed twins, the best that qualifies is chosen.

All candidates meet the same perturbed twins, side by side in one batch, and one as it was built on
level ground: there a candidate has to walk just as it should.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
import time
from typing import Any

import numpy as np
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.domain import follows
from policy_gen_ros.domains.go2.gait.measures import MEASURES, nearest_family, PHASE_NAMES
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult
from policy_gen_ros.domains.go2.twin.model_file import twins_of
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation, ROUGH
from policy_gen_ros.generation.candidates import candidate_goals, distance
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.reading import TextReading
from policy_gen_ros.policies.weights import ActorWeights

OFF, GATE, BEST_OF_K = MODES = ('off', 'gate', 'best_of_k')
"""Publish unrehearsed; rehearse one actor and publish it if it qualifies; the best of several."""
UNMET_TOLERANCES = 2.0
"""How far a walk may be from a range that the goal's words ask for."""
PUSHED = replace(ROUGH, push_every_s=1.5)
"""Rough ground, with pushes soon enough for a short walk."""


class RehearsalError(ValueError):
    """No candidate qualifies; the message says why not."""


@dataclass(frozen=True)
class RehearsalConfig:
    """
    How much is rehearsed.

    :param candidates: actors generated for the goal
    :param twins: perturbed twins that each of them meets, beside the one that is not
    :param seconds: of walking, from standing
    :param upright: share of the perturbed twins in which a candidate has to stay up; few gaits
        keep their speed, too, with 3 kg on the back or ice under the feet
    :param model: MJCF of a Go2 of another group, which all twins are then of
    """

    candidates: int = 8
    twins: int = 4
    seconds: float = 4.0
    upright: float = 0.75
    perturbation: Perturbation = PUSHED
    model: Path | None = None

    def __post_init__(self) -> None:
        for name, low, high in (('candidates', 1, 256), ('twins', 1, 64), ('seconds', 2.0, 60.0),
                                ('upright', 0.0, 1.0)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f'{name} of a rehearsal is {value}, expected {low} to {high}')


@dataclass(frozen=True, eq=False)
class Candidate:
    """
    An actor and its walks.

    :param walks: the first in the twin that is not perturbed
    :param faults: what was wrong with each walk; empty where nothing was
    :param distance: of its measures to those asked for, in tolerances; 0 where none were
    :param qualified: whether enough walks were as they should be
    """

    actor: ActorWeights
    walks: tuple[EpisodeResult, ...]
    faults: tuple[str, ...]
    distance: float
    qualified: bool = False

    @property
    def as_asked(self) -> float:
        """Share of the walks in perturbed twins without fault."""
        return self.faults[1:].count('') / len(self.faults[1:])

    @property
    def survived(self) -> float:
        """Share of the walks in perturbed twins that stayed up to the end."""
        return float(np.mean([walk.survived for walk in self.walks[1:]]))

    @property
    def reward(self) -> float:
        """Mean over the walks."""
        return float(np.mean([walk.reward for walk in self.walks]))

    @property
    def measures(self) -> dict[str, float]:
        """Reached where nothing was perturbed."""
        return self.walks[0].measures

    @property
    def why_not(self) -> str:
        """Say what keeps it from qualifying, or ''."""
        if self.qualified:
            return ''
        falls = sum(not walk.survived for walk in self.walks[1:])
        return self.faults[0] or f'falls in {falls} of {len(self.walks) - 1} perturbed twins'


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """
    What came of the rehearsal of one goal.

    :param chosen: index of the best candidate that qualifies, or None
    :param generated_s, walked_s: time that the two halves took
    """

    goal: Goal
    candidates: tuple[Candidate, ...]
    chosen: int | None
    generated_s: float
    walked_s: float

    @property
    def actor(self) -> ActorWeights:
        """
        Return the actor to deploy.

        :raises RehearsalError: none qualifies
        """
        if self.chosen is None:
            faults = [fault for candidate in self.candidates for fault in candidate.faults]
            counted = ', '.join(f'{count} x "{fault or "as it should"}"'
                                for fault, count in Counter(faults).most_common())
            raise RehearsalError(
                f'{self.goal.describe()!r} did not pass its rehearsal: no candidate of '
                f'{len(self.candidates)} walks well enough in perturbed twins (in {len(faults)} '
                f'walks {counted}); more candidates may find one, or ask for something else')
        return self.candidates[self.chosen].actor

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what is to be said of the goal, and of the candidate that is kept."""
        rows = dict.fromkeys([0, self.chosen or 0])
        return tuple(dict.fromkeys(
            warning for row in rows for warning in self.candidates[row].actor.warnings))

    def to_dict(self) -> dict[str, Any]:
        """Return the contract's result of ``policy_gen rehearse``."""
        return {
            'qualified': self.chosen is not None, 'chosen': self.chosen,
            'candidates': [{
                'qualified': c.qualified, 'survived': c.survived, 'reward': c.reward,
                'measures': c.measures, 'why_not': c.why_not, 'distance': c.distance,
                'sha256': c.actor.sha256} for c in self.candidates],
            'warnings': list(self.warnings),
            'seconds': self.generated_s + self.walked_s, 'generated_s': self.generated_s,
            'walked_s': self.walked_s}


def rehearse(generator: PolicyGenerator, adaptor: Adaptor, goal: Goal,
             config: RehearsalConfig | None = None, seed: int = 0, steps: int | None = None,
             guidance: float | None = None) -> Rehearsal:
    """
    Generate candidates in one batch, walk each in perturbed twins, and choose.

    A candidate qualifies if it walks as it should on level ground and stays up in enough perturbed
    twins. Those that walk as they should in half of these, too, come first; of them the one that
    is nearest to the measures asked for, or without measures the one with the highest reward.

    :param seed, steps, guidance: as for PolicyGenerator.generate; the first candidate is what
        that would return, but for rounding
    :raises ValueError: the goal is refused
    """
    config = config or RehearsalConfig()
    started = time.perf_counter()
    actors = [replace(actor, goal=goal.describe()) for actor in generator.generate_batch(
        candidate_goals(find_domain(), goal, config.candidates, seed), seed, steps, guidance)]
    generated = time.perf_counter()
    walks = walk_candidates(actors, adaptor, config, seed)
    reading = TextReading('') if goal.text is None else generator.read(goal.text)
    candidates = tuple(_evaluate(goal, reading, actor, tuple(mine), config)
                       for actor, mine in zip(actors, walks))
    fit = [i for i, candidate in enumerate(candidates) if candidate.qualified]
    chosen = min(fit, key=lambda i: _rank(candidates[i]), default=None)
    return Rehearsal(goal, candidates, chosen, generated - started,
                     time.perf_counter() - generated)


def walk_candidates(actors: Sequence[ActorWeights], adaptor: Adaptor, config: RehearsalConfig,
                    seed: int) -> list[list[EpisodeResult]]:
    """Walk each actor in all twins; of the results for each actor the first is unperturbed."""
    everyone = [actor for actor in actors for _ in range(config.twins)]
    rough = rollout_actors(everyone, adaptor, config.seconds, None, seed, config.perturbation,
                           twins_of(config.model, len(actors)))
    calm = rollout_actors(actors, adaptor, config.seconds, None, seed,
                          make_twins=twins_of(config.model))
    return [[walk, *rough[number * config.twins:(number + 1) * config.twins]]
            for number, walk in enumerate(calm)]


def asked_family(goal: Goal, reading: TextReading) -> str | None:
    """
    Gait family that a goal names, in words or by all its phases, or None.

    :param reading: of its text
    """
    phases = np.array([(goal.measures or {}).get(name, np.nan) for name in PHASE_NAMES])
    named = reading.groups[0] if len(reading.groups) == 1 else None
    return named or (nearest_family(phases) if np.isfinite(phases).all() else None)


def _evaluate(goal: Goal, reading: TextReading, actor: ActorWeights,
              walks: tuple[EpisodeResult, ...], config: RehearsalConfig) -> Candidate:
    family = asked_family(goal, reading)
    reached = MEASURES.array(walks[0].measures)
    faults = tuple(_fault(actor, walk, family) for walk in walks)
    if not faults[0]:  # as built on level ground, it has to do what was said
        faults = (_unmet(goal, reading, walks[0]), *faults[1:])
    apart = distance(find_domain(), goal, reached[None])
    candidate = Candidate(actor, walks, faults, float(apart[0]))
    return replace(candidate,
                   qualified=not faults[0] and candidate.survived >= config.upright)


def _rank(candidate: Candidate) -> tuple[bool, float, float]:
    return candidate.as_asked < 0.5, candidate.distance, -candidate.reward


def _fault(actor: ActorWeights, walk: EpisodeResult, family: str | None) -> str:
    """Name what is wrong with a walk, what is worst first; '' for nothing."""
    if not walk.survived:
        return 'falls'
    if not np.isfinite([*walk.measures.values()]).all():
        return 'keeps no rhythm'
    if family and walk.family != family:
        return f'is a {walk.family}, not a {family}'
    if not follows(np.array(walk.mean_velocity), np.array(actor.nominal_command)):
        return 'does not follow its command'
    return ''


def _unmet(goal: Goal, reading: TextReading, walk: EpisodeResult) -> str:
    """Name the first words of a goal's text that a walk does not keep; '' for none."""
    if goal.current is not None:
        return ''
    for item in reading.constraints:
        slack = UNMET_TOLERANCES * MEASURES.tolerance[MEASURES.index(item.measure)]
        value = walk.measures[item.measure]
        if item.words and not item.holds(value, slack):
            return f'has {item.measure} = {value:.2f}, not {item.describe()}'
    return ''
