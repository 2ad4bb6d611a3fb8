# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The text reader: its files, its probabilities and the words that it shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from policy_gen_ros.models.multilingual_e5 import DIM, EncodedText, STATE_LAYERS
from policy_gen_ros.models.text_reader import (
    BEGIN,
    evidence,
    INSIDE,
    OUTSIDE,
    segments,
    TextReader,
    TextReaderError,
)
import pytest
import torch

ATTRIBUTES = {'gait': ('none', 'trot', 'pace'), 'speed': ('none', 'slow')}
FEATURES = np.arange(7, dtype=np.float32)
TEXT, SPANS = 'trot slowly', ((0, 0), (0, 4), (5, 8), (8, 11), (0, 0))


def encoded(seed: int = 0) -> EncodedText:
    generator = torch.Generator().manual_seed(seed)
    states = torch.randn(len(SPANS), len(STATE_LAYERS) * DIM, generator=generator)
    return EncodedText(states, SPANS, np.zeros(1))


def test_a_file_keeps_the_reader(tmp_path: Path) -> None:
    reader = TextReader(ATTRIBUTES, len(FEATURES)).eval()
    reader.save(tmp_path / 'reader.safetensors')
    loaded = TextReader.load(tmp_path / 'reader.safetensors', ATTRIBUTES, len(FEATURES))
    before, after = (each.read(TEXT, encoded(), FEATURES).attributes
                     for each in (reader, loaded))
    for name, classes in ATTRIBUTES.items():
        assert tuple(after[name].likely) == classes
        assert sum(after[name].likely.values()) == pytest.approx(1)
        assert after[name].value == before[name].value
        assert after[name].confidence == pytest.approx(before[name].confidence, abs=0.01)


def test_a_reader_of_other_attributes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / 'reader.safetensors'
    TextReader(ATTRIBUTES, len(FEATURES)).save(file)
    with pytest.raises(TextReaderError, match='no reader of these attributes'):
        TextReader.load(file, ATTRIBUTES | {'yaw': ('none', 'left')}, len(FEATURES))
    file.write_bytes(b'no tensors')
    with pytest.raises(TextReaderError, match='cannot be read'):
        TextReader.load(file, ATTRIBUTES, len(FEATURES))


def test_padding_changes_nothing() -> None:
    reader = TextReader(ATTRIBUTES, len(FEATURES)).eval()
    states = encoded().states[None]
    padded = torch.cat([states, torch.randn(1, 4, states.shape[2])], dim=1)
    mask = torch.arange(padded.shape[1])[None] < states.shape[1]
    features = torch.from_numpy(FEATURES)[None]
    with torch.inference_mode():
        alone, _, tags = reader(states, torch.ones(1, states.shape[1], dtype=torch.bool), features)
        among, attention, more_tags = reader(padded, mask, features)
    for a, b in zip(alone, among, strict=True):
        assert torch.allclose(a, b, atol=1e-5)
    assert attention[0, states.shape[1]:].abs().max() == 0
    assert torch.allclose(tags, more_tags[:, :states.shape[1]], atol=1e-5)


def test_evidence_is_whole_words_in_the_order_of_the_text() -> None:
    assert evidence(TEXT, SPANS, (0.5, 0.1, 0.2, 0.15, 0.05)) == 'slowly'
    assert evidence(TEXT, SPANS, (0.0, 0.45, 0.3, 0.1, 0.15)) == 'trot slowly'
    assert evidence('', (), ()) == ''


def test_segments_are_whole_words_between_what_joins_them() -> None:
    text = 'before you bound, trot slowly'
    spans = [(0, 0), (0, 6), (7, 10), (11, 16), (16, 17), (18, 22), (23, 27), (27, 29), (0, 0)]
    tags = [OUTSIDE, OUTSIDE, OUTSIDE, BEGIN, OUTSIDE, BEGIN, INSIDE, BEGIN, OUTSIDE]
    assert segments(text, spans, tags) == ('bound', 'trot slowly')
    tags[5] = INSIDE  # after what joins, it is the same segment
    assert segments(text, spans, tags) == ('bound, trot slowly',)
    tags[3] = INSIDE  # the first begins by itself
    assert segments(text, spans, tags) == ('bound, trot slowly',)
    assert segments(text, spans, [OUTSIDE] * len(spans)) == ()
