"""
The conditioned base: one network that is told the style. It gives all actors a common start.

DAgger against the analytic teacher. Actors start from this network with its style inputs folded
into the first bias at the *mean* style, the same point for all: their own style must enter their
weights by training, so the archive is not a style vector in disguise.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from policy_gen_ros.actor.adaptor import Adaptor
from policy_gen_ros.actor.spec import HIDDEN_SIZES
from policy_gen_ros.actor.weights import Layers
from policy_gen_ros.archive.collect import collect, StateBatch
from policy_gen_ros.robot import go2
from policy_gen_ros.robot.observation import OBSERVATION_DIM
from policy_gen_ros.teacher.gait_controller import GaitController
from policy_gen_ros.teacher.style import GaitStyle, sample_commands, sample_styles
from safetensors.numpy import load_file, save_file
import torch
from tqdm import tqdm

STYLE_DIM = sample_styles(1, np.random.default_rng(0)).features().shape[1]


class ConditionedPolicy(torch.nn.Module):
    """Actor network with style inputs: (observation 49, style 14) -> action 12."""

    def __init__(self) -> None:
        super().__init__()
        sizes = (OBSERVATION_DIM + STYLE_DIM, *HIDDEN_SIZES, go2.NUM_JOINTS)
        parts: list[torch.nn.Module] = []
        for fan_in, fan_out in pairwise(sizes):
            parts += [torch.nn.Linear(fan_in, fan_out), torch.nn.ELU()]
        self.network = torch.nn.Sequential(*parts[:-1])

    def forward(self, observation: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        """Actions. Shapes: (n, 49), (n, 14) -> (n, 12)."""
        return self.network(torch.cat([observation, style], dim=-1))

    @torch.no_grad()
    def act(self, observation: np.ndarray, style: torch.Tensor) -> np.ndarray:
        """Clipped actions of a batch of robots."""
        return self(torch.from_numpy(observation), style).clamp(
            -go2.ACTION_CLIP, go2.ACTION_CLIP).numpy()

    def folded(self, style: np.ndarray) -> Layers:
        """Return the network with one style folded into its first bias. ``style``: (14,)."""
        linear = [m for m in self.network if isinstance(m, torch.nn.Linear)]
        pairs = [(m.weight.detach().numpy().copy(), m.bias.detach().numpy().copy())
                 for m in linear]
        weight, bias = pairs[0]
        folded_bias = (bias + weight[:, OBSERVATION_DIM:] @ style).astype(np.float32)
        return ((weight[:, :OBSERVATION_DIM].copy(), folded_bias), *pairs[1:])

    def save(self, path: Path) -> None:
        """Write to safetensors."""
        save_file({k: v.numpy() for k, v in self.state_dict().items()}, path)

    @classmethod
    def load(cls, path: Path) -> ConditionedPolicy:
        """Read what :meth:`save` wrote."""
        policy = cls()
        policy.load_state_dict({k: torch.from_numpy(v) for k, v in load_file(path).items()})
        return policy


def train_base(adaptor: Adaptor, rounds: int = 16, robots: int = 512, ticks: int = 200,
               steps: int = 1200, seed: int = 0) -> tuple[ConditionedPolicy, StateBatch]:
    """
    Imitate the teacher over all styles and commands.

    :return: the policy, and pooled states it visited in the last rounds (for cloning)
    """
    torch.manual_seed(seed)
    rng, teacher, policy = np.random.default_rng(seed), GaitController(), ConditionedPolicy()
    optimizer = torch.optim.Adam(policy.parameters(), 1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=rounds * steps)
    data: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
    pool: list[StateBatch] = []
    progress = tqdm(range(rounds), desc='base policy', unit='round')
    for round_index in progress:
        style = sample_styles(robots, rng)
        features = torch.from_numpy(style.features().astype(np.float32))
        act = None if round_index == 0 else lambda obs, f=features: policy.act(obs, f)
        kept = collect(act, teacher, style, sample_commands(style, rng), adaptor, ticks,
                       seed + round_index)
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
    style: GaitStyle = sample_styles(count, np.random.default_rng(0))
    return style.features().mean(axis=0).astype(np.float32)


def common_start(base: ConditionedPolicy) -> Layers:
    """Fold the base at the mean style: where every actor's training starts."""
    return base.folded(mean_style_features())
