"""Training the autoencoder of weights: actions on probe states, noise on input and latent."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.actor.weights import Layers
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.decoder.autoencoder import (
    Decoder,
    DecoderConfig,
    Encoder,
    shape_weights,
)
from policy_gen_ros.decoder.hypernetwork import run_actors
import torch
from torch import Tensor
from tqdm import tqdm

INPUT_NOISE, LATENT_NOISE = 0.05, 0.08
COMPONENTS = 96
OTHER_STATES = 64
"""Half of the probe states are the actor's own, half belong to other actors of the batch."""


class WeightData:
    """
    Training weights as layer residuals from the common start, and their probe states.

    :param start: where the training of all actors began
    :raises ValueError: it has other layers than the actors
    """

    def __init__(self, archive: TrainingArchive, start: Layers) -> None:
        self.sizes = archive.layer_sizes
        if (start[0][0].shape[1], *(len(weight) for weight, _ in start)) != self.sizes:
            raise ValueError(f'the common start of the archive does not have layers {self.sizes}')
        self.start = [torch.from_numpy(np.concatenate([weight.ravel(), bias]))
                      for weight, bias in start]
        counts = [len(part) for part in self.start]
        self.residuals = [torch.empty(len(archive), count) for count in counts]
        for rows, block in archive.weights.blocks():
            flat = torch.from_numpy(block).float().split(counts, dim=1)
            for residual, part, origin in zip(self.residuals, flat, self.start):
                residual[rows] = part - origin
        self.probe = torch.from_numpy(archive.probe[:])

    def actions(self, pick: Tensor, states: Tensor) -> Tensor:
        """Return what the picked actors really do. Shapes: (n,), (n, s, 49) -> (n, s, 12)."""
        flat = [s + r[pick] for s, r in zip(self.start, self.residuals)]
        return run_actors(shape_weights(flat, self.sizes), states)

    def states(self, pick: Tensor, rng: np.random.Generator) -> Tensor:
        """Pick probe states for the actors: their own and a neighbour's. Shape: (n, s, 49)."""
        own = torch.from_numpy(rng.integers(0, self.probe.shape[1], OTHER_STATES))
        other = pick[torch.from_numpy(rng.permutation(len(pick)))]
        return torch.cat([self.probe[pick][:, own], self.probe[other][:, own]], dim=1).float()


def _principal_components(residual: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Leading components of a layer's residuals and their standard deviations."""
    gram = residual @ residual.T
    values, vectors = torch.linalg.eigh(gram)
    values, vectors = values.flip(0)[:count], vectors.flip(1)[:, :count]
    components = (vectors.T @ residual) / values.clamp_min(1e-12).sqrt()[:, None]
    return components, (values / len(residual)).clamp_min(1e-12).sqrt()


def train_autoencoder(data: WeightData, config: DecoderConfig, steps: int, batch: int = 48,
                      seed: int = 0) -> tuple[Encoder, Decoder, float]:
    """
    Train encoder and decoder.

    :return: both, and the root mean square error of actions over the last steps (action units)
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    count = min(COMPONENTS, len(data.probe) - 1)
    pairs = [_principal_components(r, count) for r in data.residuals]
    scale = [stds[:1].expand(len(stds)) for _, stds in pairs]
    encoder = Encoder([c for c, _ in pairs], [s.clone() for s in scale], config)
    decoder = Decoder(config)
    with torch.no_grad():
        for i, (components, stds) in enumerate(pairs):
            basis = components[:config.basis_size] * stds[:1]
            decoder.basis[i][:len(basis)] = basis
            decoder.start[i].copy_(data.start[i])
    projected = encoder.project(data.residuals)
    optimizer = torch.optim.AdamW([
        {'params': [*encoder.network.parameters(), *encoder.skip.parameters(),
                    *decoder.coefficients.parameters(), *decoder.skip.parameters()], 'lr': 2e-3},
        {'params': list(decoder.basis.parameters()), 'lr': 3e-4}], weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, [2e-3, 3e-4], total_steps=steps)
    recent: list[float] = []
    progress = tqdm(range(steps), desc='autoencoder', unit='step', mininterval=5)
    for step in progress:
        pick = torch.from_numpy(rng.integers(0, len(projected), batch))
        noisy = projected[pick] + INPUT_NOISE * torch.randn(batch, projected.shape[1])
        latent = encoder(noisy)
        latent = latent + LATENT_NOISE * torch.randn_like(latent)
        states = data.states(pick, rng)
        wanted = data.actions(pick, states)
        got = run_actors(decoder.weights(latent), states)
        loss = (got - wanted).square().mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        recent = [*recent[-199:], loss.item()]
        if step % 100 == 0:
            progress.set_postfix(action_rmse=f'{np.sqrt(np.mean(recent)):.3f}')
    return encoder.eval(), decoder.eval(), float(np.sqrt(np.mean(recent)))


@torch.no_grad()
def encode_all(encoder: Encoder, data: WeightData) -> Tensor:
    """Latents of all actors. Shape: (n, latent_dim)."""
    return encoder(encoder.project(data.residuals))
