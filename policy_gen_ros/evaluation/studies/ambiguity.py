# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Goals that leave measures open: whether those given are reached, and how the others vary.

"Trot" says nothing of speed or height. A regression answers with an average; a sampler is to
answer with different behaviours that all trot, as different as those of the archive that trot:
fidelity and diversity of generative models (Naeem et al. 2020). Walking is the caller's business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from policy_gen_ros.archive.describe import spread
from policy_gen_ros.archive.rows import RowView
from policy_gen_ros.domains.go2.gait.measures import (
    COMMAND_NAMES,
    CONTACT_NAMES,
    GAIT_FAMILIES,
    MEASURE_NAMES,
    MEASURES,
    nearest_families,
    PHASE_NAMES,
)
from policy_gen_ros.evaluation.metrics.intervals import bootstrap_interval
from policy_gen_ros.evaluation.metrics.quality_diversity import Estimate
from policy_gen_ros.goals.goal import Goal

TOLERANCE = {
    **dict.fromkeys(CONTACT_NAMES, 0.08), 'frequency_hz': 0.25, **dict.fromkeys(PHASE_NAMES, 0.1),
    'body_height_m': 0.02, 'swing_height_m': 0.02, 'vx_mps': 0.15, 'vy_mps': 0.15,
    'yaw_rate_rps': 0.25}
"""How close a measure must come to the given one, in its own unit."""
MEASURE_GROUPS = (CONTACT_NAMES, ('frequency_hz',), PHASE_NAMES, ('body_height_m',),
                  ('swing_height_m',), COMMAND_NAMES)
"""Measures that are given together."""
MIN_MATCHES = 20
"""Behaviours of the archive that must satisfy a statement: fewer have no spread to speak of."""
REFERENCE_GROUPS = 64
DRAWS_PER_GOAL = 50
AMBIGUOUS_CLIP_ROWS = 50
"""A second."""
CLIP_SHOWS = (*CONTACT_NAMES, 'frequency_hz', *PHASE_NAMES)


@dataclass(frozen=True, eq=False)
class AmbiguousGoal:
    """
    Either a gait family by its name alone, or some of the measures.

    :param clip: shows the measures instead of saying them. Shape: (50, 42)
    """

    family: str | None = None
    measures: Mapping[str, float] = field(default_factory=dict)
    clip: np.ndarray | None = None

    def __post_init__(self) -> None:
        if (self.family is None) == (not self.measures):
            raise ValueError('an ambiguous goal says either a family or some measures, got '
                             f'{self.family!r} and {dict(self.measures)}')
        if self.family is not None and self.family not in GAIT_FAMILIES:
            raise ValueError(f'family is {self.family!r}, expected one of '
                             + ', '.join(GAIT_FAMILIES))

    @property
    def kind(self) -> str:
        """Return what says it: ``family``, ``measures`` or ``clip``."""
        if self.clip is not None:
            return 'clip'
        return 'measures' if self.family is None else 'family'

    @property
    def goal(self) -> Goal:
        """For the generator."""
        if self.clip is not None:
            return Goal(trajectory=self.clip)
        return Goal(measures=self.measures) if self.family is None else Goal(text=self.family)

    @property
    def missing(self) -> np.ndarray:
        """
        Which measures are left open. Shape: (13,), bool.

        A family says the phases. A clip shows how all joints move: nothing is left open by intent.
        """
        if self.clip is not None:
            return np.zeros(len(MEASURE_NAMES), bool)
        given = self.measures if self.family is None else PHASE_NAMES
        return np.array([name not in given for name in MEASURE_NAMES])

    def satisfied(self, measures: np.ndarray) -> np.ndarray:
        """
        Which behaviours do what was asked; none without a rhythm, if that is asked about.

        :param measures: Shape: (n, 13)
        :return: Shape: (n,), bool
        """
        if self.family is not None:
            return np.array([family == self.family for family in nearest_families(measures)], bool)
        fits = np.ones(len(measures), bool)
        for name, value in self.measures.items():
            i = MEASURE_NAMES.index(name)
            fits &= np.abs(MEASURES.difference(measures[:, i], value, i)) <= TOLERANCE[name]
        return fits


@dataclass(frozen=True)
class AmbiguityScore:
    """
    Results over G goals with K samples each.

    :param satisfied: share of samples that stay up and do what was asked; its interval is over
        goals, as samples of one goal have much in common
    :param satisfied_by_kind: the same of goals that say a family, that say measures, and of clips
    :param spread: standard deviation over the samples of a goal that satisfy it and keep a rhythm,
        relative to that of as many behaviours of the archive that do; the mean over measures left
        missing. NaN where no goal has two such samples
    :param spread_by_measure: the same by measure, over the goals that leave it open
    """

    goals: int
    samples: int
    satisfied: Estimate
    satisfied_by_kind: dict[str, float]
    spread: Estimate
    spread_by_measure: dict[str, float]

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def ambiguous_goals(measures: np.ndarray, count: int, seed: int) -> list[AmbiguousGoal]:
    """
    Make goals that at least MIN_MATCHES behaviours of an archive satisfy.

    First each family by its name, then one or two statements about a random behaviour at a time.

    :param measures: complete measures of qualified behaviours. Shape: (m, 13)
    :param count: of goals that say measures
    :raises ValueError: too few behaviours are alike
    """
    rng = np.random.default_rng(seed)

    def common(goal: AmbiguousGoal) -> bool:
        return int(goal.satisfied(measures).sum()) >= MIN_MATCHES

    families = [goal for goal in map(AmbiguousGoal, GAIT_FAMILIES) if common(goal)]
    partial: list[AmbiguousGoal] = []
    for _ in range(DRAWS_PER_GOAL * count if len(measures) else 0):
        if len(partial) == count:
            break
        row = measures[int(rng.integers(len(measures)))]
        given = rng.choice(len(MEASURE_GROUPS), int(rng.integers(1, 3)), replace=False)
        names = [name for i in given for name in MEASURE_GROUPS[i]]
        goal = AmbiguousGoal(measures={name: float(row[MEASURE_NAMES.index(name)])
                                       for name in names})
        if common(goal):
            partial.append(goal)
    if len(partial) < count:
        raise ValueError(f'of {len(measures)} behaviours too few are alike: found {len(partial)} '
                         f'statements of {count} that {MIN_MATCHES} of them satisfy; give a '
                         'larger archive')
    return families + partial


