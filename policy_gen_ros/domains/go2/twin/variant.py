# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Models as they were drawn: what a robot is made of, and what it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import mujoco
import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.twin.drawn import Drawn
from policy_gen_ros.domains.go2.twin.heights import draw_heights, FLAT
from policy_gen_ros.domains.go2.twin.platforms import has_platforms, set_heights

FOOT_GEOMS = tuple(f'{leg}_foot' for leg in go2.LEGS)
GRAVITY_MPS2 = 9.81
LINE_SEARCHES = 50
"""Largest number that MuJoCo makes by default."""


@dataclass(frozen=True)
class ContactModel:
    """
    How MuJoCo models the contacts of feet.

    :param cone: of friction: 0 a pyramid, 1 elliptic
    :param impratio: how much harder friction is than the normal force
    :param condim: 3 slides, 4 turns, too, 6 rolls, too
    :param time_s: time constant, the first of ``solref``
    :param solimp: impedance: the smallest, the largest, and the depth in m at which it is reached
    """

    cone: int
    impratio: float
    condim: int
    time_s: float
    solimp: tuple[float, float, float]


CONTACT_MODELS = {
    'elliptic': ContactModel(1, 10.0, 3, 0.02, (0.9, 0.95, 0.001)),
    'turning': ContactModel(0, 1.0, 4, 0.01, (0.9, 0.95, 0.001)),
    'unitree': ContactModel(1, 100.0, 6, 0.02, (0.9, 0.95, 0.001)),
    'menagerie': ContactModel(1, 100.0, 6, 0.02, (0.015, 1.0, 0.031))}
"""
The first two are choices that other models make; the others are those of the Go2 of
``unitree_mujoco`` and of MuJoCo Menagerie, the last set aside for evaluation.
"""


def vary(model: mujoco.MjModel, drawn: Drawn, i: int, contact_models: Sequence[str]) -> None:
    """
    Make a model what was drawn for a twin; what is nominal stays as the model has it.

    :param contact_models: names that ``drawn`` counts
    """
    joints = [model.joint(name).id for name in go2.JOINT_NAMES]
    _vary_joints(model, drawn, i, model.jnt_dofadr[joints])
    _vary_links(model, drawn, i, np.append(model.dof_bodyid[0], model.jnt_bodyid[joints]))
    feet = [model.geom(name).id for name in FOOT_GEOMS]
    if drawn.contact_model[i] >= 0:
        contact = CONTACT_MODELS[contact_models[int(drawn.contact_model[i])]]
        model.opt.cone, model.opt.impratio = contact.cone, contact.impratio
        # With the ten of our model the solver diverges on elliptic cones.
        model.opt.ls_iterations = max(model.opt.ls_iterations, LINE_SEARCHES)
        model.geom_condim[feet] = contact.condim
        model.geom_solref[feet, 0] = contact.time_s
        model.geom_solimp[feet, :3] = contact.solimp
    _vary_feet(model, drawn, i, feet)
    if drawn.slope_deg[i]:
        model.opt.gravity[:] = GRAVITY_MPS2 * drawn.down[i]
    if has_platforms(model):
        set_heights(model, FLAT if drawn.ground_seed[i] < 0 else draw_heights(
            float(drawn.steps_m[i]), float(drawn.cobbles_m[i]), int(drawn.ground_seed[i])))


def _vary_joints(model: mujoco.MjModel, drawn: Drawn, i: int, dofs: np.ndarray) -> None:
    if not np.isnan(drawn.joint_damping[i]):
        model.dof_damping[dofs] = drawn.joint_damping[i]
    if not np.isnan(drawn.joint_friction_nm[i]):
        model.dof_frictionloss[dofs] = drawn.joint_friction_nm[i]
    model.dof_armature[dofs] *= drawn.armature_scale[i]


def _vary_links(model: mujoco.MjModel, drawn: Drawn, i: int, bodies: np.ndarray) -> None:
    trunk, mass = bodies[0], drawn.mass_scale[i]
    model.body_mass[bodies] *= mass
    model.body_inertia[bodies] *= (mass * drawn.inertia_scale[i])[:, None]
    model.body_ipos[trunk] += drawn.com_shift_m[i]
    model.body_mass[trunk] += drawn.payload_kg[i]
    if (mass != 1).any() or (drawn.inertia_scale[i] != 1).any() or drawn.com_shift_m[i].any() \
            or drawn.armature_scale[i] != 1:
        mujoco.mj_setConst(model, mujoco.MjData(model))  # what constraints are scaled by


def _vary_feet(model: mujoco.MjModel, drawn: Drawn, i: int, feet: list[int]) -> None:
    if drawn.contact_model[i] >= 0 or drawn.restitution[i] > 0 \
            or not np.isnan([drawn.friction[i], drawn.contact_time_s[i]]).all():
        model.geom_priority[feet] = 1  # what feet are counts, whatever the ground is
    if not np.isnan(drawn.friction[i]):
        model.geom_friction[feet, 0] = drawn.friction[i]
    if drawn.restitution[i] > 0:
        # Through the damping ratio, which is below one where a contact bounces.
        log_e = np.log(drawn.restitution[i])
        model.geom_solref[feet, 1] = -log_e / np.sqrt(np.pi**2 + log_e**2)
    if not np.isnan(drawn.contact_time_s[i]):
        model.geom_solref[feet, 0] = drawn.contact_time_s[i]
    if not np.isnan(drawn.foot_radius_m[i]):
        _set_foot_radius(model, feet, drawn.foot_radius_m[i])


def _set_foot_radius(model: mujoco.MjModel, feet: list[int], radius_m: float) -> None:
    """Also let MuJoCo look for contacts, and touch sensors feel them, as far as that."""
    sites = [model.site(name).id for name in FOOT_GEOMS]
    model.site_size[sites, 0] += radius_m - model.geom_size[feet, 0]
    for foot in feet:
        grown = max(radius_m - model.geom_size[foot, 0], 0.0)
        body = model.geom_bodyid[foot]
        first = model.body_bvhadr[body]
        model.bvh_aabb[first:first + model.body_bvhnum[body], 3:] += grown
        model.geom_aabb[foot, 3:] += grown
        model.geom_rbound[foot] += grown
    model.geom_size[feet, 0] = radius_m
