# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Contradictions are named, and captions contradict neither themselves nor their measures."""

from hypothesis import example, given, settings
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.gait.captions import captions
from policy_gen_ros.domains.go2.gait.contradictions import contradictions
from policy_gen_ros.domains.go2.gait.measures import GAIT_PHASES, MEASURE_NAMES, PHASE_NAMES
from policy_gen_ros.domains.go2.gait.templates import TEMPLATES
from policy_gen_ros.domains.go2.gait.text_reading import read_text
from policy_gen_ros.domains.go2.gait.traits import CONTACT, HEIGHT, SPEED, SWING, TEMPO
from policy_gen_ros.domains.go2.gait.vocabulary import WORDS
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX
import pytest

LOWEST = [0.1, 0.1, 0.1, 0.1, 0.8, 0, 0, 0, 0.12, 0.0, -1.2, -0.8, -2.0]
HIGHEST = [0.95, 0.95, 0.95, 0.95, 5.0, 1, 1, 1, 0.4, 0.2, 1.6, 0.8, 2.0]
anything = st.tuples(*(st.floats(low, high) for low, high in zip(LOWEST, HIGHEST)))
FORMS = ('with', 'ing', 'keep', 'clause', 'tag', 'path')
"""Those that can stand alone."""
CONTACTS = MEASURE_NAMES[:4]


def phases(family):
    return dict(zip(PHASE_NAMES, GAIT_PHASES[family]))


