# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Reading foreign networks: TorchScript, state dicts, rsl_rl checkpoints and safetensors.

Files of others are not trusted: state dicts are loaded with ``weights_only``, TorchScript is
loaded but never called, and ``parameters.pkl`` of walk-these-ways, a pickle, is not opened at all:
the spec says what it would say. Only multilayer perceptrons come through, with an activation
between layers and none after the last; TorchScript says so itself, of other files it is assumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
import pickle
import re
import zipfile

import numpy as np
from policy_gen_ros.domains.go2.importers.spec import ACTIVATIONS
from policy_gen_ros.policies.weights import Layers
from policy_gen_ros.utils.files import is_pointer, POINTER
from safetensors import SafetensorError
from safetensors.numpy import load as load_safetensors
import torch

MAX_BYTES = 500_000_000
_WRAPPERS = ('model_state_dict', 'actor_state_dict')
_WRAPPED = re.compile(r'^((module|_orig_mod)\.)+')
_TRAINING_ONLY = re.compile(r'(critic|std$|log_std$|distribution\.)')
_MLP_OPERATIONS = {
    'aten::linear', 'aten::addmm', 'aten::matmul', 'aten::t', 'aten::add_', 'aten::dim',
    'aten::eq', 'aten::__and__', 'aten::__is__', 'aten::__isnot__', 'aten::detach',
    'prim::Constant', 'prim::GetAttr', 'prim::If', 'prim::ListConstruct'}
_LAYER = {'aten::linear', 'aten::addmm', 'aten::matmul'}
_PASSING = {'aten::add_', 'aten::detach'}


class ForeignFileError(ValueError):
    """A file that holds no MLP that can be imported. The message says why, without the path."""


def read_mlp(path: Path, activation: str) -> Layers:
    """
    Read the policy network of a file.

    :param activation: of the hidden layers; TorchScript that uses another is refused
    :return: (weight, bias) of each layer, float32
    :raises ForeignFileError: unreadable, not an MLP, or values that are not finite
    """
    if not path.is_file():
        raise ForeignFileError('there is no such file')
    if is_pointer(path):
        raise ForeignFileError(POINTER)
    if path.stat().st_size > MAX_BYTES:
        raise ForeignFileError(f'{path.stat().st_size / 1e6:.0f} MB is no policy for this robot')
    try:
        if path.suffix == '.safetensors':
            return mlp_layers(_read_safetensors(path))
        return mlp_layers(_read_torchscript(path, activation) if _is_torchscript(path)
                          else _read_state_dict(path))
    except OSError as error:
        raise ForeignFileError(f'cannot be read: {error.strerror or error}') from error


def mlp_layers(tensors: Mapping[str, np.ndarray]) -> Layers:
    """
    Layers of the policy among named tensors, in the order of their names.

    The critic and the exploration noise of a checkpoint are left out. Names may begin with what
    DistributedDataParallel and torch.compile put before them.

    :raises ForeignFileError: other tensors than weights and biases of one MLP
    """
    bare = {_WRAPPED.sub('', name): value for name, value in tensors.items()}
    if len(bare) < len(tensors):
        raise ForeignFileError('holds a network twice, wrapped and as it is: export one alone')
    tensors = {name: value for name, value in bare.items() if not _TRAINING_ONLY.match(name)}
    weights = [name for name in tensors if name.rpartition('.')[2] == 'weight']
    parents = {_module(name).rpartition('.')[0] for name in weights}
    if len(parents) > 1:
        raise ForeignFileError(f'holds several networks ({", ".join(sorted(parents))}): export '
                               'the policy alone')
    if not weights:
        raise ForeignFileError(f'holds no layers (it has: {", ".join(list(tensors)[:4])})')
    layers = []
    for name in sorted(weights, key=_natural):
        bias = f'{_module(name)}.bias'
        if bias not in tensors:
            raise ForeignFileError(f'not a plain MLP: {name} comes without a bias')
        layers.append((tensors.pop(name), tensors.pop(bias)))
    if tensors:
        what = 'it normalises its observations' if any('normalizer' in name for name in tensors) \
            else 'not a plain MLP'
        raise ForeignFileError(f'{what}: {", ".join(list(tensors)[:3])} cannot be imported')
    return _checked(layers)


def _checked(layers: list[tuple[np.ndarray, np.ndarray]]) -> Layers:
    for i, (weight, bias) in enumerate(layers):
        if weight.ndim != 2 or bias.shape != weight.shape[:1] or not weight.size:
            raise ForeignFileError(f'layer {i} has shapes {weight.shape} and {bias.shape}, '
                                   'expected (out, in) and (out,)')
        if not (weight.dtype.kind == bias.dtype.kind == 'f'):
            raise ForeignFileError(f'layer {i} is {weight.dtype}, expected floats')
        if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
            raise ForeignFileError(f'layer {i} holds values that are not finite')
    for i, (before, after) in enumerate(pairwise(layers)):
        if len(before[1]) != after[0].shape[1]:
            raise ForeignFileError(f'layer {i} gives {len(before[1])} values, layer {i + 1} reads '
                                   f'{after[0].shape[1]}')
    return tuple((weight.astype(np.float32), bias.astype(np.float32)) for weight, bias in layers)


