# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Foreign policies in batches: from readings to joint targets, and walking in the twin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import mujoco
import numpy as np
from policy_gen_ros.domains.go2.importers.observation import build_frame, History, Seen
from policy_gen_ros.domains.go2.importers.policies import ForeignPolicy
from policy_gen_ros.domains.go2.importers.spec import ForeignSpec, HISTORY_ORDERS
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import RobotState, trajectory_row
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.episode import EpisodeRecorder, EpisodeResult
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation
from policy_gen_ros.policies.network import elu
from policy_gen_ros.policies.weights import Layers
from policy_gen_ros.utils.progress import progress
from threadpoolctl import threadpool_limits

FLOAT16_MAX = float(np.finfo(np.float16).max)
_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def _selu(x: np.ndarray) -> np.ndarray:
    return _SELU_SCALE * np.where(x > 0, x, _SELU_ALPHA * np.expm1(np.minimum(x, 0)))


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    'elu': elu, 'leaky_relu': lambda x: np.where(x > 0, x, 0.01 * x),
    'relu': lambda x: np.maximum(x, 0), 'selu': _selu,
    'silu': lambda x: x / (1 + np.exp(-x.clip(-80, None))), 'tanh': np.tanh}
"""Activations of a spec, with PyTorch's default parameters."""


