# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Clips of other groups' controllers as prompts: whether the actor does what the clip did.

Nothing that the actor itself was meant to do counts, such as its command.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.gait.measures import (
    COMMAND_NAMES,
    MEASURES,
    nearest_families,
)
from policy_gen_ros.domains.go2.importers.policies import Folder
from policy_gen_ros.domains.go2.importers.walk import walk
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_commands
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
from policy_gen_ros.domains.go2.twin.episode import EPISODE_S, EpisodeResult
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation, ROUGH
from policy_gen_ros.evaluation.metrics.intervals import wilson_interval
from policy_gen_ros.evaluation.report.table import Table
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal

FOREIGN_CLIP_ROWS = 200
CLIP_GROUNDS = {'flat': NOMINAL, 'rough': ROUGH}
VELOCITY = [MEASURES.index(name) for name in COMMAND_NAMES]
FREQUENCY = MEASURES.index('frequency_hz')
TOLERANCE_MPS, TOLERANCE_RPS, TOLERANCE_HZ = 0.15, 0.3, 0.3
"""An actor does what the clip did within these."""
MIN_SIGNED_VELOCITY = 0.1
"""Signs of slower velocities, in m/s and rad/s, are not counted."""


@dataclass(frozen=True, eq=False)
class ForeignClips:
    """
    Walks of a foreign policy.

    :param rows: of the middle of each. Shape: (n, 200, 42)
    :param measures: of each whole walk, once it has settled. Shape: (n, 13)
    """

    rows: np.ndarray
    measures: np.ndarray

    def without_targets(self) -> ForeignClips:
        """Return clips as recordings without joint targets have them."""
        rows = self.rows.copy()
        rows[..., TRAJECTORY.state_dim:] = np.nan
        return replace(self, rows=rows)


def walk_foreign(folder: Folder, count: int, seed: int, ground: Perturbation) -> ForeignClips:
    """
    Walk each policy of a folder under drawn commands; walks that fall are left out.

    :param count: commands of each policy
    :raises ValueError: all fall
    """
    command = np.stack([sample_commands(count, np.random.default_rng([seed, number]))
                        for number in range(len(folder.policies))])
    walks = [result for episodes in walk(folder.spec, folder.policies, command, EPISODE_S, seed,
                                         ground).episodes
             for result in episodes if result.survived]
    if not walks:
        raise ValueError('no policy of the folder walks to the end of an episode')
    start = (len(walks[0].trajectory) - FOREIGN_CLIP_ROWS) // 2
    end = start + FOREIGN_CLIP_ROWS
    return ForeignClips(np.stack([one.trajectory[start:end] for one in walks]), _measures(walks))


def score_clips(generator: PolicyGenerator, adaptor: Adaptor, clips: ForeignClips,
                seed: int) -> dict[str, float]:
    """
    Generate an actor for each clip, and hold what it does against what the clip did.

    :return: shares and mean errors, with ``n`` and ``n_family``, how many clips keep a gait
    """
    actors = generator.generate_batch([Goal(trajectory=rows) for rows in clips.rows], seed)
    walks = rollout_actors(actors, adaptor, EPISODE_S, seed=seed + 1)
    did, wanted = _measures(walks), clips.measures
    family = np.array(nearest_families(wanted))
    gait = family != 'none'
    same = np.array(nearest_families(did)) == family
    error = np.abs(did - wanted)
    fast = np.abs(wanted[:, VELOCITY]) > MIN_SIGNED_VELOCITY
    sign = np.sign(did[:, VELOCITY]) == np.sign(wanted[:, VELOCITY])
    rhythm = error[:, FREQUENCY] < TOLERANCE_HZ
    follows = (error[:, VELOCITY] < [TOLERANCE_MPS, TOLERANCE_MPS, TOLERANCE_RPS]).all(axis=1)
    scores = {'up': np.mean([one.survived for one in walks]), 'family': same[gait].mean(),
              'frequency': rhythm[gait].mean(), 'velocity': follows.mean(),
              'all': (same & rhythm & follows)[gait].mean(),
              **{f'sign_{name}': sign[fast[:, i], i].mean()
                 for i, name in enumerate(COMMAND_NAMES)},
              **{f'error_{name}': error[:, column].mean()
                 for name, column in zip(COMMAND_NAMES, VELOCITY)},
              'warned': np.mean([bool(actor.warnings) for actor in actors])}
    return {'n': len(clips.rows), 'n_family': int(gait.sum()),
            **{name: float(value) for name, value in scores.items()}}


def evaluate_foreign_clips(generator: PolicyGenerator, adaptor: Adaptor, folder: Folder,
                           count: int, seed: int) -> dict[str, dict[str, float]]:
    """
    Score clips on flat and on rough ground, with and without targets, read and only embedded.

    :return: kind of clip -> scores
    """
    embedded = PolicyGenerator(generator.info, generator.engine,
                               replace(generator.validation, reads_trajectories=False))
    scores = {}
    for name, ground in CLIP_GROUNDS.items():
        clips = walk_foreign(folder, count, seed, ground)
        scores[name] = score_clips(generator, adaptor, clips, seed)
        scores[f'{name}, without targets'] = score_clips(generator, adaptor,
                                                         clips.without_targets(), seed)
        scores[f'{name}, only embedded'] = score_clips(embedded, adaptor, clips, seed)
    return scores


def clips_table(scores: dict[str, dict[str, float]]) -> Table:
    """Return the scores as a table, shares with their 95 % intervals."""
    def share(row: dict[str, float], name: str, count: str = 'n') -> str:
        low, high = wilson_interval(row[name], int(row[count]))
        return f'{row[name]:.2f} ({low:.2f}-{high:.2f})'

    header = ['clips', 'n', 'stays up', 'family', 'frequency', 'velocity', 'all of them',
              'signs of vx, vy, yaw', 'errors of vx, vy m/s, yaw rad/s', 'warned']
    rows = [[name, f'{row["n"]} ({row["n_family"]})', share(row, 'up'),
             share(row, 'family', 'n_family'), share(row, 'frequency', 'n_family'),
             share(row, 'velocity'), share(row, 'all', 'n_family'),
             ' '.join(f'{row[f"sign_{one}"]:.2f}' for one in COMMAND_NAMES),
             ' '.join(f'{row[f"error_{one}"]:.3f}' for one in COMMAND_NAMES),
             f'{row["warned"]:.2f}'] for name, row in scores.items()]
    return Table('Clips of foreign controllers', header, rows, notes=(
        f'velocity: vx and vy within {TOLERANCE_MPS} m/s and yaw within {TOLERANCE_RPS} rad/s of '
        f'the clip; frequency: within {TOLERANCE_HZ} Hz; family and frequency of the clips that '
        'have a gait, in brackets how many',))


def _measures(walks: Sequence[EpisodeResult]) -> np.ndarray:
    return np.array([list(one.measures.values()) for one in walks])
