# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Large fields: rows that lie in many memory-mapped files, read one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.utils.progress import progress

Index = int | slice | np.ndarray | Sequence[int]


class RowView:
    """
    Rows of one large field. Only the rows that are asked for are read and copied.

    ``view[5]`` is one row, ``view[[3, 5]]`` a stack of rows.

    :param name: for messages and progress
    :param parts: one array a file, its rows along the first axis
    :param part: file of each row, -1 where the row is not stored. Shape: (n,)
    :param row: row in that file. Shape: (n,)
    """

    def __init__(self, name: str, parts: Sequence[np.ndarray], part: np.ndarray,
                 row: np.ndarray) -> None:
        self._name, self._parts, self._part, self._row = name, parts, part, row

    def __len__(self) -> int:
        return len(self._part)

    @property
    def stored(self) -> np.ndarray:
        """Which rows are there. Shape: (n,), bool."""
        return self._part >= 0

    @property
    def shape(self) -> tuple[int, ...]:
        """
        Shape of the whole field.

        :raises ArchiveError: rows of several shapes, as where policies of another size were
            imported
        """
        used = np.unique(self._part[self.stored]) if self.stored.any() else range(len(self._parts))
        shapes = {self._parts[i].shape[1:] for i in used}
        if len(shapes) > 1:
            raise ArchiveError(f'{self._name}: the rows have several shapes, '
                               + ' and '.join(str(shape) for shape in sorted(shapes))
                               + ': choose rows of one shape')
        return (len(self), *(shapes.pop() if shapes else ()))

    def __getitem__(self, index: Index) -> np.ndarray:
        """Copy of the rows asked for, in that order."""
        picked = np.arange(len(self))[index]
        if picked.ndim == 0:
            return self.select(picked[None])[:][0]
        part, row = self._part[picked], self._row[picked]
        missing = picked[part < 0]
        if len(missing):
            raise ArchiveError(
                f'row {missing[0]} of the {self._name} is not stored: this archive is an index '
                'that holds the large fields of a few actors only; build the whole archive with '
                'the command that "policy_gen archive info" shows')
        rows = np.empty((len(picked), *self.select(picked).shape[1:]), self._dtype)
        for i in np.unique(part):
            here = part == i
            rows[here] = self._parts[i][row[here]]
        return rows

    @property
    def _dtype(self) -> np.dtype:
        return self._parts[0].dtype if self._parts else np.dtype(np.float16)

    def select(self, index: Index) -> RowView:
        """Return some of the rows, still unread."""
        picked = np.arange(len(self))[index]
        return RowView(self._name, self._parts, self._part[picked], self._row[picked])

    def pairs(self, first: np.ndarray, second: np.ndarray) -> RowView:
        """
        Return, as rows and still unread, pairs of a row and an entry along its own first axis.

        Of a field by actor and behaviour, that is one row for each behaviour. Shape: (n,) both
        """
        parts = [part.reshape(-1, *part.shape[2:]) for part in self._parts]
        # The last width is for rows that are not stored.
        width = np.array([*(part.shape[1] for part in self._parts), 0])[self._part[first]]
        stored = self.stored[first] & (second < width)
        return RowView(self._name, parts, np.where(stored, self._part[first], -1),
                       self._row[first] * width + second)

    def blocks(self, size: int = 64) -> Iterator[tuple[slice, np.ndarray]]:
        """All rows, a few at a time: which, and their values."""
        for start in progress(range(0, len(self), size), about=self._name, unit='block'):
            where = slice(start, min(start + size, len(self)))
            yield where, self[where]
