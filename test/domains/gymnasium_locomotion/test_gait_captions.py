# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Captions of gaits, and what goals in words say."""

import numpy as np
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.ant.robot import ANT
import pytest

LANGUAGE = find_domain('halfcheetah').captions


@pytest.fixture(params=['halfcheetah', 'walker2d', 'ant', 'humanoid'])
def domain(request):
    return find_domain(request.param)


def random_measures(domain, count, seed=0):
    rng = np.random.default_rng(seed)
    contact = rng.uniform(0, 1, (count, len(domain.robot.feet)))
    rows = np.column_stack([contact, rng.uniform(-3, 6, count)])
    return [dict(zip(domain.measures.names, row.tolist())) for row in rows]


def test_captions_agree_with_what_was_measured(domain):
    language, rng, named = domain.captions, np.random.default_rng(0), 0
    for measures in random_measures(domain, 150):
        gait = str(domain.label(domain.measures.array(measures)))
        for caption in language.write(measures, len(language.templates), rng):
            reading = language.read(caption.text)
            assert language.contradictions(reading, measures) == [], caption.text
            assert set(reading.groups) <= {gait}, caption.text
            assert language.failure(caption.text) is None, caption.text
            named += bool(reading.groups)
    assert named > 0.4 * 150 * len(language.templates)


def test_every_template_comes_once_before_any_comes_again(domain):
    language = domain.captions
    captions = language.write(random_measures(domain, 1)[0], len(language.templates),
                              np.random.default_rng(1))
    assert sorted(caption.template for caption in captions) == sorted(language.templates)
    assert len({caption.text for caption in captions}) == len(captions)


def test_most_details_of_most_captions_can_be_read_back(domain):
    rng = np.random.default_rng(2)
    said = [domain.captions.phrases(caption.text) for measures in random_measures(domain, 50)
            for caption in domain.captions.write(measures, 10, rng)]
    assert np.mean([len(items) > 0 for items in said]) > 0.8


@pytest.mark.parametrize(('text', 'gaits'), [
    ('Hop slowly forward on the back foot', ['back foot']),
    ('gallop quickly with both feet', ['both feet']),
    ('with the back foot mostly on the ground, move forward', []),
    ('move with both feet in the air', []), ('run with both feet', ['both feet']),
    ('slide without using the feet', ['neither foot']),
    ('hop on the front leg, then on the hind leg', ['back foot', 'front foot'])])
def test_gaits_are_read_in_texts(text, gaits):
    assert list(LANGUAGE.read(text).groups) == gaits


@pytest.mark.parametrize(('text', 'measures', 'found'), [
    ('hop forward', {'vx_mps': 5.0}, None),
    ('hop forward', {'vx_mps': -2.0}, "says 'forward', the measures say vx_mps = -2"),
    ('slowly forward and quickly backward', None, "'quickly backward'"),
    ('drag the front foot', {'contact_front': 0.1}, 'contact_front = 0.1'),
    ('drag the front foot', {'contact_back': 0.1}, None),
    ('run with the front foot down 80 percent of the time', {'contact_front': 0.5},
     'contact_front = 0.5'),
    ('holding the rear foot up and keep the back foot mostly on the ground', None, 'text says'),
    ('hop on the back foot and on the front foot', None, 'several gaits'),
    ('make me a sandwich', {'vx_mps': 1.0}, None), (None, {'vx_mps': 1.0}, None)])
def test_what_cannot_be_true_at_once_is_named(text, measures, found):
    sentences = LANGUAGE.contradictions(LANGUAGE.read(text or ''), measures)
    assert (not sentences) if found is None else found in '\n'.join(sentences)


@pytest.mark.parametrize(('text', 'gaits', 'measures'), [
    ('crawl slowly forward on three legs', ['three feet'], set()),
    ('run on the hind legs with the front feet off the ground', ['back feet'],
     {'contact_front_left', 'contact_front_right'}),
    ('drag the left hind foot', [], {'contact_back_left'}),
    ('walk on all fours, keeping the left feet mostly down', ['all feet'],
     {'contact_front_left', 'contact_back_left'}),
    ('hop on one foot with all feet in the air', ['one foot'], set(ANT.contact_names))])
def test_several_of_four_feet_are_read_together(text, gaits, measures):
    reading = find_domain('ant').captions.read(text)
    assert list(reading.groups) == gaits
    assert {item.measure for item in reading.constraints} - {'vx_mps'} == measures


def test_feet_that_do_the_same_are_named_together():
    language, rng = find_domain('ant').captions, np.random.default_rng(0)
    contact = dict(zip(ANT.contact_names, (0.7, 0.3, 0.7, 0.0)))
    texts = [caption.text for _ in range(20)
             for caption in language.write({**contact, 'vx_mps': 1.0}, 8, rng)]
    assert any('left feet' in text for text in texts)
    assert not any(words in text for text in texts for words in ('front feet', 'all feet'))


def test_measures_that_are_missing_and_unknown_templates_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match='missing: vx_mps'):
        LANGUAGE.write({'contact_back': 0.5, 'contact_front': 0.5}, 1, rng)
    with pytest.raises(ValueError, match='unknown caption templates: order-nothing'):
        LANGUAGE.write({'contact_back': 0.5, 'contact_front': 0.5, 'vx_mps': 1.0}, 1, rng,
                       ['order-nothing'])


@pytest.mark.parametrize(('name', 'text', 'words'), [
    ('walker2d', 'walk a little, then fall over', 'fall over'), ('walker2d', 'walk tall', None),
    ('halfcheetah', 'fall over', None)])
def test_words_that_ask_for_a_failure_are_found_where_a_robot_can_fall(name, text, words):
    assert find_domain(name).captions.failure(text) == words
