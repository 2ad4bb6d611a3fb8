# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Sentences that stand for all orders to walk that users may give.

With the captions of an archive they teach a generator to tell a text about gait from one that is
not (``training.coverage``). They are never goals in training.
"""

from __future__ import annotations


def _sentences(joined: str) -> tuple[str, ...]:
    return tuple(joined.split('|'))


WORDINGS = _sentences(
    'advance|proceed|keep moving|march on|get going|quicker|more slowly|not so fast|speed up|'
    'slow down a bit|pick up the pace|as quickly as possible|at a comfortable speed|'
    'at walking speed|dash to the front|rush ahead|zoom along|crawl along like a snail|'
    'drag yourself forward|dawdle|wander about|roam around calmly|take a stroll|'
    'promenade gracefully|stride confidently|step carefully|step lightly|'
    'step over things with high knees|stomp your feet|stamp hard with every step|goose-step|'
    'glide smoothly|float along softly|waddle like a duck|lumber like an elephant|'
    'creep like a thief in the night|slither low|keep your belly on the floor|'
    'get down low and move|walk on straight legs|raise your body and walk|make yourself tall|'
    'make yourself small while walking|bob up and down as you go|hobble|'
    'walk as if one leg were injured|favour the left side|'
    'put less weight on the rear right foot|stumble less, walk evenly|'
    'a regular, symmetrical gait|an irregular gait|leap over imaginary puddles|vault forward|'
    'frolic like a lamb|romp around|bunny hops|jump up and down on one spot|skip along|'
    'bounce like a ball|pounce again and again|race like a greyhound|charge ahead at full tilt|'
    'full throttle|cruise at medium speed|ride like the wind|tölt like an Icelandic horse|'
    'amble like a camel|rack|jogging pace|easy jog|patter along with tiny fast steps|'
    'quick short strides|huge strides|four beats per stride|two legs at a time|'
    'left side then right side|front pair, hind pair|every leg on its own|swing the legs wide|'
    'lift off with all feet|feet barely touching the floor|keep your feet planted longer|'
    'shorter ground contact|retreat|walk away backwards|move in reverse gear|'
    'go rearward quickly|go right|to the left|slide sideways|drift over to the right side|'
    'bear left|veer right|curve around|orbit around in a ring|twirl|pivot to the right|'
    'U-turn while trotting|zigzag|straight on|one metre per second|thirty centimetres high|'
    "two hertz|imitate a cat's walk|move like a horse at the races|dance forward on your toes|"
    'patrol slowly|carry on walking like that|a brisk constitutional|leisurely, please|'
    'calm and low|wild and fast')
"""Orders to walk in words that captions do not use: on the same side as captions."""
