# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Progress of long work: a bar on a terminal, a line now and then in a file or a pipe.

All bars of this package are made here. ``TQDM_DISABLE=1``, tqdm's own switch, silences them.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
import multiprocessing
import os
import sys
import time
from typing import Any, ClassVar, TextIO
from weakref import WeakSet

from tqdm import tqdm

SILENCED = 'TQDM_DISABLE'
SHOWN_AFTER_S = 2.0
LINE_EVERY_S = (10.0, 60.0)
"""Between lines where there is no terminal: a tenth of the time so far, within these limits."""
_LINE = '{desc}: {percentage:.0f} %, {n_fmt} of {total_fmt}, {elapsed} so far, {remaining} left' \
    '{postfix}'


def progress(items: Iterable[Any] | None = None, *, about: str, unit: str,
             total: float | None = None, done: float = 0, at_once: bool = False) -> Any:
    """
    Return a tqdm bar over items, or one to be updated by hand.

    Worker processes show none, as it would draw over those of the main process.

    :param about: what is under way
    :param total: how many units there are; default: as many as items
    :param done: units that an earlier run did
    :param at_once: draw before the first unit is done, because it takes long; else work that is
        over soon shows nothing
    """
    # Within another bar: on a terminal a line below it, in a file only what takes long.
    inner = bool(_Bar.shown)
    options: dict[str, Any] = {'dynamic_ncols': True}
    delay_s = SHOWN_AFTER_S
    if not sys.stderr.isatty():
        options = {'position': 0, 'file': _Lines(), 'bar_format': _LINE, 'mininterval': 1.0}
        delay_s = LINE_EVERY_S[0] if inner else delay_s
    hidden = silenced() or multiprocessing.parent_process() is not None
    bar = _Bar(items, desc=about, unit=unit, total=total, initial=done, leave=not inner,
               delay=0 if at_once else delay_s, disable=hidden, **options)
    if not hidden:
        _Bar.shown.add(bar)
    return bar


def line(text: object, out: TextIO) -> None:
    """Print a line of a result, above all bars."""
    with tqdm.external_write_mode(out):
        print(text, file=out, flush=True)


def note(text: str, out: TextIO | None = None) -> None:
    """
    Say above all bars what begins now; silenced with them.

    :param out: default: stderr
    """
    if not silenced():
        with suppress(OSError):  # as for bars: nobody reads them any more
            line(text, out or sys.stderr)


def silence() -> None:
    """Show no progress in this process and in those that it starts."""
    os.environ[SILENCED] = '1'


def silenced() -> bool:
    """Whether progress is not to be shown."""
    return bool(os.environ.get(SILENCED))


class Stages:
    """
    The parts of long work, each announced as it begins: ``[2/9] decoder``.

    :param count: how many there are
    """

    def __init__(self, count: int) -> None:
        self._count, self._started = count, 0

    def begin(self, name: str) -> None:
        """Announce the next part."""
        self._started += 1
        note(f'[{self._started}/{self._count}] {name}')


class _Bar(tqdm):
    """A bar that knows of the others."""

    shown: ClassVar[WeakSet[_Bar]] = WeakSet()
    """Those that are not closed yet."""

    def close(self) -> None:
        """Draw for the last time."""
        super().close()
        _Bar.shown.discard(self)


class _Lines:
    """
    What tqdm draws over and over, as whole lines that come ever more rarely.

    tqdm draws with a carriage return before the bar, and a line feed after its last one.
    """

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._due, self._drawn, self._last_line = self._started, '', ''

    def write(self, text: str) -> None:
        """Take what is drawn; print it if it is the last or a line is due."""
        self._drawn = text.strip() or self._drawn
        now = time.monotonic()
        if self._drawn in ('', self._last_line) or (now < self._due and not text.endswith('\n')):
            return
        with suppress(OSError):  # a reader that left, as `head` does, must not end hours of work
            print(self._drawn, file=sys.stderr, flush=True)
        least, most = LINE_EVERY_S
        self._due = now + min(max(least, 0.1 * (now - self._started)), most)
        self._drawn, self._last_line = '', self._drawn
