# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A robot without physics for the controller's tests: joints that follow their targets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from policy_gen_ros.deployment.controller.runtime import LocomotionRuntime
from policy_gen_ros.deployment.controller.swap import HandOver
from policy_gen_ros.deployment.wire.frames import LowCommand, LowState
from policy_gen_ros.domains.go2.adaptor import Adaptor, INPUT_DIM
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.spec import ActorSpec
from policy_gen_ros.policies.weights import ActorWeights


def make_adaptor() -> Adaptor:
    """Make an adaptor whose latent is always zero."""
    return Adaptor(((np.zeros((2, INPUT_DIM), np.float32), np.zeros(2, np.float32)),))


def make_actor(scale: float = 0.0, seed: int = 0, clock_hz: float = 3.0,
               bias: float = 0.0, command: tuple = (0.0, 0.0, 0.0)) -> ActorWeights:
    """Make an actor of small random weights; ``scale=0`` always answers with ``bias``."""
    spec = ActorSpec(clock_hz=clock_hz, layer_sizes=(49, 16, 12))
    rng = np.random.default_rng(seed)
    layers = [((scale * rng.standard_normal((o, i))).astype(np.float32), np.zeros(o, np.float32))
              for i, o in zip(spec.layer_sizes, spec.layer_sizes[1:])]
    layers[-1] = (layers[-1][0], np.full(12, bias, np.float32))
    return ActorWeights(spec, tuple(layers), nominal_command=command, goal=f'test {seed}')


def standing_state(**changes: object) -> LowState:
    """Describe a level robot in the default pose."""
    base = LowState(
        tick_ms=0, quaternion=np.array([1.0, 0, 0, 0]), gyro=np.zeros(3),
        accelerometer=np.array([0, 0, 9.81]), joint_pos=go2.DEFAULT_POSE_RAD.copy(),
        joint_vel=np.zeros(12), joint_torque=np.zeros(12), motor_temperature_c=np.full(12, 30.0),
        foot_force=np.full(4, 37.0), battery_v=29.0)
    return replace(base, **changes)


def rolled(angle_rad: float) -> np.ndarray:
    """Quaternion (w, x, y, z) of a roll."""
    return np.array([np.cos(angle_rad / 2), np.sin(angle_rad / 2), 0.0, 0.0])


@dataclass
class FakeRobot:
    """Steps a runtime on its own clock; each joint goes part of the way to its target."""

    runtime: LocomotionRuntime
    dt_s: float = 0.002
    state: LowState = field(default_factory=standing_state)
    now_s: float = 0.0
    commands: list[LowCommand] = field(default_factory=list)
    fills_tick: bool = True

    def step(self, count: int = 1, frozen: bool = False, **changes: object) -> LowCommand:
        """Tick ``count`` times; ``frozen`` keeps sending the same LowState."""
        for _ in range(count):
            self.now_s += self.dt_s
            if not frozen:
                tick_ms = round(self.now_s * 1e3) if self.fills_tick else 0
                self.state = replace(self.state, tick_ms=tick_ms, **changes)
            command = self.runtime.tick(self.state, self.now_s)
            self.commands.append(command)
            if command.kp[0] > 0 and not frozen:
                moved = self.state.joint_pos + 0.3 * (command.q - self.state.joint_pos)
                self.state = replace(self.state, joint_pos=moved)
        return self.commands[-1]

    def walk(self, actor: ActorWeights) -> None:
        """Stand up and start walking with an actor."""
        self.hand_over(actor)
        self.step()
        assert self.runtime.request('stand')[0]
        self.step(round(2.5 / self.dt_s))
        accepted, why = self.runtime.request('activate')
        assert accepted, why
        self.step()
        assert self.runtime.mode == 'walking'

    def hand_over(self, actor: ActorWeights) -> None:
        """Offer an actor as the swap worker does."""
        self.runtime.walk.slot.offer(HandOver(actor, received_s=0.0))

    def events(self) -> list[str]:
        """Messages reported so far."""
        return [event.message for event in self.runtime.events]
