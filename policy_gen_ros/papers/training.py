"""
Training both papers' designs on the same tensors.

First the autoencoder, then, with its latents held, a denoiser for each kind of condition. The
papers draw training times from 100 levels; these are even steps of the sampler's own range, so
that any number of steps that divides 100 meets only times that were trained.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from policy_gen_ros.actor.spec import parameter_count
from policy_gen_ros.diffusion.sampler import add_noise, T_MAX
from policy_gen_ros.files import write_whole
from policy_gen_ros.papers.baseline import choose_config, Config, PaperBaseline
from policy_gen_ros.training.schedule import rise_and_fall
import torch
from torch import nn, Tensor
from tqdm import tqdm

SCALINGS = ('raw', 'residual', 'parameter')
STATES = 64
"""Probe states of each actor in one training step."""
TRAINING_LEVELS = 100
CLIP = 1.0
BLOCK = 256
CHECKPOINT_STEPS = 500


def train_baseline(kind: str, weights: Tensor, start: Tensor, probe: Tensor, conditions: Tensor,
                   actor: Tensor, *, autoencoder_steps: int, denoiser_steps: int, seed: int = 0,
                   config: Config | None = None, device: str = 'cpu') -> PaperBaseline:
    """
    Train a baseline on one kind of condition; the same seed and threads give the same one again.

    :param kind: ``make_an_agent`` or ``policy_diffusion``
    :param conditions: features of behaviours, of trajectories, measures or text. Shape: (m, c)
    :param config: sizes; default: those for an archive of some thousand actors
    :raises ValueError: an unknown kind, a config of the other paper, or tensors that do not fit

    The other parameters are those of :func:`fit_autoencoder` and :func:`fit_denoiser`.
    """
    config = choose_config(kind, config)
    torch.manual_seed(seed)
    baseline = PaperBaseline(config, {'condition': conditions.shape[1]}).to(device)
    fit_autoencoder(baseline, weights, start, probe, autoencoder_steps, seed)
    fit_denoiser(baseline, 'condition', weights, conditions, actor, denoiser_steps, seed)
    return baseline.eval().requires_grad_(False)


def fit_autoencoder(baseline: PaperBaseline, weights: Tensor, start: Tensor, probe: Tensor,
                    steps: int, seed: int = 0, checkpoint: Path | None = None) -> None:
    """
    Train the autoencoder, and find the scale of its latents.

    :param weights: of the training actors, layer by layer, weight before bias.
        Shape: (n, parameters)
    :param start: where their training began; only the scaling ``residual`` uses it.
        Shape: (parameters,)
    :param probe: observations of each actor. Shape: (n, states, observation)
    :param checkpoint: file to go on from and to write now and then
    :raises ValueError: tensors that do not fit, or no steps
    """
    config, network = baseline.config, baseline.autoencoder
    device = baseline.latent_mean.device
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

    def loss() -> Tensor:
        pick = torch.randint(len(weights), (config.autoencoder_batch,))
        states = probe[pick][:, torch.randperm(probe.shape[1])[:STATES]]
        return network.loss(weights[pick].float().to(device), states.float().to(device))

    _train(network, loss, config.autoencoder_rate, steps, seed, 'paper autoencoder', checkpoint)
    latents = encode_actors(baseline, weights)
    baseline.latent_mean.copy_(latents.mean(dim=0))
    baseline.latent_std.copy_(latents.std(dim=0, correction=0).clamp_min(1e-6))


def fit_denoiser(baseline: PaperBaseline, source: str, weights: Tensor, conditions: Tensor,
                 actor: Tensor, steps: int, seed: int = 0, checkpoint: Path | None = None) -> None:
    """
    Train the denoiser for one kind of condition, after the autoencoder.

    :param weights: as the autoencoder had them. Shape: (n, parameters)
    :param conditions: features of behaviours. Shape: (m, c)
    :param actor: row of ``weights`` that each behaviour belongs to. Shape: (m,)
    :param checkpoint: file to go on from and to write now and then
    :raises ValueError: tensors that do not fit, or no steps
    """
    if actor.shape != conditions.shape[:1]:
        raise ValueError(f'{len(conditions)} conditions need as many actor rows, '
                         f'got {tuple(actor.shape)}')
    if int(actor.min()) < 0 or int(actor.max()) >= len(weights):
        raise ValueError(f'actor rows must lie in 0..{len(weights) - 1}, got '
                         f'{int(actor.min())}..{int(actor.max())}')
    _check_finite(conditions=conditions)
    config, network = baseline.config, baseline.denoiser(source)
    device = baseline.latent_mean.device
    latents = (encode_actors(baseline, weights) - baseline.latent_mean) / baseline.latent_std
    network.condition_mean.copy_(conditions.mean(dim=0))
    std = conditions.std(dim=0, correction=0)
    # A feature that never varied says nothing: it must not explode where it varies for once.
    network.condition_std.copy_(torch.where(std > 1e-4, std, 1.0))

    def loss() -> Tensor:
        pick = torch.randint(len(conditions), (config.denoiser_batch,))
        x0 = latents[actor[pick].to(device)]
        noise = torch.randn(x0.shape).to(device)
        t = draw_times(len(pick)).to(device)
        return network.loss(x0, add_noise(x0, noise, t), noise, t, conditions[pick].to(device))

    _train(network, loss, config.denoiser_rate, steps, seed, f'paper denoiser, {source}',
           checkpoint)


def weight_scaling(weights: Tensor, start: Tensor, kind: str) -> tuple[Tensor, Tensor]:
    """
    Return what to take off the weights, and what to divide the rest by.

    - ``raw``: nothing (Make-An-Agent);
    - ``residual``: the common start, and one deviation for all parameters;
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
    device = baseline.latent_mean.device
    return torch.cat([baseline.autoencoder.encode(part.float().to(device))
                      for part in weights.split(BLOCK)])


