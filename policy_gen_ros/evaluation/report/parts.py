# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What a report is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import re

from matplotlib.figure import Figure
from policy_gen_ros.evaluation.report.table import Table


@dataclass(frozen=True)
class KeyFigure:
    """
    A number to be seen at first glance.

    :param meaning: what counts in it
    """

    name: str
    value: str
    note: str = ''
    meaning: str = ''


@dataclass(frozen=True, eq=False)
class Chart:
    """
    A figure with its words.

    :param summary: what the figure shows, in numbers, for those who cannot see it
    :param note: to be read under the title
    """

    title: str
    figure: Figure
    summary: str
    note: str = ''


@dataclass(frozen=True, eq=False)
class Charts:
    """
    Charts beside each other, as many as there is room for.

    :param width_rem: of each at least, where the screen is not narrower
    :param key: what colours mean, by names of
        :data:`policy_gen_ros.evaluation.report.style.COLORS`
    :param note: what marks mean
    """

    charts: Sequence[Chart]
    width_rem: float
    key: Mapping[str, str] = field(default_factory=dict)
    note: str = ''


@dataclass(frozen=True)
class Missing:
    """What would stand here, why it does not, and what to do about it."""

    text: str


@dataclass(frozen=True)
class Caution:
    """What must be known before the rest is believed."""

    text: str


@dataclass(frozen=True, eq=False)
class Section:
    """A heading of the page, a few words, and what belongs to it."""

    title: str
    text: str
    parts: Sequence[Charts | Table | Missing | Caution]

    @property
    def anchor(self) -> str:
        """Name for links to it."""
        return re.sub(r'\W+', '-', self.title.lower()).strip('-')


@dataclass(frozen=True, eq=False)
class Page:
    """
    All of a report.

    :param lead: what this is about, in a sentence or two
    :param closing: where the numbers come from
    """

    title: str
    lead: str
    key_figures: Sequence[KeyFigure]
    sections: Sequence[Section]
    closing: str
