# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Guards: pure checks of what the robot measures and what the policy wants.

Each returns ``None`` or a :class:`Trip` that names the value and the limit; what follows from a
trip is the runtime's business.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
import math

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import RobotState


def limit(usual: float, meaning: str, lowest: float, highest: float) -> float:
    """Field of a dataclass of limits: its default, and what a parameter tells of it."""
    return field(default=usual, metadata={'meaning': meaning, 'bounds': (lowest, highest)})


@dataclass(frozen=True)
class GuardLimits:
    """Limits of the guards; every one is a parameter ``guard.*`` of the controller node."""

    state_timeout_s: float = limit(
        0.05, 'age of the newest LowState that ends walking, seconds', 0.01, 1.0)
    command_timeout_s: float = limit(
        0.5, 'age of cmd_vel after which the nominal command holds again, seconds', 0.05, 10.0)
    tilt_rad: float = limit(
        1.0, 'angle between body and vertical that ends walking, rad', 0.1, 1.5)
    joint_margin_rad: float = limit(
        0.15, 'how far a joint may measure beyond its range, as soft stops give a bit, rad',
        0.01, 1.0)
    joint_speed_ratio: float = limit(
        1.5, 'measured over rated joint speed that ends walking', 0.5, 10.0)
    motor_temperature_c: float = limit(
        85.0, 'temperature of the hottest motor that ends walking, degrees Celsius', 30.0, 120.0)
    battery_v: float = limit(
        24.0, 'mean battery voltage below which the robot lies down, V', 1.0, 40.0)
    battery_mean_s: float = limit(
        1.0, 'time constant of that mean, as the battery sags for a moment with every stride, '
        'seconds', 0.01, 60.0)
    imu_norm_error: float = limit(
        0.1, "how far the norm of the IMU's quaternion may be off 1", 0.001, 1.0)
    imu_jump_rad: float = limit(
        0.35, 'turn between two LowStates, beyond what the gyroscope explains, that ends walking, '
        'rad', 0.05, 3.0)
    policy_late_s: float = limit(
        0.2, 'lateness of a policy step that ends walking, seconds', 0.02, 5.0)

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f'guard limit {item.name} is {value}, expected a number above 0')


@dataclass(frozen=True)
class Trip:
    """A tripped guard. ``value`` and ``limit`` are in ``unit``."""

    guard: str
    value: float
    limit: float
    unit: str
    detail: str = ''

    def __str__(self) -> str:
        """One line for log and diagnostics."""
        where = f' ({self.detail})' if self.detail else ''
        return f'{self.guard}: {self.value:.4g} {self.unit}, limit {self.limit:.4g}{where}'


def check_state_age(age_s: float, limits: GuardLimits) -> Trip | None:
    """Age of the newest LowState, in seconds of the runtime's clock."""
    if age_s > limits.state_timeout_s:
        return Trip('stale LowState', age_s, limits.state_timeout_s, 's')
    return None


def check_command_age(age_s: float, limits: GuardLimits) -> Trip | None:
    """Age of the last ``cmd_vel``, in seconds of the runtime's clock."""
    if age_s > limits.command_timeout_s:
        return Trip('stale cmd_vel', age_s, limits.command_timeout_s, 's')
    return None


def check_policy_lateness(late_s: float, limits: GuardLimits) -> Trip | None:
    """How late a policy step comes, in seconds of the runtime's clock."""
    if late_s > limits.policy_late_s:
        return Trip('policy late', late_s, limits.policy_late_s, 's')
    return None


def check_finite(name: str, values: np.ndarray) -> Trip | None:
    """Every value is a number: for observations and actions."""
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        return Trip(f'non-finite {name}', float(len(bad)), 0.0, 'values', f'first at {bad[0]}')
    return None


def tilt_of(gravity: np.ndarray) -> float:
    """Angle between the body's vertical axis and gravity, rad. Shape: (3,)."""
    return math.acos(min(1.0, max(-1.0, -float(gravity[2]))))


