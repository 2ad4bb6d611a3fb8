# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A bundle whose sentences the reader's encoder embeds: a text passes one encoder, once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from policy_gen_ros.domains import find_domain
from policy_gen_ros.generation.bundle import bundle_path, read_info
from policy_gen_ros.generation.engine import TorchEngine
from policy_gen_ros.generation.networks import load_networks
from policy_gen_ros.generation.onnx_engine import load_engine
from policy_gen_ros.generation.onnx_export import export_bundle
from policy_gen_ros.generation.onnx_files import SENTENCE
from policy_gen_ros.generation.understanding import TextUnderstanding
from policy_gen_ros.models.encoder_files import MULTILINGUAL_E5
from policy_gen_ros.models.multilingual_e5 import multilingual_e5, MultilingualE5
import pytest

TEXTS = ['trabe langsam vorwärts', 'bound forward at 0.6 m/s, high steps']


@pytest.fixture(scope='module')
def info():
    return replace(read_info(bundle_path()), text_encoder=MULTILINGUAL_E5)


@pytest.fixture(scope='module')
def networks(info):
    return load_networks(bundle_path(), info, 'cpu')


@pytest.fixture
def batches(monkeypatch):
    """Batches of texts that an encoder gets, and the methods that they come through."""
    seen = []

    def listen(method, genuine):
        def spy(self, texts, *args):
            seen.append((method, list(texts)))
            return genuine(self, texts, *args)

        monkeypatch.setattr(MultilingualE5, method, spy)

    listen('encode', MultilingualE5.encode)
    listen('encode_texts', MultilingualE5.encode_texts)
    return seen


def test_texts_are_encoded_in_one_batch(info, networks, batches):
    engine = TorchEngine(networks, info.text_encoder, 'cpu')
    found = TextUnderstanding(find_domain(info.domain), engine).understand(TEXTS)
    words = {found[text].reading.text for text in TEXTS}
    assert words != {*TEXTS}  # the German one is embedded in the words of captions
    assert batches == [('encode_texts', sorted(words | {*TEXTS}))]
    for text in TEXTS:
        alone = multilingual_e5().encode([found[text].reading.text])[0]
        assert found[text].sentence @ alone > 0.999
        assert np.linalg.norm(found[text].sentence) == pytest.approx(1.0, abs=1e-3)
    assert found[TEXTS[0]].reading.read_by_network


def test_without_anything_for_the_reader_sentences_are_embedded_all_the_same(info, networks,
                                                                             batches):
    engine = TorchEngine(networks, info.text_encoder, 'cpu')
    TextUnderstanding(find_domain(info.domain), engine).understand(['stop'])
    assert all(method == 'encode' for method, _ in batches)


def test_an_export_leaves_that_encoder_out_which_has_a_graph_of_its_own(info, networks, tmp_path):
    pytest.importorskip('onnxscript')
    pytest.importorskip('onnxruntime')
    manifest = export_bundle(bundle_path(), info, networks, tmp_path, batches=(1,))
    assert not manifest.of(SENTENCE)
    engine = load_engine(tmp_path, bundle_path(), info, 'cpu')
    expected = TorchEngine(networks, info.text_encoder, 'cpu').embed_texts(TEXTS)
    assert np.array_equal(engine.embed_texts(TEXTS), expected)
