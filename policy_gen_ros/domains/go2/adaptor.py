# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The adaptor: a walk-these-ways adaptation module.

A network 2100-256-128-latent (ELU) reads the last 30 observations of 70 values, oldest first, and
estimates what the sensors do not show. The latent of the shipped bundle has, as the genuine one,
two values: friction and restitution. It may be wider; actors read one as wide as they were trained
with, and :func:`check_latent` refuses any other.
Rapid Motor Adaptation, Kumar et al. 2021; walk-these-ways, Margolis and Agrawal 2022.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from policy_gen_ros.domains.go2.robot.observation import ADAPTOR_HISTORY, ADAPTOR_OBS_DIM
from policy_gen_ros.domains.go2.shipped import ARCHIVE_ADAPTOR_FILE
from policy_gen_ros.domains.go2.spec import go2_spec
from policy_gen_ros.policies.network import elu, perceptron
from policy_gen_ros.policies.spec import SpecError
from policy_gen_ros.policies.weights import ActorWeights, Layers
from policy_gen_ros.utils.files import refuse_pointer
from safetensors.numpy import load as load_safetensors

if TYPE_CHECKING:
    from policy_gen_ros.archive.index import ArchiveIndex

INPUT_DIM = ADAPTOR_HISTORY * ADAPTOR_OBS_DIM


class AdaptorError(ValueError):
    """The file is not an adaptation module that fits the observation history."""


class Adaptor:
    """
    History of observations in, latent out.

    :param layers: (weight, bias) of each. Shapes: (out, in), (out,)
    :raises AdaptorError: layers that do not fit each other or the history, or are not finite
    """

    def __init__(self, layers: Layers) -> None:
        self.layers = layers
        sizes = [layers[0][0].shape[1], *(weight.shape[0] for weight, _ in layers)]
        if sizes[0] != INPUT_DIM:
            raise AdaptorError(f'the adaptor reads {sizes[0]} values, the history has '
                               f'{INPUT_DIM}; give that of the bundle that made the actors')
        for index, (weight, bias) in enumerate(layers):
            if weight.shape[1] != sizes[index] or bias.shape != (sizes[index + 1],):
                raise AdaptorError(f'adaptor layer {index} has shape {weight.shape}')
            if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
                raise AdaptorError(f'adaptor layer {index} holds values that are not finite')
        self.latent_dim = sizes[-1]

    @classmethod
    def load(cls, path: str | Path) -> Adaptor:
        """
        Read a module from safetensors, or the TorchScript ``adaptation_module_latest.jit``.

        Linear layers are taken in the order of their names (``0.weight``, ``2.weight``, ...).

        :raises AdaptorError: unreadable, or of another shape
        """
        path = Path(path)
        if not path.is_file():
            raise AdaptorError(f'no adaptor at {path}: give the adaptor.safetensors of a bundle '
                               'or an archive')
        refuse_pointer(path, AdaptorError)
        if path.suffix in ('.jit', '.pt'):
            return cls(_layers_of(_read_torchscript(path), path))
        try:
            tensors = load_safetensors(path.read_bytes())
        except Exception as error:  # the library raises several unrelated types
            raise AdaptorError(f'{path} is not safetensors ({error}): copy it again') from error
        return cls(_layers_of(tensors, path))

    def tensors(self) -> dict[str, np.ndarray]:
        """Tensors under the names of walk-these-ways' own module."""
        return {f'{2 * i}.{part}': np.ascontiguousarray(value)
                for i, layer in enumerate(self.layers)
                for part, value in zip(('weight', 'bias'), layer)}

    def latent(self, history: np.ndarray) -> np.ndarray:
        """Latent of flattened histories. Shape: (..., 2100) -> (..., latent_dim)."""
        return perceptron(self.layers, history, elu)


def check_latent(actor: ActorWeights, adaptor: Adaptor) -> None:
    """
    Make sure that an actor reads a latent as wide as an adaptor gives.

    :raises SpecError: it does not, or it is a policy of another domain
    """
    wanted = go2_spec(actor).latent_dim
    if wanted != adaptor.latent_dim:
        raise SpecError(f'the actor reads a latent of {wanted} values, the adaptor gives '
                        f'{adaptor.latent_dim}: give the adaptor of its bundle or archive')


class ObservationHistory:
    """The last 30 adaptor observations of ``count`` robots, zero at reset."""

    def __init__(self, count: int) -> None:
        self._buffer = np.zeros((count, ADAPTOR_HISTORY, ADAPTOR_OBS_DIM), np.float32)

    def push(self, observation: np.ndarray) -> np.ndarray:
        """Append one observation. Shape: (count, 70) -> the whole history (count, 2100)."""
        self._buffer[:, :-1] = self._buffer[:, 1:]
        self._buffer[:, -1] = observation
        return self._buffer.reshape(len(self._buffer), INPUT_DIM)

    def reset(self, which: np.ndarray | slice = slice(None)) -> None:
        """Forget what the chosen robots (default: all) have seen."""
        self._buffer[which] = 0.0


def _layers_of(tensors: dict[str, np.ndarray], path: Path) -> Layers:
    weights = sorted((name for name in tensors if name.endswith('weight')), key=_layer_order)
    if not weights:
        raise AdaptorError(f'{path} holds no layers (tensors: {sorted(tensors)[:4]}), expected '
                           '0.weight, 0.bias, 2.weight and so on')
    try:
        return tuple((tensors[name].astype(np.float32),
                      tensors[name[:-len('weight')] + 'bias'].astype(np.float32))
                     for name in weights)
    except KeyError as error:
        raise AdaptorError(f'{path} lacks the tensor {error}') from error


def _layer_order(name: str) -> tuple[int, str]:
    digits = [part for part in name.split('.') if part.isdigit()]
    return (int(digits[-1]) if digits else 0, name)


def _read_torchscript(path: Path) -> dict[str, np.ndarray]:
    try:
        import torch
    except ImportError as error:
        raise AdaptorError(f'{path} is TorchScript, which needs torch; '
                           'convert it to safetensors or install torch') from error
    try:
        module = torch.jit.load(str(path), map_location='cpu')
    except RuntimeError as error:
        raise AdaptorError(f'{path} is not TorchScript: {error}') from error
    return {name: value.numpy() for name, value in module.state_dict().items()}


def archive_adaptor(archive: ArchiveIndex) -> Adaptor:
    """
    Return the adaptor under which all actors of an archive were trained.

    :raises AdaptorError: the archive has none
    """
    return Adaptor.load(archive.path / ARCHIVE_ADAPTOR_FILE)
