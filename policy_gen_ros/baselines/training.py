# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Training both papers' designs on the same tensors.

First the autoencoder, then, with its latents held, a denoiser for each kind of condition. The
papers draw training times from 100 levels; these are even steps of the sampler's own range, so
that any number of steps that divides 100 meets only times that were trained.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from policy_gen_ros.baselines.baseline import (
    Autoencoder,
    Config,
    Denoiser,
    PaperBaseline,
)
from policy_gen_ros.models.sampler import add_noise, T_MAX
from policy_gen_ros.policies.spec import parameter_count
from policy_gen_ros.training.config import OptimizerConfig
from policy_gen_ros.training.loop import Batch, fit, TrainingRun
import torch
from torch import Tensor

SCALINGS = ('raw', 'residual', 'parameter')
TRAINING_LEVELS = 100
BLOCK = 256


@dataclass(frozen=True, eq=False)
class BaselineActors:
    """
    Training actors.

    :param weights: layer by layer, weight before bias. Shape: (n, parameters)
    :param start: where their training began; only the scaling ``residual`` uses it.
        Shape: (parameters,)
    :param probe: observations of each actor. Shape: (n, states, observation)
    """

    weights: Tensor
    start: Tensor
    probe: Tensor


@dataclass(frozen=True, eq=False)
class BaselineConditions:
    """
    What a denoiser is conditioned on.

    :param features: of trajectories, measures or text. Shape: (m, c)
    :param actor: row of the actor that each behaviour belongs to. Shape: (m,)
    """

    features: Tensor
    actor: Tensor


def train_baseline(config: Config, actors: BaselineActors, conditions: BaselineConditions,
                   seed: int = 0) -> PaperBaseline:
    """
    Train a baseline on one kind of condition; the same seed and threads give the same one again.

    :param config: sizes and steps; its type says which paper
    :raises ValueError: tensors that do not fit
    """
    torch.manual_seed(seed)
    baseline = PaperBaseline(config, {'condition': conditions.features.shape[1]})
    fit_autoencoder(baseline, actors, TrainingRun(config.autoencoder_steps, seed))
    fit_denoiser(baseline, 'condition', actors.weights, conditions,
                 TrainingRun(config.denoiser_steps, seed))
    return baseline.eval().requires_grad_(False)


def fit_autoencoder(baseline: PaperBaseline, actors: BaselineActors, run: TrainingRun) -> None:
    """
    Train the autoencoder, and find the scale of its latents.

    :raises ValueError: tensors that do not fit, or no steps
    """
    config, network = baseline.config, baseline.autoencoder
    weights, start, probe = actors.weights, actors.start, actors.probe
    count = parameter_count(config.layer_sizes)
    if weights.ndim != 2 or weights.shape[1] != count or start.shape != (count,):
        raise ValueError(f'actors of layers {config.layer_sizes} have {count} parameters, '
                         f'got weights {tuple(weights.shape)} and a start {tuple(start.shape)}')
    if len(probe) != len(weights) or probe.shape[2:] != config.layer_sizes[:1]:
        raise ValueError(f'probe must have shape ({len(weights)}, states, '
                         f'{config.layer_sizes[0]}), got {tuple(probe.shape)}')
    _check_finite(weights=weights, start=start, probe=probe)
    centre, scale = weight_scaling(weights, start, config.scaling)
    network.centre.copy_(centre)
    network.scale.copy_(scale)

    def draw(rng: np.random.Generator) -> Batch:
        pick = torch.from_numpy(rng.integers(0, len(weights), config.autoencoder_batch))
        some = torch.from_numpy(rng.permutation(probe.shape[1])[:config.autoencoder_states])
        return {'weights': weights[pick].float(), 'states': probe[pick][:, some].float()}

    _fit(network, draw, config, config.autoencoder_rate, run, 'paper autoencoder')
    latents = encode_actors(baseline, weights)
    baseline.latent_mean.copy_(latents.mean(dim=0))
    baseline.latent_std.copy_(latents.std(dim=0, correction=0).clamp_min(1e-6))


