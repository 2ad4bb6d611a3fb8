# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Captions say what was measured, in clean English, and nothing else."""

from dataclasses import replace
import re

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.domains.go2.gait.captions import captions, family_in_text
from policy_gen_ros.domains.go2.gait.failure_captions import failure_captions
from policy_gen_ros.domains.go2.gait.gait_words import GAIT_WORDS
from policy_gen_ros.domains.go2.gait.measures import (
    CONTACT_NAMES,
    family_of,
    GAIT_FAMILIES,
    GAIT_PHASES,
    MEASURE_NAMES,
)
from policy_gen_ros.domains.go2.gait.templates import FAILURE_TEMPLATES, TEMPLATES
from policy_gen_ros.domains.go2.gait.traits import LEGS, traits_of
from policy_gen_ros.domains.go2.gait.vocabulary import FORMS, WORDS
from policy_gen_ros.goals.language.sentences import Caption, MAX_CAPTION_LENGTH, varied
import pytest

TYPICAL = dict(zip(MEASURE_NAMES, [0.5, 0.5, 0.5, 0.5, 2.5, 0.5, 0.5, 0.0, 0.28, 0.05, 0.4, 0, 0]))
LOWEST = [0.1, 0.1, 0.1, 0.1, 0.8, 0, 0, 0, 0.12, 0.0, -1.2, -0.8, -2.0]
HIGHEST = [0.95, 0.95, 0.95, 0.95, 5.0, 1, 1, 1, 0.4, 0.2, 1.6, 0.8, 2.0]
FREE = {name for name in TEMPLATES if name.startswith('free-')}

anything = st.tuples(*(st.floats(low, high) for low, high in zip(LOWEST, HIGHEST)))
seeds = st.integers(0, 2**32 - 1)


def behavior(family, **changes):
    phases = dict(zip(('phase_fr', 'phase_rl', 'phase_rr'), GAIT_PHASES[family]))
    return {**TYPICAL, **phases, **changes}


def written(measures, count=200, seed=0, **kwargs):
    return [c.text for c in captions(measures, count, np.random.default_rng(seed), **kwargs)]


def speed(m):
    return np.hypot(m['vx_mps'], m['vy_mps'])


def contact(m):
    return np.array([m[name] for name in CONTACT_NAMES])


def still(m):
    return max(abs(m['vx_mps']), abs(m['vy_mps'])) < 0.08


