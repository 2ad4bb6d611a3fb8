# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Experts: MetaWorld's scripted policies, each varied in its own way.

A script sees where hand, object and goal are and moves the hand from one waypoint to the next. All
actors cloned from one script would do the same, so each has an expert of its own, which is as much
a function of the observation as the script is: a network can imitate it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
import warnings

import numpy as np
from policy_gen_ros.domains.metaworld.building.config import VariationConfig
from policy_gen_ros.domains.metaworld.constants import ACTION_LIMIT, unscaled
from policy_gen_ros.domains.metaworld.simulation import check_installed

_NEAR = 0.3
"""Size of a script's motion below which its waypoint is so near that there is no detour."""


@dataclass(frozen=True)
class Variation:
    """
    How an expert differs from the script.

    :param gain: of the motion towards a waypoint
    :param speed: largest motion along each axis, in shares of the largest that there is
    :param detour: motion of the hand beside that towards a far waypoint, in the same shares: the
        way there is bent, most of it far from the waypoint. Shape: (3,)
    """

    gain: float
    speed: float
    detour: np.ndarray

    @classmethod
    def draw(cls, config: VariationConfig, rng: np.random.Generator) -> Variation:
        """Draw a variation at random; detours point in all directions."""
        direction = rng.standard_normal(3)
        detour = config.detour * rng.random() * direction / np.linalg.norm(direction)
        gain = np.exp(rng.uniform(np.log(config.least_gain), np.log(config.largest_gain)))
        return cls(float(gain), rng.uniform(config.least_speed, 1.0), detour)


class Expert:
    """A scripted policy of a task with a variation."""

    def __init__(self, task: str, variation: Variation) -> None:
        self._script, self._variation = _script(task), variation

    def __call__(self, seen: np.ndarray) -> np.ndarray:
        """Return the action in a state, as policies see it. Shape: (39,) -> (4,)."""
        return self.act(seen[None])[0]

    def act(self, seen: np.ndarray) -> np.ndarray:
        """Actions in states, as policies see them. Shape: (n, 39) -> (n, 4), float32."""
        action = np.array([self._script.get_action(state) for state in unscaled(seen)])
        varied = self._variation
        motion = np.clip(varied.gain * action[:, :3], -1.0, 1.0)
        far = np.clip((np.linalg.norm(motion, axis=1) - _NEAR) / (1.0 - _NEAR), 0.0, 1.0)
        motion += far[:, None] * varied.detour
        action[:, :3] = varied.speed * np.clip(motion, -1.0, 1.0)
        return np.clip(action, -ACTION_LIMIT, ACTION_LIMIT).astype(np.float32)


def _script(task: str) -> Any:
    check_installed()
    from metaworld import policies

    # Scripts say each time that a motion is clipped.
    warnings.filterwarnings('ignore', r'Constant\(s\) may be too high')
    name = ''.join(part.capitalize() for part in task.split('-'))
    return getattr(policies, f'Sawyer{name}V3Policy')()
