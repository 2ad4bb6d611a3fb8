# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Facts of the HalfCheetah that need no simulator: Gymnasium's HalfCheetah-v5, sizes and scales.

Policies see observations of about unit scale. One pair of constants brings them there, in
training, in rollouts and in stored trajectories.
"""

from __future__ import annotations

import numpy as np

CONTROL_DT_S = 0.05
SUBSTEPS = 5
EPISODE_STEPS = 1000
"""Length of the benchmark's episodes, whose sum of rewards is the return."""
TRAINING_STEPS = 500
"""Length of the episodes that training a bundle runs: in the mean of four, contacts differ from
those of 1,000 steps by 0.008."""
OBSERVATION_DIM, ACTION_DIM = 17, 6
ACTION_LIMIT = 1.0
CONTROL_COST = 0.1
RESET_NOISE = 0.1
FEET = ('bfoot', 'ffoot')
"""Geoms of the model, in the order of the contact measures."""

LAYER_SIZES = (OBSERVATION_DIM, 128, 128, ACTION_DIM)
ACTIVATION = 'tanh'
TRAJECTORY_ROWS = 200
"""Stored of each policy: 10 s."""

OBSERVATION_MEAN = np.array([
    -0.1, 0.1, -0.1, -0.1, 0.0, -0.25, 0.0, -0.1, 3.3, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
OBSERVATION_SPREAD = np.array([
    0.08, 0.4, 0.35, 0.3, 0.3, 0.5, 0.3, 0.3, 1.6, 0.6, 2.4, 6.5, 6.8, 6.8, 8.2, 6.4, 6.7])
"""
Mean and standard deviation of what a policy meets while PPO trains it to run: height (m), pitch
and six joint angles (rad), then forward and vertical speed (m/s) and the rates of the angles
(rad/s).
"""