# What a reader takes from words, written down apart from the vocabulary.
MEANING = [
    (r'\b(forwards?|ahead|onward|straight(?! legs))\b', lambda m: m['vx_mps'] >= 0.08),
    (r'\b(backwards?|reverse|back up)\b', lambda m: m['vx_mps'] <= -0.08),
    (r'\b(on the spot|in place|in one place|no travel|nowhere)\b', still),
    (r'\b(slowly|low speed|unhurried(ly)?|leisurely|snail|gently|slow (pace|speed)|in no hurry|'
     r'be slow|slow, )', lambda m: speed(m) < 0.28),
    (r'\b(medium|moderate|normal) speed\b', lambda m: 0.28 <= speed(m) < 0.52),
    (r'\b(high speed|top speed|full speed|swift(ly)?|speedy|rapidly|go fast|going fast|'
     r'(?<!no )hurry|hurr(ying|ies)|fast pace|(?<!very )quickly)\b',
     lambda m: speed(m) >= 0.52),
    (r'\b(turn|turns|turning|curv\w+|bend|circl\w+|rotat\w+|spinning) (sharply |to |the )*left\b|'
     r'\bleft(-hand)? (turn|curve|bend|circle)\b', lambda m: m['yaw_rate_rps'] >= 0.15),
    (r'\b(turn|turns|turning|curv\w+|bend|circl\w+|rotat\w+|spinning) (sharply |to |the )*right\b|'
     r'\bright(-hand)? (turn|curve|bend|circle)\b', lambda m: m['yaw_rate_rps'] <= -0.15),
    (r'\b(sideways|crabwise|sidestep\w+|drift\w*|angle|and|diagonally) '
     r'(slightly |a little |to |the )*left\b(?! [fhlprs])', lambda m: m['vy_mps'] >= 0.08),
    (r'\b(sideways|crabwise|sidestep\w+|drift\w*|angle|and|diagonally) '
     r'(slightly |a little |to |the )*right\b(?! [fhlprs])', lambda m: m['vy_mps'] <= -0.08),
    (r'\b(low body|body (held |very )?low|crouch\w*|(?<!feet )stay(s|ing)? low|'
     r'duck\w*|belly|bent legs|hugging)\b', lambda m: m['body_height_m'] < 0.252),
    (r'\b(high body|body (held |stays )?high|tall|upright|straight legs|long-legged)\b',
     lambda m: m['body_height_m'] >= 0.305),
    (r'\b(high steps|high-stepping|feet (up )?(very )?high|knees up|pick\w* the feet up|'
     r'plenty of foot lift|high foot lift|step(ping)? high|prance|prances|prancing|march\w*|'
     r'show horse|dressage)\b', lambda m: m['swing_height_m'] >= 0.072),
    (r'\b(low steps|flat steps|flat-footed|feet (stay )?low|little foot lift|low foot lift|'
     r'shuffl\w+|(hardly|barely) lift\w*)\b', lambda m: m['swing_height_m'] < 0.035),
    (r'\b(quick steps|rapid steps|fast rhythm|quick rhythm|high step rate|high cadence|'
     r'quick-footed|quick-stepping|legs fast)\b', lambda m: m['frequency_hz'] >= 3.0),
    (r'\b(slow steps|low step rate|lazy|slow rhythm|low cadence|slow-stepping|slow motion)\b',
     lambda m: m['frequency_hz'] < 2.15),
    (r'\b(springy|bouncy|light-footed|light feet|light on|ground only briefly|light touch)\b',
     lambda m: contact(m).mean() < 0.45),
    (r'\b(heavy feet|heavy-footed|heavy on|well-grounded|most of the time|long ground contact)\b',
     lambda m: contact(m).mean() >= 0.6),
    (r'\b(gallop\w*|greyhound)\b', lambda m: family_of(m) == 'bound' and speed(m) >= 0.52),
    (r'\b(creep(s|ing)?|sneak\w*|prowl\w*|slink\w*|stalk\w*|cat)\b',
     lambda m: speed(m) < 0.28 and m['body_height_m'] < 0.252 and m['swing_height_m'] < 0.072),
    (r'\b(strolls?|strolling|ambl\w+|saunter\w*)\b',
     lambda m: speed(m) < 0.52 and m['frequency_hz'] < 3.0),
    (r'\b(front-heavy|lean\w* on (the|its) front|front feet (stay )?down longer)\b',
     lambda m: contact(m)[:2].min() > contact(m)[2:].max()),
    (r'\b(rear-heavy|lean\w* on (the|its) hind|hind (feet|legs) (stay )?down longer)\b',
     lambda m: contact(m)[2:].min() > contact(m)[:2].max()),
    (r'\bleft feet (stay )?down longer\b',
     lambda m: min(contact(m)[[0, 2]]) > max(contact(m)[[1, 3]])),
    (r'\bright feet (stay )?down longer\b',
     lambda m: min(contact(m)[[1, 3]]) > max(contact(m)[[0, 2]])),
    (r'\brun(s|ning)?\b', lambda m: speed(m) >= 0.52 and contact(m).mean() < 0.45),
    *((rf'\bdrag\w* (the |its |a )?{name} (leg|foot)|{name} leg lag',
       lambda m, leg=leg: contact(m).argmax() == leg) for leg, names in enumerate(LEGS)
      for name in names),
    *((rf'\b(limp\w*|spar(e|ing)|easy) on (the |its )?{name}|\bspar(e|ing) the {name}',
       lambda m, leg=leg: contact(m).argmin() == leg) for leg, names in enumerate(LEGS)
      for name in names)]