class MlpStack:
    """Networks of one shape side by side; a single one serves any number of policies."""

    def __init__(self, networks: Sequence[Layers], activation: str) -> None:
        self._layers = [(np.stack([n[i][0].T for n in networks]),
                         np.stack([n[i][1][None] for n in networks]))
                        for i in range(len(networks[0]))]
        self._activate = ACTIVATIONS[activation]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Shape: (policies, episodes, inputs) -> (policies, episodes, outputs)."""
        for i, (weight, bias) in enumerate(self._layers):
            x = x @ weight + bias
            if i < len(self._layers) - 1:
                x = self._activate(x)
        return x


class ForeignController:
    """
    Policies of one spec with all that they remember: actions, histories and clocks.

    Robots are in the order of the policies, ``episodes`` robots each.

    :param phase: of each robot's clock at the start, cycles. Shape: (policies * episodes,)
    """

    def __init__(self, spec: ForeignSpec, policies: Sequence[ForeignPolicy],
                 phase: np.ndarray) -> None:
        n = len(phase)
        self._spec, self._episodes = spec, n // len(policies)
        self._network = MlpStack([policy.layers for policy in policies], spec.activation)
        self._history = _history(n, spec.history_length, spec.frame_size, spec.history_order)
        adaptors = [policy.adaptor for policy in policies if policy.adaptor is not None]
        shared = adaptors[:1] if all(a is adaptors[0] for a in adaptors) else adaptors
        self._adaptor = MlpStack(shared, spec.activation) if spec.adaptor else None
        if spec.adaptor:
            self._adaptor_history = _history(
                n, spec.adaptor.history_length, spec.adaptor.frame_size,
                spec.adaptor.history_order)
        rates = np.nan_to_num([policy.clock_hz for policy in policies])
        self._clock_hz = np.repeat(rates, self._episodes)
        self._phase = phase.astype(float)
        self._last_action = self._action_before = np.zeros((n, go2.NUM_JOINTS))
        self._to_ours = np.argsort(spec.from_ours)
        self.network_input = np.zeros((n, spec.input_size), np.float32)

    def targets(self, state: RobotState, base_lin_vel: np.ndarray,
                command: np.ndarray) -> np.ndarray:
        """
        Joint targets of this tick.

        :param state: readings in our joint order
        :param base_lin_vel: m/s in the body frame. Shape: (n, 3)
        :param command: vx m/s, vy m/s, yaw rate rad/s. Shape: (n, 3)
        :return: rad, in our joint order, inside the range that is sent to a robot. Shape: (n, 12)
        """
        spec, order = self._spec, self._spec.from_ours
        theirs = RobotState(state.gravity, state.ang_vel, state.joint_pos[:, order],
                            state.joint_vel[:, order])
        nothing = np.zeros((len(command), 0))
        seen = Seen(theirs, base_lin_vel, command, np.array(spec.default_pose_rad),
                    self._last_action, self._action_before, self._phase, nothing, nothing)
        if spec.adaptor is not None and self._adaptor is not None:
            history = self._adaptor_history.push(
                build_frame(spec.adaptor.observation, seen, spec.observation_clip))
            seen = replace(seen, adaptor_history=history,
                           latent=self._run(self._adaptor, history))
        self.network_input = self._history.push(
            build_frame(spec.observation, seen, spec.observation_clip))
        action = self._run(self._network, self.network_input)
        self._action_before = self._last_action
        self._last_action = action.clip(-spec.action_clip, spec.action_clip)
        self._phase = (self._phase + self._clock_hz * go2.CONTROL_DT_S) % 1.0
        target = spec.default_pose_rad + np.array(spec.action_scale) * self._last_action
        ours: np.ndarray = target[:, self._to_ours]
        return ours.clip(go2.TARGET_LOWER_RAD, go2.TARGET_UPPER_RAD)

    def _run(self, network: MlpStack, x: np.ndarray) -> np.ndarray:
        # Huge weights may overflow; such a policy falls, and its record stays finite.
        with np.errstate(over='ignore', invalid='ignore'):
            y = network(x.reshape(-1, self._episodes, x.shape[1])).reshape(len(x), -1)
        return np.nan_to_num(y)


def _history(count: int, length: int, size: int, order: str) -> History:
    return History(count, length, size, newest_first=order != HISTORY_ORDERS[0])


@dataclass(frozen=True)
class PolicyRollouts:
    """
    Episodes by policy, and network inputs of each policy's first one.

    :param met: Shape: (policies, kept, inputs), float16
    """

    episodes: list[list[EpisodeResult]]
    met: np.ndarray


def walk(spec: ForeignSpec, policies: Sequence[ForeignPolicy], command: np.ndarray,
         seconds: float, seed: int, perturbation: Perturbation = NOMINAL,
         keep: int = 0, robot: mujoco.MjSpec | None = None) -> PolicyRollouts:
    """
    Walk every policy from standing, one episode a command, all in one batch of twins.

    Policies meet the same randomness, so what one does hangs on no other.

    :param command: Shape: (policies, episodes, 3)
    :param keep: network inputs to keep, every second tick
    :param robot: as of :class:`BatchTwin`
    """
    (n, episodes), ticks = command.shape[:2], round(seconds / go2.CONTROL_DT_S)
    to_ours = np.argsort(spec.from_ours)
    twin = BatchTwin(n * episodes, seed, perturbation, copies=n, kp=np.array(spec.kp)[to_ours],
                     kd=np.array(spec.kd)[to_ours], robot=robot)
    # Another stream than the twin's own, as in twin.closed_loop.
    phase = np.random.default_rng([seed, 1]).random(episodes)
    controller = ForeignController(spec, policies, np.tile(phase, n))
    recorder, commands = EpisodeRecorder(twin, ticks), command.reshape(-1, 3)
    met: list[np.ndarray] = []
    with threadpool_limits(1, user_api='blas'):  # as in twin.closed_loop
        for tick in progress(range(ticks), about='walking', unit='tick'):
            state = twin.sense()
            target = controller.targets(state, twin.truth().base_velocity, commands)
            row = trajectory_row(state, target)
            twin.step(target)
            recorder.record(row)
            if tick % 2 == 0 and len(met) < keep:
                first = controller.network_input[::episodes]
                met.append(first.clip(-FLOAT16_MAX, FLOAT16_MAX).astype(np.float16))
    results = recorder.results(commands)
    return PolicyRollouts([results[i:i + episodes] for i in range(0, len(results), episodes)],
                  np.stack(met, axis=1) if met else np.zeros((n, 0, spec.input_size), np.float16))
