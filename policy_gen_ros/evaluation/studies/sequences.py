# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Several behaviours in one episode, swapped while walking.

Policy Diffusion (Hegde et al. 2023, section 4, "Sequential Behavior Composition"): four behaviours
of 250 steps each; an episode succeeds that lasts at least 800 of its 1000 steps. What runs the
actors is the controller's own :class:`PolicyRunner`, one a robot: observation history, clock phase
and last actions continue at a swap, and the old actor gives way to the new one over 0.2 s. What
differs from evaluation.swaps is the robot: twins of a batch that share one clock, start on their
feet, and end an episode by a fall, not by a guard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from policy_gen_ros.deployment.controller.policy import PolicyRunner
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import joint_targets, RobotState
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation
from policy_gen_ros.evaluation.metrics.intervals import wilson_interval
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.utils.progress import progress

BEHAVIORS, STEPS_EACH = 4, 250
"""Steps are control periods of 20 ms: a behaviour lasts 5 s."""
SUCCESS_SHARE = 0.8
"""800 of 1000 steps."""


@dataclass(frozen=True)
class SequenceScore:
    """
    How long sequences of behaviours lasted.

    :param steps: control periods that each sequence stayed up
    :param success: share that lasted at least SUCCESS_SHARE of all steps, with its 95 % Wilson
        interval
    """

    steps: tuple[int, ...]
    success: float
    success_interval: tuple[float, float]

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def walk_sequences(sequences: Sequence[Sequence[ActorWeights]], adaptor: Adaptor, seed: int = 0,
                   perturbation: Perturbation = NOMINAL,
                   steps_each: int = STEPS_EACH) -> SequenceScore:
    """
    Walk every sequence in a twin of its own, each actor under its nominal command.

    :param sequences: four actors each, in the order in which they walk
    :param steps_each: control periods of each behaviour
    :raises ValueError: no sequence, or one that has not four actors
    """
    lengths = {len(actors) for actors in sequences}
    if lengths != {BEHAVIORS}:
        raise ValueError(f'sequences have {sorted(lengths)} actors, expected {BEHAVIORS} each')
    twin = BatchTwin(len(sequences), seed, perturbation)
    runners = [PolicyRunner(adaptor) for _ in sequences]
    steps = np.zeros(len(sequences), int)
    for tick in progress(range(BEHAVIORS * steps_each), about='walking', unit='tick'):
        if tick % steps_each == 0:
            for runner, actors in zip(runners, sequences):
                runner.swap(actors[tick // steps_each])
        twin.step(_targets(runners, twin))
        steps += ~twin.fallen
        if twin.fallen.all():
            break
    success = float((steps >= SUCCESS_SHARE * BEHAVIORS * steps_each).mean())
    return SequenceScore(tuple(steps.tolist()), success, wilson_interval(success, len(steps)))


def _targets(runners: list[PolicyRunner], twin: BatchTwin) -> np.ndarray:
    """Joint targets of this tick, rad; whoever fell is no longer asked. Shape: (n, 12)."""
    seen = twin.sense()
    targets = np.tile(go2.DEFAULT_POSE_RAD, (len(runners), 1))
    for i in np.flatnonzero(~twin.fallen):
        state = RobotState(seen.gravity[i], seen.ang_vel[i], seen.joint_pos[i], seen.joint_vel[i])
        targets[i] = joint_targets(runners[i].step(state, None, twin.time_s))
    return targets