def check_tilt(gravity: np.ndarray, limits: GuardLimits) -> Trip | None:
    """Angle between the body's vertical axis and gravity. Shape: (3,)."""
    angle = tilt_of(gravity)
    if angle > limits.tilt_rad:
        return Trip('tilt', angle, limits.tilt_rad, 'rad')
    return None


def check_joints(state: RobotState, limits: GuardLimits) -> Trip | None:
    """Measured joint positions lie in their range, speeds below a multiple of the rated ones."""
    excess = np.maximum(go2.JOINT_LOWER_RAD - state.joint_pos,
                        state.joint_pos - go2.JOINT_UPPER_RAD)
    worst = int(excess.argmax())
    if excess[worst] > limits.joint_margin_rad:
        return Trip('joint position beyond its range', float(excess[worst]),
                    limits.joint_margin_rad, 'rad', go2.JOINT_NAMES[worst])
    ratio = np.abs(state.joint_vel) / go2.VELOCITY_LIMIT_RAD_S
    worst = int(ratio.argmax())
    if ratio[worst] > limits.joint_speed_ratio:
        return Trip('joint speed over rated speed', float(ratio[worst]), limits.joint_speed_ratio,
                    'times', go2.JOINT_NAMES[worst])
    return None


def check_robot(state: RobotState, limits: GuardLimits) -> Trip | None:
    """All checks of one LowState: finite, upright, joints within their limits."""
    for name, values in (('gravity', state.gravity), ('body rate', state.ang_vel),
                         ('joint position', state.joint_pos), ('joint velocity', state.joint_vel)):
        trip = check_finite(name, values)
        if trip:
            return trip
    return check_tilt(state.gravity, limits) or check_joints(state, limits)


class RobotCheck:
    """
    Says 500 times a second, and quickly, that :func:`check_robot` has nothing to find.

    :param limits: that the robot is checked by
    """

    def __init__(self, limits: GuardLimits) -> None:
        self.limits = limits
        self._upright = math.cos(limits.tilt_rad)
        speed = limits.joint_speed_ratio * go2.VELOCITY_LIMIT_RAD_S
        lower = go2.JOINT_LOWER_RAD - limits.joint_margin_rad
        upper = go2.JOINT_UPPER_RAD + limits.joint_margin_rad
        self._middle = np.concatenate([np.zeros(3), (lower + upper) / 2, 0 * speed])
        self._reach = np.concatenate([np.full(3, np.finfo(float).max), (upper - lower) / 2, speed])

    def sound(self, quat_w: np.ndarray, ang_vel: np.ndarray, joint_pos: np.ndarray,
              joint_vel: np.ndarray) -> bool:
        """
        Whether everything is finite and within the limits; False also in doubt.

        :param quat_w: (w, x, y, z). Shapes: (4,), (3,), (12,), (12,)
        """
        w, x, y, z = quat_w.tolist()
        # Comparisons with NaN are false.
        if not (1 - 2 * (x * x + y * y) >= self._upright and math.isfinite(w + z)):
            return False
        values = np.concatenate((ang_vel, joint_pos, joint_vel))
        return bool((np.abs(values - self._middle) <= self._reach).all())


def clip_targets(target: np.ndarray, joint_pos: np.ndarray, joint_vel: np.ndarray,
                 kp: float, kd: float) -> np.ndarray:
    """
    Nearest targets whose PD torque ``kp (target - q) - kd dq`` the motors can give.

    The range of targets is applied last: a joint pushed past its stop is pulled back with less
    than full torque rather than commanded further.

    :return: rad. Shape: (12,)
    """
    middle = joint_pos + kd * joint_vel / kp
    reach = go2.TORQUE_LIMIT_NM / kp
    # np.clip costs four times as much on so few numbers.
    within_torque = np.minimum(np.maximum(target, middle - reach), middle + reach)
    return np.minimum(np.maximum(within_torque, go2.TARGET_LOWER_RAD), go2.TARGET_UPPER_RAD)
