# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Train the classifier of intents by letters, cross-validate it, or measure understanding.

    python tools/train_intents.py                    # writes the classifier of the package
    python tools/train_intents.py --cross-validate   # errors on phrases that it has not read
    python tools/train_intents.py --measure test/goals/language/held_out_intents.json

The same phrases give the same bytes on the same machine.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import json
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.gait.probe_texts import WORDINGS
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX
from policy_gen_ros.evaluation.metrics.intervals import wilson_interval
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.language.intent_model import (
    features,
    INTENT_MODEL_FILE,
    IntentModel,
    INTENTS,
    WEIGHTS,
)
from policy_gen_ros.goals.language.intents import Intent
from policy_gen_ros.goals.language.lexicon import read_words
from policy_gen_ros.goals.language.off_topic import OFF_TOPIC
from policy_gen_ros.goals.language.understanding import OF_LETTERS, understand
from policy_gen_ros.goals.sequence import understand_words
from policy_gen_ros.utils.tensors import save_tensors
import torch
from torch import nn
import yaml

PHRASES = Path(__file__).with_name('intent_phrases.yaml')
DEVELOPMENT = Path(__file__).with_name('intent_development.json')
"""Sentences by other authors, held out of earlier versions and learnt from since."""
SENTENCES = Path(__file__).with_name('reader_sentences')
"""Sentences by further authors, of which those in ``rest_*.yaml`` are read here."""
CAPTIONS = 400
FOLDS = 4
DECAY = 3e-5
COST = {Intent.WALK: 1.2, Intent.NEITHER: 4.0, Intent.STAND: 1.0, Intent.LIE_DOWN: 1.2,
        Intent.EMERGENCY: 1.2}
"""What missing an intent costs in training; there are few phrases that ask neither."""
AROUND = ('{}', 'please {}', '{} now', '{}!', 'hey robot, {}', '{} please')
"""A phrase is read plain and in one other of these."""
GROUPS = {'rest': tuple(intent for intent in INTENTS if intent.rests), 'walk': (Intent.WALK,),
          'neither': (Intent.NEITHER,)}


@dataclass(frozen=True)
class Example:
    """
    A text of the training set.

    :param fold: of the cross-validation; a phrase and what was made of it share one
    """

    text: str
    intent: Intent
    language: str
    fold: int


def examples(rng: np.random.Generator) -> list[Example]:
    """Phrases, plain and with something around them; orders, other sentences and captions."""
    said = [(text, Intent(intent), language)
            for intent, languages in yaml.safe_load(PHRASES.read_text()).items()
            for language, joined in _named(intent, languages)
            for text in _phrases(joined)]
    said += [(entry['text'], Intent[entry.get('intent', group).upper()], 'development')
             for group, entries in json.loads(DEVELOPMENT.read_text()).items()
             if group in GROUPS for entry in entries]
    known = {text.casefold() for text, _, _ in said}
    said += [(row['text'], _intent(row['expect']), 'development')
             for file in sorted(SENTENCES.glob('rest_*.yaml'))
             for row in yaml.safe_load(file.read_text()) if row['text'].casefold() not in known]
    said += [(text, Intent.WALK, 'probe') for text in WORDINGS if text.casefold() not in known]
    said += [(text, Intent.NEITHER, 'probe') for text in OFF_TOPIC
             if text.casefold() not in known and read_words(text).rest is None]
    said += [(text, Intent.WALK, 'caption') for text in _captions(rng)]
    found = []
    for text, intent, language in said:
        fold = int(rng.integers(FOLDS))
        found.append(Example(text, intent, language, fold))
        if language == 'en' and intent is not Intent.NEITHER:
            around = AROUND[1 + int(rng.integers(len(AROUND) - 1))]
            found.append(Example(around.format(text), intent, language, fold))
    return found


def _intent(expect: Mapping[str, object]) -> Intent:
    """Of a labelled sentence, see ``train_reader.py``."""
    if 'rest' in expect:
        return Intent[str(expect['rest']).upper()]
    return Intent.NEITHER if 'refuse' in expect else Intent.WALK


def _named(intent: str, languages: object) -> list[tuple[str, str]]:
    if not isinstance(languages, dict):
        raise ValueError(f'{PHRASES}: {intent} is no list of languages')
    return list(languages.items())


def _phrases(joined: str) -> list[str]:
    return [' '.join(part.split()) for part in joined.split('|') if part.strip()]


