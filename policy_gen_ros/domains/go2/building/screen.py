# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Walking teachers: only what they can do is worth an actor."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.base_config import ScreeningConfig
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy
from policy_gen_ros.domains.go2.domain import follows
from policy_gen_ros.domains.go2.robot.observation import RobotState
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController, TeacherInput
from policy_gen_ros.domains.go2.teacher.gait_parameters import (
    concatenate_gaits,
    GaitParameters,
    sample_walks,
)
from policy_gen_ros.domains.go2.twin.closed_loop import ClosedLoop, run_loop, run_policy
from policy_gen_ros.domains.go2.twin.episode import EpisodeResult
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation
import torch


def walk_teacher(teacher: GaitController, gaits: GaitParameters, command: np.ndarray,
                 seconds: float, seed: int,
                 perturbation: Perturbation = NOMINAL) -> list[EpisodeResult]:
    """
    Let the teacher walk every gait, and evaluate it as actors are evaluated.

    :param command: Shape: (n, 3)
    """
    def act(_: np.ndarray, state: RobotState, loop: ClosedLoop) -> np.ndarray:
        truth = loop.twin.truth()
        return teacher.actions(
            TeacherInput(state, truth.base_velocity, truth.height, loop.phase, command), gaits)

    return run_loop(act, gaits.frequency_hz, command, seconds, seed, None, perturbation)


def tracks(result: EpisodeResult, command: np.ndarray) -> bool:
    """Whether an episode walked to its end, in a rhythm, at about the asked velocity."""
    return result.survived and result.family != 'none' \
        and bool(follows(np.array(result.mean_velocity), command))


def screened_walks(base: ConditionedPolicy, adaptor: Adaptor, count: int, config: ScreeningConfig,
                   seed: int, family: int | None = None) -> tuple[GaitParameters, np.ndarray]:
    """
    Draw gaits and nominal commands that a base walks, undisturbed and disturbed.

    :param family: index into GAIT_FAMILIES that the gaits start from; default: all in turn
    :return: gaits, and commands of Shape: (count, 3)
    :raises ValueError: the base walks hardly any
    """
    rng = np.random.default_rng(seed)
    kept: list[GaitParameters] = []
    commands: list[np.ndarray] = []
    for _ in range(config.draws):
        gaits, command = sample_walks(
            2 * count, rng, None if family is None else np.full(2 * count, family))
        calm, disturbed = (walk_base(base, gaits.features(), gaits.frequency_hz, command, adaptor,
                                     config.seconds, int(rng.integers(2**31)), ground)
                           for ground in (NOMINAL, config.perturbation))
        good = np.array([tracks(a, command[i]) and b.survived
                         for i, (a, b) in enumerate(zip(calm, disturbed))])
        kept.append(gaits[good])
        commands.append(command[good])
        if sum(len(gaits) for gaits in kept) >= count:
            return concatenate_gaits(kept)[:count], np.concatenate(commands)[:count]
    raise ValueError(f'the base policy walks less than one in {2 * config.draws} of the drawn '
                     'gaits: it was not trained long enough, build with more '
                     'base.finetuning.stages')


def walk_base(base: ConditionedPolicy, condition: np.ndarray, clock_hz: np.ndarray,
              command: np.ndarray, adaptor: Adaptor, seconds: float, seed: int,
              perturbation: Perturbation = NOMINAL) -> list[EpisodeResult]:
    """
    Walk a conditioned policy.

    :param condition: of each robot's policy. Shape: (n, condition)
    :param command: velocities that the policies observe. Shape: (n, 3)
    """
    given = torch.from_numpy(condition.astype(np.float32))
    return run_policy(lambda seen: base.act(seen, given), clock_hz, command, seconds, seed,
                      adaptor, perturbation)
