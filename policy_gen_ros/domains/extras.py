# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What one diffusion sample holds beside the latent: controls of the policy, and target measures.

They are generated together with the weights because they belong together: a gait learned at 3 Hz
needs its 3 Hz clock, and a text that names no speed leaves it to the sampler.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.measures import Measures, one_hot


@dataclass(frozen=True)
class Control:
    """
    A number that a policy is run with, generated beside its weights.

    :param spread: brings its deviation to about unit scale
    :param measure: what it is generated as a deviation from: what a policy falls short by is a
        small number that hangs on the policy, while the measure is known as soon as it is asked
        for. Without one, it deviates from ``centre``
    :param is_measure: it is one of the measures, which is not generated for itself then
    """

    name: str
    unit: str
    spread: float
    centre: float = 0.0
    measure: str | None = None
    is_measure: str | None = None


class Extras:
    """
    Encodes and decodes the part of a sample that follows the latent.

    Columns: controls that are numbers, sines and cosines of circular measures, other measures,
    and one column for each category of categorical ones. ``plain`` are the places of these others,
    which no control is one of. A control that is a categorical measure has no column of its own.
    """

    def __init__(self, measures: Measures, controls: tuple[Control, ...]) -> None:
        self._measures = measures
        same = [measures.index(control.is_measure) if control.is_measure else None
                for control in controls]
        self._control_count = len(controls)
        self._categories = [(place, measure.categories)
                            for place, measure in enumerate(measures) if measure.categories]
        self._numbers = np.array([i for i, place in enumerate(same)
                                  if place is None or not measures.categorical[place]], int)
        self.control_dim = len(self._numbers)
        self._spread = np.array([control.spread for control in controls])
        self._centre = np.array([control.centre for control in controls])
        self._based = [(i, measures.index(control.measure)) for i, control in enumerate(controls)
                       if control.measure]
        self._same = [(i, place) for i, place in enumerate(same) if place is not None]
        generated = np.ones(len(measures), bool)
        generated[[place for _, place in self._same]] = False
        self._circular = np.flatnonzero(measures.circular)
        self.plain = np.flatnonzero(generated & ~measures.circular & ~measures.categorical)
        self.dim = self.control_dim + 2 * len(self._circular) + len(self.plain) \
            + sum(len(categories) for _, categories in self._categories)

    def encode(self, controls: np.ndarray, measures: np.ndarray) -> np.ndarray:
        """
        Everything at about unit scale; NaN where a value is NaN.

        :param controls: Shape: (n, controls)
        :param measures: Shape: (n, measures)
        :return: Shape: (n, dim), float32
        """
        angle = 2 * np.pi * measures[:, self._circular]
        plain = (measures - self._measures.centre) / self._measures.spread
        deviation = (controls - self._base(measures)) / self._spread
        return np.concatenate([
            deviation[:, self._numbers], np.sin(angle), np.cos(angle), plain[:, self.plain],
            *(one_hot(measures[:, place], categories)
              for place, categories in self._categories)], axis=1).astype(np.float32)

    def decode(self, extras: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """
        Inverse of :meth:`encode`.

        :return: controls (n, controls), measures (n, measures)
        """
        ends = self.control_dim + len(self._circular) * np.arange(3)
        sizes = [len(self.plain), *(len(categories) for _, categories in self._categories)]
        deviation, sine, cosine, plain, *classes = np.split(
            extras, [*ends, *(ends[-1] + np.cumsum(sizes[:-1]))], axis=1)
        limits = self._measures
        measures = np.empty((len(extras), len(limits)))
        measures[:, self.plain] = plain * limits.spread[self.plain] + limits.centre[self.plain]
        bounded = limits.bounded
        measures[:, bounded] = np.clip(measures[:, bounded], limits.low[bounded],
                                       limits.high[bounded])
        measures[:, self._circular] = np.arctan2(sine, cosine) / (2 * np.pi) % 1.0
        for (place, _), scores in zip(self._categories, classes):
            measures[:, place] = scores.argmax(axis=1)
        controls = self._base(measures)
        controls[:, self._numbers] += deviation * self._spread[self._numbers]
        for control, place in self._same:
            if control in self._numbers:
                measures[:, place] = controls[:, control]
            else:
                controls[:, control] = measures[:, place]
        return controls, measures

    def known(self, measures: np.ndarray) -> np.ndarray:
        """
        Return what asked measures say of a sample: target measures, and controls that are one.

        :param measures: NaN where not asked for. Shape: (n, measures)
        :return: NaN where unknown, as all other controls are. Shape: (n, dim), float32
        """
        controls = np.full((len(measures), self._control_count), np.nan)
        for control, place in self._same:
            controls[:, control] = measures[:, place]
        return self.encode(controls, measures)

    def implied(self, measures: np.ndarray) -> np.ndarray:
        """Return the controls of policies that reach their targets. Shape: (n, controls)."""
        controls = self._base(measures)
        for control, place in self._same:
            controls[:, control] = measures[:, place]
        return controls

    def _base(self, measures: np.ndarray) -> np.ndarray:
        base = np.tile(self._centre, (len(measures), 1))
        for control, place in self._based:
            base[:, control] = measures[:, place]
        return base
