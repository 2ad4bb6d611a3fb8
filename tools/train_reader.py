# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Train the text reader of gaits from ``reader_sentences/``, or measure it.

    python tools/train_reader.py                      # writes the reader of the package
    python tools/train_reader.py --measure FILE.yaml  # beside what words alone are read as

The sentences were written for this by several authors, with what must hold for each, in the form
of ``policy_gen_ros/domains/go2/gait/language_test.yaml``, which nothing is trained on. What asks
for rest comes from the phrases of ``train_intents.py`` too.
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
    CHANGES,
    classes_of,
    DIRECTIONS,
    FEATURE_DIM,
    INTENT,
    LEVELS,
    NO,
    NONE,
    word_features,
    YES,
)
from policy_gen_ros.domains.go2.gait.language import READER_FILE
from policy_gen_ros.domains.go2.gait.text_reading import read_text
from policy_gen_ros.goals.language.intents import Intent
from policy_gen_ros.models.text_encoder import EncodedText, SentenceEncoder
from policy_gen_ros.models.text_reader import TextReader
from policy_gen_ros.utils.progress import progress
import torch
from torch import nn, Tensor
from train_intents import examples, SENTENCES
import yaml

TEST_SET = Path(READER_FILE).with_name('language_test.yaml')
TWICE, JOINED, PHRASES = 2, 2500, 9000
"""How often each sentence counts; sentences made of two; phrases for intents, by chance."""
BATCH, EPOCHS, RATE, DECAY = 96, 12, 1.5e-3, 0.02
SMOOTHING = 0.01
BLIND_SHARE = 0.15
"""Of examples, those whose features are hidden: the reader must not lean on the words alone."""
REST_WEIGHT = 1.5
"""What missing anything but a walk costs."""
_NUMBERS = ('values', 'between', 'at_most', 'at_least')


@dataclass(frozen=True)
class Example:
    """
    A text with the classes of the attributes that are known.

    :param kind: of the sentence
    """

    text: str
    classes: Mapping[str, str]
    kind: str


def example(row: Mapping[str, Any]) -> Example | None:
    """Read a labelled sentence; None for a sequence, whose steps are read one by one."""
    expect, kind = row['expect'], row['kind']
    if 'steps' in expect:
        return None
    if 'rest' in expect:
        return Example(row['text'], {INTENT: Intent[expect['rest'].upper()].value}, kind)
    if 'refuse' in expect:
        found = {INTENT: Intent.NEITHER.value} if kind == 'off_topic' else {
            'impossible': YES, INTENT: Intent.WALK.value}
        return Example(row['text'], found, kind)
    found = {name: classes[0] for name, classes in ATTRIBUTES.items()} | {
        INTENT: Intent.WALK.value}
    found |= {name: expect[name] for name in ('gait', *DIRECTIONS, *LEVELS) if name in expect}
    found |= {f'not_{family}': YES for family in expect.get('not_gait', ())}
    changed = expect.get('change', {})
    found['relative'] = YES if 'current' in row else NO
    found |= {f'change_{name}': changed[name] for name in CHANGES
              if changed.get(name) in ('up', 'down')}
    for name in DIRECTIONS:
        value = 'zero' if changed.get(name) == 'stop' else changed.get(name)
        if value in ATTRIBUTES[name]:
            found[name] = value
        elif value is not None:
            del found[name]
    # What numbers say is left to the grammar, and a side that only an angle tells too.
    for name in {name for key in _NUMBERS for name in expect.get(key, ())}:
        for known in (name, f'change_{name}'):
            found.pop(known, None)
    if 'turn_deg' in expect and 'yaw' not in expect:
        found.pop('yaw', None)
    unknown = [name for name, value in found.items() if value not in ATTRIBUTES[name]]
    if unknown:
        raise ValueError(f'{row["text"]!r}: unknown {", ".join(unknown)}')
    return Example(row['text'], found, kind)


def load(path: Path) -> list[Example]:
    """Read a file of sentences."""
    return [found for row in yaml.safe_load(path.read_text()) if (found := example(row))]


def joined(known: Sequence[Example], count: int, rng: np.random.Generator) -> list[Example]:
    """Make sentences of two that do not contradict each other."""
    plain = [item for item in known if item.kind in ('plain', 'direction', 'rare')
             and item.classes.keys() == ATTRIBUTES.keys()]
    found: list[Example] = []
    while len(found) < count:
        a, b = (plain[i] for i in rng.integers(len(plain), size=2))
        nothing = {name: classes[0] for name, classes in ATTRIBUTES.items()}
        if any(a.classes[name] != b.classes[name] and none not in (a.classes[name],
               b.classes[name]) for name, none in nothing.items()):
            continue
        both = {name: a.classes[name] if a.classes[name] != none else b.classes[name]
                for name, none in nothing.items()}
        between = (', ', ' and ', '. ', '; ')[rng.integers(4)]
        found.append(Example(a.text.rstrip('.!?') + between + b.text[0].lower() + b.text[1:],
                             both, 'joined'))
    return found


