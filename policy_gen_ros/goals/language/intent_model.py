# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The classifier of intents by letters: a linear model over letters and words for rest.

It needs no text encoder; where there is one, the text reader's probabilities are better. It is
trained by ``tools/train_intents.py``.
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
INTENTS = tuple(Intent)
BUCKETS = 4096
"""Letters in a row share this many weights, by their hash."""
LENGTHS = (2, 3, 4)
FLAGS = 9
"""What the lexicon says: one flag for each rest, how it stands with movement, one always up."""
WEIGHTS = 'weights'


class IntentModelError(ValueError):
    """The classifier's file is missing or damaged."""


class IntentModel:
    """
    A trained classifier.

    :param weights: Shape: (features, intents)
    """

    def __init__(self, weights: np.ndarray) -> None:
        self._weights = weights

    def probabilities(self, text: str, reading: Reading) -> dict[Intent, float]:
        """How likely each intent is."""
        logits = features(text, reading) @ self._weights
        powers = np.exp(logits - logits.max())
        return dict(zip(INTENTS, (powers / powers.sum()).tolist()))


def features(text: str, reading: Reading) -> np.ndarray:
    """Letters at unit length, and flags. Shape: (BUCKETS + FLAGS,)."""
    letters = np.zeros(BUCKETS, np.float32)
    padded = f' {fold(text)} '
    places = {zlib.crc32(padded[i:i + length].encode()) % BUCKETS for length in LENGTHS
              for i in range(len(padded) - length + 1)}
    letters[list(places)] = 1 / np.sqrt(max(len(places), 1))
    asked = reading.rest.intent if reading.rest else None
    flags = [*(float(intent is asked) for intent in INTENTS if intent.rests),
             float(reading.moves), float(reading.moves and asked is not None),
             float(reading.ordered), float(reading.leads), float(reading.ends), 1.0]
    return np.concatenate([letters, np.array(flags, np.float32)])


@lru_cache(maxsize=1)
def shipped_model() -> IntentModel:
    """
    Load the classifier of the package.

    :raises IntentModelError: missing or damaged
    """
    weights = load_tensors(INTENT_MODEL_FILE, IntentModelError).get(WEIGHTS)
    if weights is None or weights.shape != (BUCKETS + FLAGS, len(INTENTS)):
        raise IntentModelError(f'{INTENT_MODEL_FILE} is no classifier of intents: make it again '
                               'with tools/train_intents.py')
    return IntentModel(weights)
