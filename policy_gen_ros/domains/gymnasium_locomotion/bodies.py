# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Inertia and velocity of the bodies of robots, and the torques at their joints."""

from __future__ import annotations

import mujoco
import numpy as np

_STATE = mujoco.mjtState.mjSTATE_FULLPHYSICS
INERTIA, VELOCITY, ROOT = 10, 6, 6
"""Values of each body, and degrees of freedom of the first one, which no motor moves."""


class Bodies:
    """
    What Gymnasium's Humanoid shows beside positions and velocities, in any number of states.

    Gymnasium has these values from the last stage of the integrator; here they are of the state
    itself.
    """

    def __init__(self, model: mujoco.MjModel) -> None:
        self._model, self._data = model, mujoco.MjData(model)
        self._torque = np.zeros((model.nu, model.nv))
        joints = model.actuator_trnid[:, 0]
        self._torque[np.arange(model.nu), model.jnt_dofadr[joints]] = model.actuator_gear[:, 0]
        self._moving = model.nbody - 1
        self.values = (INERTIA + VELOCITY) * self._moving + model.nv - ROOT
        """How many :meth:`of` returns of a state."""

    def of(self, states: np.ndarray, control: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """
        Return what the bodies do, and where their centre of mass is.

        :param states: MuJoCo's full physics. Shape: (n, state)
        :param control: that brought them there. Shape: (n, actions), or zero
        :return: inertia of each body (its tensor, first moments and mass) and its velocity
            (angular, linear), all about the robot's centre of mass, and the torque at each joint;
            x of the centre of mass in m. Shapes: (n, values), (n,)
        """
        model, data, count = self._model, self._data, len(states)
        inertia = np.zeros((count, self._moving * INERTIA))
        velocity = np.zeros((count, self._moving * VELOCITY))
        centre = np.zeros(count)
        for i, state in enumerate(states):
            mujoco.mj_setState(model, data, state, _STATE)
            mujoco.mj_kinematics(model, data)
            mujoco.mj_comPos(model, data)
            mujoco.mj_comVel(model, data)
            inertia[i], velocity[i] = data.cinert[1:].ravel(), data.cvel[1:].ravel()
            centre[i] = data.subtree_com[0, 0]
        torque = np.broadcast_to(control, (count, model.nu)) @ self._torque[:, ROOT:]
        return np.concatenate([inertia, velocity, torque], axis=1), centre
