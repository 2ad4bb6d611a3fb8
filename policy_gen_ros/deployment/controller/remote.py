# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What the operator wants, read from the remote in each LowState.

Pure logic with its clock passed in. A remote that is there differs from none by its bytes alone:
40 zeros are none. Bytes that stay the same say nothing, as those of a remote at rest do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import reduce
import math
from operator import or_
from typing import NamedTuple, TypeVar

from policy_gen_ros.deployment.controller.guards import limit, Trip
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.remote import (
    ALL_KEYS,
    HEAD,
    Key,
    keys_of,
    NO_KEYS,
    parse_remote,
    Remote,
)
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.utils.naming import suggest

ABSENT, ALIVE, LOST = 'absent', 'alive', 'lost'
DAMP, STAND, LIE_DOWN = 'damp', 'stand', 'lie_down'
PRIORITIES = 'remote', 'cmd_vel'
_STILL = (0.0, 0.0, 0.0)
_STATE_TEXT = {ABSENT: 'no remote: its bytes in LowState are zero', ALIVE: 'the remote is there',
               LOST: 'the remote is lost'}
Command = tuple[float, float, float]
_T = TypeVar('_T')
_VX, _VY, _YAW_RATE = map(float, go2.COMMAND_UPPER)


def _choice(usual: _T, meaning: str, options: tuple[str, ...] | None = None) -> _T:
    """Field that is no number, with what a parameter tells of it."""
    choice: _T = field(
        default=usual, metadata={'meaning': meaning, 'bounds': None, 'options': options})
    return choice


@dataclass(frozen=True)
class RemoteConfig:
    """
    What keys and sticks mean; every field is a parameter ``remote.*`` of the controller node.

    Chords are keys joined by ``+``, several of them separated by commas.

    :raises ValueError: an unknown key, one chord for two wishes, no chord to stop, or a number out
        of its bounds
    """

    stop: str = _choice(
        'L1+X, L2+B', 'chords that damp, at once and whatever else is pressed')
    stand: str = _choice('START, A', 'chords that stand up, pressed alone')
    lie_down: str = _choice('B', 'chords that lie down, pressed alone')
    priority: str = _choice(
        'remote', 'which counts while the sticks are in use and cmd_vel is fresh', PRIORITIES)
    required: bool = _choice(False, 'walk only while the remote is there')
    dead_band: float = limit(0.1, 'deflection up to which a stick is at rest', 0.0, 0.9)
    vx_mps: float = limit(1.0, 'speed forward at full deflection, m/s', 0.0, _VX)
    vy_mps: float = limit(0.4, 'speed sideways at full deflection, m/s', 0.0, _VY)
    yaw_rate_rps: float = limit(1.0, 'yaw rate at full deflection, rad/s', 0.0, _YAW_RATE)
    hold_s: float = limit(
        0.5, 'seconds after the sticks came to rest in which the robot is told to stop, before '
        'cmd_vel or the nominal command holds again', 0.0, 10.0)
    alone_s: float = limit(
        0.1, 'seconds in which no other key may join one that is to be pressed alone', 0.0, 1.0)
    lost_s: float = limit(
        0.5, 'seconds without a remote after which it is lost, or absent', 0.05, 10.0)

    def __post_init__(self) -> None:
        for item in fields(self):
            value, bounds = getattr(self, item.name), item.metadata['bounds']
            if bounds and not bounds[0] <= value <= bounds[1]:
                raise ValueError(f'remote.{item.name} is {value}, expected a number from '
                                 f'{bounds[0]:g} to {bounds[1]:g}')
        if self.priority not in PRIORITIES:
            raise ValueError(f'remote.priority is {self.priority!r}, expected one of: '
                             f'{", ".join(PRIORITIES)}')
        if not self.chords(DAMP):
            raise ValueError('remote.stop names no chord, expected at least one, such as L1+X')
        chords = [chord for wish in (DAMP, STAND, LIE_DOWN) for chord in self.chords(wish)]
        twice = {chord for chord in chords if chords.count(chord) > 1}
        if twice:
            raise ValueError(f'remote.stop, .stand and .lie_down share {_spelt(twice.pop())}: '
                             'give each chord one meaning')

    def chords(self, wish: str) -> tuple[Key, ...]:
        """Keys that have to be down together, one entry for each chord."""
        name = 'stop' if wish == DAMP else wish
        return tuple(_chord(text, name) for text in getattr(self, name).split(',') if text.strip())


