# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The actor that stands: it holds the default pose."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import JOINT_VEL_SCALE
from policy_gen_ros.domains.go2.spec import ActorSpec
from policy_gen_ros.policies.weights import ActorWeights

STIFFNESS, DAMPING_S = 1.0, 0.02
"""
Targets lead away from joint angles and velocities by these: the legs become twice as stiff. With
the motors' own gains alone (20 Nm/rad) a robot sinks within seconds, and later it falls; three
times as stiff it falls with 60 ms of delay.
"""
_LINEAR = 4.0
"""Lifts what is seen of joints to where the activation is the identity."""
_JOINTS = slice(6, 6 + 2 * go2.NUM_JOINTS)
"""Columns of joint angles, relative to the default pose, and of joint velocities."""


def standing_actor(spec: ActorSpec, bundle: str) -> ActorWeights:
    """
    Return an actor that holds the default pose, whatever it is commanded.

    Its hidden layers hand on joint angles and velocities, and the last one is a PD controller.
    Taken over in full motion it falls now and then; let the robot step on the spot before.

    :raises ValueError: hidden layers are too narrow for that
    """
    seen = 2 * go2.NUM_JOINTS
    if min(spec.layer_sizes[1:-1]) < seen:
        raise ValueError(f'an actor with layers {spec.layer_sizes} cannot stand: hidden layers '
                         f'need {seen} values')
    layers = [(np.zeros((after, before), np.float32), np.zeros(after, np.float32))
              for before, after in pairwise(spec.layer_sizes)]
    (first, lift), *inner, (last, rest) = layers
    first[:seen, _JOINTS], lift[:seen] = np.eye(seen), _LINEAR
    for weight, _ in inner:
        weight[:seen, :seen] = np.eye(seen)
    each = np.diag(1.0 / go2.ACTION_SCALE)
    last[:, :seen] -= np.hstack([STIFFNESS * each, DAMPING_S / JOINT_VEL_SCALE * each])
    rest[:] = -_LINEAR * last.sum(axis=1)
    return ActorWeights(spec, tuple(layers), goal='stand', bundle=bundle)
