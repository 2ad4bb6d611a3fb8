# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What stays up, keeps its gait and follows what was asked, under each of the named conditions.

Actors generated for measures that training has read, the archive's own actors of the same
behaviours, and policies of other groups walk the same conditions. What is judged is what was
asked: a generated actor by its goal's measures, whatever command it was generated with; an
archive's actor by what it was measured to do on flat ground; a foreign policy by its command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from functools import partial
import hashlib
import json
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.gait.measures import (
    COMMAND_NAMES,
    MEASURES,
    nearest_families,
)
from policy_gen_ros.domains.go2.importers.policies import Folder
from policy_gen_ros.domains.go2.importers.walk import walk
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
from policy_gen_ros.domains.go2.twin.conditions import CONDITIONS
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation
from policy_gen_ros.evaluation.metrics.intervals import bootstrap_interval, wilson_interval
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.utils.files import write_text
from policy_gen_ros.utils.progress import progress

WALK_S = 20.0
GENERATED, ARCHIVE = 'generated', 'archive'
CELLS_FILE = 'robustness_cells.json'
_VELOCITY = [MEASURES.index(name) for name in COMMAND_NAMES]
_Walk = Callable[[Perturbation, float, int], 'list[EpisodeResult]']


@dataclass(frozen=True, eq=False)
class Walkers:
    """
    Policies that are walked under all conditions, with what each was asked.

    :param asked: vx, vy m/s, yaw rate rad/s. Shape: (n, 3)
    :param family: gait of each, None where none was asked for
    :param walk: one walk of each, on a ground, for some seconds, with a seed
    :param identity: changes with whatever changes the walks
    """

    name: str
    asked: np.ndarray
    family: Sequence[str | None]
    walk: _Walk
    identity: str


@dataclass(frozen=True)
class Cell:
    """
    How policies did under a condition. Shares are of all walks, the rest of those that stay up.

    :param up: share that does not fall, with its 95 % Wilson interval
    :param family: share that stays up in the gait asked for, likewise; NaN where none was
    :param speed: forward and sideways velocity reached over asked, along what was asked, of all
        walks together, with its 95 % bootstrap interval
    :param velocity_error: mean distance of the horizontal velocity from what was asked, m/s,
        likewise
    :param torque_nm, power_w, action_rate_rad_s: means of what
        :class:`policy_gen_ros.domains.go2.twin.episode.Effort` describes
    """

    n: int
    up: float
    up_interval: tuple[float, float]
    family: float
    family_interval: tuple[float, float]
    speed: float
    speed_interval: tuple[float, float]
    velocity_error: float
    velocity_error_interval: tuple[float, float]
    torque_nm: float
    torque_nm_interval: tuple[float, float]
    power_w: float
    power_w_interval: tuple[float, float]
    action_rate_rad_s: float
    action_rate_rad_s_interval: tuple[float, float]


def subjects_of(generator: PolicyGenerator, adaptor: Adaptor, archive: Archive, count: int,
                seed: int, robot: mujoco.MjSpec | None = None) -> list[Walkers]:
    """
    Return actors generated for seen behaviours, and the archive's own of as many.

    An index has the weights of a few actors only, which then walk several times each.

    :param robot: model that they walk in; default: ours
    :raises ArchiveError: the archive has no behaviour that training has read
    """
    goals, own = (_seen(archive, count, seed, stored) for stored in (False, True))
    generated = generator.generate_batch(
        [Goal(measures=dict(zip(MEASURES.names, row))) for row in goals.measures.tolist()], seed)
    kept = [archive.actor(*pair) for pair in zip(own.actor.tolist(), own.behavior.tolist())]
    return [actors_as_walkers(GENERATED, generated, goals.measures, adaptor, robot),
            actors_as_walkers(ARCHIVE, kept, own.measures, adaptor, robot)]


@dataclass(frozen=True, eq=False)
class _Behaviors:
    actor: np.ndarray
    behavior: np.ndarray
    measures: np.ndarray


def _seen(archive: Archive, count: int, seed: int, stored: bool) -> _Behaviors:
    """Draw qualified behaviours that training has read, of actors whose weights are stored."""
    actors = archive.seen
    if stored:
        actors = actors[archive.weights.stored[actors]]
    row, behavior = np.nonzero(archive.qualified[actors] & (archive.region[actors] < 0))
    actor = actors[row]
    if not len(actor):
        raise ArchiveError(f'the archive at {archive.path} has no behaviour to train on, with '
                           'weights: build a larger one')
    pick = np.resize(np.random.default_rng(seed).permutation(len(actor)), count)
    return _Behaviors(actor[pick], behavior[pick], archive.measures[actor[pick], behavior[pick]])


def actors_as_walkers(name: str, actors: Sequence[ActorWeights], measures: np.ndarray,
                      adaptor: Adaptor, robot: mujoco.MjSpec | None = None) -> Walkers:
    """
    Walk actors under their nominal commands.

    :param measures: by which each is judged. Shape: (n, 13)
    """
    def walk_actors(ground: Perturbation, seconds: float, seed: int) -> list[EpisodeResult]:
        return rollout_actors(actors, adaptor, seconds, None, seed, ground,
                              partial(BatchTwin, robot=robot))

    identity = [*(actor.sha256 for actor in actors), str(measures.tolist()),
                str([actor.nominal_command for actor in actors])]
    return Walkers(name, measures[:, _VELOCITY], nearest_families(measures), walk_actors,
                   _hash(*identity))


