# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What a twin meets beside flat, sticky ground and a robot as built."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)  # of the standard library: Isaac Gym's Python 3.8 reads it
class Perturbation:
    """
    Randomisation of a batch, drawn once a twin. Ranges are (low, high); the default is nominal.

    ``restitution`` acts through the contact's damping ratio; ``delay_s`` is the time from a target
    to its effect; ``push_mps`` is the size of a velocity kick every ``push_every_s`` seconds;
    ``bumps_m`` is the height of the bumps of uneven ground, one ground for the whole batch, on
    which each twin starts somewhere else.
    """

    friction: tuple[float, float] = (0.8, 0.8)
    restitution: tuple[float, float] = (0.0, 0.0)
    payload_kg: tuple[float, float] = (0.0, 0.0)
    motor_strength: tuple[float, float] = (1.0, 1.0)
    delay_s: tuple[float, float] = (0.0, 0.0)
    joint_pos_noise_rad: float = 0.0
    joint_vel_noise_rad_s: float = 0.0
    gravity_noise: float = 0.0
    ang_vel_noise_rad_s: float = 0.0
    push_mps: float = 0.0
    push_every_s: float = 4.0
    bumps_m: float = 0.0


NOMINAL = Perturbation()
TRAINING = Perturbation(
    friction=(0.3, 1.2), restitution=(0.0, 0.4), payload_kg=(0.0, 3.0),
    motor_strength=(0.9, 1.1), delay_s=(0.0, 0.04), joint_pos_noise_rad=0.01,
    joint_vel_noise_rad_s=0.4, gravity_noise=0.015, ang_vel_noise_rad_s=0.08, push_mps=0.5)
ROUGH = replace(TRAINING, restitution=(0.0, 0.0))
"""What a robot may meet, but for ground that bounces: on that half of everything falls."""


PERTURBATIONS = {
    'none': NOMINAL,
    'friction': Perturbation(friction=(0.3, 1.2)),
    'payload': Perturbation(payload_kg=(0.0, 3.0)),
    'motors': Perturbation(motor_strength=(0.9, 1.1)),
    'delay': Perturbation(delay_s=(0.0, 0.04)),
    'noise': replace(TRAINING, friction=(0.8, 0.8), restitution=(0.0, 0.0), payload_kg=(0.0, 0.0),
                     motor_strength=(1.0, 1.0), delay_s=(0.0, 0.0), push_mps=0.0),
    'push': Perturbation(push_mps=0.5),
    'bouncy': Perturbation(restitution=(0.0, 0.4)),
    'all-but-bouncy': ROUGH,
    'all': TRAINING}
"""What actors were trained under, one part at a time and together."""