def draw_times(count: int) -> Tensor:
    """Draw uniformly from the levels of the papers, none at time 0. Shape: (count,)."""
    return T_MAX * torch.randint(1, TRAINING_LEVELS + 1, (count,)) / TRAINING_LEVELS


def _check_finite(**named: Tensor) -> None:
    for name, tensor in named.items():
        if not all(torch.isfinite(part).all() for part in tensor.split(BLOCK)):
            raise ValueError(f'{name} holds values that are not finite')


def _train(network: nn.Module, loss: Callable[[], Tensor], rate: float, steps: int, seed: int,
           name: str, checkpoint: Path | None) -> None:
    """Follow the loss, and leave in the network the moving average of its weights."""
    if steps < 1:
        raise ValueError(f'training takes at least 1 step of autoencoder and denoiser each, '
                         f'got {steps}')
    torch.manual_seed(seed)
    optimizer = torch.optim.AdamW(network.parameters(), rate)
    schedule = rise_and_fall(optimizer, steps)
    # The last twentieth of a short run: else its average would remember the random start.
    decay = min(0.999, 1 - 20 / max(steps, 40))
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(decay), use_buffers=True)
    parts: dict[str, Any] = {'network': network, 'average': average, 'optimizer': optimizer,
                             'schedule': schedule}
    done = 0
    if checkpoint and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        done = state['done']
        for part, value in parts.items():
            value.load_state_dict(state[part])
        torch.set_rng_state(state['random'])  # as if it had not been stopped
    progress = tqdm(range(done, steps), desc=name, unit='step', initial=done, total=steps,
                    mininterval=5)
    for step in progress:
        value = loss()
        optimizer.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimizer.step()
        schedule.step()
        average.update_parameters(network)
        if step % 100 == 0:
            progress.set_postfix(loss=f'{value.item():.4f}')
        if checkpoint and (step + 1) % CHECKPOINT_STEPS == 0:
            state = {part: value.state_dict() for part, value in parts.items()}
            write_whole(checkpoint, partial(torch.save, {
                **state, 'done': step + 1, 'random': torch.get_rng_state()}))
    network.load_state_dict(average.module.state_dict())
