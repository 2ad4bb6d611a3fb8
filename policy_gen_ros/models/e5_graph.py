# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
multilingual-e5-small as an ONNX graph, whose matrices stay in blocks of 4 bits.

A matrix is read from memory once for each text, and 4 bits are an eighth of what single precision
is. States of tokens rounded to 8 bits meet the weights (``accuracy_level`` 4 of ONNX Runtime): the
processor's instructions for that are the fastest, and what comes out keeps a cosine of 0.9997.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from policy_gen_ros.models.e5_weights import BLOCK_VALUES, nibbles, Weights
from policy_gen_ros.models.encoder_files import TextEncoderError
from policy_gen_ros.models.onnx_options import session_options
import torch

_CONTRIB = 'com.microsoft'
_EIGHT_BITS = 4
_OPSET, _IR_VERSION = 17, 9


class E5Session:
    """
    The encoder on the CPU, with as many threads as PyTorch has when it is made.

    :param layers: whose hidden states are given; those above the last of them are left out
    :raises TextEncoderError: ONNX or its runtime is missing
    """

    def __init__(self, weights: Weights, layers: Sequence[int]) -> None:
        try:
            import onnxruntime
            model = _Graph(weights).model(layers)
        except ImportError as error:
            raise TextEncoderError(f'the text reader needs onnx and onnxruntime ({error}): pip '
                                   'install onnx onnxruntime') from error
        options = session_options(onnxruntime, torch.get_num_threads())
        self._session = onnxruntime.InferenceSession(model.SerializeToString(), options,
                                                     providers=['CPUExecutionProvider'])

    def states(self, words: np.ndarray, mask: np.ndarray) -> list[np.ndarray]:
        """
        Compute hidden states.

        :param words: sum of all embeddings of each token. Shape: (n, tokens, dim)
        :param mask: 1 where there is a token. Shape: (n, tokens), int32
        :return: of each layer. Shape: (n, tokens, dim)
        """
        return list(self._session.run(None, {'words': words, 'mask': mask}))


def _name(layer: int) -> str:
    """Name of a layer's hidden states; layer 0 are the embeddings."""
    return f'layer_{layer}'


class _Graph:
    """The nodes of a BERT (Devlin et al. 2019), and its weights."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def model(self, outputs: Sequence[int]) -> Any:
        """Return the model."""
        from onnx import helper, TensorProto
        sizes = self._weights.sizes
        hidden = self._node('LayerNormalization', 'words', *self._norm('emb.ln'), output=_name(0),
                            domain='', epsilon=sizes.epsilon)
        for layer in range(1, max(outputs) + 1):
            hidden = self._layer(f'l{layer - 1}', hidden, output=_name(layer))
        shape: list[str | int | None] = ['n', 'tokens', sizes.hidden]
        graph = helper.make_graph(
            self._nodes, 'multilingual-e5-small',
            [helper.make_tensor_value_info('words', TensorProto.FLOAT, shape),
             helper.make_tensor_value_info('mask', TensorProto.INT32, shape[:2])],
            [helper.make_tensor_value_info(_name(layer), TensorProto.FLOAT, shape)
             for layer in outputs], self._constants)
        return helper.make_model(graph, ir_version=_IR_VERSION, opset_imports=[
            helper.make_opsetid('', _OPSET), helper.make_opsetid(_CONTRIB, 1)])

    def _layer(self, name: str, hidden: str, output: str) -> str:
        sizes = self._weights.sizes
        query, key, value = (self._linear(f'{name}.{part}', hidden) for part in 'qkv')
        attended = self._node('MultiHeadAttention', query, key, value, '', 'mask',
                              output=f'{name}.attended', num_heads=sizes.heads)
        hidden = self._added(f'{name}.aln', hidden, self._linear(f'{name}.ao', attended),
                             f'{name}.between')
        wide = self._node('Gelu', self._linear(f'{name}.fi', hidden), output=f'{name}.gelu')
        return self._added(f'{name}.oln', hidden,
                           self._linear(f'{name}.fo', wide, sizes.feed_forward), output)

    def _linear(self, name: str, hidden: str, columns: int | None = None) -> str:
        columns = columns or self._weights.sizes.hidden
        scale, pairs = self._weights.blocks(f'{name}.w', columns)
        # ONNX Runtime has neighbours in one byte.
        values = nibbles(pairs)
        neighbours = values[..., ::2] | values[..., 1::2] << 4
        return self._node(
            'MatMulNBits', hidden, self._constant(f'{name}.w', neighbours),
            self._constant(f'{name}.scale', scale.astype(np.float32)), '', '',
            self._constant(f'{name}.b', self._weights.plain(f'{name}.b')),
            output=f'{name}.out', K=columns, N=len(scale), bits=4, block_size=BLOCK_VALUES,
            accuracy_level=_EIGHT_BITS)

    def _added(self, name: str, hidden: str, more: str, output: str) -> str:
        return self._node('SkipLayerNormalization', hidden, more, *self._norm(name),
                          output=output, epsilon=self._weights.sizes.epsilon)

    def _norm(self, name: str) -> tuple[str, str]:
        return self._constant(f'{name}.w', self._weights.plain(f'{name}.w')), \
            self._constant(f'{name}.b', self._weights.plain(f'{name}.b'))

    def _constant(self, name: str, value: np.ndarray) -> str:
        from onnx import numpy_helper
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _node(self, kind: str, *inputs: str, output: str, domain: str = _CONTRIB,
              **settings: Any) -> str:
        from onnx import helper
        self._nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **settings))
        return output
