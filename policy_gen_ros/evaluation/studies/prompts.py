# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Trajectories as prompts that are not an archive actor's own.

They are noisy, of partially trained actors, or out of distribution: of another controller.

Make-An-Agent (Liang et al. 2024) prompts with trajectories from a variety of training periods
(section 4, appendix B.3) and with Gaussian noise of 0.1 on the actions of the trajectories
(section 4.1, figure 8).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.building.base_config import ScreeningConfig
from policy_gen_ros.domains.go2.building.screen import tracks, walk_teacher
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES, nearest_families
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import (
    joint_targets,
    TRAJECTORY,
    TRAJECTORY_DIM,
)
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters, sample_walks
from policy_gen_ros.goals.goal import Goal
from scipy.spatial import KDTree

PROMPT_ACTION_NOISE = 0.1
CLIP_ROWS = 100
"""2 s from the middle of a walk of the teacher."""
NEW_GAIT = 0.5
"""Distance of a gait to all known ones, in gait features, of about unit spread."""
MAX_DRAWS = 20
_TARGETS = slice(TRAJECTORY_DIM - go2.NUM_JOINTS, TRAJECTORY_DIM)


@dataclass(frozen=True, eq=False)
class Prompts:
    """
    Trajectories, and the behaviour that an actor prompted by each is to have.

    :param trajectory: one array a prompt. Shapes: (time >= 40, 42), float32
    :param measures: of the behaviour behind each prompt. Shape: (n, 13)
    :param source: where each comes from, for reports. Shape: (n,)
    """

    trajectory: tuple[np.ndarray, ...]
    measures: np.ndarray
    source: np.ndarray

    def __len__(self) -> int:
        return len(self.trajectory)

    @property
    def family(self) -> list[str]:
        """Gait family of each behaviour."""
        return nearest_families(self.measures)

    def repeated(self, times: int) -> Prompts:
        """Return every prompt several times."""
        return Prompts(self.trajectory * times, np.tile(self.measures, (times, 1)),
                       np.tile(self.source, times))

    def goals(self) -> list[Goal]:
        """Return one goal for each prompt."""
        return [Goal(trajectory=rows) for rows in self.trajectory]


def noisy_trajectory(rows: np.ndarray, rng: np.random.Generator,
                     sigma: float = PROMPT_ACTION_NOISE) -> np.ndarray:
    """
    Trajectory whose actions have Gaussian noise; states stay as they were.

    A row holds targets, so they are divided by ACTION_SCALE, get the noise as actions, and become
    targets again as those of an actor do: 0.1 is 12.5 mrad at a hip, 25 mrad at other joints.
    Targets that were not recorded (NaN) stay unknown.

    :param rows: Shape: (..., 42)
    :return: Shape: (..., 42), float32
    """
    noisy = np.array(rows, np.float32)
    action = noisy[..., _TARGETS] / go2.ACTION_SCALE
    action = action + sigma * rng.standard_normal(action.shape)
    noisy[..., _TARGETS] = joint_targets(action) - go2.DEFAULT_POSE_RAD
    return noisy


def partially_trained_prompts(archive: Archive) -> Prompts:
    """
    Half-trained actors of reinforced runs, and what their finished checkpoints do.

    Prompts are nominal behaviours that do not qualify, up to their fall; those with fewer than 40
    rows are left out. Other behaviours have commands that differ from checkpoint to checkpoint, so
    a run's finished checkpoint says nothing about them. Runs whose finished checkpoint does not
    qualify are left out.

    :raises ArchiveError: trajectories of such actors are not stored here
    """
    reinforced = archive.source == 'reinforced'
    trajectory, measures, source = [], [], []
    for run in np.unique(archive.run[reinforced]):
        mine = np.flatnonzero(reinforced & (archive.run == run))
        done = mine[(archive.progress[mine] == 1) & archive.qualified[mine, 0]]
        if not len(done):
            continue
        for actor in mine[(archive.progress[mine] < 1) & ~archive.qualified[mine, 0]]:
            rows = _before_fall(archive.trajectory[actor][0])
            if len(rows) >= TRAJECTORY.min_rows:
                trajectory.append(rows)
                measures.append(archive.measures[done[0], 0])
                source.append(f'{run} after {archive.progress[actor]:.0%}')
    return Prompts(tuple(trajectory), np.array(measures).reshape(-1, len(MEASURE_NAMES)),
                   np.array(source, str))


def out_of_distribution_prompts(count: int, seed: int, known: np.ndarray | None = None) -> Prompts:
    """
    Let the analytic teacher walk in gaits that no actor was made for.

    The teacher is another controller than any actor: it reads what no sensor of the robot shows,
    and has no network. Each gait and command is drawn anew and walked for 6 s; walks that fall or
    lose rhythm or velocity are drawn again. A prompt is 2 s from the middle.

    :param known: gaits of an archive, see teacher.gait_parameters; those drawn keep away from
        them by NEW_GAIT. Rows with NaN do not count. Shape: (n, 12)
    :raises ValueError: hardly any drawn walk is new and succeeds
    """
    rng, teacher = np.random.default_rng(seed), GaitController()
    trajectory: list[np.ndarray] = []
    measures: list[list[float]] = []
    for _ in range(MAX_DRAWS):
        gait, command = sample_walks(2 * count, rng)
        new = _unlike(gait, known)
        gait, command = gait[new], command[new]
        results = walk_teacher(teacher, gait, command, ScreeningConfig().seconds,
                               int(rng.integers(2**31))) if len(gait) else []
        for result, wanted in zip(results, command):
            if tracks(result, wanted):
                start = (len(result.trajectory) - CLIP_ROWS) // 2
                trajectory.append(result.trajectory[start:start + CLIP_ROWS])
                measures.append(list(result.measures.values()))
        if len(trajectory) >= count:
            return Prompts(tuple(trajectory[:count]), np.array(measures[:count]),
                           np.full(count, 'analytic teacher'))
    raise ValueError(f'fewer than one in {2 * MAX_DRAWS} of the drawn walks is new and succeeds: '
                     f'{len(trajectory)} of the {count} wanted')


def _before_fall(rows: np.ndarray) -> np.ndarray:
    """Rows up to the first that is not finite. Shape: (time, 42), float32."""
    bad = ~np.isfinite(rows).all(axis=1)
    return rows[:int(bad.argmax()) if bad.any() else len(rows)].astype(np.float32)


def _unlike(gait: GaitParameters, known: np.ndarray | None) -> np.ndarray:
    """Whether each gait is far from all known ones. Shape: (n,), bool."""
    usable = np.empty((0, 0)) if known is None else known[np.isfinite(known).all(axis=1)]
    if not len(usable):
        return np.ones(len(gait), bool)
    tree = KDTree(GaitParameters.from_array(usable).features())
    return tree.query(gait.features())[0] > NEW_GAIT
