# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Walks that training learns from: what actors did, and the observations that they met."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.domain import RolloutBatch
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY_DIM, TRAJECTORY_ROWS
from policy_gen_ros.domains.go2.spec import go2_spec, NETWORK
from policy_gen_ros.domains.go2.twin.closed_loop import run_policy
from policy_gen_ros.domains.go2.twin.episode import SETTLE_S
from policy_gen_ros.policies.network import ActorStack
from policy_gen_ros.policies.weights import ActorWeights

WALK_S = 6.0
OBSERVATIONS = 48


def collect_rollouts(actors: Sequence[ActorWeights], adaptor: Adaptor, seed: int) -> RolloutBatch:
    """Walk actors side by side from standing under their nominal commands."""
    stack = ActorStack(actors, NETWORK)
    clock_hz = np.array([go2_spec(actor).clock_hz for actor in actors])
    command = np.array([actor.nominal_command for actor in actors])
    seen: list[np.ndarray] = []

    def act(observation: np.ndarray) -> np.ndarray:
        seen.append(observation.astype(np.float16))
        return stack.act(observation)

    results = run_policy(act, clock_hz, command, WALK_S, seed, adaptor)
    trajectory = np.full((len(actors), TRAJECTORY_ROWS, TRAJECTORY_DIM), np.nan, np.float32)
    observations = np.empty((len(actors), OBSERVATIONS, seen[0].shape[1]), np.float16)
    settled = round(SETTLE_S / go2.CONTROL_DT_S)
    for i, result in enumerate(results):
        rows = result.trajectory[settled:settled + TRAJECTORY_ROWS]
        trajectory[i, :len(rows)] = rows
        # None from after a fall: nobody need know what to do lying on the ground.
        ticks = np.linspace(0, len(result.trajectory) - 1, OBSERVATIONS).astype(int)
        observations[i] = np.stack([seen[tick][i] for tick in ticks])
    survived = np.array([r.survived for r in results])
    measures = np.array([list(r.measures.values()) for r in results], np.float32)
    controls = np.concatenate([clock_hz[:, None], command], axis=1)
    return RolloutBatch(survived, find_domain().succeeded(measures, controls, survived),
                        np.array([r.reward for r in results], np.float32), measures, trajectory,
                        observations)
