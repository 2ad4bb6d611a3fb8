# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Policies that run in simulated robots for an episode each, in worker processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from policy_gen_ros.archive.format import PROBE_STATES
from policy_gen_ros.domains.domain import PolicyEpisode, RolloutBatch
from policy_gen_ros.domains.gymnasium_locomotion.robot import (
    ACTION_LIMIT,
    ACTIVATION,
    EPISODE_STEPS,
    Robot,
    TRAJECTORY_ROWS,
)
from policy_gen_ros.domains.gymnasium_locomotion.simulation import model_file, Robots
from policy_gen_ros.policies.weights import ActorWeights, Layers
from policy_gen_ros.training.actor_batch import ActorBatch
from policy_gen_ros.utils.workers import one_thread, results_of

TRAJECTORY_START = 100
"""Step of an episode that the first row of a trajectory shows; earlier in a short episode."""
SHORTEST_EPISODE = TRAJECTORY_ROWS
BLOCK = 64
"""Policies that one job runs side by side."""


def run_episode(robot: Robot, policy: ActorWeights, seconds: float, seed: int) -> PolicyEpisode:
    """
    Run one policy. Its reward is that of the benchmark's 1,000 steps.

    :raises ValueError: too short or long a time
    :raises MissingGymnasiumError: there is no model to simulate
    """
    shortest = SHORTEST_EPISODE * robot.control_dt_s
    if not shortest <= seconds <= 600.0:
        raise ValueError(f'seconds must be {shortest:g} to 600, got {seconds:g}')
    steps = round(seconds / robot.control_dt_s)
    with one_thread():
        done, lasted = _simulate(robot, [policy.layers], episode_seeds(seed, 1), steps)
    survived = bool(done.survived[0])
    return PolicyEpisode(
        survived, seconds if survived else float(lasted[0] * robot.control_dt_s),
        dict(zip(robot.measures.names, done.measures[0].tolist())),
        float(done.reward[0]), done.trajectory[0], str(robot.gait_of(done.measures[0])))


def roll_out(robot: Robot, policies: Sequence[ActorWeights], seed: int,
             steps: int = EPISODE_STEPS) -> RolloutBatch:
    """
    Run each policy for one episode from its own first state.

    :param steps: of the episode, at least 200; rewards are sums over the benchmark's 1,000 steps,
        scaled where it has fewer and is completed
    :raises MissingGymnasiumError: there is no model to simulate
    """
    model_file(robot)  # said once, here, instead of by each worker
    blocks = list(_blocks([policy.layers for policy in policies]))
    seeds = episode_seeds(seed, len(policies))
    jobs = [(tuple(policies[i].layers for i in rows), tuple(seeds[rows].tolist()))
            for rows in blocks]
    done = results_of(_run_block, (robot, steps), jobs)
    return RolloutBatch.joined(done)[np.argsort(np.concatenate(blocks))]


def episode_seeds(seed: int | Sequence[int], count: int) -> np.ndarray:
    """Seeds of first states: the same ones for the same policy, however many follow it."""
    return np.random.SeedSequence(seed).generate_state(count)


def _blocks(networks: Sequence[Layers]) -> Iterator[np.ndarray]:
    """Rows of networks of one shape, at most so many at a time."""
    shapes: dict[tuple[tuple[int, ...], ...], list[int]] = {}
    for row, layers in enumerate(networks):
        shapes.setdefault(tuple(weight.shape for weight, _ in layers), []).append(row)
    for rows in shapes.values():
        for start in range(0, len(rows), BLOCK):
            yield np.array(rows[start:start + BLOCK])


def _run_block(shared: tuple[Robot, int],
               job: tuple[Sequence[Layers], Sequence[int]]) -> RolloutBatch:
    robot, steps = shared
    return run_episodes(robot, *job, steps)


def run_episodes(robot: Robot, networks: Sequence[Layers], seeds: Sequence[int] | np.ndarray,
                 steps: int) -> RolloutBatch:
    """
    Run policies of one shape side by side in this thread, as many episodes each as fit the seeds.

    :param seeds: of the first states; those of one policy are adjacent
    """
    return _simulate(robot, networks, seeds, steps)[0]


def _simulate(robot: Robot, networks: Sequence[Layers], seeds: Sequence[int] | np.ndarray,
              steps: int) -> tuple[RolloutBatch, np.ndarray]:
    """As :func:`run_episodes`; also how many steps each robot completed. Shape: (n,)."""
    if steps < SHORTEST_EPISODE:
        raise ValueError(f'steps must be at least {SHORTEST_EPISODE}, got {steps}')
    actors, robots = ActorBatch.stack(networks, ACTIVATION), Robots(robot, seeds)
    each = len(seeds) // len(networks)
    reward = np.zeros(len(seeds))
    measured = np.zeros((len(seeds), len(robot.measures)))
    start = min(TRAJECTORY_START, steps - TRAJECTORY_ROWS)
    lasted = np.zeros(len(seeds), int)
    rows, kept = [], {round(step) for step in np.linspace(0, steps - 1, PROBE_STATES)}
    observations = []
    for step in range(steps):
        observation = robots.observe()
        action = actors.act(observation, each, ACTION_LIMIT)
        gained, contact, speed = robots.step(action)
        reward += gained
        lasted += ~robots.failed
        if step >= robot.settle_steps:
            measured += np.column_stack([contact, speed])
        if start <= step < start + TRAJECTORY_ROWS:
            row = np.concatenate([observation, action], axis=1)
            rows.append(np.where(robots.failed[:, None], np.nan, row))
        if step in kept:
            observations.append(observation)
    survived = ~robots.failed
    measured /= steps - robot.settle_steps
    batch = RolloutBatch(
        survived=survived, succeeded=survived.copy(),
        reward=np.where(survived, reward * EPISODE_STEPS / steps, reward),
        measures=np.where(survived[:, None], measured, np.nan),
        trajectory=np.stack(rows, axis=1), observations=np.stack(observations, axis=1))
    return batch, lasted
