# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
From a bundle to ONNX: every part that runs at goal time, at fixed shapes.

Exporters, TensorRT and quantisers are at their best without dynamic axes, so there is a graph for
each batch size. All graphs share one file of weights, hence a further size costs little.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
import hashlib
import logging
from pathlib import Path
from typing import Any
import warnings

from policy_gen_ros.domains import find_domain
from policy_gen_ros.generation.bundle import BundleInfo
from policy_gen_ros.generation.engine import EngineError
from policy_gen_ros.generation.networks import GeneratorNetworks
from policy_gen_ros.generation.onnx_files import (
    bundle_hash,
    CONDITION,
    DECODER,
    DENOISER,
    Graph,
    OnnxManifest,
    SENTENCE,
    TOKENIZER,
    TRAJECTORY,
    WEIGHTS,
    write_manifest,
)
from policy_gen_ros.models.condition_encoder import source_dims, SOURCES
from policy_gen_ros.models.encoder_files import MULTILINGUAL_E5
from policy_gen_ros.models.text_encoder import (
    load_encoder,
    MAX_TOKENS,
    pooled,
    TextEncoderError,
)
from policy_gen_ros.utils.files import write_text
from policy_gen_ros.utils.progress import progress
import torch
from torch import nn, Tensor

OPSET = 18
DEFAULT_BATCHES = (1, 8)
TOKEN_LENGTHS = (16, 24, 32, MAX_TOKENS)
"""A sentence is padded to the next of these. Of our captions 69 % have up to 16, 99 % up to 32."""
DECODER_SEGMENTS = 4
"""Of a trajectory at a time: those of a clip of 2 s."""
_MIN_SHARED_BYTES = 1024
_PAGE = 4096


class _Sentence(nn.Module):
    """A text encoder: sentences, as SentenceEncoder computes them."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Shapes: (n, tokens), (n, tokens) -> (n, text_dim)."""
        output = self.model(input_ids=ids, attention_mask=mask)
        return pooled(output.last_hidden_state, mask)


