# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The papers' archive metrics: what generated actors keep of the archive they were learned from.

Policy Diffusion (Hegde et al. 2023, section 4) asks the generator for the behaviours of an
archive, runs what it generates, and compares reward, measures and the archive that results. Its
measures are foot contacts; here they are those that span the grid of the domain. Beside every
figure stands that of the archive's own actors, run again with other seeds and scored by the same
rules. Running them is the caller's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from policy_gen_ros.archive.grid import cvt_of, CVT_REGIONS, grid_of
from policy_gen_ros.domains.domain import Domain, Episode
from policy_gen_ros.evaluation.metrics.intervals import bootstrap_interval
from scipy.spatial.distance import jensenshannon


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Walks:
    """
    Actors that were walked, e episodes each.

    :param domain: of the actors
    :param spanning: measures that span its grid, such as contacts. Shape: (n, e, grid)
    :param reward: Shape: (n, e)
    :param survived: whether each episode was walked to its end. Shape: (n, e), bool
    :raises ValueError: shapes that do not fit, no episode, or values that are not finite
    """

    domain: Domain
    spanning: np.ndarray
    reward: np.ndarray
    survived: np.ndarray

    def __post_init__(self) -> None:
        shape, grid = self.reward.shape, len(self.domain.measures.grid)
        if len(shape) != 2 or not self.reward.size or self.survived.shape != shape \
                or self.spanning.shape != (*shape, grid):
            raise ValueError(
                f'measures, reward and survived have shapes {self.spanning.shape}, {shape} and '
                f'{self.survived.shape}, expected (n, e, {grid}), (n, e) and (n, e), none empty')
        if not (np.isfinite(self.spanning).all() and np.isfinite(self.reward).all()):
            raise ValueError('measures and reward must be finite')

    @classmethod
    def of(cls, domain: Domain, episodes: Sequence[Sequence[Episode]]) -> Walks:
        """
        Collect walks seed by seed.

        :param episodes: for each of e seeds, one result an actor, always in the same order
        """
        def collect(value: Callable[[Episode], object]) -> np.ndarray:
            return np.array([[value(result) for result in seed] for seed in episodes]).swapaxes(
                0, 1)

        names = [domain.measures.names[i] for i in domain.measures.grid]
        return cls(domain, collect(lambda r: [r.measures[name] for name in names]),
                   collect(lambda r: r.reward), collect(lambda r: r.survived))

    def __len__(self) -> int:
        return len(self.reward)

    @property
    def mean_spanning(self) -> np.ndarray:
        """Mean over all episodes; of a failed one, what came before. Shape: (n, grid)."""
        return self.spanning.mean(axis=1)

    @property
    def mean_reward(self) -> np.ndarray:
        """Mean over all episodes. Shape: (n,)."""
        return self.reward.mean(axis=1)

    def elites(self) -> np.ndarray:
        """
        Mean reward of the best actor of each cell of the grid, NaN where there is none.

        Only actors that completed every episode are inserted. Shape: (cells,)
        """
        keep = self.survived.all(axis=1)
        grid = grid_of(self.domain, self.mean_spanning[keep], self.mean_reward[keep])
        cells = np.full(grid.cells, np.nan)
        cells[grid.data('index')] = grid.data('objective')
        return cells


@dataclass(frozen=True)
class QualityDiversity:
    """
    What generated actors keep of an archive; ``archive_`` is the same of the archive itself.

    :param coverage: filled cells / all cells of the grid
    :param qd_score: sum of the elites' rewards, counted from the lowest that the domain knows
    :param mem: mean L2 distance of the grid's measures asked and reached, over all actors, fallen
        ones included (evaluation.single_shot leaves those out)
    :param js_divergence: see :func:`js_divergence`. It has no bootstrap interval: drawing actors
        twice pulls two histograms apart by itself. What noise alone gives is the archive's own.
    :param cdf: share of all cells with a reward of at least x, for each of :func:`cdf_rewards`
    """

    actors: int
    episodes: int
    coverage: float
    archive_coverage: float
    coverage_ratio: Estimate
    qd_score: float
    archive_qd_score: float
    qd_score_ratio: Estimate
    mem: Estimate
    archive_mem: Estimate
    js_divergence: float
    archive_js_divergence: float
    cdf: tuple[float, ...]
    archive_cdf: tuple[float, ...]

    def to_dict(self) -> dict[str, object]:
        """For JSON, in which the archive's own figures are called ``floor_``."""
        return {name.replace('archive_', 'floor_'): value for name, value in asdict(self).items()}


