# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Failure captions: captions of behaviour that falls, stumbles, drifts or cannot keep its speed.

They name what was measured, so that half-trained actors can serve as prompts. They are stored for
that and for later use: training reads qualified behaviours only, so no generator learns them yet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from policy_gen_ros.domains.go2.gait.gait_words import GAIT_WORDS
from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES, family_of, PHASE_NAMES
from policy_gen_ros.domains.go2.gait.templates import FAILURE_TEMPLATES
from policy_gen_ros.domains.go2.gait.traits import LEGS, STILL_MPS, STRAIGHT_RPS
from policy_gen_ros.domains.go2.gait.vocabulary import Words, words_of
from policy_gen_ros.goals.language.sentences import (
    Caption,
    fill,
    finish,
    listed,
    pick,
    slots_of,
    template_ids,
    varied,
)

AT_ONCE_S = 2.0
"""A fall before the second stride is over is a fall at the start."""
SCRAPING_M = 0.015
"""Soles that come up less than this on average touch the ground now and then."""
SAGGING_M = 0.19
"""Lower than any gait asks for: the legs give way."""
STANDING_CONTACT = 0.9
"""Feet that are down nine tenths of the time and keep no rhythm do not step."""
TOO_SLOW_MPS, TOO_FAST_MPS, DRIFT_MPS, VEER_RPS = 0.25, 0.25, 0.12, 0.3
"""The first two as for qualified actors; sideways, where one expects none, half is seen."""

FAILURES: dict[str, Words] = {
    'falls at once': words_of(
        fails='falls over at once|topples over right away|tips over at the first steps|'
        'loses its balance immediately',
        failing='falling over at once|tipping over right away',
        tag='falls at once|immediate fall'),
    'falls': words_of(
        fails='falls over after {seconds}|wobbles until it falls after {seconds}|'
        'loses its balance after {seconds}|stays up for only {seconds}',
        failing='falling over after {seconds}|losing its balance after {seconds}',
        tag='falls after {seconds}|down after {seconds}'),
    'falls at times': words_of(
        fails='falls over now and then|does not always stay on its feet|is unsteady on its feet|'
        'wobbles, sometimes falling',
        failing='falling over now and then|wobbling, sometimes falling',
        tag='unsteady|falls now and then|wobbly'),
    'no rhythm': words_of(
        fails='stumbles without any rhythm|finds no rhythm|moves its legs out of step|'
        'stumbles along with irregular steps|shuffles about without a beat',
        failing='stumbling without any rhythm|moving its legs out of step|'
        'shuffling about without a beat',
        tag='no rhythm|stumbling|irregular steps'),
    'one leg out': words_of(
        fails='keeps losing the beat with its {leg} leg|cannot place its {leg} foot in time',
        failing='losing the beat with its {leg} leg', tag='{leg} leg out of step'),
    'does not step': words_of(
        fails='hardly takes a step|stands there, hardly moving its feet|'
        'cannot get its feet off the ground',
        failing='standing there, hardly moving its feet|hardly taking a step',
        tag='hardly steps|stuck to the ground'),
    'scrapes': words_of(
        fails='hardly lifts its feet|scrapes its feet over the ground|drags its feet',
        failing='hardly lifting its feet|scraping its feet over the ground|dragging its feet',
        tag='scraping feet|dragging its feet|feet hardly lifted'),
    'sags': words_of(
        fails='sinks down on its legs|sags to the ground|can hardly hold its body up',
        failing='sinking down on its legs|hardly holding its body up',
        tag='sagging|legs give way'),
    'drifts': words_of(
        fails='drifts off to the {drift}|slides away to the {drift}',
        failing='drifting off to the {drift}', tag='drifts {drift}'),
    'veers': words_of(
        fails='veers to the {veer}|keeps turning to the {veer} by itself',
        failing='veering to the {veer}', tag='veers {veer}'),
    'too slow': words_of(
        fails='cannot keep its speed|falls behind its speed|is slower than it should be',
        failing='falling behind its speed|moving more slowly than it should',
        tag='too slow|cannot keep its speed'),
    'wrong way': words_of(
        fails='goes the wrong way|moves in the wrong direction', failing='going the wrong way',
        tag='wrong way|wrong direction'),
    'does not advance': words_of(
        fails='makes no headway|gets nowhere|hardly moves from the spot',
        failing='getting nowhere|making no headway', tag='no headway|gets nowhere'),
    'too fast': words_of(
        fails='runs faster than it should|rushes off too fast',
        failing='rushing off too fast', tag='too fast')}
_GRAVITY = tuple(FAILURES)
"""What is worse comes first in a sentence."""
_MAX_FAILURES = 2
_GENERIC_TRIES = ('move', 'keep going', 'stay on its feet', 'find its feet')
_FORM_OF_SLOT = {'fails': 'fails', 'failing': 'failing', 'tags': 'tag'}


