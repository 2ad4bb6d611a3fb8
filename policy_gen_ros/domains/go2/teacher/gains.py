# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The teacher's gains, and the schedule that chooses them for a gait and a command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from policy_gen_ros.policies.network import perceptron
from policy_gen_ros.policies.weights import load_layers, save_layers

GAIN_RANGES = {
    'lead_s': (0.0, 0.06),
    'step_stance': (0.0, 1.0), 'step_velocity_s': (0.0, 0.12), 'step_max_m': (0.05, 0.18),
    'level_feet': (0.0, 1.0),
    'force_shape': (0.0, 1.0), 'force_scale': (0.7, 1.3),
    'height_n_m': (0.0, 400.0), 'height_ns_m': (0.0, 100.0),
    'roll_nm': (0.0, 200.0), 'roll_nms': (0.0, 15.0),
    'pitch_nm': (0.0, 200.0), 'pitch_nms': (0.0, 15.0),
    'velocity_ns_m': (0.0, 80.0), 'yaw_nms': (0.0, 15.0),
    'vx_scale': (0.6, 2.6), 'vy_scale': (0.6, 2.6), 'yaw_scale': (0.6, 3.2),
    'vx_bias_mps': (-0.4, 0.4), 'forward_shift_m': (-0.08, 0.08), 'height_bias_m': (-0.03, 0.05),
    'pitch_bias_rad': (-0.15, 0.15), 'swing_scale': (0.5, 4.0), 'touch_down_m': (-0.01, 0.03)}
"""
What each gain may be. Biases and scales of the command and of the foot paths correct what falls
short systematically: at kp 20 a swinging leg rises to a third of its target's height, because its
inertia holds it back. ``touch_down_m`` is how far below the ground a foot reaches in stance.
"""
GAIN_NAMES = tuple(GAIN_RANGES)
GAIN_LOWER, GAIN_UPPER = np.array([GAIN_RANGES[name] for name in GAIN_NAMES]).T
COMMAND_FEATURE_SCALE = np.array([1 / 0.6, 1 / 0.25, 1 / 0.7])


class GainSchedule:
    """
    A small network from gait and command to gains, constant while neither changes.

    :param layers: (weight, bias) pairs; the input is the gait's features, then the command
    """

    def __init__(self, layers: list[tuple[np.ndarray, np.ndarray]]) -> None:
        self.layers = layers

    def logits(self, features: np.ndarray, command: np.ndarray) -> np.ndarray:
        """Gains before the sigmoid that maps them to their ranges. Shape: (n, gains)."""
        x = np.concatenate([features, command * COMMAND_FEATURE_SCALE], axis=1)
        return perceptron(self.layers, x, np.tanh)

    @classmethod
    def load(cls, path: Path) -> GainSchedule:
        """Read safetensors with ``layers.I.weight`` and ``layers.I.bias``."""
        return cls([(weight.astype(np.float64), bias.astype(np.float64))
                    for weight, bias in load_layers(path)])

    def save(self, path: Path) -> None:
        """Write what :meth:`load` reads."""
        save_layers(self.layers, path)


def gains_of(logits: np.ndarray) -> np.ndarray:
    """Map logits to the gains' ranges. Shape: (n, gains) -> (n, gains)."""
    return GAIN_LOWER + (GAIN_UPPER - GAIN_LOWER) / (1 + np.exp(-logits))
