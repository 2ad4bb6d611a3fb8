# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
A prompt read as a demonstration: what happened between its rows, and what the hand moves about.

A prompt has the first 60 states of an episode and three from its success on. In between, the hand
is taken to move straight to where it touches the object, and then straight on with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.metaworld.constants import OBSERVATION_DIM, PROMPT_ROWS, unscaled

STEP_M = 0.0095
"""Way of the hand in one control period under the largest action, along each axis."""
_FARTHEST_M = 2.0
"""From the robot, to where there is nothing."""
_FOLLOWS = 0.15
"""
Of the way that actions say, the hand goes at least so much over 60 rows: 0.27 to 0.94 in an
archive, as it is held up where it pushes, and 0.03 to 0.09 in the same rows at another scale.
"""
_SCALED = 'observations have to be scaled, see policy_gen_ros/domains/metaworld/constants.py'
_MOVED_M = 0.01
"""An object that is further than this from where it lay has been moved."""
_SETTLED = 3
"""Row from which on a prompt tells where the object is: MetaWorld places it in the first steps."""
_SPEED_QUANTILE = 0.8
"""Of the largest components of a prompt's actions: how fast its hand moves where it is unseen."""
_LEAST_SPEED = 0.1
_EXTENSION = 8
"""Rows after the last, in which hand and object move on: success must not be where it stops."""


@dataclass(frozen=True)
class Stretch:
    """
    Successive states and the actions in them.

    Shapes: ``hand`` (time, 3) and ``object`` (time, 3) positions in metres; ``quaternion``
    (time, 4) of the object; ``opening`` (time, 1) of the gripper; ``actions`` (time, 4)
    """

    hand: np.ndarray
    opening: np.ndarray
    object: np.ndarray
    quaternion: np.ndarray
    actions: np.ndarray

    def __len__(self) -> int:
        return len(self.hand)

    @classmethod
    def of(cls, rows: np.ndarray) -> Stretch:
        """Read rows of a trajectory. Shape: (time, 43)."""
        state = unscaled(rows[:, :OBSERVATION_DIM].astype(float))
        return cls(state[:, :3], state[:, 3:4], state[:, 4:7], state[:, 7:11],
                   rows[:, OBSERVATION_DIM:].astype(float))

    def first(self, count: int) -> Stretch:
        """Return the first so many states."""
        return Stretch(*(values[:count] for values in vars(self).values()))

    def joined(self, *others: Stretch) -> Stretch:
        """Return these states and, after them, others."""
        return Stretch(*(np.concatenate(parts) for parts in zip(
            *(vars(part).values() for part in (self, *others)))))

    def settled(self) -> Stretch:
        """Return the same with the object from the beginning where it comes to lie."""
        lies, turned = self.object.copy(), self.quaternion.copy()
        lies[:_SETTLED], turned[:_SETTLED] = lies[_SETTLED], turned[_SETTLED]
        return Stretch(self.hand, self.opening, lies, turned, self.actions)

    def extended(self, count: int) -> Stretch:
        """Return the same and, after it, states in which hand and object move on as at the end."""
        ahead = np.arange(1, count + 1)[:, None]

        def moved(values: np.ndarray) -> np.ndarray:
            return values[-1] + ahead * (values[-1] - values[-2])

        def kept(values: np.ndarray) -> np.ndarray:
            return np.repeat(values[-1:], count, axis=0)

        return self.joined(Stretch(moved(self.hand), kept(self.opening), moved(self.object),
                                   kept(self.quaternion), kept(self.actions)))


@dataclass(frozen=True)
class Demonstration:
    """
    A completed prompt.

    :param states: from the first to some after success
    :param goal: position (m). Shape: (3,)
    :param contact: row from which on the hand moves the object; near the end where it never does
    :param moves_object: whether the object has moved when the task is done. Else the hand goes to
        the goal
    :param progress: share of the object's way from where it lay to where it is in success; 1 where
        it has none. Shape: (time,)
    :param guessed: row from which on contact was inferred, not seen; the number of rows if it was
        seen
    """

    states: Stretch
    goal: np.ndarray
    contact: int
    moves_object: bool
    progress: np.ndarray
    guessed: int

    @property
    def approach(self) -> np.ndarray:
        """Share of the hand's way to contact, or to the goal, that lies behind. Shape: (time,)."""
        steps = np.linalg.norm(np.diff(self.states.hand, axis=0), axis=1)
        way = np.concatenate([[0.0], steps.cumsum()])
        return np.clip(way / max(1e-6, way[self.contact]), 0.0, 1.0)


