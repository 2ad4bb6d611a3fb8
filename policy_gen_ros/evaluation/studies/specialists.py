# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What specialists are worth: their niches, walked by others.

A niche is what a specialist reached in the search: four contact proportions at a velocity. Beside
the specialist stand the base policy conditioned on its gait, and two controls that are hard to
beat: the same base with gait and command optimised again for each niche, and one conditioned
network distilled from all elites of the search but for every second one of those compared, whose
niches it has not seen.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.base_config import ImitationConfig
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy, train_base
from policy_gen_ros.domains.go2.building.screen import walk_base, walk_teacher
from policy_gen_ros.domains.go2.building.search import decode, Elites, encode, GAIT_SIZE
from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES, GAIT_FAMILIES, PHASE_NAMES
from policy_gen_ros.domains.go2.robot.constants import COMMAND_LOWER, COMMAND_UPPER
from policy_gen_ros.domains.go2.teacher.gains import GAIN_NAMES
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters, PARAMETER_NAMES
from policy_gen_ros.domains.go2.twin.episode import EPISODE_S, EpisodeResult
from policy_gen_ros.utils.progress import progress, Stages

REACHED_CONTACT, REACHED_VX_MPS = 0.05, 0.1
SEARCH_EPISODE_S = 4.0
GENERATIONS, CANDIDATES, ELITE_COUNT = 6, 20, 5
"""The cross-entropy search of the control: 120 walks of 4 s a niche."""
SAME_ELITE = 1e-3
"""More than float32 copies of one elite's gait and gains differ, summed over all values."""
_PHASE = [PARAMETER_NAMES.index(name) for name in PHASE_NAMES]


@dataclass(frozen=True)
class Niches:
    """Shapes: ``solution`` (n, 37) of the elites, ``contacts`` (n, 4), ``family`` (n,) index."""

    solution: np.ndarray
    contacts: np.ndarray
    family: np.ndarray

    @classmethod
    def of(cls, elites: Elites, rows: np.ndarray) -> Niches:
        """Niches of some elites."""
        return cls(elites.solution[rows], elites.measures[rows, 1:5],
                   elites.measures[rows, 0].astype(int))

    def __len__(self) -> int:
        return len(self.family)

    @property
    def gaits(self) -> GaitParameters:
        """Return the elites' gaits, with their own gains."""
        return decode(self.solution)[0]

    @property
    def command(self) -> np.ndarray:
        """Velocities asked. Shape: (n, 3)."""
        return decode(self.solution)[1]


@dataclass(frozen=True)
class NicheScore:
    """Means over niches; errors over survivors. ``reached``: niches hit (see the constants)."""

    niches: int
    walks: float
    reward: float
    contact_error: float
    reached: int

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def score_niches(results: list[EpisodeResult], niches: Niches) -> dict[str, NicheScore]:
    """Score walks in all niches, and by family."""
    survived = np.array([r.survived for r in results])
    contacts = np.array([[r.measures[name] for name in CONTACT_NAMES] for r in results])
    contact = np.abs(contacts - niches.contacts).mean(axis=1)
    vx = np.abs(np.array([r.mean_velocity[0] for r in results]) - niches.command[:, 0])
    reached = survived & (contact < REACHED_CONTACT) & (vx < REACHED_VX_MPS)
    reward = np.array([r.reward for r in results])

    def of(mine: np.ndarray) -> NicheScore:
        alive = mine & survived
        return NicheScore(int(mine.sum()), float(survived[mine].mean()),
                          float(reward[mine].mean()),
                          float(contact[alive].mean()) if alive.any() else float('nan'),
                          int(reached[mine].sum()))

    groups = {name: niches.family == i for i, name in enumerate(GAIT_FAMILIES)}
    return {'all': of(np.ones(len(niches), bool))} | {
        name: of(mine) for name, mine in groups.items() if mine.any()}


def optimise_base(base: ConditionedPolicy, niches: Niches, adaptor: Adaptor,
                  seed: int) -> tuple[GaitParameters, np.ndarray]:
    """
    Control 1: search gait and command anew for each niche, by the cross-entropy method.

    :return: the best gait and command of each niche
    """
    rng, n = np.random.default_rng(seed), len(niches)
    unit_command = (niches.command - (COMMAND_LOWER + COMMAND_UPPER) / 2) \
        / ((COMMAND_UPPER - COMMAND_LOWER) / 2)
    mean = np.concatenate([encode(niches.gaits, niches.command[:, 0])[:, :GAIT_SIZE - 1],
                           unit_command], axis=1)
    spread = np.full_like(mean, 0.15)
    best, best_score = mean.copy(), np.full(n, -np.inf)
    which = np.repeat(np.arange(n), CANDIDATES)
    for generation in progress(range(GENERATIONS), about='search', unit='generation'):
        candidate = mean[which] + spread[which] * rng.standard_normal((len(which), mean.shape[1]))
        candidate[::CANDIDATES] = best
        gaits, command = _split(candidate)
        results = walk_base(base, gaits.features(), gaits.frequency_hz, command, adaptor,
                            SEARCH_EPISODE_S, seed + generation,
                            reward_command=niches.command[which])
        contacts = np.array([[r.measures[name] for name in CONTACT_NAMES] for r in results])
        error = np.abs(contacts - niches.contacts[which]).mean(axis=1)
        score = np.array([r.reward for r in results]) + np.exp(-error / 0.08) \
            * [r.survived for r in results]
        order = np.argsort(-score.reshape(n, CANDIDATES), axis=1)[:, :ELITE_COUNT]
        kept = candidate.reshape(n, CANDIDATES, -1)[np.arange(n)[:, None], order]
        mean, spread = kept.mean(axis=1), 0.7 * kept.std(axis=1) + 0.3 * spread
        top = score.reshape(n, CANDIDATES).max(axis=1)
        better = top > best_score
        best[better], best_score[better] = kept[better, 0], top[better]
    return _split(best)