def _module(name: str) -> str:
    return name.rpartition('.')[0]


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort key that puts ``layers.10`` after ``layers.9``."""
    return [(int(part), '') if part.isdigit() else (-1, part)
            for part in re.split(r'(\d+)', name) if part]


def _read_safetensors(path: Path) -> dict[str, np.ndarray]:
    try:
        tensors: dict[str, np.ndarray] = load_safetensors(path.read_bytes())
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ForeignFileError(f'not safetensors: {error}') from error
    return tensors


def _is_torchscript(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith('/constants.pkl') for name in archive.namelist())
    except zipfile.BadZipFile as error:
        raise ForeignFileError(f'damaged: {error}') from error


def _read_state_dict(path: Path) -> dict[str, np.ndarray]:
    try:
        loaded = torch.load(path, map_location='cpu', weights_only=True)
    except pickle.UnpicklingError as error:
        raise ForeignFileError('holds other objects than tensors, or is no PyTorch file; they are '
                               'not loaded: save the state_dict instead') from error
    except (RuntimeError, ValueError, TypeError, KeyError, EOFError, OSError) as error:
        raise ForeignFileError(f'not a PyTorch file: {_first_line(error)}') from error
    for wrapper in _WRAPPERS:
        if isinstance(loaded, dict) and wrapper in loaded:
            extra = [key for key in loaded if 'norm' in str(key) and loaded[key]]
            if extra:
                raise ForeignFileError(f'it normalises its observations: {extra[0]} cannot be '
                                       'imported')
            loaded = loaded[wrapper]
    if not isinstance(loaded, dict) or not all(
            isinstance(name, str) and isinstance(value, torch.Tensor)
            for name, value in loaded.items()):
        raise ForeignFileError('not a state dict: expected tensors by name')
    return {name: _numpy(value) for name, value in loaded.items()}


def _read_torchscript(path: Path, activation: str) -> dict[str, np.ndarray]:
    try:
        module = torch.jit.load(str(path), map_location='cpu')
        graph = module.inlined_graph  # its nodes live no longer than this
        nodes = list(_nodes(graph))
    except (RuntimeError, ValueError, AttributeError) as error:
        raise ForeignFileError(f'not TorchScript: {_first_line(error)}') from error
    found = {node.kind() for node in nodes}
    used = {name for name in ACTIVATIONS for kind in found
            if kind in (f'aten::{name}', f'aten::{name}_')}
    other = sorted(found - _MLP_OPERATIONS - {f'aten::{name}{end}' for name in used
                                              for end in ('', '_')})
    if other:
        raise ForeignFileError(f'not a plain MLP: it calls {", ".join(other[:3])}')
    if used - {activation}:
        raise ForeignFileError(f'uses {", ".join(sorted(used))}, the spec says {activation}')
    last = set().union(*(_before(output) for output in graph.outputs()))
    if not last <= _LAYER:
        raise ForeignFileError(f'its last step is {", ".join(sorted(last))}, not a linear layer: '
                               'an activation of the output cannot be imported')
    if not all(_in_turn(node, activation) for node in nodes):
        raise ForeignFileError('not a plain MLP: its layers and activations do not take turns')
    return {name: _numpy(value) for name, value in module.state_dict().items()}


def _nodes(block: torch.Block) -> Iterator[torch.Node]:
    for node in block.nodes():
        yield node
        for inner in node.blocks():
            yield from _nodes(inner)


def _in_turn(node: torch.Node, activation: str) -> bool:
    """Whether what a layer reads is activated or the observation, and an activation a layer's."""
    kind, inputs = node.kind(), list(node.inputs())
    active = {f'aten::{activation}', f'aten::{activation}_'}
    if kind in _LAYER:
        read = inputs[1 if kind == 'aten::addmm' else 0]
        return _before(read) <= active or _before(read) == {'prim::Param'}
    if kind in active:
        # One in place may do its work without handing on its output.
        return _before(inputs[0]) <= _LAYER and bool(node.output().uses())
    return kind != 'aten::add_' or [value.node().kind() for value in inputs[:2]] == [
        'aten::matmul', 'prim::GetAttr']


def _before(value: torch.Value) -> set[str]:
    """Operations that a value may come from; branches and the adding of a bias are none."""
    found, seen, todo = set(), set(), [value]
    while todo:
        value = todo.pop()
        node, name = value.node(), value.debugName()
        if name in seen:
            continue
        seen.add(name)
        if node.kind() == 'prim::If':
            place = [output.debugName() for output in node.outputs()].index(name)
            todo += [list(block.outputs())[place] for block in node.blocks()]
        elif node.kind() in _PASSING:
            todo.append(next(iter(node.inputs())))
        else:
            found.add(node.kind())
    return found


def _numpy(tensor: torch.Tensor) -> np.ndarray:
    # NumPy knows no bfloat16.
    return (tensor.float() if tensor.is_floating_point() else tensor).detach().cpu().numpy()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
