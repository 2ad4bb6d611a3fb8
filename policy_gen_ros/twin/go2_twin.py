"""One Go2 in MuJoCo that takes LowCmd and gives LowState: what the robot's motor boards do."""

from __future__ import annotations

from collections import deque

import mujoco
import numpy as np
from policy_gen_ros.robot import go2
from policy_gen_ros.twin.model import layout_of, load_model, randomise, set_gains
from policy_gen_ros.twin.perturbation import NOMINAL, Perturbation
from policy_gen_ros.wire.frames import (
    LowCommand,
    LowState,
    POS_STOP_RAD,
    SportState,
    VEL_STOP_RAD_S,
)

COMMAND_TIMEOUT_S = 0.1
"""Five control periods; a controller that misses so many is gone."""
CONTACT_FORCE_N = 2.0
START_SPREAD_RAD = 0.02
_SETTLE_S = 4.0
_MOTOR_TEMPERATURE_C = 32.0
_BATTERY_V = 29.4
_INT16_MAX = 32767


class Go2Twin:
    """
    The robot, stepped from outside; knows nothing about the wire or about wall time.

    Lying before the first command, and whenever the newest is older than
    :data:`COMMAND_TIMEOUT_S` of simulated time, the motors damp: zero torque would drop the body,
    and holding the last target would let a dead controller look alive. A standing start holds its
    pose until the first command.

    :param physics_dt_s: step of :meth:`step`
    :param standing: start on the feet in the default pose rather than lying on the ground
    :param perturbation: what it meets; drawn once, but for noise and pushes
    :param seed: of the start pose, which spreads by :data:`START_SPREAD_RAD`, and of what is drawn
    """

    def __init__(self, physics_dt_s: float = go2.LOWCMD_DT_S, standing: bool = False,
                 perturbation: Perturbation = NOMINAL, seed: int = 0) -> None:
        start, self._rng = np.random.default_rng(seed), np.random.default_rng([seed, 1])
        self.perturbation = perturbation
        self.model = load_model(physics_dt_s, perturbation.bumps_m, self._rng)
        self.layout = layout_of(self.model)
        randomise(self.model, *(float(self._rng.uniform(*limits)) for limits in (
            perturbation.friction, perturbation.restitution, perturbation.payload_kg)))
        self._strength = float(self._rng.uniform(*perturbation.motor_strength))
        self.model.actuator_gainprm[:, 0] = self._strength
        self._delay_s = float(self._rng.uniform(*perturbation.delay_s))
        self._waiting: deque[tuple[float, LowCommand]] = deque()
        self._next_push_s = perturbation.push_every_s
        self.data = mujoco.MjData(self.model)
        self._gains: tuple[bytes, bytes] | None = None
        self._damped = LowCommand.damping()
        self._command_until_s = -1.0
        self._place(standing, start)

    def _place(self, standing: bool, rng: np.random.Generator) -> None:
        data = self.data
        pose = go2.DEFAULT_POSE_RAD if standing else go2.SITTING_POSE_RAD
        data.qpos[self.layout.qpos] = pose + rng.uniform(-START_SPREAD_RAD, START_SPREAD_RAD, 12)
        data.qpos[2], data.qpos[3] = 1.0, 1.0
        mujoco.mj_kinematics(self.model, data)
        feet = [data.geom(f'{leg}_foot').xpos[2] for leg in go2.LEGS]
        data.qpos[2] -= min(feet) - go2.FOOT_RADIUS_M
        # Come to rest, so that the first state on the wire is that of a robot that lies or stands.
        self._apply(LowCommand.hold(pose, go2.KP_STAND, go2.KD_STAND) if standing
                    else self._damped)
        for _ in range(round(_SETTLE_S / self.model.opt.timestep)):
            mujoco.mj_step(self.model, data)
        data.time, data.qvel[:], data.qacc_warmstart[:] = 0.0, 0.0, 0.0
        data.qpos[:2] = 0.0
        if not standing:
            self._apply(self._damped)
        mujoco.mj_forward(self.model, data)

    def _apply(self, command: LowCommand) -> None:
        # Unitree's stop marks switch their term off, whatever the gain says.
        no_position, no_velocity = command.q >= POS_STOP_RAD, command.dq >= VEL_STOP_RAD_S
        kp, kd = np.where(no_position, 0.0, command.kp), np.where(no_velocity, 0.0, command.kd)
        gains = kp.tobytes(), kd.tobytes()
        if gains != self._gains:  # controllers rarely change them
            set_gains(self.model, kp * self._strength, kd * self._strength)
            self._gains = gains
        self.data.ctrl[self.layout.actuator] = kp * command.q + kd * command.dq + command.tau

    @property
    def time_s(self) -> float:
        """Simulated time since the start."""
        return self.data.time

    def command(self, command: LowCommand) -> None:
        """
        Follow this command until another comes or it gets too old.

        From the next step on, or as much later as the motors are slow.
        """
        self._waiting.append((self.time_s + self._delay_s, command))
        self._command_until_s = self.time_s + self._delay_s + COMMAND_TIMEOUT_S

    def step(self) -> None:
        """Advance by one physics step."""
        while self._waiting and self._waiting[0][0] <= self.time_s + 1e-9:
            self._apply(self._waiting.popleft()[1])
        self._push()
        if 0 <= self._command_until_s < self.time_s:
            self._apply(self._damped)
            self._command_until_s = -1.0
        mujoco.mj_step(self.model, self.data)

    def _push(self) -> None:
        if not self.perturbation.push_mps or self.time_s < self._next_push_s:
            return
        self._next_push_s += self.perturbation.push_every_s
        angle = self._rng.uniform(0, 2 * np.pi)
        self.data.qvel[:2] += self.perturbation.push_mps * np.array([np.cos(angle), np.sin(angle)])

    def _noisy(self, values: np.ndarray, size: float) -> np.ndarray:
        """Copy of sensor readings, with noise if there is any."""
        return values + size * self._rng.standard_normal(len(values)) if size else values.copy()

    def _tilted(self, quaternion: np.ndarray) -> np.ndarray:
        """Noise on the direction of gravity is a small turn of the body about a level axis."""
        size = self.perturbation.gravity_noise
        if not size:
            return quaternion.copy()
        turned = np.empty(4)
        half = np.array([1.0, *self._noisy(np.zeros(2), size / 2), 0.0])
        mujoco.mju_mulQuat(turned, quaternion, half / np.linalg.norm(half))
        return turned

    def state(self) -> LowState:
        """Sensor readings. Foot forces are in N, rounded as the wire's int16 demands."""
        data, layout, noise = self.data, self.layout, self.perturbation
        return LowState(
            tick_ms=round(data.time * 1000), quaternion=self._tilted(data.qpos[3:7]),
            gyro=self._noisy(data.qvel[3:6], noise.ang_vel_noise_rad_s),
            accelerometer=data.sensordata[layout.accelerometer].copy(),
            joint_pos=self._noisy(data.qpos[layout.qpos], noise.joint_pos_noise_rad),
            joint_vel=self._noisy(data.qvel[layout.qvel], noise.joint_vel_noise_rad_s),
            joint_torque=data.actuator_force[layout.actuator],
            motor_temperature_c=np.full(go2.NUM_JOINTS, _MOTOR_TEMPERATURE_C),
            foot_force=np.clip(np.rint(self._foot_force_n()), 0, _INT16_MAX),
            battery_v=_BATTERY_V)

    def sport(self) -> SportState:
        """Ground truth of the body."""
        qpos, qvel = self.data.qpos, self.data.qvel
        return SportState(
            tick_ms=round(self.data.time * 1000), position=qpos[:3].copy(),
            velocity=qvel[:3].copy(), yaw_speed=float(qvel[5]), quaternion=qpos[3:7].copy(),
            body_height=float(qpos[2]))

    def contacts(self) -> np.ndarray:
        """Which feet touch the ground, policy leg order. Shape: (4,), bool."""
        return self._foot_force_n() > CONTACT_FORCE_N

    def _foot_force_n(self) -> np.ndarray:
        return self.data.sensordata[self.layout.touch]
