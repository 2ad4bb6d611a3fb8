# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A table as text, for the terminal, for Markdown and for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

HIGH, LOW = 'high', 'low'


@dataclass(frozen=True)
class Table:
    """
    Text in cells; the first column is to the left, the others to the right.

    :param best: HIGH or LOW for columns whose best value is to be marked, by their names
    :param words: names of further columns that are to the left
    :param notes: what its words mean, under it
    :raises ValueError: a row that is not as long as the header
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    best: Mapping[str, str] = field(default_factory=dict)
    words: Sequence[str] = ()
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.header):
                raise ValueError(f'a row of table {self.title!r} has {len(row)} cells, expected '
                                 f'{len(self.header)}')

    def is_best(self, row: int, column: int) -> bool:
        """Whether no row has a better value in this column, as far as its digits say."""
        wanted = self.best.get(self.header[column])
        mine = _number(self.rows[row][column])
        if wanted is None or mine is None:
            return False
        others = [value for value in (_number(cells[column]) for cells in self.rows)
                  if value is not None]
        return mine == (max(others) if wanted == HIGH else min(others))

    def is_words(self, column: int) -> bool:
        """Whether a column is to the left."""
        return column == 0 or self.header[column] in self.words

    def plain(self) -> str:
        """For the terminal."""
        widths = [max(map(len, column)) for column in zip(self.header, *self.rows)]
        lines = [' '.join(cell.ljust(width) if self.is_words(j) else cell.rjust(width)
                          for j, (cell, width) in enumerate(zip(cells, widths)))
                 for cells in (self.header, *self.rows)]
        return '\n'.join([self.title, '', *(line.rstrip() for line in lines), *self.notes])

    def markdown(self) -> str:
        """For a file."""
        rule = ['---' if self.is_words(j) else '---:' for j in range(len(self.header))]
        rows = [[f'**{cell}**' if self.is_best(i, j) else cell for j, cell in enumerate(cells)]
                for i, cells in enumerate(self.rows)]
        lines = ['| ' + ' | '.join(cells) + ' |' for cells in (self.header, rule, *rows)]
        notes = [line for note in self.notes for line in ('', note)]
        return '\n'.join([f'## {self.title}', '', *lines, *notes])


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