def _chord(text: str, name: str) -> Key:
    keys = []
    for part in text.split('+'):
        key = part.strip().upper()
        if key not in Key.__members__:
            raise ValueError(f'remote.{name} has an unknown key {part.strip()!r}'
                             f'{suggest(key, list(Key.__members__))}')
        keys.append(Key[key])
    return reduce(or_, keys)


def _spelt(chord: Key) -> str:
    return '+'.join(name for name, key in Key.__members__.items() if key & chord)


class Orders(NamedTuple):
    """
    What the operator wants at one tick.

    ``wish``: ``damp``, ``stand`` or ``lie_down``, once for each time that its keys are pressed.
    ``command``: vx, vy m/s, yaw rate rad/s; None while the sticks have no say.
    ``text``: a line for the log when the remote comes, goes, or cannot be read.
    """

    wish: str | None = None
    command: Command | None = None
    text: str | None = None


NO_ORDERS = Orders()


class _Keys:
    """Chords among the keys that are down."""

    def __init__(self) -> None:
        self.held: frozenset[Key] = frozenset()
        # As if all were down: none counts as alone before all were up.
        self._down = self._since_up = ALL_KEYS
        self._pending: str | None = None
        self._pending_s = 0.0

    def press(self, keys: Key, stops: tuple[Key, ...], alone: Mapping[Key, str],
              now_s: float) -> str | None:
        """
        Say what follows at once from the keys that are down now.

        :param stops: chords that damp
        :param alone: wishes by chords that are to be pressed alone
        """
        held = frozenset(chord for chord in stops if keys & chord == chord)
        pressed, self.held = held - self.held, held
        wish = None
        if keys != self._down:
            self._down = keys
            if keys:
                self._since_up |= keys
                lone = keys == self._since_up
                self._pending, self._pending_s = alone.get(keys) if lone else None, now_s
            else:
                wish, self._pending, self._since_up = self._pending, None, NO_KEYS
        if pressed:
            self._since_up, self._pending = ALL_KEYS, None
            return DAMP
        return wish

    def due(self, now_s: float, alone_s: float) -> str | None:
        """Say what follows from a chord that has stayed alone so long."""
        if self._pending is None or now_s - self._pending_s < alone_s:
            return None
        wish, self._pending = self._pending, None
        return wish


