"""The MuJoCo model of the Go2, and the only place that knows its layout."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from policy_gen_ros.paths import share_file
from policy_gen_ros.robot import go2

MODEL_FILE = 'sim/go2.xml'


@dataclass(frozen=True)
class Layout:
    """Where joints, actuators and sensors lie in the model's arrays, looked up by name."""

    qpos: np.ndarray
    qvel: np.ndarray
    actuator: np.ndarray
    accelerometer: slice
    touch: np.ndarray
    foot_position: np.ndarray


def load_model(physics_dt_s: float = 0.002) -> mujoco.MjModel:
    """Load the twin with walking gains set."""
    model = mujoco.MjModel.from_xml_path(str(share_file(MODEL_FILE)))
    model.opt.timestep = physics_dt_s
    set_gains(model, np.full(go2.NUM_JOINTS, go2.KP_WALK), np.full(go2.NUM_JOINTS, go2.KD_WALK))
    return model


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
