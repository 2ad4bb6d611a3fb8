# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Walks that training learns from: what actors did, and the observations that they met."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.build_manifest import read_build_manifest
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.domain import RolloutBatch
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY_DIM, TRAJECTORY_ROWS
from policy_gen_ros.domains.go2.spec import go2_spec, NETWORK
from policy_gen_ros.domains.go2.twin.closed_loop import run_policy
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult, SETTLE_S
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation
from policy_gen_ros.policies.network import ActorStack
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.utils.config import checked

WALK_S, DISTURBED_S = 6.0, 4.0
OBSERVATIONS = 48


def ground_of_clones(archive: Path) -> Perturbation:
    """
    Return what an archive's actors learned on; nominal ground where its build says nothing.

    :raises ArchiveError: its build manifest cannot be read
    :raises ConfigError: it is of another version
    """
    recorded = read_build_manifest(archive)
    if not recorded:
        return NOMINAL
    return checked(Perturbation, recorded['config']['cloning']['perturbation'])


def collect_rollouts(actors: Sequence[ActorWeights], adaptor: Adaptor, seed: int,
                     ground: Perturbation = NOMINAL) -> RolloutBatch:
    """
    Walk actors side by side from standing under their nominal commands.

    :param ground: what they are to withstand. Where it is not nominal, a second walk, on it, gives
        half of the observations and of the reward: what a decoded actor does there is learned,
        and that it stays up. Measures are those of nominal ground
    """
    walks = [_walk(actors, adaptor, WALK_S, seed, NOMINAL)]
    if ground != NOMINAL:
        walks.append(_walk(actors, adaptor, DISTURBED_S, seed + 1, ground))
    results, _ = walks[0]
    trajectory = np.full((len(actors), TRAJECTORY_ROWS, TRAJECTORY_DIM), np.nan, np.float32)
    settled = round(SETTLE_S / go2.CONTROL_DT_S)
    for i, result in enumerate(results):
        rows = result.trajectory[settled:settled + TRAJECTORY_ROWS]
        trajectory[i, :len(rows)] = rows
    clock_hz, command = _asked(actors)
    survived = np.array([r.survived for r in results])
    measures = np.array([list(r.measures.values()) for r in results], np.float32)
    controls = np.concatenate([clock_hz[:, None], command], axis=1)
    observations = np.concatenate([_spread(*walk, OBSERVATIONS // len(walks)) for walk in walks],
                                  axis=1)
    reward = np.mean([[r.reward for r in walked] for walked, _ in walks], axis=0)
    return RolloutBatch(survived, find_domain().succeeded(measures, controls, survived),
                        reward.astype(np.float32), measures, trajectory, observations)


def _asked(actors: Sequence[ActorWeights]) -> tuple[np.ndarray, np.ndarray]:
    """Clocks and nominal commands. Shapes: (n,), (n, 3)."""
    return (np.array([go2_spec(actor).clock_hz for actor in actors]),
            np.array([actor.nominal_command for actor in actors]))


def _walk(actors: Sequence[ActorWeights], adaptor: Adaptor, seconds: float, seed: int,
          ground: Perturbation) -> tuple[list[EpisodeResult], list[np.ndarray]]:
    """Walk, and keep what the actors saw at each tick. Shapes: (n, observation)."""
    stack, seen = ActorStack(actors, NETWORK), []

    def act(observation: np.ndarray) -> np.ndarray:
        seen.append(observation.astype(np.float16))
        return stack.act(observation)

    clock_hz, command = _asked(actors)
    return run_policy(act, clock_hz, command, seconds, seed, adaptor, ground), seen


def _spread(results: Sequence[EpisodeResult], seen: Sequence[np.ndarray],
            count: int) -> np.ndarray:
    """Pick observations over each walk. Shape: (n, count, observation), float16."""
    picked = np.empty((len(results), count, seen[0].shape[1]), np.float16)
    for i, result in enumerate(results):
        # None from after a fall: nobody need know what to do lying on the ground.
        ticks = np.linspace(0, len(result.trajectory) - 1, count).astype(int)
        picked[i] = np.stack([seen[tick][i] for tick in ticks])
    return picked
