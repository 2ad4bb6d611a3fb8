# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Upper layers of the multilingual encoder, tuned together with a text reader.

A file holds how they differ from the encoder's own: of each matrix the best approximation of a
low rank (as LoRA has it, Hu et al. 2022), of a vector all of it. Loading adds both, so that a
tuned layer takes as long as one that is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from policy_gen_ros.models.e5_weights import opened_weights, unpacked, Weights
import torch
from torch import nn, Tensor

RANK = 32
DROPOUT = 0.1
"""Share of the places of a state that are hidden in a text, after each layer, in training."""
_WIDE, _HIGH = '.wide', '.high'
_MATRICES = {'ao': 'self_attn.out_proj', 'fi': 'linear1', 'fo': 'linear2'}
_NORMS = {'aln': 'norm1', 'oln': 'norm2'}


def load_layers(first: int) -> nn.ModuleList:
    """
    Load the encoder's layers from this one on, as PyTorch has them, in float32.

    :param first: counted from 0: it takes the hidden states of so many layers
    :raises TextEncoderError: missing or damaged
    """
    with opened_weights() as weights:
        return nn.ModuleList(_layer(weights, f'l{layer}')
                             for layer in range(first, weights.sizes.layers))


def _layer(weights: Weights, name: str) -> nn.TransformerEncoderLayer:
    """Make a layer that computes the same as BERT's, without dropout."""
    sizes = weights.sizes

    def matrix(part: str) -> np.ndarray:
        columns = sizes.feed_forward if part == 'fo' else sizes.hidden
        return unpacked(*weights.blocks(f'{name}.{part}.w', columns))

    values = {f'{own}.weight': matrix(part) for part, own in _MATRICES.items()}
    values |= {f'{own}.weight': weights.plain(f'{name}.{part}.w')
               for part, own in _NORMS.items()}
    values |= {f'{own}.bias': weights.plain(f'{name}.{part}.b')
               for part, own in (_MATRICES | _NORMS).items()}
    values['self_attn.in_proj_weight'] = np.concatenate([matrix(part) for part in 'qkv'])
    values['self_attn.in_proj_bias'] = np.concatenate(
        [weights.plain(f'{name}.{part}.b') for part in 'qkv'])
    made = nn.TransformerEncoderLayer(sizes.hidden, sizes.heads, sizes.feed_forward, 0.0, 'gelu',
                                      layer_norm_eps=sizes.epsilon, batch_first=True)
    made.load_state_dict({own: torch.from_numpy(value.copy()) for own, value in values.items()})
    return made


class TunedLayers(nn.Module):
    """
    The layers of the encoder above some, at first as they are.

    :param first: number of layers below them
    """

    def __init__(self, first: int) -> None:
        super().__init__()
        self._first = first
        self.layers = load_layers(first)
        self.drop = nn.Dropout1d(DROPOUT)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """
        Compute the states of the last layer from those of the layer below the first.

        :param states: Shape: (n, tokens, dim), float32
        :param mask: which tokens there are. Shape: (n, tokens), bool
        """
        hidden = states.to(next(self.parameters()).dtype)
        with torch.autocast('cpu', torch.bfloat16, enabled=self.training):
            for layer in self.layers:
                hidden = self.drop(layer(hidden, src_key_padding_mask=~mask).mT).mT
        return hidden.float()

    def changes(self) -> dict[str, Tensor]:
        """Return how the weights differ from the encoder's, as factors where they are matrices."""
        return dict(self._changes())

    def _changes(self) -> Iterator[tuple[str, Tensor]]:
        own = load_layers(self._first).state_dict()
        for name, tuned in self.layers.state_dict().items():
            change = tuned.float() - own[name]
            if change.ndim == 1:
                yield name, change
                continue
            left, scales, right = torch.linalg.svd(change, full_matrices=False)
            root = scales[:RANK].sqrt()
            yield name + _HIGH, left[:, :RANK] * root
            yield name + _WIDE, root[:, None] * right[:RANK]

    @torch.no_grad()
    def change(self, changes: Mapping[str, Tensor]) -> None:
        """
        Add what :meth:`changes` returned to the encoder's own weights.

        :raises KeyError: something is missing
        :raises RuntimeError: something has another shape
        """
        for name, value in self.layers.state_dict().items():
            value += changes[name] if value.ndim == 1 \
                else changes[name + _HIGH] @ changes[name + _WIDE]
