# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""How stiffly the joints hold their targets: softly in a walk, stiffly in a posture."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.deployment.controller.guards import clip_targets
from policy_gen_ros.deployment.controller.posture import smoothstep
from policy_gen_ros.deployment.wire.frames import LowCommand, LowState
from policy_gen_ros.domains.go2.robot import constants as go2

SOFTEN_S, STIFFEN_S = 0.3, 1.0
"""
Time over which the stiff gains of the stand give way to the soft ones of the walk, and back. Of 60
walks that ended in 0.3 s, four fell.
"""


def softness_of_walk(since_s: float) -> float:
    """Return how soft the gains are, 0 to 1, so long after a walk began."""
    return smoothstep(since_s / SOFTEN_S)


def softness_of_posture(since_s: float, before: float) -> float:
    """Return how soft the gains are so long after a posture was begun, from that of before."""
    return before * (1 - smoothstep(since_s / STIFFEN_S))


def hold(target: np.ndarray, state: LowState, soft: float) -> LowCommand:
    """
    Hold targets with gains between those of standing and of walking.

    :param target: of the joints, rad. Shape: (12,)
    :param soft: 0: as stiff as standing is; 1: as soft as walking
    """
    kp = (1 - soft) * go2.KP_STAND + soft * go2.KP_WALK
    kd = (1 - soft) * go2.KD_STAND + soft * go2.KD_WALK
    clipped = clip_targets(target, state.joint_pos, state.joint_vel, kp, kd)
    return LowCommand.hold(clipped, kp, kd)
