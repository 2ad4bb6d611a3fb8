"""
The conditioned base: one network that is told the style. It gives all actors a common start.

DAgger against the analytic teacher. Actors start from this network with its style inputs folded
into the first bias at the *mean* style, the same point for all: their own style must enter their
weights by training, so the archive is not a style vector in disguise.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from policy_gen_ros.actor.adaptor import Adaptor
from policy_gen_ros.actor.spec import HIDDEN_SIZES
from policy_gen_ros.actor.weights import Layers
from policy_gen_ros.building.collect import collect, StateBatch
from policy_gen_ros.robot import go2
from policy_gen_ros.robot.observation import OBSERVATION_DIM
from policy_gen_ros.teacher.gains import GAIN_NAMES
from policy_gen_ros.teacher.gait_controller import GaitController
from policy_gen_ros.teacher.style import GaitStyle, sample_styles, sample_walks
from safetensors.numpy import load_file, save_file
import torch
from tqdm import tqdm

DrawWalks = Callable[[int, np.random.Generator], tuple[GaitStyle, np.ndarray]]
STYLE_DIM = sample_styles(1, np.random.default_rng(0)).features().shape[1]


class ConditionedPolicy(torch.nn.Module):
    """
    Actor network that is told a condition beside its observation: (49, condition) -> action 12.

    :param condition_dim: size of the condition; default: the features of a style
    """

    def __init__(self, condition_dim: int = STYLE_DIM) -> None:
        super().__init__()
        sizes = (OBSERVATION_DIM + condition_dim, *HIDDEN_SIZES, go2.NUM_JOINTS)
        parts: list[torch.nn.Module] = []
        for fan_in, fan_out in pairwise(sizes):
            parts += [torch.nn.Linear(fan_in, fan_out), torch.nn.ELU()]
        self.network = torch.nn.Sequential(*parts[:-1])

    def forward(self, observation: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Actions. Shapes: (n, 49), (n, condition) -> (n, 12)."""
        return self.network(torch.cat([observation, condition], dim=-1))

    @torch.no_grad()
    def act(self, observation: np.ndarray, condition: torch.Tensor) -> np.ndarray:
        """Clipped actions of a batch of robots."""
        return self(torch.from_numpy(observation), condition).clamp(
            -go2.ACTION_CLIP, go2.ACTION_CLIP).numpy()

    def layers(self) -> Layers:
        """Weights and biases; the first layer reads the observation, then the condition."""
        return tuple((m.weight.detach().numpy().copy(), m.bias.detach().numpy().copy())
                     for m in self.network if isinstance(m, torch.nn.Linear))

    @classmethod
    def from_layers(cls, layers: Layers) -> ConditionedPolicy:
        """Inverse of :meth:`layers`."""
        policy = cls(layers[0][0].shape[1] - OBSERVATION_DIM)
        values = [torch.from_numpy(value) for layer in layers for value in layer]
        policy.load_state_dict(dict(zip(policy.state_dict(), values)))
        return policy

    def folded(self, style: np.ndarray) -> Layers:
        """Return the network with one style folded into its first bias. ``style``: (15,)."""
        pairs = self.layers()
        weight, bias = pairs[0]
        folded_bias = (bias + weight[:, OBSERVATION_DIM:] @ style).astype(np.float32)
        return ((weight[:, :OBSERVATION_DIM].copy(), folded_bias), *pairs[1:])

    def save(self, path: Path) -> None:
        """Write to safetensors."""
        save_file({k: v.numpy() for k, v in self.state_dict().items()}, path)

    @classmethod
    def load(cls, path: Path) -> ConditionedPolicy:
        """Read what :meth:`save` wrote."""
        tensors = {k: torch.from_numpy(v) for k, v in load_file(path).items()}
        policy = cls(tensors['network.0.weight'].shape[1] - OBSERVATION_DIM)
        policy.load_state_dict(tensors)
        return policy


def train_base(adaptor: Adaptor, rounds: int = 16, robots: int = 512, ticks: int = 200,
               steps: int = 1200, seed: int = 0, draw: DrawWalks = sample_walks,
               told_gains: bool = False) -> tuple[ConditionedPolicy, StateBatch]:
    """
    Imitate the teacher over all styles and commands.

    :param draw: gives styles and nominal commands to imitate
    :param told_gains: the condition has the styles' own gains beside their features
    :return: the policy, and pooled states it visited in the last rounds (for cloning)
    """
    torch.manual_seed(seed)
    rng, teacher = np.random.default_rng(seed), GaitController()
    policy = ConditionedPolicy(STYLE_DIM + told_gains * len(GAIN_NAMES))
    optimizer = torch.optim.Adam(policy.parameters(), 1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=rounds * steps)
    data: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
    pool: list[StateBatch] = []
    progress = tqdm(range(rounds), desc='base policy', unit='round')
    for round_index in progress:
        style, nominal = draw(robots, rng)
        told = [style.features()] + [style.gain_offset] * told_gains
        features = torch.from_numpy(np.concatenate(told, axis=1).astype(np.float32))
        act = None if round_index == 0 else lambda obs, f=features: policy.act(obs, f)
        kept = collect(act, teacher, style, nominal, adaptor, ticks, seed + round_index)
        data.append((torch.from_numpy(np.concatenate([b.observations() for b in kept])),
                     features.repeat(len(kept), 1),
                     torch.from_numpy(np.concatenate([b.labels(teacher, style) for b in kept]))))
        if round_index >= rounds - 4:
            pool += kept[::10]
        observation, condition, label = (torch.cat(parts) for parts in zip(*data))
        total = 0.0
        for _ in range(steps):
            pick = torch.randint(len(observation), (1024,))
            loss = (policy(observation[pick], condition[pick]) - label[pick]).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        progress.set_postfix(loss=f'{total / steps:.4f}')
    pooled = StateBatch.concatenate(pool)
    return policy, pooled[rng.permutation(len(pooled))[:20000]]


def mean_style_features(count: int = 2000) -> np.ndarray:
    """Mean of the style inputs over the archive's styles: where the common start is folded."""
    style, _ = sample_walks(count, np.random.default_rng(0))
    return style.features().mean(axis=0).astype(np.float32)


def common_start(base: ConditionedPolicy) -> Layers:
    """Fold the base at the mean style: where every actor's training starts."""
    return base.folded(mean_style_features())
