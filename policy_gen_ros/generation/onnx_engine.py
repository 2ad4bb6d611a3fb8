# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The networks of a bundle in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
import os
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.trajectory import TrajectorySpec
from policy_gen_ros.generation.bundle import BundleInfo
from policy_gen_ros.generation.engine import EngineError, Features
from policy_gen_ros.generation.networks import load_networks
from policy_gen_ros.generation.onnx_files import (
    cache_folder,
    CONDITION,
    DECODER,
    DENOISER,
    export_folder,
    Graph,
    make_folder,
    MANIFEST,
    OnnxManifest,
    read_manifest,
    SENTENCE,
    TOKENIZER,
    TRAJECTORY,
)
from policy_gen_ros.models.condition_encoder import SOURCES
from policy_gen_ros.models.encoder_files import MULTILINGUAL_E5
from policy_gen_ros.models.multilingual_e5 import multilingual_e5
from policy_gen_ros.models.onnx_options import session_options
import torch
from torch import Tensor

_PROVIDERS = {'tensorrt': 'TensorrtExecutionProvider', 'cuda': 'CUDAExecutionProvider',
              'cpu': 'CPUExecutionProvider'}


def find_engine(bundle: Path, info: BundleInfo, device: str,
                threads: int | None = None) -> OnnxEngine:
    """
    Load the export of a bundle; where there is none, make one in the user's cache first.

    :raises EngineError: as :func:`load_engine`, or there is no exporter to make one
    """
    _providers(device, bundle)  # nobody should wait for an export that cannot run
    folder = export_folder(bundle)
    if not (folder / MANIFEST).is_file():
        from policy_gen_ros.generation.onnx_export import export_bundle

        networks = load_networks(bundle, info, 'cpu')
        try:
            make_folder(folder, lambda made: export_bundle(bundle, info, networks, made))
        except OSError as error:
            raise EngineError(
                f'cannot keep ONNX graphs at {folder} ({error}); set XDG_CACHE_HOME, or put them '
                f'beside the bundle: policy_gen export --bundle {bundle} -o {bundle / "onnx"}'
            ) from error
    return load_engine(folder, bundle, info, device, threads)


def load_engine(folder: Path, bundle: Path, info: BundleInfo, device: str,
                threads: int | None = None) -> OnnxEngine:
    """
    Load an export.

    :param bundle, info: that it has to be made from
    :param device: ``auto``, ``cpu``, ``cuda`` or ``tensorrt``
    :param threads: see :class:`OnnxEngine`
    :raises EngineError: ONNX Runtime is missing or has no such device; a stale or damaged export
    """
    return OnnxEngine(folder, read_manifest(folder, bundle), find_domain(info.domain).trajectory,
                      _providers(device, bundle), info.text_encoder, threads)


