# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Labelled sentences become classes, and none of the blind test set is among them."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.domains.go2.gait.attributes import ATTRIBUTES, INTENT
from policy_gen_ros.goals.language.reading import ONE, ORDER, STEPS, SWAPPED
import pytest
import yaml

ROOT = Path(__file__).parents[2]
BLIND = ROOT / 'policy_gen_ros/domains/go2/gait/language_test.yaml'


@pytest.fixture(scope='module')
def tool() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / 'tools'))
        yield importlib.import_module('reader_corpus')


def classes(tool: Any, **row: Any) -> dict[str, str]:
    row = {'text': 'a text', 'kind': 'plain', 'lang': 'en', **row}
    return dict(tool.example(row).classes)


def test_what_a_sentence_does_not_say_is_a_class_too(tool: Any) -> None:
    found = classes(tool, expect={'gait': 'trot', 'vx': 'backward', 'not_gait': ['pace']})
    assert (found['gait'], found['vx'], found['not_pace']) == ('trot', 'backward', 'yes')
    assert (found['yaw'], found['speed'], found[INTENT]) == ('none', 'none', 'walk')
    assert found.keys() == ATTRIBUTES.keys()


def test_what_numbers_say_is_left_to_the_grammar(tool: Any) -> None:
    found = classes(tool, expect={'values': {'speed': 0.5}, 'turn_deg': 90})
    assert not found.keys() & {'speed', 'change_speed', 'yaw'}


def test_changes_rests_and_refusals(tool: Any) -> None:
    found = classes(tool, current={'gait': 'trot'}, expect={'change': {'speed': 'up'}})
    assert (found['relative'], found['change_speed'], found['speed']) == ('yes', 'up', 'none')
    assert classes(tool, expect={'rest': 'lie_down'}) == {INTENT: 'lie down', ORDER: ONE}
    # Who wrote about rest did not label how it is to walk.
    assert classes(tool, kind='rest', expect={}) == {INTENT: 'walk'}
    assert classes(tool, kind='off_topic', expect={'refuse': True}) == {
        INTENT: 'neither', ORDER: ONE}
    assert tool.example({'text': 'a', 'kind': 'order', 'expect': {'steps': []}}) is None
    with pytest.raises(ValueError, match='unknown gait'):
        classes(tool, expect={'gait': 'canter'})


def test_a_sequence_knows_its_parts_and_their_order(tool: Any) -> None:
    text, parts = 'before you bound, trot', ['trot', 'bound']
    expect = {'steps': [{'gait': 'trot'}, {'gait': 'bound'}]}
    found = tool.example({'text': text, 'kind': 'order', 'expect': expect, 'parts': parts})
    assert (found.classes, found.parts) == ({ORDER: SWAPPED}, ('trot', 'bound'))


def test_composed_sequences_say_in_which_order_their_parts_come(tool: Any) -> None:
    known = [tool.Example('trot, then pace', {ORDER: STEPS}, 'order', ('trot', 'pace', 'bound'))]
    found = tool.composed(known, 60, np.random.default_rng(0))
    assert {item.classes[ORDER] for item in found} == {STEPS, SWAPPED}
    for item in found:
        swapped = item.text.startswith('before') or 'first' in item.text[4:] \
            or 'after you' in item.text
        assert (item.classes[ORDER] == SWAPPED) == swapped, item.text
        assert [*item.parts] == sorted(item.parts, key=item.text.index)


def test_two_sentences_are_joined_only_where_they_agree(tool: Any) -> None:
    known = [tool.example({'text': f'{gait} {speed}', 'kind': 'plain',
                           'expect': {'gait': gait, 'speed': speed}})
             for gait in ('trot', 'pace') for speed in ('slow', 'fast')]
    for item in tool.joined(known, 50, np.random.default_rng(0)):
        assert item.classes['gait'] in item.text
        assert not ('trot' in item.text and 'pace' in item.text)
        assert not ('slow' in item.text and 'fast' in item.text)


def test_typing_errors_leave_the_classes_and_short_words(tool: Any) -> None:
    known = [tool.Example('go at a trot, slowly', {'gait': 'trot'}, 'plain'),
             tool.Example('慢慢走', {'speed': 'slow'}, 'plain')]
    for item in tool.misspelt(known, 50, np.random.default_rng(0)):
        assert item.classes == {'gait': 'trot'} and item.text != known[0].text
        assert item.text.startswith('go at a t')
        assert abs(len(item.text) - len(known[0].text)) <= 2


def test_nothing_is_trained_on_what_is_measured_on(tool: Any) -> None:
    blind = [tool.Example(row['text'].upper() + '!', {}, 'plain')
             for path in (BLIND, *tool.DEVELOPMENT.glob('*.yaml'), *tool.AUTHORS_HELD_OUT)
             for row in yaml.safe_load(path.read_text())]
    assert len(blind) > 3000
    other = tool.Example('a sentence that nobody else wrote', {}, 'plain')
    assert tool.without_held_out([*blind, other]) == [other]
    files = sorted({*tool.SENTENCES.glob('*.yaml')} - {*tool.AUTHORS_HELD_OUT})
    rows = [row for file in files for row in yaml.safe_load(file.read_text())]
    assert len(rows) > 20000
    said = [tool.Example(text, {}, 'plain') for text in {row['text'].casefold() for row in rows}]
    assert len(tool.without_held_out([*blind, *said])) > 0.98 * len(said)