def spaced_behaviors(domain: Domain, spanning: np.ndarray, reward: np.ndarray,
                     count: int = CVT_REGIONS, seed: int = 0) -> np.ndarray:
    """
    Behaviours to compare: the best of each region of a centroidal Voronoi tessellation.

    Policy Diffusion takes 50 regions (CVT-MAP-Elites, Vassiliades et al. 2018).

    :param spanning, reward: of an archive's behaviours. Shapes: (n, grid), (n,)
    :return: rows, ascending. Shape: (count,)
    :raises ArchiveError: fewer different behaviours than ``count``
    """
    return np.sort(cvt_of(domain, spanning, reward, count, seed).data('solution'))


def reward_ratio(generated: Walks, archive: Walks, seed: int = 0) -> Estimate:
    """
    Sum of mean rewards of generated actors over that of the archive's own for the same goals.

    For the archive's own, its actors under other seeds take the place of the generated.

    :param generated, archive: row i of both is for goal i
    :raises ValueError: not equally many, or an archive that earns nothing
    """
    _check_pairs(len(generated), len(archive))
    if not archive.mean_reward.sum() > 0:
        raise ValueError("the archive's actors earn no reward: there is nothing to compare with")
    return _ratio(generated.mean_reward, archive.mean_reward, seed)


def compare_archives(asked: np.ndarray, generated: Walks, own: Walks,
                     seed: int = 0) -> QualityDiversity:
    """
    Insert generated actors in an empty archive, the archive's own in another, and compare.

    Intervals of the ratios come from drawing cells, filled or not, those of MEM from drawing
    actors.

    :param asked: of the archive's behaviours, as stored. Shape: (n, grid)
    :param generated: one actor for each
    :param own: the archive's own actors, walked again with other seeds
    :raises ValueError: not equally many
    """
    _check_pairs(len(generated), len(asked))
    _check_pairs(len(own), len(asked))
    domain = generated.domain
    cells, own_cells = (walks.elites() - domain.min_reward for walks in (generated, own))
    filled, own_filled = np.isfinite(cells), np.isfinite(own_cells)
    return QualityDiversity(
        len(asked), generated.reward.shape[1], float(filled.mean()), float(own_filled.mean()),
        _ratio(filled, own_filled, seed), float(np.nansum(cells)),
        float(np.nansum(own_cells)),
        _ratio(np.nan_to_num(cells), np.nan_to_num(own_cells), seed),
        _mean(measure_errors(asked, generated.mean_spanning), seed),
        _mean(measure_errors(asked, own.mean_spanning), seed),
        js_divergence(domain, asked, generated.mean_spanning),
        js_divergence(domain, asked, own.mean_spanning),
        tuple(elite_cdf(generated.elites(), cdf_rewards(domain)).tolist()),
        tuple(elite_cdf(own.elites(), cdf_rewards(domain)).tolist()))


def cdf_rewards(domain: Domain) -> np.ndarray:
    """Rewards from the lowest to the highest that a domain knows. Shape: (101,)."""
    return np.linspace(domain.min_reward, domain.max_reward, 101)


def elite_cdf(elites: np.ndarray, rewards: np.ndarray) -> np.ndarray:
    """
    Share of all cells whose elite earns at least x, for each x of ``rewards``.

    :param elites: NaN where a cell is empty. Shape: (cells,)
    :return: Shape: (rewards,)
    """
    return (elites >= rewards[:, None]).mean(axis=1)


def measure_errors(asked: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """L2 distance of measures asked and reached; MEM is its mean. Shape: (n, grid) -> (n,)."""
    return np.linalg.norm(reached - asked, axis=1)


def js_divergence(domain: Domain, original: np.ndarray, generated: np.ndarray) -> float:
    """
    Jensen-Shannon divergence, natural logarithm, between two distributions of measures.

    What is binned: each actor counts once, in the cell of the grid that its measures lie in,
    whether it fell or not. 0 for equal histograms, ln 2 for
    disjoint ones. scipy's function of that name is the square root.

    :param original, generated: Shapes: (n, grid), (m, grid)
    """
    return float(jensenshannon(_histogram(domain, original), _histogram(domain, generated))**2)


def _histogram(domain: Domain, spanning: np.ndarray) -> np.ndarray:
    grid = grid_of(domain, spanning[:0], np.empty(0))
    return np.bincount(grid.index_of(spanning), minlength=grid.cells)


def _ratio(part: np.ndarray, whole: np.ndarray, seed: int) -> Estimate:
    """Ratio of sums of pairs that belong together. Shapes: (n,)."""
    def ratio(pairs: np.ndarray) -> float:
        above, below = pairs.sum(axis=0)
        return float(above / below) if below else float('nan')

    pairs = np.stack([part, whole], axis=1).astype(float)
    return Estimate(ratio(pairs), *bootstrap_interval(pairs, ratio, seed))


def _mean(values: np.ndarray, seed: int) -> Estimate:
    return Estimate(float(values.mean()), *bootstrap_interval(values, seed=seed))


def _check_pairs(count: int, goals: int) -> None:
    if count != goals:
        raise ValueError(f'{count} actors for {goals} behaviours: expected one for each')
