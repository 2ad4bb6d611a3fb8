# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What a batch of twins hides from its robots: for teachers, critics, and adaptors to estimate."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.teacher.compensation import (
    Hidden,
    NOMINAL_DAMPING,
    NOMINAL_FRICTION_NM,
    slope_of,
)
from policy_gen_ros.domains.go2.twin.batch import BatchTwin

ESTIMATED = ('friction', 'restitution', 'joint_damping', 'joint_friction_nm', 'motor_strength',
             'load_kg', 'load_moment_kg_m', 'delay_s', 'slope_x', 'slope_y', 'vx_mps', 'vy_mps',
             'rise_m')
"""
What a wide latent estimates, in order; the first two are those of walk-these-ways. The slope is
that of the ground, and the velocity that of the trunk, both in its frame. The rise is the height
of edges on the ground.
"""
_CENTRE = np.array([0.5, 0.5, NOMINAL_DAMPING, NOMINAL_FRICTION_NM, 1.0, *[0.0] * 8])
_SCALE = np.array([0.5, 0.5, 0.8, 0.25, 0.1, 2.0, 0.3, 0.025, 0.1, 0.1, 0.4, 0.2, 0.03])


class HiddenReader:
    """Reads what was drawn for the n twins of a batch; what does not change is reckoned once."""

    def __init__(self, twin: BatchTwin) -> None:
        drawn = twin.drawn
        self._twin = twin
        trunk = twin.model.body('base').id
        joints = [twin.model.joint(name).id for name in go2.JOINT_NAMES]
        mass = twin.model.body_mass[[trunk, *twin.model.jnt_bodyid[joints]]]
        trunk_kg = mass[0] * drawn.mass_scale[:, 0] + drawn.payload_kg
        centre_m = twin.model.body_ipos[trunk, :2]
        self._constant = {
            'joint_damping': np.nan_to_num(drawn.joint_damping, nan=NOMINAL_DAMPING),
            'joint_friction_nm': np.nan_to_num(drawn.joint_friction_nm, nan=NOMINAL_FRICTION_NM),
            'motor_strength': drawn.motor_strength, 'kp_scale': drawn.kp_scale,
            'kd_scale': drawn.kd_scale,
            'load_kg': drawn.payload_kg + (drawn.mass_scale - 1) @ mass,
            'load_moment_kg_m': trunk_kg[:, None] * (centre_m + drawn.com_shift_m[:, :2])
            - mass[0] * centre_m,
            'delay_s': drawn.delay_s, 'rise_m': np.maximum(drawn.steps_m, drawn.cobbles_m)}

    def hidden(self) -> Hidden:
        """Return what a teacher compensates, now."""
        up = np.broadcast_to([0.0, 0.0, 1.0], (self._twin.count, 3))
        normal = go2.rotate_to_body(self._twin.quaternion, up)
        return Hidden(**self._constant, normal=normal)

    def feet(self) -> np.ndarray:
        """Friction and restitution of the feet's contacts. Shape: (n, 2)."""
        return np.column_stack([self._twin.friction, self._twin.restitution])

    def estimated(self) -> np.ndarray:
        """Return the values of :data:`ESTIMATED`, now, at about unit scale. Shape: (n, 13)."""
        constant, twin = self._constant, self._twin
        velocity = twin.truth().base_velocity[:, :2]
        down = go2.rotate_to_body(twin.quaternion, twin.drawn.down)
        slope = slope_of(self.hidden().normal, down)
        values = np.column_stack([
            self.feet(), constant['joint_damping'],
            constant['joint_friction_nm'], constant['motor_strength'] * constant['kp_scale'],
            constant['load_kg'], constant['load_moment_kg_m'][:, 0], constant['delay_s'], slope,
            velocity, constant['rise_m']])
        return np.clip((values - _CENTRE) / _SCALE, -5, 5).astype(np.float32)