class OnnxEngine:
    """
    ONNX Runtime behind the calls of :class:`policy_gen_ros.generation.engine.Engine`.

    Tensors stay on the CPU between the calls, also where a GPU computes: they are small.

    :param providers: ONNX Runtime's execution providers, as
        :func:`onnxruntime.InferenceSession` takes them
    :param text_encoder: its source; MULTILINGUAL_E5 has a graph of its own, which
        is not exported
    :param threads: for one operator; default: all cores but one, which is left to the controller
    """

    device = 'cpu'

    def __init__(self, folder: Path, manifest: OnnxManifest, spec: TrajectorySpec,
                 providers: list[Any], text_encoder: str, threads: int | None = None) -> None:
        self._folder, self._manifest, self._providers = folder, manifest, providers
        self.text_encoder = text_encoder
        self._spec = spec
        self._threads = threads or max(1, len(os.sched_getaffinity(0)) - 1)
        self._trajectory, self._condition, self._denoiser, self._decoder = (
            self._batches(part) for part in (TRAJECTORY, CONDITION, DENOISER, DECODER))

    @property
    def runs_on(self) -> str:
        """Return the execution provider that was taken in the end; it may be the second best."""
        return f'ONNX Runtime on {self._denoiser.provider}'

    @cached_property
    def _sentences(self) -> _Sentences:
        # Most of the memory, and only a text needs it.
        sessions = {graph.inputs['ids'][1]: self._session(graph)
                    for graph in self._manifest.of(SENTENCE)}
        return _Sentences(self._folder / TOKENIZER, sessions)

    def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Embed sentences. Shape: (n, text_dim)."""
        if self.text_encoder == MULTILINGUAL_E5:
            return multilingual_e5().encode(texts)
        return np.stack([self._sentences.embed(text) for text in texts])

    def trajectory(self, rows: np.ndarray) -> np.ndarray:
        """Embed one trajectory. Shape: (time >= 40, 42) -> (128,)."""
        return self._trajectory.run(self._spec.features(self._spec.cut(rows))).mean(axis=0)

    def condition(self, features: Features, present: np.ndarray) -> Tensor:
        """Encode what is known. Shape: (n, condition_dim)."""
        return torch.from_numpy(
            self._condition.run(*(features[source] for source in SOURCES), present))

    def denoise(self, x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """Clean sample. Shape: (n, d)."""
        return torch.from_numpy(self._denoiser.run(x.numpy(), t.numpy(), condition.numpy()))

    def decode(self, latent: Tensor) -> np.ndarray:
        """Flat actors. Shape: (n, parameters)."""
        return self._decoder.run(latent.numpy())

    def _batches(self, part: str) -> _Batches:
        graphs = self._manifest.of(part)
        if not graphs:
            raise EngineError(f'the ONNX export at {self._folder} has no graph for {part}: '
                              'export it anew with "policy_gen export"')
        return _Batches({next(iter(graph.inputs.values()))[0]: self._session(graph)
                         for graph in graphs})

    def _session(self, graph: Graph) -> Any:
        runtime = _runtime()
        options = session_options(runtime, self._threads)
        file = self._folder / graph.file
        try:
            return runtime.InferenceSession(str(file), options, providers=self._providers)
        except Exception as error:  # the library has no exception type of its own to catch
            raise EngineError(f'ONNX Runtime cannot load {file} '
                              f'({" ".join(str(error).split())[:200]}): export it anew with '
                              '"policy_gen export"') from error


class _Batches:
    """One part at several batch sizes: rows in, rows out."""

    def __init__(self, sessions: dict[int, Any]) -> None:
        self._sessions = dict(sorted(sessions.items()))
        first = next(iter(sessions.values()))
        self._names = [value.name for value in first.get_inputs()]
        self.provider: str = first.get_providers()[0]

    def run(self, *inputs: np.ndarray) -> np.ndarray:
        """As many rows at a time as there is a graph for; the last ones are filled up to it."""
        parts, done, count = [], 0, len(inputs[0])
        while done < count:
            size = self._size(count - done)
            chunks = [_filled(value[done:done + size], size) for value in inputs]
            output, = self._sessions[size].run(None, dict(zip(self._names, chunks)))
            parts.append(output[:count - done])
            done += size
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _size(self, rows: int) -> int:
        return next((size for size in self._sessions if size >= rows), max(self._sessions))


class _Sentences:
    """The text encoder at several token lengths, and its tokenizer."""

    def __init__(self, tokenizer: Path, sessions: dict[int, Any]) -> None:
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise EngineError(f'text goals need tokenizers ({error}): pip install '
                              'tokenizers') from error
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._sessions = dict(sorted(sessions.items()))

    def embed(self, text: str) -> np.ndarray:
        """Shape: (text_dim,)."""
        tokens = self._tokenizer.encode(text).ids
        length = next(n for n in self._sessions if n >= len(tokens))
        ids, mask = np.zeros((2, 1, length), np.int64)
        ids[0, :len(tokens)], mask[0, :len(tokens)] = tokens, 1
        output: np.ndarray = self._sessions[length].run(None, {'ids': ids, 'mask': mask})[0]
        return output[0]


def _filled(rows: np.ndarray, size: int) -> np.ndarray:
    """Repeat the last row up to a size. Shape: (n <= size, ...) -> (size, ...)."""
    missing = size - len(rows)
    return np.concatenate([rows, np.repeat(rows[-1:], missing, axis=0)]) if missing else rows


def _runtime() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise EngineError('the backend onnx needs onnxruntime: pip install onnxruntime, or '
                          f'onnxruntime-gpu for CUDA; or use the backend torch ({error})'
                          ) from error
    return onnxruntime


def _providers(device: str, bundle: Path) -> list[Any]:
    """
    Choose execution providers for a device, most wanted first.

    :raises EngineError: an unknown device, or one that this ONNX Runtime was not built for
    """
    available = _runtime().get_available_providers()
    if device == 'auto':
        device = 'cuda' if _PROVIDERS['cuda'] in available else 'cpu'
    if device not in _PROVIDERS:
        raise EngineError(f"device is {device!r}, expected 'auto', 'cpu', 'cuda' or 'tensorrt'")
    if _PROVIDERS[device] not in available:
        raise EngineError(f'device is {device}, but this ONNX Runtime was built for '
                          f'{", ".join(available)} only; install onnxruntime-gpu, or use cpu')
    cpu = _PROVIDERS['cpu']
    # Without TF32 a GPU gives the same actors as a CPU, to 1e-4.
    cuda = (_PROVIDERS['cuda'], {'use_tf32': '0'})
    if device == 'tensorrt':
        # Not chosen by itself: it builds its engines, for minutes, before the first goal.
        built = cache_folder(bundle).with_suffix('.tensorrt')
        return [(_PROVIDERS[device], {'trt_engine_cache_enable': '1',
                                      'trt_engine_cache_path': str(built)}), cuda, cpu]
    return [cuda, cpu] if device == 'cuda' else [cpu]
