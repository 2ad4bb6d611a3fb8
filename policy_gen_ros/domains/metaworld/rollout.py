# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Policies that are tested in their tasks, in worker processes.

Each runs once in the layout of prompts, where it is measured and its trajectory is recorded, and
then in random layouts, in all of which it has to succeed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from policy_gen_ros.archive.format import PROBE_STATES
from policy_gen_ros.domains.domain import PolicyEpisode, RolloutBatch
from policy_gen_ros.domains.metaworld.constants import (
    CONTROL_DT_S,
    EPISODE_STEPS,
    OBSERVATION_DIM,
    PROMPT_LAYOUT,
    TEST_EPISODES,
)
from policy_gen_ros.domains.metaworld.episodes import act_of, run_task
from policy_gen_ros.domains.metaworld.measures import measure, MEASURES
from policy_gen_ros.domains.metaworld.simulation import check_installed
from policy_gen_ros.domains.metaworld.spec import MetaWorldSpec
from policy_gen_ros.policies.weights import ActorWeights, Layers
from policy_gen_ros.utils.workers import results_of

BLOCK = 16
"""Policies of one job: a worker takes seconds to start."""
_LARGEST_LAYOUT = 2**31


@dataclass(frozen=True)
class EvaluationJob:
    """
    Policies that one process tests.

    :param layouts: of the test episodes of each policy. Shape: (policies, episodes)
    :param steps: of an episode, at most
    """

    tasks: tuple[str, ...]
    networks: tuple[Layers, ...]
    layouts: np.ndarray
    steps: int = EPISODE_STEPS


def task_of_policy(policy: ActorWeights) -> str:
    """
    Return the task that a policy is for.

    :raises ValueError: it is of another domain
    """
    if not isinstance(policy.spec, MetaWorldSpec):
        raise ValueError(f'a policy of the domain {policy.spec.domain} has no task in MetaWorld')
    return policy.spec.task


def run_policy(policy: ActorWeights, seconds: float, seed: int) -> PolicyEpisode:
    """
    Test one policy in the layout of prompts and in five random ones.

    Its reward is the share of the latter in which it does its task.

    :param seconds: of an episode at most; MetaWorld's have 6.25 s
    :raises ValueError: not a time that an episode has
    :raises MissingMetaWorldError: there is nothing to simulate
    """
    steps = round(seconds / CONTROL_DT_S)
    if steps != EPISODE_STEPS:
        raise ValueError(f'an episode of MetaWorld has {EPISODE_STEPS * CONTROL_DT_S:g} s, got '
                         f'{seconds:g}: leave --seconds out')
    done = roll_out([policy], seed)
    return PolicyEpisode(
        bool(done.survived[0]), seconds, dict(zip(MEASURES.names, done.measures[0].tolist())),
        float(done.reward[0]), done.trajectory[0], task_of_policy(policy))


def roll_out(policies: Sequence[ActorWeights], seed: int,
             episodes: int = TEST_EPISODES, steps: int = EPISODE_STEPS) -> RolloutBatch:
    """
    Test policies.

    A policy succeeds, and has survived, if it does its task in all random layouts and in that of
    prompts. Its reward is the share of the random layouts in which it does its task.

    :param episodes: in random layouts
    :param steps: of an episode, at most
    :raises MissingMetaWorldError: there is nothing to simulate
    """
    check_installed()  # said once, here, instead of by each worker
    layouts = random_layouts(seed, len(policies), episodes)
    jobs = [EvaluationJob(tuple(map(task_of_policy, part)),
                          tuple(policy.layers for policy in part),
                          layouts[start:start + BLOCK], steps)
            for start in range(0, len(policies), BLOCK)
            for part in [policies[start:start + BLOCK]]]
    return RolloutBatch.joined(results_of(evaluate_policies, None, jobs))


def random_layouts(seed: int | Sequence[int], count: int, episodes: int) -> np.ndarray:
    """
    Random layouts: the same for the same policy, however many follow it.

    Shape: (count, episodes)
    """
    rng = np.random.default_rng(seed)
    return rng.integers(PROMPT_LAYOUT + 1, _LARGEST_LAYOUT, (count, episodes))


def evaluate_policies(_: None, job: EvaluationJob) -> RolloutBatch:
    """Test policies one after the other in this process."""
    results = [_test(*parts, job.steps) for parts in zip(job.tasks, job.networks, job.layouts)]
    return RolloutBatch(*(np.array(column) for column in zip(*results)))


def _test(task: str, layers: Layers, layouts: np.ndarray, steps: int) -> tuple[
        bool, bool, float, np.ndarray, np.ndarray, np.ndarray]:
    """Return what one policy did, in the order of RolloutBatch."""
    act = act_of(layers)
    prompt = run_task(task, act, PROMPT_LAYOUT, steps, record=True)
    tests = [run_task(task, act, int(layout), steps) for layout in layouts]
    share = float(np.mean([test.success >= 0 for test in tests]))
    succeeded = share == 1 and prompt.success >= 0
    states = np.concatenate([episode.rows for episode in (prompt, *tests)])[:, :OBSERVATION_DIM]
    kept = np.linspace(0, len(states) - 1, PROBE_STATES).round().astype(int)
    return (succeeded, succeeded, share, measure(task, prompt.rows, prompt.success),
            prompt.trajectory, states[kept])
