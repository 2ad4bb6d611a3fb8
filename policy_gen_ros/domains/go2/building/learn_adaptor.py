# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Training the adaptor: friction and restitution by regression under domain randomisation."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor, INPUT_DIM
from policy_gen_ros.domains.go2.building.base_config import AdaptorTraining
from policy_gen_ros.domains.go2.building.collect import random_commands
from policy_gen_ros.domains.go2.building.learn_base import layers_of, mlp
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController, TeacherInput
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_walks
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.closed_loop import ClosedLoop
from policy_gen_ros.utils.progress import progress
import torch

HIDDEN = (256, 128)


def privileged_targets(friction: np.ndarray, restitution: np.ndarray) -> np.ndarray:
    """Regression targets in the normalisation of walk-these-ways: [0, 1] becomes [-1, 1]."""
    return np.stack([friction, restitution], axis=1) * 2 - 1


def collect_histories(config: AdaptorTraining, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Teacher walks on random ground. Shapes: (samples, 2100), (samples, 2)."""
    rng, teacher = np.random.default_rng([seed, 1]), GaitController()
    gaits, nominal = sample_walks(config.robots, rng)
    twin = BatchTwin(config.robots, seed, config.perturbation)
    loop = ClosedLoop(twin, None, gaits.frequency_hz, rng.random(config.robots))
    target = privileged_targets(twin.friction, twin.restitution)
    inputs, targets = [], []
    command = random_commands(gaits, nominal, rng)
    for t in progress(range(config.ticks), about='teacher walks', unit='tick'):
        if t % 75 == 74:
            command = random_commands(gaits, nominal, rng)
        _, state = loop.observe(command)
        truth = twin.truth()
        if t > 20 and t % 15 == 0:
            inputs.append(loop.history.astype(np.float16))
            targets.append(target)
        seen = TeacherInput(state, truth.base_velocity, truth.height, loop.phase, command)
        loop.apply(teacher.actions(seen, gaits))
        fallen = np.flatnonzero(twin.fallen)
        if len(fallen):
            loop.reset(fallen)
    return np.concatenate(inputs).astype(np.float32), np.concatenate(targets).astype(np.float32)


def train_adaptor(config: AdaptorTraining, seed: int) -> tuple[Adaptor, dict[str, float]]:
    """
    Train an adaptor 2100-256-128-2.

    :return: the adaptor, and its R^2 for friction and restitution on robots it was not trained on
    """
    inputs, targets = (torch.from_numpy(a) for a in collect_histories(config, seed))
    order = np.arange(len(inputs)) % config.robots
    held_out = torch.from_numpy(order >= 0.9 * config.robots)
    torch.manual_seed(seed)
    network = mlp((INPUT_DIM, *HIDDEN, targets.shape[1]))
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=config.weight_decay)
    train_x, train_y = inputs[~held_out], targets[~held_out]
    steps = config.epochs * (len(train_x) // config.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.learning_rate,
                                                   total_steps=steps)
    for _ in progress(range(steps), about='adaptor', unit='step'):
        pick = torch.randint(len(train_x), (config.batch,))
        x = train_x[pick] + config.input_noise * torch.randn(config.batch, INPUT_DIM)
        loss = torch.nn.functional.mse_loss(network(x), train_y[pick])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        error = ((network(inputs[held_out]) - targets[held_out])**2).mean(dim=0)
        r2 = 1 - error / targets[held_out].var(dim=0)
    quality = {'r2_friction': float(r2[0]), 'r2_restitution': float(r2[1])}
    return Adaptor(layers_of(network)), quality
