# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Sentence templates of captions, by id. An id keeps its meaning: archives store it.

Slots: ``{go}`` ``{goes}`` ``{going}`` a verb of the family with direction and speed; ``{does}``
``{doing}`` the bare verb; ``{move}`` ``{moves}`` ``{moving}`` direction and speed, no family;
``{gait}`` a noun with article and adjectives, ``{gaits}`` the same without article, ``{name}`` the
bare name; ``{legs}`` how the legs move; ``{like}`` an animal; ``{with}`` ``{ing}`` ``{keep}``
``{clause}`` ``{tags}`` details in the forms of :mod:`policy_gen_ros.domains.go2.gait.vocabulary`.
What stands in square brackets is left out when its slot has nothing to say.
"""

from __future__ import annotations

TEMPLATES = {
    # Orders.
    'order-plain': '{go}[ {with}]',
    'order-doing': '{go}[, {ing}]',
    'order-and': '{go}[ and {keep}]',
    'order-detail-first': '{with}, {go}',
    'order-keep-first': '{keep} and {go}',
    'order-use': 'use {gait} to {move}[, {ing}]',
    'order-switch': 'switch to {gait}[ {with}]',
    'order-change': 'change your gait to {gait} and {move}',
    'order-now': 'now {go}[, {ing}]',
    'order-start': 'start {going}[ {with}]',
    'order-keep-on': 'keep {going}[, {ing}]',
    'order-begin': 'begin to {go}[ {with}]',
    'order-try': 'try to {go}[ and {keep}]',
    'order-called': 'Go2, {go}[ {with}]',
    'order-robot': '{go}[ {with}], robot',
    'order-until': '{go}[ {with}] until I say stop',
    'order-lets': "let's {go}[ {with}]",
    'order-sentences': '{move}. use {gait}[. {keep}].',
    'order-next': 'next, {go}[ {with}]',
    'order-show-how': 'show me how you {go}[ {with}]',
    'order-give': 'give me {gait}[ {with}]',
    'order-time': 'time to {go}[ {with}]',
    'order-in-gait': '{move} in {gait}[, {ing}]',
    'order-gerund-last': '{move}, {doing}[ {with}]',
    'order-legs': '{go}, {legs}',
    'order-legs-only': 'with {legs}, {move}',

    # Requests.
    'ask-please': 'please {go}[ {with}]',
    'ask-please-last': '{go}[ {with}], please',
    'ask-can': 'can you {go}[ {with}]?',
    'ask-could': 'could you please {go}[ and {keep}]?',
    'ask-mind': 'would you mind {going}[ {with}]?',
    'ask-would-like': "I'd like you to {go}[, {ing}]",
    'ask-want': 'I want to see {gait}[ {with}]',
    'ask-love': 'I would love to see you {go}[ {with}]',
    'ask-how-about': 'how about {gait}[ {with}]?',
    'ask-what-about': 'what about {going}[, {ing}]?',
    'ask-why': "why don't you {go}[ {with}]?",
    'ask-need': 'I need you to {go}; {keep}',

    # Said to somebody else about the robot.
    'let-make': 'make the dog {go}[ {with}]',
    'let-it': 'let it {go}[, {ing}]',
    'let-have': 'have the robot {go}[ {with}]',
    'let-should': 'the robot should {go}[ and {keep}]',
    'let-want': 'I want the dog to {go}[ {with}]',
    'let-must': 'the dog has to {go}[, {ing}]',
    'let-get': 'get the robot to {go}[ {with}]',
    'let-move': 'let the Go2 {move} in {gait}[ {with}]',
    'let-need': 'we need the robot {going}[, {ing}]',
    'let-goal': 'the goal is {gait}[ {with}]',
    'let-wanted': 'wanted: a robot dog that {goes}[ {with}]',

    # Descriptions.
    'tell-dog': 'the dog {goes}[ {with}]',
    'tell-is': 'the robot is {going}[, {ing}]',
    'tell-quadruped': 'a quadruped {going}[ {with}]',
    'tell-that': 'a robot dog that {goes}[, {ing}]',
    'tell-semicolon': 'it {goes}; {clause}',
    'tell-while': '{clause} as it {goes}',
    'tell-moves': 'it {moves} in {gait}[, {ing}]',
    'tell-legs': 'the Go2 {goes}, {legs}',
    'tell-gerund': '{going}[ {with}]',
    'tell-noun': '{gait}[ {with}]',
    'tell-gait-is': 'its gait is {gait}[ and {clause}]',
    'tell-moving': '{moving}, the robot {does}[ {with}]',
    'tell-two': 'the dog {moves}. it {does}[ and {clause}].',

    # Comparisons.
    'like-order': '{go} {like}',
    'like-first': '{like}, {go}[ {with}]',
    'like-tell': 'the dog {goes} {like}[, {ing}]',
    'like-gait': '{move} {like}, in {gait}',

    # Telegraphic.
    'note-name': '{name}[, {tags}]',
    'note-tags-first': '{tags}, {name}',
    'note-field': 'gait: {name}[; {tags}]',
    'note-adjectives': '{gaits}[, {tags}]',
    'note-dash': '{name} - {tags}',
    'note-mode': '{name} mode[, {tags}]',
    'note-shout': '{name}! {keep}!',

    # Without a gait: what is left open stays open.
    'free-move': '{move}[ {with}]',
    'free-keep': '{keep} and {move}',
    'free-dog': 'the dog {moves}[, {ing}]',
    'free-please': 'please {move}[ {with}]'}

FAILURE_TEMPLATES = {
    'trouble-dog': 'the dog {fails}',
    'trouble-it': 'it {fails}',
    'trouble-robot': 'the robot is {failing}',
    'trouble-that': 'a robot dog that {fails}',
    'trouble-tries': 'it tries to {try} but {fails}',
    'trouble-attempt': 'a clumsy attempt at {attempt}: it {fails}',
    'trouble-half': 'a half-trained policy that {fails}',
    'trouble-foal': 'like a newborn foal, the dog {fails}',
    'trouble-learner': 'still learning to move, the robot {fails}',
    'trouble-wrong': 'something is wrong: the dog {fails}',
    'trouble-bad': 'bad {gait}: {failing}',
    'trouble-label': 'trouble: {tags}',
    'trouble-tags': '{tags}',
    'trouble-not-ready': 'this gait is not ready: the robot {fails}'}
