# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
A Go2 in Isaac Gym on the robot's own wire, or many of them at once.

    python3.8 sim/isaacgym_twin.py --interface lo --domain-id 1     # options as go2_twin
    python3.8 sim/isaacgym_twin.py --rollout actors/ --adaptor adaptor.safetensors

NOT RUN on a machine with Isaac Gym. ``pip install -r sim/isaacgym-requirements.txt`` installs what
its interpreter needs beside Isaac Gym itself.
"""

from __future__ import annotations

import argparse
from functools import partial
import json
import os
from pathlib import Path
import sys

# flake8: noqa: E402
sys.path.append(os.environ.get('POLICY_GEN_ROS_HOME', str(Path(__file__).resolve().parents[1])))

from isaacgym_scene import Ground, Scene  # isort: skip - Isaac Gym wants to be before torch
import numpy as np
from policy_gen_ros.deployment.twin import process
from policy_gen_ros.deployment.twin.simulated import Body, SimulatedGo2
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import RobotState
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
from policy_gen_ros.domains.go2.twin.drawn import draw, Drawn
from policy_gen_ros.domains.go2.twin.many import (
    CONTACT_FORCE_N,
    has_fallen,
    PHYSICS_DT_S,
    SUBSTEPS,
    Truth,
)
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation
from policy_gen_ros.policies.weights import ActorWeights

GRAVITY = np.array([0.0, 0.0, 9.81])
STANDING_M, LYING_M = 0.32, 0.12
_OF_MANY = frozenset({'friction', 'restitution', 'payload_kg', 'motor_strength', 'push_every_s'})
_OF_ONE = _OF_MANY | {
    'delay_s', 'push_mps', 'push_range', 'impulse_ns', 'joint_pos_noise_rad',
    'joint_vel_noise_rad_s', 'gravity_noise', 'ang_vel_noise_rad_s', 'gyro_bias_rad_s',
    'imu_tilt_rad', 'joint_offset_rad', 'gain_scale', 'chance'}
"""What is simulated here; ground is flat, and models are as they are."""


class IsaacGo2(SimulatedGo2):
    """One robot for the wire, stepped at 500 Hz."""

    def __init__(self, standing: bool, perturbation: Perturbation, seed: int) -> None:
        _check(perturbation, _OF_ONE)
        rng = np.random.default_rng([seed, 1])
        drawn = draw(perturbation, 1, rng, np.random.default_rng([seed, 2]))
        self._scene = Scene(ground_of(drawn), go2.LOWCMD_DT_S)
        super().__init__(perturbation, drawn, rng)
        pose = go2.DEFAULT_POSE_RAD if standing else go2.SITTING_POSE_RAD
        height = STANDING_M if standing else LYING_M
        self._scene.place(np.array([0]), np.array([[0.0, 0.0, height]]), pose[None],
                          np.zeros((1, 3)))
        self._steps = 0
        self._velocity = np.zeros(3)
        self._accelerometer = GRAVITY
        self._set_motors(go2.KP_STAND * pose, np.full(12, go2.KP_STAND),
                         np.full(12, go2.KD_STAND))

    @property
    def time_s(self) -> float:
        """Return the simulated time since the start."""
        return self._steps * self._scene.dt_s

    def _set_motors(self, constant: np.ndarray, kp: np.ndarray, kd: np.ndarray) -> None:
        self._constant, self._kp, self._kd = constant, kp, kd

    def _advance(self) -> None:
        scene = self._scene
        scene.step(self.strength * (self._constant - self._kp * scene.joint_pos
                                    - self._kd * scene.joint_vel))
        self._steps += 1
        velocity = scene.velocity[0]
        felt = (velocity - self._velocity) / scene.dt_s + GRAVITY
        self._accelerometer = go2.rotate_to_body(scene.quaternion, felt[None])[0]
        self._velocity = velocity

    def _kick(self, velocity: np.ndarray) -> None:
        self._scene.kick(velocity[None])

    def pose(self) -> np.ndarray:
        """Position, quaternion, and joints in the order of ``sim/go2.xml``. Shape: (19,)."""
        body = self.body()
        return np.concatenate([body.position, body.quaternion, body.joint_pos])

    def body(self) -> Body:
        """Truth of the moment."""
        scene = self._scene
        return Body(
            position=scene.position[0], quaternion=scene.quaternion[0],
            velocity=scene.velocity[0], ang_vel=scene.ang_vel[0],
            accelerometer=self._accelerometer, joint_pos=scene.joint_pos[0],
            joint_vel=scene.joint_vel[0], joint_torque=scene.torque[0],
            foot_force=scene.foot_force[0])


class IsaacTwins:
    """Many robots at once, as :class:`policy_gen_ros.domains.go2.twin.many.ManyTwins`."""

    def __init__(self, count: int, seed: int, perturbation: Perturbation,
                 device: str = 'cpu') -> None:
        _check(perturbation, _OF_MANY)
        self.count, self._rng = count, np.random.default_rng(seed)
        drawn = draw(perturbation, count, self._rng, np.random.default_rng([seed, 2]))
        self._scene = Scene(ground_of(drawn), PHYSICS_DT_S, device)
        self._strength = drawn.motor_strength[:, None]
        self._contact = np.zeros((count, SUBSTEPS, 4), bool)
        self._fallen = np.zeros(count, bool)
        self.reset()

    def reset(self, which: np.ndarray | None = None) -> None:
        """Put the chosen robots (default: all) back on their feet."""
        which = np.arange(self.count) if which is None else np.atleast_1d(which)
        spread = self._rng.uniform(-0.05, 0.05, (len(which), go2.NUM_JOINTS))
        position = np.tile([0.0, 0.0, STANDING_M], (len(which), 1))
        self._scene.place(which, position, go2.DEFAULT_POSE_RAD + spread, np.zeros_like(position))
        self._fallen[which] = False

    def step(self, target_rad: np.ndarray) -> None:
        """Advance all by one control period. Shape: (count, 12), policy order."""
        scene = self._scene
        for substep in range(SUBSTEPS):
            scene.step(self._strength * (go2.KP_WALK * (target_rad - scene.joint_pos)
                                         - go2.KD_WALK * scene.joint_vel))
            self._contact[:, substep] = scene.foot_force > CONTACT_FORCE_N
        self._fallen |= has_fallen(scene.quaternion, scene.position[:, 2])

    def sense(self) -> RobotState:
        """Sensor readings."""
        scene = self._scene
        return RobotState(gravity=go2.gravity_in_body(scene.quaternion), ang_vel=scene.ang_vel,
                          joint_pos=scene.joint_pos, joint_vel=scene.joint_vel)

    def truth(self) -> Truth:
        """Ground truth of the control period just stepped."""
        scene = self._scene
        return Truth(
            base_velocity=go2.rotate_to_body(scene.quaternion, scene.velocity),
            ang_vel=scene.ang_vel, height=scene.position[:, 2], contact=self._contact.copy(),
            foot_height=scene.foot_height, torque_nm=scene.torque, fallen=self._fallen.copy())


def _check(perturbation: Perturbation, simulated: frozenset[str]) -> None:
    unknown = sorted(perturbation.changed - simulated)
    if unknown:
        raise ValueError('the Isaac Gym twin has flat ground and one model only, and simulates '
                         f'no {", ".join(unknown)}: leave these away')


def ground_of(drawn: Drawn) -> Ground:
    """Return what robots stand on and carry."""
    return Ground(np.nan_to_num(drawn.friction, nan=NOMINAL.friction[0]), drawn.restitution,
                  drawn.payload_kg)


def roll_out(argv: list[str]) -> int:
    """Walk all actors of a folder side by side, and print what each did."""
    parser = argparse.ArgumentParser(prog='isaacgym_twin.py --rollout')
    parser.add_argument('actors', type=Path, help='folder of .safetensors actors')
    parser.add_argument('--adaptor', type=Path, required=True)
    parser.add_argument('--seconds', type=float, default=10.0)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--device', default='cpu', help='cpu, or a GPU such as cuda:0')
    options = parser.parse_args(argv)
    files = sorted(options.actors.glob('*.safetensors'))
    if not files:
        parser.error(f'no .safetensors in {options.actors}')
    actors = [ActorWeights.load(file) for file in files]
    results = rollout_actors(
        actors, Adaptor.load(options.adaptor), options.seconds, seed=options.seed,
        make_twins=partial(IsaacTwins, device=options.device))
    for file, result in zip(files, results):
        print(json.dumps({'actor': file.name, 'survived': result.survived,
                          'reward': result.reward, 'measures': result.measures}))
    return 0


def main(argv: list[str]) -> int:
    """Play the robot on the wire, or roll actors out."""
    if argv[:1] == ['--rollout']:
        return roll_out(argv[1:])
    return process.main(argv, IsaacGo2)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
