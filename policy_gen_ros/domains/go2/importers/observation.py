# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Observations of foreign policies, put together from a closed list of terms.

Our own actors and walk-these-ways can be written in these terms too; a test holds them equal to
:mod:`policy_gen_ros.domains.go2.robot.observation`, which is what our training, twin and robot
use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.go2.importers.fields import (
    build,
    choice,
    Convert,
    ForeignSpecError,
    listed,
    number,
    optional,
)
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import RobotState
from policy_gen_ros.utils.naming import suggest

TERM_KEYS = {
    'gravity': ('scale',), 'ang_vel': ('scale',), 'base_lin_vel': ('scale',),
    'command': ('scale',), 'joint_pos': ('scale',), 'joint_vel': ('scale',),
    'last_action': ('scale',), 'action_before': ('scale',),
    'clock': ('frequency_hz', 'offsets', 'functions'), 'constant': ('values',),
    'latent': (), 'adaptor_history': ()}
"""All terms, and what may be said of each besides its name."""
ADAPTOR_TERMS = ('latent', 'adaptor_history')
CLOCK_FUNCTIONS = {'sin': np.sin, 'cos': np.cos}
MAX_UNITS = 8192
_SIZES = {'gravity': 3, 'ang_vel': 3, 'base_lin_vel': 3, 'command': 3,
          'joint_pos': go2.NUM_JOINTS, 'joint_vel': go2.NUM_JOINTS,
          'last_action': go2.NUM_JOINTS, 'action_before': go2.NUM_JOINTS}


@dataclass(frozen=True)
class Term:
    """
    One stretch of an observation.

    ``joint_pos`` is the angle minus the default pose, ``last_action`` the clipped network output,
    ``action_before`` the one before that. ``base_lin_vel`` is the velocity in the body frame: no
    Go2 measures it, so such a policy runs in simulation only. ``latent`` is what an adaptor says,
    ``adaptor_history`` what it read.

    :param scale: a factor, or one for each value
    :param values: of a ``constant``
    :param frequency_hz: of a ``clock``; None where each policy file names its own
    :param offsets: cycles added to the clock's phase, one for each value
    :param functions: of the phase, one after the other
    """

    term: str
    scale: float | tuple[float, ...] = 1.0
    values: tuple[float, ...] = ()
    frequency_hz: float | None = None
    offsets: tuple[float, ...] = (0.0,)
    functions: tuple[str, ...] = tuple(CLOCK_FUNCTIONS)

    @property
    def size(self) -> int:
        """Return the number of values; 0 for the terms whose size only the adaptor knows."""
        if self.term == 'clock':
            return len(self.offsets) * len(self.functions)
        return len(self.values) if self.term == 'constant' else _SIZES.get(self.term, 0)


@dataclass(frozen=True)
class Seen:
    """
    All that a term may read at one tick, joints and actions in the policy's own order.

    Shapes: ``base_lin_vel`` and ``command`` (n, 3); ``phase`` (n,) in cycles; actions and
    ``default_pose`` (n, 12) or (12,); ``latent`` and ``adaptor_history`` (n, any).
    """

    state: RobotState
    base_lin_vel: np.ndarray
    command: np.ndarray
    default_pose: np.ndarray
    last_action: np.ndarray
    action_before: np.ndarray
    phase: np.ndarray
    latent: np.ndarray
    adaptor_history: np.ndarray


def build_frame(terms: Sequence[Term], seen: Seen, clip: float | None) -> np.ndarray:
    """Put one observation together. Shape: (n, sum of sizes), float32."""
    frame = np.concatenate([_values(term, seen) for term in terms], axis=1)
    return (frame if clip is None else frame.clip(-clip, clip)).astype(np.float32)


def _values(term: Term, seen: Seen) -> np.ndarray:
    if term.term == 'clock':
        angle = 2 * np.pi * (seen.phase[:, None] + term.offsets)
        return np.concatenate([CLOCK_FUNCTIONS[name](angle) for name in term.functions], axis=1)
    if term.term == 'constant':
        return np.tile(term.values, (len(seen.phase), 1))
    if term.term == 'joint_pos':
        return (seen.state.joint_pos - seen.default_pose) * term.scale
    source = seen.state if term.term in ('gravity', 'ang_vel', 'joint_vel') else seen
    values: np.ndarray = getattr(source, term.term)
    return values * np.asarray(term.scale)


class History:
    """
    The last observations of ``count`` robots, stacked whole; zero at the start.

    :param newest_first: which end of the stack the newest observation lies at
    """

    def __init__(self, count: int, length: int, size: int, newest_first: bool) -> None:
        self._frames = np.zeros((count, length, size), np.float32)
        self._newest_first = newest_first

    def push(self, frame: np.ndarray) -> np.ndarray:
        """Add one observation. Shape: (count, size) -> the stack (count, length * size)."""
        if self._newest_first:
            self._frames[:, 1:] = self._frames[:, :-1].copy()
            self._frames[:, 0] = frame
        else:
            self._frames[:, :-1] = self._frames[:, 1:].copy()
            self._frames[:, -1] = frame
        return self._frames.reshape(len(self._frames), -1)


def read_term(raw: object, where: str) -> Term:
    """
    Convert a term from JSON.

    :raises ForeignSpecError: unknown term, or keys or sizes that do not fit it
    """
    term: Term = build(Term, raw, f'{where}.', _CONVERTERS)
    allowed = ('term', *TERM_KEYS[term.term])
    given = raw if isinstance(raw, dict) else {}
    for key in given:
        if key not in allowed:
            raise ForeignSpecError(f'{where}: a {term.term!r} has no {key!r}'
                                   + suggest(key, allowed))
    for key in ('values', 'frequency_hz'):
        if key in allowed and key not in given:
            raise ForeignSpecError(f'{where}: a {term.term!r} needs {key!r}')
    if isinstance(term.scale, tuple) and len(term.scale) != term.size:
        raise ForeignSpecError(f'{where}: {len(term.scale)} scales for the {term.size} values of '
                               f'{term.term!r}')
    return term


def _scale(value: object, where: str) -> float | tuple[float, ...]:
    factor = number(-1e4, 1e4)
    scale: float | tuple[float, ...] = listed(factor, 1, go2.NUM_JOINTS)(value, where) \
        if isinstance(value, list) else factor(value, where)
    return scale


_CONVERTERS: dict[str, Convert] = {
    'term': choice(*TERM_KEYS), 'scale': _scale,
    'values': listed(number(-1e6, 1e6), 1, MAX_UNITS),
    'frequency_hz': optional(number(0.1, 10)), 'offsets': listed(number(-1, 1), 1, 12),
    'functions': listed(choice(*CLOCK_FUNCTIONS), 1, len(CLOCK_FUNCTIONS))}
