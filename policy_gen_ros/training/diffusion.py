# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Training the latent diffusion model: x0 prediction with condition dropout.

One network does both parts of sampling (:mod:`policy_gen_ros.generation.generator`), and each has
cases of its own: to decide what to aim at, step by step, and, told all aims, to draw the actor
from nothing but noise.

The loss is on the sample alone. An action loss on decoded actors was tried beside it: its
gradient, from few actors, drowned that of the conditions, which were then hardly followed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from policy_gen_ros.domains.measures import Measures
from policy_gen_ros.models.condition_encoder import SOURCES
from policy_gen_ros.models.latent_diffusion import DiffusionModel
from policy_gen_ros.models.sampler import add_noise, T_MAX
from policy_gen_ros.training.dataset import BehaviorSet, measure_features
from policy_gen_ros.training.loop import Batch, fit
import torch
from torch import Tensor

EMPTY_PROBABILITY, ALONE_PROBABILITY = 0.05, 0.5
ALONE_SHARES = (0.5, 0.2, 0.3)
"""
Of text, measures and trajectory among the cases with one source. Text has the largest: of all that
users say, a sentence alone is the commonest and the hardest.
"""
ALL_SAID, ONLY_GRID = 0.5, 0.15
"""Shares of cases in which all measures are said, and only the grid's; else a random part."""
TEXT_NOISE = 0.4
"""Of an embedding's standard deviation: new wordings lie beside those that were trained on."""
DRAWING = 0.4
"""Share of the cases in which an actor is drawn; in the others aims are decided."""
CONTROL_WEIGHT = 3.0
AIM_WEIGHT, LATENT_WEIGHT = 5.0, 0.3
"""Where aims are decided. The actor beside them is thrown away, but they hang on each other."""
BATCH = 256
LEARNING_RATE, LONGEST_GRADIENT, AVERAGE = 1.5e-3, 1.0, 0.999


def random_measure_subset(measures: Measures, values: np.ndarray, complete: np.ndarray,
                          rng: np.random.Generator) -> np.ndarray:
    """
    Leave measures unsaid at random, and blur the others a little.

    :param complete: where nothing is left unsaid. Shape: (n,), bool
    :return: NaN where unsaid. Shape: (n, measures)
    """
    n, k = values.shape
    kind = rng.random((n, 1))
    said = rng.random((n, k)) < rng.random((n, 1))
    said = np.where(kind < ALL_SAID + ONLY_GRID, np.isin(np.arange(k), measures.grid), said)
    said |= (kind < ALL_SAID) | complete[:, None]
    noisy = values + measures.noise * rng.standard_normal((n, k))
    return np.where(said, noisy, np.nan)


def random_sources(count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw which sources are present: one in half of the cases, else any. Shape: (n, 3), bool."""
    present = rng.random((count, len(SOURCES))) < 0.5
    alone = rng.random(count) < ALONE_PROBABILITY
    only = rng.choice(len(SOURCES), count, p=ALONE_SHARES)
    present[alone] = only[alone, None] == np.arange(len(SOURCES))
    present[rng.random(count) < EMPTY_PROBABILITY] = False
    return present


def train_diffusion(model: DiffusionModel, data: BehaviorSet, latents: Tensor, importance: Tensor,
                    embeddings: Tensor, steps: int, seed: int = 0,
                    checkpoint: Path | None = None) -> None:
    """
    Train in place; the model then has the moving average of its weights.

    :param latents: latent of each behaviour's actor. Shape: (n, latent_dim)
    :param importance: share that each latent dimension has in what actors do: with it, an error
        in the latent counts as the error of actions that it makes. Shape: (latent_dim,)
    :param embeddings: behaviour embeddings of several cuts. Shape: (cuts, n, 128)
    :param checkpoint: see :func:`policy_gen_ros.training.loop.fit`
    """
    extras, latent = model.domain.extras, len(importance) * importance
    control = torch.full((extras.control_dim,), CONTROL_WEIGHT)
    aims = torch.full((extras.dim - extras.control_dim,), AIM_WEIGHT)
    weight = torch.where(draws_actor()[:, None], torch.cat([latent, control, 0 * aims]),
                         torch.cat([LATENT_WEIGHT * latent, control, aims]))

    def loss(x0: Tensor, noise: Tensor, t: Tensor, conditions: dict[str, Tensor], present: Tensor,
             weight: Tensor) -> Tensor:
        token = model.condition(conditions, present)
        predicted = model.denoiser(add_noise(x0, noise, t), t, token)
        return (weight * (predicted - x0).square()).mean()

    fit(model, loss, lambda rng: {**draw_cases(data, latents, embeddings, rng), 'weight': weight},
        steps, LEARNING_RATE, 'diffusion', seed=seed, clip=LONGEST_GRADIENT, average=AVERAGE,
        checkpoint=checkpoint)


def draws_actor() -> Tensor:
    """Which cases of a batch draw an actor that is told its aims. Shape: (BATCH,), bool."""
    return torch.arange(BATCH) < DRAWING * BATCH


def draw_cases(data: BehaviorSet, latents: Tensor, embeddings: Tensor,
               rng: np.random.Generator) -> Batch:
    """
    Draw what a denoiser learns from in one step.

    :return: ``x0``, ``noise`` (n, latent + extras); ``t`` (n,); ``conditions`` source -> (n, dim);
        ``present`` (n, 3), bool
    """
    drawing = draws_actor()
    pick = torch.from_numpy(data.draw(BATCH, rng))
    conditions, present = draw_conditions(data, embeddings, pick, drawing, rng)
    # Most draws are noisy: there the condition decides, and a few-step sampler starts there.
    t = T_MAX * torch.from_numpy(rng.random(BATCH, np.float32)).sqrt()
    x0 = torch.cat([latents[pick], data.extras[pick]], dim=1)
    noise = torch.from_numpy(rng.standard_normal(x0.shape, np.float32))
    return {'x0': x0, 'noise': noise, 't': torch.where(drawing, T_MAX, t),
            'conditions': conditions, 'present': present}


def draw_conditions(data: BehaviorSet, embeddings: Tensor, pick: Tensor, complete: Tensor,
                    rng: np.random.Generator) -> tuple[dict[str, Tensor], Tensor]:
    """
    Conditions of the picked behaviours, and which of them are given. Shape: (n,) -> (n, 3).

    :param complete: which are told all measures. Shape: (n,), bool
    """
    measures = random_measure_subset(data.domain.measures, data.measures[pick.numpy()],
                                     complete.numpy(), rng)
    text, described = data.say(pick, rng)
    text = text + TEXT_NOISE * text.std(dim=1, keepdim=True) * torch.randn_like(text)
    cut = torch.from_numpy(rng.integers(0, len(embeddings), len(pick)))
    conditions = {'text': text, 'measures': measure_features(data.domain.measures, measures),
                  'trajectory': embeddings[cut, pick]}
    present = torch.from_numpy(random_sources(len(pick), rng))
    present[:, SOURCES.index('measures')] |= complete
    present[:, SOURCES.index('text')] &= described
    return conditions, present