def fit_denoiser(baseline: PaperBaseline, source: str, weights: Tensor,
                 given: BaselineConditions, run: TrainingRun) -> None:
    """
    Train the denoiser for one kind of condition, after the autoencoder.

    :param weights: as the autoencoder had them. Shape: (n, parameters)
    :raises ValueError: tensors that do not fit, or no steps
    """
    conditions, actor = given.features, given.actor
    if actor.shape != conditions.shape[:1]:
        raise ValueError(f'{len(conditions)} conditions need as many actor rows, '
                         f'got {tuple(actor.shape)}')
    if int(actor.min()) < 0 or int(actor.max()) >= len(weights):
        raise ValueError(f'actor rows must lie in 0..{len(weights) - 1}, got '
                         f'{int(actor.min())}..{int(actor.max())}')
    _check_finite(conditions=conditions)
    config, network = baseline.config, baseline.denoiser(source)
    latents = (encode_actors(baseline, weights) - baseline.latent_mean) / baseline.latent_std
    network.condition_mean.copy_(conditions.mean(dim=0))
    std = conditions.std(dim=0, correction=0)
    # A feature that never varied says nothing: it must not explode where it varies for once.
    network.condition_std.copy_(torch.where(std > 1e-4, std, 1.0))

    def draw(rng: np.random.Generator) -> Batch:
        pick = torch.from_numpy(rng.integers(0, len(conditions), config.denoiser_batch))
        x0 = latents[actor[pick]]
        noise, t = torch.randn_like(x0), draw_times(len(pick), rng)
        return {'x0': x0, 'noisy': add_noise(x0, noise, t), 'noise': noise, 't': t,
                'condition': conditions[pick]}

    _fit(network, draw, config, config.denoiser_rate, run, f'paper denoiser, {source}')


def weight_scaling(weights: Tensor, start: Tensor, kind: str) -> tuple[Tensor, Tensor]:
    """
    Return what to take off the weights, and what to divide the rest by.

    - ``raw``: nothing (Make-An-Agent);
    - ``residual``: the base weights, and one deviation for all parameters;
    - ``parameter``: each parameter's own mean and deviation (Policy Diffusion, appendix A.1).

    :param weights: Shape: (n, parameters)
    :param start: where the training of the actors began. Shape: (parameters,)
    :return: centre and scale. Shape: (parameters,) twice
    :raises ValueError: an unknown kind
    """
    if kind not in SCALINGS:
        raise ValueError(f'scaling is {kind!r}, expected one of {", ".join(SCALINGS)}')
    if kind == 'raw':
        return torch.zeros_like(start), torch.ones_like(start)
    # Some actors at a time: in double precision, those of a whole archive would take GBs.
    mean = sum(part.double().sum(dim=0) for part in weights.split(BLOCK)) / len(weights)
    variance = sum((part - mean).square().sum(dim=0)
                   for part in weights.split(BLOCK)) / len(weights)
    if kind == 'residual':
        spread = (variance + (mean - start).square()).mean().sqrt().clamp_min(1e-6)
        return start.clone(), spread.float().expand_as(start).clone()
    std = variance.sqrt().float()
    # Parameters that hardly differ between actors must not outweigh those that do.
    return mean.float(), std.clamp_min(max(0.01 * std.mean().item(), 1e-6))


@torch.no_grad()
def encode_actors(baseline: PaperBaseline, weights: Tensor) -> Tensor:
    """Latents as the autoencoder gives them. Shape: (n, parameters) -> (n, latent)."""
    return torch.cat([baseline.autoencoder.encode(part.float()) for part in weights.split(BLOCK)])


def draw_times(count: int, rng: np.random.Generator) -> Tensor:
    """Draw uniformly from the levels of the papers, none at time 0. Shape: (count,)."""
    levels = rng.integers(1, TRAINING_LEVELS + 1, count)
    return torch.from_numpy(T_MAX * levels / TRAINING_LEVELS).float()


def _fit(network: Autoencoder | Denoiser, draw: Callable[[np.random.Generator], Batch],
         config: Config, rate: float, run: TrainingRun, description: str) -> None:
    # The last twentieth of a short run: else its average would remember the random start.
    average = min(config.ema_decay, 1 - 20 / max(run.steps, 40))
    fit(network, network.loss, draw, run, OptimizerConfig(
        rate, max_gradient_norm=config.max_gradient_norm, ema_decay=average), description)


def _check_finite(**named: Tensor) -> None:
    for name, tensor in named.items():
        if not all(torch.isfinite(part).all() for part in tensor.split(BLOCK)):
            raise ValueError(f'{name} holds values that are not finite')
