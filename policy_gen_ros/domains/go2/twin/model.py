# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The MuJoCo model of the Go2, and the only place that knows its layout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import mujoco
import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.utils.paths import share_file

MODEL_FILE = 'sim/go2.xml'
MAT_HALF_M = 12.0
"""So far from the origin ground is uneven, and flat beyond: 10 s at 1 m/s."""
BUMP_SPACING_M = 0.1
_AWAY_M, _LOOK_FROM_M = 1000.0, 2.0
HIGHEST_BUMPS_M = 0.1
"""Higher ground would lift a fallen trunk over the height by which falls are recognised."""


@dataclass(frozen=True)
class Layout:
    """Where joints, actuators and sensors lie in the model's arrays, looked up by name."""

    qpos: np.ndarray
    qvel: np.ndarray
    actuator: np.ndarray
    accelerometer: slice
    touch: np.ndarray
    foot_position: np.ndarray


def load_model(physics_dt_s: float = 0.002, bumps_m: float = 0.0,
               rng: np.random.Generator | None = None) -> mujoco.MjModel:
    """
    Load the twin with walking gains set.

    :param bumps_m: height between the deepest and the highest point of uneven ground; 0 is flat
    :param rng: draws the bumps; needed for uneven ground only
    :raises ValueError: bumps that are negative or too high, or uneven ground without ``rng``
    """
    spec = load_spec()
    add_bumps(spec, bumps_m, rng)
    return compile_model(spec, physics_dt_s)


def load_spec() -> mujoco.MjSpec:
    """Return our model, to be compiled."""
    return mujoco.MjSpec.from_file(str(share_file(MODEL_FILE)))


def compile_model(spec: mujoco.MjSpec, physics_dt_s: float) -> mujoco.MjModel:
    """Compile a model that has our names, with walking gains set."""
    model = spec.compile()
    model.opt.timestep = physics_dt_s
    set_gains(model, np.full(go2.NUM_JOINTS, go2.KP_WALK), np.full(go2.NUM_JOINTS, go2.KD_WALK))
    return model


def strip(spec: mujoco.MjSpec) -> None:
    """
    Take away what is only looked at: of 1.5 MB 27 kB stay, and steps take a sixth less time.

    The physics are the same to the last bit. Bodies whose inertia follows from their geoms keep
    these.
    """
    for geom in list(spec.geoms):
        weighs = geom.parent != spec.worldbody and not geom.parent.explicitinertial
        if geom.contype == 0 and geom.conaffinity == 0 and not weighs:
            spec.delete(geom)
        else:
            geom.material = ''
    used = {geom.meshname for geom in spec.geoms}
    unused = [mesh for mesh in spec.meshes if (mesh.name or Path(mesh.file).stem) not in used]
    for thing in [*unused, *spec.materials, *spec.textures, *spec.lights, *spec.cameras]:
        spec.delete(thing)


def add_bumps(spec: mujoco.MjSpec, bumps_m: float, rng: np.random.Generator | None) -> None:
    """
    Make the ground uneven, with a mean height that is that of the plane.

    Heights are drawn independently on a grid and joined by triangles: the "random uniform" terrain
    of Rudin et al. 2022 (Learning to Walk in Minutes). The shipped file does not change: archives
    have its hash.

    :param bumps_m, rng: as for :func:`load_model`
    :raises ValueError: as :func:`load_model`
    """
    if not 0.0 <= bumps_m <= HIGHEST_BUMPS_M:
        raise ValueError(f'bumps_m is {bumps_m}, expected 0 to {HIGHEST_BUMPS_M} m')
    if bumps_m == 0:
        return
    if rng is None:
        raise ValueError('uneven ground needs rng, a random generator that draws its bumps')
    knots = 1 + round(2 * MAT_HALF_M / BUMP_SPACING_M)
    # MuJoCo scales heights to 0..1 by itself, and wants some thickness under the lowest.
    spec.add_hfield(name='mat', nrow=knots, ncol=knots, userdata=rng.random(knots * knots),
                    size=[MAT_HALF_M, MAT_HALF_M, bumps_m, HIGHEST_BUMPS_M])
    spec.worldbody.add_geom(
        name='mat', type=mujoco.mjtGeom.mjGEOM_HFIELD, hfieldname='mat', material='grid',
        contype=1, conaffinity=0, condim=3, pos=[0.0, 0.0, -bumps_m / 2])
    # The plane stays for whoever leaves the mat, below it so that no foot touches both.
    spec.geom('floor').pos = [0.0, 0.0, -bumps_m]


def floor_height(model: mujoco.MjModel) -> float:
    """Return the height of the highest ground under a robot that starts at the origin, m."""
    data = mujoco.MjData(model)
    data.qpos[0] = _AWAY_M  # the robot itself is no ground
    mujoco.mj_kinematics(model, data)
    hit, found = np.zeros(1, np.int32), []
    for x, y in np.stack(np.meshgrid(*2 * [np.linspace(-0.3, 0.3, 7)]), -1).reshape(-1, 2):
        start = np.array([x, y, _LOOK_FROM_M])
        below = mujoco.mj_ray(model, data, start, np.array([0.0, 0.0, -1.0]), None, 1, -1, hit)
        if below >= 0:
            found.append(_LOOK_FROM_M - below)
    return float(max(found, default=0.0))


def layout_of(model: mujoco.MjModel) -> Layout:
    """Index arrays of a loaded model, in policy order."""
    def sensor(name: str) -> slice:
        start = model.sensor(name).adr[0]
        return slice(start, start + model.sensor(name).dim[0])

    return Layout(
        qpos=np.array([model.joint(name).qposadr[0] for name in go2.JOINT_NAMES]),
        qvel=np.array([model.joint(name).dofadr[0] for name in go2.JOINT_NAMES]),
        actuator=np.array([model.actuator(name.removesuffix('_joint')).id
                           for name in go2.JOINT_NAMES]),
        accelerometer=sensor('accelerometer'),
        touch=np.array([sensor(f'{leg}_touch').start for leg in go2.LEGS]),
        foot_position=np.array([np.arange(sensor(f'{leg}_pos').start, sensor(f'{leg}_pos').stop)
                                for leg in go2.LEGS]))


def set_gains(model: mujoco.MjModel, kp: np.ndarray, kd: np.ndarray) -> None:
    """
    Set the PD gains that the engine integrates. Shapes: (12,), (12,), policy order.

    The actuator force is ``ctrl - kp q - kd dq``: pass ``ctrl = kp q_des + kd dq_des + tau``.
    """
    actuator = [model.actuator(name.removesuffix('_joint')).id for name in go2.JOINT_NAMES]
    model.actuator_biasprm[actuator, 1] = -np.asarray(kp)
    model.actuator_biasprm[actuator, 2] = -np.asarray(kd)
