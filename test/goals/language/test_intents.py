# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What texts ask for, by words alone and with the classifier."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.intents import Intent, RestError
from policy_gen_ros.goals.language.lexicon import fold
from policy_gen_ros.goals.language.understanding import understand
from policy_gen_ros.goals.sequence import parse_sequence, understand_words
import pytest

HELD_OUT = Path(__file__).with_name('held_out_intents.json')
STAND = ('stnad still', "why won't you stand still?", 'walk to the door and then stop',
         'hold your body still', 'stop',
         'STOP NOW', 'stop!', 'stop walking', 'wait', 'hold still', 'hold position',
         "don't move", 'stand up', 'freeze', 'stay there', 'S.T.O.P.', 'stoooop',
         'trot and stop', 'bleib stehen',
         'ne bouge pas', 'quieto', 'non muoverti', 'fique parado', 'sta stil', 'rör dig inte',
         'nie ruszaj się', 'olduğun yerde kal', 'стой',
         '别动', '止まれ', 'Stop! You are walking into the wall')
LIE_DOWN = ('ly down', 'put your belly on the rug', 'sit',
            'lie down', 'setz dich', 'couché', 'siéntate', 'otur', 'сидеть', '坐下',
            'お座り')
EMERGENCY = ('the motor is burning', "help, it's attacking me", 'spegni subito i motori',
             'e-stop', 'Emergency!', 'abort', 'Notaus', "arrêt d'urgence", '紧急停止')
WALK = ('hold your head high and trot', 'stop being so slow, trot', "why don't you walk on?",
        'freeze your upper body and trot', 'stand up and start walking', 'who told you to stop?',
        'halte den Rücken ruhig und trabe', 'garde le dos droit et marche', 'trot forward',
        'do not stop, keep trotting', 'trot non-stop', 'walk standing tall',
        'stand tall and walk', 'walk until I say stop', 'stop pacing, trot',
        'walk, do not trot',
        "don't stop", 'trotte sans pause', 'sin parar', '不要停',
        '止まらないで', 'не останавливайся')


@pytest.mark.parametrize(('intent', 'texts'), [
    (Intent.STAND, STAND), (Intent.LIE_DOWN, LIE_DOWN), (Intent.EMERGENCY, EMERGENCY),
    (Intent.WALK, WALK), (Intent.NEITHER, ('buy milk and eggs', 'das Wetter ist schön'))])
def test_what_texts_ask_for(intent: Intent, texts: tuple[str, ...]) -> None:
    assert {text: understand(text).intent for text in texts} == dict.fromkeys(texts, intent)


@pytest.mark.parametrize('text', ['plod', 'stomp!', 'ok, skulk', 'traipse, please', 'lumber'])
def test_who_only_names_a_way_to_walk_wants_no_rest(text: str) -> None:
    sure_of_rest = dict.fromkeys(Intent, 0.01) | {Intent.STAND: 0.95}
    assert understand(text, sure_of_rest).intent is Intent.WALK
    assert understand(f'{text} until tomorrow', sure_of_rest).intent is Intent.STAND


def test_a_trick_is_neither_rest_nor_emergency() -> None:
    sure_of_rest = dict.fromkeys(Intent, 0.01) | {Intent.EMERGENCY: 0.95}
    assert understand('shake hands', sure_of_rest).intent is Intent.EMERGENCY
    assert understand('shake hands', sure_of_rest, trick=True).intent is Intent.WALK


@pytest.mark.parametrize(('text', 'intent'), [
    ('sit and stay', Intent.LIE_DOWN), ('lie down, wait', Intent.LIE_DOWN),
    ('sit down and hold still', Intent.LIE_DOWN), ('stop, sit, and wait', Intent.LIE_DOWN),
    ('couché, ne bouge plus', Intent.LIE_DOWN), ('siéntate y espera', Intent.LIE_DOWN),
    ('Platz! Und bleib!', Intent.LIE_DOWN), ('坐下, 别动', Intent.LIE_DOWN),
    ('up!', Intent.STAND), ('ok, get up now', Intent.STAND),
    ('get up and trot', Intent.WALK), ('sit and stand up', Intent.STAND),
    ('sit, no, get to standing', Intent.STAND),
    ('lie down, abort', Intent.EMERGENCY), ('sit, stay, then trot', Intent.WALK)])
def test_who_is_told_to_lie_down_and_stay_does_not_stand_up(text: str, intent: Intent) -> None:
    assert understand(text).intent is intent


@given(st.text(max_size=300))
def test_any_text_is_understood(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert 0 <= understand(text).confidence <= 1.000001


@pytest.mark.parametrize('text', ['stop now', 'wait for 0.1 s', 'stop ' * 200, 'stop falling'])
def test_nothing_else_that_is_wrong_with_a_text_keeps_it_from_stopping(text: str) -> None:
    (step,) = parse_sequence(text).steps
    assert step.goal is None and step.intent is Intent.STAND


def test_steps_rest_too_and_nobody_walks_after_lying_down() -> None:
    sequence = parse_sequence('trot for 2 s, then sit down, then pace')
    assert [step.intent for step in sequence.steps] == [Intent.WALK, Intent.LIE_DOWN]
    assert sequence.remarks == ("'pace' is left out: it comes after 'lie down'",)
    assert parse_sequence('trot forward, then stop now').steps[-1].intent is Intent.STAND
    for intent in (Intent.STAND, Intent.LIE_DOWN, Intent.EMERGENCY):
        assert parse_sequence(intent.value).steps[0].intent is intent


@pytest.mark.parametrize(('text', 'service'), [
    ('stop now', 'stop'), ('lie down', 'lie_down'), ('e-stop', 'damp')])
def test_no_actor_is_made_of_rest(text: str, service: str) -> None:
    with pytest.raises(RestError, match=rf'^{text!r} asks .*locomotion_controller/{service}$'):
        PolicyGenerator.load().generate(Goal(text=text, measures={'vx_mps': 0.4}))


@pytest.mark.parametrize(('with_reader', 'missed', 'refused', 'rested'), [
    (True, 6, 31, 29), (False, 16, 77, 35)])
def test_held_out_texts(with_reader: bool, missed: int, refused: int, rested: int) -> None:
    """
    What somebody else wrote; never trained on.

    Wanted: no missed rest, and at most 2 % of the walks taken for rest. Reached, and not to get
    worse, see docs/intents.md: 6 of 200 missed, and of 400 walks 31 refused, 29 of them as rest.
    """
    held_out = json.loads(HELD_OUT.read_text(encoding='utf-8'))
    texts = {kind: [entry['text'] for entry in held_out[kind]] for kind in ('rest', 'walk')}
    assert (len(texts['rest']), len(texts['walk'])) == (200, 400)
    decide = PolicyGenerator.load().understand if with_reader else understand_words
    intents = {kind: [decide(text).intent for text in phrases] for kind, phrases in texts.items()}
    assert sum(not intent.rests for intent in intents['rest']) <= missed
    assert sum(intent is not Intent.WALK for intent in intents['walk']) <= refused
    assert sum(intent.rests for intent in intents['walk']) <= rested
