"""
Training both papers' designs on the same tensors, and sampling from them in the same way.

First the autoencoder, then, with its latents held, the denoiser. Noise schedule and sampler are
those of :mod:`policy_gen_ros.diffusion.sampler`. The papers draw training times from 100 levels;
these are even steps of the sampler's own range, so that any number of steps that divides 100 meets
only times that were trained.
"""

from __future__ import annotations

from itertools import pairwise

from policy_gen_ros.diffusion.sampler import add_noise, ddim_sample, guided, T_MAX
from policy_gen_ros.papers.make_an_agent import (
    BehaviorDenoiser,
    LayerwiseAutoencoder,
    MakeAnAgentConfig,
)
from policy_gen_ros.papers.policy_diffusion import (
    PolicyDiffusionConfig,
    TokenDenoiser,
    VariationalAutoencoder,
)
from policy_gen_ros.training.schedule import rise_and_fall
import torch
from torch import nn, Tensor
from tqdm import tqdm

Config = MakeAnAgentConfig | PolicyDiffusionConfig
CONFIGS: dict[str, type[Config]] = {
    'make_an_agent': MakeAnAgentConfig, 'policy_diffusion': PolicyDiffusionConfig}
SCALINGS = ('raw', 'residual', 'parameter')
STATES = 64
"""Probe states of each actor in one training step."""
TRAINING_LEVELS = 100
CLIP = 1.0


class PaperBaseline(nn.Module):
    """
    A generator of one paper's design: condition features in, actor weights out.

    Everything that generation needs is in its state dict.

    :param config: whose type says which paper
    :param condition_dim: size of the condition features
    """

    latent_mean: Tensor
    latent_std: Tensor

    def __init__(self, config: Config, condition_dim: int) -> None:
        super().__init__()
        self.config = config
        parameters = sum((a + 1) * b for a, b in pairwise(config.layer_sizes))
        neutral = torch.zeros(parameters), torch.ones(parameters)
        features = torch.zeros(condition_dim), torch.ones(condition_dim)
        self.autoencoder: LayerwiseAutoencoder | VariationalAutoencoder
        self.denoiser: BehaviorDenoiser | TokenDenoiser
        if isinstance(config, MakeAnAgentConfig):
            self.autoencoder = LayerwiseAutoencoder(config, *neutral)
            self.denoiser = BehaviorDenoiser(config, *features)
        else:
            self.autoencoder = VariationalAutoencoder(config, *neutral)
            self.denoiser = TokenDenoiser(config, *features)
        # Latents come at any scale; the noise schedule is made for unit variance.
        self.register_buffer('latent_mean', torch.zeros(self.autoencoder.latent_dim))
        self.register_buffer('latent_std', torch.ones(self.autoencoder.latent_dim))

    @torch.inference_mode()
    def generate(self, conditions: Tensor, seed: int = 0, steps: int | None = None,
                 guidance: float = 1.0) -> Tensor:
        """
        Actor weights, one actor for each condition.

        :param conditions: features as in training. Shape: (k, c)
        :param steps: sampler steps; default: the paper's
        :param guidance: other than 1 only for a model trained with condition dropout
        :return: flat weights, layer by layer, weight before bias. Shape: (k, parameters)
        :raises ValueError: guidance without condition dropout, or steps below 1
        """
        device = self.latent_mean.device
        generator = torch.Generator().manual_seed(seed)
        # Row by row: then the first of eight actors is the same as one alone.
        noise = torch.stack([torch.randn(len(self.latent_mean), generator=generator)
                             for _ in conditions]).to(device)
        embedded = nothing = self.denoiser.embed(conditions.to(device))
        if guidance != 1.0:
            if not isinstance(self.denoiser, TokenDenoiser) or not self.denoiser.guidable:
                raise ValueError(f'guidance is {guidance}, but this model never saw an absent '
                                 'condition; train policy_diffusion with condition_dropout')
            nothing = self.denoiser.embed_nothing(len(noise))
        predict = guided(self.denoiser.predict_x0, embedded, nothing, guidance)
        count = self.config.sampler_steps if steps is None else steps
        latent = ddim_sample(predict, noise, count)
        return self.autoencoder.decode(latent * self.latent_std + self.latent_mean)

    def parameter_counts(self) -> dict[str, int]:
        """
        Numbers by part: ``decoder``, ``encoder``, ``denoiser`` and ``scaling``.

        The scaling of weights is kept beside the networks, and counts: without it the decoder
        writes no actor.
        """
        stored = {'raw': 0, 'residual': 1, 'parameter': 2}[self.config.scaling]
        decoder = self.autoencoder.decoder_parameters()
        whole = sum(p.numel() for p in self.autoencoder.parameters())
        return {'decoder': decoder, 'encoder': whole - decoder,
                'denoiser': sum(p.numel() for p in self.denoiser.parameters()),
                'scaling': stored * self.autoencoder.centre.numel()}

    def parameter_count(self) -> int:
        """Everything that generation needs, which the encoder is not."""
        return sum(n for part, n in self.parameter_counts().items() if part != 'encoder')


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
    if kind == 'raw':
        return torch.zeros_like(start), torch.ones_like(start)
    if kind == 'residual':
        spread = (weights.var(dim=0, correction=0) + (weights.mean(dim=0) - start).square()).mean()
        return start.clone(), spread.sqrt().clamp_min(1e-6).expand_as(start).clone()
    if kind == 'parameter':
        std = weights.std(dim=0, correction=0)
        # Parameters that hardly differ between actors must not outweigh those that do.
        return weights.mean(dim=0), std.clamp_min(max(0.01 * std.mean().item(), 1e-6))
    raise ValueError(f'scaling is {kind!r}, expected one of {", ".join(SCALINGS)}')


