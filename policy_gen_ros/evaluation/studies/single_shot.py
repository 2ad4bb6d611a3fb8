# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Single-shot results: one actor a goal, no selection, walked in the twin and measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

import numpy as np
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES, MEASURE_NAMES
from policy_gen_ros.domains.go2.spec import go2_spec
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult
from policy_gen_ros.evaluation.metrics.intervals import wilson_interval
from policy_gen_ros.policies.weights import ActorWeights

OK_CONTACT, OK_VX_MPS = 0.06, 0.1
_FREQUENCY, _HEIGHT, _VX = (MEASURE_NAMES.index(name)
                            for name in ('frequency_hz', 'body_height_m', 'vx_mps'))


class Asked(Protocol):
    """The behaviours behind goals."""

    @property
    def measures(self) -> np.ndarray:
        """All of MEASURE_NAMES. Shape: (n, 13)."""

    @property
    def family(self) -> Sequence[str | None]:
        """Gait families, None where a goal leaves the gait open. Shape: (n,)."""


@dataclass(frozen=True, eq=False)
class Rollouts:
    """Actors, and what each did under its nominal command; row i of both belongs together."""

    actors: Sequence[ActorWeights]
    results: Sequence[EpisodeResult]

    def __len__(self) -> int:
        return len(self.results)

    @property
    def measures(self) -> np.ndarray:
        """Return all measures, NaN without a rhythm. Shape: (n, 13)."""
        return np.array([list(result.measures.values()) for result in self.results])

    @property
    def survived(self) -> np.ndarray:
        """Shape: (n,), bool."""
        return np.array([result.survived for result in self.results])

    @property
    def vectors(self) -> np.ndarray:
        """Flat actors. Shape: (n, parameters)."""
        return np.stack([actor.to_vector() for actor in self.actors])

    def has_family(self, asked: Asked) -> np.ndarray:
        """Who walks in the family that was asked for, or was asked for none. Shape: (n,), bool."""
        return np.array([family in (None, result.family)
                         for family, result in zip(asked.family, self.results)])

    def qualified(self, asked: Asked) -> np.ndarray:
        """Who does what :class:`Score` calls qualified. Shape: (n,), bool."""
        controls = np.array([[go2_spec(actor).clock_hz, *actor.nominal_command]
                             for actor in self.actors])
        return find_domain().succeeded(self.measures, controls, self.survived) \
            & self.has_family(asked)


@dataclass(frozen=True)
class Score:
    """
    Shares over goals; errors over survivors, or over all where nobody survives.

    :param walks: share that stays upright for the whole episode
    :param right_family: share whose measured gait family is the one asked for, of the goals that
        ask for one
    :param qualified: share that stays up, in the family asked for if one is, keeps a rhythm with
        every foot and follows its own nominal command, as an archive's qualified behaviours do
    :param contact_error: mean absolute error of the four contact proportions
    :param mem: mean L2 distance of the four contacts asked and reached (Policy Diffusion's MEM)
    :param ok: survives, contact error < 0.06 and vx error < 0.1 m/s (the two-core study's "ok")
    :param qualified_interval, ok_interval: 95 % Wilson intervals
    """

    count: int
    walks: float
    right_family: float
    qualified: float
    qualified_interval: tuple[float, float]
    contact_error: float
    mem: float
    vx_error_mps: float
    frequency_error_hz: float
    height_error_m: float
    reward: float
    ok: float
    ok_interval: tuple[float, float]

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def score_rollouts(walked: Rollouts, asked: Asked, rows: np.ndarray | None = None) -> Score:
    """
    Compare what was reached with the behaviour behind each goal.

    :param rows: goals that count; default: all. Shape: (k,)
    """
    rows = np.arange(len(walked)) if rows is None else rows
    survived = walked.survived[rows]
    error = np.abs(walked.measures - asked.measures)[rows]
    contact = error[:, :len(CONTACT_NAMES)]
    alive = survived if survived.any() else np.ones(len(rows), bool)
    good = survived & (contact.mean(axis=1) < OK_CONTACT) & (error[:, _VX] < OK_VX_MPS)
    right = walked.has_family(asked)[rows]
    named = np.array([family is not None for family in asked.family])[rows]
    qualified, ok = float(walked.qualified(asked)[rows].mean()), float(good.mean())
    return Score(
        len(rows), float(survived.mean()), _mean_of_known(right[named]), qualified,
        wilson_interval(qualified, len(rows)), float(contact[alive].mean()),
        float(np.linalg.norm(contact[alive], axis=1).mean()), float(error[alive, _VX].mean()),
        _mean_of_known(error[alive, _FREQUENCY]), float(error[alive, _HEIGHT].mean()),
        float(np.array([result.reward for result in walked.results])[rows].mean()), ok,
        wilson_interval(ok, len(rows)))


def score_parts(walked: Rollouts, asked: Asked, parts: np.ndarray) -> dict[str, Score]:
    """Score goals apart by the name of their part. Shape of ``parts``: (n,)."""
    return {str(name): score_rollouts(walked, asked, np.flatnonzero(parts == name))
            for name in np.unique(parts)}


def _mean_of_known(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float('nan')
