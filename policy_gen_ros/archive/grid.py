# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Archives in the sense of quality diversity (pyribs), over the four foot-contact proportions.

Policy Diffusion (Hegde et al. 2023) measures coverage and QD score on a grid of the contacts, and
evaluates on 50 regions of a centroidal Voronoi tessellation (section 4).
"""

from __future__ import annotations

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.index import ArchiveIndex
from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES
from policy_gen_ros.models.measure_features import encode_measures
from ribs.archives import CVTArchive, GridArchive, k_means_centroids
from scipy.spatial import KDTree
from threadpoolctl import threadpool_limits

GRID_BINS = 5
"""For each of the four feet: 625 cells."""
CVT_REGIONS = 50
_FEET = len(CONTACT_NAMES)
_RANGES = [(0.0, 1.0)] * _FEET


def contact_grid(archive: ArchiveIndex) -> GridArchive:
    """
    Best qualified actor of each cell of the contact grid, by its nominal behaviour.

    A solution is the number of an actor. ``grid.stats`` has coverage and QD score.
    """
    actors = np.flatnonzero(archive.qualified[:, 0])
    return grid_of(archive.measures[actors, 0, :_FEET], archive.reward[actors, 0], actors)


def grid_of(contacts: np.ndarray, reward: np.ndarray,
            solution: np.ndarray | None = None) -> GridArchive:
    """
    Best of each cell of the contact grid.

    Cells are numbered in C order, the first foot slowest; QD score has no offset, as rewards are 0
    or more.

    :param contacts: Shape: (n, 4)
    :param reward: Shape: (n,)
    :param solution: whole numbers that the cells hold; default: the rows. Shape: (n,)
    """
    grid = GridArchive(solution_dim=(), solution_dtype=np.int32, dims=[GRID_BINS] * _FEET,
                       ranges=_RANGES)
    _fill(grid, contacts, reward, solution)
    return grid


def contact_cvt(archive: ArchiveIndex, regions: int = CVT_REGIONS, seed: int = 0) -> CVTArchive:
    """
    Best qualified actor of each region of a tessellation of the contacts that actors have.

    :raises ArchiveError: fewer qualified actors with different contacts than regions
    """
    actors = np.flatnonzero(archive.qualified[:, 0])
    return cvt_of(archive.measures[actors, 0, :_FEET], archive.reward[actors, 0], regions, seed,
                  actors)


def cvt_of(contacts: np.ndarray, reward: np.ndarray, regions: int = CVT_REGIONS, seed: int = 0,
           solution: np.ndarray | None = None) -> CVTArchive:
    """
    Best of each region of a tessellation of these contacts; arguments as in :func:`grid_of`.

    Centroids come from the contacts themselves: no dog walks in most of the unit cube.

    :raises ArchiveError: fewer different contacts than regions
    """
    cvt = CVTArchive(solution_dim=(), solution_dtype=np.int32, ranges=_RANGES,
                     centroids=_centroids(contacts, regions, seed))
    _fill(cvt, contacts, reward, solution)
    return cvt


def spaced_actors(archive: ArchiveIndex, among: np.ndarray, count: int, seed: int) -> np.ndarray:
    """
    Actors spread evenly over all 13 measures: those nearest to the centroids of a tessellation.

    :param among: actors to choose from. Shape: (n,)
    :return: ascending. Shape: (count,)
    :raises ArchiveError: there are fewer than ``count`` with different measures
    """
    points = encode_measures(archive.measures[among, 0])
    centroids = _centroids(points, count, seed)
    nearest = KDTree(centroids).query(points)
    cell, distance = nearest[1], nearest[0]
    chosen = [members[np.argmin(distance[members])]
              for members in (np.flatnonzero(cell == i) for i in range(count)) if len(members)]
    return np.sort(among[chosen])


def nearest_distances(measures: np.ndarray) -> np.ndarray:
    """
    Distance of each behaviour to the one most like it, in measures of about unit spread.

    Shape: (n, 13) -> (n,); empty for fewer than two
    """
    if len(measures) < 2:
        return np.empty(0)
    points = encode_measures(measures)
    return KDTree(points).query(points, k=2)[0][:, 1]


def _fill(target: GridArchive | CVTArchive, contacts: np.ndarray, reward: np.ndarray,
          solution: np.ndarray | None) -> None:
    if len(contacts):
        rows = np.arange(len(contacts)) if solution is None else solution
        target.add(rows, reward, contacts)


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
