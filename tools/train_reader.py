# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Train the text reader of gaits from the examples of ``reader_corpus.py``, or measure it.

    python tools/train_reader.py                 # writes the reader of the package
    python tools/train_reader.py --measure FILE  # beside what words alone are read as

A trained reader is calibrated by the authors that it has not learnt.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.domains.go2.gait.attributes import (
    ATTRIBUTES,
    classes_of,
    FEATURE_DIM,
    INTENT,
    NONE,
    word_features,
)
from policy_gen_ros.domains.go2.gait.language import READER_FILE
from policy_gen_ros.domains.go2.gait.text_reading import read_text
from policy_gen_ros.goals.language.intents import Intent
from policy_gen_ros.goals.language.reading import Attribute
from policy_gen_ros.models.multilingual_e5 import (
    EncodedText,
    multilingual_e5,
    MultilingualE5,
)
from policy_gen_ros.models.text_reader import BEGIN, INSIDE, OUTSIDE, TextReader
from policy_gen_ros.utils.progress import progress
from rapidfuzz.fuzz import partial_ratio_alignment
from reader_corpus import AUTHORS_HELD_OUT, corpus, Example, load
import torch
from torch import nn, Tensor
from torch.nn.attention import sdpa_kernel, SDPBackend

TEMPERATURES = torch.linspace(0.5, 4.0, 71)
BATCH, DECAY = 64, 0.02
WARM_UP, COOL_DOWN = 150, 350
"""Steps in which the rates rise at first, and fall to nothing in the end."""
LAYER_RATE, LAYER_SHARE, LAYER_DECAY = 8e-5, 0.8, 0.01
"""Of the uppermost of the encoder's layers; each layer below learns at that share of the rate."""
LARGEST_GRADIENT = 1.0
"""Norm to which that of the layers is cut."""
SMOOTHING = 0.01
STANDARD_EVERY = 10
"""Of so many examples the states of one tell what is usual."""
BLIND_SHARE = 0.15
"""Of examples, those whose features are hidden: the reader must not lean on the words alone."""
TAGS_WEIGHT, UNKNOWN = 0.5, -1
ALIGNED = 85
"""How much a part of a sequence has to look like its place in the text, in percent."""
REST_WEIGHT = 1.5
"""What missing anything but a walk costs."""
STEPS_ALONE, RATE_ALONE = 7500, 1.5e-3
STEPS_TOGETHER, RATE_TOGETHER = (1365, 546), 5e-4
"""
The reader learns first over the encoder as it is, then together with its upper layers, in two
rounds: layers that follow a reader which knows nothing lose what they know (Kumar et al. 2022).
"""
STEPS_MORE = (1200,)
"""Of a trained reader that goes on with more sentences."""
CONFIDENCES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
"""Limits of the bins in which confidence is compared with how often it is right."""


@dataclass(frozen=True, eq=False)
class Batchable:
    """Examples as tensors; classes of unknown attributes and tags are negative."""

    encoded: Sequence[EncodedText]
    features: np.ndarray
    classes: np.ndarray
    tags: Sequence[np.ndarray]

    @classmethod
    def of(cls, known: Sequence[Example], encoder: MultilingualE5) -> Batchable:
        """Encode examples."""
        texts = [item.text for item in known]
        different = sorted(set(texts))
        once = dict(zip(different, encoder.encode_texts(different, embed=False)))
        classes = [[ATTRIBUTES[name].index(item.classes[name]) if name in item.classes else -1
                    for name in ATTRIBUTES] for item in known]
        return cls([once[text] for text in texts],
                   np.stack([word_features(item.text) for item in known]).astype(np.float16),
                   np.array(classes),
                   [tags_of(text, once[text], item.parts) for text, item in zip(texts, known)])

    def rows(self, rows: np.ndarray) -> tuple[Tensor, ...]:
        """Return states, mask, features, classes and tags of some examples."""
        states = [self.encoded[i].states for i in rows]
        mask = nn.utils.rnn.pad_sequence([torch.ones(len(s), dtype=torch.bool) for s in states],
                                         batch_first=True)
        return (nn.utils.rnn.pad_sequence(states, batch_first=True), mask,
                torch.from_numpy(self.features[rows].astype(np.float32)),
                torch.from_numpy(self.classes[rows]),
                nn.utils.rnn.pad_sequence([torch.from_numpy(self.tags[i]) for i in rows],
                                          batch_first=True, padding_value=UNKNOWN))


