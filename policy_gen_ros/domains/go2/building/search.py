# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Specialists: a quality-diversity search over the gaits and forward speeds that a base policy walks.

A solution is a gait and a forward speed: 13 numbers. CMA-MAE
(Fontaine and Nikolaidis 2023), one emitter a gait family, climbs from there; an Iso+LineDD emitter
(Vassiliades and Mouret 2018) lets neighbours share what they find. The grid's axes are the four
contact proportions, the family and the speed reached; the objective is the reward. All walks are
logged, so a search that was killed replays its log and goes on, with the same result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from policy_gen_ros.domains.go2.building.base_config import ScreeningConfig, SearchConfig
from policy_gen_ros.domains.go2.building.screen import tracks
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES, GAIT_PHASES
from policy_gen_ros.domains.go2.robot.constants import COMMAND_LOWER, COMMAND_UPPER
from policy_gen_ros.domains.go2.teacher.gait_parameters import (
    BODY_HEIGHT_RANGE_M,
    DUTY_LIMITS,
    feasible,
    FREQUENCY_RANGE_HZ,
    GaitParameters,
    PITCH_RANGE_RAD,
    sample_walks,
    STANCE_WIDTH_RANGE_M,
    SWING_HEIGHT_RANGE_M,
)
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation
from policy_gen_ros.utils.files import write_stream
from policy_gen_ros.utils.progress import progress
from ribs.archives import GridArchive
from ribs.emitters import EvolutionStrategyEmitter, IsoLineEmitter
from ribs.schedulers import Scheduler

Walk = Callable[[GaitParameters, np.ndarray, float, int, Perturbation], 'list[EpisodeResult]']
"""Walks gaits under commands for so many seconds, with a seed, on a ground."""

_LOWER, _UPPER = np.array([
    FREQUENCY_RANGE_HZ, *[DUTY_LIMITS] * 4, *[(-0.5, 0.5)] * 3, SWING_HEIGHT_RANGE_M,
    BODY_HEIGHT_RANGE_M, STANCE_WIDTH_RANGE_M, PITCH_RANGE_RAD,
    (COMMAND_LOWER[0], COMMAND_UPPER[0])]).T
_PHASE = slice(5, 8)
SOLUTION_SIZE = len(_LOWER)


@dataclass(frozen=True)
class Elites:
    """
    What the grid holds at the end.

    Shapes: ``solution`` (n, 13), ``reward`` (n,), ``measures`` (n, 6): family index, four
    contacts, vx.
    """

    solution: np.ndarray
    reward: np.ndarray
    measures: np.ndarray

    def gaits(self) -> GaitParameters:
        """Return their gaits."""
        return decode(self.solution)[0]

    def command(self) -> np.ndarray:
        """Nominal commands. Shape: (n, 3)."""
        return decode(self.solution)[1]


def encode(gaits: GaitParameters, vx: np.ndarray) -> np.ndarray:
    """Solutions of gaits: about -1 to 1. Shape: (n, 13)."""
    values = np.concatenate([gaits.to_array(), vx[:, None]], axis=1)
    values[:, _PHASE] = (values[:, _PHASE] + 0.5) % 1.0 - 0.5
    return (values - (_LOWER + _UPPER) / 2) / ((_UPPER - _LOWER) / 2)


def decode(solution: np.ndarray) -> tuple[GaitParameters, np.ndarray]:
    """Gaits and commands of solutions; values beyond the range are clipped, phases wrap."""
    unit = solution.copy()
    others = np.ones(SOLUTION_SIZE, bool)
    others[_PHASE] = False
    unit[:, others] = np.clip(unit[:, others], -1, 1)
    values = (_LOWER + _UPPER) / 2 + unit * (_UPPER - _LOWER) / 2
    command = np.zeros((len(solution), 3))
    command[:, 0] = values[:, -1]
    return GaitParameters.from_array(values[:, :-1]), command


