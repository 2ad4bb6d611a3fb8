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


def test_the_layers_learn_after_the_reader_and_are_kept(tool: Any, monkeypatch: Any,
                                                        tmp_path: Path) -> None:
    for name, value in {'BATCH': 8, 'STEPS_ALONE': 40, 'WARM_UP': 5, 'COOL_DOWN': 10}.items():
        monkeypatch.setattr(tool, name, value)
    rng = np.random.default_rng(0)
    states = torch.from_numpy(rng.normal(size=(40, 3, len(STATE_LAYERS) * DIM))).float()
    classes = np.full((40, len(ATTRIBUTES)), -1)
    classes[:, 0] = np.arange(40) % 2
    states[::2, 1, :9] += 9.0  # what tells one class from the other
    data = tool.Batchable([EncodedText(each, (), np.zeros(1)) for each in states],
                          np.zeros((40, FEATURE_DIM), np.float16), classes,
                          [np.full(3, tool.UNKNOWN)] * 40)
    found = []
    for rounds in ((), (20,)):
        monkeypatch.setattr(tool, 'STEPS_TOGETHER', rounds)
        found.append(tool.train(data))
    alone, together = found
    changes = [sum(float(change.abs().sum()) for change in reader.upper.changes().values())
               for reader in found]
    assert changes[0] == 0 and changes[1] > 1
    together.save(tmp_path / 'reader.safetensors')
    loaded = TextReader.load(tmp_path / 'reader.safetensors', ATTRIBUTES, FEATURE_DIM)
    mask, features = torch.ones(40, 3, dtype=torch.bool), torch.zeros(40, FEATURE_DIM)
    with torch.inference_mode():
        logits = [reader(states, mask, features)[0][0] for reader in (alone, together, loaded)]
    assert all((each.argmax(dim=1).numpy() == classes[:, 0]).mean() > 0.9 for each in logits)
