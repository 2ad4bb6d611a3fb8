# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The weights of one actor, and their form as bytes (safetensors)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from policy_gen_ros.policies.spec import read_spec, Spec
from policy_gen_ros.utils.files import refuse_pointer
from policy_gen_ros.utils.tensors import load_tensors, save_tensors, to_safetensors
import safetensors
from safetensors.numpy import load as load_safetensors

ACTOR_FORMAT = 'policy_gen_ros/actor/1'
MAX_ACTOR_BYTES = 4_000_000
MAX_WEIGHT = 1e3
MAX_WORDS = 10_000
"""Characters of goal, bundle and warnings together, which logs and diagnostics repeat."""


class ActorError(ValueError):
    """Bytes that are not a sound actor. The message says which check failed."""


if TYPE_CHECKING:
    Layers = tuple[tuple[np.ndarray, np.ndarray], ...]
else:
    Layers = tuple  # the Python 3.8 of Isaac Gym knows no more


def layer_sizes(layers: Layers) -> tuple[int, ...]:
    """Units of input, hidden and output layers."""
    return (layers[0][0].shape[1], *(len(bias) for _, bias in layers))


@dataclass(frozen=True, eq=False)
class ActorWeights:
    """
    A policy: a small multilayer perceptron whose weights are a behaviour, such as a gait.

    :param layers: (weight, bias) of each layer, float32. Shapes: (out, in), (out,)
    :param nominal_command: vx m/s, vy m/s, yaw rate rad/s that fit the goal; empty in a domain
        whose policies follow no command
    :param measures: what the generator aims at
    :raises ActorError: wrong shapes or non-finite values
    """

    spec: Spec
    layers: Layers
    nominal_command: tuple[float, ...] = (0.0, 0.0, 0.0)
    goal: str = ''
    measures: Mapping[str, float] = field(default_factory=dict)
    bundle: str = ''
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        sizes = self.spec.layer_sizes
        if len(self.layers) != len(sizes) - 1:
            raise ActorError(f'actor has {len(self.layers)} layers, '
                             f'its spec says {len(sizes) - 1}')
        for index, (weight, bias) in enumerate(self.layers):
            want = (sizes[index + 1], sizes[index])
            if weight.shape != want or bias.shape != want[:1]:
                raise ActorError(f'layer {index} has shapes {weight.shape} and {bias.shape}, '
                                 f'its spec says {want} and {want[:1]}')
            if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
                raise ActorError(f'layer {index} holds values that are not finite')
            if max(np.abs(weight).max(), np.abs(bias).max()) > MAX_WEIGHT:
                raise ActorError(f'layer {index} holds values beyond {MAX_WEIGHT:g}')
        wanted = self.spec.command_dim
        if len(self.nominal_command) != wanted or not np.isfinite(self.nominal_command).all():
            raise ActorError(f'nominal_command {self.nominal_command} is not {wanted} finite '
                             'numbers')

    @cached_property
    def sha256(self) -> str:
        """Hash of the tensors, in layer order, as little-endian float32."""
        digest = hashlib.sha256()
        for weight, bias in self.layers:
            digest.update(np.ascontiguousarray(weight, '<f4').tobytes())
            digest.update(np.ascontiguousarray(bias, '<f4').tobytes())
        return digest.hexdigest()

    def to_vector(self) -> np.ndarray:
        """All parameters, layer by layer, weight before bias. Shape: (parameters,), float32."""
        return self.vector_from_layers(self.layers)

    @staticmethod
    def vector_from_layers(layers: Layers) -> np.ndarray:
        """Flatten weights, layer by layer, weight before bias. Shape: (parameters,)."""
        return np.concatenate([part.ravel() for layer in layers for part in layer])

    @staticmethod
    def layers_from_vector(vector: np.ndarray, sizes: tuple[int, ...]) -> Layers:
        """Inverse of :meth:`to_vector` for given layer sizes."""
        layers, start = [], 0
        for fan_in, fan_out in zip(sizes, sizes[1:]):  # noqa: RUF007 - not in Python 3.8
            stop = start + fan_in * fan_out
            weight = np.asarray(vector[start:stop], np.float32).reshape(fan_out, fan_in)
            layers.append((weight, np.asarray(vector[stop:stop + fan_out], np.float32)))
            start = stop + fan_out
        if start != len(vector):
            raise ActorError(f'{len(vector)} parameters do not fit layers {sizes}')
        return tuple(layers)

    def to_bytes(self) -> bytes:
        """Serialise to safetensors, metadata included: the same actor always to the same bytes."""
        tensors = {}
        for index, (weight, bias) in enumerate(self.layers):
            tensors[f'layers.{index}.weight'] = np.ascontiguousarray(weight, np.float32)
            tensors[f'layers.{index}.bias'] = np.ascontiguousarray(bias, np.float32)
        metadata = {
            'format': ACTOR_FORMAT, 'actor_spec': self.spec.to_json(), 'sha256': self.sha256,
            'nominal_command': json.dumps([float(v) for v in self.nominal_command]),
            'goal': self.goal, 'measures': json.dumps(dict(self.measures)), 'bundle': self.bundle,
            'warnings': json.dumps(self.warnings)}
        return to_safetensors(tensors, metadata)

    @classmethod
    def load(cls, path: Path, domain: str | None = None) -> ActorWeights:
        """
        Read an actor's file.

        :param domain: it has to be for; default: any
        :raises ActorError: not there, or as :meth:`from_bytes`; the message names the file
        """
        if not path.is_file():
            raise ActorError(f'no actor at {path}: "policy_gen generate" makes one')
        refuse_pointer(path, ActorError)
        try:
            return cls.from_bytes(path.read_bytes(), domain)
        except ValueError as error:
            raise ActorError(f'{path}: {error}') from error

    @classmethod
    def from_bytes(cls, blob: bytes, domain: str | None = None) -> ActorWeights:
        """
        Parse and check an actor.

        :param domain: it has to be for; default: any
        :raises ActorError: too large, truncated, altered, not finite, or of an unknown format
        :raises SpecError: well-formed, but not for this robot
        """
        metadata, tensors = read_blob(blob)
        if metadata.get('format') != ACTOR_FORMAT:
            raise ActorError(f'format is {metadata.get("format")!r}, '
                             f'this version reads {ACTOR_FORMAT!r}: generate it anew')
        spec = read_spec(metadata.get('actor_spec', ''), domain)
        names = [f'layers.{i}.{part}' for i in range(len(spec.layer_sizes) - 1)
                 for part in ('weight', 'bias')]
        if sorted(names) != sorted(tensors):
            raise ActorError(f'tensors are {sorted(tensors)!r:.200}, '
                             f'expected {sorted(names)!r:.200}')
        for name in names:
            if tensors[name].dtype != np.float32:
                raise ActorError(f'{name} is {tensors[name].dtype}, expected float32')
        pairs = tuple((tensors[w], tensors[b]) for w, b in zip(names[::2], names[1::2]))
        try:
            command = tuple(float(v) for v in json.loads(metadata['nominal_command']))
            actor = cls(
                spec, pairs, nominal_command=command,
                goal=metadata.get('goal', ''), bundle=metadata.get('bundle', ''),
                measures={str(k): float(v) for k, v in
                          json.loads(metadata.get('measures', '{}')).items()},
                warnings=tuple(_sayable(w) for w in json.loads(metadata.get('warnings', '[]'))))
        except ActorError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ActorError(f'actor metadata is malformed: {error!r}') from error
        words = sum(map(len, (actor.goal, actor.bundle, *actor.warnings)))
        if words > MAX_WORDS:
            raise ActorError(f'goal, bundle and warnings have {words} characters; they have at '
                             f'most {MAX_WORDS}')
        if metadata.get('sha256') != actor.sha256:
            raise ActorError('sha256 does not match the tensors: the weights were altered; '
                             'generate them anew')
        return actor


