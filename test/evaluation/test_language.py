# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The test set of sentences: what holds is counted, what does not is listed."""

import json
import math

import numpy as np
from policy_gen_ros.commands.evaluate_options import LANGUAGE_TEST
from policy_gen_ros.commands.main import main
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult
from policy_gen_ros.evaluation.studies import language
from policy_gen_ros.evaluation.studies.language_checks import check, Walked
import pytest

SENTENCES = """
- {text: "trot forward slowly", kind: plain, lang: en,
   expect: {gait: trot, vx: forward, speed: slow}}
- {text: "trot forward slowly", kind: wrong, lang: en, expect: {gait: pronk}}
- {text: "stop", kind: rest, lang: en, expect: {rest: stand}}
- {text: "do a backflip", kind: impossible, lang: en, expect: {refuse: true}}
- {text: "schneller", kind: languages, lang: de, expect: {change: {speed: up}, keep: [gait]},
   current: {gait: trot, speed: 0.4, direction: forward, frequency: 2.5, body_height: 0.28,
             swing_height: 0.06}}
"""


def test_sentences_are_walked_and_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(language, 'SEEDS', 2)
    monkeypatch.setattr(language, 'WALK_S', 4.0)
    (tmp_path / 'few.yaml').write_text(SENTENCES)
    result = tmp_path / 'result.json'
    assert main(['evaluate', '--language', str(tmp_path / 'few.yaml'), '--json', str(result),
                 '--output', str(tmp_path / 'new' / 'folder')]) == 0
    scores = json.loads(result.read_text())
    right = {kind: score['right'] for kind, score in scores['language'].items()}
    assert right['plain'] == right['rest'] == right['impossible'] == right['de'] == 1.0
    assert right['wrong'] == 0.0
    assert [missed['kind'] for missed in scores['missed']] == ['wrong']
    assert 'plain' in (tmp_path / 'new' / 'folder' / 'language.md').read_text()


def test_the_shipped_sentences_have_known_labels():
    sentences = language.load_sentences(LANGUAGE_TEST)
    assert len(sentences) == len({sentence.text for sentence in sentences}) >= 600
    assert all(sentence.expect for sentence in sentences)


def walked(**measures):
    trot = {'vx_mps': 0.5, 'vy_mps': 0.0, 'yaw_rate_rps': 0.0, 'frequency_hz': 2.5,
            'body_height_m': 0.28, 'swing_height_m': 0.06, 'phase_fr': 0.5, 'phase_rl': 0.5,
            'phase_rr': 0.0}
    return Walked(EpisodeResult(True, 8.0, (0.5, 0.0, 0.0), trot | measures,
                                np.zeros((0, 42)), 1.0), ())


@pytest.mark.parametrize(('expect', 'seconds', 'holds'), [
    ({'values': {'speed': 0.5}}, None, True), ({'values': {'speed': 0.7}}, None, False),
    ({'at_most': {'speed': 0.3}}, None, False), ({'vx': 'backward'}, None, False),
    ({'not_gait': ['trot']}, None, False), ({'distance_m': 2.0}, 4.0, True),
    ({'distance_m': 2.0}, 8.0, False), ({'distance_m': 2.0}, None, False),
    ({'count': 10}, 2.0, True), ({'rest': 'stand'}, None, False)])
def test_what_is_expected_is_checked(expect, seconds, holds):
    assert check(expect, [(None, walked(), seconds)], (), False, None, {'speed': 0.3}) is holds


def test_turns_are_signed():
    plan = [(None, walked(yaw_rate_rps=-math.pi / 4), 2.0)]
    assert not check({'turn_deg': 90}, plan, (), False, None, {})
    assert check({'turn_deg': -90}, plan, (), False, None, {})
