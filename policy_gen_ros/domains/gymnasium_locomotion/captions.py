# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
English captions of what robots do with their feet, and what goals in words contradict.

A caption says some of what was measured: the gait mostly, the speed often, and now and then what
the feet do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
import itertools
import re

import numpy as np
from policy_gen_ros.domains.domain import TextReaderSpec
from policy_gen_ros.domains.gymnasium_locomotion.robot import Robot
from policy_gen_ros.domains.gymnasium_locomotion.vocabulary import (
    CONTACT,
    CONTACT_SLACK,
    DIRECTIONS,
    NUMBER,
    SPEED,
    SPEED_SLACK,
    Vocabulary,
    Words,
)
from policy_gen_ros.goals.language.reading import Constraint, TextReading
from policy_gen_ros.goals.language.sentences import (
    Caption,
    check_complete,
    fill,
    finish,
    pick,
    slots_of,
    template_ids,
    varied,
)

_SPEED_CHANCE, _TAIL_CHANCE, _NUMBER_CHANCE, _DETAIL_CHANCE = 0.7, 0.7, 0.15, 0.6
_PERCENT = r'\d{1,3}(?:\.\d+)?'
_VERB_FORMS = {'go': 0, 'goes': 1, 'going': 2}


@dataclass(frozen=True)
class Phrase:
    """What words of a goal say: the measure lies between two bounds."""

    text: str
    measure: str
    low: float
    high: float


@dataclass(frozen=True)
class Detail:
    """
    What a foot does, or several feet that do the same.

    :param feet: their names
    :param contact: of the foot, or the mean
    :param numbered: whether the contact may be said; the mean of many feet says little of each
    """

    feet: tuple[str, ...]
    words: Words
    contact: float
    numbered: bool = True


