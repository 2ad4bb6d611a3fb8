# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""How long a text says that something lasts: "for 5 s", "2 min 30 s", "half an hour"."""

from __future__ import annotations

import re

from policy_gen_ros.goals.language.numbers import NUMBER, number

_UNIT_S = {'s': 1.0, 'm': 60.0, 'h': 3600.0}
"""By the first letter, but for milliseconds."""
_ALONE = r'secs?|seconds?|mins?|minutes?|hrs?|hours?'
_UNIT = rf'ms|milliseconds?|s|{_ALONE}|h'
_RANGE = rf'(?P<{{0}}>{NUMBER})(?:\s*(?:-|\u2013|to|or)\s*(?P<{{0}}_most>{NUMBER}))?'
_ABOUT = r'(?:about|around|roughly|approximately|another|the next|some|exactly)'
_DURATION = re.compile(
    rf'\b(?:for|during)\s+(?:{_ABOUT}\s+)*{_RANGE.format("given")}\s*-?(?P<unit>{_UNIT})\b'
    rf'|(?<![\w.,-])(?!an? ){_RANGE.format("bare")}\s*(?P<bare_unit>s|{_ALONE})\b'
    r'(?!\^|-1\b|\s*(?:between|apart|per|periods?|strides?|steps?|cycles?)\b)', re.I)
_OF_RHYTHM = re.compile(r'\b(?:every|each|per|(?:period|stride|step|cycle|interval)s?(?: time)?'
                        r'(?: of| is| at|:| =)?)\s*$', re.I)
"""After these a time is that of a step, and not how long something lasts."""
_COMPOUND = re.compile(
    rf'(?P<more>{NUMBER})\s*(?P<unit>min|minutes?|h|hrs?|hours?)\s*(?:,|and)?\s*'
    rf'(?P<less>{NUMBER})\s*(?P<small>s|secs?|seconds?|min|minutes?)\b', re.I)


def in_seconds(text: str) -> str:
    """Return a text with times of two units in one: "2 minutes and 30 seconds" as "150 s"."""
    def joined(found: re.Match[str]) -> str:
        seconds = _seconds(found['more'], found['unit']) + _seconds(found['less'], found['small'])
        return f'{seconds:g} s'

    return _COMPOUND.sub(joined, text)


def find_duration(text: str) -> re.Match[str] | None:
    """Return where a text says how long something lasts."""
    return next((found for found in _DURATION.finditer(text)
                 if not _OF_RHYTHM.search(text[:found.start()])), None)


def take_duration(text: str) -> tuple[str, float | None]:
    """Return a text without its duration, and the duration in s; of a range its middle."""
    found = find_duration(text)
    if not found:
        return text, None
    name, unit = ('given', found['unit']) if found['given'] else ('bare', found['bare_unit'])
    least, most = found[name], found[f'{name}_most'] or found[name]
    seconds = (_seconds(least, unit) + _seconds(most, unit)) / 2
    return f'{text[:found.start()]} {text[found.end():]}', seconds


def _seconds(amount: str, unit: str) -> float:
    unit = unit.lower()
    scale = 0.001 if unit.startswith(('ms', 'milli')) else _UNIT_S[unit[0]]
    return number(amount.lower()) * scale