class _Condition(nn.Module):
    """The condition encoder, with its sources as separate inputs."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, text: Tensor, measures: Tensor, trajectory: Tensor,
                present: Tensor) -> Tensor:
        """Shapes: (n, source_dim) three times, (n, 3) -> (n, condition_dim)."""
        return self.encoder(dict(zip(SOURCES, (text, measures, trajectory))), present)


class _Decode(nn.Module):
    """The decoder, up to flat actors."""

    def __init__(self, decoder: Any) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, latent: Tensor) -> Tensor:
        """Shape: (n, latent_dim) -> (n, parameters)."""
        return self.decoder.vectors(latent)


@dataclass
class _SharedWeights:
    """One file of tensors; those that are there already are not written again."""

    path: Path
    offsets: dict[bytes, int] = field(default_factory=dict)

    def move(self, model: Any) -> None:
        """Move the large tensors of an ONNX model there."""
        from onnx.external_data_helper import set_external_data

        with self.path.open('ab') as file:
            for tensor in model.graph.initializer:
                raw = tensor.raw_data
                if len(raw) < _MIN_SHARED_BYTES:
                    continue
                digest = hashlib.sha256(raw).digest()
                if digest not in self.offsets:
                    file.write(bytes(-file.tell() % _PAGE))  # only whole pages can be mapped
                    self.offsets[digest] = file.tell()
                    file.write(raw)
                set_external_data(tensor, self.path.name, self.offsets[digest], len(raw))
                tensor.ClearField('raw_data')


def export_bundle(bundle: Path, info: BundleInfo, networks: GeneratorNetworks, folder: Path,
                  batches: Sequence[int] = DEFAULT_BATCHES) -> OnnxManifest:
    """
    Write all graphs and their manifest.

    :param networks: of the bundle, on the CPU
    :param folder: there already, and empty
    :param batches: goals at a time, one graph each
    :raises EngineError: onnx or onnxscript is not installed
    :raises TextEncoderError: the text encoder is not there, or cannot be exported
    """
    try:
        import onnx
        import onnxscript
    except ImportError as error:
        raise EngineError(
            f'exporting to ONNX needs onnx and onnxscript ({error}): pip install onnx onnxscript, '
            'or export where they are, with "policy_gen export --bundle BUNDLE -o BUNDLE/onnx"'
        ) from error
    shared = _SharedWeights(folder / WEIGHTS)
    graphs = []
    with _quiet():
        jobs = list(_parts(info, networks, sorted(set(batches))))
        # That one has a graph of its own, for all bundles.
        if info.text_encoder != MULTILINGUAL_E5:
            jobs = [*_sentence_parts(info.text_encoder, folder / TOKENIZER), *jobs]
        for part, module, inputs in progress(jobs, about='export to ONNX', unit='graph'):
            program = torch.onnx.export(
                module, tuple(inputs.values()), input_names=list(inputs), output_names=['output'],
                opset_version=OPSET, dynamo=True, verbose=False)
            assert program is not None
            model = program.model_proto
            shared.move(model)
            shapes = {name: list(value.shape) for name, value in inputs.items()}
            size = 'x'.join(str(n) for n in shapes[next(iter(shapes))][:2 - (part != SENTENCE)])
            file = f'{part}_{size}.onnx'
            onnx.save_model(model, folder / file)
            output = [d.dim_value for d in model.graph.output[0].type.tensor_type.shape.dim]
            graphs.append(Graph(part, file, shapes, output))
    sizes = {file.name: file.stat().st_size for file in sorted(folder.iterdir())}
    manifest = OnnxManifest(
        bundle=info.name, bundle_sha256=bundle_hash(bundle), opset=OPSET, graphs=tuple(graphs),
        sizes=sizes, made_with={'torch': torch.__version__, 'onnx': onnx.__version__,
                                'onnxscript': onnxscript.__version__})
    write_manifest(folder, manifest)
    return manifest


_Part = tuple[str, nn.Module, dict[str, Tensor]]
"""Part, module and example inputs of a graph."""


def _sentence_parts(source: str, tokenizer_file: Path) -> Iterator[_Part]:
    """Yield the text encoder at several token lengths, and write its tokenizer."""
    encoder = _text_encoder(source, tokenizer_file)
    for length in TOKEN_LENGTHS:
        # A goal has one sentence; several are embedded one by one, each at its own length.
        mask = torch.ones(1, length, dtype=torch.int64)
        mask[:, length // 2:] = 0
        yield SENTENCE, _Sentence(encoder), {'ids': torch.ones_like(mask), 'mask': mask}


def _parts(info: BundleInfo, networks: GeneratorNetworks,
           batches: Sequence[int]) -> Iterator[_Part]:
    """Yield what does not read texts."""
    diffusion, domain = networks.diffusion, find_domain(info.domain)
    spec = domain.trajectory
    dims = source_dims(domain.measures, info.text_dim)
    yield TRAJECTORY, networks.behavior, {
        'segments': torch.randn(DECODER_SEGMENTS, spec.segment_rows + spec.outcome_rows,
                                spec.dim + 1)}
    for n in batches:
        yield CONDITION, _Condition(diffusion.condition), {
            **{source: torch.randn(n, dims[source]) for source in SOURCES},
            'present': torch.ones(n, len(SOURCES), dtype=torch.bool)}
        yield DENOISER, diffusion.denoiser, {
            'x': torch.randn(n, info.latent_dim + domain.extras.dim), 't': torch.rand(n),
            'condition': torch.randn(n, diffusion.condition.output_dim)}
        yield DECODER, _Decode(networks.decoder), {'latent': torch.randn(n, info.latent_dim)}


def _text_encoder(source: str, tokenizer_file: Path) -> nn.Module:
    """Load the text encoder for export, and write its tokenizer."""
    # Plain matrix products: the fused attention gains nothing at a few dozen tokens.
    tokenizer, encoder = load_encoder(source, attn_implementation='eager')
    fast = getattr(tokenizer, 'backend_tokenizer', None)
    if fast is None:
        raise TextEncoderError(f'the tokenizer of {source} has no form that runs without '
                               'transformers; use the backend torch')
    fast.no_padding()
    fast.enable_truncation(MAX_TOKENS)
    write_text(tokenizer_file, fast.to_str(pretty=True))
    return encoder


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's notes about itself from a user who can do nothing about them."""
    was = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            yield
    finally:
        logging.disable(was)
