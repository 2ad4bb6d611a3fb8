# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Training the latent diffusion model: x0 prediction with condition dropout.

One network does both parts of sampling (:mod:`policy_gen_ros.generation.generator`), and each has
cases of its own: to draw the target measures, step by step, and, conditioned on all of them, to
draw the actor, in as many steps as ``policy_steps`` says.

The loss is on the sample alone. An action loss on decoded actors was tried beside it: its
gradient, from few actors, drowned that of the conditions, which were then hardly followed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.measures import Measures
from policy_gen_ros.models.condition_encoder import SOURCES
from policy_gen_ros.models.latent_diffusion import DiffusionModel
from policy_gen_ros.models.sampler import add_noise, T_MAX
from policy_gen_ros.training.config import DiffusionTraining
from policy_gen_ros.training.dataset import BehaviorSet, measure_features
from policy_gen_ros.training.loop import Batch, fit, TrainingRun
import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class DiffusionSet:
    """
    Behaviours, and what is drawn for them.

    :param latents: of each behaviour's actor. Shape: (n, latent_dim)
    :param embeddings: behaviour embeddings of several cuts. Shape: (cuts, n, 128)
    """

    behaviors: BehaviorSet
    latents: Tensor
    embeddings: Tensor


def random_measure_subset(measures: Measures, values: np.ndarray, complete: np.ndarray,
                          config: DiffusionTraining, rng: np.random.Generator) -> np.ndarray:
    """
    Mask measures at random, and blur the others a little.

    :param complete: where nothing is masked. Shape: (n,), bool
    :return: NaN where masked. Shape: (n, measures)
    """
    n, k = values.shape
    kind = rng.random((n, 1))
    given = rng.random((n, k)) < rng.random((n, 1))
    in_grid = np.isin(np.arange(k), measures.grid)
    given = np.where(kind < config.all_measures + config.grid_measures, in_grid, given)
    given |= (kind < config.all_measures) | complete[:, None]
    noisy = values + measures.noise * rng.standard_normal((n, k))
    return np.where(given, noisy, np.nan)


def random_sources(count: int, config: DiffusionTraining,
                   rng: np.random.Generator) -> np.ndarray:
    """Draw which sources are present: one in half of the cases, else any. Shape: (n, 3), bool."""
    present = rng.random((count, len(SOURCES))) < 0.5
    alone = rng.random(count) < config.one_condition
    only = rng.choice(len(SOURCES), count, p=config.one_condition_shares)
    present[alone] = only[alone, None] == np.arange(len(SOURCES))
    present[rng.random(count) < config.no_condition] = False
    return present


def train_diffusion(model: DiffusionModel, data: DiffusionSet, importance: Tensor,
                    config: DiffusionTraining, run: TrainingRun) -> None:
    """
    Train in place; the model then has the moving average of its weights.

    :param importance: share that each latent dimension has in what actors do: with it, an error
        in the latent counts as the error of actions that it makes. Shape: (latent_dim,)
    """
    extras, latent = model.domain.extras, len(importance) * importance
    control = torch.full((extras.control_dim,), config.control_weight)
    targets = torch.full((extras.dim - extras.control_dim,), config.target_weight)
    weight = torch.where(draws_actor(config)[:, None], torch.cat([latent, control, 0 * targets]),
                         torch.cat([config.latent_weight * latent, control, targets]))

    def loss(x0: Tensor, noise: Tensor, t: Tensor, conditions: dict[str, Tensor], present: Tensor,
             weight: Tensor) -> Tensor:
        token = model.condition(conditions, present)
        predicted = model.denoiser(add_noise(x0, noise, t), t, token)
        return (weight * (predicted - x0).square()).mean()

    fit(model, loss, lambda rng: {**draw_cases(data, config, rng), 'weight': weight}, run,
        config.optimizer, 'diffusion')


def draws_actor(config: DiffusionTraining) -> Tensor:
    """Which cases of a batch draw a policy for known targets. Shape: (batch,), bool."""
    return torch.arange(config.batch) < config.policy_share * config.batch


def draw_cases(data: DiffusionSet, config: DiffusionTraining, rng: np.random.Generator) -> Batch:
    """
    Draw what a denoiser learns from in one step.

    :return: ``x0``, ``noise`` (n, latent + extras); ``t`` (n,); ``conditions`` source -> (n, dim);
        ``present`` (n, 3), bool
    """
    drawing = draws_actor(config)
    pick = torch.from_numpy(data.behaviors.draw(config.batch, rng))
    conditions, present = draw_conditions(data, pick, drawing, config, rng)
    # Most draws are noisy: there the condition decides, and a few-step sampler starts there.
    t = T_MAX * torch.from_numpy(rng.random(config.batch, np.float32)).sqrt()
    # A policy is always drawn in the same steps, so that no other times occur.
    step = torch.from_numpy(rng.integers(1, config.policy_steps, config.batch, endpoint=True))
    x0 = torch.cat([data.latents[pick], data.behaviors.extras[pick]], dim=1)
    noise = torch.from_numpy(rng.standard_normal(x0.shape, np.float32))
    t = torch.where(drawing, T_MAX * step.float() / config.policy_steps, t)
    return {'x0': x0, 'noise': noise, 't': t, 'conditions': conditions,
            'present': present}


def draw_conditions(data: DiffusionSet, pick: Tensor, complete: Tensor,
                    config: DiffusionTraining,
                    rng: np.random.Generator) -> tuple[dict[str, Tensor], Tensor]:
    """
    Conditions of the picked behaviours, and which of them are given. Shape: (n,) -> (n, 3).

    :param complete: which are conditioned on all measures. Shape: (n,), bool
    """
    known, spec = data.behaviors, data.behaviors.domain.measures
    measures = random_measure_subset(spec, known.measures[pick.numpy()], complete.numpy(), config,
                                     rng)
    text, described = known.say(pick, rng)
    text = text + config.text_noise * text.std(dim=1, keepdim=True) * torch.randn_like(text)
    cut = torch.from_numpy(rng.integers(0, len(data.embeddings), len(pick)))
    conditions = {'text': text, 'measures': measure_features(spec, measures),
                  'trajectory': data.embeddings[cut, pick]}
    present = torch.from_numpy(random_sources(len(pick), config, rng))
    present[:, SOURCES.index('measures')] |= complete
    present[:, SOURCES.index('text')] &= described
    return conditions, present