NUMBERS = [
    (r'(\d\.\d+) (?:m/s|meters per second)', speed, 0.06),
    (r'(\d\.\d) Hz', lambda m: m['frequency_hz'], 0.06),
    (r'(\d\.\d) (?:steps|strides) (?:a|per) second', lambda m: m['frequency_hz'], 0.06),
    (r'(\d\.\d) rad/s', lambda m: abs(m['yaw_rate_rps']), 0.06),
    (r'(\d+) deg', lambda m: np.degrees(abs(m['yaw_rate_rps'])), 2.6),
    (r'(\d+)(?: percent|%)', lambda m: 100 * contact(m).mean(), 0.6),
    (r'[Ff]oot lift (\d+) cm', lambda m: 100 * m['swing_height_m'], 0.6),
    (r'body (?:is |at )?(\d+) cm', lambda m: 100 * m['body_height_m'], 0.6)]
UNCLEAN = re.compile(
    r'  |^\s|\s$|[\[\]{}|_]| [,.;:!?]|[,;:]{2}|,\.|\.\.|\bNone\b|\bnan\b|\b(\w+) \1\b|'
    r'\ba [aeiou]|\ban [^aeiou]|\b0\.0+ ', re.IGNORECASE)


@given(values=anything, seed=seeds)
@settings(max_examples=150, deadline=None)
def test_words_and_numbers_never_contradict_the_measures(values, seed):
    measures = dict(zip(MEASURE_NAMES, values))
    for text in written(measures, 12, seed):
        for pattern, holds in MEANING:
            found = re.search(pattern, text.lower())
            assert not found or holds(measures), f'{text!r}: {found[0]!r}'
        for pattern, value, tolerance in NUMBERS:
            for number in re.findall(pattern, text):
                assert float(number) == pytest.approx(value(measures), abs=tolerance), text


@given(values=anything, seed=seeds)
@settings(max_examples=100, deadline=None)
def test_captions_are_clean_and_name_the_measured_family_only(values, seed):
    measures = dict(zip(MEASURE_NAMES, values))
    found = captions(measures, 12, np.random.default_rng(seed))
    for caption in found:
        assert not UNCLEAN.search(caption.text), caption
        assert 0 < len(caption.text) < MAX_CAPTION_LENGTH
        expected = None if caption.template in FREE else family_of(measures)
        assert family_in_text(caption.text) == expected, caption
    assert len({caption.text for caption in found}) == len(found)


def test_every_family_has_words_and_the_first_of_them_fit_everywhere():
    assert tuple(GAIT_WORDS) == GAIT_FAMILIES
    for words in GAIT_WORDS.values():
        for first in (words.verbs[0], words.nouns[0], words.names[0], words.legs[0]):
            assert not (first.when or first.unless), first
        assert not words.verbs[0].tail
        assert any(not (animal.when or animal.unless) for animal in words.animals)


@pytest.mark.parametrize('template', TEMPLATES)
def test_every_template_can_be_written_for_every_family(template):
    for family in GAIT_PHASES:
        found = captions(behavior(family), 5, np.random.default_rng(0), templates=[template])
        assert [c.template for c in found] == [template] * 5
        assert all('{' not in c.text and '[' not in c.text for c in found)


def test_templates_are_many_unlike_and_used_in_turn():
    assert len(TEMPLATES) >= 60
    assert len({*TEMPLATES.values(), *FAILURE_TEMPLATES.values()}) == (
        len(TEMPLATES) + len(FAILURE_TEMPLATES))
    used = [c.template for c in captions(TYPICAL, len(TEMPLATES), np.random.default_rng(0))]
    assert sorted(used) == sorted(TEMPLATES)


def test_same_seed_same_captions_and_no_text_twice():
    assert written(TYPICAL) == written(TYPICAL)
    assert written(TYPICAL) != written(TYPICAL, seed=1)
    assert len(set(written(TYPICAL, 500))) == 500


def test_templates_that_only_give_long_texts_are_skipped():
    rng = np.random.default_rng(0)
    long = 'x' * MAX_CAPTION_LENGTH

    def write(name):
        return long if name == 'long' else f'{name} {rng.integers(1000)}'

    found = varied(['long', 'a', 'b'], 9, rng, write)
    assert len({caption.text for caption in found}) == 9
    assert {caption.template for caption in found} == {'a', 'b'}
    assert varied(['long'], 3, rng, write) == []