def _sayable(warning: object) -> str:
    text = str(warning)
    text.encode()  # JSON may hold halves of characters, at which loggers and messages fail
    return text


def read_blob(blob: bytes) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """
    Read metadata and tensors of an actor, which are not checked yet.

    :raises ActorError: too large, or not a complete safetensors file
    """
    if len(blob) > MAX_ACTOR_BYTES:
        raise ActorError(f'{len(blob)} bytes; an actor has at most {MAX_ACTOR_BYTES}')
    try:
        tensors = load_safetensors(bytes(blob))
        # The library's loader drops the metadata; the header is a length and JSON.
        header = json.loads(bytes(blob[8:8 + int.from_bytes(blob[:8], 'little')]))
        return dict(header.get('__metadata__') or {}), tensors
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError,
            RecursionError) as error:
        raise ActorError(f'not a complete safetensors file: {error}') from error


def load_layers(path: Path) -> Layers:
    """
    Read the layers of any network from safetensors: ``layers.I.weight``, ``layers.I.bias``.

    :raises ActorError: the file cannot be read, or holds something else
    """
    tensors = load_tensors(path, ActorError)
    try:
        return tuple((tensors[f'layers.{i}.weight'], tensors[f'layers.{i}.bias'])
                     for i in range(len(tensors) // 2))
    except KeyError as error:
        raise ActorError(f'{path} lacks the tensor {error}: copy it again') from error


def save_layers(layers: Sequence[tuple[np.ndarray, np.ndarray]], path: Path) -> None:
    """Write what :func:`load_layers` reads, as float32."""
    save_tensors({f'layers.{i}.{part}': np.asarray(value, np.float32)
                  for i, layer in enumerate(layers)
                  for part, value in zip(('weight', 'bias'), layer)}, path)
