"""
English captions of measured behaviour: what the text condition is trained on.

A caption says some of what was measured, never what was commanded: a gait family, and a few of
tempo, speed, direction, body height, step height and contact, in varied words and orders.
"""

from __future__ import annotations

from collections.abc import Mapping
import re

import numpy as np
from policy_gen_ros.goal.measures import CONTACT_NAMES, family_of

FAMILY_WORDS = {
    'walk': ('walk', 'stroll', 'amble', 'step one foot at a time', 'do a four-beat walk'),
    'trot': ('trot', 'jog', 'do a trot', 'move in a diagonal trot', 'trot on diagonal legs'),
    'pace': ('pace', 'do a pace', 'pace like a camel', 'move both legs of a side together',
             'use a pacing gait'),
    'bound': ('bound', 'do a bound', 'bound like a rabbit', 'gallop in a bound',
              'leap from hind legs to front legs'),
    'pronk': ('pronk', 'hop on all fours', 'do a pronk', 'jump with all four feet together',
              'bounce like a gazelle')}

KEY_WORDS = {
    'walk': ('walk(?:s|ing)?', 'stroll(?:s|ing)?', 'ambl(?:e|es|ing)', 'one foot at a time'),
    'trot': ('trot(?:s|ting)?', 'jog(?:s|ging)?', 'diagonal'),
    'pace': ('pac(?:e|es|ing)', 'legs of a side'),
    'bound': ('bound(?:s|ing)?', 'gallop(?:s|ing)?', 'hind legs to front legs'),
    'pronk': ('pronk(?:s|ing)?', 'hop(?:s|ping)? on all fours', 'all four feet together',
              'gazelle')}
TEMPO_WORDS = ((2.15, ('with slow steps', 'at a low step rate', 'with a lazy rhythm')),
               (3.0, ()), (9.0, ('with quick steps', 'at a high step rate', 'with a fast rhythm')))
FORWARD_WORDS = ((0.08, ('on the spot', 'in place', 'without going anywhere')),
                 (0.28, ('forward slowly', 'slowly forward', 'ahead at a slow speed')),
                 (0.52, ('forward', 'ahead', 'forward at a medium speed', 'straight on')),
                 (9.0, ('forward fast', 'quickly forward', 'ahead at high speed')))
BACKWARD_WORDS = ((0.2, ('backward slowly', 'slowly back')),
                  (9.0, ('backward', 'back', 'in reverse')))
HEIGHT_WORDS = ((0.252, ('with the body low', 'crouched low', 'close to the ground')),
                (0.305, ()), (9.0, ('standing tall', 'with the body high', 'on long legs')))
SWING_WORDS = ((0.052, ('with low steps', 'barely lifting the feet', 'with flat feet')),
               (0.082, ()), (9.0, ('with high steps', 'lifting the feet high', 'high-stepping')))
CONTACT_WORDS = ((0.47, ('with short ground contact', 'light on its feet', 'with a springy step')),
                 (0.62, ()), (9.0, ('with long ground contact', 'keeping the feet down long')))
SIDE_WORDS = {1: ('drifting left', 'sidestepping to the left', 'moving left'),
              -1: ('drifting right', 'sidestepping to the right', 'moving right')}
TURN_WORDS = {1: ('turning left', 'curving to the left', 'while turning left'),
              -1: ('turning right', 'curving to the right', 'while turning right')}
TEMPLATES = ('{family} {moves}{rest}', '{family} {moves}{rest}', '{family} {moves}{rest}',
             'please {family} {moves}{rest}', 'make the dog {family} {moves}{rest}',
             'the robot should {family} {moves}{rest}', 'can you {family} {moves}{rest}?',
             'I want you to {family} {moves}{rest}', 'now {family} {moves}{rest}',
             'let it {family} {moves}{rest}', 'start to {family} {moves}{rest}',
             '{rest_first}{family} {moves}', 'go2, {family} {moves}{rest}',
             'switch to: {family} {moves}{rest}', '{family} {moves}, robot{rest}',
             'try to {family} {moves}{rest}')
MIN_TURN_RPS, MIN_SIDE_MPS = 0.15, 0.08
OMIT_MOVE = 0.25
OMIT_DETAIL = 0.45


def _pick(table: tuple[tuple[float, tuple[str, ...]], ...], value: float,
          rng: np.random.Generator) -> str:
    words = next(words for limit, words in table if value < limit)
    return str(rng.choice(words)) if words else ''


def _moves(measures: Mapping[str, float], rng: np.random.Generator) -> list[str]:
    vx, vy, yaw = (measures[name] for name in ('vx_mps', 'vy_mps', 'yaw_rate_rps'))
    parts = []
    turning, sideways = abs(yaw) >= MIN_TURN_RPS, abs(vy) >= MIN_SIDE_MPS
    if vx < -FORWARD_WORDS[0][0]:
        parts.append(_pick(BACKWARD_WORDS, -vx, rng))
    elif not (sideways and abs(vx) < FORWARD_WORDS[0][0]):
        parts.append(_pick(FORWARD_WORDS, abs(vx), rng))
    if sideways:
        parts.append(str(rng.choice(SIDE_WORDS[int(np.sign(vy))])))
    if turning:
        parts.append(str(rng.choice(TURN_WORDS[int(np.sign(yaw))])))
    return parts


def _details(measures: Mapping[str, float], rng: np.random.Generator) -> list[str]:
    contact = float(np.mean([measures[name] for name in CONTACT_NAMES]))
    details = [_pick(TEMPO_WORDS, measures['frequency_hz'], rng),
               _pick(HEIGHT_WORDS, measures['body_height_m'], rng),
               _pick(SWING_WORDS, measures['swing_height_m'], rng),
               _pick(CONTACT_WORDS, contact, rng)]
    kept = [detail for detail in details if detail and rng.random() > OMIT_DETAIL]
    rng.shuffle(kept)
    return kept


def caption(measures: Mapping[str, float], rng: np.random.Generator) -> str:
    """
    One caption of measured behaviour.

    :param measures: all of :data:`policy_gen_ros.goal.measures.MEASURE_NAMES`
    :raises ValueError: the behaviour has no gait family to name
    """
    family = family_of(measures)
    if family == 'none':
        raise ValueError('behaviour without a rhythm cannot be captioned')
    moves = [] if rng.random() < OMIT_MOVE else _moves(measures, rng)
    details = _details(measures, rng)
    text = str(rng.choice(TEMPLATES)).format(
        family=rng.choice(FAMILY_WORDS[family]), moves=' '.join(moves),
        rest=' ' + ' and '.join(details) if details else '',
        rest_first=' and '.join(details) + ', ' if details else '')
    return ' '.join(text.split()).replace(' ,', ',').replace(' ?', '?')


def captions(measures: Mapping[str, float], count: int, rng: np.random.Generator) -> list[str]:
    """Several captions, varied in wording and in what they leave unsaid."""
    return [caption(measures, rng) for _ in range(count)]


def family_in_text(text: str) -> str | None:
    """
    Gait family that a text names by one of :data:`FAMILY_WORDS`' key words, or None.

    Only to judge results: the generator reads the sentence, not key words.
    """
    words = ' ' + re.sub(r'[^a-z-]+', ' ', text.lower()) + ' '
    found = {family for family, keys in KEY_WORDS.items()
             if any(re.search(rf' {key} ', words) for key in keys)}
    return found.pop() if len(found) == 1 else None