def test_a_text_comes_again_only_when_nothing_else_is_left():
    rng = np.random.default_rng(0)

    def write(name):
        return 'the only one' if name == 'one' else f'{name} {rng.integers(5)}'

    found = varied(['one', 'few'], 6, rng, write)
    assert len(set(found)) == 6
    again = varied(['one', 'few'], 20, rng, write)
    assert {Caption('the only one', 'one'), *(Caption(f'few {i}', 'few') for i in range(5))} \
        == set(again[:6]) == set(again)
    assert len(again) == 20


def test_every_trait_has_words_and_all_words_are_reached():
    rng, seen = np.random.default_rng(0), set()
    middle = [*[0.5] * 4, 2.5, 0.5, 0.5, 0.0, 0.28, 0.05, 0.3, 0.0, 0.0]
    for _ in range(6000):
        values = np.where(rng.random(13) < 0.5, rng.uniform(LOWEST, HIGHEST), middle)
        seen |= traits_of(dict(zip(MEASURE_NAMES, values)), rng).all_tags
    assert seen == {tag for tag in WORDS if not tag.endswith(' number')}
    assert {form for words in WORDS.values() for form in words} == set(FORMS)


@pytest.mark.parametrize(('family', 'change', 'words'), [
    ('trot', {'vx_mps': -0.4}, ['backward', 'in reverse']),
    ('trot', {'vx_mps': 0.8}, ['at high speed', 'fast']),
    ('trot', {'body_height_m': 0.23}, ['low', 'crouched']),
    ('trot', {'swing_height_m': 0.09}, ['prance', 'high steps']),
    ('bound', {'vx_mps': 0.8}, ['gallop']),
    ('pronk', {}, ['hop', 'jump', 'on all fours']),
    ('walk', {'body_height_m': 0.23, 'vx_mps': 0.2, 'frequency_hz': 2.0},
     ['creep', 'low to the ground', 'sneak', 'prowl']),
    ('trot', {'contact_rl': 0.65}, ['drag the left hind leg']),
    ('trot', {'contact_fr': 0.36}, ['limping on the right front leg']),
    ('trot', {'contact_rl': 0.62, 'contact_rr': 0.6}, ['rear-heavy', 'hind legs']),
    ('trot', {'yaw_rate_rps': 0.5}, ['in a curve to the left', 'turning left']),
    ('trot', {'vx_mps': 0.0, 'yaw_rate_rps': -0.5}, ['on the spot', 'spinning right']),
    ('trot', {}, ['at about 0.4 m/s', '2.5 steps a second', 'please', 'the dog'])])
def test_words_are_used_where_they_are_justified(family, change, words):
    texts = ' | '.join(written(behavior(family, **change), 1500)).lower()
    assert [word for word in words if word not in texts] == []


def test_a_family_without_a_plain_verb_is_named(monkeypatch):
    words = GAIT_WORDS['trot']
    tailed = [verb for verb in words.verbs if verb.tail]
    monkeypatch.setitem(GAIT_WORDS, 'trot', replace(words, verbs=tuple(tailed)))
    with pytest.raises(ValueError, match=r'family trot: no verb without a tail fits .*forward'):
        written(behavior('trot'))
    monkeypatch.setitem(GAIT_WORDS, 'trot', replace(words, verbs=()))
    with pytest.raises(ValueError, match='family trot: no verb fits'):
        written(behavior('trot'), templates=['order-keep-first'])


def test_behavior_that_cannot_be_described_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match='rhythm'):
        captions({**TYPICAL, 'phase_fr': float('nan')}, 1, rng)
    with pytest.raises(ValueError, match='missing: vx_mps'):
        captions({name: value for name, value in TYPICAL.items() if name != 'vx_mps'}, 1, rng)
    with pytest.raises(ValueError, match='unknown caption templates: no-such'):
        captions(TYPICAL, 1, rng, templates=['no-such'])


