# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What texts ask for: by their words, and by the text reader over a multilingual encoder.

The reader's encoder is the same for all bundles. The generator's condition is embedded by the
bundle's own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.generation.engine import Engine
from policy_gen_ros.goals.language.intents import Intent, Understood
from policy_gen_ros.goals.language.reading import Attribute, ONE, ORDER, SWAPPED, TextReading
from policy_gen_ros.goals.language.understanding import understand, understand_certain
from policy_gen_ros.models.encoder_files import MULTILINGUAL_E5
from policy_gen_ros.models.multilingual_e5 import EncodedText, multilingual_e5
from policy_gen_ros.models.text_reader import layers_dtype, TextReader

_REMEMBERED = 100


@dataclass(frozen=True, eq=False)
class EmbeddedText:
    """
    A text as the networks and the validation of goals take it.

    :param sentence: embedding of the reading's text; None where nothing of it is left. Shape:
        (text_dim,)
    """

    reading: TextReading
    understood: Understood
    sentence: np.ndarray | None


class TextUnderstanding:
    """Understands texts, and remembers the last ones."""

    def __init__(self, domain: Domain, engine: Engine) -> None:
        self._domain, self._engine = domain, engine
        self._spec = domain.captions.reader if domain.captions else None
        self._known: dict[str, EmbeddedText] = {}

    @cached_property
    def _reader(self) -> TextReader | None:
        if self._spec is None:
            return None
        return TextReader.load(self._spec.file, self._spec.attributes, self._spec.feature_dim,
                               layers_dtype())

    def forget(self) -> None:
        """Forget all texts: for measurements of what a new one takes."""
        self._known.clear()

    def understand(self, texts: Collection[str]) -> dict[str, EmbeddedText]:
        """Understand texts, each once."""
        new = sorted({*texts} - self._known.keys())
        if new:
            if len(self._known) > _REMEMBERED:
                self.forget()
            self._known |= self._understood(new)
        return {text: self._known[text] for text in texts}

    def _understood(self, texts: Collection[str]) -> dict[str, EmbeddedText]:
        language = self._domain.captions
        readings = {text: language.read(text) if language else TextReading(text, text)
                    for text in texts}
        needed = sorted({reading.text for reading in readings.values() if reading.text})
        sentences, encoded = self._encoded(
            needed, [text for text in readings if self._is_for_the_reader(text)])
        return {text: self._refined(text, reading, sentences.get(reading.text), encoded.get(text))
                for text, reading in readings.items()}

    def _is_for_the_reader(self, text: str) -> bool:
        """
        Whether the reader has a say in a text.

        It has in those of which no word is known, such as of another language. It has none in
        "stop", which must not wait for it.
        """
        if self._domain.rests:
            return understand_certain(text) is None
        return bool(text.strip())

    def _encoded(self, sentences: list[str], texts: list[str],
                 ) -> tuple[dict[str, np.ndarray], dict[str, EncodedText]]:
        """
        Embed sentences, and encode texts for the reader where there is one.

        All in one batch where one encoder does both.
        """
        if not texts or self._reader is None:
            return self._embedded(sentences), {}
        encode = multilingual_e5().encode_texts
        if self._engine.text_encoder != MULTILINGUAL_E5:
            return self._embedded(sentences), dict(zip(texts, encode(texts, embed=False)))
        all_of_them = sorted({*sentences, *texts})
        encoded = dict(zip(all_of_them, encode(all_of_them)))
        embedded = {text: sentence for text in sentences
                    if (sentence := encoded[text].sentence) is not None}
        return embedded, {text: encoded[text] for text in texts}

    def _embedded(self, sentences: list[str]) -> dict[str, np.ndarray]:
        return dict(zip(sentences, self._engine.embed_texts(sentences))) if sentences else {}

    def _refined(self, text: str, reading: TextReading, sentence: np.ndarray | None,
                 encoded: EncodedText | None) -> EmbeddedText:
        likely = steps = None
        if self._spec and self._reader and encoded:
            attributes, segments = self._reader.read(text, encoded, self._spec.features(text))
            reading = self._spec.refine(reading, attributes)
            likely, steps = _intents(attributes), _steps(attributes, segments)
        understood = Understood(Intent.WALK)
        if self._domain.rests:
            understood = understand(text, likely, reading.moves, trick=reading.trick)
        return EmbeddedText(reading, replace(understood, steps=steps), sentence)


def _intents(attributes: Mapping[str, Attribute]) -> dict[Intent, float] | None:
    """Return the probabilities of the attribute ``intent``, where a reader has it."""
    found = attributes.get('intent')
    if found is None:
        return None
    return {Intent(name): share for name, share in found.likely.items()}


def _steps(attributes: Mapping[str, Attribute],
           segments: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return segments in the order of time, by the attribute ORDER; None without it."""
    order = attributes.get(ORDER)
    if order is None:
        return None
    if order.value == ONE or len(segments) < 2:
        return ()
    first, second, *others = segments
    return (second, first, *others) if order.value == SWAPPED else segments
