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
import re
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
from policy_gen_ros.goals.language.reading import Attribute, ONE, ORDER, STEPS, SWAPPED
from policy_gen_ros.models.text_encoder import EncodedText, MULTILINGUAL_E5, SentenceEncoder
from policy_gen_ros.models.text_reader import BEGIN, INSIDE, OUTSIDE, TextReader
from policy_gen_ros.utils.progress import progress
from rapidfuzz.fuzz import partial_ratio_alignment
import torch
from torch import nn, Tensor
from train_intents import examples, SENTENCES
import yaml

TEST_SET = Path(READER_FILE).with_name('language_test.yaml')
DEVELOPMENT = Path(__file__).with_name('development')
"""Sentences to choose by: the reader is measured on them, and not trained."""
TWICE, JOINED, COMPOSED, PHRASES = 2, 2500, 500, 13000
"""How often each sentence counts; sentences and sequences made of others; phrases for intents."""
JOINS = (
    ('before you {}, {}', SWAPPED), ('{}, but first {}', SWAPPED), ('{} after you {}', SWAPPED),
    ('{}, {}, {}, in that order', STEPS), ('{}, {}, {}', STEPS), ('first {}, later {}', STEPS),
    ('{}, then {}', STEPS), ('{}. then {}', STEPS), ('{} and {}, in this order', STEPS),
    ('start with {}, end with {}', STEPS), ('once you have finished {}, {}', STEPS),
    ('{} before {}', STEPS), ('1. {} 2. {}', STEPS), ('{} until then, {} after that', STEPS))
_MAY_BE_STEPS = re.compile(r'\b(?:then|and|after|before|until|once|when)\b|[,;.] *\w')
BATCH, EPOCHS, RATE, DECAY = 96, 10, 1.5e-3, 0.02
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
CONFIDENCES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
"""Limits of the bins in which confidence is compared with how often it is right."""
_NUMBERS = ('values', 'between', 'at_most', 'at_least')


@dataclass(frozen=True)
class Example:
    """
    A text with the classes of the attributes that are known.

    :param kind: of the sentence
    :param parts: of a sequence, in any order
    """

    text: str
    classes: Mapping[str, str]
    kind: str
    parts: tuple[str, ...] = ()


def example(row: Mapping[str, Any]) -> Example | None:
    """Read a labelled sentence; None for a sequence of which it is not known where steps begin."""
    expect, kind = row['expect'], row['kind']
    if 'steps' in expect:
        return _sequence(row) if 'parts' in row else None
    if 'rest' in expect:
        return Example(row['text'], {INTENT: Intent[expect['rest'].upper()].value, ORDER: ONE},
                       kind)
    if 'refuse' in expect:
        found = {INTENT: Intent.NEITHER.value} if kind == 'off_topic' else {
            'impossible': YES, INTENT: Intent.WALK.value}
        return Example(row['text'], found | {ORDER: ONE}, kind)
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
    found[ORDER] = ONE
    unknown = [name for name, value in found.items() if value not in ATTRIBUTES[name]]
    if unknown:
        raise ValueError(f'{row["text"]!r}: unknown {", ".join(unknown)}')
    return Example(row['text'], found, kind)


def _sequence(row: Mapping[str, Any]) -> Example | None:
    """Read a sequence; None where the steps come in another order than the reader knows."""
    parts = tuple(row['parts'])
    places = [row['text'].index(part) for part in parts]
    for order, time in ((STEPS, places), (SWAPPED, [places[1], places[0], *places[2:]])):
        if time == sorted(places):
            return Example(row['text'], {ORDER: order}, row['kind'], parts)
    return None


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
    return [Example(item.text, {INTENT: item.intent.value} | (
                {} if item.intent is Intent.WALK or _MAY_BE_STEPS.search(item.text)
                else {ORDER: ONE}), 'phrase')
            for item in (known[i] for i in rng.permutation(len(known))[:count])]