def clip_goals(measures: np.ndarray, trajectory: RowView, count: int,
               seed: int) -> list[AmbiguousGoal]:
    """
    Clips of random behaviours: their contacts, frequency and phases are to be kept.

    Of an index, those whose trajectories it holds.

    :param measures: complete. Shape: (m, 13)
    :param trajectory: of the same behaviours. Shape: (m, 200, 42)
    """
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(trajectory.stored))[:count]
    return [AmbiguousGoal(
        measures={name: float(measures[row, MEASURE_NAMES.index(name)]) for name in CLIP_SHOWS},
        clip=trajectory[int(row)][:AMBIGUOUS_CLIP_ROWS].astype(np.float32)) for row in rows]


def score_ambiguity(goals: Sequence[AmbiguousGoal], reached: np.ndarray, survived: np.ndarray,
                    archive: np.ndarray, seed: int = 0) -> AmbiguityScore:
    """
    Score K samples of each of G goals.

    Spreads of few samples are smaller than those of many, of circular measures above all. So the
    archive's is that of random groups of as many behaviours.

    :param reached: measured behaviour of the samples. Shape: (G, K, 13)
    :param survived: whether they stayed up. Shape: (G, K)
    :param archive: complete measures of the archive's qualified behaviours. Shape: (m, 13)
    :raises ValueError: shapes that do not fit, or a goal that hardly any behaviour satisfies
    """
    shape = (len(goals), survived.shape[-1])
    if not goals or survived.shape != shape or reached.shape != (*shape, len(MEASURE_NAMES)):
        raise ValueError(f'{len(goals)} goals, measures {reached.shape} and survived '
                         f'{survived.shape}: expected (G, K, 13) and (G, K)')
    rng = np.random.default_rng(seed)
    good = np.array([goal.satisfied(rows) for goal, rows in zip(goals, reached)]) \
        & survived.astype(bool)
    share = good.mean(axis=1)
    kinds = np.array([goal.kind for goal in goals])
    # By goal: spread of samples and of the archive's groups, NaN where it does not count.
    spreads = np.full((len(goals), 2, len(MEASURE_NAMES)), np.nan)
    for i, goal in enumerate(goals):
        alike = archive[goal.satisfied(archive)]
        if goal.missing.any() and len(alike) < MIN_MATCHES:
            raise ValueError(f'{len(alike)} behaviours of the archive satisfy '
                             f'{goal.goal.describe()!r}, expected {MIN_MATCHES} or more')
        # Where a foot keeps no rhythm, a measure has no value that could vary.
        samples = reached[i, good[i] & np.isfinite(reached[i]).all(axis=1)]
        size = len(samples)
        if size >= 2 and goal.missing.any():
            groups = [alike[rng.choice(len(alike), size, replace=size > len(alike))]
                      for _ in range(REFERENCE_GROUPS)]
            spreads[i, 0] = _spread(samples)
            spreads[i, 1] = np.mean([_spread(group) for group in groups], axis=0)
            spreads[i][:, ~goal.missing] = np.nan
    ratio = _ratio_by_measure(spreads)
    return AmbiguityScore(
        len(goals), shape[1], Estimate(float(share.mean()), *bootstrap_interval(share, seed=seed)),
        {kind: float(share[kinds == kind].mean()) for kind in np.unique(kinds).tolist()},
        Estimate(_mean_of_known(ratio), *bootstrap_interval(
            spreads, lambda drawn: _mean_of_known(_ratio_by_measure(drawn)), seed)),
        dict(zip(MEASURE_NAMES, ratio.tolist())))


def _spread(measures: np.ndarray) -> np.ndarray:
    """Shape: (n, 13) -> (13,)."""
    return np.array(list(spread(MEASURES, measures).values()))


def _ratio_by_measure(spreads: np.ndarray) -> np.ndarray:
    """Divide sums over goals: a goal with little spread weighs little. Shape: (13,)."""
    samples, reference = np.nansum(spreads, axis=0)
    return np.divide(samples, reference, out=np.full(len(samples), np.nan), where=reference > 0)


def _mean_of_known(ratio: np.ndarray) -> float:
    known = ratio[np.isfinite(ratio)]
    return float(known.mean()) if len(known) else float('nan')
