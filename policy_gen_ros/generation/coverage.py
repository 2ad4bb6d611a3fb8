# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What a generator's archive covers: whether a goal lies outside, and the nearest that does not.

Measures and trajectories are compared with the training's own behaviours, as far as they were
said; limits are how far these lie from those of other actors. Trajectories are compared by plain
statistics of motion: a behaviour embedding is trained to tell walks from each other, and puts
noise among them. A text is judged by a linear probe on its sentence embedding, which tells
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
from policy_gen_ros.domains.go2.gait.contradictions import BETWEEN_FAMILIES_CYCLES
from policy_gen_ros.domains.go2.gait.measures import (
    CIRCULAR,
    circular_difference,
    family_distances,
    MEASURE_NAMES,
    MEASURES,
)
from policy_gen_ros.generation.bundle import BundleError
from policy_gen_ros.goals.language.sentences import listed
from policy_gen_ros.models.measure_features import MEASURE_SPREAD
from policy_gen_ros.utils.files import refuse_pointer
from policy_gen_ros.utils.tensors import save_tensors
from safetensors import SafetensorError
from safetensors.numpy import load_file

COVERAGE_FILE = 'coverage.safetensors'
SPREAD = np.array([1.0 if measure.circular else spread
                   for measure, spread in zip(MEASURES, MEASURE_SPREAD)])
_STATE_SCALE = np.repeat([0.2, 1.0, 0.35, 5.0], [3, 3, 12, 12])
"""Of gravity, body rates rad/s, joint angles rad and velocities rad/s while walking."""
MOTION_FEATURES = 3 * len(_STATE_SCALE)
_AT_REST = 0.02
"""Smaller movements than that, in these scales, are sensor noise."""
_FEW = 0.04
"""
Share of the points below which a family was not learned. Of those of the shipped bundle 9 to 13 %
are clearly of each of its families, and at most 2.4 % of other sequences in quarters of a cycle:
they lie between families.
"""


@dataclass(frozen=True, eq=False)
class Coverage:
    """
    What the training of a bundle has seen, thinned.

    :func:`policy_gen_ros.training.coverage.fit_coverage` makes it.

    :param points: measures of behaviours. Shape: (p, 13)
    :param limits: distance from the nearest point at which one or two measures (the first two) and
        3 to 13 measures at once are unknown, in spreads. Shape: (13,)
    :param probe: weights and, last, the bias: below zero a text says nothing about gait. Empty
        where no captions were given. Shape: (text_dim + 1,)
    :param motions: see :func:`motion_features`; none where no trajectories were given.
        Shape: (q, 90)
    :param motion_limit: distance from the nearest motion at which one is unknown. Shape: (1,)
    :raises ValueError: shapes that do not fit
    """

    points: np.ndarray
    limits: np.ndarray
    probe: np.ndarray
    motions: np.ndarray
    motion_limit: np.ndarray

    def __post_init__(self) -> None:
        count = len(MEASURE_NAMES)
        shapes = {'points': (len(self.points), count), 'limits': (count,),
                  'probe': (self.probe.size,), 'motions': (len(self.motions), MOTION_FEATURES),
                  'motion_limit': (1,)}
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f'coverage: {name} has shape {getattr(self, name).shape}, '
                                 f'expected {shape}')

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Name -> array, float16: less than 1 MB."""
        return {f.name: np.asarray(getattr(self, f.name), np.float16) for f in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Coverage:
        """
        Inverse of :meth:`to_arrays`.

        :raises ValueError: an array is missing, or has a shape that does not fit
        """
        names = [f.name for f in fields(cls)]
        missing = sorted(set(names) - set(arrays))
        if missing:
            raise ValueError(f'coverage lacks {", ".join(missing)}')
        return cls(**{name: np.asarray(arrays[name], np.float32) for name in names})

    def unknown_measures(self, values: np.ndarray) -> str | None:
        """
        One sentence that names what lies outside, or None where all that was said is covered.

        First each measure alone, then pairs of them, then all together.

        :param values: NaN where unsaid. Shape: (13,)
        :raises ValueError: another shape
        """
        said, gaps = self._gaps(values)
        for size in sorted({1, 2, len(said)} & set(range(1, len(said) + 1))):
            groups = list(combinations(range(len(said)), size))
            worst = [*max(groups, key=lambda group: nearest_gap(gaps, group))]
            if np.sqrt(nearest_gap(gaps, worst)) > self.limits[size - 1]:
                row = int(gaps[worst].sum(axis=0).argmin())
                return self._outside(np.asarray(values), said[worst], row)
        return None

    @cached_property
    def families(self) -> tuple[str, ...]:
        """Gait families that more than a few of the behaviours are clearly of."""
        distances = family_distances(self.points[:, CIRCULAR])
        return tuple(family for family, apart in distances.items()
                     if (apart < BETWEEN_FAMILIES_CYCLES).mean() >= _FEW)

    def unknown_families(self, families: Collection[str]) -> str | None:
        """One sentence that names the gait families that were not learned; None where all were."""
        unknown = sorted(repr(family) for family in set(families) - set(self.families))
        if not unknown:
            return None
        return (f'the archive has hardly any {listed(unknown)}'
                + (f'; its gaits are {listed(self.families)}' if self.families else ''))

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

    def unknown_trajectory(self, trajectory: np.ndarray) -> str | None:
        """
        One sentence where nothing in the archive moves in such a way; else None.

        :param trajectory: of a checked goal. Shape: (time >= 40, 42)
        """
        if not len(self.motions):
            return None
        apart = np.linalg.norm(self.motions - motion_features(trajectory), axis=1).min()
        share = float(apart / self.motion_limit[0])
        if share <= 1:
            return None
        return ('the trajectory moves like nothing that the archive covers: the nearest is '
                f'{share:.1f} times as far away as its own may be')

    def nearest(self, values: np.ndarray) -> np.ndarray:
        """
        Measures of the covered behaviour nearest to what was said; NaN stays NaN.

        :param values: NaN where unsaid. Shape: (13,) -> (13,)
        :raises ValueError: another shape
        """
        said, gaps = self._gaps(values)
        found = np.full(len(MEASURE_NAMES), np.nan)
        if len(said):
            found[said] = self.points[gaps.sum(axis=0).argmin(), said]
        return found

    def _outside(self, values: np.ndarray, said: np.ndarray, row: int) -> str:
        """Say that one, two or many measures are outside, and what the nearest point has."""
        if len(said) <= 2:
            together = ' together are' if len(said) == 2 else ' is'
            return (f'{_listed(said, values)}{together} outside what the archive covers; the '
                    f'nearest it has is {_listed(said, self.points[row])}')
        # Which of many is to blame cannot be told: name those that are farthest from the nearest.
        gaps = squared_gaps(values, self.points[row:row + 1])[said, 0]
        most = said[np.argsort(-gaps)[:3]]
        return (f'nothing in the archive is near all {len(said)} measures at once; the nearest '
                f'has {_listed(most, self.points[row])} instead of {_listed(most, values)}')

    def _gaps(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which measures were said, and squared gaps to all points. Shapes: (s,), (s, p)."""
        check_shape('measures', values, (len(MEASURE_NAMES),))
        said = np.flatnonzero(np.isfinite(values))
        return said, squared_gaps(np.asarray(values), self.points)[said]


