# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The trained networks of a bundle, read from and written to safetensors."""

from __future__ import annotations

from dataclasses import asdict
import json
from pathlib import Path

import numpy as np
from policy_gen_ros.domains import find_domain
from policy_gen_ros.generation.bundle import BundleError, BundleInfo
from policy_gen_ros.models.decoder import Decoder, DecoderConfig
from policy_gen_ros.models.latent_diffusion import DiffusionConfig, DiffusionModel
from policy_gen_ros.models.trajectory_encoder import BehaviorEncoder
from policy_gen_ros.utils.files import write_text
from policy_gen_ros.utils.tensors import load_tensors, save_tensors
import torch
from torch import nn, Tensor

_RENAMED = {'decoder.strengths.': 'decoder.coefficients.', 'decoder.start.': 'decoder.base.'}


class GeneratorNetworks(nn.Module):
    """All trained parts: decoder, diffusion model, behaviour encoder."""

    def __init__(self, info: BundleInfo) -> None:
        super().__init__()
        domain = find_domain(info.domain)
        self.decoder = Decoder(DecoderConfig(info.layer_sizes, info.latent_dim, info.rank,
                                             info.decoder_width))
        self.diffusion = DiffusionModel(domain, info.latent_dim, DiffusionConfig(
            info.denoiser_width, info.denoiser_blocks, info.embedding, info.token,
            info.text_dim))
        self.behavior = BehaviorEncoder(domain.trajectory)


def load_networks(folder: Path, info: BundleInfo, device: str) -> GeneratorNetworks:
    """
    Build the networks and fill in the weights.

    :raises BundleError: tensors missing, of other shapes or not finite
    """
    networks = GeneratorNetworks(info)
    file = folder / 'generator.safetensors'
    tensors = load_tensors(file, BundleError)
    try:
        networks.load_state_dict({_present_name(name): torch.from_numpy(value)
                                  for name, value in tensors.items()})
    except RuntimeError as error:
        reason = ' '.join(str(error).split())[:200]
        raise BundleError(f'{file} does not fit bundle.json ({reason}): copy the bundle '
                          'again') from error
    return networks.eval().to(device)


def _present_name(name: str) -> str:
    """Name of a tensor today; bundles of before have older ones."""
    for old, new in _RENAMED.items():
        if name.startswith(old):
            return new + name.removeprefix(old)
    return name


def parameter_counts(info: BundleInfo) -> dict[str, int]:
    """Trained parameters by part, the frozen public sentence encoder not counted."""
    with torch.device('meta'):  # shapes without memory
        networks = GeneratorNetworks(info)

    def size(module: nn.Module) -> int:
        return sum(p.numel() for p in module.parameters())

    diffusion = networks.diffusion
    return {'generator': size(diffusion.denoiser), 'decoder': size(networks.decoder),
            'condition': size(diffusion.condition) + size(networks.behavior)}


def save_bundle(folder: Path, info: BundleInfo, networks: nn.Module, source: Path) -> None:
    """
    Write a bundle in fp16; ``bundle.json``, by which it is found, comes last of what it needs.

    :param source: archive or bundle from which the domain takes what it adds
    """
    domain = find_domain(info.domain)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'bundle.json').unlink(missing_ok=True)  # no mixture passes for a bundle
    state: dict[str, Tensor] = networks.state_dict()
    save_tensors({name: value.detach().cpu().numpy().astype(np.float16)
                  for name, value in state.items()}, folder / 'generator.safetensors')
    domain.add_to_bundle(source, folder)
    text = json.dumps(asdict(info), indent=1) + '\n'
    write_text(folder / 'bundle.json', text)
    domain.finish_bundle(folder)
