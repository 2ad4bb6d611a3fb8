# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Words for what robots do with their feet. Captions are made of them, and goals are read by them.

``{foot}`` stands for a foot, or for several where they do the same. A class spans the values
between its bounds; what a text says by one of its words may be off by as much as neighbouring
classes are alike (``SLACK``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class Words:
    """
    Words for values of a measure between two bounds.

    :param after: in the grammatical forms that templates take
    :param more: other words that mean the same in a goal
    """

    low: float
    high: float
    after: dict[str, tuple[str, ...]]
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """
    Words that are a robot's own.

    :param name: what texts call the robot
    :param feet: names of each foot, by its contact measure
    :param together: names of several feet, by their contact measures; those of all feet are the
        first
    :param verbs: orders, third persons and gerunds, by gait
    :param tails: what captions say of the feet of each gait; ``more_tails``: other words that mean
        it in a goal
    :param gait_verbs: verbs that only one gait has and that mean it without its feet
    :param failures: words that ask for a failure
    :param on_topic: texts about behaviour in other words than captions
    """

    name: str
    feet: Mapping[str, tuple[str, ...]]
    together: Mapping[tuple[str, ...], tuple[str, ...]]
    verbs: Mapping[str, tuple[tuple[str, str, str], ...]]
    tails: Mapping[str, tuple[str, ...]]
    more_tails: Mapping[str, tuple[str, ...]]
    gait_verbs: Mapping[str, str]
    failures: tuple[str, ...]
    on_topic: tuple[str, ...]

    @property
    def templates(self) -> dict[str, str]:
        """Sentence templates by id."""
        return {key.replace('<robot>', self.name): text.replace('<robot>', self.name)
                for key, text in _TEMPLATES.items()}


CONTACT_SLACK, SPEED_SLACK = 0.12, 0.5
CONTACT = (
    Words(0.0, 0.08, {
        'with': ('{foot} off the ground', '{foot} in the air'),
        'ing': ('holding {foot} up', 'keeping {foot} off the ground'),
        'keep': ('hold {foot} up', 'keep {foot} in the air')},
        ('without touching the ground with {foot}',)),
    Words(0.08, 0.25, {
        'with': ('{foot} rarely on the ground', 'few touches of {foot}'),
        'ing': ('hardly touching down with {foot}', 'rarely using {foot}'),
        'keep': ('touch down rarely with {foot}', 'hardly use {foot}')}),
    Words(0.25, 0.45, {
        'with': ('{foot} on the ground now and then', 'short steps of {foot}'),
        'ing': ('touching down briefly with {foot}', 'stepping lightly with {foot}'),
        'keep': ('touch down briefly with {foot}', 'step lightly with {foot}')}),
    Words(0.45, 0.62, {
        'with': ('{foot} on the ground half of the time', '{foot} down every other moment'),
        'ing': ('keeping {foot} down half of the time',),
        'keep': ('keep {foot} on the ground half of the time',)}),
    Words(0.62, 0.88, {
        'with': ('{foot} mostly on the ground', 'long steps of {foot}'),
        'ing': ('keeping {foot} mostly down', 'keeping {foot} planted'),
        'keep': ('keep {foot} mostly on the ground', 'keep {foot} planted')}),
    Words(0.88, 1.0, {
        'with': ('{foot} always on the ground', '{foot} sliding along'),
        'ing': ('dragging {foot}', 'never lifting {foot}'),
        'keep': ('drag {foot}', 'never lift {foot}')}, ('{foot} on the ground all the time',)))
NUMBER = '{foot} down {percent} percent of the time'

SPEED = (
    Words(-inf, -1.5, {'path': ('quickly backward', 'fast in reverse')}),
    Words(-1.5, -0.3, {'path': ('backward', 'slowly backward', 'in reverse')}),
    Words(-0.3, 0.3, {'path': ('on the spot', 'in place', 'without getting anywhere')}),
    Words(0.3, 1.2, {'path': ('slowly forward', 'forward at a slow pace', 'slowly ahead')}),
    Words(1.2, 2.5, {'path': ('forward', 'ahead', 'forward at a medium speed')}),
    Words(2.5, 4.0, {'path': ('quickly forward', 'fast ahead', 'forward at high speed')}),
    Words(4.0, inf, {'path': ('forward at full speed', 'very fast ahead',
                              'forward as fast as possible')}))
DIRECTIONS = {'forward': (0.0, inf), 'ahead': (0.0, inf), 'backward': (-inf, 0.0),
              'in reverse': (-inf, 0.0), 'slowly': (-1.5, 1.2)}
"""What these words mean in a goal where they stand alone: captions use them more narrowly."""

_TEMPLATES = {
    'order-plain': '{go}[ {with}]',
    'order-doing': '{go}[, {ing}]',
    'order-and': '{go}[ and {keep}]',
    'order-detail-first': '{with}, {go}',
    'order-keep-first': '{keep} and {go}',
    'order-now': 'now {go}[, {ing}]',
    'order-start': 'start {going}[ {with}]',
    'order-keep-on': 'keep on {going}[, {ing}]',
    'order-try': 'try to {go}[ and {keep}]',
    'order-<robot>': '<robot>, {go}[ {with}]',
    'order-lets': "let's {go}[ {with}]",
    'order-next': 'next, {go}[, {ing}]',
    'order-sentences': '{go}. {keep}.',
    'ask-please': 'please {go}[ {with}]',
    'ask-please-last': '{go}[, {ing}], please',
    'ask-can': 'can you {go}[ {with}]?',
    'ask-could': 'could you {go}[ and {keep}]?',
    'ask-mind': 'would you mind {going}[ {with}]?',
    'ask-want': 'I want you to {go}[ {with}]',
    'ask-how-about': 'how about {going}[, {ing}]?',
    'tell-it': 'it {goes}[ {with}]',
    'tell-robot': 'the robot {goes}[, {ing}]',
    'tell-<robot>': 'the <robot> {goes}[ {with}]',
    'tell-a': 'a <robot> that {goes}[, {ing}]',
    'tell-while': 'it {goes} while {ing}',
    'tell-two': 'it {goes}. it is {ing}.',
    'note-doing': '{going}[, {ing}]',
    'note-with': '{going}[ {with}]',
    'note-detail-first': '{ing}, {going}',
    'note-gait': 'gait: {going}[, {ing}]'}
"""
Sentence templates by id, which keeps its meaning: archives store it. ``{go}`` ``{goes}``
``{going}`` take a verb with speed and feet, ``{with}`` ``{ing}`` ``{keep}`` what the feet do,
``<robot>`` the robot's name. What stands in square brackets is left out when its slot has nothing
to say.
"""