def save_coverage(folder: Path, coverage: Coverage) -> None:
    """Write ``coverage.safetensors`` into a bundle."""
    save_tensors(coverage.to_arrays(), folder / COVERAGE_FILE)


def load_coverage(folder: Path) -> Coverage | None:
    """
    Read what a bundle covers; None where it does not tell.

    :raises BundleError: the file cannot be read, or does not fit this version
    """
    file = folder / COVERAGE_FILE
    if not file.exists():
        return None
    refuse_pointer(file, BundleError)
    try:
        return Coverage.from_arrays(load_file(file))
    except (OSError, SafetensorError, ValueError) as error:
        raise BundleError(f'{file} cannot be read ({error}): copy the bundle again') from error


def motion_features(trajectory: np.ndarray) -> np.ndarray:
    """
    Statistics of the measured state: mean, spread and size of the steps from row to row.

    They depend little on how long a clip is. Targets do not count: a recording may lack them.

    :param trajectory: finite but for the targets. Shape: (..., time, 42)
    :return: Shape: (..., 90)
    """
    states = np.asarray(trajectory, float)[..., :len(_STATE_SCALE)] / _STATE_SCALE
    spread, steps = states.std(axis=-2), np.diff(states, axis=-2).std(axis=-2)
    return np.concatenate([states.mean(axis=-2), np.log(spread + _AT_REST),
                           np.log(steps + _AT_REST)], axis=-1)


def check_shape(name: str, value: np.ndarray, shape: tuple[int, ...]) -> None:
    """
    Refuse an array of another shape.

    :raises ValueError: it names the array and both shapes
    """
    if np.shape(value) != shape:
        raise ValueError(f'{name} has shape {np.shape(value)}, this coverage expects {shape}')


def squared_gaps(values: np.ndarray, points: np.ndarray) -> np.ndarray:
    """
    Squared differences in spreads; of phases the chord, as in the measure condition.

    Shapes: (13,), (p, 13) -> (13, p)
    """
    gaps = ((points - values) / SPREAD)**2
    phases = circular_difference(points[:, CIRCULAR], values[CIRCULAR])
    gaps[:, CIRCULAR] = (2 * np.sin(np.pi * phases))**2
    return np.ascontiguousarray(gaps.T)


def nearest_gap(gaps: np.ndarray, group: Sequence[int]) -> float:
    """Squared distance of the nearest point in some measures. Shape: (s, p)."""
    if len(group) == 2:  # dozens of pairs: the slow general way would cost milliseconds
        return float((gaps[group[0]] + gaps[group[1]]).min())
    return float(gaps[list(group)].sum(axis=0).min())


def _listed(said: np.ndarray, values: np.ndarray) -> str:
    return listed([f'{MEASURE_NAMES[i]} = {values[i]:.3g} {MEASURES[i].unit}' for i in said])
