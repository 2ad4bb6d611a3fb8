# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
English captions of measured behaviour: what the text condition is trained on.

A caption says some of what was measured, never what was commanded: mostly the gait family, and a
few of direction, speed, turn, tempo, body height, step height, stride, ground contact and
differences between feet, in varied words and sentences. Half-trained behaviour is described by
:mod:`policy_gen_ros.domains.go2.gait.failure_captions`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
import re

import numpy as np
from policy_gen_ros.domains.go2.gait.gait_words import (
    family_in_text,
    GAIT_WORDS,
    MOVES,
    Phrase,
    Verb,
)
from policy_gen_ros.domains.go2.gait.measures import family_of, MEASURE_NAMES
from policy_gen_ros.domains.go2.gait.templates import TEMPLATES
from policy_gen_ros.domains.go2.gait.traits import Traits, traits_of
from policy_gen_ros.domains.go2.gait.vocabulary import WORDS
from policy_gen_ros.goals.language.sentences import (
    Caption,
    check_complete,
    fill,
    finish,
    listed,
    pick,
    slots_of,
    template_ids,
    varied,
    with_article,
)

__all__ = ['Caption', 'captions', 'family_in_text']

_TRAVEL = ('direction', 'drift', 'turn', 'speed')
_CHANCE = {'direction': 0.8, 'drift': 0.7, 'turn': 0.75, 'speed': 0.55, 'limb': 0.4, 'beat': 0.3,
           'stride': 0.2}
"""How often an attribute is said when it stands out."""
_DETAIL_CHANCE, _ORDINARY_CHANCE, _NUMBER_CHANCE = 0.45, 0.07, 0.12
_ORDINARY = {'medium tempo', 'normal height', 'normal steps', 'medium contact', 'normal strides',
             'even feet'}
_MAIN_VERB_CHANCE, _SPEED_ADJECTIVE_CHANCE = 0.4, 0.6

_FORM_OF_SLOT = {'gait': 'adj', 'gaits': 'adj', 'with': 'with', 'ing': 'ing', 'keep': 'keep',
                 'clause': 'clause', 'tags': 'tag'}
_CAPACITY = {'tags': 4, 'gait': 2, 'gaits': 2, 'with': 2, 'ing': 2, 'keep': 1,
             'clause': 1}
_FAMILY_TRAVEL = {'go': 'base', 'goes': 'third', 'going': 'gerund'}
_FAMILY_BARE = {'does': 'third', 'doing': 'gerund'}
_ANY_TRAVEL = {'move': 'base', 'moves': 'third', 'moving': 'gerund'}
_PHRASES = {'name': 'names', 'legs': 'legs', 'like': 'animals'}
_FIELD = re.compile(r'{(\w+)}')


def captions(measures: Mapping[str, float], count: int, rng: np.random.Generator,
             templates: Collection[str] | None = None) -> list[Caption]:
    """
    Several captions, varied in wording and in what they leave out.

    :param measures: all of :data:`policy_gen_ros.domains.go2.gait.measures.MEASURE_NAMES`
    :param templates: ids to choose from; if not given, all of
        :data:`policy_gen_ros.domains.go2.gait.templates.TEMPLATES`
    :return: every template once before any comes again
    :raises ValueError: the behaviour has no rhythm, a measure is missing, or an unknown template
    """
    if family_of(measures) == 'none':
        raise ValueError('behaviour without a rhythm cannot be captioned')
    check_complete(measures, MEASURE_NAMES)
    return varied(template_ids(TEMPLATES, templates), count, rng,
                  lambda name: _write(TEMPLATES[name], measures, rng))


def _write(template: str, measures: Mapping[str, float], rng: np.random.Generator) -> str:
    traits = traits_of(measures, rng)
    slots, required = slots_of(template)
    mentioned = _worth_saying(traits, rng)
    travels = any(slot in _FAMILY_TRAVEL or slot in _ANY_TRAVEL for slot in slots)
    details = [name for name in mentioned if not (travels and name in _TRAVEL)]
    if travels and 'speed' in mentioned and 'gait' in slots \
            and rng.random() < _SPEED_ADJECTIVE_CHANCE:
        mentioned.remove('speed')
        details.append('speed')
    words = _details(traits, details, slots, required, travels, rng)
    words |= _family_words(traits, slots, words, mentioned, rng)
    return finish(fill(template, words), rng)


def _worth_saying(traits: Traits, rng: np.random.Generator) -> list[str]:
    """Attributes that a caption mentions, in random order."""
    chance = {name: _ORDINARY_CHANCE if _ORDINARY & set(tags) else
              _CHANCE.get(name, _DETAIL_CHANCE) for name, tags in traits.tags.items()}
    names = [name for name in chance if rng.random() < chance[name]]
    return _shuffled(names, rng)


def _shuffled(names: Sequence[str], rng: np.random.Generator) -> list[str]:
    return [names[i] for i in rng.permutation(len(names))]


def _phrase(traits: Traits, attribute: str, form: str, rng: np.random.Generator) -> str:
    """Words for an attribute in a grammatical form, sometimes with a number; or nothing."""
    def choices(tags: Sequence[str]) -> list[str]:
        return [choice for tag in tags for choice in WORDS.get(tag, {}).get(form, ())
                if all(field in traits.values for field in _FIELD.findall(choice))]

    plain, numbers = choices(traits.tags[attribute]), choices([f'{attribute} number'])
    if numbers and (not plain or rng.random() < _NUMBER_CHANCE):
        plain = numbers
    return pick(plain, rng).format(**traits.values) if plain else ''


