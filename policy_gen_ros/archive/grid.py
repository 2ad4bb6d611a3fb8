# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Archives in the sense of quality diversity (pyribs), over the measures that span a domain's grid.

Policy Diffusion (Hegde et al. 2023) measures coverage and QD score on a grid of foot contacts, and
evaluates on 50 regions of a centroidal Voronoi tessellation (section 4).
"""

from __future__ import annotations

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.index import ArchiveIndex
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.domains.measures import Measures
from ribs.archives import CVTArchive, GridArchive, k_means_centroids
from scipy.spatial import KDTree
from threadpoolctl import threadpool_limits

CVT_REGIONS = 50


def measure_grid(archive: ArchiveIndex) -> GridArchive:
    """
    Best qualified policy of each cell of the domain's grid, by its nominal behaviour.

    A solution is the number of a policy. ``grid.stats`` has coverage and QD score.
    """
    actors = np.flatnonzero(archive.qualified[:, 0])
    return grid_of(archive.domain, _spanning(archive, actors), archive.reward[actors, 0], actors)


def grid_of(domain: Domain, spanning: np.ndarray, reward: np.ndarray,
            solution: np.ndarray | None = None) -> GridArchive:
    """
    Best of each cell of the domain's grid.

    Cells are numbered in C order, the first measure slowest; QD score has no offset.

    :param spanning: measures that span the grid. Shape: (n, grid)
    :param reward: Shape: (n,)
    :param solution: whole numbers that the cells hold; default: the rows. Shape: (n,)
    """
    grid = GridArchive(solution_dim=(), solution_dtype=np.int32, ranges=_ranges(domain),
                       dims=[domain.grid_bins] * len(domain.measures.grid))
    _fill(grid, spanning, reward, solution)
    return grid


def measure_cvt(archive: ArchiveIndex, regions: int = CVT_REGIONS, seed: int = 0) -> CVTArchive:
    """
    Best qualified policy of each region of a tessellation of what policies measure in the grid.

    :raises ArchiveError: fewer qualified policies that differ than regions
    """
    actors = np.flatnonzero(archive.qualified[:, 0])
    return cvt_of(archive.domain, _spanning(archive, actors), archive.reward[actors, 0], regions,
                  seed, actors)


def cvt_of(domain: Domain, spanning: np.ndarray, reward: np.ndarray, regions: int = CVT_REGIONS,
           seed: int = 0, solution: np.ndarray | None = None) -> CVTArchive:
    """
    Best of each region of a tessellation of these measures; arguments as in :func:`grid_of`.

    Centroids come from the measures themselves: no dog walks in most of the unit cube.

    :raises ArchiveError: fewer that differ than regions
    """
    cvt = CVTArchive(solution_dim=(), solution_dtype=np.int32, ranges=_ranges(domain),
                     centroids=_centroids(spanning, regions, seed))
    _fill(cvt, spanning, reward, solution)
    return cvt


def _spanning(archive: ArchiveIndex, actors: np.ndarray) -> np.ndarray:
    return archive.measures[actors, 0][:, archive.domain.measures.grid]


def _ranges(domain: Domain) -> list[tuple[float, float]]:
    return [(domain.measures[i].low, domain.measures[i].high) for i in domain.measures.grid]


def spaced_actors(archive: ArchiveIndex, among: np.ndarray, count: int, seed: int) -> np.ndarray:
    """
    Actors spread evenly over all measures: those nearest to the centroids of a tessellation.

    :param among: actors to choose from. Shape: (n,)
    :return: ascending. Shape: (count,)
    :raises ArchiveError: there are fewer than ``count`` with different measures
    """
    points = archive.domain.measures.encode(archive.measures[among, 0])
    centroids = _centroids(points, count, seed)
    nearest = KDTree(centroids).query(points)
    cell, distance = nearest[1], nearest[0]
    chosen = [members[np.argmin(distance[members])]
              for members in (np.flatnonzero(cell == i) for i in range(count)) if len(members)]
    return np.sort(among[chosen])


def nearest_distances(measures: Measures, values: np.ndarray) -> np.ndarray:
    """
    Distance of each behaviour to the one most like it, in measures of about unit spread.

    Shape: (n, measures) -> (n,); empty for fewer than two
    """
    if len(values) < 2:
        return np.empty(0)
    points = measures.encode(values)
    return KDTree(points).query(points, k=2)[0][:, 1]


def _fill(target: GridArchive | CVTArchive, spanning: np.ndarray, reward: np.ndarray,
          solution: np.ndarray | None) -> None:
    if len(spanning):
        rows = np.arange(len(spanning)) if solution is None else solution
        target.add(rows, reward, spanning)


def _centroids(points: np.ndarray, count: int, seed: int) -> np.ndarray:
    different = np.unique(points, axis=0)
    if len(different) < count:
        raise ArchiveError(f'{count} regions need as many qualified actors that differ; there are '
                           f'{len(different)}: ask for as many at most')
    ranges = list(zip(points.min(axis=0), points.max(axis=0)))
    # One thread: the order in which threads add up would show in the last digits.
    with threadpool_limits(1):
        centroids, _ = k_means_centroids(
            centroids=count, ranges=ranges, samples=different, seed=seed,
            k_means_kwargs={'init': 'k-means++', 'n_init': 4})
    return centroids
