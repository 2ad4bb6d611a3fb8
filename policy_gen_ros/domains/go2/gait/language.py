# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Captions of gaits, and what texts say of them, behind the interface of a domain's language."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from policy_gen_ros.domains.domain import TextReaderSpec
from policy_gen_ros.domains.go2.gait.attributes import ATTRIBUTES, FEATURE_DIM, word_features
from policy_gen_ros.domains.go2.gait.captions import Caption, captions, family_in_text
from policy_gen_ros.domains.go2.gait.contradictions import contradictions
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES
from policy_gen_ros.domains.go2.gait.probe_texts import WORDINGS
from policy_gen_ros.domains.go2.gait.pruning import failure_in_text
from policy_gen_ros.domains.go2.gait.refinement import refine
from policy_gen_ros.domains.go2.gait.relative import changed
from policy_gen_ros.domains.go2.gait.templates import TEMPLATES
from policy_gen_ros.domains.go2.gait.text_reading import read_text
from policy_gen_ros.goals.language.reading import TextReading

READER_FILE = Path(__file__).with_name('reader.safetensors')


class GaitLanguage:
    """Words for gaits; see :class:`policy_gen_ros.domains.domain.CaptionModel`."""

    templates: Collection[str] = tuple(sorted(TEMPLATES))
    on_topic: Sequence[str] = WORDINGS
    reader: TextReaderSpec | None = TextReaderSpec(READER_FILE, ATTRIBUTES, FEATURE_DIM,
                                                   word_features, refine)

    def write(self, measures: Mapping[str, float], count: int, rng: np.random.Generator,
              templates: Collection[str] | None = None) -> list[Caption]:
        """Describe measured behaviour."""
        every = {name: measures[name] for name in MEASURE_NAMES}
        return captions(every, count, rng, templates)

    def contradictions(self, reading: TextReading,
                       measures: Mapping[str, float] | None) -> list[str]:
        """Name what cannot be true at once in a goal, one sentence each."""
        return contradictions(reading, measures)

    def read(self, text: str) -> TextReading:
        """Understand a text."""
        return read_text(text)

    def change(self, current: Mapping[str, float], reading: TextReading,
               share: float) -> dict[str, float]:
        """Apply what a text names to the measures of a behaviour, and keep the rest."""
        return changed(current, reading, share)

    def group(self, text: str) -> str | None:
        """Gait family that a text asks for."""
        return family_in_text(text)

    def failure(self, text: str) -> str | None:
        """Words that ask for a fall, a limp or a stumble."""
        return failure_in_text(text)
