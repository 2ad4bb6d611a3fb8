# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The expert: a base policy of the nominal robot, and the compensation of what is different."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from policy_gen_ros.domains.go2.building.hidden import HiddenReader
from policy_gen_ros.domains.go2.building.learn_adaptor import privileged_targets
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import (
    build_observation,
    joint_targets,
    RobotState,
)
from policy_gen_ros.domains.go2.teacher.compensation import compensate, phase_ahead
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController, TeacherInput
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters
from policy_gen_ros.domains.go2.twin.closed_loop import ClosedLoop
import torch

COMMAND_GAIN = np.array([1.12, 1.12, 1.2])
"""
What the base policy is told of a command: the one that ships reaches 0.87 of a speed and 0.8 of a
yaw rate (medians of 100 gaits over 10 s); told so much more 0.97 of a speed, and as many stay up.
"""


@dataclass(frozen=True, eq=False)
class Expert:
    """
    Walks twins whose hidden state it is told.

    :param base: reads a latent of two values, friction and restitution, which it is told, too. A
        symmetric one is better: that of the base policy that ships falls 0.068 times a robot and
        second under PRACTICE, and as it is 0.089 times (400 gaits, 4 s)
    """

    base: ConditionedPolicy
    teacher: GaitController

    def actions(self, state: RobotState, loop: ClosedLoop, command: np.ndarray,
                gaits: GaitParameters, reader: HiddenReader) -> np.ndarray:
        """
        Return clipped actions of the present tick.

        :param command: Shape: (n, 3)
        :param reader: of the loop's twins
        :return: Shape: (n, 12), float32
        """
        hidden, truth = reader.hidden(), loop.twin.truth()
        phase = phase_ahead(loop.phase, gaits.frequency_hz, hidden)
        latent = privileged_targets(*reader.feet().T)
        seen = build_observation(state, loop.last_action, command * COMMAND_GAIN, latent, phase)
        told = torch.from_numpy(gaits.features().astype(np.float32))
        targets = joint_targets(self.base.act(seen, told))
        targets = compensate(
            targets, TeacherInput(state, truth.base_velocity, truth.height, phase, command),
            gaits, hidden, self.teacher)
        action = (targets - go2.DEFAULT_POSE_RAD) / go2.ACTION_SCALE
        return np.clip(action, -go2.ACTION_CLIP, go2.ACTION_CLIP).astype(np.float32)
