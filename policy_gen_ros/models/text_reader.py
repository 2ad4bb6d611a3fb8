# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
A small network that reads attributes from a text, such as its gait, speed and direction.

It sees the hidden states of a sentence encoder, whose upper layers are tuned together with it,
and features of the words. Each attribute has its own attention over the tokens, which also tells
the words that it was read from. Tags of the tokens part a text that asks for several things into
segments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from policy_gen_ros.goals.language.reading import Attribute
from policy_gen_ros.models.multilingual_e5 import DIM, EncodedText, STATE_LAYERS
from policy_gen_ros.models.tuned_layers import TunedLayers
from policy_gen_ros.utils.tensors import load_tensors, save_tensors
import torch
from torch import nn, Tensor

HIDDEN, HEADS, FEED_FORWARD = 128, 4, 256
DROPOUT, STATE_DROPOUT = 0.2, 0.3
EVIDENCE = 0.6
"""Share of the attention that the words shown have together."""
MAX_WORDS = 5
OUTSIDE, BEGIN, INSIDE = TAGS = range(3)
"""Of a token: it joins segments, begins one, or goes on with it."""
_UPPER = 'upper.'


class TextReaderError(ValueError):
    """A reader's file is missing, damaged or of another version."""


def layers_dtype() -> torch.dtype:
    """
    Return what tuned layers compute in: bfloat16 where the processor can, else float32.

    They take 0.7 of the time with it, and the states keep a cosine of 0.9999.
    """
    halved = torch.cpu.get_capabilities().get('avx512_bf16', False)
    return torch.bfloat16 if halved else torch.float32


class ReadText(NamedTuple):
    """
    What a text reader makes of a text.

    :param segments: of the text, where it asks for several things; in the order of the text
    """

    attributes: dict[str, Attribute]
    segments: tuple[str, ...]