def train_baseline(kind: str, weights: Tensor, start: Tensor, probe: Tensor, conditions: Tensor,
                   actor: Tensor, *, autoencoder_steps: int, denoiser_steps: int, seed: int = 0,
                   config: Config | None = None, device: str = 'cpu') -> PaperBaseline:
    """
    Train a baseline; the same seed and threads give the same one again.

    :param kind: ``make_an_agent`` or ``policy_diffusion``
    :param weights: of the training actors, layer by layer, weight before bias, float32.
        Shape: (n, parameters)
    :param start: where their training began; only the scaling ``residual`` uses it.
        Shape: (parameters,)
    :param probe: observations of each actor. Shape: (n, states, observation)
    :param conditions: features of behaviours, of trajectories, measures or text. Shape: (m, c)
    :param actor: row of ``weights`` that each behaviour belongs to. Shape: (m,)
    :param config: sizes; default: those for an archive of some thousand actors
    :raises ValueError: an unknown kind, a config of the other paper, or tensors that do not fit
    """
    if min(autoencoder_steps, denoiser_steps) < 1:
        raise ValueError('training takes at least 1 step of autoencoder and denoiser each, got '
                         f'{autoencoder_steps} and {denoiser_steps}')
    if kind not in CONFIGS:
        raise ValueError(f'kind is {kind!r}, expected one of {", ".join(CONFIGS)}')
    config = config or CONFIGS[kind]()
    if not isinstance(config, CONFIGS[kind]):
        raise ValueError(f'{kind} needs a {CONFIGS[kind].__name__}, '
                         f'got a {type(config).__name__}')
    _check(config, weights, start, probe, conditions, actor)
    torch.manual_seed(seed)
    baseline = PaperBaseline(config, conditions.shape[1])
    centre, scale = weight_scaling(weights, start, config.scaling)
    baseline.autoencoder.centre.copy_(centre)
    baseline.autoencoder.scale.copy_(scale)
    baseline.denoiser.condition_mean.copy_(conditions.mean(dim=0))
    std = conditions.std(dim=0, correction=0)
    # A feature that never varied says nothing: it must not explode where it varies for once.
    baseline.denoiser.condition_std.copy_(torch.where(std > 1e-4, std, 1.0))
    baseline = baseline.to(device)
    autoencoder = _train_autoencoder(baseline, weights, probe, autoencoder_steps, seed)
    baseline.autoencoder.load_state_dict(autoencoder.state_dict())
    latents = _encode_all(baseline, weights)
    baseline.latent_mean.copy_(latents.mean(dim=0))
    baseline.latent_std.copy_(latents.std(dim=0, correction=0).clamp_min(1e-6))
    latents = (latents - baseline.latent_mean) / baseline.latent_std
    denoiser = _train_denoiser(baseline, latents, conditions, actor, denoiser_steps, seed)
    baseline.denoiser.load_state_dict(denoiser.state_dict())
    return baseline.eval().requires_grad_(False)


