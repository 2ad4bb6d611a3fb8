# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Policies in the loop with a batch of twins: the same observation path as on the robot."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor, check_latent, ObservationHistory
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import (
    build_adaptor_observation,
    build_observation,
    joint_targets,
    LATENT_DIM,
    RobotState,
    trajectory_row,
)
from policy_gen_ros.domains.go2.spec import go2_spec, NETWORK
from policy_gen_ros.domains.go2.twin.episode import EpisodeRecorder, EpisodeResult
from policy_gen_ros.domains.go2.twin.many import MakeTwins, ManyTwins
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation
from policy_gen_ros.policies.network import ActorStack
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.utils.progress import progress
from threadpoolctl import threadpool_limits


class ClosedLoop:
    """
    Clocks, last actions and adaptor histories of a batch.

    :param clock_hz: rate of each robot's neutral clock. Shape: (n,)
    :param phase: of the clocks at the start, cycles. Shape: (n,)
    :param adaptor: without one, latents are :data:`LATENT_DIM` zeros (while the adaptor itself is
        being trained)
    """

    def __init__(self, twin: ManyTwins, adaptor: Adaptor | None, clock_hz: np.ndarray,
                 phase: np.ndarray) -> None:
        n = twin.count
        self.twin = twin
        self.adaptor = adaptor
        self.clock_hz = clock_hz
        self.phase = phase.astype(float)
        self.last_action = np.zeros((n, go2.NUM_JOINTS))
        self.action_before = np.zeros((n, go2.NUM_JOINTS))
        self.latent = np.zeros((n, adaptor.latent_dim if adaptor else LATENT_DIM))
        self._history = ObservationHistory(n)
        self.history = np.zeros((n, 0), np.float32)

    def observe(self, command: np.ndarray) -> tuple[np.ndarray, RobotState]:
        """Actor input of this tick and the sensor readings behind it. Shape: (n, any)."""
        state = self.twin.sense()
        self.history = self._history.push(build_adaptor_observation(
            state, self.last_action, self.action_before, command, self.phase))
        if self.adaptor is not None:
            self.latent = self.adaptor.latent(self.history)
        return build_observation(state, self.last_action, command, self.latent, self.phase), state

    def apply(self, action: np.ndarray) -> None:
        """Step the twin with these actions. Shape: (n, 12)."""
        self.twin.step(joint_targets(action))
        self.action_before, self.last_action = self.last_action, np.asarray(action)
        self.phase = (self.phase + self.clock_hz * go2.CONTROL_DT_S) % 1.0

    def reset(self, which: np.ndarray) -> None:
        """Start the chosen robots afresh (their clocks run on)."""
        self.twin.reset(which)
        self.last_action[which] = 0.0
        self.action_before[which] = 0.0
        self._history.reset(which)


def run_policy(act: Callable[[np.ndarray], np.ndarray], clock_hz: np.ndarray, command: np.ndarray,
               seconds: float, seed: int, adaptor: Adaptor | None,
               perturbation: Perturbation = NOMINAL,
               make_twins: MakeTwins | None = None) -> list[EpisodeResult]:
    """
    Run one policy a robot from standing, record and evaluate.

    :param act: observations (n, any) -> actions (n, 12)

    The other arguments are those of :func:`run_loop`.
    """
    return run_loop(lambda observation, *_: act(observation), clock_hz, command, seconds, seed,
                    adaptor, perturbation, make_twins)


def run_loop(act: Callable[[np.ndarray, RobotState, ClosedLoop], np.ndarray],
             clock_hz: np.ndarray, command: np.ndarray, seconds: float, seed: int,
             adaptor: Adaptor | None, perturbation: Perturbation = NOMINAL,
             make_twins: MakeTwins | None = None) -> list[EpisodeResult]:
    """
    Run whatever acts, one a robot, from standing; record and evaluate.

    :param act: observations (n, any), sensor readings and the loop -> actions (n, 12)
    :param command: Shape: (n, 3)
    :param make_twins: of another engine than MuJoCo
    """
    n, ticks = len(command), round(seconds / go2.CONTROL_DT_S)
    twin = (make_twins or _in_mujoco)(n, seed, perturbation)
    # Another stream than the twin's own: phases must not follow its draws of friction.
    phase = np.random.default_rng([seed, 1]).random(n)
    loop = ClosedLoop(twin, adaptor, clock_hz, phase)
    recorder = EpisodeRecorder(twin, ticks)
    # The matrices are small, and threads of BLAS that wait for more keep the twins' off the cores.
    with threadpool_limits(1, user_api='blas'):
        for _ in progress(range(ticks), about='walking', unit='tick'):
            observation, state = loop.observe(command)
            action = act(observation, state, loop)
            loop.apply(action)
            recorder.record(trajectory_row(state, joint_targets(action)))
    return recorder.results(command)


def rollout_actors(actors: Sequence[ActorWeights], adaptor: Adaptor, seconds: float = 10.0,
                   commands: np.ndarray | None = None, seed: int = 0,
                   perturbation: Perturbation = NOMINAL,
                   make_twins: MakeTwins | None = None) -> list[EpisodeResult]:
    """
    Run actors side by side, each in its own twin.

    :param commands: Shape: (actors, 3); default: each actor's nominal command
    :raises SpecError: an actor reads another latent than the adaptor gives
    """
    for actor in actors:
        check_latent(actor, adaptor)
    if commands is None:
        commands = np.array([actor.nominal_command for actor in actors])
    clock_hz = np.array([go2_spec(actor).clock_hz for actor in actors])
    return run_policy(ActorStack(actors, NETWORK).act, clock_hz, commands, seconds, seed, adaptor,
                      perturbation, make_twins=make_twins)


def _in_mujoco(count: int, seed: int, perturbation: Perturbation) -> ManyTwins:
    from policy_gen_ros.domains.go2.twin.batch import BatchTwin  # other engines need no MuJoCo

    return BatchTwin(count, seed, perturbation)
