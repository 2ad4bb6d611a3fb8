# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A bundle of the shipped one's sizes with random weights, for tests that need no good actors."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor, INPUT_DIM
from policy_gen_ros.domains.go2.robot.observation import LATENT_DIM
from policy_gen_ros.domains.go2.shipped import ADAPTOR_FILE
from policy_gen_ros.generation.bundle import BundleInfo
from policy_gen_ros.generation.networks import GeneratorNetworks, save_bundle
from policy_gen_ros.models.decoder import DecoderConfig
from policy_gen_ros.models.latent_diffusion import DiffusionConfig
from policy_gen_ros.training.config import TrainConfig
from policy_gen_ros.utils.tensors import save_tensors
import torch


def write_random_bundle(folder: Path, seed: int = 0) -> Path:
    """Write the bundle there and return the folder."""
    config, diffusion = TrainConfig(), DiffusionConfig()
    decoder = DecoderConfig((49, 192, 192, 12), config.network.latent_dim)
    info = BundleInfo(
        name=f'random-{seed}', layer_sizes=decoder.layer_sizes, latent_dim=decoder.latent_dim,
        rank=decoder.rank, decoder_width=decoder.width, denoiser_width=diffusion.width,
        denoiser_blocks=diffusion.blocks, embedding=diffusion.embedding, token=diffusion.token,
        steps=config.sampler_steps, guidance=config.guidance, text_dim=diffusion.text_dim)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        networks = GeneratorNetworks(info)
        for parameter in networks.parameters():
            if not parameter.any():  # what begins at zero hides all behind it
                torch.nn.init.normal_(parameter.data, std=0.05)
    rng, sizes = np.random.default_rng(seed), (INPUT_DIM, 256, 128, LATENT_DIM)
    layers = tuple((0.01 * rng.standard_normal((b, a)), np.zeros(b)) for a, b in pairwise(sizes))
    folder.mkdir(parents=True, exist_ok=True)
    save_tensors(Adaptor(layers).tensors(), folder / ADAPTOR_FILE)
    save_bundle(folder, info, networks, source=folder)
    return folder