def _captions(rng: np.random.Generator) -> list[str]:
    """Captions that training may read, by chance."""
    archive = Archive(SHIPPED_INDEX)
    held_out = set(archive.split.caption_templates)
    texts = sorted({caption.text for actor in archive.seen for some in archive.captions[actor]
                    for caption in some if caption.template not in held_out
                    and not caption.template.startswith('trouble')})
    return [texts[i] for i in rng.permutation(len(texts))[:CAPTIONS]]


def train(x: np.ndarray, intent: np.ndarray) -> np.ndarray:
    """
    Fit one head by regularised logistic regression.

    :param x: Shape: (n, features)
    :param intent: places in INTENTS. Shape: (n,)
    :return: Shape: (features, intents), half precision
    """
    cost = torch.tensor([COST[of] for of in INTENTS], dtype=torch.float64)
    inputs, wanted = torch.from_numpy(x).double(), torch.from_numpy(intent)
    weights = torch.zeros((x.shape[1], len(INTENTS)), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=80, history_size=10,
                                  line_search_fn='strong_wolfe')

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = nn.functional.cross_entropy(inputs @ weights, wanted, weight=cost) \
            + DECAY * (weights**2).sum()
        value.backward()
        return value

    optimizer.step(loss)
    return weights.detach().numpy().astype(np.float16)


def report(said: Sequence[tuple[str, str, str]], understood: Sequence[Intent],
           show: bool) -> None:
    """Print how many texts of each group (group, language, text) were taken for what."""
    for group in GROUPS:
        rows = [i for i, (of, _, _) in enumerate(said) if of == group]
        taken = Counter(next(name for name, intents in GROUPS.items() if understood[i] in intents)
                        for i in rows)
        wrong = len(rows) - taken[group]
        low, high = wilson_interval(wrong / len(rows), len(rows))
        print(f'{group}: {wrong} of {len(rows)} taken for something else '
              f'({low:.4f} to {high:.4f}); '
              + ', '.join(f'{name} {taken[name]}' for name in GROUPS))
        by_language = Counter(said[i][1] for i in rows if understood[i] not in GROUPS[group])
        print('  by language:', dict(sorted(by_language.items())))
        for i in rows if show else ():
            if understood[i] not in GROUPS[group]:
                print(f'    {understood[i].value}: {said[i][2]!r} ({said[i][1]})')


def group_of(intent: Intent) -> str:
    """Name of the group that an intent is in."""
    return next(name for name, intents in GROUPS.items() if intent in intents)


def main() -> None:
    """Train, or print errors."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--cross-validate', action='store_true')
    parser.add_argument('--words-only', action='store_true',
                        help='measure without the text reader')
    parser.add_argument('--measure', type=Path, metavar='FILE.json')
    parser.add_argument('-o', '--output', type=Path, default=INTENT_MODEL_FILE)
    args = parser.parse_args()
    if args.measure:
        measure(json.loads(args.measure.read_text()), args.words_only)
        return
    known = examples(np.random.default_rng(0))
    texts = [example.text for example in known]
    x = np.stack([features(text, read_words(text)) for text in texts])
    intent = np.array([INTENTS.index(example.intent) for example in known])
    if args.cross_validate:
        folds = np.array([example.fold for example in known])
        found: dict[int, Intent] = {}
        for fold in range(FOLDS):
            model = IntentModel(train(x[folds != fold], intent[folds != fold]).astype(np.float32))
            for i in np.flatnonzero(folds == fold).tolist():
                found[i] = understand(texts[i], model.probabilities(
                    texts[i], read_words(texts[i])), limits=OF_LETTERS).intent
        report([(group_of(example.intent), example.language, example.text) for example in known],
               [found[i] for i in range(len(known))], show=True)
        return
    save_tensors({WEIGHTS: train(x, intent)}, args.output)
    print(f'{args.output}: {len(known)} texts, {args.output.stat().st_size} bytes')


def measure(held_out: Mapping[str, list], words_only: bool) -> None:
    """Print errors on texts that nobody has trained on, without the texts."""
    said = [(group, entry['language'], entry['text']) for group in GROUPS
            for entry in held_out[group]]
    texts = [text for _, _, text in said]
    generator = None if words_only else PolicyGenerator.load()
    found = [(generator.understand(text) if generator else understand_words(text)).intent
             for text in texts]
    report(said, found, show=False)
    trained = {example.text.casefold() for example in examples(np.random.default_rng(0))}
    new = [i for i, text in enumerate(texts) if text.casefold() not in trained]
    print(f'\n{len(texts) - len(new)} of these {len(texts)} are, word for word, among the phrases '
          'that training has. Without them:\n')
    report([said[i] for i in new], [found[i] for i in new], show=False)


if __name__ == '__main__':
    main()
