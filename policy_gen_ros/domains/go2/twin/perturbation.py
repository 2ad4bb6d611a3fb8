# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What a twin meets beside flat, sticky ground and a robot as built.

Ranges are (low, high). The defaults are nominal, and ``None`` leaves to the model what it says.

Sources of the widest ranges, those of :data:`RANDOMISED`, by the names used there:

- WTW: walk-these-ways, Margolis and Agrawal 2022, as its published ``scripts/train.py`` sets it;
- RMA: Kumar et al. 2021, table 1;
- Rudin: Rudin et al. 2022, Learning to Walk in Minutes, and legged_gym;
- Peng: Peng et al. 2020, Learning Agile Robotic Locomotion Skills by Imitating Animals, table 2;
- Menagerie: ``unitree_go2/go2.xml`` of MuJoCo Menagerie, another group's model of this robot;
- here: what this project measured or assumes, as no source is known.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)  # of the standard library: Isaac Gym's Python 3.8 reads it
class Perturbation:
    """
    Randomisation of a batch, drawn once a twin.

    What each model is:

    :param friction: sliding friction of the feet
    :param restitution: of their contacts; acts through the contact's damping ratio
    :param payload_kg: on the trunk
    :param motor_strength: torque given over torque asked for
    :param joint_damping: of all joints, Nm s/rad
    :param joint_friction_nm: dry friction of all joints
    :param armature_scale, gain_scale: on the inertia of the rotors, and on kp and kd, of which
        each draws its own
    :param mass_scale, inertia_scale: of each link; inertia follows its mass, times its own scale
    :param com_shift_m: largest shift of the trunk's centre of mass along each axis
    :param foot_radius_m: of all feet
    :param contact_time_s: time constant of the feet's contacts, MuJoCo's ``solref``: the larger,
        the softer the ground. At physics steps of 5 ms MuJoCo makes it 0.01 at least
    :param bounce_time_s: shortest time constant of the contacts of feet that bounce. With 0.01 a
        ball dropped 10 cm rebounds with 0.7, 1.1, 1.8, 3.0 of its speed at restitution 0.1, 0.2,
        0.3, 0.4, as the physics steps are too long for it and give energy to it; with 0.03 with
        0.27, 0.35, 0.44, 0.53. 0 leaves it, as archives were built before that was known
    :param contact_models: names in :data:`policy_gen_ros.domains.go2.twin.variant.CONTACT_MODELS`,
        one of which is drawn

    What its motors and sensors do:

    :param delay_s: from a target to its effect
    :param joint_pos_noise_rad, joint_vel_noise_rad_s, gravity_noise, ang_vel_noise_rad_s:
        standard deviations of what is read
    :param gyro_bias_rad_s: largest constant error of each axis
    :param imu_tilt_rad: largest error of the IMU's mounting about each axis
    :param joint_offset_rad: largest error of each encoder's zero, for the motors' control, too

    What it stands on, and what hits it:

    :param push_mps: size of a velocity kick every ``push_every_s`` seconds
    :param impulse_ns: of a force on the trunk that lasts 0.1 s, as often. Where there are both,
        each push is one of them
    :param push_range: of the size of each push, over these
    :param bumps_m: height of the bumps of a height field, one for the whole batch, on which each
        twin starts somewhere else. Feet may get caught in it: prefer ``cobbles_m``
    :param slope_deg: of the ground, downhill in a drawn direction
    :param steps_m: height of platforms, half a metre wide, that cover half of the ground
    :param cobbles_m: height up to which small platforms differ from each other

    How it is drawn:

    :param chance: of each item to be drawn at all; else it is nominal
    :param spares: combinations in :data:`policy_gen_ros.domains.go2.twin.conditions.SPARED` are
        never drawn: what training sets aside for evaluation
    :param variants: so many models are drawn, and twins share them; 0 draws one for each twin
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
    joint_damping: tuple[float, float] | None = None
    joint_friction_nm: tuple[float, float] | None = None
    armature_scale: tuple[float, float] = (1.0, 1.0)
    gain_scale: tuple[float, float] = (1.0, 1.0)
    mass_scale: tuple[float, float] = (1.0, 1.0)
    inertia_scale: tuple[float, float] = (1.0, 1.0)
    com_shift_m: float = 0.0
    bounce_time_s: float = 0.0
    foot_radius_m: tuple[float, float] | None = None
    contact_time_s: tuple[float, float] | None = None
    contact_models: tuple[str, ...] = ()
    gyro_bias_rad_s: float = 0.0
    imu_tilt_rad: float = 0.0
    joint_offset_rad: float = 0.0
    push_range: tuple[float, float] = (1.0, 1.0)
    impulse_ns: float = 0.0
    slope_deg: tuple[float, float] = (0.0, 0.0)
    steps_m: tuple[float, float] = (0.0, 0.0)
    cobbles_m: tuple[float, float] = (0.0, 0.0)
    chance: float = 1.0
    spares: bool = False
    variants: int = 0

    @property
    def changed(self) -> frozenset[str]:
        """Return the names of all fields that are not nominal."""
        return frozenset(field.name for field in fields(self)
                         if getattr(self, field.name) != field.default)

    @property
    def has_platforms(self) -> bool:
        """Return whether steps or cobbles may be drawn."""
        return max(self.steps_m[1], self.cobbles_m[1]) > 0


BOUNCE_TIME_S = 0.03
NOMINAL = Perturbation()
TRAINING = Perturbation(
    friction=(0.3, 1.2), restitution=(0.0, 0.4), payload_kg=(0.0, 3.0),
    motor_strength=(0.9, 1.1), delay_s=(0.0, 0.04), joint_pos_noise_rad=0.01,
    joint_vel_noise_rad_s=0.4, gravity_noise=0.015, ang_vel_noise_rad_s=0.08, push_mps=0.5)
ROUGH = replace(TRAINING, restitution=(0.0, 0.0))
"""What a robot may meet, but for ground that bounces: on that half of everything falls."""

RANDOMISED = Perturbation(
    friction=(0.2, 1.5),  # WTW from 0.1, Rudin 0.5 to 1.25; Peng from 0.05
    restitution=(0.0, 0.4), bounce_time_s=BOUNCE_TIME_S,  # WTW
    payload_kg=(-1.0, 5.0),  # WTW -1 to 3, RMA 0 to 6
    motor_strength=(0.8, 1.1),  # Peng 0.8 to 1.2, WTW 0.9 to 1.1; a hot motor is a weak one
    delay_s=(0.0, 0.06),  # Peng to 0.04, WTW 0.03; here: the wire of a busy computer
    joint_pos_noise_rad=0.01, joint_vel_noise_rad_s=0.4, gravity_noise=0.015,
    ang_vel_noise_rad_s=0.08,  # as TRAINING; Rudin's are uniform and two to four times as wide
    push_mps=1.0, push_every_s=3.0, push_range=(0.0, 1.0),  # Rudin 1 m/s, every 15 s
    impulse_ns=15.0,  # the same momentum of 15 kg
    joint_damping=(0.0, 2.5),  # Menagerie 2, ours 0.2
    joint_friction_nm=(0.0, 0.8),  # Menagerie 0.2, ours 0.6, identified 0.2 to 1
    armature_scale=(0.5, 2.0),  # identified 0.01 to 0.04 kg m², ours 0.01 and 0.02
    gain_scale=(0.85, 1.15),  # RMA 50 to 60 for kp, 0.4 to 0.8 for kd
    mass_scale=(0.85, 1.15),  # Peng 0.8 to 1.2 of the whole
    inertia_scale=(0.7, 1.3),  # Peng 0.5 to 1.5
    com_shift_m=0.05,  # Kuavo's legged_gym 0.05; RMA 0.15, of a smaller robot
    foot_radius_m=(0.018, 0.027),  # Menagerie and ours 0.022; here: worn, or in a sock
    contact_time_s=(0.01, 0.04),  # here: from hard floor to lawn; feet sink 1 to 12 mm
    contact_models=('elliptic', 'turning'),  # how MuJoCo models of others are set; see there
    gyro_bias_rad_s=0.03,  # here: of MEMS gyroscopes after a warm-up
    imu_tilt_rad=0.03,  # Tan et al. 2018 0.05
    joint_offset_rad=0.02,  # WTW
    slope_deg=(0.0, 12.0),  # Rudin to 25, which is more than a fixed gait can walk
    steps_m=(0.0, 0.06),  # Rudin 0.05 to 0.2; here: what feet that swing 4 to 8 cm may meet
    cobbles_m=(0.0, 0.04),  # Rudin's random uniform ground, 0.1 wide
    chance=0.5, spares=True, variants=64)
"""
The widest that actors are to withstand. Half of everything stays nominal in each robot: where all
is drawn at once, nothing that walks is left to learn from.
"""


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
