# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The conditioned base: one network that also reads the gait parameters.

DAgger against the analytic teacher. Its clones are actors that do *not* read them: all of them
start at one actor that imitates the base at the mean gait, so their own gait must enter their
weights by training, and the archive is not a gait vector in disguise.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.base_config import BaseWeightsTraining, ImitationConfig
from policy_gen_ros.domains.go2.building.collect import collect, StateBatch
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import OBSERVATION_DIM, observation_dim
from policy_gen_ros.domains.go2.spec import HIDDEN_SIZES
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_gaits, sample_walks
from policy_gen_ros.policies.weights import Layers
from policy_gen_ros.utils.progress import progress
from policy_gen_ros.utils.tensors import load_tensors, save_tensors
import torch

BASE_FILE, BASE_ADAPTOR_FILE = 'base-0.safetensors', 'adaptor.safetensors'
"""In a folder of base policies."""
BASE_HIDDEN = (384, 256)
"""Larger than an actor's: a base knows all gaits, an actor one."""
GAIT_DIM = sample_gaits(1, np.random.default_rng(0)).features().shape[1]


def mlp(sizes: Sequence[int]) -> torch.nn.Sequential:
    """Return a network with these units and ELU between its layers."""
    parts: list[torch.nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        parts += [torch.nn.Linear(fan_in, fan_out), torch.nn.ELU()]
    return torch.nn.Sequential(*parts[:-1])


def layers_of(network: torch.nn.Sequential) -> Layers:
    """Weights and biases of a network's layers, copied."""
    return tuple((m.weight.detach().numpy().copy(), m.bias.detach().numpy().copy())
                 for m in network if isinstance(m, torch.nn.Linear))


class ConditionedPolicy(torch.nn.Module):
    """
    Actor network that reads a condition beside its observation -> action 12.

    :param inputs: size of observation and condition together; default: with a latent of two values
        and the features of a gait
    """

    def __init__(self, inputs: int = OBSERVATION_DIM + GAIT_DIM) -> None:
        super().__init__()
        self.network = mlp((inputs, *BASE_HIDDEN, go2.NUM_JOINTS))

    def forward(self, observation: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Actions. Shapes: (n, any), (n, condition) -> (n, 12)."""
        return self.network(torch.cat([observation, condition], dim=-1))

    @torch.no_grad()
    def act(self, observation: np.ndarray, condition: torch.Tensor) -> np.ndarray:
        """Clipped actions of a batch of robots."""
        return self(torch.from_numpy(observation), condition).clamp(
            -go2.ACTION_CLIP, go2.ACTION_CLIP).numpy()

    def layers(self) -> Layers:
        """Weights and biases; the first layer reads the observation, then the condition."""
        return layers_of(self.network)

    @classmethod
    def from_layers(cls, layers: Layers) -> ConditionedPolicy:
        """Inverse of :meth:`layers`."""
        policy = cls(layers[0][0].shape[1])
        values = [torch.from_numpy(value) for layer in layers for value in layer]
        policy.load_state_dict(dict(zip(policy.state_dict(), values)))
        return policy

    def save(self, path: Path) -> None:
        """Write to safetensors."""
        save_tensors({k: v.numpy() for k, v in self.state_dict().items()}, path)

    @classmethod
    def load(cls, path: Path) -> ConditionedPolicy:
        """
        Read what :meth:`save` wrote.

        :raises ValueError: the file cannot be read, or holds something else
        """
        tensors = {k: torch.from_numpy(v) for k, v in load_tensors(path, ValueError).items()}
        try:
            policy = cls(tensors['network.0.weight'].shape[1])
            policy.load_state_dict(tensors)
        except (KeyError, IndexError, RuntimeError) as error:
            raise ValueError(f'{path} holds no base policy: copy it again') from error
        return policy

    @classmethod
    def load_with_adaptor(cls, folder: Path) -> tuple[ConditionedPolicy, Adaptor]:
        """
        Read a base policy, and the adaptor whose latent it reads, from their folder.

        :raises ValueError: a file cannot be read, or holds something else
        """
        return cls.load(folder / BASE_FILE), Adaptor.load(folder / BASE_ADAPTOR_FILE)


def train_base(adaptor: Adaptor, config: ImitationConfig, seed: int) -> ConditionedPolicy:
    """Imitate the teacher over all gaits and commands."""
    torch.manual_seed(seed)
    rng, teacher = np.random.default_rng(seed), GaitController()
    policy = ConditionedPolicy(observation_dim(adaptor.latent_dim) + GAIT_DIM)
    optimizer = torch.optim.Adam(policy.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, total_steps=config.rounds * config.steps)
    data: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
    bar = progress(range(config.rounds), about='nominal imitation', unit='round', at_once=True)
    for round_index in bar:
        gaits, nominal = sample_walks(config.robots, rng)
        features = torch.from_numpy(gaits.features().astype(np.float32))
        act = None if round_index == 0 else lambda obs, f=features: policy.act(obs, f)
        kept = collect(act, gaits, nominal, adaptor, config.ticks, seed + round_index)
        data.append((torch.from_numpy(np.concatenate([b.observations() for b in kept])),
                     features.repeat(len(kept), 1),
                     torch.from_numpy(np.concatenate([b.labels(teacher, gaits) for b in kept]))))
        observation, condition, label = (torch.cat(parts) for parts in zip(*data))
        total = 0.0
        for _ in range(config.steps):
            pick = torch.randint(len(observation), (config.batch,))
            loss = (policy(observation[pick], condition[pick]) - label[pick]).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        bar.set_postfix(loss=f'{total / config.steps:.4f}', refresh=False)
    return policy


def common_start(base: ConditionedPolicy, pool: StateBatch, config: BaseWeightsTraining,
                 seed: int) -> Layers:
    """
    Train an actor that does what the base does at the mean gait: where all its clones begin.

    :param pool: states that the base visited
    """
    gaits, _ = sample_walks(2000, np.random.default_rng(0))
    mean = torch.from_numpy(gaits.features().mean(axis=0).astype(np.float32))
    seen = pool.observations()
    observation = torch.from_numpy(seen)
    label = torch.from_numpy(base.act(seen, mean.expand(len(seen), -1)))
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    actor = mlp((seen.shape[1], *HIDDEN_SIZES, go2.NUM_JOINTS))
    optimizer = torch.optim.Adam(actor.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.learning_rate,
                                                   total_steps=config.steps)
    for _ in range(config.steps):
        pick = torch.randint(len(observation), (config.batch,), generator=generator)
        loss = (actor(observation[pick]) - label[pick]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return layers_of(actor)
