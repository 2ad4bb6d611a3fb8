# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Sequences become tags of tokens, and a reader's confidence is measured and put right."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.domains.go2.gait.attributes import ATTRIBUTES, FEATURE_DIM
from policy_gen_ros.models.multilingual_e5 import DIM, EncodedText, STATE_LAYERS
from policy_gen_ros.models.text_reader import BEGIN, OUTSIDE, TextReader
import pytest
import torch

TOOLS = Path(__file__).parents[2] / 'tools'


@pytest.fixture(scope='module')
def tool() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(TOOLS))
        yield importlib.import_module('train_reader')


def test_the_parts_of_a_sequence_are_tags_in_the_order_of_the_text(tool: Any) -> None:
    text, parts = 'before you bound, trot', ['trot', 'bound']
    spans = [(0, 0), (0, 6), (7, 10), (11, 16), (16, 17), (18, 22), (0, 0)]
    encoded = EncodedText(torch.zeros(7, 1), spans, np.zeros(1))
    assert tool.tags_of(text, encoded, parts).tolist() == [OUTSIDE] * 3 + [
        BEGIN, OUTSIDE, BEGIN, OUTSIDE]
    assert set(tool.tags_of(text, encoded, ['a somersault'])) == {tool.UNKNOWN}


def test_who_is_too_sure_gets_a_temperature_above_one(tool: Any) -> None:
    rng = np.random.default_rng(0)
    reader = TextReader(ATTRIBUTES, FEATURE_DIM).eval()
    for head, classes in zip(reader.heads, ATTRIBUTES.values()):
        # Surer of the second class than of others by 6, whatever the text.
        torch.nn.init.zeros_(head.weight)
        head.bias.data = torch.zeros(len(classes))
        head.bias.data[1] = 6.0
    count = 200
    states = torch.zeros(3, len(STATE_LAYERS) * DIM)
    data = tool.Batchable(
        [EncodedText(states, (), np.zeros(1))] * count, np.zeros((count, FEATURE_DIM), np.float16),
        np.repeat(rng.random((count, 1)) < 0.9, len(ATTRIBUTES), axis=1).astype(int),
        [np.zeros(3, int)] * count)
    # It is right in nine of ten texts: with two classes, 6 / T is the logarithm of 9 to 1.
    assert 1.5 < tool.calibrate(reader, data) <= 6 / np.log(9) + 0.1
