# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What was understood of a text that asks for behaviour: one result, whatever domain read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ORDER = 'order'
ONE, STEPS, SWAPPED = 'one', 'steps', 'swapped'
"""The attribute of a text that may ask for one thing after the other, and its classes."""


@dataclass(frozen=True)
class Attribute:
    """
    What a text reader made of one attribute of a text.

    :param value: name of the class
    :param confidence: its probability
    :param words: of the text that it was read from; empty where nothing was said
    :param likely: probability of each class
    """

    value: str
    confidence: float
    words: str = ''
    likely: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Constraint:
    """
    A range that some words of a text ask for.

    :param measure: name of one of the domain's measures
    :param low, high: in the measure's unit; equal for an exact value, infinite where open
    :param words: of the text; empty for what is assumed where nothing is said
    """

    measure: str
    low: float
    high: float
    words: str = ''

    @property
    def exact(self) -> bool:
        """Whether one value is asked for."""
        return self.low == self.high

    def holds(self, value: float, slack: float = 0.0) -> bool:
        """Whether a value lies in the range, or so near to it."""
        return self.low - slack <= value <= self.high + slack

    def nearest(self, value: float, margin: float) -> float:
        """
        Return the value in the range that is nearest to one.

        A value of the wrong sign is mirrored first: the same speed, to the other side.

        :param margin: from the ends of the range, as far as it is wide enough
        """
        if self.exact:
            return self.low
        if self.low > 0 > value or self.high < 0 < value:
            value = -value
        margin = min(margin, 0.25 * (self.high - self.low))
        return min(max(value, self.low + margin), self.high - margin)

    def describe(self) -> str:
        """One line, such as ``vx_mps from 0.08 to 0.28 ('slowly')``."""
        if self.exact:
            limits = f'= {self.low:.3g}'
        else:
            limits = ' '.join(f'{side} {limit:.3g}' for side, limit in (
                ('from', self.low), ('to', self.high)) if abs(limit) != float('inf'))
        return f'{self.measure} {limits} ({self.words!r})' if self.words else \
            f'{self.measure} {limits} (assumed)'


@dataclass(frozen=True)
class Change:
    """
    A change of the behaviour that there is.

    :param quantity: that changes, as the domain calls it
    :param factor: it is multiplied with
    :param offset: added after that, in the unit of the quantity
    """

    quantity: str
    factor: float
    offset: float
    words: str

    def describe(self) -> str:
        """One line, such as ``speed x 1.4 ('faster')``."""
        parts = [f'x {self.factor:g}'] * (self.factor != 1) + [f'{self.offset:+g}'] * bool(
            self.offset)
        return f'{self.quantity} {" ".join(parts)} ({self.words!r})'


@dataclass(frozen=True)
class Amount:
    """
    What ends a goal: a way, an angle, so many steps.

    :param measure: name of the measure whose sum over time that is
    :param total: such as metres for a speed in m/s; positive
    """

    measure: str
    total: float
    words: str

    def seconds(self, rate: float) -> float:
        """
        Return how long it takes.

        :param rate: value of the measure
        :raises ValueError: it stands still
        """
        if abs(rate) < 1e-3:
            raise ValueError(f'{self.words!r} never ends: {self.measure} is {rate:g}')
        return self.total / abs(rate)


@dataclass(frozen=True)
class TextReading:
    """
    What a text asks for.

    :param text: in the words of captions, for the text encoder: other languages translated,
        spelling corrected, what is denied left out; empty where nothing is left
    :param whole: the same with what is denied
    :param groups: that the text names, such as gait families; ``excluded``: that it rules out
    :param changes: of what the robot does now; ``continues``: the text is about that
    :param until: what ends the goal, if that was given
    :param impossible: words that ask for what no behaviour of the domain is
    :param trick: that is all that it asks for
    :param ignored: words that meant nothing here
    :param remarks: what was decided for the reader, one sentence each
    :param overruled: quantities of which the words alone say something else
    :param confidence: of what a text reader read, by attribute
    :param read_by_network: a text reader has seen the text
    """

    text: str
    whole: str = ''
    constraints: tuple[Constraint, ...] = ()
    groups: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    continues: bool = False
    until: Amount | None = None
    impossible: tuple[str, ...] = ()
    trick: bool = False
    ignored: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    overruled: tuple[str, ...] = ()
    confidence: Mapping[str, float] = field(default_factory=dict)
    read_by_network: bool = False

    @property
    def moves(self) -> bool:
        """Whether the text names a group, a range or a change."""
        return bool(self.groups or self.changes or self._limits)

    @property
    def relative(self) -> bool:
        """
        Whether the text changes what the robot does, and keeps the rest.

        Besides "faster" and "the same" these are texts that name no gait, such as "turn left".
        """
        return bool(self.changes or self.continues or (not self.groups and self._limits))

    @property
    def _limits(self) -> bool:
        return any(item.words for item in self.constraints)

    def describe(self) -> str:
        """One line for logs: all that the text was understood as."""
        parts = [*self.groups, *(f'not {group}' for group in self.excluded),
                 *(item.describe() for item in self.constraints if item.words),
                 *(item.describe() for item in self.changes),
                 *([f'until {self.until.words}'] if self.until else [])]
        ignored = f' (ignored: {", ".join(self.ignored)})' if self.ignored else ''
        return (', '.join(parts) or 'style only') + ignored
