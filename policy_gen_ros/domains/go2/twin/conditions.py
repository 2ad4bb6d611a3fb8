# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Single conditions by name, for evaluation, and what training sets aside.

Imports neither NumPy nor a simulator: the command line reads the names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from policy_gen_ros.domains.go2.twin.perturbation import (
    BOUNCE_TIME_S,
    NOMINAL,
    Perturbation,
    PERTURBATIONS,
    RANDOMISED,
)

SPARED: tuple[dict[str, tuple[float, float]], ...] = (
    {'delay_s': (0.045, 0.06), 'payload_kg': (3.5, 5.0)},
    {'friction': (0.2, 0.45), 'slope_deg': (7.0, 12.0)},
    {'motor_strength': (0.8, 0.88), 'joint_damping': (1.4, 2.5)},
    {'restitution': (0.2, 0.4), 'steps_m': (0.03, 0.06)})
"""
Combinations that training never draws: all values within their ranges at once. In a robot that
would have one the first is made nominal. What is drawn for each robot, not for each model, comes
first: robots that share a model share the rest.
"""


@dataclass(frozen=True)
class Condition:
    """
    What all twins of a batch meet.

    :param set_aside: training draws nothing like it
    """

    ground: Perturbation
    set_aside: bool = False


def _fixed(**values: float) -> Perturbation:
    ranges: dict[str, Any] = {name: (value, value) for name, value in values.items()}
    return Perturbation(**ranges)


CONDITIONS: dict[str, Condition] = {
    'nominal': Condition(NOMINAL),
    'damping 0.5': Condition(_fixed(joint_damping=0.5)),
    'damping 1': Condition(_fixed(joint_damping=1.0)),
    'damping 2': Condition(_fixed(joint_damping=2.0)),
    'friction loss 0': Condition(_fixed(joint_friction_nm=0.0)),
    'motors 0.8': Condition(_fixed(motor_strength=0.8)),
    'delay 40 ms': Condition(_fixed(delay_s=0.04)),
    'delay 60 ms': Condition(_fixed(delay_s=0.06)),
    'payload 5 kg': Condition(_fixed(payload_kg=5.0)),
    'centre of mass 5 cm': Condition(Perturbation(com_shift_m=0.05)),
    'masses': Condition(Perturbation(mass_scale=(0.85, 1.15), inertia_scale=(0.7, 1.3),
                                     armature_scale=(0.5, 2.0))),
    'friction 0.2': Condition(_fixed(friction=0.2)),
    'bouncing 0.4': Condition(replace(
        _fixed(restitution=0.4), bounce_time_s=BOUNCE_TIME_S)),
    'soft ground': Condition(_fixed(contact_time_s=0.04)),
    'push 1 m/s': Condition(Perturbation(push_mps=1.0)),
    'impulse 15 Ns': Condition(Perturbation(impulse_ns=15.0)),
    'slope 10 deg': Condition(_fixed(slope_deg=10.0)),
    'steps 5 cm': Condition(_fixed(steps_m=0.05)),
    'cobbles 4 cm': Condition(_fixed(cobbles_m=0.04)),
    'sensors': Condition(Perturbation(
        joint_pos_noise_rad=0.01, joint_vel_noise_rad_s=0.4, gravity_noise=0.015,
        ang_vel_noise_rad_s=0.08, gyro_bias_rad_s=0.03, imu_tilt_rad=0.03,
        joint_offset_rad=0.02)),
    'menagerie': Condition(Perturbation(
        joint_damping=(2.0, 2.0), joint_friction_nm=(0.2, 0.2), contact_models=('menagerie',)),
        set_aside=True),
    'late and loaded': Condition(_fixed(delay_s=0.05, payload_kg=4.0), set_aside=True),
    'slippery slope': Condition(_fixed(friction=0.4, slope_deg=8.0), set_aside=True),
    'weak and damped': Condition(_fixed(motor_strength=0.85, joint_damping=1.5), set_aside=True),
    'bouncing steps': Condition(replace(
        _fixed(restitution=0.25, steps_m=0.04), bounce_time_s=BOUNCE_TIME_S), set_aside=True)}
"""By the names that tables have, nominal first and what is set aside last."""

GROUNDS: dict[str, Perturbation] = {
    **PERTURBATIONS, 'randomised': RANDOMISED,
    **{name: condition.ground for name, condition in CONDITIONS.items()}}
"""Everything that has a name."""