def implausible(trajectory: np.ndarray) -> tuple[str, ...]:
    """
    Say where a hand does not move as the actions say, as in observations that are not scaled.

    :param trajectory: Shape: (time, 43). Of actions that are missing, nothing is said
    """
    every = Stretch.of(trajectory)
    farthest = max(np.abs(every.hand).max(), np.abs(every.object).max())
    if farthest > _FARTHEST_M:
        return (f'hand or object are {farthest:.3g} m away: {_SCALED}',)
    shown = every.first(PROMPT_ROWS)
    said = STEP_M * np.clip(shown.actions[:-1, :3], -1.0, 1.0)
    share = (np.diff(shown.hand, axis=0) * said).sum() / max(1e-9, (said * said).sum())
    if not share < _FOLLOWS:  # NaN without actions
        return ()
    return (f'the hand moves {share:.2f} of what its actions say, and {_FOLLOWS:g} is the least: '
            f'{_SCALED}',)


def read_demonstration(trajectory: np.ndarray) -> Demonstration:
    """
    Complete a prompt.

    :param trajectory: 60 rows from the beginning and 3 from success on. Shape: (63, 43)
    """
    shown, outcome = (Stretch.of(part) for part in np.split(trajectory, [PROMPT_ROWS]))
    shown = shown.settled()
    goal = unscaled(trajectory[PROMPT_ROWS, :OBSERVATION_DIM].astype(float))[-3:]
    same = np.flatnonzero(np.abs(trajectory[:PROMPT_ROWS] - trajectory[PROMPT_ROWS]).max(
        axis=1) < 1e-6)
    rest = shown.object[0]
    contact = pushes = None
    if len(same):  # success is among the first 60 rows
        known = shown.first(int(same[0]) + len(outcome))
    else:
        known, contact, pushes = _completed(shown, outcome, rest)
    states = known.extended(_EXTENSION)
    moves_object, way = bool(_apart(outcome.object[0], rest)), outcome.object[0] - rest
    progress = np.ones(len(states))
    if not moves_object:
        contact = len(known) - 2
    else:
        progress = np.clip((states.object - rest) @ way / (way @ way), 0.0, 1.0)
        if contact is None:
            contact = int(_apart(states.object, rest).argmax())
    return Demonstration(states, goal, contact, moves_object, progress,
                         len(states) if pushes is None else pushes)


def _completed(shown: Stretch, outcome: Stretch, rest: np.ndarray) -> tuple[
        Stretch, int | None, int | None]:
    """
    Fill the gap between what is shown and the outcome.

    :return: all rows; the row of contact where that lies in the gap; and the row from which on the
        object is pushed in it
    """
    hand, lies = shown.hand[-1], shown.object[-1]
    largest = np.abs(shown.actions[:, :3]).max(axis=1)
    speed = max(_LEAST_SPEED, float(np.quantile(largest, _SPEED_QUANTILE)))
    moves, contact = _apart(outcome.object[0], lies), None
    known = shown
    if moves and not _apart(lies, rest):
        # In contact the hand is beside the object as it is in the end. Of an object that turns,
        # this is not quite so: the hand goes no way back for it. A policy stops where ways of the
        # hand to and fro meet.
        touch = np.clip(lies + outcome.hand[0] - outcome.object[0],
                        np.minimum(hand, outcome.hand[0]), np.maximum(hand, outcome.hand[0]))
        known = known.joined(_straight(shown, touch, speed, None))
        contact, hand = len(known), touch
    start = len(known)
    known = known.joined(_straight(shown, outcome.hand[0], speed, outcome, hand), outcome)
    return known, contact, start if moves else None


def _straight(shown: Stretch, target: np.ndarray, speed: float, outcome: Stretch | None,
              start: np.ndarray | None = None) -> Stretch:
    """
    Return a straight way of the hand, its ends left out.

    :param outcome: in which the way ends: then object, gripper and action turn into its first
    :param start: of the way; default: where the hand was last seen
    """
    start = shown.hand[-1] if start is None else start
    way = target - start
    size = max(float(np.abs(way).max()), 1e-6)
    count = max(2, int(np.ceil(size / (STEP_M * speed))))
    share = (np.arange(1, count) / count)[:, None]
    end = shown if outcome is None else outcome.first(1)
    motion = np.repeat((way / size * speed)[None], count - 1, axis=0)
    if outcome is not None:
        motion = (1 - share) * motion + share * end.actions[-1, :3]
    effort = np.full((count - 1, 1), end.actions[-1, 3])

    def turned(values: np.ndarray, then: np.ndarray) -> np.ndarray:
        return values[-1] + share * (then[-1] - values[-1])

    return Stretch(start + share * way, turned(shown.opening, end.opening),
                   turned(shown.object, end.object), turned(shown.quaternion, end.quaternion),
                   np.concatenate([motion, effort], axis=1))


def _apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether an object has been moved between places. Shape: (..., 3) -> (...)."""
    return np.linalg.norm(one - other, axis=-1) > _MOVED_M
