# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What ends a goal: a way, an angle, so many steps."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, pi
import re

from policy_gen_ros.domains.go2.gait.meaning import Statement
from policy_gen_ros.domains.go2.gait.text_constraints import along, turns_right
from policy_gen_ros.domains.go2.gait.traits import STILL_MPS
from policy_gen_ros.domains.go2.gait.units import ANGLE, COUNT, DISTANCE, Quantity
from policy_gen_ros.goals.language.numbers import number
from policy_gen_ros.goals.language.reading import Amount, Constraint

_AROUND = re.compile(
    r'\b(?:turn (?:all the way )?(?:a)?round|(?:do )?an? (?:about[- ]turn|u-?turn|one[- ]eighty)|'
    r'half[- ]turn|about[- ]face|face the (?:other|opposite) (?:way|direction))\b')
_FULL_CIRCLE = re.compile(r'\b(?:full (?:circle|turn|rotation|spin)|all the way around|'
                          r'once around|complete (?:circle|turn|rotation))\b')
_TURNS = re.compile(
    r'\b(?:spin|spinning|rotat\w+|turn|around|pirouette\w*)\b[\w ]*?\b(?:(once|twice)|'
    r'(two|three|four|2|3|4) (?:times|circles|turns|spins))\b(?! (?:a|per|every) )')
_QUARTER = re.compile(r'\bquarter[- ]turn\b')
TURN_RPS = 0.6
"""To turn by an angle, where no rate is given: half a turn in five seconds."""
STEPS_PER_CYCLE = 2
"""Somebody who counts a dog's steps counts its fore feet."""


def end_of(text: str, said: Iterable[Statement],
           numbers: Iterable[Quantity]) -> tuple[Amount | None, list[Constraint]]:
    """Return what ends a goal, and how the robot turns where that is an angle."""
    words, angle = '', None
    if found := _TURNS.search(text):
        words, angle = found[0], 2 * pi * number(found[1] or found[2])
    counted = angle and _FULL_CIRCLE.search(text)  # "all the way around twice"
    for pattern, turn in ((_AROUND, pi), (_FULL_CIRCLE, 2 * pi), (_QUARTER, pi / 2)):
        if not counted and (found := pattern.search(text)):
            words, angle = found[0], turn
    for quantity in numbers:
        if quantity.kind == ANGLE:
            words, angle = quantity.words, quantity.high
        elif quantity.kind == DISTANCE:
            measure = along(0.0, inf, list(said), '').measure
            return Amount(measure, abs(quantity.high), quantity.words), []
        elif quantity.kind == COUNT and not angle:  # "spin three times" are no steps
            return Amount('frequency_hz', quantity.high / STEPS_PER_CYCLE, quantity.words), []
    if not angle:
        return None, []
    rate = -TURN_RPS if turns_right(text) != (angle < 0) else TURN_RPS
    turns = [Constraint('yaw_rate_rps', rate, rate, words)]
    if not any(item.quantity == 'forward speed' for item in said):
        turns += [Constraint(name, -STILL_MPS, STILL_MPS, words) for name in ('vx_mps', 'vy_mps')]
    return Amount('yaw_rate_rps', abs(angle), words), turns
