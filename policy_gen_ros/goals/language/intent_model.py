# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The classifier of intents: a linear model over letters, words for rest, and a sentence embedding.

It has two heads: ``words`` needs no encoder, ``sentence`` also sees the embedding of the encoder
that it was trained with. ``tools/train_intents.py`` trains both.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
import zlib

import numpy as np
from policy_gen_ros.goals.language.intents import Intent
from policy_gen_ros.goals.language.lexicon import fold, Reading
from policy_gen_ros.utils.tensors import load_tensors

INTENT_MODEL_FILE = Path(__file__).with_name('intents.safetensors')
ENCODER = ''
"""The text encoder, as bundles name it, that the head ``sentence`` was trained with."""
INTENTS = tuple(Intent)
BUCKETS = 4096
"""Letters in a row share this many weights, by their hash."""
LENGTHS = (2, 3, 4)
FLAGS = 9
"""What the lexicon says: one flag for each rest, how it stands with movement, one always up."""
WORDS, SENTENCE = 'words', 'sentence'


class IntentModelError(ValueError):
    """The classifier's file is missing or damaged."""


class IntentModel:
    """
    A trained classifier.

    :param heads: weights by head. Shape: (features, intents)
    """

    def __init__(self, heads: dict[str, np.ndarray]) -> None:
        self._heads = heads

    @property
    def sentence_dim(self) -> int:
        """Size of the embeddings that the head ``sentence`` was trained with."""
        return len(self._heads[SENTENCE]) - BUCKETS - FLAGS

    def probabilities(self, text: str, reading: Reading,
                      sentence: np.ndarray | None = None) -> dict[Intent, float]:
        """
        How likely each intent is.

        :param sentence: embedding of the text; None for the head without. Shape: (sentence_dim,)
        """
        weights = self._heads[WORDS if sentence is None else SENTENCE]
        known = features(text, reading, sentence)
        logits = known @ weights
        powers = np.exp(logits - logits.max())
        return dict(zip(INTENTS, (powers / powers.sum()).tolist()))


def features(text: str, reading: Reading, sentence: np.ndarray | None = None) -> np.ndarray:
    """Letters at unit length, flags, and the embedding if any. Shape: (features,)."""
    letters = np.zeros(BUCKETS, np.float32)
    padded = f' {fold(text)} '
    places = {zlib.crc32(padded[i:i + length].encode()) % BUCKETS for length in LENGTHS
              for i in range(len(padded) - length + 1)}
    letters[list(places)] = 1 / np.sqrt(max(len(places), 1))
    asked = reading.rest.intent if reading.rest else None
    flags = [*(float(intent is asked) for intent in INTENTS if intent.rests),
             float(reading.moves), float(reading.moves and asked is not None),
             float(reading.ordered), float(reading.leads), float(reading.ends), 1.0]
    parts = [letters, np.array(flags, np.float32)]
    return np.concatenate(parts if sentence is None else [*parts, sentence])


@lru_cache(maxsize=1)
def shipped_model() -> IntentModel:
    """
    Load the classifier of the package.

    :raises IntentModelError: missing or damaged
    """
    heads = load_tensors(INTENT_MODEL_FILE, IntentModelError)
    if {name: weights.shape[1:] for name, weights in heads.items()} != dict.fromkeys(
            (WORDS, SENTENCE), (len(INTENTS),)):
        raise IntentModelError(f'{INTENT_MODEL_FILE} is no classifier of intents: make it again '
                               'with tools/train_intents.py')
    return IntentModel(heads)