def tags_of(text: str, encoded: EncodedText, parts: Sequence[str]) -> np.ndarray:
    """
    Tag the tokens of a text by the parts of a sequence.

    :param text: where one of the parts is not found, no tag is known
    :return: Shape: (tokens,)
    """
    tags = np.full(len(encoded.spans), OUTSIDE)
    places = [partial_ratio_alignment(part, text, score_cutoff=ALIGNED) for part in parts]
    found = [place for place in places if place]
    if not parts or len(found) < len(parts):
        return np.full(len(tags), UNKNOWN)
    for place in found:
        inside = [i for i, (start, end) in enumerate(encoded.spans)
                  if place.dest_start <= start < end <= place.dest_end]
        tags[inside] = INSIDE
        tags[inside[:1]] = BEGIN
    return tags


def train(data: Batchable, trained: TextReader | None = None, seed: int = 0) -> TextReader:
    """Fit a reader, and then the upper layers of its encoder with it; or go on with both."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    reader = trained or TextReader(ATTRIBUTES, FEATURE_DIM)
    if trained is None:
        _standardise(reader.eval(), data)
        _learn(reader, data, [{'params': _own(reader), 'lr': RATE_ALONE}], STEPS_ALONE, rng)
    # Layers far below need less of a change.
    layers = [{'params': list(layer.parameters()), 'lr': LAYER_RATE * LAYER_SHARE**depth,
               'weight_decay': LAYER_DECAY}
              for depth, layer in enumerate(reversed(list(reader.upper.layers)))]
    for steps in STEPS_TOGETHER if trained is None else STEPS_MORE:
        _learn(reader, data, [dict(group) for group in (
            *layers, {'params': _own(reader), 'lr': RATE_TOGETHER})], steps, rng)
    return reader.eval()


def _own(reader: TextReader) -> list[nn.Parameter]:
    """Return the parameters that are not the encoder's."""
    return [value for name, value in reader.named_parameters() if not name.startswith('upper.')]


