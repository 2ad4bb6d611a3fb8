# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Reinforcement learning of many actors at once: runs with checkpoints, and refinement of clones.

A run starts from actors that hardly walk and keeps them along the way: half-trained ones are
prompts of their own (Make-An-Agent, Liang et al. 2024, collects its data so). Refinement takes
small steps from actors that walk.

Training advances in stages. A stage puts new robots on new ground and ends by time, and all its
randomness comes from the seed and its number: networks, optimisers and that number are all that a
run needs to go on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.rl_finetuning import Practice, PRIVILEGED_DIM
from policy_gen_ros.domains.go2.robot.observation import OBSERVATION_DIM
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation, ROUGH
from policy_gen_ros.policies.weights import ActorWeights, Layers
from policy_gen_ros.training.ppo import Learner, PpoConfig, rate_share
from policy_gen_ros.utils.files import write_stream
from policy_gen_ros.utils.progress import progress
import torch

CHECKPOINTS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0)
"""Shares of a run after which its actors are kept."""


@dataclass(frozen=True)
class ReinforceConfig:
    """
    Size of a run.

    A stage is ``iterations`` times ``horizon`` + 1 ticks; the last tick of an iteration only
    gives the value of the state that the one before it led to.

    :param steps_per_actor: ticks that each actor learns from, rounded up to whole stages; the
        critics' warm-up is not counted
    :param warm_up_stages: at the beginning, only the critics learn: with the gradients of a raw
        critic an actor forgets how to walk
    :param final_share: what is left of the learning rate at the end; it falls linearly
    :param perturbation: of the training ground. Bouncing feet, on which nothing walks well,
        would fill the experience with falls.
    """

    steps_per_actor: int = 300_000
    robots_per_actor: int = 20
    iterations: int = 5
    horizon: int = 50
    warm_up_stages: int = 1
    final_share: float = 0.2
    perturbation: Perturbation = ROUGH
    ppo: PpoConfig = field(default_factory=PpoConfig)

    def __post_init__(self) -> None:
        sizes = (self.steps_per_actor, self.robots_per_actor, self.iterations, self.horizon)
        if min(sizes) < 1 or self.warm_up_stages < 0:
            raise ValueError('steps, robots, iterations and horizon must be at least 1 and '
                             f'warm_up_stages at least 0, got {self}')

    @property
    def stages(self) -> int:
        """Stages of a run, the critics' warm-up not counted."""
        return -(-self.steps_per_actor // (self.robots_per_actor * self.iterations * self.horizon))

    def rate_share(self, stage: int) -> float:
        """Share of the learning rate in a stage: zero while the critics warm up."""
        return rate_share(stage - self.warm_up_stages, self.stages, self.final_share)


REFINEMENT = ReinforceConfig(
    steps_per_actor=50_000, ppo=PpoConfig(noise=0.15, learning_rate=3e-5))
"""Small steps around actors that walk already."""


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


def train_runs(starts: Sequence[Layers], style: GaitParameters, nominal: np.ndarray,
               adaptor: Adaptor, config: ReinforceConfig, seed: int, file: Path | None = None,
               checkpoints: Sequence[float] = CHECKPOINTS) -> ReinforcedRuns:
    """
    Train each actor towards its style and keep it along the way.

    :param starts: what each actor begins with
    :param style: wanted of each actor. Shape: (actors,)
    :param nominal: nominal commands. Shape: (actors, 3)
    :param file: state after each stage; a run that finds it goes on from there, and gives the
        same actors, bit for bit, as one that was never interrupted (on one machine, with one
        torch thread)
    :param checkpoints: shares of the run, ascending, at most 1
    :raises ValueError: the file is of a run with other starts, styles, settings or seed
    """
    learner = Learner(starts, PRIVILEGED_DIM, config.ppo, seed)
    recipe = _recipe(starts, style, nominal, adaptor, (config, seed, tuple(checkpoints)))
    state: dict[str, Any] = {'recipe': recipe, 'stage': 0, 'weights': [], 'reward': [],
                             'falls_per_s': []}
    if file is not None and file.exists():
        state = torch.load(file, weights_only=True)
        if state['recipe'] != recipe:
            raise ValueError(f'{file} belongs to a run with other starts, styles, settings or '
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
        reward, falls = _run_stage(learner, style, nominal, adaptor, config, seed, state['stage'])
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


def refine(actors: Sequence[Layers], style: GaitParameters, nominal: np.ndarray, adaptor: Adaptor,
           seed: int, config: ReinforceConfig = REFINEMENT) -> list[Layers]:
    """
    Take small steps from finished actors; whether they became better is for the caller to judge.

    Arguments as in :func:`train_runs`.
    """
    runs = train_runs(actors, style, nominal, adaptor, config, seed, checkpoints=(1.0,))
    sizes = (OBSERVATION_DIM, *(len(bias) for _, bias in actors[0]))
    return [ActorWeights.layers_from_vector(vector, sizes) for vector in runs.weights[0]]


def _run_stage(learner: Learner, style: GaitParameters, nominal: np.ndarray, adaptor: Adaptor,
               config: ReinforceConfig, seed: int,
               stage: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Practise on new robots. Returns mean reward and falls per second. Shapes: (actors,)."""
    robots = np.arange(len(style)).repeat(config.robots_per_actor)
    practice = Practice(learner, len(style), style[robots], nominal[robots], adaptor,
                        config.perturbation, [seed, stage])
    for _ in range(config.iterations):
        learner.learn(practice.gather(config.horizon), config.rate_share(stage),
                      practice.generator)
    return practice.mean_reward(), practice.falls_per_s()


def _recipe(starts: Sequence[Layers], style: GaitParameters, nominal: np.ndarray, adaptor: Adaptor,
            settings: tuple[object, ...]) -> str:
    digest = hashlib.sha256(repr(settings).encode())
    parts = [part for layers in (*starts, adaptor.layers) for layer in layers for part in layer]
    for values in (style.to_array(), nominal, *parts):
        digest.update(np.ascontiguousarray(values, '<f8').tobytes())
    return digest.hexdigest()
