# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Facts of MetaWorld that need no simulator: the tasks of Make-An-Agent, sizes and scales.

Policies see observations of about unit scale. One pair of constants brings them there, in
training, in rollouts and in stored trajectories.
"""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.domain import NetworkSpec

SEEN_TASKS = (
    'window-open', 'door-open', 'drawer-open', 'dial-turn', 'faucet-close', 'button-press',
    'door-unlock', 'handle-press', 'plate-slide', 'reach')
"""Tasks that Make-An-Agent trains on (appendix B.1)."""
UNSEEN_TASKS = (
    'window-close', 'door-close', 'drawer-close', 'faucet-open', 'button-press-wall', 'door-lock',
    'handle-press-side', 'coffee-button', 'reach-wall')
"""Tasks that it tests on. The paper says eight and lists these nine."""
TASKS = SEEN_TASKS + UNSEEN_TASKS

CONTROL_DT_S = 0.0125
EPISODE_STEPS = 500
OBSERVATION_DIM, ACTION_DIM = 39, 4
ACTION_LIMIT = 1.0
LAYER_SIZES = (OBSERVATION_DIM, 128, 128, ACTION_DIM)
"""Of the paper's 22,664 parameters without the 516 of the head for the standard deviation, which
a soft actor-critic explores with and which acts in no test: 22,148."""
ACTIVATION = 'elu'
NETWORK = NetworkSpec(LAYER_SIZES, ACTIVATION, ACTION_LIMIT)

PROMPT_ROWS, OUTCOME_ROWS = 60, 3
"""Of a trajectory: states and actions from its beginning, then states from the first success on
(appendix A: n = 60 and m = 3)."""
PROMPT_LAYOUT = 0
"""Layout of every prompt: as in the paper, objects and goal stand where they always do."""
TRAINING_STEPS = 250
"""Of an episode, at most, while a bundle is trained: whoever succeeds later is no model."""
TEST_EPISODES = 5
"""Random layouts in which a policy has to succeed to be qualified."""

_HAND, _GRIPPER, _OBJECT = (0.0, 0.6, 0.2), (0.6,), (0.0, 0.65, 0.12)
_FRAME_CENTRE = (*_HAND, *_GRIPPER, *_OBJECT, 0.5, 0.0, 0.0, 0.2, *(0.0,) * 7)
_FRAME_SPREAD = (0.1, 0.1, 0.1, 0.3, 0.1, 0.1, 0.07, 0.5, 0.2, 0.2, 0.35, *(1.0,) * 7)
OBSERVATION_CENTRE = np.array([*_FRAME_CENTRE, *_FRAME_CENTRE, 0.0, 0.7, 0.12])
OBSERVATION_SPREAD = np.array([*_FRAME_SPREAD, *_FRAME_SPREAD, 0.13, 0.12, 0.08])
"""
About mean and standard deviation of what the scripted policies meet: position of the hand (m),
opening of the gripper, position (m) and quaternion of the object, seven zeros for a second object
that none of these tasks has; the same one step before; position of the goal (m).
"""


def scaled(observation: np.ndarray) -> np.ndarray:
    """Return what policies see of MetaWorld's observations. Shape: (..., 39), float32."""
    return ((observation - OBSERVATION_CENTRE) / OBSERVATION_SPREAD).astype(np.float32)


def unscaled(seen: np.ndarray) -> np.ndarray:
    """Inverse of :func:`scaled`. Shape: (..., 39)."""
    return seen * OBSERVATION_SPREAD + OBSERVATION_CENTRE
