# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What a text asks for: to walk, or to rest in one of three ways.

Rest is a safety function: it is decided by
:func:`policy_gen_ros.goals.language.understanding.understand` before any gait is made, for the
node, the command line, Python and each step of a sequence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Intent(Enum):
    """What a text wants the robot to do; the value is how a log says it."""

    WALK = 'walk'
    STAND = 'stand'
    LIE_DOWN = 'lie down'
    EMERGENCY = 'emergency stop'
    NEITHER = 'neither'
    """Neither walking nor rest, as far as can be told."""

    @property
    def rests(self) -> bool:
        """Whether no gait may be made for it."""
        return self in REST


REST = (Intent.STAND, Intent.LIE_DOWN, Intent.EMERGENCY)
_CURES = {Intent.STAND: ('to stand', 'stop'), Intent.LIE_DOWN: ('to lie down', 'lie_down'),
          Intent.EMERGENCY: ('for an emergency stop', 'damp')}


@dataclass(frozen=True)
class Understood:
    """
    What a text was understood as.

    :param words: of the text that decided, as they were compared; empty where a classifier did
    :param confidence: 1 where words decided; else the classifier's probability
    :param steps: parts of the text that ask for one thing after the other, in the order of time;
        empty where it asks for one; None where nothing looked for them
    """

    intent: Intent
    words: str = ''
    confidence: float = 1.0
    steps: tuple[str, ...] | None = None


class RestError(ValueError):
    """
    A text that asks for rest, where only walking can be made.

    :ivar text: the goal's text
    """

    def __init__(self, text: str, intent: Intent) -> None:
        asks, service = _CURES[intent]
        self.text = text
        super().__init__(f'{text!r} asks the robot {asks}, not to walk: publish it on '
                         f'behavior_goal, or call locomotion_controller/{service}')
