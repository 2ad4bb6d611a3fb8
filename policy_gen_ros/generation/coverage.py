# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What a generator's archive covers: whether a goal lies outside, and the nearest that does not.

Measures and trajectories are compared with the training's own behaviours, as far as they are
given; limits are how far these lie from those of other actors. Trajectories are compared by plain
statistics of motion: a behaviour embedding is trained to tell walks from each other, and puts
noise among them. A text is scored by a linear probe on its sentence embedding, which tells
captions and a few freer wordings from sentences about other things: unlike a distance from the
captions, it does not take every new wording for something else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import combinations
from pathlib import Path

import numpy as np
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.domains.measures import circular_difference, Measures, ONE_HOT
from policy_gen_ros.domains.trajectory import TrajectorySpec
from policy_gen_ros.generation.bundle import BundleError
from policy_gen_ros.goals.language.sentences import listed
from policy_gen_ros.utils.files import refuse_pointer
from policy_gen_ros.utils.tensors import save_tensors
from safetensors import SafetensorError
from safetensors.numpy import load_file

COVERAGE_FILE = 'coverage.safetensors'
_MOTION_NOISE = 0.02
"""Smaller movements than that, in these scales, are sensor noise."""
_MIN_FAMILY_SHARE = 0.2
"""
Share of the points below which a family was not learned, where 1 is an equal part: 4 % of the
points in a domain with five. Of those of the Go2's shipped bundle 9 to 15 % are clearly of each of
its families, and at most 2.4 % of other sequences in quarters of a cycle: they lie between
families.
"""


@dataclass(frozen=True, eq=False)
class Coverage:
    """
    What the training of a bundle has seen, thinned.

    :func:`policy_gen_ros.training.coverage.fit_coverage` makes it.

    :param points: measures of behaviours. Shape: (p, measures)
    :param limits: distance from the nearest point at which one or two measures (the first two) and
        three or more at once are unknown, in spreads. Shape: (measures,)
    :param probe: weights and, last, the bias: below zero a text says nothing about gait. Empty
        where no captions were given. Shape: (text_dim + 1,)
    :param motions: see :func:`motion_features`; none where no trajectories were given.
        Shape: (q, 3 * states)
    :param motion_limit: distance from the nearest motion at which one is unknown. Shape: (1,)
    :raises ValueError: shapes that do not fit
    """

    domain: Domain
    points: np.ndarray
    limits: np.ndarray
    probe: np.ndarray
    motions: np.ndarray
    motion_limit: np.ndarray

    def __post_init__(self) -> None:
        count, features = len(self.domain.measures), motion_features_of(self.domain.trajectory)
        shapes = {'points': (len(self.points), count), 'limits': (count,),
                  'probe': (self.probe.size,), 'motions': (len(self.motions), features),
                  'motion_limit': (1,)}
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f'coverage: {name} has shape {getattr(self, name).shape}, '
                                 f'expected {shape}')

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Name -> array, float16: less than 1 MB."""
        return {name: np.asarray(getattr(self, name), np.float16) for name in _arrays()}

    @classmethod
    def from_arrays(cls, domain: Domain, arrays: Mapping[str, np.ndarray]) -> Coverage:
        """
        Inverse of :meth:`to_arrays`.

        :raises ValueError: an array is missing, or has a shape that does not fit
        """
        names = _arrays()
        missing = sorted(set(names) - set(arrays))
        if missing:
            raise ValueError(f'coverage lacks {", ".join(missing)}')
        return cls(domain, **{name: np.asarray(arrays[name], np.float32) for name in names})

    def unknown_measures(self, values: np.ndarray) -> str | None:
        """
        One sentence that names what lies outside, or None where all that is given is covered.

        First each measure alone, then pairs of them, then all together.

        :param values: NaN where missing. Shape: (measures,)
        :raises ValueError: another shape
        """
        given, gaps = self._gaps(values)
        for size in sorted({1, 2, len(given)} & set(range(1, len(given) + 1))):
            groups = list(combinations(range(len(given)), size))
            worst = [*max(groups, key=lambda group: nearest_gap(gaps, group))]
            if np.sqrt(nearest_gap(gaps, worst)) > self.limits[size - 1]:
                row = int(gaps[worst].sum(axis=0).argmin())
                return self._outside(np.asarray(values), given[worst], row)
        return None

    @cached_property
    def families(self) -> tuple[str, ...]:
        """Groups, such as gait families, that more than a few behaviours are clearly of."""
        return tuple(group for group, mine in self.domain.clearly(self.points).items()
                     if mine.mean() >= _MIN_FAMILY_SHARE / len(self.domain.groups))

    def unknown_families(self, families: Collection[str]) -> str | None:
        """One sentence that names the gait families that were not learned; None where all were."""
        unknown = sorted(repr(family) for family in set(families) - set(self.families))
        if not unknown:
            return None
        return (f'the archive has hardly any {listed(unknown)}'
                + (f'; it has {listed(self.families)}' if self.families else ''))

    def unknown_text(self, embedding: np.ndarray) -> str | None:
        """
        One sentence where a text says nothing about gait; None where it does, or without a probe.

        :param embedding: of the sentence. Shape: (text_dim,)
        :raises ValueError: another shape
        """
        if not len(self.probe):
            return None
        check_shape('text embedding', embedding, (len(self.probe) - 1,))
        if float(embedding @ self.probe[:-1] + self.probe[-1]) >= 0:
            return None
        return ('the text seems to say nothing about gait; say how to move, e.g. "trot forward '
                'slowly"')

    def motion_gap(self, trajectory: np.ndarray) -> float:
        """
        Distance from the nearest motion of training, beyond 1 unknown; 0 where none was kept.

        :param trajectory: of a checked goal. Shape: (time, columns)
        """
        if not len(self.motions):
            return 0.0
        apart = self.motions - motion_features(self.domain.trajectory, trajectory)
        return float(np.linalg.norm(apart, axis=1).min() / self.motion_limit[0])

    def unknown_trajectory(self, trajectory: np.ndarray) -> str | None:
        """
        One sentence where nothing in the archive moves in such a way; else None.

        :param trajectory: of a checked goal. Shape: (time, columns)
        """
        gap = self.motion_gap(trajectory)
        if gap <= 1:
            return None
        return ('the trajectory moves like nothing that the archive covers: the nearest is '
                f'{gap:.1f} times as far away as its own may be')

    def nearest(self, values: np.ndarray) -> np.ndarray:
        """
        Measures of the covered behaviour nearest to those given; NaN stays NaN.

        :param values: NaN where missing. Shape: (measures,) -> (measures,)
        :raises ValueError: another shape
        """
        given, gaps = self._gaps(values)
        found = np.full(len(self.domain.measures), np.nan)
        if len(given):
            found[given] = self.points[gaps.sum(axis=0).argmin(), given]
        return found

    def _outside(self, values: np.ndarray, given: np.ndarray, row: int) -> str:
        """Say that one, two or many measures are outside, and what the nearest point has."""
        if len(given) <= 2:
            together = ' together are' if len(given) == 2 else ' is'
            return (f'{self._listed(given, values)}{together} outside what the archive covers; '
                    f'the nearest it has is {self._listed(given, self.points[row])}')
        # Which of many is to blame is not known: name those that are farthest from the nearest.
        gaps = squared_gaps(self.domain.measures, values, self.points[row:row + 1])[given, 0]
        most = given[np.argsort(-gaps)[:3]]
        return (f'nothing in the archive is near all {len(given)} measures at once; the nearest '
                f'has {self._listed(most, self.points[row])} instead of '
                f'{self._listed(most, values)}')

    def _gaps(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which measures are given, and squared gaps to all points. Shapes: (s,), (s, p)."""
        check_shape('measures', values, (len(self.domain.measures),))
        given = np.flatnonzero(np.isfinite(values))
        return given, squared_gaps(self.domain.measures, np.asarray(values), self.points)[given]

    def _listed(self, given: np.ndarray, values: np.ndarray) -> str:
        return listed([self.domain.measures[i].describe(values[i]) for i in given])


