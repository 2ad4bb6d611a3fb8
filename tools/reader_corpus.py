# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The examples that the text reader of gaits learns from: labelled sentences, and what they make.

The sentences of ``reader_sentences/`` were written for this by several authors, with what must
hold for each, in the form of ``policy_gen_ros/domains/go2/gait/language_test.yaml``, which nothing
is trained on. What asks for rest comes from the phrases of ``train_intents.py`` too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
import re
from typing import Any

import numpy as np
from policy_gen_ros.domains.go2.gait.attributes import (
    ATTRIBUTES,
    CHANGES,
    DIRECTIONS,
    INTENT,
    LEVELS,
    NO,
    YES,
)
from policy_gen_ros.domains.go2.gait.language import READER_FILE
from policy_gen_ros.goals.language.intents import Intent
from policy_gen_ros.goals.language.reading import ONE, ORDER, STEPS, SWAPPED
from train_intents import examples, SENTENCES
import yaml

TEST_SET = Path(READER_FILE).with_name('language_test.yaml')
DEVELOPMENT = Path(__file__).with_name('development')
"""Sentences to choose by: the reader is measured on them, and not trained."""
AUTHORS_HELD_OUT = tuple(SENTENCES / f'{name}.yaml'
                         for name in ('english_10', 'rest_9', 'rest_10'))
"""What these authors wrote is never learnt: confidence and limits are set by it."""
TWICE, JOINED, COMPOSED, PHRASES, MISSPELT = 2, 2500, 500, 6000, 6000
"""
How often each sentence counts; sentences and sequences made of others; short phrases, and
sentences with typing errors.
"""
JOINS = (
    ('before you {}, {}', SWAPPED), ('{}, but first {}', SWAPPED), ('{} after you {}', SWAPPED),
    ('{}, {}, {}, in that order', STEPS), ('{}, {}, {}', STEPS), ('first {}, later {}', STEPS),
    ('{}, then {}', STEPS), ('{}. then {}', STEPS), ('{} and {}, in this order', STEPS),
    ('start with {}, end with {}', STEPS), ('once you have finished {}, {}', STEPS),
    ('{} before {}', STEPS), ('1. {} 2. {}', STEPS), ('{} until then, {} after that', STEPS))
_MAY_BE_STEPS = re.compile(r'\b(?:then|and|after|before|until|once|when)\b|[,;.] *\w')
_LONG_WORD = re.compile(r'[A-Za-zÀ-ÿ]{4,}[,;.!?]?')
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
    if kind == 'rest':  # how it is to walk was not labelled
        return Example(row['text'], {INTENT: Intent.WALK.value}, kind)
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


def corpus() -> list[Example]:
    """Collect all examples."""
    rng = np.random.default_rng(0)
    sentences = [item for file in sorted({*SENTENCES.glob('*.yaml')} - {*AUTHORS_HELD_OUT})
                 if not file.name.startswith('rest_') for item in load(file)]
    known = without_held_out([*TWICE * sentences, *joined(sentences, JOINED, rng),
                              *composed(sentences, COMPOSED, rng), *phrases(PHRASES, rng)])
    return [*known, *misspelt(known, MISSPELT, rng)]


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
    """Take all sentences about rest, and choose among the short phrases for each intent."""
    known = [item for item in examples(rng) if item.language != 'caption']
    sentences = [item for item in known if item.language == 'development']
    others = [item for item in known if item.language != 'development']
    chosen = [others[i] for i in rng.permutation(len(others))[:count]]
    return [Example(item.text, {INTENT: item.intent.value} | (
                {} if item.intent is Intent.WALK or _MAY_BE_STEPS.search(item.text)
                else {ORDER: ONE}), 'phrase') for item in [*TWICE * sentences, *chosen]]


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


def misspelt(known: Sequence[Example], count: int, rng: np.random.Generator) -> list[Example]:
    """
    Mistype a word or two of sentences in Latin letters.

    Two letters change places, one is left out, or one is doubled.
    """
    latin = [item for item in known if any(map(_LONG_WORD.fullmatch, item.text.split()))]
    found = []
    for i in rng.integers(len(latin), size=count):
        words = latin[i].text.split()
        long = [place for place, word in enumerate(words) if _LONG_WORD.fullmatch(word)]
        for place in rng.choice(long, min(len(long), 1 + int(rng.integers(2))), replace=False):
            word, at = words[place], int(rng.integers(1, len(words[place]) - 1))
            words[place] = (word[:at] + word[at + 1] + word[at] + word[at + 2:],
                            word[:at] + word[at + 1:],
                            word[:at] + word[at] + word[at:])[rng.integers(3)]
        found.append(replace(latin[i], text=' '.join(words)))
    return found


def without_held_out(known: Sequence[Example]) -> list[Example]:
    """Leave out what is measured on, too: short texts occur to several authors."""
    files = (TEST_SET, *DEVELOPMENT.glob('*.yaml'), *AUTHORS_HELD_OUT)
    held_out = {_letters(row['text']) for path in files
                for row in yaml.safe_load(path.read_text())}
    return [item for item in known if _letters(item.text) not in held_out]


def _letters(text: str) -> str:
    """Return the letters of a text alone, by which texts are compared."""
    return ''.join(filter(str.isalnum, text.casefold()))