class TextReader(nn.Module):
    """
    Token states and features of a text -> classes of its attributes, and its segments.

    :param attributes: classes by attribute; the first class says that nothing was said
    :param feature_dim: of the features, which go to all classes linearly
    """

    def __init__(self, attributes: Mapping[str, Sequence[str]], feature_dim: int) -> None:
        super().__init__()
        self.attributes = {name: tuple(classes) for name, classes in attributes.items()}
        states = len(STATE_LAYERS) * DIM
        self.upper = TunedLayers(STATE_LAYERS[-1])
        # Some places of a state are a hundred times as large as others.
        self.center = nn.Buffer(torch.zeros(states))
        self.spread = nn.Buffer(torch.ones(states))
        self.project = nn.Linear(states, HIDDEN)
        self.drop = nn.Dropout(STATE_DROPOUT)
        self.mix = nn.TransformerEncoderLayer(HIDDEN, HEADS, FEED_FORWARD, DROPOUT, 'gelu',
                                              batch_first=True, norm_first=True)
        self.query = nn.Parameter(torch.randn(len(attributes), HIDDEN) * HIDDEN**-0.5)
        self.heads = nn.ModuleList(nn.Linear(HIDDEN, len(classes))
                                   for classes in attributes.values())
        self.tags = nn.Linear(HIDDEN, len(TAGS))
        # What logits are divided by, so that probabilities are as sure as they are right.
        self.temperature = nn.Buffer(torch.ones(()))
        self.features = nn.Linear(feature_dim, sum(map(len, attributes.values())), bias=False)
        nn.init.zeros_(self.features.weight)

    def forward(self, states: Tensor, mask: Tensor,
                features: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        """
        Compute logits and attention.

        :param states: Shape: (n, tokens, layers * dim)
        :param mask: which tokens there are. Shape: (n, tokens), bool
        :param features: Shape: (n, feature_dim)
        :return: logits of each attribute, Shape: (n, classes); attention, Shape: (n, tokens,
            attributes); logits of TAGS, Shape: (n, tokens, tags)
        """
        usual = (self.tuned(states, mask) - self.center) / self.spread
        hidden = self.mix(self.project(self.drop(usual)), src_key_padding_mask=~mask)
        scores = (hidden @ self.query.T).masked_fill(~mask[..., None], -torch.inf)
        attention = scores.softmax(dim=1)
        pools = self.drop(torch.einsum('nta,nth->nah', attention, hidden))
        shown = self.features(features).split([head.out_features for head in self.heads], dim=1)
        return [head(pools[:, i]) + words
                for i, (head, words) in enumerate(zip(self.heads, shown))], attention, \
            self.tags(self.drop(hidden))

    def tuned(self, states: Tensor, mask: Tensor) -> Tensor:
        """Replace the states of the last of STATE_LAYERS by what the tuned layers make of them."""
        words, sense = states.split(DIM, dim=-1)
        return torch.cat([words, self.upper(sense, mask)], dim=-1)

    def standardise(self, states: Tensor) -> None:
        """Take mean and deviation from tuned states of many tokens. Shape: (n, layers * dim)."""
        self.center.copy_(states.mean(dim=0))
        self.spread.copy_(states.std(dim=0))

    @torch.inference_mode()
    def read(self, text: str, encoded: EncodedText,
             features: np.ndarray) -> ReadText:
        """
        Read one text.

        :param features: Shape: (feature_dim,)
        """
        states = encoded.states[None]
        logits, attention, tags = self(states, torch.ones(states.shape[:2], dtype=torch.bool),
                                       torch.from_numpy(features)[None])
        found = {}
        for i, (name, classes) in enumerate(self.attributes.items()):
            likely = (logits[i][0] / self.temperature).softmax(dim=0).tolist()
            best = max(range(len(classes)), key=likely.__getitem__)
            words = '' if best == 0 else evidence(text, encoded.spans,
                                                  attention[0, :, i].tolist())
            found[name] = Attribute(classes[best], likely[best], words,
                                    dict(zip(classes, likely)))
        return ReadText(found, segments(text, encoded.spans, tags[0].argmax(dim=1).tolist()))

    def save(self, path: Path) -> None:
        """Write the network in half precision, and how its encoder's layers were changed."""
        tensors = {name: value for name, value in self.state_dict().items()
                   if not name.startswith(_UPPER)}
        tensors |= {_UPPER + name: value for name, value in self.upper.changes().items()}
        save_tensors({name: value.numpy().astype(np.float16)
                      for name, value in tensors.items()}, path)

    @classmethod
    def load(cls, path: Path, attributes: Mapping[str, Sequence[str]], feature_dim: int,
             dtype: torch.dtype = torch.float32) -> TextReader:
        """
        Load a network for these attributes.

        :param dtype: that the tuned layers compute in
        :raises TextReaderError: missing, damaged or for others
        """
        reader = cls(attributes, feature_dim)
        tensors = {name: torch.from_numpy(value)
                   for name, value in load_tensors(path, TextReaderError).items()}
        own = {name: value for name, value in reader.state_dict().items()
               if name.startswith(_UPPER)}
        try:
            reader.load_state_dict(own | {name: value for name, value in tensors.items()
                                          if not name.startswith(_UPPER)})
            reader.upper.change({name.removeprefix(_UPPER): value
                                 for name, value in tensors.items() if name.startswith(_UPPER)})
        except (KeyError, RuntimeError) as error:
            raise TextReaderError(f'{path} is no reader of these attributes '
                                  f'({str(error).splitlines()[0]}): make it again with '
                                  'tools/train_reader.py') from error
        reader.upper.to(dtype)
        return reader.eval()


def evidence(text: str, spans: Sequence[tuple[int, int]], attention: Sequence[float]) -> str:
    """
    Return the words that have most of the attention, in the order of the text.

    :param spans: of the tokens
    """
    shares: dict[tuple[int, int], float] = {}
    for (start, end), share in zip(spans, attention):
        if start < end:
            word = _word(text, start, end)
            shares[word] = shares.get(word, 0.0) + share
    chosen: list[tuple[int, int]] = []
    total = sum(shares.values())
    for word in sorted(shares, key=lambda word: -shares[word])[:MAX_WORDS]:
        chosen.append(word)
        if sum(shares[known] for known in chosen) >= EVIDENCE * total:
            break
    return ' '.join(text[start:end] for start, end in sorted(chosen))


def segments(text: str, spans: Sequence[tuple[int, int]],
             tags: Sequence[int]) -> tuple[str, ...]:
    """
    Return what the tags of tokens part a text into; a word has the tag of its first token.

    What lies outside in the middle of a segment belongs to it.

    :param spans: of the tokens
    """
    found: list[list[int]] = []
    end = 0
    for (start, last), tag in zip(spans, tags):
        if start == last or start < end:
            continue
        start, end = _word(text, start, last)
        if tag == BEGIN or (tag == INSIDE and not found):
            found.append([start, end])
        elif tag == INSIDE:
            found[-1][1] = end
    return tuple(text[start:stop].strip(' ,;.') for start, stop in found)


def _word(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a token to its word."""
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return start, end
