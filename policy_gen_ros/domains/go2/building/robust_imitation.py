# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Imitation of an expert that is told what the twins hide, by a policy that has to find out.

DAgger (Ross et al. 2011). The student begins as the expert's own base policy. It reads what an
adaptor, which learns along, makes of its history.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.base_config import PoolConfig, RobustImitationConfig
from policy_gen_ros.domains.go2.building.collect import (
    ACTION_NOISE,
    collect,
    random_commands,
    StateBatch,
)
from policy_gen_ros.domains.go2.building.expert import Expert
from policy_gen_ros.domains.go2.building.hidden import HiddenReader
from policy_gen_ros.domains.go2.building.latent_learning import AdaptorLearner, LATENT, widened
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy
from policy_gen_ros.domains.go2.building.symmetric import SymmetricPolicy
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_walks
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.closed_loop import ClosedLoop
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation
from policy_gen_ros.utils.files import write_stream
from policy_gen_ros.utils.progress import progress
import torch


@dataclass(frozen=True)
class Lesson:
    """
    What robots met, and what the expert would have done. First axis: sample.

    Shapes: ``history`` (n, 2100) float16; ``observation`` (n, 60), its latent to be filled in;
    ``condition`` (n, 15), features of gaits; ``action`` of the expert (n, 12); ``estimated``
    (n, 13), see :data:`policy_gen_ros.domains.go2.building.hidden.ESTIMATED`.
    """

    history: torch.Tensor
    observation: torch.Tensor
    condition: torch.Tensor
    action: torch.Tensor
    estimated: torch.Tensor

    @classmethod
    def joined(cls, lessons: list[Lesson]) -> Lesson:
        """Join lessons along the sample axis."""
        return cls(*(torch.cat([getattr(lesson, f.name) for lesson in lessons])
                     for f in fields(cls)))


def take_lesson(student: ConditionedPolicy, adaptor: Adaptor, expert: Expert,
                config: RobustImitationConfig, seed: list[int], by_expert: bool) -> Lesson:
    """
    Walk robots on drawn ground and keep every few of the states that they meet.

    :param by_expert: the expert walks, else the student
    """
    rng = np.random.default_rng(seed)
    gaits, nominal = sample_walks(config.robots, rng)
    twin = BatchTwin(config.robots, int(rng.integers(2**31)), config.perturbation)
    twin.reset(speed_noise=0.5)
    reader = HiddenReader(twin)
    loop = ClosedLoop(twin, adaptor, gaits.frequency_hz, rng.random(config.robots))
    features = torch.from_numpy(gaits.features().astype(np.float32))
    command = random_commands(gaits, nominal, rng)
    kept: list[Lesson] = []
    for tick in range(config.ticks):
        if tick % 75 == 74:
            command = random_commands(gaits, nominal, rng)
        observation, state = loop.observe(command)
        keeps = tick % config.keep_every == config.keep_every - 1
        if keeps or by_expert:
            label = expert.actions(state, loop, command, gaits, reader)
        if keeps:
            kept.append(Lesson(
                torch.from_numpy(loop.history).half(), torch.from_numpy(observation), features,
                torch.from_numpy(label), torch.from_numpy(reader.estimated())))
        action = label if by_expert else student.act(observation, features)
        noise = ACTION_NOISE * rng.standard_normal(action.shape)
        noisy = action + noise * (rng.random((config.robots, 1)) < 0.5)
        loop.apply(np.clip(noisy, -go2.ACTION_CLIP, go2.ACTION_CLIP))
        fallen = np.flatnonzero(twin.fallen)
        if len(fallen):
            loop.reset(fallen)
    return Lesson.joined(kept)


def visited_states(base: ConditionedPolicy, adaptor: Adaptor, ground: Perturbation,
                   config: PoolConfig, seed: int) -> StateBatch:
    """Return states that a policy met on drawn ground, for cloning."""
    rng = np.random.default_rng([seed, 2])
    kept: list[StateBatch] = []
    for number in range(config.rounds):
        gaits, nominal = sample_walks(config.robots, rng)
        told = torch.from_numpy(gaits.features().astype(np.float32))
        kept += collect(partial(base.act, condition=told), gaits, nominal, adaptor, config.ticks,
                        seed + number, ground, keep_every=10)
    pooled = StateBatch.concatenate(kept)
    return pooled[rng.permutation(len(pooled))[:config.states]]


def imitate_expert(base: ConditionedPolicy, adaptor: Adaptor, config: RobustImitationConfig,
                   seed: int, file: Path) -> tuple[ConditionedPolicy, Adaptor]:
    """
    Train a robust base policy and its adaptor.

    :param base: reads a latent of two values, as ``adaptor`` gives
    :param file: state after each round, from which training that was killed goes on
    """
    student, learner = widened(base), AdaptorLearner(adaptor, config.adaptor_rate, seed)
    optimizer = torch.optim.Adam(student.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, total_steps=config.rounds * config.steps)
    symmetric = SymmetricPolicy.from_layers(base.layers())
    expert, begin = Expert(symmetric, GaitController()), 0
    lessons: list[Lesson] = []
    if file.exists():
        state: dict[str, Any] = torch.load(file, weights_only=True)
        student.load_state_dict(state['student'])
        learner.load_state(state['adaptor'])
        optimizer.load_state_dict(state['optimizer'])
        schedule.load_state_dict(state['schedule'])
        lessons, begin = [Lesson(*parts) for parts in state['lessons']], state['round']
    bar = progress(range(begin, config.rounds), about='imitation of the expert', unit='round',
                   done=begin, total=config.rounds, at_once=True)
    for number in bar:
        lessons.append(take_lesson(student, learner.adaptor(), expert, config, [seed, number],
                                   by_expert=number == 0))
        lessons = lessons[-config.kept_rounds:]
        told = Lesson.joined(lessons)
        generator = torch.Generator().manual_seed(seed + number)
        total = 0.0
        for _ in range(config.steps):
            pick = torch.randint(len(told.action), (config.batch,), generator=generator)
            latent = learner.learn(told.history[pick].float(), told.estimated[pick])
            observation = told.observation[pick]
            observation[:, LATENT] = latent
            loss = (student(observation, told.condition[pick])
                    - told.action[pick]).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        write_stream(file, partial(torch.save, {
            'student': student.state_dict(), 'adaptor': learner.state(),
            'optimizer': optimizer.state_dict(), 'schedule': schedule.state_dict(),
            'lessons': [tuple(getattr(lesson, f.name) for f in fields(Lesson))
                        for lesson in lessons], 'round': number + 1}))
        bar.set_postfix(loss=f'{total / config.steps:.4f}', refresh=False)
    return student, learner.adaptor()
