# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What runs the networks of a bundle: five calls, answered by PyTorch or by ONNX Runtime.

The sampler between them is the same for both, see :mod:`policy_gen_ros.models.sampler`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
from policy_gen_ros.generation.networks import GeneratorNetworks
from policy_gen_ros.models.condition_encoder import SOURCES
from policy_gen_ros.models.text_encoder import sentence_encoder, SentenceEncoder
import torch
from torch import Tensor

BACKENDS = ('torch', 'onnx')
_DECODED_TOGETHER = 8
Features = Mapping[str, np.ndarray]
"""Source -> what is known of each goal. Shape: (n, source_dims()[source]), float32."""


class EngineError(ValueError):
    """A backend that cannot run here. The message says what is missing, and the cure."""


class Engine(Protocol):
    """The networks of one bundle. Arrays go in and come out batch first, in float32."""

    @property
    def device(self) -> str:
        """Where :meth:`condition` and :meth:`denoise` leave their tensors, and expect them."""

    @property
    def runs_on(self) -> str:
        """Return what really computes, in words, such as ``torch on cpu``."""

    @property
    def text_encoder(self) -> str:
        """Return the source of the text encoder that embeds sentences."""

    def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Embed sentences. Shape: (n, text_dim)."""

    def trajectory(self, rows: np.ndarray) -> np.ndarray:
        """Embed one trajectory. Shape: (time >= 40, 42) -> (128,)."""

    def condition(self, features: Features, present: np.ndarray) -> Tensor:
        """
        Encode what is known.

        :param present: which sources were given, in the order of SOURCES. Shape: (n, 3), bool
        :return: Shape: (n, condition_dim)
        """

    def denoise(self, x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """Clean sample. Shapes: (n, d), (n,), (n, condition_dim) -> (n, d)."""

    def decode(self, latent: Tensor) -> np.ndarray:
        """Flat actors. Shape: (n, latent_dim) -> (n, parameters)."""


def choose_device(device: str) -> str:
    """
    Resolve ``auto`` to CUDA where torch has one.

    :raises ValueError: an unknown device, or CUDA where there is none
    """
    available = torch.cuda.is_available()
    if device == 'auto':
        return 'cuda' if available else 'cpu'
    if device not in ('cpu', 'cuda'):
        raise ValueError(f"device is {device!r}, expected 'auto', 'cpu' or 'cuda'")
    if device == 'cuda' and not available:
        raise ValueError('device is cuda, but torch finds no CUDA here; use auto or cpu')
    return device


class TorchEngine:
    """
    The networks as they were trained.

    :param text_encoder: see :func:`policy_gen_ros.models.text_encoder.sentence_encoder`
    """

    def __init__(self, networks: GeneratorNetworks, text_encoder: str, device: str) -> None:
        self.device, self.runs_on = device, f'torch on {device}'
        self._networks, self.text_encoder = networks, text_encoder

    @cached_property
    def _sentence_encoder(self) -> SentenceEncoder:
        # Three seconds and 90 MB that only a text needs.
        return sentence_encoder(self.text_encoder)

    def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Embed sentences. Shape: (n, text_dim)."""
        return self._sentence_encoder.encode(texts)

    def trajectory(self, rows: np.ndarray) -> np.ndarray:
        """Embed one trajectory. Shape: (time >= 40, 42) -> (128,)."""
        return self._networks.behavior.embed(rows)

    def condition(self, features: Features, present: np.ndarray) -> Tensor:
        """Encode what is known. Shape: (n, condition_dim)."""
        return self._networks.diffusion.condition(
            {source: torch.from_numpy(features[source]).to(self.device) for source in SOURCES},
            torch.from_numpy(present).to(self.device))

    def denoise(self, x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """Clean sample. Shape: (n, d)."""
        return self._networks.diffusion.denoiser(x, t, condition)

    def decode(self, latent: Tensor) -> np.ndarray:
        """Flat actors. Shape: (n, parameters)."""
        # What the decoder makes on its way is ten times as large as an actor: on a CPU a few at a
        # time, so that it stays in the cache.
        parts = latent.split(_DECODED_TOGETHER) if self.device == 'cpu' else [latent]
        vectors = [self._networks.decoder.vectors(part).cpu().numpy() for part in parts]
        return vectors[0] if len(vectors) == 1 else np.concatenate(vectors)
