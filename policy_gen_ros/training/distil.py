"""
Distilling the decision about aims: one step instead of many.

After few steps of a deterministic sampler, aims vary too little: its first step returns something
near the mean of all that fits. So the model learns where its own noise ends up after many steps
(Luhman and Luhman 2021), and one step has nearly the spread of many.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import numpy as np
from policy_gen_ros.diffusion.model import DiffusionModel
from policy_gen_ros.diffusion.sample import EXTRA_DIM, known_extras
from policy_gen_ros.diffusion.sampler import ddim_sample, guided, pinned, T_MAX
from policy_gen_ros.training.dataset import BehaviorSet
from policy_gen_ros.training.diffusion import (
    Cases,
    draw_cases,
    draw_conditions,
    draws_actor,
    fit_denoiser,
)
import torch
from torch import Tensor
from tqdm import tqdm

TEACHER_STEPS = 50
TOGETHER = 1024
LATEST = 0.9
"""Beyond it the denoiser no longer learns means, but what the teacher makes of the noise."""


def distil_aims(model: DiffusionModel, data: BehaviorSet, latents: Tensor, importance: Tensor,
                embeddings: Tensor, steps: int, samples: int, seed: int = 0,
                checkpoint: Path | None = None) -> None:
    """
    Train in place; see :func:`policy_gen_ros.training.diffusion.train_diffusion`.

    Half of the cases that decide aims stay as they were, so that more steps still work.

    :param samples: of the teacher
    """
    taught = teach(deepcopy(model).eval(), data, embeddings, samples, seed)
    half = torch.arange(len(draws_actor())) % 2 == 0

    def draw(rng: np.random.Generator) -> Cases:
        cases = draw_cases(data, latents, embeddings, rng, LATEST)
        rows = torch.nonzero(~draws_actor() & half)[:, 0]
        pick = torch.from_numpy(rng.integers(0, len(taught.t), len(rows)))
        for name in ('x0', 'noise', 't', 'present'):
            getattr(cases, name)[rows] = getattr(taught, name)[pick]
        for source, features in cases.conditions.items():
            features[rows] = taught.conditions[source][pick]
        return cases

    fit_denoiser(model, importance, draw, steps, 'distillation', seed, checkpoint)


@torch.no_grad()
def teach(teacher: DiffusionModel, data: BehaviorSet, embeddings: Tensor, samples: int,
          seed: int) -> Cases:
    """Sample in many steps for random goals, as cases at the first time."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    parts = []
    for _ in tqdm(range(-(-samples // TOGETHER)), desc='teacher', unit='batch', mininterval=5):
        pick = torch.from_numpy(data.draw(TOGETHER, rng))
        conditions, present, measures = draw_conditions(
            data, embeddings, pick, torch.zeros(TOGETHER, dtype=torch.bool), rng)
        noise = torch.randn(TOGETHER, teacher.sample_dim)
        known = torch.full_like(noise, torch.nan)
        known[:, -EXTRA_DIM:] = torch.from_numpy(known_extras(measures))
        token = teacher.condition(conditions, present)
        predict = pinned(guided(teacher.denoiser, token, token, 1.0), known)
        x0 = ddim_sample(predict, noise, TEACHER_STEPS)
        parts.append(Cases(x0, noise, torch.full((TOGETHER,), T_MAX), conditions, present))
    return Cases(
        torch.cat([part.x0 for part in parts]), torch.cat([part.noise for part in parts]),
        torch.cat([part.t for part in parts]),
        {source: torch.cat([part.conditions[source] for part in parts])
         for source in parts[0].conditions},
        torch.cat([part.present for part in parts]))