def failure_captions(measures: Mapping[str, float], survived: float, seconds: float, count: int,
                     rng: np.random.Generator, command: Sequence[float] | None = None,
                     templates: Collection[str] | None = None) -> list[Caption]:
    """
    Several captions of what went wrong; none where nothing did.

    :param measures: of the stretch that was walked; NaN or absent where unknown
    :param survived: share of the episodes that were completed
    :param seconds: how long it stayed up, on average of the episodes that ended in a fall
    :param command: vx, vy in m/s and yaw rate in rad/s that were commanded, to see drift and wrong
        speed against; both are not judged without. Shape: (3,)
    :param templates: ids to choose from; if not given, all of
        :data:`policy_gen_ros.domains.go2.gait.templates.FAILURE_TEMPLATES`
    :raises ValueError: unknown template
    """
    ids = template_ids(FAILURE_TEMPLATES, templates, 'failure')

    def write(name: str) -> str:
        failures, values = _failures(measures, survived, seconds, command, rng)
        return _write(FAILURE_TEMPLATES[name], failures, values, family_of(measures), rng)

    measured = _failures(measures, survived, seconds, command, rng)[0]
    return varied(ids, count, rng, write) if measured else []


def _failures(measures: Mapping[str, float], survived: float, seconds: float,
              command: Sequence[float] | None, rng: np.random.Generator
              ) -> tuple[list[str], dict[str, str]]:
    """Keys of :data:`FAILURES` that were measured, and what fills their braces."""
    found, values = [], {'seconds': _seconds(seconds)}
    contact = np.mean([measures.get(name, np.nan) for name in CONTACT_NAMES])
    if survived == 0:
        found.append('falls at once' if seconds < AT_ONCE_S else 'falls')
    elif survived < 1:
        found.append('falls at times')
    lost = [leg for leg, name in enumerate(PHASE_NAMES, 1)
            if not np.isfinite(measures.get(name, np.nan))]
    if not np.isfinite(measures.get('frequency_hz', np.nan)) and contact > STANDING_CONTACT:
        found.append('does not step')
    elif len(lost) == 1:
        found.append('one leg out')
        values['leg'] = pick(LEGS[lost[0]], rng)
    elif lost and 'falls at once' not in found:
        found.append('no rhythm')
    if measures.get('swing_height_m', np.nan) < SCRAPING_M and 'does not step' not in found:
        found.append('scrapes')
    if measures.get('body_height_m', np.nan) < SAGGING_M:
        found.append('sags')
    if command is not None:
        found += _off_course(measures, command, values)
    return sorted(found, key=_GRAVITY.index), values


def _off_course(measures: Mapping[str, float], command: Sequence[float],
                values: dict[str, str]) -> list[str]:
    """Failures against the command; names the sides in the values."""
    vx, vy, yaw = (measures.get(name, np.nan) for name in ('vx_mps', 'vy_mps', 'yaw_rate_rps'))
    found = []
    if abs(vy - command[1]) >= DRIFT_MPS and abs(vy) >= STILL_MPS and abs(command[1]) < STILL_MPS:
        found.append('drifts')
        values['drift'] = 'left' if vy > 0 else 'right'
    if abs(yaw - command[2]) >= VEER_RPS and abs(command[2]) < STRAIGHT_RPS:
        found.append('veers')
        values['veer'] = 'left' if yaw > 0 else 'right'
    wanted, reached = abs(command[0]), vx * np.sign(command[0])
    if wanted - reached >= TOO_SLOW_MPS:
        found.append('wrong way' if reached <= -STILL_MPS else
                     'does not advance' if reached < STILL_MPS and abs(vy) < STILL_MPS else
                     'too slow')
    elif wanted >= STILL_MPS and reached - wanted >= TOO_FAST_MPS:
        found.append('too fast')
    return found


def _seconds(seconds: float) -> str:
    whole = round(seconds) if np.isfinite(seconds) else 0
    return 'a moment' if whole < 1 else 'a second' if whole == 1 else f'{whole} seconds'


def _write(template: str, failures: Sequence[str], values: Mapping[str, str], family: str,
           rng: np.random.Generator) -> str:
    first = int(rng.integers(len(failures)))
    named = [failures[first]]
    more = [failure for failure in failures if failure != failures[first]]
    if more and rng.random() < 0.5:
        named.append(pick(more, rng))
    named.sort(key=_GRAVITY.index, reverse=True)  # it stumbles and then falls
    words = {}
    for slot in slots_of(template)[0]:
        if slot in _FORM_OF_SLOT:
            phrases = [pick(FAILURES[name][_FORM_OF_SLOT[slot]], rng).format(**values)
                       for name in named[:_MAX_FAILURES]]
            words[slot] = ', '.join(phrases) if slot == 'tags' else listed(phrases)
    if family == 'none':
        words |= {'try': pick(_GENERIC_TRIES, rng), 'attempt': 'moving', 'gait': 'gait'}
    else:
        verb = GAIT_WORDS[family].verbs[0]
        words |= {'try': verb.base, 'attempt': verb.gerund, 'gait': f'{verb.gerund} gait'}
    return finish(fill(template, words), rng)