class RemoteOperator:
    """
    Follows one remote, LowState by LowState.

    A stop chord counts as soon as all its keys are down, in any order, also if it was held before
    the first LowState, and even if the sticks are nonsense. A chord that has to be pressed alone
    counts when no other key was down since all were up: not with other keys, not while the rest of
    a larger chord is let go, and not if it was held when the remote appeared.

    ``config`` may be set from any thread, and counts from the next tick on. ``state`` is
    ``absent``, ``alive`` or ``lost``.
    """

    def __init__(self, config: RemoteConfig | None = None) -> None:
        self.config = config or RemoteConfig()
        self._forget()

    def _forget(self) -> None:
        self.state = ABSENT
        self._adopted: RemoteConfig | None = None
        self._raw = b''
        self._now_s = -math.inf
        self._keys = _Keys()
        self._remote: Remote | None = None
        self._readable = self._has_head = True
        self._reported = ''
        self._alive_s = math.nan
        self._steered: Command | None = None
        self._steered_s = -math.inf

    @property
    def stop_held(self) -> bool:
        """Return whether a stop chord is down: then nobody should make the robot stand up."""
        return bool(self._keys.held)

    def follow(self, raw: bytes, now_s: float) -> Orders:
        """
        Look at the remote in the newest LowState.

        :param raw: its 40 bytes
        :param now_s: the robot's clock; where it goes back, this is another robot
        """
        if now_s < self._now_s:
            self._forget()
        if math.isnan(self._alive_s):
            self._alive_s = now_s
        self._now_s = now_s
        wish = refused = None
        if raw != self._raw or self.config is not self._adopted:
            self._adopt(self.config)
            refused = self._read(raw)
            wish = self._press(raw)
        wish = wish or self._keys.due(now_s, self.config.alone_s)
        command, text = self._command(), self._follow_link() or refused
        if wish is None and command is None and text is None:
            return NO_ORDERS
        return Orders(wish, command, text)

    def trip(self) -> Trip | None:
        """Why the robot may not walk: the remote is required, and is not there."""
        if not self.config.required or self.state == ALIVE:
            return None
        return Trip(f'remote {self.state}', self._now_s - self._alive_s, self.config.lost_s, 's',
                    'remote.required')

    def _adopt(self, config: RemoteConfig) -> None:
        if config is not self._adopted:
            self._adopted, self._stops = config, config.chords(DAMP)
            self._alone = {chord: wish for wish in (STAND, LIE_DOWN)
                           for chord in config.chords(wish)}

    def _read(self, raw: bytes) -> str | None:
        """Take over what the bytes say; a line for the log where they are nonsense."""
        refused, self._raw = None, raw
        try:
            self._remote, readable = parse_remote(raw), True
        except WireError as error:
            self._remote, readable = None, False
            if self._readable:
                refused = f'remote not heeded, but for stop chords: {error}'
        self._readable = readable
        self._steered = _steer(self._remote, self.config) if self._remote else None
        return refused

    def _press(self, raw: bytes) -> str | None:
        if any(raw):
            self._has_head = any(raw[:len(HEAD)])
        elif self._has_head:  # gone; without a head, zeros may as well be a gamepad at rest
            self._keys = _Keys()
            return None
        alone = self._alone if self._readable else {}
        return self._keys.press(keys_of(raw), self._stops, alone, self._now_s)

    def _command(self) -> Command | None:
        if self._steered:
            self._steered_s = self._now_s
            return self._steered
        return _STILL if self._now_s - self._steered_s < self.config.hold_s else None

    def _follow_link(self) -> str | None:
        """Follow whether the remote is there; a line for the log where that changes."""
        if self._remote:
            self._alive_s, self.state = self._now_s, ALIVE
        elif self._now_s - self._alive_s < self.config.lost_s:
            return None
        elif self.state == ALIVE:
            self.state = LOST
        if self.state == self._reported:
            return None
        self._reported = self.state
        return _STATE_TEXT[self.state]


def _steer(remote: Remote, config: RemoteConfig) -> Command | None:
    """Command of the sticks; None where all are at rest."""
    def beyond(stick: float) -> float:
        excess = max(0.0, abs(stick) - config.dead_band) / (1 - config.dead_band)
        return math.copysign(excess, stick)

    forward, right, turn = beyond(remote.ly), beyond(remote.lx), beyond(remote.rx)
    if not (forward or right or turn):
        return None
    return config.vx_mps * forward, -config.vy_mps * right, -config.yaw_rate_rps * turn


def which_command(priority: str, remote: _T | None, cmd_vel: _T | None) -> _T | None:
    """
    Command that counts, of the operator's and of a program's.

    :param priority: ``remote`` or ``cmd_vel``: which wins where there are both
    :param remote: what :class:`RemoteOperator` says; None: the sticks have no say
    :param cmd_vel: also where it is zero, for then a program wants the robot to stop; None: stale
    """
    first, second = (remote, cmd_vel) if priority == 'remote' else (cmd_vel, remote)
    return second if first is None else first