def _check(config: Config, weights: Tensor, start: Tensor, probe: Tensor, conditions: Tensor,
           actor: Tensor) -> None:
    parameters = sum((a + 1) * b for a, b in pairwise(config.layer_sizes))
    if weights.ndim != 2 or weights.shape[1] != parameters or start.shape != (parameters,):
        raise ValueError(f'actors of layers {config.layer_sizes} have {parameters} parameters, '
                         f'got weights {tuple(weights.shape)} and a start {tuple(start.shape)}')
    if len(probe) != len(weights) or probe.shape[2:] != config.layer_sizes[:1]:
        raise ValueError(f'probe must have shape ({len(weights)}, states, '
                         f'{config.layer_sizes[0]}), got {tuple(probe.shape)}')
    if actor.shape != conditions.shape[:1]:
        raise ValueError(f'{len(conditions)} conditions need as many actor rows, '
                         f'got {tuple(actor.shape)}')
    if int(actor.min()) < 0 or int(actor.max()) >= len(weights):
        raise ValueError(f'actor rows must lie in 0..{len(weights) - 1}, got '
                         f'{int(actor.min())}..{int(actor.max())}')
    named = {'weights': weights, 'start': start, 'probe': probe, 'conditions': conditions}
    for name, tensor in named.items():
        if not torch.isfinite(tensor).all():
            raise ValueError(f'{name} holds values that are not finite')


class _Averaging:
    """Optimiser, falling learning rate and moving average of one network."""

    def __init__(self, network: nn.Module, rate: float, steps: int) -> None:
        self.network = network
        self.optimizer = torch.optim.AdamW(network.parameters(), rate)
        self.schedule = rise_and_fall(self.optimizer, steps)
        # The last twentieth of a short run: else its average would remember the random start.
        decay = min(0.999, 1 - 20 / max(steps, 40))
        self.average = torch.optim.swa_utils.AveragedModel(
            network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(decay),
            use_buffers=True)

    def step(self, loss: Tensor) -> None:
        """Follow the gradient of the loss by one step."""
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), CLIP)
        self.optimizer.step()
        self.schedule.step()
        self.average.update_parameters(self.network)


def _train_autoencoder(baseline: PaperBaseline, weights: Tensor, probe: Tensor, steps: int,
                       seed: int) -> nn.Module:
    torch.manual_seed(seed)
    config, network = baseline.config, baseline.autoencoder
    device = baseline.latent_mean.device
    run = _Averaging(network, config.autoencoder_rate, steps)
    progress = tqdm(range(steps), desc='paper autoencoder', unit='step', mininterval=5)
    for step in progress:
        pick = torch.randint(len(weights), (config.autoencoder_batch,))
        states = probe[pick][:, torch.randperm(probe.shape[1])[:STATES]]
        loss = network.loss(weights[pick].to(device), states.float().to(device))
        run.step(loss)
        if step % 100 == 0:
            progress.set_postfix(loss=f'{loss.item():.4f}')
    return run.average.module


@torch.no_grad()
def _encode_all(baseline: PaperBaseline, weights: Tensor, batch: int = 256) -> Tensor:
    device = baseline.latent_mean.device
    return torch.cat([baseline.autoencoder.encode(part.to(device))
                      for part in weights.split(batch)])


def _train_denoiser(baseline: PaperBaseline, latents: Tensor, conditions: Tensor, actor: Tensor,
                    steps: int, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    config, network = baseline.config, baseline.denoiser
    device = latents.device
    run = _Averaging(network, config.denoiser_rate, steps)
    progress = tqdm(range(steps), desc='paper denoiser', unit='step', mininterval=5)
    for step in progress:
        pick = torch.randint(len(conditions), (config.denoiser_batch,))
        x0 = latents[actor[pick].to(device)]
        noise = torch.randn(x0.shape).to(device)
        t = draw_times(len(pick)).to(device)
        loss = network.loss(x0, add_noise(x0, noise, t), noise, t, conditions[pick].to(device))
        run.step(loss)
        if step % 100 == 0:
            progress.set_postfix(loss=f'{loss.item():.4f}')
    return run.average.module


def draw_times(count: int) -> Tensor:
    """Draw uniformly from the levels of the papers, none at time 0. Shape: (count,)."""
    return T_MAX * torch.randint(1, TRAINING_LEVELS + 1, (count,)) / TRAINING_LEVELS
