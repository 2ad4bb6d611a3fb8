# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The end of a walk: some steps on the spot, before the robot takes a posture."""

from __future__ import annotations

from policy_gen_ros.deployment.controller.policy import PolicyRunner
from policy_gen_ros.policies.weights import ActorWeights

CALM_BEFORE_STANDING_S = 1.0
"""A walk that is to end steps on the spot for so long before the robot stands."""


class WalkEnd:
    """
    Ends a walk gently: a gait that just stops would topple the body.

    :param policy: runs the actors
    :param calm: steps on the spot meanwhile; None: whoever walks does so, told to stay
    """

    def __init__(self, policy: PolicyRunner, calm: ActorWeights | None) -> None:
        self._policy, self._calm = policy, calm
        self._interrupted: ActorWeights | None = None
        self._at_s: float | None = None

    @property
    def under_way(self) -> bool:
        """Whether the walk is ending."""
        return self._at_s is not None

    def due(self, now_s: float) -> bool:
        """Whether the steps on the spot are over."""
        return self._at_s is not None and now_s >= self._at_s

    def begin(self, now_s: float) -> None:
        """Step on the spot from now on; the actor that walked is kept for the next walk."""
        self._at_s = now_s + CALM_BEFORE_STANDING_S
        if self._calm:
            self._interrupted = self._policy.actor
            self._policy.swap(self._calm)

    def finish(self) -> None:
        """Give the place back to the actor whose walk was ended; also where it goes on."""
        self._at_s = None
        if self._interrupted:
            self._policy.swap(self._interrupted)
            self._interrupted = None