def composed(known: Sequence[Example], count: int, rng: np.random.Generator) -> list[Example]:
    """Join the parts of sequences in ways that people use seldom, but for which words matter."""
    parts = [part for item in known if item.parts and item.text.isascii()
             for part in item.parts if not part[0].isupper()]
    found = []
    for _ in range(count):
        template, order = JOINS[rng.integers(len(JOINS))]
        chosen = [parts[i] for i in rng.choice(len(parts), template.count('{'), replace=False)]
        found.append(Example(template.format(*chosen), {ORDER: order}, 'composed', tuple(chosen)))
    return found


def without_held_out(known: Sequence[Example]) -> list[Example]:
    """Leave out what is measured on, too: short texts occur to several authors."""
    held_out = {_letters(row['text']) for path in (TEST_SET, *DEVELOPMENT.glob('*.yaml'))
                for row in yaml.safe_load(path.read_text())}
    return [item for item in known if _letters(item.text) not in held_out]


def _letters(text: str) -> str:
    """Return the letters of a text alone, by which texts are compared."""
    return ''.join(filter(str.isalnum, text.casefold()))


@dataclass(frozen=True, eq=False)
class Batchable:
    """Examples as tensors; classes of unknown attributes and tags are negative."""

    encoded: Sequence[EncodedText]
    features: np.ndarray
    classes: np.ndarray
    tags: Sequence[np.ndarray]

    @classmethod
    def of(cls, known: Sequence[Example], encoder: SentenceEncoder) -> Batchable:
        """Encode examples."""
        texts = [item.text for item in known]
        once = dict(zip(sorted(set(texts)), encoder.encode_texts(sorted(set(texts)))))
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


def train(data: Batchable, epochs: int, seed: int = 0) -> TextReader:
    """Fit a reader."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    reader = TextReader(ATTRIBUTES, FEATURE_DIM).train()
    reader.standardise(torch.cat([text.states for text in data.encoded[::STANDARD_EVERY]]))
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
        states, mask, features, classes, tags = data.rows(rows)
        logits, _, tagged = reader(states, mask, features * (torch.rand(BATCH, 1) >= BLIND_SHARE))
        loss = torch.stack([
            nn.functional.cross_entropy(logits[i], classes[:, i].clamp(min=0), weight=weights[i],
                                        reduction='none', label_smoothing=SMOOTHING)
            * (classes[:, i] >= 0) for i in range(len(ATTRIBUTES))]).sum() / BATCH
        if (tags >= 0).any():
            loss = loss + TAGS_WEIGHT * nn.functional.cross_entropy(
                tagged.flatten(0, 1), tags.flatten(), ignore_index=UNKNOWN)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return reader.eval()


def measure(known: Sequence[Example], reader: TextReader, encoder: SentenceEncoder) -> None:
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
    """Train, or measure."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--measure', type=Path, metavar='FILE.yaml')
    parser.add_argument('--epochs', type=int, default=EPOCHS)
    parser.add_argument('-o', '--output', type=Path, default=READER_FILE)
    args = parser.parse_args()
    encoder = SentenceEncoder(MULTILINGUAL_E5)
    if args.measure:
        reader = TextReader.load(args.output, ATTRIBUTES, FEATURE_DIM)
        measure(load(args.measure), reader, encoder)
        return
    rng = np.random.default_rng(0)
    sentences = [item for file in sorted(SENTENCES.glob('*.yaml'))
                 if not file.name.startswith('rest_') for item in load(file)]
    known = without_held_out([*TWICE * sentences, *joined(sentences, JOINED, rng),
                              *composed(sentences, COMPOSED, rng), *phrases(PHRASES, rng)])
    train(Batchable.of(known, encoder), args.epochs).save(args.output)
    print(f'{args.output}: {len(sentences)} sentences, {len(known)} examples, '
          f'{args.output.stat().st_size} bytes')


if __name__ == '__main__':
    main()