def _details(traits: Traits, details: Sequence[str], slots: Sequence[str], required: set[str],
             travels: bool, rng: np.random.Generator) -> dict[str, str]:
    """Deal details to the slots that take them, at least one to each slot that has to have one."""
    dealt: dict[str, list[str]] = {slot: [] for slot in slots if slot in _FORM_OF_SLOT}
    unused = list(details)
    # Where nothing stands out, a slot that has to be filled says what is ordinary.
    spare = _shuffled([name for name in traits.tags if name not in unused
                       and not (travels and name in _TRAVEL)], rng)
    spare.sort(key=lambda name: bool(_ORDINARY & set(traits.tags[name])))
    for slot, phrases in dealt.items():
        if slot in required and not slot.startswith('gait'):
            phrases += _first_phrase(traits, slot, unused, spare, rng)
    for name in unused:
        for slot in _shuffled(list(dealt), rng):
            phrase = _phrase(traits, name, _FORM_OF_SLOT[slot], rng)
            if phrase and len(dealt[slot]) < _CAPACITY[slot]:
                dealt[slot].append(phrase)
                break
    words = {slot: listed(phrases) for slot, phrases in dealt.items()}
    words |= {slot: ', '.join(dealt[slot]) for slot in ('tags', 'gait', 'gaits') if slot in dealt}
    if words.get('with'):
        words['with'] = 'with ' + words['with']
    return words


def _first_phrase(traits: Traits, slot: str, unused: list[str], spare: list[str],
                  rng: np.random.Generator) -> list[str]:
    """Take the first detail that a slot has words for, a spare one if need be; its words."""
    for name in [*unused, *spare]:
        phrase = _phrase(traits, name, _FORM_OF_SLOT[slot], rng)
        if phrase:
            (unused if name in unused else spare).remove(name)
            return [phrase]
    return []


def _family_words(traits: Traits, slots: Sequence[str], words: Mapping[str, str],
                  mentioned: Sequence[str], rng: np.random.Generator) -> dict[str, str]:
    """Words for verbs, with direction and speed, for nouns, legs and animals."""
    gait, result = GAIT_WORDS[traits.family], dict[str, str]()
    # A tail such as 'on all fours' would be one thing too many before 'with ...' or 'like ...'.
    tails = not (words.get('with') or {'legs', 'like'} & set(slots))
    for slot in slots:
        if slot in _FAMILY_TRAVEL:
            verb = _verb(gait.verbs, traits, tails, rng)
            result[slot] = _travel(verb, _FAMILY_TRAVEL[slot], traits, mentioned, rng)
        elif slot in _ANY_TRAVEL:
            verb = _verb(MOVES, traits, False, rng)
            result[slot] = _travel(verb, _ANY_TRAVEL[slot], traits, {*mentioned, 'direction'}, rng)
        elif slot in _FAMILY_BARE:
            result[slot] = getattr(_verb(gait.verbs, traits, False, rng), _FAMILY_BARE[slot])
        elif slot in ('gait', 'gaits'):
            noun = ' '.join(filter(None, [words[slot], _choose(gait.nouns, traits, rng)]))
            result[slot] = with_article(noun) if slot == 'gait' else noun
        elif slot in _PHRASES:
            result[slot] = _choose(getattr(gait, _PHRASES[slot]), traits, rng)
    return result


def _fits(word: Verb | Phrase, traits: Traits) -> bool:
    return traits.all_tags >= set(word.when) and not traits.all_tags & set(word.unless)


def _choose(phrases: Sequence[Phrase], traits: Traits, rng: np.random.Generator) -> str:
    return pick([phrase.text for phrase in phrases if _fits(phrase, traits)], rng)


def _verb(verbs: Sequence[Verb], traits: Traits, tails: bool, rng: np.random.Generator) -> Verb:
    fitting = [verb for verb in verbs if _fits(verb, traits) and (tails or not verb.tail)]
    if not fitting:
        raise ValueError(f'family {traits.family}: no verb{"" if tails else " without a tail"} '
                         f'fits {", ".join(sorted(traits.all_tags))}')
    if rng.random() < _MAIN_VERB_CHANCE:
        return fitting[0]
    return fitting[rng.integers(len(fitting))]


def _travel(verb: Verb, form: str, traits: Traits, mentioned: Collection[str],
            rng: np.random.Generator) -> str:
    """Verb, direction, speed, turn and tail: 'hop forward slowly turning left on all fours'."""
    parts = {name: _phrase(traits, name, 'path', rng) for name in _TRAVEL
             if name in mentioned and name in traits.tags}
    direction, drift, turn, speed = (parts.get(name, '') for name in _TRAVEL)
    if traits.family == 'pace' and speed.endswith(' pace'):
        speed = ''  # 'pace at a slow pace' is no English
    if drift and turn.startswith('turning'):
        turn = f'while {turn}'
    drifting = drift.startswith('drifting')
    beside = drift if direction and not drifting else ''  # forward *and to the left*
    order = [getattr(verb, form), direction, beside]
    # An adverb may stand before the verb, after it, or after the direction.
    adverb = re.fullmatch(r'\w+ly', speed)
    order.insert(int(rng.choice([0, 1, 3])) if adverb else 3, speed)
    order += [drift if drifting else '', turn, verb.tail]
    return ' '.join(filter(None, order))