def _arrays() -> list[str]:
    return [f.name for f in fields(Coverage) if f.name != 'domain']


def save_coverage(folder: Path, coverage: Coverage) -> None:
    """Write ``coverage.safetensors`` into a bundle."""
    save_tensors(coverage.to_arrays(), folder / COVERAGE_FILE)


def load_coverage(folder: Path, domain: Domain) -> Coverage | None:
    """
    Read what a bundle covers; None where it does not tell.

    :raises BundleError: the file cannot be read, or does not fit this version
    """
    file = folder / COVERAGE_FILE
    if not file.exists():
        return None
    refuse_pointer(file, BundleError)
    try:
        return Coverage.from_arrays(domain, load_file(file))
    except (OSError, SafetensorError, ValueError) as error:
        raise BundleError(f'{file} cannot be read ({error}): copy the bundle again') from error


def motion_features_of(spec: TrajectorySpec) -> int:
    """Return how many features :func:`motion_features` makes."""
    return 3 * spec.state_dim


def motion_features(spec: TrajectorySpec, trajectory: np.ndarray) -> np.ndarray:
    """
    Statistics of the measured state: mean, spread and size of the steps from row to row.

    They depend little on how long a clip is. Targets do not count: a recording may lack them.

    :param trajectory: finite but for the actions. Shape: (..., time, columns)
    :return: Shape: (..., 3 * states)
    """
    states = np.asarray(trajectory, float)[..., :spec.state_dim] / spec.state_scale
    spread, steps = states.std(axis=-2), np.diff(states, axis=-2).std(axis=-2)
    return np.concatenate([states.mean(axis=-2), np.log(spread + _MOTION_NOISE),
                           np.log(steps + _MOTION_NOISE)], axis=-1)


def check_shape(name: str, value: np.ndarray, shape: tuple[int, ...]) -> None:
    """
    Refuse an array of another shape.

    :raises ValueError: it names the array and both shapes
    """
    if np.shape(value) != shape:
        raise ValueError(f'{name} has shape {np.shape(value)}, this coverage expects {shape}')


def squared_gaps(measures: Measures, values: np.ndarray, points: np.ndarray) -> np.ndarray:
    """
    Squared differences in spreads; of phases and categories the chord, as in the condition.

    Shapes: (measures,), (p, measures) -> (measures, p)
    """
    circular = measures.circular
    gaps = ((points - values) / measures.spread)**2
    phases = circular_difference(points[:, circular], values[circular])
    gaps[:, circular] = (2 * np.sin(np.pi * phases))**2
    other = points[:, measures.categorical] != values[measures.categorical]
    gaps[:, measures.categorical] = 2 * ONE_HOT**2 * other
    return np.ascontiguousarray(gaps.T)


def nearest_gap(gaps: np.ndarray, group: Sequence[int]) -> float:
    """Squared distance of the nearest point in some measures. Shape: (s, p)."""
    if len(group) == 2:  # dozens of pairs: the slow general way would cost milliseconds
        return float((gaps[group[0]] + gaps[group[1]]).min())
    return float(gaps[list(group)].sum(axis=0).min())
