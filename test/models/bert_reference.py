# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""BERT as transformers has it, with the weights of multilingual-e5-small in single precision."""

from __future__ import annotations

from policy_gen_ros.models.e5_weights import unpacked, Weights
import torch
import transformers

BERT_NAMES = {
    'q': 'attention.self.query', 'k': 'attention.self.key', 'v': 'attention.self.value',
    'ao': 'attention.output.dense', 'aln': 'attention.output.LayerNorm',
    'fi': 'intermediate.dense', 'fo': 'output.dense', 'oln': 'output.LayerNorm'}


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


def bert_states(weights: Weights, words: torch.Tensor,
                mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """
    Compute the hidden states of all layers; the first are the embeddings.

    :param words: sum of the embeddings of each token, as our encoder looks them up. Shape: (n,
        tokens, dim)
    """
    model = bert(weights)
    # BERT adds those of positions and types by itself.
    added = model.embeddings.position_embeddings.weight + \
        model.embeddings.token_type_embeddings.weight[0]
    with torch.inference_mode():
        states: tuple[torch.Tensor, ...] = model(
            inputs_embeds=words - added[:words.shape[1]], attention_mask=mask,
            output_hidden_states=True).hidden_states
    return states
