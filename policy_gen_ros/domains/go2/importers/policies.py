# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The policies of a folder, read by their spec, and their weights as rows of an archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
import hashlib
import math
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import stored_precision
from policy_gen_ros.domains.go2.importers.files import ForeignFileError, read_mlp
from policy_gen_ros.domains.go2.importers.spec import ForeignSpec, SHARED_ADAPTOR, sizes_fit
from policy_gen_ros.domains.go2.spec import go2_spec
from policy_gen_ros.policies.spec import parameter_count, SpecError
from policy_gen_ros.policies.weights import ActorError, ActorWeights, layer_sizes, Layers
from policy_gen_ros.utils.files import is_pointer, POINTER


@dataclass(frozen=True, eq=False)
class ForeignPolicy:
    """
    One policy of a folder, its parameters rounded to half precision as archives keep them.

    :param name: of its file, relative to the folder
    :param layers: (weight, bias) of each layer, float32
    :param adaptor: of the network that gives its latent
    :param clock_hz: rate of the clock that it sees; NaN without one
    :param sha256: of its files
    :param nominal_command: that its file asks for, if it does
    """

    name: str
    layers: Layers
    adaptor: Layers | None = None
    clock_hz: float = math.nan
    sha256: str = ''
    nominal_command: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Folder:
    """
    What a folder holds.

    :param spec: with the hidden sizes filled in
    :param skipped: why a file was left out, by name
    """

    spec: ForeignSpec
    policies: list[ForeignPolicy]
    skipped: Mapping[str, str]


def read_folder(folder: Path, spec: ForeignSpec, shared_adaptor: Path | None = None) -> Folder:
    """
    Read all policies that the spec's patterns find, in the order of their names.

    :param shared_adaptor: file of the adaptor of specs that share one
    :raises ValueError: the folder is missing, no file fits the patterns, or the shared adaptor
        cannot be read
    """
    if not folder.is_dir():
        raise ValueError(f'no folder of policies at {folder}')
    files = sorted({file for pattern in spec.files for file in folder.glob(pattern)
                    if file.is_file()})
    if not files:
        raise ValueError(f'no policies in {folder}: nothing is named {" or ".join(spec.files)}')
    shared, adaptor_spec = None, spec.adaptor
    if adaptor_spec is not None and adaptor_spec.file == SHARED_ADAPTOR:
        if shared_adaptor is None:
            raise ValueError(f'the policies of {spec.name} need the file of their shared adaptor')
        try:
            shared = read_mlp(shared_adaptor, spec.activation)
            # Such a spec fits actors of any bundle: it is the adaptor that knows its width.
            adaptor_spec = replace(adaptor_spec, latent_dim=layer_sizes(shared)[-1])
            spec = replace(spec, adaptor=adaptor_spec)
            shared = _fitting(shared, adaptor_spec.layer_sizes)
        except ForeignFileError as error:
            raise ValueError(f'{shared_adaptor}: {error}') from error
    policies: list[ForeignPolicy] = []
    skipped = {}
    for file in files:
        name = str(file.relative_to(folder))
        try:
            policies.append(_read_policy(file, name, spec, shared))
        except ForeignFileError as error:
            skipped[name] = str(error)
            continue
        # The first one decides what the spec left open.
        adaptor = policies[-1].adaptor
        spec = spec.with_hidden_sizes(layer_sizes(policies[-1].layers)[1:-1],
                                      layer_sizes(adaptor)[1:-1] if adaptor else None)
    return Folder(spec, policies, skipped)


def to_vector(policy: ForeignPolicy, spec: ForeignSpec) -> np.ndarray:
    """
    Return all parameters: the policy's, then its own adaptor's, if that is not a shared one.

    Shape: (parameters,), float16
    """
    shared = spec.adaptor is None or spec.adaptor.file == SHARED_ADAPTOR
    layers = [*policy.layers, *(() if shared or policy.adaptor is None else policy.adaptor)]
    return ActorWeights.vector_from_layers(tuple(layers)).astype(np.float16)


def from_vector(vector: np.ndarray, spec: ForeignSpec) -> tuple[Layers, Layers | None]:
    """
    Inverse of :func:`to_vector` for a spec without open sizes: the policy and its own adaptor.

    :raises ActorError: the number of parameters does not fit
    """
    sizes = _known(spec.layer_sizes)
    count = parameter_count(sizes)
    if spec.adaptor is None or spec.adaptor.file == SHARED_ADAPTOR:
        return ActorWeights.layers_from_vector(vector, sizes), None
    inner = _known(spec.adaptor.layer_sizes)
    return (ActorWeights.layers_from_vector(vector[:count], sizes),
            ActorWeights.layers_from_vector(vector[count:], inner))


def _known(sizes: tuple[int | None, ...]) -> tuple[int, ...]:
    known = tuple(size for size in sizes if size is not None)
    if len(known) != len(sizes):
        raise ValueError('the spec leaves hidden sizes open')
    return known


def _read_policy(file: Path, name: str, spec: ForeignSpec,
                 shared: Layers | None) -> ForeignPolicy:
    if spec.clock_hz is None:
        return _read_actor(file, name, spec, shared)
    layers = _fitting(read_mlp(file, spec.activation), spec.layer_sizes)
    if spec.adaptor is None or shared is not None:
        return ForeignPolicy(name, layers, shared, spec.clock_hz, _hash(file))
    beside = file.parent / spec.adaptor.file
    try:
        adaptor = _fitting(read_mlp(beside, spec.activation), spec.adaptor.layer_sizes)
    except ForeignFileError as error:
        raise ForeignFileError(f'its adaptor {spec.adaptor.file}: {error}') from error
    return ForeignPolicy(name, layers, adaptor, spec.clock_hz, _hash(file, beside))


def _read_actor(file: Path, name: str, spec: ForeignSpec,
                shared: Layers | None) -> ForeignPolicy:
    if is_pointer(file):
        raise ForeignFileError(POINTER)
    try:
        actor = ActorWeights.from_bytes(file.read_bytes(), 'go2')
    except OSError as error:
        raise ForeignFileError(f'cannot be read: {error.strerror}') from error
    except (ActorError, SpecError) as error:
        raise ForeignFileError(f'no actor of this package: {error}') from error
    return ForeignPolicy(name, _fitting(actor.layers, spec.layer_sizes), shared,
                         go2_spec(actor).clock_hz, _hash(file), actor.nominal_command)


def _fitting(layers: Layers, expected: tuple[int | None, ...]) -> Layers:
    """Round layers to half precision, if they are the ones that the spec expects."""
    sizes = layer_sizes(layers)
    if not sizes_fit(sizes, expected):
        wanted = '-'.join('any' if size is None else str(size) for size in expected)
        raise ForeignFileError(f'its layers are {"-".join(map(str, sizes))}, the spec says '
                               f'{wanted}')
    try:
        return stored_precision(layers)
    except ArchiveError as error:
        raise ForeignFileError(str(error)) from error


def _hash(*files: Path) -> str:
    return hashlib.sha256(b''.join(file.read_bytes() for file in files)).hexdigest()
