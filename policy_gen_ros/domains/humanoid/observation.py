# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Scales of what a Humanoid's policy sees, and where it is in the mirror.

An observation has 270 values: height, attitude and joint angles (22), speeds and rates (23), the
inertia of each of 13 bodies (10 each), the velocity of each (6 each), and the torques at the
joints (17). Bodies and joints are the waist's first, then those of the right and of the left leg,
then those of the right and of the left arm.
"""

from __future__ import annotations

from collections.abc import Sequence

from policy_gen_ros.domains.gymnasium_locomotion.robot import Mirror

_LEFT_BODIES = (6, 7, 8, 11, 12)
_MIRRORED_BODIES = (0, 1, 2, 6, 7, 8, 3, 4, 5, 11, 12, 9, 10)
_MIRRORED_JOINTS = (0, 1, 2, 7, 8, 9, 10, 3, 4, 5, 6, 14, 15, 16, 11, 12, 13)
_NEGATED_JOINTS = (0, 2, 11, 12, 14, 15)
"""Waist about z and x, and both of each shoulder."""
_NEGATED_ACTIONS = (1, 2, 11, 12, 14, 15)
"""As the joints, but for the waist, where the motor about y is the first."""
_NEGATED_INERTIA, _NEGATED_VELOCITY = (3, 5, 7), (0, 2, 4)
"""Products xy and yz and first moment y; rates about x and z and sideward speed."""

# Of random actions, which make the robot fall: the forward speed is a guess. Rows are torso,
# waist, pelvis; right thigh, shin, foot; right upper and lower arm. Left ones differ in signs.
_STATE_MEAN = (
    1.3, 1.0, 0.0, 0.0, 0.0,
    0.0, -0.17, 0.0, 0.0, 0.0, -0.1, -0.66, 0.0, 0.0, -0.1, -0.66,
    0.1, -0.1, -0.15, -0.1, 0.1, -0.15,
    1.0, *(0.0,) * 22)
_STATE_SPREAD = (
    0.1, 0.05, 0.1, 0.15, 0.1,
    0.2, 0.3, 0.25, 0.13, 0.25, 0.4, 0.75, 0.13, 0.25, 0.4, 0.75,
    0.33, 0.33, 0.42, 0.33, 0.33, 0.42,
    1.0, 0.7, 1.0, 1.9, 1.7, 2.0,
    2.7, 2.0, 1.6, 2.3, 3.5, 4.0, 6.0, 2.3, 3.5, 4.0, 6.0,
    2.5, 2.5, 2.6, 2.5, 2.5, 2.6)
_SCALES = (0, 1, 2, 3, 4, 5, 3, 4, 5, 6, 7, 6, 7)
"""The row of each body in the tables below."""
_INERTIA_MEAN = (
    (2.0, 2.0, 0.1, 0.0, 0.09, 0.0, -0.2, 0.0, 4.1, 8.9),
    (0.09, 0.08, 0.02, 0.0, 0.02, 0.0, -0.1, 0.0, 0.4, 2.3),
    (0.07, 0.06, 0.08, 0.0, 0.01, 0.0, -0.3, 0.0, 0.13, 6.6),
    (0.27, 0.24, 0.08, 0.0, 0.02, -0.08, 0.06, -0.45, -0.83, 4.8),
    (0.77, 0.76, 0.05, 0.0, 0.0, -0.13, 0.0, -0.26, -1.4, 2.8),
    (0.83, 0.83, 0.05, 0.0, -0.06, -0.11, -0.1, -0.17, -1.2, 1.8),
    (0.37, 0.28, 0.11, 0.02, -0.02, 0.15, 0.06, -0.39, 0.66, 1.7),
    (0.26, 0.26, 0.16, 0.06, -0.11, 0.1, 0.27, -0.29, 0.43, 1.2))
# The masses do not change: their spread is arbitrary.
_INERTIA_SPREAD = (
    (0.3, 0.27, 0.09, 0.03, 0.23, 0.13, 0.5, 0.28, 0.35, 1.0),
    (0.02, 0.02, 0.01, 0.004, 0.01, 0.01, 0.07, 0.07, 0.07, 1.0),
    (0.02, 0.05, 0.04, 0.02, 0.02, 0.01, 0.3, 0.2, 0.2, 1.0),
    (0.06, 0.05, 0.04, 0.03, 0.05, 0.03, 0.26, 0.14, 0.14, 1.0),
    (0.19, 0.18, 0.04, 0.02, 0.08, 0.05, 0.18, 0.11, 0.2, 1.0),
    (0.28, 0.26, 0.05, 0.03, 0.1, 0.06, 0.17, 0.1, 0.27, 1.0),
    (0.07, 0.06, 0.03, 0.02, 0.04, 0.03, 0.1, 0.07, 0.1, 1.0),
    (0.1, 0.11, 0.06, 0.03, 0.06, 0.05, 0.12, 0.08, 0.17, 1.0))
_VELOCITY_MEAN = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_VELOCITY_SPREAD = (
    (1.2, 1.9, 1.6, 1.0, 0.5, 0.7), (1.3, 2.0, 1.9, 1.0, 0.5, 0.7),
    (1.5, 2.0, 1.9, 1.0, 0.5, 0.7), (1.3, 2.5, 2.4, 1.0, 0.5, 0.7),
    (1.9, 4.6, 2.5, 2.2, 0.8, 0.9), (1.9, 4.6, 2.5, 2.2, 0.8, 0.9),
    (2.0, 2.5, 1.6, 1.0, 0.9, 0.8), (2.0, 3.0, 2.1, 1.0, 1.0, 0.9))
_TORQUE_SPREAD = (
    13.0, 13.0, 13.0, 13.0, 13.0, 39.0, 26.0, 13.0, 13.0, 39.0, 26.0,
    3.3, 3.3, 3.3, 3.3, 3.3, 3.3)


def _negated(values: Sequence[float], places: Sequence[int]) -> tuple[float, ...]:
    return tuple(-value if i in places else value for i, value in enumerate(values))


def _of_each(first: int, each: int, chosen: Sequence[int]) -> tuple[int, ...]:
    """Places of ``chosen`` values of all bodies, which begin at ``first`` and have ``each``."""
    return tuple(first + each * body + i for body in range(len(_SCALES)) for i in chosen)


def _of_bodies(first: int, each: int) -> tuple[int, ...]:
    """Places of the values of the mirrored bodies."""
    return tuple(first + each * body + i for body in _MIRRORED_BODIES for i in range(each))


MEAN = (*_STATE_MEAN,
        *(value for body, scale in enumerate(_SCALES) for value in _negated(
            _INERTIA_MEAN[scale], _NEGATED_INERTIA if body in _LEFT_BODIES else ())),
        *_VELOCITY_MEAN * len(_SCALES), *(0.0,) * len(_TORQUE_SPREAD))
SPREAD = (*_STATE_SPREAD,
          *(value for scale in _SCALES for value in _INERTIA_SPREAD[scale]),
          *(value for scale in _SCALES for value in _VELOCITY_SPREAD[scale]), *_TORQUE_SPREAD)
MIRROR = Mirror(
    feet=(1, 0),
    observation=(0, 1, 2, 3, 4, *(5 + joint for joint in _MIRRORED_JOINTS),
                 *range(22, 28), *(28 + joint for joint in _MIRRORED_JOINTS),
                 *_of_bodies(45, 10), *_of_bodies(175, 6),
                 *(253 + joint for joint in _MIRRORED_JOINTS)),
    action=_MIRRORED_JOINTS,
    negated_observation=(2, 4, *(5 + joint for joint in _NEGATED_JOINTS),
                         23, 25, 27, *(28 + joint for joint in _NEGATED_JOINTS),
                         *_of_each(45, 10, _NEGATED_INERTIA), *_of_each(175, 6, _NEGATED_VELOCITY),
                         *(253 + joint for joint in _NEGATED_JOINTS)),
    negated_action=_NEGATED_ACTIONS)
