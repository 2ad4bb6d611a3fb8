# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Reinforcement learning of many actors at once.

A run starts from actors that hardly walk and keeps them along the way: half-trained ones are
prompts of their own (Make-An-Agent, Liang et al. 2024, collects its data so).

Training advances in stages. A stage puts new robots on new ground and ends by time, and all its
randomness comes from the seed and its number: networks, optimisers and that number are all that a
run needs to go on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.base_config import FinetuningConfig
from policy_gen_ros.domains.go2.building.rl_finetuning import privileged_dim, RolloutCollector
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters
from policy_gen_ros.policies.weights import Layers
from policy_gen_ros.training.ppo import Learner, rate_share
from policy_gen_ros.utils.files import write_stream
from policy_gen_ros.utils.progress import progress
import torch


@dataclass(frozen=True, eq=False)
class FinetuningTask:
    """
    Actors, and what they are to learn.

    :param starts: what each actor begins with
    :param gaits: wanted of each actor. Shape: (actors,)
    :param nominal: nominal commands. Shape: (actors, 3)
    """

    starts: Sequence[Layers]
    gaits: GaitParameters
    nominal: np.ndarray
    adaptor: Adaptor


@dataclass(frozen=True)
class ReinforcedRuns:
    """
    Actors along their runs.

    :param progress: share of the training behind each checkpoint. Shape: (checkpoints,)
    :param weights: Shape: (checkpoints, actors, parameters), float32
    :param reward: mean reward of a tick in each stage, exploring. Shape: (stages, actors)
    :param falls_per_s: a robot, in each stage. Shape: (stages, actors)
    """

    progress: np.ndarray
    weights: np.ndarray
    reward: np.ndarray
    falls_per_s: np.ndarray


def train_runs(task: FinetuningTask, config: FinetuningConfig, seed: int,
               checkpoints: Sequence[float], file: Path | None = None) -> ReinforcedRuns:
    """
    Train each actor towards its gait and keep it along the way.

    :param file: state after each stage; a run that finds it goes on from there, and gives the
        same actors, bit for bit, as one that was never interrupted (on one machine, with one
        torch thread)
    :param checkpoints: shares of the run, ascending, at most 1
    :raises ValueError: the file is of a run with other starts, gaits, settings or seed
    """
    learner = Learner(task.starts, privileged_dim(task.adaptor), config.ppo, seed)
    recipe = _recipe(task, (config, seed, tuple(checkpoints)))
    state: dict[str, Any] = {'recipe': recipe, 'stage': 0, 'weights': [], 'reward': [],
                             'falls_per_s': []}
    if file is not None and file.exists():
        state = torch.load(file, weights_only=True)
        if state['recipe'] != recipe:
            raise ValueError(f'{file} belongs to a run with other starts, gaits, settings or '
                             'seed; remove it or choose another file')
        learner.load_state(state['learner'])
    last = config.warm_up_stages + config.stages
    bar = progress(done=state['stage'], total=last, about='reinforcement', unit='stage')
    while True:
        learnt = state['stage'] - config.warm_up_stages
        due = [share for share in checkpoints if round(share * config.stages) <= learnt]
        state['weights'] += [learner.actors.vectors()] * (len(due) - len(state['weights']))
        if state['stage'] == last:
            break
        reward, falls = _run_stage(learner, task, config, seed, state['stage'])
        state['reward'].append(reward)
        state['falls_per_s'].append(falls)
        state['stage'] += 1
        if file is not None:
            write_stream(file, partial(torch.save, {**state, 'learner': learner.state()}))
        bar.set_postfix(reward=f'{reward.mean():.3f}', falls=f'{falls.mean():.3f}', refresh=False)
        bar.update()
    bar.close()
    return ReinforcedRuns(np.array(checkpoints), *(
        torch.stack(state[name]).numpy() for name in ('weights', 'reward', 'falls_per_s')))


def _run_stage(learner: Learner, task: FinetuningTask, config: FinetuningConfig, seed: int,
               stage: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Train on new robots. Returns mean reward and falls per second. Shapes: (actors,)."""
    count = len(task.gaits)
    robots = np.arange(count).repeat(config.robots)
    collector = RolloutCollector(learner, count, task.gaits[robots], task.nominal[robots],
                                 task.adaptor, config, [seed, stage])
    share = rate_share(stage - config.warm_up_stages, config.stages, config.final_share)
    for _ in range(config.iterations):
        learner.learn(collector.gather(config.horizon), share, collector.generator)
    return collector.mean_reward(), collector.falls_per_s()


def _recipe(task: FinetuningTask, settings: tuple[object, ...]) -> str:
    digest = hashlib.sha256(repr(settings).encode())
    parts = [part for layers in (*task.starts, task.adaptor.layers) for layer in layers
             for part in layer]
    for values in (task.gaits.to_array(), task.nominal, *parts):
        digest.update(np.ascontiguousarray(values, '<f8').tobytes())
    return digest.hexdigest()