@torch.no_grad()
def _standardise(reader: TextReader, data: Batchable) -> None:
    some = np.arange(0, len(data.encoded), STANDARD_EVERY)
    parts = [data.rows(rows) for rows in np.array_split(some, len(some) // BATCH + 1)]
    reader.standardise(torch.cat([reader.tuned(states, mask)[mask]
                                  for states, mask, *_ in parts]))


def _learn(reader: TextReader, data: Batchable, groups: list[dict[str, Any]], steps: int,
           rng: np.random.Generator) -> None:
    """Train the parameters of these groups, with their rates; the others stay as they are."""
    reader.train().requires_grad_(False)
    for group in groups:
        for parameter in group['params']:
            parameter.requires_grad_(True)
    optimizer = torch.optim.AdamW(groups, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / WARM_UP, (steps - step) / COOL_DOWN))
    lengths = np.array([len(text.states) for text in data.encoded])
    for _ in progress(range(steps), about='reader', unit='step'):
        # Texts of like length side by side need little padding.
        rows = rng.integers(len(lengths), size=4 * BATCH)
        rows = rows[np.argsort(lengths[rows], kind='stable')][
            (start := rng.integers(3 * BATCH + 1)):start + BATCH]
        # Other kernels of attention take three times as long for a step of texts this short.
        with sdpa_kernel(SDPBackend.MATH):
            loss = _loss(reader, data.rows(rows))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(reader.upper.parameters(), LARGEST_GRADIENT)
        optimizer.step()
        schedule.step()


def _loss(reader: TextReader, rows: tuple[Tensor, ...]) -> Tensor:
    states, mask, features, classes, tags = rows
    weights = [torch.tensor([1.0 if intent is Intent.WALK else REST_WEIGHT for intent in Intent])
               if name == INTENT else None for name in ATTRIBUTES]
    logits, _, tagged = reader(states, mask, features * (torch.rand(BATCH, 1) >= BLIND_SHARE))
    loss = torch.stack([
        nn.functional.cross_entropy(logits[i], classes[:, i].clamp(min=0), weight=weights[i],
                                    reduction='none', label_smoothing=SMOOTHING)
        * (classes[:, i] >= 0) for i in range(len(ATTRIBUTES))]).sum() / BATCH
    if (tags >= 0).any():
        loss = loss + TAGS_WEIGHT * nn.functional.cross_entropy(
            tagged.flatten(0, 1), tags.flatten(), ignore_index=UNKNOWN)
    return loss


@torch.inference_mode()
def calibrate(reader: TextReader, data: Batchable) -> float:
    """
    Find the temperature by which sentences that a reader has not learnt are likeliest.

    See Guo et al. 2017. Where nothing was said, and nothing read, there is nothing to be sure of.
    """
    parts = [data.rows(rows) for rows in np.array_split(
        np.arange(len(data.encoded)), len(data.encoded) // BATCH + 1)]
    logits = [torch.cat(of) for of in zip(*(reader(*part[:3])[0] for part in parts))]
    costs = torch.zeros(len(TEMPERATURES))
    for of, wanted in zip(logits, torch.cat([part[3] for part in parts]).T):
        said = (wanted > 0) | ((wanted == 0) & (of.argmax(dim=1) > 0))
        costs += torch.stack([
            nn.functional.cross_entropy(of[said] / each, wanted[said], reduction='sum')
            for each in TEMPERATURES])
    return float(TEMPERATURES[costs.argmin()])


def measure(known: Sequence[Example], reader: TextReader, encoder: MultilingualE5) -> None:
    """Print how often words alone and the reader find a class that was said, and make one up."""
    data = Batchable.of(known, encoder)
    found = [reader.read(item.text, text, row.astype(np.float32)).attributes
             for item, text, row in zip(known, data.encoded, data.features)]
    words = [classes_of(read_text(item.text)) for item in known]
    print(f'{"":20}{"said":>6}{"words":>7}{"reader":>8}{"made up by words":>18}{"by reader":>11}')
    for name, (nothing, *_) in ATTRIBUTES.items():
        rows = [i for i, item in enumerate(known) if name in item.classes]
        said = [i for i in rows if known[i].classes[name] != nothing]
        read = {i: words[i].get(name, NONE) for i in rows}
        if said:
            hits = [np.mean([value[i] == known[i].classes[name] for i in said])
                    for value in (read, {i: found[i][name].value for i in rows})]
            unsaid = [i for i in rows if i not in said]
            made = [sum(read[i] != nothing for i in unsaid),
                    sum(found[i][name].value != nothing for i in unsaid)]
            print(f'{name:20}{len(said):6}{hits[0]:7.2f}{hits[1]:8.2f}{made[0]:18}{made[1]:11}')
    _print_reliability(known, found)


def _print_reliability(known: Sequence[Example],
                       found: Sequence[Mapping[str, Attribute]]) -> None:
    """Print how often the reader is right where it is so sure, and the calibration error."""
    sure, right = np.array([
        (each[name].confidence, each[name].value == value)
        for item, each in zip(known, found) for name, value in item.classes.items()
        # That nothing was said of most attributes is no news.
        if value != ATTRIBUTES[name][0] or each[name].value != value]).T
    place = np.digitize(sure, CONFIDENCES)
    print('\nconfidence   classes   right')
    for i, (low, high) in enumerate(zip((0.0, *CONFIDENCES), (*CONFIDENCES, 1.0))):
        if (here := place == i).any():
            print(f'{low:.2f} to {high:.2f}{here.sum():8}{right[here].mean():8.2f}')
    error = sum((place == i).mean() * abs(sure[place == i].mean() - right[place == i].mean())
                for i in np.unique(place))
    print(f'expected calibration error {error:.3f}')


def main() -> None:
    """Train or measure."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--measure', type=Path, metavar='FILE.yaml')
    parser.add_argument('--start', type=Path, metavar='READER.safetensors',
                        help='go on with a trained reader, such as the shipped one')
    parser.add_argument('-o', '--output', type=Path, default=READER_FILE)
    args = parser.parse_args()
    encoder = multilingual_e5()
    if args.measure:
        reader = TextReader.load(args.output, ATTRIBUTES, FEATURE_DIM)
        measure(load(args.measure), reader, encoder)
        return
    trained = TextReader.load(args.start, ATTRIBUTES, FEATURE_DIM) if args.start else None
    reader = train(Batchable.of(corpus(), encoder), trained)
    held_out = [item for file in AUTHORS_HELD_OUT for item in load(file)]
    reader.temperature.fill_(calibrate(reader, Batchable.of(held_out, encoder)))
    reader.save(args.output)
    print(f'{args.output}: {args.output.stat().st_size} bytes, '
          f'temperature {reader.temperature.item():.2f}')


if __name__ == '__main__':
    main()