def foreign_as_walkers(folder: Folder, commands: np.ndarray,
                       robot: mujoco.MjSpec | None = None) -> Walkers:
    """
    Walk the policies of a folder, in turns, named as their spec is.

    :param commands: vx, vy m/s, yaw rate rad/s. Shape: (n, 3)
    """
    policies = len(folder.policies)
    each = -(-len(commands) // policies)
    asked = np.resize(commands, (policies * each, 3))

    def walk_policies(ground: Perturbation, seconds: float, seed: int) -> list[EpisodeResult]:
        walked = walk(folder.spec, folder.policies, asked.reshape(policies, each, 3), seconds,
                      seed, ground, robot=robot)
        return [result for episodes in walked.episodes for result in episodes]

    identity = [folder.spec.to_json(), *(policy.sha256 for policy in folder.policies),
                str(asked.tolist())]
    return Walkers(folder.spec.name, asked, [None] * len(asked), walk_policies, _hash(*identity))


def evaluate_robustness(subjects: Sequence[Walkers], conditions: Sequence[str], seconds: float,
                        seed: int, model: Path | None = None,
                        folder: Path | None = None) -> dict[str, dict[str, Cell]]:
    """
    Walk every subject under every condition.

    :param conditions: names of :data:`CONDITIONS`
    :param seconds: of each walk, from standing
    :param model: file that the subjects walk in, as far as it is another group's
    :param folder: keeps each cell, so that a second run goes on where one was killed
    :return: condition -> subject -> cell
    """
    kept = _Kept(folder)
    content = model.read_bytes().hex() if model else ''
    scores: dict[str, dict[str, Cell]] = {}
    with progress(total=len(conditions) * len(subjects), about='conditions', unit='cell') as bar:
        for name in conditions:
            ground = CONDITIONS[name].ground
            scores[name] = {}
            for subject in subjects:
                key = _hash(subject.identity, repr(ground), str(seconds), str(seed), content,
                            *(item.name for item in fields(Cell)))
                scores[name][subject.name] = kept.cell(key) or kept.keep(key, score(
                    subject, subject.walk(ground, seconds, seed)))
                bar.update()
    return scores


def score(subject: Walkers, walks: Sequence[EpisodeResult]) -> Cell:
    """Hold walks against what was asked."""
    n = len(walks)
    up = np.array([one.survived for one in walks])
    right = up & np.array([one.family == asked for one, asked in zip(walks, subject.family)])
    named = np.array([family is not None for family in subject.family])
    velocity, asked = np.array([one.mean_velocity for one in walks])[up, :2], subject.asked[up, :2]
    share, family = float(up.mean()), float(right[named].mean()) if named.any() else np.nan
    error = np.linalg.norm(velocity - asked, axis=1)
    # Of all walks together: a slow one has no say in how much of its speed is kept.
    along = np.stack([(velocity * asked).sum(axis=1), (asked**2).sum(axis=1)], axis=1)
    effort = np.array([astuple(one.effort) for one in walks])[up]
    torque, power, action_rate = effort.T
    return Cell(
        n, share, wilson_interval(share, n), family,
        wilson_interval(family, int(named.sum())) if named.any() else (np.nan, np.nan),
        *_with_interval(along, _ratio), *_with_interval(error, np.mean),
        *_with_interval(torque, np.mean), *_with_interval(power, np.mean),
        *_with_interval(action_rate, np.mean))


def to_dict(scores: Mapping[str, Mapping[str, Cell]]) -> dict[str, Any]:
    """Return the contract's ``robustness``, with more in each cell."""
    return {'robustness': {name: {subject: asdict(cell) for subject, cell in row.items()}
                           for name, row in scores.items()},
            'set_aside': [name for name in scores if CONDITIONS[name].set_aside]}


class _Kept:
    """Cells that are known, in a file."""

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / CELLS_FILE if folder else None
        self._cells: dict[str, dict[str, Any]] = {}
        if self._file and self._file.is_file():
            self._cells = json.loads(self._file.read_text())

    def cell(self, key: str) -> Cell | None:
        if key not in self._cells:
            return None
        values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value
                                  for name, value in self._cells[key].items()}
        return Cell(**values)

    def keep(self, key: str, cell: Cell) -> Cell:
        self._cells[key] = asdict(cell)
        if self._file:
            write_text(self._file, json.dumps(self._cells))
        return cell


def _ratio(along: np.ndarray) -> float:
    reached, asked = along.sum(axis=0)
    return float(reached / asked) if asked > 0 else float('nan')


def _with_interval(values: np.ndarray, statistic: Callable[..., float]
                   ) -> tuple[float, tuple[float, float]]:
    if not len(values):
        return float('nan'), (float('nan'), float('nan'))
    return float(statistic(values)), bootstrap_interval(values, statistic)


def _hash(*parts: str) -> str:
    return hashlib.sha256('\n'.join(parts).encode()).hexdigest()
