# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""How well those walk that actors learn from: the analytic teacher and the conditioned bases."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy
from policy_gen_ros.domains.go2.building.screen import tracks, walk_base, walk_teacher
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES, nearest_family
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController
from policy_gen_ros.domains.go2.teacher.gait_parameters import (
    feasible,
    sample_commands,
    sample_gaits,
    sample_walks,
)
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, ROUGH
from policy_gen_ros.evaluation.metrics.intervals import wilson_interval
from policy_gen_ros.utils.progress import progress

TEACHER_GROUNDS = {'nominal': NOMINAL, 'rough': ROUGH}


@dataclass(frozen=True)
class TeacherScore:
    """
    Shares of walks; errors over survivors.

    :param walks: share that stays upright to the end, with its 95 % Wilson interval
    :param tracks: share that also keeps a rhythm and its velocity (see building.screen)
    :param right_family: share measured as the family that the gait is nearest to
    """

    count: int
    walks: float
    walks_interval: tuple[float, float]
    walks_by_family: dict[str, float]
    tracks: float
    right_family: float
    velocity_error_mps: float
    yaw_rate_error_rps: float

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def possible_share(count: int, seed: int) -> float:
    """Share of uniformly drawn gaits and commands that the legs can do at all."""
    rng = np.random.default_rng(seed)
    return float(feasible(sample_gaits(count, rng), sample_commands(count, rng)).mean())


def score_teachers(bases: dict[str, tuple[ConditionedPolicy, Adaptor]], count: int, seconds: float,
                   seed: int) -> dict[str, dict[str, TeacherScore]]:
    """
    Walk the same drawn gaits and commands by the analytic teacher and by every base.

    :return: teacher -> ground -> score
    """
    gait, command = sample_walks(count, np.random.default_rng(seed))
    wanted = np.array([nearest_family(row) for row in gait.phase])
    scores: dict[str, dict[str, TeacherScore]] = {'analytic': {}, **{name: {} for name in bases}}
    with progress(total=len(TEACHER_GROUNDS) * len(scores), about='teachers', unit='walk') as bar:
        for ground, perturbation in TEACHER_GROUNDS.items():
            scores['analytic'][ground] = _score(walk_teacher(
                GaitController(), gait, command, seconds, seed, perturbation), command, wanted)
            bar.update()
            for name, (base, adaptor) in bases.items():
                scores[name][ground] = _score(walk_base(
                    base, gait.features(), gait.frequency_hz, command, adaptor, seconds, seed,
                    perturbation), command, wanted)
                bar.update()
    return scores


def _score(results: list[EpisodeResult], command: np.ndarray, wanted: np.ndarray) -> TeacherScore:
    survived = np.array([r.survived for r in results])
    error = np.array([r.mean_velocity for r in results]) - command
    walks = float(survived.mean())
    return TeacherScore(
        len(results), walks, wilson_interval(walks, len(results)),
        {family: float(survived[wanted == family].mean()) for family in GAIT_FAMILIES
         if (wanted == family).any()},
        float(np.mean([tracks(r, c) for r, c in zip(results, command)])),
        float(np.mean([r.family == family for r, family in zip(results, wanted)])),
        float(np.hypot(error[survived, 0], error[survived, 1]).mean()),
        float(np.abs(error[survived, 2]).mean()))
