# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Which velocity commands an actor is given: what it was trained for, and its gait can keep up."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.reach import shorten_commands

STANCE_WIDTH_M = 0.34
"""That of a mean gait: no measure tells it."""
SHORTEST_SWING = 0.05
"""Share of the cycle. Feet that are said to be hardly ever lifted would allow no speed at all."""


def limit_command(command: np.ndarray, clock_hz: float,
                  measures: Mapping[str, float]) -> np.ndarray:
    """
    Limit a velocity command to the range of training, and to what legs can do in the gait.

    :param command: vx, vy m/s, yaw rate rad/s. Shape: (3,)
    :param measures: what the actor aims at; without contacts and body height, nothing is known of
        its gait and the range alone counts
    :return: Shape: (3,)
    """
    command = np.clip(command, go2.COMMAND_LOWER, go2.COMMAND_UPPER)
    known = [measures.get(name, np.nan) for name in (*CONTACT_NAMES, 'body_height_m')]
    if not np.isfinite(known).all():
        return command
    duty = np.clip(known[:-1], 0.0, 1.0 - SHORTEST_SWING)
    return shorten_commands(command[None], np.array([clock_hz]), duty[None],
                            np.array(known[-1:]), np.array([STANCE_WIDTH_M]))[0]
