# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Pushes of a batch of twins: kicks that change the velocity at once, and forces for a while."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation

IMPULSE_S = 0.1
"""How long the force of an impulse lasts."""


class Pushes:
    """
    When and how hard twins are pushed, all at once, each in its own direction.

    :param pushed: which twins are. Shape: (n,)
    :param rng: draws directions
    :param more: draws sizes and kinds, where there are several
    """

    def __init__(self, perturbation: Perturbation, pushed: np.ndarray, rng: np.random.Generator,
                 more: np.random.Generator) -> None:
        self._of, self._pushed, self._rng, self._more = perturbation, pushed, rng, more
        self._every = round(perturbation.push_every_s / go2.CONTROL_DT_S)
        self._left = 0
        self._force = np.zeros((len(pushed), 2))

    def at(self, tick: int) -> tuple[np.ndarray, np.ndarray]:
        """
        Push at a tick of control.

        :return: change of the velocity in m/s, and force in N, horizontal in the world, or rather
            along the ground. Shapes: (n, 2)
        """
        of, none = self._of, np.zeros_like(self._force)
        if not of.push_mps and not of.impulse_ns:
            return none, none
        if tick == 0 or tick % self._every:
            self._left -= 1
            return none, self._force if self._left > 0 else none
        n = len(self._pushed)
        angle = self._rng.uniform(0, 2 * np.pi, n)
        size = self._pushed * (1.0 if of.push_range == (1.0, 1.0)
                               else self._more.uniform(*of.push_range, n))
        push = size[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        kicked = np.full(n, bool(of.push_mps))
        if of.push_mps and of.impulse_ns:
            kicked = self._more.random(n) < 0.5
        self._left = round(IMPULSE_S / go2.CONTROL_DT_S)
        self._force = np.where(kicked[:, None], 0.0, of.impulse_ns / IMPULSE_S * push)
        return np.where(kicked[:, None], of.push_mps * push, 0.0), self._force
