# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What a reinforced actor earns in one tick, in the spirit of walk-these-ways.

Margolis and Agrawal 2022 reward velocity tracking, body height, swing height and a contact
schedule, and punish unrest; every behaviour parameter is a command there. Here the wanted gait
takes the commands' place, and the schedule runs on the robot's own clock.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from policy_gen_ros.domains.go2.building.base_config import RewardConfig
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters
from policy_gen_ros.domains.go2.twin.many import SUBSTEPS, Truth

REWARD_TERMS = tuple(field.name for field in fields(RewardConfig))


def reward_terms(truth: Truth, gravity: np.ndarray, phase: np.ndarray, command: np.ndarray,
                 action: np.ndarray, last_action: np.ndarray, gaits: GaitParameters) -> np.ndarray:
    """
    Terms of the reward for the control period just stepped, to be weighted.

    :param gravity: in the body frame, without noise. Shape: (n, 3)
    :param phase: of each robot's clock when the period began, cycles. Shape: (n,)
    :param action: executed in the period, and ``last_action`` in the one before. Shape: (n, 12)
    :param gaits: the wanted gait of each robot
    :return: in the order of :data:`REWARD_TERMS`. Shape: (n, terms)
    """
    wanted_contact, wanted_lift = _schedule(phase, gaits)
    airborne = ~wanted_contact[:, -1]
    lift_error = np.abs(truth.foot_height - go2.FOOT_RADIUS_M - wanted_lift)
    # Of the feet that should swing only: feet at rest would hide that a standing robot lifts none.
    swing = (airborne * np.exp(-lift_error / 0.03)).sum(axis=1) / (1 - gaits.duty).sum(axis=1)
    velocity_error = ((truth.base_velocity[:, :2] - command[:, :2])**2).sum(axis=1)
    return np.stack([
        _near(velocity_error),
        _near((truth.ang_vel[:, 2] - command[:, 2])**2),
        (truth.contact == wanted_contact).mean(axis=(1, 2)),
        swing,
        np.exp(-np.abs(truth.height - gaits.body_height_m) / 0.03),
        np.exp(-10 * ((gravity[:, 0] - np.sin(gaits.pitch_rad))**2 + gravity[:, 1]**2)),
        np.ones(len(gaits)),
        ((action - last_action)**2).mean(axis=1),
        (truth.torque_nm**2).mean(axis=1) / 100], axis=1)


def _near(squared_error: np.ndarray) -> np.ndarray:
    """One at no error: half with the width of walk-these-ways, half with less than half of it."""
    return 0.5 * np.exp(-squared_error / 0.25) + 0.5 * np.exp(-squared_error / 0.04)


def _schedule(phase: np.ndarray, gaits: GaitParameters) -> tuple[np.ndarray, np.ndarray]:
    """Wanted contact (n, substeps, 4) in a period, and height of the soles (n, 4) at its end."""
    share = np.arange(1, SUBSTEPS + 1) / SUBSTEPS
    clock = phase[:, None] + gaits.frequency_hz[:, None] * go2.CONTROL_DT_S * share
    foot_phase = (clock[..., None] - gaits.touch_down[:, None]) % 1.0
    swing = np.clip((foot_phase[:, -1] - gaits.duty) / (1 - gaits.duty), 0, 1)
    lift = gaits.swing_height_m[:, None] * (0.5 - 0.5 * np.cos(2 * np.pi * swing))
    return foot_phase < gaits.duty[:, None], lift