@pytest.mark.parametrize(('text', 'family'), [
    ('go forward quickly', None), ('outpace the boundary', None), ('TROT! Now!', 'trot'),
    ('move forward at a slow pace', None), ('keep up the brisk pace', None),
    ('walk at a steady pace', 'walk'), ('pace forward at a slow pace', 'pace'),
    ('keep the body low and pace forward', 'pace'), ('use a slow pace gait', 'pace'),
    ('go on at a walking pace', None), ('prance like a show horse', 'trot'),
    ('a fast gallop', 'bound'), ('hop on the spot', 'pronk'), ('creep low and quiet', 'walk'),
    ('not a trot but a walk', None), ('you are going to the left', None),
    ('it is bound to fall', None), ('bound to the left', 'bound'), ('house-bound', None),
    ('move like a camel', 'pace'), ('diagonally forward', None),
    ('move diagonal legs together', 'trot'), ('bounce forward on all fours', 'pronk'),
    ('a bouncy ride', None), ('go on all fours', None)])
def test_family_named_by_a_text(text, family):
    assert family_in_text(text) == family


LOST = {**TYPICAL, 'phase_fr': np.nan, 'phase_rl': np.nan, 'phase_rr': np.nan}


@pytest.mark.parametrize(('measures', 'survived', 'seconds', 'command', 'words'), [
    (LOST, 0.0, 0.8, None, ['falls over at once']),
    (TYPICAL, 0.0, 3.2, None, ['falls over after 3 seconds', 'tries to trot']),
    (TYPICAL, 0.5, 7.0, None, ['unsteady']),
    (LOST, 1.0, 10.0, None, ['stumbles without any rhythm', 'tries to keep going']),
    ({**TYPICAL, 'phase_rr': np.nan}, 1.0, 10.0, None, ['right hind']),
    ({**TYPICAL, 'swing_height_m': 0.01}, 1.0, 10.0, None, ['hardly lifts its feet']),
    ({**TYPICAL, 'body_height_m': 0.17}, 1.0, 10.0, None, ['sags']),
    ({**LOST, 'frequency_hz': np.nan, **dict.fromkeys(CONTACT_NAMES, 0.99)}, 1.0, 10.0, None,
     ['hardly takes a step']),
    ({**TYPICAL, 'vy_mps': -0.2}, 1.0, 10.0, (0.4, 0, 0), ['drifts off to the right']),
    ({**TYPICAL, 'yaw_rate_rps': 0.5}, 1.0, 10.0, (0.4, 0, 0), ['veers to the left']),
    (TYPICAL, 1.0, 10.0, (0.8, 0, 0), ['cannot keep its speed']),
    (TYPICAL, 1.0, 10.0, (-0.4, 0, 0), ['goes the wrong way']),
    (TYPICAL, 1.0, 10.0, (0.1, 0, 0), ['rushes off too fast']),
    ({**TYPICAL, 'vx_mps': 0.01}, 1.0, 10.0, (0.6, 0, 0), ['makes no headway'])])
def test_failures_are_named(measures, survived, seconds, command, words):
    found = failure_captions(measures, survived, seconds, 150, np.random.default_rng(0), command)
    texts = ' | '.join(caption.text for caption in found).lower()
    assert [word for word in words if word not in texts] == []
    assert {caption.template for caption in found} == set(FAILURE_TEMPLATES)
    assert not [c for c in found if UNCLEAN.search(c.text) or len(c.text) >= MAX_CAPTION_LENGTH]
    assert {family_in_text(caption.text) for caption in found} <= {None, family_of(measures)}


def test_no_failure_no_captions():
    rng = np.random.default_rng(0)
    assert failure_captions(TYPICAL, 1.0, 10.0, 8, rng, command=(0.4, 0, 0)) == []
    with pytest.raises(ValueError, match='unknown failure templates: order-plain'):
        failure_captions(TYPICAL, 0.0, 1.0, 8, rng, templates=['order-plain'])


@given(values=anything, survived=st.sampled_from([0.0, 0.3, 1.0]), seconds=st.floats(0, 10),
       lost=st.sets(st.sampled_from(MEASURE_NAMES)), seed=seeds)
@settings(max_examples=60, deadline=None)
def test_failure_captions_take_any_measures(values, survived, seconds, lost, seed):
    measures = {name: np.nan if name in lost else value
                for name, value in zip(MEASURE_NAMES, values)}
    found = failure_captions(measures, survived, seconds, 8, np.random.default_rng(seed),
                             command=(0.5, 0.0, 0.0))
    assert found or survived == 1
    assert not [c.text for c in found if UNCLEAN.search(c.text)]
