"""Judging foreign policies as our own actors are judged, and putting them into chunks."""

from __future__ import annotations

from collections.abc import Sequence
import json
import time

import numpy as np
from policy_gen_ros.archive.foreign_policies import ForeignPolicy, to_vector
from policy_gen_ros.archive.foreign_spec import ForeignSpec
from policy_gen_ros.archive.foreign_walk import walk
from policy_gen_ros.archive.format import Chunk
from policy_gen_ros.archive.judge import (
    EPISODE_S,
    Judgement,
    mean_measures,
    NOMINAL_COMMAND_SEEDS,
    OTHER_COMMAND_SEEDS,
    PROBE_STATES,
    TRAJECTORY_ROWS,
    TRAJECTORY_START,
)
from policy_gen_ros.goal.captions import captions
from policy_gen_ros.goal.measures import MEASURE_NAMES
from policy_gen_ros.goal.sentences import Caption
from policy_gen_ros.goal.trouble import trouble_captions
from policy_gen_ros.robot.observation import TRAJECTORY_DIM
from policy_gen_ros.teacher.gains import GAIN_NAMES
from policy_gen_ros.teacher.style import STYLE_NAMES
from policy_gen_ros.twin.batch import ROUGH

CAPTIONS_PER_BEHAVIOR = 8


def make_chunk(spec: ForeignSpec, policies: Sequence[ForeignPolicy], command: np.ndarray,
               seed: int, run: str, own: bool) -> Chunk:
    """
    Walk and judge policies, as rows of an archive.

    :param command: Shape: (policies, k, 3)
    :param own: they are actors of this package, so the archive need not carry their spec
    """
    started, n = time.perf_counter(), len(policies)
    judged, probe = judge_policies(spec, policies, command, seed)
    rng = np.random.default_rng([seed, 1])
    foreign = {'spec': json.loads(spec.to_json()),
               'policies': [{'name': p.name, 'sha256': p.sha256} for p in policies]}
    sizes = tuple(size for size in spec.layer_sizes if size is not None)
    return Chunk(
        lineage='imported', run=run, weights=np.stack([to_vector(p, spec) for p in policies]),
        clock_hz=np.array([p.clock_hz for p in policies]),
        style=np.full((n, len(STYLE_NAMES)), np.nan), gain_offset=np.zeros((n, len(GAIN_NAMES))),
        progress=np.ones(n), command=command, measures=judged.measures, reward=judged.reward,
        survived=judged.survived, robust=judged.robust, trajectory=judged.trajectory, probe=probe,
        captions=[[_words(judged, command, i, j, rng) for j in range(command.shape[1])]
                  for i in range(n)],
        layer_sizes=sizes, foreign=None if own else foreign,
        seconds=time.perf_counter() - started)


def judge_policies(spec: ForeignSpec, policies: Sequence[ForeignPolicy], command: np.ndarray,
                   seed: int) -> tuple[Judgement, np.ndarray]:
    """
    Walk every policy under its commands on nominal and on rough ground.

    :param command: the nominal one first. Shape: (policies, k, 3)
    :return: what they did; network inputs met on rough ground. Shape: (policies, 128, inputs)
    """
    n, k = command.shape[:2]
    cell = np.arange(k).repeat([NOMINAL_COMMAND_SEEDS] + [OTHER_COMMAND_SEEDS] * (k - 1))
    nominal = walk(spec, policies, command[:, cell], EPISODE_S, seed)
    rough = walk(spec, policies, command[:, cell], EPISODE_S, seed + 1, ROUGH, PROBE_STATES)
    groups = [[episodes[e] for e in np.flatnonzero(cell == c)]
              for episodes in nominal.episodes for c in range(k)]
    robust = [[episodes[e].survived for e in np.flatnonzero(cell == c)]
              for episodes in rough.episodes for c in range(k)]
    trajectory = np.zeros((n * k, TRAJECTORY_ROWS, TRAJECTORY_DIM), np.float16)
    for i, group in enumerate(groups):
        # A fallen policy's prompt is its last steps before the fall.
        rows = group[0].trajectory
        start = min(TRAJECTORY_START, max(len(rows) - TRAJECTORY_ROWS, 0))
        rows = rows[start:start + TRAJECTORY_ROWS]
        trajectory[i, :len(rows)] = rows

    def mean(values: list[list[float]] | list[list[bool]]) -> np.ndarray:
        return np.array([np.mean(v) for v in values], np.float32).reshape(n, k)

    return Judgement(
        np.stack([mean_measures(group) for group in groups]).reshape(n, k, -1),
        mean([[r.reward for r in group] for group in groups]),
        mean([[r.survived for r in group] for group in groups]), mean(robust),
        mean([[r.seconds for r in group] for group in groups]),
        trajectory.reshape(n, k, TRAJECTORY_ROWS, -1)), rough.met


def _words(judged: Judgement, command: np.ndarray, policy: int, behavior: int,
           rng: np.random.Generator) -> list[Caption]:
    row = judged.measures[policy, behavior]
    measures = dict(zip(MEASURE_NAMES, row.tolist()))
    survived = float(judged.survived[policy, behavior])
    if survived == 1 and np.isfinite(row).all():
        return captions(measures, CAPTIONS_PER_BEHAVIOR, rng)
    return trouble_captions(measures, survived, float(judged.seconds[policy, behavior]),
                            CAPTIONS_PER_BEHAVIOR, rng, command[policy, behavior].tolist())