def phrases(count: int, rng: np.random.Generator) -> list[Example]:
    """Choose among the phrases that ask for rest, for a walk or for neither."""
    known = [item for item in examples(rng) if item.language != 'caption']
    return [Example(known[i].text, {INTENT: known[i].intent.value}, 'phrase')
            for i in rng.permutation(len(known))[:count]]


def without_test_set(known: Sequence[Example]) -> list[Example]:
    """Leave out what the test set has too: short texts occur to several authors."""
    held_out = {_letters(row['text']) for row in yaml.safe_load(TEST_SET.read_text())}
    return [item for item in known if _letters(item.text) not in held_out]


def _letters(text: str) -> str:
    """Return the letters of a text alone, by which texts are compared."""
    return ''.join(filter(str.isalnum, text.casefold()))


@dataclass(frozen=True, eq=False)
class Batchable:
    """Examples as tensors; classes of unknown attributes are negative."""

    encoded: Sequence[EncodedText]
    features: np.ndarray
    classes: np.ndarray

    @classmethod
    def of(cls, known: Sequence[Example], encoder: SentenceEncoder) -> Batchable:
        """Encode examples."""
        texts = [read_text(item.text).whole or item.text for item in known]
        once = dict(zip(sorted(set(texts)), encoder.encode_texts(sorted(set(texts)))))
        classes = [[ATTRIBUTES[name].index(item.classes[name]) if name in item.classes else -1
                    for name in ATTRIBUTES] for item in known]
        return cls([once[text] for text in texts],
                   np.stack([word_features(item.text) for item in known]).astype(np.float16),
                   np.array(classes))

    def rows(self, rows: np.ndarray) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return states, mask, features and classes of some examples."""
        states = [self.encoded[i].states for i in rows]
        mask = nn.utils.rnn.pad_sequence([torch.ones(len(s), dtype=torch.bool) for s in states],
                                         batch_first=True)
        return (nn.utils.rnn.pad_sequence(states, batch_first=True), mask,
                torch.from_numpy(self.features[rows].astype(np.float32)),
                torch.from_numpy(self.classes[rows]))


def train(data: Batchable, epochs: int, seed: int = 0) -> TextReader:
    """Fit a reader."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    reader = TextReader(ATTRIBUTES, FEATURE_DIM).train()
    optimizer = torch.optim.AdamW(reader.parameters(), RATE, weight_decay=DECAY)
    lengths = np.array([len(text.states) for text in data.encoded])
    steps = epochs * len(lengths) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps + 1)
    weights = [torch.tensor([1.0 if intent is Intent.WALK else REST_WEIGHT for intent in Intent])
               if name == INTENT else None for name in ATTRIBUTES]
    for _ in progress(range(steps), about='reader', unit='step'):
        # Texts of like length side by side need little padding.
        rows = rng.integers(len(lengths), size=4 * BATCH)
        rows = rows[np.argsort(lengths[rows], kind='stable')][
            (start := rng.integers(3 * BATCH + 1)):start + BATCH]
        states, mask, features, classes = data.rows(rows)
        logits, _ = reader(states, mask, features * (torch.rand(BATCH, 1) >= BLIND_SHARE))
        loss = torch.stack([
            nn.functional.cross_entropy(logits[i], classes[:, i].clamp(min=0), weight=weights[i],
                                        reduction='none', label_smoothing=SMOOTHING)
            * (classes[:, i] >= 0) for i in range(len(ATTRIBUTES))]).sum() / BATCH
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return reader.eval()


def measure(known: Sequence[Example], reader: TextReader, encoder: SentenceEncoder) -> None:
    """Print how often words alone and the reader find a class that was said, and make one up."""
    data = Batchable.of(known, encoder)
    found = [reader.read(read_text(item.text).whole, text, row.astype(np.float32))
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


def main() -> None:
    """Train, or measure."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--measure', type=Path, metavar='FILE.yaml')
    parser.add_argument('--epochs', type=int, default=EPOCHS)
    parser.add_argument('-o', '--output', type=Path, default=READER_FILE)
    args = parser.parse_args()
    encoder = SentenceEncoder()
    if args.measure:
        reader = TextReader.load(args.output, ATTRIBUTES, FEATURE_DIM)
        measure(load(args.measure), reader, encoder)
        return
    rng = np.random.default_rng(0)
    sentences = [item for file in sorted(SENTENCES.glob('*.yaml'))
                 if not file.name.startswith('rest_') for item in load(file)]
    known = without_test_set([*TWICE * sentences, *joined(sentences, JOINED, rng),
                              *phrases(PHRASES, rng)])
    train(Batchable.of(known, encoder), args.epochs).save(args.output)
    print(f'{args.output}: {len(sentences)} sentences, {len(known)} examples, '
          f'{args.output.stat().st_size} bytes')


if __name__ == '__main__':
    main()