def _split(values: np.ndarray) -> tuple[GaitParameters, np.ndarray]:
    """Gaits and commands of search vectors. Shape: (n, 15)."""
    unit = np.concatenate([values[:, :GAIT_SIZE - 1], np.zeros((len(values), 1))], axis=1)
    gaits, _ = decode(np.concatenate([unit, np.zeros((len(values), len(GAIN_NAMES)))], axis=1))
    command = (COMMAND_LOWER + COMMAND_UPPER) / 2 \
        + np.clip(values[:, GAIT_SIZE - 1:], -1, 1) * (COMMAND_UPPER - COMMAND_LOWER) / 2
    return gaits, command


def elite_of(elites: Elites, gaits: np.ndarray, gain_offset: np.ndarray) -> np.ndarray:
    """
    Which elite each specialist actor was cloned from: that of the same gait and gains.

    Gains alone do not say it: many elites have the schedule's own.

    :param gaits, gain_offset: as the archive has them, float32. Shapes: (n, 12), (n, gains)
    :return: rows of the elites. Shape: (n,)
    :raises ValueError: an actor that was cloned from none of them
    """
    known = elites.gaits()
    known_gaits, known_gains = known.to_array(), known.gain_offset
    rows = []
    for own_gait, own_gains in zip(gaits, gain_offset):
        apart = np.abs(known_gaits - own_gait)
        apart[:, _PHASE] = np.minimum(apart[:, _PHASE], 1 - apart[:, _PHASE])
        distance = apart.sum(axis=1) + np.abs(known_gains - own_gains).sum(axis=1)
        rows.append(int(distance.argmin()))
        if not distance[rows[-1]] < SAME_ELITE:
            raise ValueError('a specialist was cloned from none of these elites: they are of '
                             'another search')
    return np.array(rows)


def compare_specialists(elites: Elites, rows: np.ndarray, specialists: list[EpisodeResult],
                        base: ConditionedPolicy, adaptor: Adaptor,
                        seed: int) -> dict[str, dict[str, NicheScore]]:
    """
    Walk the niches of some elites by everyone.

    :param rows: the elites whose niches are walked
    :param specialists: what the specialist actors of these elites did, in the same order
    :return: method -> family -> score. The distilled network is taught all elites but every second
        one of ``rows``, and scored on the two halves of ``rows`` apart
    """
    stages = Stages(3)
    niches = Niches.of(elites, rows)
    half = np.arange(len(rows)) % 2 == 0
    taught, unseen = Niches.of(elites, rows[half]), Niches.of(elites, rows[~half])
    others = np.setdiff1d(np.arange(len(elites.reward)), rows[~half])
    stages.begin('distilling one network')
    pupil = distil(elites, others, adaptor, seed)

    def walk_pupil(those: Niches) -> dict[str, NicheScore]:
        condition = np.concatenate([those.gaits.features(), those.gaits.gain_offset], axis=1)
        return score_niches(walk_base(pupil, condition, those.gaits.frequency_hz, those.command,
                                      adaptor, EPISODE_S, seed), those)

    stages.begin('searching the base anew')
    gaits, command = optimise_base(base, niches, adaptor, seed)
    stages.begin('walking the niches')
    return {
        'conditioned_base': score_niches(walk_base(
            base, niches.gaits.features(), niches.gaits.frequency_hz, niches.command, adaptor,
            EPISODE_S, seed), niches),
        'base_reoptimised': score_niches(walk_base(
            base, gaits.features(), gaits.frequency_hz, command, adaptor, EPISODE_S, seed,
            reward_command=niches.command), niches),
        'specialised_teacher': score_niches(walk_teacher(
            GaitController(), niches.gaits, niches.command, EPISODE_S, seed), niches),
        'specialists': score_niches(specialists, niches),
        'distilled_on_taught_niches': walk_pupil(taught),
        'distilled_on_unseen_niches': walk_pupil(unseen)}


def distil(elites: Elites, rows: np.ndarray, adaptor: Adaptor, seed: int) -> ConditionedPolicy:
    """Control 2: one network, conditioned on gait and gains, imitates these elites."""
    gaits, command = decode(elites.solution[rows])

    def draw(count: int, rng: np.random.Generator) -> tuple[GaitParameters, np.ndarray]:
        pick = rng.integers(0, len(rows), count)
        return gaits[pick], command[pick]

    return train_base(adaptor, ImitationConfig(), seed, draw, with_gains=True)[0]
