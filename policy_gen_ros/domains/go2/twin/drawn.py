# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Drawing what each twin of a batch is and meets, by a :class:`Perturbation`."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.twin.conditions import SPARED
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation

LINKS = 1 + go2.NUM_JOINTS
"""The trunk, and the link that each joint moves."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """
    What was drawn for n twins; NaN is what the model says, or nothing where that is nominal.

    Shapes: (n,), but of ``mass_scale`` and ``inertia_scale`` (n, 13), trunk first; of
    ``com_shift_m``, ``gyro_bias_rad_s`` and ``imu_tilt_rad`` (n, 3); of ``joint_offset_rad``
    (n, 12).

    :param contact_model: place in the perturbation's ``contact_models``, -1 for the model's own
    :param azimuth_rad: of downhill
    :param ground_seed: draws the pattern of steps and cobbles; -1 without any
    :param noisy: 1 where sensors are, else 0
    :param pushed: whether it is pushed at all
    """

    friction: np.ndarray
    restitution: np.ndarray
    payload_kg: np.ndarray
    motor_strength: np.ndarray
    joint_damping: np.ndarray
    joint_friction_nm: np.ndarray
    armature_scale: np.ndarray
    kp_scale: np.ndarray
    kd_scale: np.ndarray
    mass_scale: np.ndarray
    inertia_scale: np.ndarray
    com_shift_m: np.ndarray
    foot_radius_m: np.ndarray
    contact_time_s: np.ndarray
    contact_model: np.ndarray
    slope_deg: np.ndarray
    azimuth_rad: np.ndarray
    steps_m: np.ndarray
    cobbles_m: np.ndarray
    ground_seed: np.ndarray
    delay_s: np.ndarray
    noisy: np.ndarray
    gyro_bias_rad_s: np.ndarray
    imu_tilt_rad: np.ndarray
    joint_offset_rad: np.ndarray
    pushed: np.ndarray

    @property
    def down(self) -> np.ndarray:
        """Return the direction of gravity, where z is normal to the ground. Shape: (n, 3)."""
        tilt = np.radians(self.slope_deg)
        return np.stack([np.sin(tilt) * np.cos(self.azimuth_rad),
                         np.sin(tilt) * np.sin(self.azimuth_rad), -np.cos(tilt)], axis=-1)

    def tiled(self, copies: int) -> Drawn:
        """Return the same for several equal parts of a batch, one after the other."""
        return Drawn(**{field.name: np.concatenate([getattr(self, field.name)] * copies)
                        for field in fields(self)})

    def model_key(self, i: int) -> bytes:
        """Return what two twins have in common whose model is the same."""
        return b''.join(np.asarray(getattr(self, name)[i], float).tobytes()
                        for name in MODEL_FIELDS)


_NAMES = [field.name for field in fields(Drawn)]
MODEL_FIELDS = tuple(_NAMES[:_NAMES.index('delay_s')])
"""What is of a model; the others are of each twin."""


_NOMINAL = {'friction': np.nan, 'joint_damping': np.nan, 'joint_friction_nm': np.nan,
            'foot_radius_m': np.nan, 'contact_time_s': np.nan, 'motor_strength': 1.0,
            'armature_scale': 1.0, 'gain_scale': 1.0, 'mass_scale': 1.0, 'inertia_scale': 1.0,
            'contact_models': -1}
"""What an item is that is not drawn; 0 where it is not here."""


def draw(ranges: Perturbation, count: int, rng: np.random.Generator,
         more: np.random.Generator) -> Drawn:
    """
    Draw what ``count`` twins are and meet.

    :param rng: draws friction, restitution, payload, strength and delay, as ever: what was built
        before there was more is the same today
    :param more: another stream, for everything else
    """
    changed = ranges.changed

    def kept(name: str, values: np.ndarray) -> np.ndarray:
        """Values of the twins for which the item is drawn."""
        nominal = _NOMINAL.get(name, 0.0)
        if name not in changed:
            return np.full_like(values, nominal)
        chosen = more.random(count) < ranges.chance
        return np.where(chosen.reshape(count, *(1 for _ in values.shape[1:])), values, nominal)

    def as_ever(name: str) -> np.ndarray:
        low, high = getattr(ranges, name)
        return kept(name, rng.uniform(low, high, count))

    def within(name: str, *shape: int) -> np.ndarray:
        low, high = getattr(ranges, name) or (0.0, 0.0)
        return kept(name, more.uniform(low, high, (count, *shape)))

    def error(name: str, size: int) -> np.ndarray:
        return kept(name, getattr(ranges, name) * more.uniform(-1.0, 1.0, (count, size)))

    values = {name: as_ever(name) for name in ('friction', 'restitution', 'payload_kg',
                                               'motor_strength', 'delay_s')}
    values.update({name: within(name) for name in (
        'joint_damping', 'joint_friction_nm', 'armature_scale', 'foot_radius_m',
        'contact_time_s', 'slope_deg', 'steps_m', 'cobbles_m')})
    values.update({
        'kp_scale': within('gain_scale'), 'kd_scale': within('gain_scale'),
        'mass_scale': within('mass_scale', LINKS),
        'inertia_scale': within('inertia_scale', LINKS), 'com_shift_m': error('com_shift_m', 3),
        'contact_model': kept('contact_models', more.integers(
            0, max(len(ranges.contact_models), 1), count)),
        'azimuth_rad': more.uniform(0, 2 * np.pi, count),
        'ground_seed': more.integers(0, 2**31, count),
        'noisy': (more.random(count) < ranges.chance).astype(float),
        'pushed': more.random(count) < ranges.chance,
        'gyro_bias_rad_s': error('gyro_bias_rad_s', 3), 'imu_tilt_rad': error('imu_tilt_rad', 3),
        'joint_offset_rad': error('joint_offset_rad', go2.NUM_JOINTS)})
    _combine(values, ranges)
    return Drawn(**values)


def _combine(values: dict[str, np.ndarray], ranges: Perturbation) -> None:
    """Change what of one item depends on another."""
    if ranges.spares:
        _spare(values)
    if ranges.variants:
        shared = np.arange(len(values['friction'])) % ranges.variants
        values.update({name: values[name][shared] for name in MODEL_FIELDS})
        if ranges.spares:  # a twin's own may meet what the model that it shares has
            _spare(values)
    if ranges.bounce_time_s:
        values['contact_time_s'] = np.where(
            values['restitution'] > 0, np.fmax(values['contact_time_s'], ranges.bounce_time_s),
            values['contact_time_s'])
    values['azimuth_rad'][values['slope_deg'] == 0] = 0.0
    values['ground_seed'][(values['steps_m'] == 0) & (values['cobbles_m'] == 0)] = -1


def _spare(values: dict[str, np.ndarray]) -> None:
    """Make the first item nominal in the twins that have a combination that is set aside."""
    for region in SPARED:
        inside = np.logical_and.reduce([(low <= values[name]) & (values[name] <= high)
                                        for name, (low, high) in region.items()])
        first = next(iter(region))
        values[first][inside] = _NOMINAL.get(first, 0.0)
