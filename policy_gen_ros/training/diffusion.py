"""
Training the latent diffusion model: x0 prediction with condition dropout.

Beside the error of x0, the error of the *decoded actor's actions* is trained: a latent is as good as
what its actor does.
"""

from __future__ import annotations

import numpy as np
from policy_gen_ros.condition.encoder import SOURCES
from policy_gen_ros.condition.trajectory import BehaviorEncoder
from policy_gen_ros.decoder.autoencoder import Decoder, run_actors
from policy_gen_ros.diffusion.model import DiffusionModel
from policy_gen_ros.diffusion.sample import CONTROL_DIM, EXTRA_DIM
from policy_gen_ros.diffusion.sampler import add_noise, alpha_sigma, T_MAX
from policy_gen_ros.training.autoencoder import WeightData
from policy_gen_ros.training.behavior import augment
from policy_gen_ros.training.dataset import BehaviorSet, measure_features
import torch
from torch import nn, Tensor
from tqdm import tqdm

SOURCE_PROBABILITY = 0.5
MEASURE_KEPT = (0.15, 0.5)
"""Share of cases in which all measures are said, and in which a random part of them is."""
MEASURE_NOISE = np.array([0.01] * 4 + [0.02] + [0.01] * 3 + [0.002, 0.002, 0.02, 0.01, 0.02])
CONTROL_WEIGHT, AIM_WEIGHT = 3.0, 0.5
ACTION_WEIGHT = 2.0
ACTION_BATCH = 24
EMA_DECAY = 0.999


def random_measure_subset(measures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Leave measures unsaid at random, and blur the others a little. Shape: (n, 13)."""
    n, k = measures.shape
    kind = rng.random(n)[:, None]
    share = rng.random((n, 1))
    said = (kind < 1 - MEASURE_KEPT[1]) | (rng.random((n, k)) < share)
    contact_only = kind > 1 - MEASURE_KEPT[0]
    said = np.where(contact_only, np.arange(k) < 4, said)
    noisy = measures + MEASURE_NOISE * rng.standard_normal((n, k))
    return np.where(said, noisy, np.nan)


def random_sources(count: int, rng: np.random.Generator) -> np.ndarray:
    """Which sources are present: any subset, one in ten empty. Shape: (n, 3), bool."""
    present = rng.random((count, len(SOURCES))) < SOURCE_PROBABILITY
    lonely = ~present.any(axis=1) & (rng.random(count) > 0.1)
    present[lonely, rng.integers(0, len(SOURCES), lonely.sum())] = True
    return present


def train_diffusion(model: DiffusionModel, data: BehaviorSet, latents: Tensor, embeddings: Tensor,
                    decoder: Decoder, weights: WeightData, steps: int, batch: int = 256,
                    seed: int = 0) -> DiffusionModel:
    """
    Train the model; returns the exponential moving average of its weights.

    :param latents: standardised latent of each behaviour's actor. Shape: (n, latent_dim)
    :param embeddings: behaviour embeddings of several cuts. Shape: (cuts, n, 128)
    """
    torch.manual_seed(seed)
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    rows = {int(a): i for i, a in enumerate(np.unique(data.actor))}
    row = torch.tensor([rows[int(a)] for a in data.actor])
    x0_all = torch.cat([latents, data.extras], dim=1)
    weight = torch.ones(x0_all.shape[1])
    weight[-EXTRA_DIM:] = AIM_WEIGHT
    weight[latents.shape[1]:latents.shape[1] + CONTROL_DIM] = CONTROL_WEIGHT
    averaged = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(EMA_DECAY), use_buffers=True)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-3, total_steps=steps,
                                                   pct_start=0.05)
    progress = tqdm(range(steps), desc='diffusion', unit='step', mininterval=5)
    for step in progress:
        pick = torch.from_numpy(rng.integers(0, len(data), batch))
        conditions = {
            'text': data.text[pick, torch.from_numpy(
                rng.integers(0, data.text.shape[1], batch))],
            'measures': measure_features(random_measure_subset(data.measures[pick.numpy()], rng)),
            'trajectory': embeddings[torch.from_numpy(
                rng.integers(0, len(embeddings), batch)), pick]}
        present = torch.from_numpy(random_sources(batch, rng))
        x0 = x0_all[pick]
        t = T_MAX * torch.rand(batch)
        x_t = add_noise(x0, torch.randn_like(x0), t)
        predicted = model.denoiser(x_t, t, model.condition(conditions, present))
        # Signal-to-noise weighting, capped: late steps refine, early ones choose the behaviour.
        alpha, sigma = alpha_sigma(t)
        snr_weight = (alpha / sigma).square().clamp(0.3, 5.0)
        loss = (snr_weight * weight * (predicted - x0).square()).mean()
        some = slice(0, ACTION_BATCH)
        states = weights.states(row[pick[some]], generator)
        wanted = weights.actions(row[pick[some]], states)
        decoded = run_actors(decoder.weights(predicted[some, :-EXTRA_DIM]), states)
        action_error = (decoded - wanted).square().mean()
        loss = loss + ACTION_WEIGHT * action_error
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        averaged.update_parameters(model)
        if step % 100 == 0:
            progress.set_postfix(loss=f'{loss.item():.3f}', actions=f'{action_error.item():.3f}')
    return averaged.module.eval()


@torch.no_grad()
def embed_behaviors(encoder: BehaviorEncoder, data: BehaviorSet, cuts: int,
                    seed: int = 0) -> Tensor:
    """Embeddings of random augmented clips of one to four segments. Shape: (cuts, n, 128)."""
    rng = np.random.default_rng(seed)
    everything = torch.arange(len(data))
    collected = []
    for index in range(cuts):
        parts = []
        for _ in range(1 + index % 4):
            segment, _ = data.cut(everything, rng)
            parts.append(torch.cat([encoder(augment(segment[i:i + 512], rng))
                                    for i in range(0, len(data), 512)]))
        collected.append(torch.stack(parts).mean(dim=0))
    return torch.stack(collected)
