# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
A generator of one paper's design: one autoencoder, and a denoiser for each kind of condition.

Both papers give each kind of condition a denoiser of its own over the latents of one autoencoder;
noise schedule and sampler are those of :mod:`policy_gen_ros.models.sampler`, the same for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from policy_gen_ros.baselines.make_an_agent import (
    BehaviorDenoiser,
    LayerwiseAutoencoder,
    MakeAnAgentConfig,
)
from policy_gen_ros.baselines.policy_diffusion import (
    PolicyDiffusionConfig,
    TokenDenoiser,
    VariationalAutoencoder,
)
from policy_gen_ros.models.sampler import ddim_sample, guided
from policy_gen_ros.policies.spec import parameter_count
import torch
from torch import nn, Tensor

Config = MakeAnAgentConfig | PolicyDiffusionConfig
Autoencoder = LayerwiseAutoencoder | VariationalAutoencoder
Denoiser = BehaviorDenoiser | TokenDenoiser
CONFIGS: dict[str, type[Config]] = {
    'make_an_agent': MakeAnAgentConfig, 'policy_diffusion': PolicyDiffusionConfig}


def choose_config(kind: str, config: Config | None = None) -> Config:
    """
    Return a config for one paper; by default sizes for an archive of some thousand actors.

    :raises ValueError: an unknown kind, or a config of the other paper
    """
    if kind not in CONFIGS:
        raise ValueError(f'kind is {kind!r}, expected one of {", ".join(CONFIGS)}')
    config = config or CONFIGS[kind]()
    if not isinstance(config, CONFIGS[kind]):
        raise ValueError(f'{kind} needs a {CONFIGS[kind].__name__}, '
                         f'got a {type(config).__name__}')
    return config


class PaperBaseline(nn.Module):
    """
    Condition features in, actor weights out.

    Everything that generation needs is in its state dict.

    :param config: whose type says which paper
    :param condition_dims: size of the features of each kind of condition
    """

    latent_mean: Tensor
    latent_std: Tensor

    def __init__(self, config: Config, condition_dims: Mapping[str, int]) -> None:
        super().__init__()
        self.config = config
        parameters = parameter_count(config.layer_sizes)
        neutral = torch.zeros(parameters), torch.ones(parameters)
        self.autoencoder: Autoencoder
        if isinstance(config, MakeAnAgentConfig):
            self.autoencoder = LayerwiseAutoencoder(config, *neutral)
        else:
            self.autoencoder = VariationalAutoencoder(config, *neutral)
        self.denoisers = nn.ModuleDict()
        for source, dim in condition_dims.items():
            features = torch.zeros(dim), torch.ones(dim)
            self.denoisers[source] = BehaviorDenoiser(config, *features) \
                if isinstance(config, MakeAnAgentConfig) else TokenDenoiser(config, *features)
        # Latents come at any scale; the noise schedule is made for unit variance.
        self.register_buffer('latent_mean', torch.zeros(self.autoencoder.latent_dim))
        self.register_buffer('latent_std', torch.ones(self.autoencoder.latent_dim))

    def denoiser(self, source: str | None = None) -> Denoiser:
        """
        Return the denoiser for one kind of condition.

        :param source: may be left out where there is one kind only
        :raises ValueError: no such kind, or several to choose from
        """
        known = list(self.denoisers)
        if source is None and len(known) == 1:
            source = known[0]
        if source not in known:
            raise ValueError(f'condition is {source!r}, but this baseline was trained on '
                             f'{", ".join(known)}')
        return cast(Denoiser, self.denoisers[source])

    @torch.inference_mode()
    def generate(self, conditions: Tensor, source: str | None = None, *, seed: int = 0,
                 steps: int | None = None, guidance: float = 1.0) -> Tensor:
        """
        Actor weights, one actor for each condition.

        :param conditions: features as in training. Shape: (k, c)
        :param source: which kind of condition, where there are several
        :param steps: sampler steps; default: the paper's
        :param guidance: other than 1 only for a model trained with condition dropout
        :return: flat weights, layer by layer, weight before bias. Shape: (k, parameters)
        :raises ValueError: no such kind of condition, guidance without condition dropout, or
            steps below 1
        """
        device, denoiser = self.latent_mean.device, self.denoiser(source)
        generator = torch.Generator().manual_seed(seed)
        # Row by row: then the first of eight actors is the same as one alone.
        noise = torch.stack([torch.randn(len(self.latent_mean), generator=generator)
                             for _ in conditions]).to(device)
        embedded = nothing = denoiser.embed(conditions.to(device))
        if guidance != 1.0:
            if not isinstance(denoiser, TokenDenoiser) or not denoiser.guidable:
                raise ValueError(f'guidance is {guidance}, but this model never saw an absent '
                                 'condition; train policy_diffusion with condition_dropout')
            nothing = denoiser.embed_nothing(len(noise))
        predict = guided(denoiser.predict_x0, embedded, nothing, guidance)
        count = self.config.sampler_steps if steps is None else steps
        latent = ddim_sample(predict, noise, count)
        return self.autoencoder.decode(latent * self.latent_std + self.latent_mean)

    def parameter_counts(self, source: str | None = None) -> dict[str, int]:
        """
        Numbers by part: ``decoder``, ``encoder``, ``denoiser`` and ``scaling``.

        The scaling of weights is kept beside the networks, and counts: without it the decoder
        writes no actor.

        :param source: which kind of condition, where there are several
        """
        stored = {'raw': 0, 'residual': 1, 'parameter': 2}[self.config.scaling]
        decoder = self.autoencoder.decoder_parameters()
        whole = sum(p.numel() for p in self.autoencoder.parameters())
        return {'decoder': decoder, 'encoder': whole - decoder,
                'denoiser': sum(p.numel() for p in self.denoiser(source).parameters()),
                'scaling': stored * self.autoencoder.centre.numel()}

    def parameter_count(self, source: str | None = None) -> int:
        """Everything that generation needs, which the encoder is not."""
        return sum(n for part, n in self.parameter_counts(source).items() if part != 'encoder')
