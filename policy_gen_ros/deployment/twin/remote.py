# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The remote of a twin: at rest, on the keyboard, from Unitree's topic, or none."""

from __future__ import annotations

from contextlib import ExitStack
import os
import select
import sys
import time
from typing import Protocol

from policy_gen_ros.deployment.wire.remote import build_remote, Key, NO_KEYS, NO_REMOTE, Remote

REMOTES = 'rest', 'keyboard', 'topic', 'none'
OUT_OF_REACH_S = 0.5
"""A topic that is silent for so long of wall time is a remote out of reach."""
STICK_S, KEY_S = 0.6, 0.3
"""How long a key of the keyboard counts; held down it repeats, but not before half a second."""
_RESTING = build_remote(Remote())
STICKS = {'w': ('ly', 1.0), 's': ('ly', -1.0), 'a': ('lx', -1.0), 'd': ('lx', 1.0),
          'q': ('rx', -1.0), 'e': ('rx', 1.0)}
KEYS = {' ': Key.L1 | Key.X, 'x': Key.L1 | Key.X, 'b': Key.L2 | Key.B, '1': Key.START,
        '2': Key.A, '3': Key.B}
SWITCH = '0'
HELP = ('remote: w s forward, back; a d sideways; q e turn; space or x L1+X, b L2+B (stop); '
        '1 START, 2 A (stand), 3 B (lie down); 0 switches the remote off and on')


class TwinRemote(Protocol):
    """What the operator of a twin does."""

    def read(self) -> bytes:
        """Return the 40 bytes for the next LowState."""

    def close(self) -> None:
        """Let go of wire or terminal."""


class FixedRemote:
    """A remote that nobody touches, or none."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def read(self) -> bytes:
        """Return always the same."""
        return self._raw

    def close(self) -> None:
        """Do nothing."""


class TopicRemote:
    """
    Hears Unitree's own message of the remote, as its simulators send it.

    None before the first message, and :data:`OUT_OF_REACH_S` after the newest.

    :raises WireError: the domain or the interface cannot be used
    """

    def __init__(self, domain_id: int, interface: str | None) -> None:
        # Here rather than on top, so that --help and bad options need no middleware.
        from policy_gen_ros.deployment.wire.link import RemoteListener

        self._listener = RemoteListener(domain_id, interface)
        self._raw, self._until_s = NO_REMOTE, 0.0

    def read(self) -> bytes:
        """Return the newest message's remote."""
        remote = self._listener.take()
        if remote is not None:
            self._raw, self._until_s = build_remote(remote), time.monotonic() + OUT_OF_REACH_S
        return self._raw if time.monotonic() < self._until_s else NO_REMOTE

    def close(self) -> None:
        """Leave the wire."""
        self._listener.close()


class KeyboardRemote:
    """
    Keys of a terminal as keys and sticks of the remote; see :data:`HELP`.

    The terminal gives each key at once and does not show it, until :meth:`close`.

    :param terminal: file descriptor
    :raises OSError: it is no terminal
    """

    def __init__(self, terminal: int) -> None:
        if not os.isatty(terminal):
            raise OSError('--remote keyboard reads keys from a terminal, and standard input is '
                          'none: start it in one, or take --remote topic')
        import termios
        import tty

        self._terminal, self._closing = terminal, ExitStack()
        self._closing.callback(termios.tcsetattr, terminal, termios.TCSANOW,
                               termios.tcgetattr(terminal))
        tty.setcbreak(terminal)
        self._on = True
        self._raw = _RESTING
        self._sticks: dict[str, tuple[float, float]] = {}
        self._keys: tuple[Key, float] = NO_KEYS, 0.0

    def read(self) -> bytes:
        """Take what was typed, and return what still counts of it."""
        now_s = time.monotonic()
        if select.select([self._terminal], [], [], 0)[0]:
            for typed in os.read(self._terminal, 64).decode('ascii', 'replace').lower():
                self._type(typed, now_s)
        if not self._on:
            return NO_REMOTE
        sticks = {name: value for name, (value, until_s) in self._sticks.items()
                  if now_s < until_s}
        keys, until_s = self._keys
        if not sticks and now_s >= until_s:
            return _RESTING
        return build_remote(Remote(**sticks, keys=keys if now_s < until_s else NO_KEYS))

    def _type(self, typed: str, now_s: float) -> None:
        if typed in STICKS:
            name, value = STICKS[typed]
            self._sticks[name] = value, now_s + STICK_S
        elif typed in KEYS:
            self._keys = KEYS[typed], now_s + KEY_S
        elif typed == SWITCH:
            self._on = not self._on

    def close(self) -> None:
        """Give the terminal back as it was."""
        self._closing.close()


def open_remote(name: str, domain_id: int, interface: str | None) -> TwinRemote:
    """
    Take one of :data:`REMOTES` in hand.

    :raises WireError: the domain or the interface cannot be used
    :raises OSError: ``keyboard`` without a terminal
    """
    if name == 'topic':
        return TopicRemote(domain_id, interface)
    if name == 'keyboard':
        return KeyboardRemote(sys.stdin.fileno())
    return FixedRemote(_RESTING if name == 'rest' else NO_REMOTE)
