# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Behaviour measures of a domain: their names, units, ranges, and arithmetic on all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
import reprlib

import numpy as np
from numpy.typing import ArrayLike
from policy_gen_ros.utils.naming import suggest


@dataclass(frozen=True)
class Measure:
    """
    One behaviour measure.

    :param low, high: the range that goals may ask for, in ``unit``
    :param centre, spread: bring values to about unit scale: (value - centre) / spread
    :param noise: standard deviation that blurs a value in training
    :param tolerance: how exactly a goal means it: candidates vary by that much
    :param weight: of an error of one ``spread``, in nats of not behaving as asked
    :param circular: a phase in cycles, which wraps from 1 to 0; its spread is 1
    :param grid: spans the grid that coverage and QD score count cells of
    :param bounded: no value lies outside of the range, so that one that is sampled is clipped
    :param categories: names of the values, which are counted from 0 and have no order; () where
        the measure is a number. See :meth:`of_categories`
    """

    name: str
    unit: str
    low: float
    high: float
    centre: float
    spread: float
    noise: float
    tolerance: float
    weight: float
    circular: bool = False
    grid: bool = False
    bounded: bool = False
    categories: tuple[str, ...] = ()

    @classmethod
    def of_categories(cls, name: str, categories: tuple[str, ...]) -> Measure:
        """
        Return a measure whose values are categories, such as tasks.

        Goals mean it exactly. Networks see and generate it as one number for each category.
        """
        return cls(name, 'category', 0.0, len(categories) - 1.0, 0.0, 1.0, noise=0.0,
                   tolerance=0.01, weight=0.0, bounded=True, categories=categories)

    def describe(self, value: float) -> str:
        """Return a value with the name of the measure: ``speed = 0.4 m/s``, ``task = reach``."""
        if self.categories and value in range(len(self.categories)):
            return f'{self.name} = {self.categories[int(value)]}'
        return f'{self.name} = {value:.3g} {self.unit}'


def circular_difference(a: ArrayLike, b: ArrayLike) -> np.ndarray:
    """Signed difference a - b of phases in cycles, in [-0.5, 0.5)."""
    apart = np.asarray(a) - np.asarray(b)
    return apart - np.floor(apart + 0.5)  # % 1.0 is slow, of NaN a hundred times slower


ONE_HOT = 3.0
"""Of the category that a measure has, 0 of the others: about unit spread where there are ten."""


def one_hot(values: np.ndarray, categories: tuple[str, ...]) -> np.ndarray:
    """Features of categories; NaN where a value is NaN. Shape: (n,) -> (n, categories)."""
    same = np.asarray(values)[:, None] == np.arange(len(categories))
    return np.where(np.isfinite(values)[:, None], ONE_HOT * same, np.nan)


class Measures:
    """
    The measures of a domain, in order. Arrays of behaviours have them along the last axis.

    An unknown or unasked value is NaN.
    """

    def __init__(self, *measures: Measure) -> None:
        self.all = measures
        self.names = tuple(measure.name for measure in measures)
        self.circular = np.array([measure.circular for measure in measures])
        self.centre = np.array([measure.centre for measure in measures])
        self.spread = np.array([measure.spread for measure in measures])
        self.low = np.array([measure.low for measure in measures])
        self.high = np.array([measure.high for measure in measures])
        self.noise = np.array([measure.noise for measure in measures])
        self.tolerance = np.array([measure.tolerance for measure in measures])
        self.weight = np.array([measure.weight for measure in measures])
        self.bounded = np.array([measure.bounded for measure in measures])
        self.categorical = np.array([bool(measure.categories) for measure in measures])

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Measure]:
        return iter(self.all)

    def __getitem__(self, index: int) -> Measure:
        return self.all[index]

    def index(self, name: str) -> int:
        """Return the place of a measure."""
        return self.names.index(name)

    @cached_property
    def grid(self) -> np.ndarray:
        """Places of the measures that span the grid of cells. Shape: (grid,)."""
        return np.flatnonzero([measure.grid for measure in self.all])

    @property
    def features(self) -> int:
        """Return the number of features that :meth:`encode` makes."""
        return sum(1 + (len(measure.categories) or (2 if measure.circular else 1))
                   for measure in self.all)

    def encode(self, values: np.ndarray) -> np.ndarray:
        """
        Features of measures, each with a flag whether it was observed.

        :param values: NaN where it was not. Shape: (n, measures)
        :return: Shape: (n, features), float32
        """
        observed = np.isfinite(values)
        filled = np.where(observed, values, 0.0)
        columns = [observed.astype(np.float32)]
        for i, measure in enumerate(self.all):
            if measure.circular:
                angle = 2 * np.pi * filled[:, i]
                features = np.stack([np.sin(angle), np.cos(angle)], axis=1)
            elif measure.categories:
                features = one_hot(filled[:, i], measure.categories)
            else:
                features = (filled[:, i:i + 1] - self.centre[i]) / self.spread[i]
            columns.append(features * observed[:, i:i + 1])
        return np.concatenate(columns, axis=1).astype(np.float32)

    def difference(self, a: np.ndarray, b: ArrayLike,
                   which: slice | int | list[int] = slice(None)) -> np.ndarray:
        """
        Signed difference a - b; of phases as :func:`circular_difference`, of categories 0 or 1.

        :param which: measures that the last axis holds; default: all
        """
        apart = a - np.asarray(b)
        apart = np.where(self.categorical[which] & np.isfinite(apart), apart != 0, apart)
        return np.where(self.circular[which], circular_difference(a, b), apart)

    def into_range(self, values: np.ndarray) -> np.ndarray:
        """Return values that a goal may ask for: phases wrapped, others clipped or rounded."""
        inside = np.clip(values, self.low, self.high)
        inside = np.where(self.categorical, np.round(inside), inside)
        return np.where(self.circular, values % 1.0, inside)

    def array(self, values: Mapping[str, float]) -> np.ndarray:
        """Values in order, NaN where there is none. Shape: (measures,)."""
        return np.array([values.get(name, np.nan) for name in self.names])

    def named(self, values: np.ndarray, names: Iterable[str]) -> dict[str, float]:
        """Return some of the values by name. Shape: (measures,)."""
        return {name: float(values[self.index(name)]) for name in names}

    def check(self, values: Mapping[str, float]) -> dict[str, float]:
        """
        Validate measures of a goal.

        :raises ValueError: unknown name (with the nearest known one), no number, not finite, out
            of range, or no category
        """
        checked = {}
        for name, value in values.items():
            if name not in self.names:
                raise ValueError(f'unknown measure {name!r}{suggest(name, self.names)}')
            measure = self.all[self.index(name)]
            try:
                number = float(value)
            except (TypeError, ValueError):
                raise ValueError(
                    f'{name} is {reprlib.repr(value):.80}, expected a number') from None
            if measure.categories and number not in range(len(measure.categories)):
                raise ValueError(f'{name} = {number:g} is none of '
                                 + ', '.join(measure.categories))
            if not np.isfinite(number) or not measure.low <= number <= measure.high:
                raise ValueError(f'{name} = {number:g} {measure.unit} is outside '
                                 f'{measure.low:g} to {measure.high:g}')
            checked[name] = number
        if not checked:
            raise ValueError('no measures given (known: ' + ', '.join(self.names) + ')')
        return checked
