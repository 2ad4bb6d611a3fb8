# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What many simulated robots at once offer, in whatever engine, to be walked and evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import RobotState
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation

PHYSICS_DT_S = 0.005
SUBSTEPS = round(go2.CONTROL_DT_S / PHYSICS_DT_S)
CONTACT_FORCE_N = 2.0
"""A foot touches ground above this force; a resting foot carries about 37 N."""
FALLEN_GRAVITY_Z = -0.5
FALLEN_HEIGHT_M = 0.12


@dataclass
class Truth:
    """
    What only a simulator knows, of one control period.

    Shapes: ``base_velocity`` (n, 3) m/s and ``ang_vel`` (n, 3) rad/s in the body frame; ``height``
    (n,) m; ``contact`` (n, substeps, 4) bool; ``foot_height`` (n, 4) m; ``torque_nm`` (n, 12);
    ``fallen`` (n,) bool.
    """

    base_velocity: np.ndarray
    ang_vel: np.ndarray
    height: np.ndarray
    contact: np.ndarray
    foot_height: np.ndarray
    torque_nm: np.ndarray
    fallen: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))


class ManyTwins(Protocol):
    """Independent robots that share one clock. A fallen one stays fallen until reset."""

    count: int

    def reset(self, which: np.ndarray | None = None) -> None:
        """Put the chosen robots (default: all) back on their feet."""

    def step(self, target_rad: np.ndarray) -> None:
        """Advance all by one control period. Shape: (count, 12), policy order."""

    def sense(self) -> RobotState:
        """Sensor readings."""

    def truth(self) -> Truth:
        """Ground truth of the control period just stepped."""


class MakeTwins(Protocol):
    """Makes robots in some engine."""

    def __call__(self, count: int, seed: int, perturbation: Perturbation) -> ManyTwins:
        """Stand in the default pose."""


def has_fallen(quaternion: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Whether robots lie. Shapes: (n, 4), (n,) -> (n,), bool."""
    gravity = go2.gravity_in_body(quaternion)
    return (gravity[:, 2] > FALLEN_GRAVITY_Z) | (height < FALLEN_HEIGHT_M)