class GaitLanguage:
    """
    Words for gaits; see :class:`policy_gen_ros.domains.domain.CaptionModel`.

    :param vocabulary: words that are the robot's own
    """

    reader: TextReaderSpec | None = None

    def __init__(self, robot: Robot, vocabulary: Vocabulary) -> None:
        self._robot, self._own, self._texts = robot, vocabulary, vocabulary.templates
        self.templates: Collection[str] = tuple(sorted(self._texts))
        self.on_topic: Sequence[str] = vocabulary.on_topic

    def write(self, measures: Mapping[str, float], count: int, rng: np.random.Generator,
              templates: Collection[str] | None = None) -> list[Caption]:
        """
        Describe measured behaviour.

        :param measures: all that the domain has
        :raises ValueError: a measure is missing or not finite, or an unknown template
        """
        check_complete(measures, self._robot.measures.names)
        return varied(template_ids(self._texts, templates), count, rng,
                      lambda name: self._write(self._texts[name], measures, rng))

    def contradictions(self, reading: TextReading,
                       measures: Mapping[str, float] | None) -> list[str]:
        """Name what cannot be true at once in a goal, one sentence each."""
        phrases, known = self.phrases(reading.text), measures or {}
        pairs = {a.measure: (a, b) for a, b in reversed([*itertools.combinations(phrases, 2)])
                 if a.measure == b.measure and max(a.low, b.low) > min(a.high, b.high)}
        found = [f'the text says {a.text!r} and {b.text!r}' for a, b in pairs.values()]
        gaits = self._gaits(reading.text)
        if len(gaits) > 1:
            found.append(f'the text names several gaits: {" and ".join(gaits)}')
        return found + [
            f'the text says {item.text!r}, the measures say {item.measure} = '
            f'{known[item.measure]:g}' for item in phrases
            if item.measure in known and not item.low <= known[item.measure] <= item.high]

    def read(self, text: str) -> TextReading:
        """Understand a text: its gaits, and the ranges that its words mean."""
        constraints = tuple(Constraint(item.measure, item.low, item.high, item.text)
                            for item in self.phrases(text))
        return TextReading(text, text, constraints, tuple(self._gaits(text)))

    def change(self, current: Mapping[str, float], reading: TextReading,
               share: float) -> dict[str, float]:
        """Ask for the ranges that a text names, and keep the rest."""
        return dict(current) | {
            item.measure: item.nearest(current[item.measure], 0.0) for item in reading.constraints}

    def group(self, text: str) -> str | None:
        """Return the gait that a text asks for; None where it names none or several."""
        named = self._gaits(text)
        return named[0] if len(named) == 1 else None

    def failure(self, text: str) -> str | None:
        """Return the words of a text that ask for a failure; None in a robot that cannot fall."""
        return next((words for words in self._own.failures if _has(text.lower(), words)), None)

    def phrases(self, text: str) -> list[Phrase]:
        """Find what a text says of contacts and speed, by the words that captions are made of."""
        lower = text.lower()
        found = [phrase for phrase in self._contact_phrases if _has(lower, phrase.text)]
        for measure, names in self._names.items():
            for number in re.finditer(f'(?:{"|".join(names)}) down ({_PERCENT}) percent', lower):
                share = float(number[1]) / 100
                found.append(Phrase(number[0], measure, share - CONTACT_SLACK,
                                    share + CONTACT_SLACK))
        # 'slowly backward' is not also 'backward' at any speed.
        for phrase in _speed_phrases():
            if _has(lower, phrase.text):
                found.append(phrase)
                lower = _without(lower, [phrase.text])
        return found

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        """Names of each foot, and of the feet that it is one of, by its contact measure."""
        return {measure: (*names, *(name for feet, together in self._own.together.items()
                                    if measure in feet for name in together))
                for measure, names in self._own.feet.items()}

    @cached_property
    def _contact_phrases(self) -> list[Phrase]:
        """Return all that captions say of feet, and other words for it."""
        return [Phrase(phrase.format(foot=foot), measure, words.low - CONTACT_SLACK,
                       words.high + CONTACT_SLACK)
                for measure, names in self._names.items() for words in CONTACT
                for phrase in dict.fromkeys([*itertools.chain(*words.after.values()), *words.more])
                for foot in names]

    def _gaits(self, text: str) -> list[str]:
        """Gaits that a text names."""
        # What a foot does is no gait: 'with both feet in the air'.
        rest = _without(text.lower(), [item.text for item in self.phrases(text)])
        named = [gait for gait, tails in self._own.tails.items()
                 if any(_has(rest, tail) for tail in (*tails, *self._own.more_tails[gait]))]
        named += [gait for verb, gait in self._own.gait_verbs.items() if verb in rest]
        return list(dict.fromkeys(named))

    def _write(self, template: str, measures: Mapping[str, float],
               rng: np.random.Generator) -> str:
        slots, required = slots_of(template)
        details = self._details(measures, rng)
        words = {}
        for slot in slots:
            if slot in _VERB_FORMS:
                words[slot] = self._travel(measures, _VERB_FORMS[slot], rng)
            else:
                some = details[:1] if slot in required or rng.random() < _DETAIL_CHANCE else []
                phrase = ' and '.join(_phrase(item, slot, rng) for item in some)
                words[slot] = f'with {phrase}' if slot == 'with' and phrase else phrase
        return finish(fill(template, words), rng)

    def _travel(self, measures: Mapping[str, float], form: int, rng: np.random.Generator) -> str:
        """Verb, speed and feet: 'hop slowly forward on the back foot'."""
        gait = str(self._robot.gait_of(self._robot.measures.array(measures)))
        verbs = self._own.verbs[gait]
        parts = [verbs[int(rng.integers(len(verbs)))][form]]
        if rng.random() < _SPEED_CHANCE:
            parts.append(pick(_of(SPEED, measures['vx_mps']).after['path'], rng))
        if rng.random() < _TAIL_CHANCE:
            parts.append(pick(self._own.tails[gait], rng))
        return ' '.join(parts)

    def _details(self, measures: Mapping[str, float], rng: np.random.Generator) -> list[Detail]:
        """Return what feet do, in random order, or what all feet do where they do the same."""
        words = {name: _of(CONTACT, measures[name]) for name in self._own.feet}
        several = [
            Detail(names, words[feet[0]], sum(measures[name] for name in feet) / len(feet),
                   numbered=len(feet) == 2)
            for feet, names in self._own.together.items()
            if all(words[name] is words[feet[0]] for name in feet)]
        if len({id(word) for word in words.values()}) == 1:
            return several[:1]
        found = several + [Detail(names, words[name], measures[name])
                           for name, names in self._own.feet.items()]
        return [found[i] for i in rng.permutation(len(found))]


def _without(text: str, phrases: Sequence[str]) -> str:
    for phrase in phrases:
        text = text.replace(phrase, ' ')
    return text


@cache
def _speed_phrases() -> list[Phrase]:
    """Return all words for speeds, the longest first."""
    bounds = {phrase: (words.low, words.high) for words in SPEED
              for phrase in words.after['path']} | DIRECTIONS
    return [Phrase(phrase, 'vx_mps', bounds[phrase][0] - SPEED_SLACK,
                   bounds[phrase][1] + SPEED_SLACK)
            for phrase in sorted(bounds, key=len, reverse=True)]


def _has(text: str, phrase: str) -> bool:
    return phrase in text and re.search(rf'\b{re.escape(phrase)}\b', text) is not None


def _of(table: Sequence[Words], value: float) -> Words:
    return next(words for words in table if value <= words.high or words is table[-1])


def _phrase(detail: Detail, form: str, rng: np.random.Generator) -> str:
    phrase = pick(detail.words.after[form], rng)
    if form == 'with' and rng.random() < _NUMBER_CHANCE and detail.numbered:
        phrase = NUMBER.replace('{percent}', f'{100 * detail.contact:.0f}')
    return phrase.format(foot=pick(detail.feet, rng))