@given(values=anything, seed=st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_a_caption_contradicts_neither_itself_nor_its_measures(values, seed):
    measures = dict(zip(MEASURE_NAMES, values))
    for caption in captions(measures, 12, np.random.default_rng(seed)):
        assert contradictions(read_text(caption.text), measures) == [], caption


@given(values=anything, said=st.sets(st.sampled_from(MEASURE_NAMES)),
       seed=st.integers(0, 2**32 - 1))
@example(values=(*[0.5] * 4, 1.0, 0.0, 0.4375, 0.0, 0.25, *[0.0] * 4), said={'phase_rl'}, seed=0)
@settings(max_examples=100, deadline=None)
def test_leaving_measures_out_contradicts_nothing(values, said, seed):
    measures = dict(zip(MEASURE_NAMES, values))
    # A vx without a vy is all of the speed, so here one is not left out without the other.
    some = {name: measures[name] for name in said | ({'vy_mps'} if 'vx_mps' in said else set())}
    for caption in captions(measures, 8, np.random.default_rng(seed)):
        assert contradictions(read_text(caption.text), some) == [], caption


def test_captions_of_the_shipped_archive_contradict_nothing():
    index = Archive(SHIPPED_INDEX)
    actor, behavior = np.nonzero(index.qualified)
    picked = np.random.default_rng(0).choice(len(actor), 400, replace=False)
    for i, j in zip(actor[picked], behavior[picked]):
        measures = dict(zip(MEASURE_NAMES, index.measures[i, j].tolist()))
        for caption in index.captions[i][j]:
            assert contradictions(read_text(caption.text), measures) == [], caption


@pytest.mark.parametrize(('name', 'classes', 'extremes'), [
    ('vx_mps', SPEED, (0.1, 1.2)), ('frequency_hz', TEMPO, (1.6, 3.8)),
    ('body_height_m', HEIGHT, (0.21, 0.33)), ('swing_height_m', SWING, (0.01, 0.12)),
    ('contacts', CONTACT, (0.35, 0.75))])
def test_all_words_of_a_class_contradict_measures_at_the_other_end(name, classes, extremes):
    checked = 0
    for words, value in ((classes[-1][1], extremes[0]), (classes[0][1], extremes[1])):
        measures = dict.fromkeys(CONTACTS, value) if name == 'contacts' else {name: value}
        for phrase in (choice for tag in words for form in FORMS
                       for choice in WORDS[tag].get(form, ())):
            found = contradictions(read_text(f'trot forward, {phrase}'), measures)
            assert found, (phrase, value)
            assert all(phrase.removeprefix('the ').removeprefix('a ') in line for line in found)
            checked += 1
    assert checked > 20


@pytest.mark.parametrize(('text', 'measures', 'words'), [
    ('trot fast', {'vx_mps': 0.1}, ['fast', 'vx_mps = 0.1']),
    ('slowly forward', {'vx_mps': 0.9}, ['slowly', 'vx_mps = 0.9']),
    ('trot', phases('pace'), ["'trot'", 'those of a pace']),
    ('bound', {'phase_fr': 0.5, 'phase_rl': 0.0}, ["'bound'", 'those of a pace']),
    ('trot and pace', None, ['several gaits: trot and pace']),
    ('hop like a camel', None, ['several gaits: pace and pronk']),
    ('fast and slow', None, ["'fast'", "'slow'"]),
    ('gallop slowly', None, ["'gallop'", "'slowly'"]),
    ('crawl, standing tall', None, ["'crawl'", "'standing tall'"]),
    ('turn left and turn right', None, ["'turn left'", "'turn right'"]),
    ('turning left', {'yaw_rate_rps': -0.5}, ['yaw_rate_rps = -0.5']),
    ('walk forward', {'vx_mps': -0.3}, ['vx_mps = -0.3']),
    ('walk forward on the spot', None, ["'forward'", "'on the spot'"]),
    ('go sideways to the left', {'vy_mps': -0.3}, ['vy_mps = -0.3']),
    ('walk at 0.8 m/s', {'vx_mps': 0.3}, ['0.8 m/s', 'vx_mps = 0.3']),
    ('walk slowly at 0.8 m/s', None, ["'slowly'", '0.8 m/s']),
    ('about three steps a second', {'frequency_hz': 1.8}, ['three steps', 'frequency_hz = 1.8']),
    ('trot with small steps', {'vx_mps': 1.2, 'frequency_hz': 2.0}, ['small steps'])])
def test_contradictions_are_named(text, measures, words):
    found = contradictions(read_text(text), measures)
    assert len(found) == 1
    assert [word for word in words if word not in found[0]] == []


@pytest.mark.parametrize(('text', 'measures'), [
    ('walk slowly with fast steps', {'vx_mps': 0.1}), ('low body, high steps, fast', None),
    ('go at a walking pace', phases('bound')), ('trot at a slow pace', phases('trot')),
    ('not a trot but a walk', phases('walk')), ('in no hurry', {'vx_mps': 0.1}),
    ("why don't you walk slowly?", {'vx_mps': 0.1}), ('never fast, always slowly', None),
    ('a slow trot', {'vx_mps': 0.3}), ('a trot at medium speed', {'vx_mps': 0.55}),
    ('the weather is nice', {'vx_mps': 0.5}), ('', None), (None, {'vx_mps': 0.5}),
    ('trot', {'phase_fr': 0.45, 'phase_rl': 0.55, 'phase_rr': 0.95}),
    ('walk', {'phase_fr': 0.5}), ('bound', {'phase_fr': 0.45}), ('fast', {'vy_mps': 0.2}),
    ('sideways left, fast', {'vx_mps': 0}), ('long ground contact', {'contact_fl': 0.3})])
def test_what_can_be_true_at_once_is_no_contradiction(text, measures):
    assert contradictions(read_text(text or ''), measures) == []


def test_no_template_brings_a_contradiction_of_its_own():
    measures = dict(zip(MEASURE_NAMES, [*[0.5] * 4, 2.5, 0.5, 0.5, 0, 0.28, 0.05, 0.8, 0, 0]))
    for template in TEMPLATES:
        found = captions(measures, 3, np.random.default_rng(0), templates=[template])
        assert [contradictions(read_text(caption.text), None) for caption in found] == [[]] * 3