def evaluate_solutions(walk: Walk, solution: np.ndarray, screening: ScreeningConfig,
                       seed: int) -> tuple[np.ndarray, np.ndarray]:
    """
    Walk each solution that the legs can do twice, undisturbed and disturbed.

    :return: mean reward, zero where it fell, lost its rhythm or its speed. Shape: (n,); and family
        index, four contacts, vx of the undisturbed walk. Shape: (n, 6)
    """
    gaits, command = decode(solution)
    reward, measures = np.zeros(len(solution)), np.zeros((len(solution), 6))
    possible = np.flatnonzero(feasible(gaits, command))
    if not len(possible):
        return reward, measures
    gaits, command = gaits[possible], command[possible]
    walks = [walk(gaits, command, screening.seconds, seed + i, perturbation)
             for i, perturbation in enumerate((NOMINAL, screening.perturbation))]
    for i, asked, calm, disturbed in zip(possible, command, *walks):
        contacts = [calm.measures[f'contact_{leg}'] for leg in ('fl', 'fr', 'rl', 'rr')]
        measures[i, 1:] = *contacts, calm.mean_velocity[0]
        if calm.family != 'none':
            measures[i, 0] = GAIT_FAMILIES.index(calm.family)
        if tracks(calm, asked) and disturbed.survived:
            reward[i] = (calm.reward + disturbed.reward) / 2
    return reward, measures


def search_specialists(folder: Path, walk: Walk, config: SearchConfig,
                       screening: ScreeningConfig, seed: int) -> Elites:
    """
    Run or continue a search.

    :param folder: of the log, one file a generation
    """
    folder.mkdir(parents=True, exist_ok=True)
    grid, scheduler = _scheduler(config, seed)
    bar = progress(range(config.generations), about='search', unit='generation', at_once=True)
    for generation in bar:
        solution = scheduler.ask()
        file = folder / f'{generation:04d}.npz'
        if not file.exists():
            reward, measures = evaluate_solutions(walk, solution, screening,
                                                  seed + 1000 * generation)
            write_stream(file, partial(np.savez, solution=solution, reward=reward,
                                       measures=measures))
        with np.load(file) as walked:
            if not np.array_equal(walked['solution'], solution):
                raise ValueError(f'{file} belongs to another search: build into another folder')
            scheduler.tell(walked['reward'], walked['measures'])
        bar.set_postfix(elites=len(grid), best=f'{grid.stats.obj_max or 0:.2f}', refresh=False)
    found = grid.data(['solution', 'objective', 'measures'])
    order = np.lexsort(np.round(found['measures'], 6).T)
    keep = order[found['objective'][order] > 0]
    return Elites(found['solution'][keep], found['objective'][keep], found['measures'][keep])


def _scheduler(config: SearchConfig, seed: int) -> tuple[GridArchive, Scheduler]:
    """Grid of the best, and the scheduler of all emitters."""
    dims = (len(GAIT_FAMILIES), *[config.contact_bins] * 4, config.speed_bins)
    ranges = [(-0.5, len(GAIT_FAMILIES) - 0.5), *[(0.0, 1.0)] * 4,
              (float(COMMAND_LOWER[0]), float(COMMAND_UPPER[0]))]
    # The emitters climb on an archive whose thresholds rise slowly (alpha); the grid keeps bests.
    climbing = GridArchive(solution_dim=SOLUTION_SIZE, dims=dims, ranges=ranges, seed=seed,
                           learning_rate=config.learning_rate, threshold_min=0.0)
    grid = GridArchive(solution_dim=SOLUTION_SIZE, dims=dims, ranges=ranges, seed=seed)
    rng = np.random.default_rng(seed)
    gaits, command = sample_walks(6 * 96, rng)
    starts = encode(gaits, command[:, 0])
    emitters: list[EvolutionStrategyEmitter | IsoLineEmitter] = [IsoLineEmitter(
        climbing, iso_sigma=config.iso_sigma, line_sigma=config.line_sigma,
        initial_solutions=starts, batch_size=3 * config.batch, seed=seed)]
    for i, family in enumerate(GAIT_FAMILIES):
        typical = encode(gaits[i:i + 1], np.array([0.3]))[0]
        typical[[0, 1, 2, 3, 4, 8, 9, 10, 11]] = 0.0
        phase = (np.array(GAIT_PHASES[family]) + 0.5) % 1.0 - 0.5
        typical[_PHASE] = phase / 0.5
        emitters.append(EvolutionStrategyEmitter(
            climbing, x0=typical, sigma0=config.sigma, ranker='imp', selection_rule='mu',
            restart_rule='basic', es='sep_cma_es', batch_size=config.batch,
            seed=seed + i + 1))
    return grid, Scheduler(climbing, emitters, result_archive=grid)
