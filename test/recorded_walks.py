# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A robot that moves in a known way, as messages in recordings of real types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.deployment.recording.message_types import IMU, JOINT_STATE, known_types
from policy_gen_ros.domains.go2.robot import constants as go2
from rosbags.rosbag2 import StoragePlugin, Writer

STORAGES = {'mcap': StoragePlugin.MCAP, 'sqlite3': StoragePlugin.SQLITE3}
BEGIN_NS = 1_700_000_000_000_000_000
YAW_RATE_RPS = 0.2
JOINT_RATE_RPS = 0.003
"""Speed of the second joint; the third has twice as much, and so on: slower than a walk."""
TROT_HZ = 2.0
_SWING_RAD = np.tile([0.05, 0.3, 0.4], 4)
_SWING_PHASE = 2 * np.pi * (np.repeat([0.0, 0.5, 0.5, 0.0], 3) + np.tile([0.0, 0.0, 0.25], 4))
_ROLL_RAD, _PITCH_RAD = 0.06, 0.05

Entry = tuple[str, str, int, Any]
"""Topic, type, time in ns and message, or its bytes."""


def write_bag(folder: Path, entries: Iterable[Entry], storage: str = 'mcap') -> Path:
    """Write messages in the order in which they are given."""
    types, connections = known_types(), {}
    with Writer(folder, version=8, storage_plugin=STORAGES[storage]) as writer:
        for topic, kind, time_ns, message in entries:
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, kind, typestore=types)
            raw = message if isinstance(message, bytes) else types.serialize_cdr(message, kind)
            writer.write(connections[topic], time_ns, raw)
    return folder


def at_ns(seconds: float) -> int:
    return BEGIN_NS + round(seconds * 1e9)


def joint_positions(time_s: float) -> np.ndarray:
    """Angles in policy order. Shape: (12,)."""
    return go2.DEFAULT_POSE_RAD + JOINT_RATE_RPS * np.arange(go2.NUM_JOINTS) * time_s


def header(stamp_ns: int) -> Any:
    types = known_types().types
    return types['std_msgs/msg/Header'](
        stamp=types['builtin_interfaces/msg/Time'](*divmod(stamp_ns, 10**9)), frame_id='')


def joint_state(time_s: float, stamp_ns: int | None = None,
                names: Sequence[str] = (*go2.WIRE_JOINT_NAMES, 'arm_joint')) -> Any:
    """Joints in wire order, with one that is not of a leg."""
    angles = dict(zip(go2.JOINT_NAMES, joint_positions(time_s)))
    speeds = dict(zip(go2.JOINT_NAMES, JOINT_RATE_RPS * np.arange(go2.NUM_JOINTS)))
    return known_types().types[JOINT_STATE](
        header=header(at_ns(time_s) if stamp_ns is None else stamp_ns), name=list(names),
        position=np.array([angles.get(name, 9.0) for name in names]),
        velocity=np.array([speeds.get(name, 9.0) for name in names]), effort=np.zeros(0))


def imu(time_s: float, stamp_ns: int | None = None, covariance: float = 0.0) -> Any:
    """Give a body that is level and yaws."""
    types = known_types().types
    vector, quaternion = types['geometry_msgs/msg/Vector3'], types['geometry_msgs/msg/Quaternion']
    half = YAW_RATE_RPS * time_s / 2
    return types[IMU](
        header=header(at_ns(time_s) if stamp_ns is None else stamp_ns),
        orientation=quaternion(x=0.0, y=0.0, z=np.sin(half), w=np.cos(half)),
        orientation_covariance=np.full(9, covariance),
        angular_velocity=vector(x=0.0, y=0.0, z=YAW_RATE_RPS),
        angular_velocity_covariance=np.zeros(9), linear_acceleration=vector(x=0.0, y=0.0, z=9.8),
        linear_acceleration_covariance=np.zeros(9))


def walk(seconds: float, rate_hz: float = 50.0, silent: Sequence[tuple[float, float]] = (),
         joint_topic: str = '/joint_states', imu_topic: str = '/imu') -> list[Entry]:
    """
    Joint states and IMU readings, each millisecond of delay in a recorder's clock.

    :param silent: times in which the IMU says nothing
    """
    entries: list[Entry] = []
    for k in range(round(seconds * rate_hz) + 1):
        time_s = k / rate_hz
        entries.append((joint_topic, JOINT_STATE, at_ns(time_s + 1e-3), joint_state(time_s)))
        if not any(start < time_s < end for start, end in silent):
            entries.append((imu_topic, IMU, at_ns(time_s + 2e-3), imu(time_s)))
    return entries


def check_walk(rows: np.ndarray, first_s: float) -> None:
    """Compare rows with the motion, whose first row is at a time."""
    times = first_s + go2.CONTROL_DT_S * np.arange(len(rows))
    np.testing.assert_allclose(
        rows[:, :6], np.tile([0, 0, -1, 0, 0, YAW_RATE_RPS], (len(rows), 1)), atol=1e-6)
    np.testing.assert_allclose(
        rows[:, 6:18] + go2.DEFAULT_POSE_RAD, [joint_positions(t) for t in times], atol=1e-5)
    np.testing.assert_allclose(
        rows[:, 18:30], np.tile(JOINT_RATE_RPS * np.arange(12), (len(rows), 1)), atol=1e-6)


def trotting_joints(time_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Angles and their rates while the legs swing. Shapes: (12,), (12,)."""
    angle = 2 * np.pi * TROT_HZ * time_s + _SWING_PHASE
    return (go2.DEFAULT_POSE_RAD + _SWING_RAD * np.sin(angle),
            2 * np.pi * TROT_HZ * _SWING_RAD * np.cos(angle))


def trotting_body(time_s: float, yaw_rad: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Quaternion (w, x, y, z) and body rates of a trunk that rolls, pitches and yaws."""
    angle, turn = 2 * np.pi * TROT_HZ * time_s, 2 * np.pi * TROT_HZ
    roll, roll_rate = _ROLL_RAD * np.sin(angle), turn * _ROLL_RAD * np.cos(angle)
    pitch, pitch_rate = _PITCH_RAD * np.cos(angle), -turn * _PITCH_RAD * np.sin(angle)
    yaw = yaw_rad + YAW_RATE_RPS * time_s
    quaternion = np.array([1.0, 0.0, 0.0, 0.0])
    for axis, value in enumerate((roll, pitch, yaw)):
        one = np.insert(np.sin(value / 2) * np.eye(3)[axis], 0, np.cos(value / 2))
        quaternion = go2.multiply_quaternions(one, quaternion)
    rates = np.array([
        roll_rate - YAW_RATE_RPS * np.sin(pitch),
        pitch_rate * np.cos(roll) + YAW_RATE_RPS * np.sin(roll) * np.cos(pitch),
        -pitch_rate * np.sin(roll) + YAW_RATE_RPS * np.cos(roll) * np.cos(pitch)])
    return quaternion, rates


def trot(seconds: float, rate_hz: float = 100.0, stands: Sequence[tuple[float, float]] = (),
         change: Callable[[str, Any], None] = lambda kind, message: None, yaw_rad: float = 0.0,
         ) -> list[Entry]:
    """
    Joint states and IMU readings of a robot that trots, and stands now and then.

    :param stands: times in which it does not move
    :param change: alters a message of a type before it is written
    """
    entries: list[Entry] = []
    for k in range(round(seconds * rate_hz) + 1):
        time_s = k / rate_hz
        still = next((start for start, end in stands if start <= time_s < end), None)
        moved_s = time_s if still is None else still
        position, velocity = trotting_joints(moved_s)
        quaternion, rates = trotting_body(moved_s, yaw_rad)
        joints, body = joint_state(time_s, names=go2.JOINT_NAMES), imu(time_s)
        joints.position, joints.velocity = position, velocity * (still is None)
        q, w, a = body.orientation, body.angular_velocity, body.linear_acceleration
        q.w, q.x, q.y, q.z = quaternion.tolist()
        w.x, w.y, w.z = (rates * (still is None)).tolist()
        a.x, a.y, a.z = (-9.81 * go2.gravity_in_body(quaternion)).tolist()
        change(JOINT_STATE, joints)
        change(IMU, body)
        entries += [('/joint_states', JOINT_STATE, at_ns(time_s + 1e-3), joints),
                    ('/imu', IMU, at_ns(time_s + 2e-3), body)]
    return entries


def check_trot(rows: np.ndarray, first_s: float, velocity_atol: float = 0.1) -> None:
    """Compare rows with the trot, whose first row is at a time."""
    times = first_s + go2.CONTROL_DT_S * np.arange(len(rows))
    joints, body = ([of(t) for t in times] for of in (trotting_joints, trotting_body))
    np.testing.assert_allclose(
        rows[:, :3], [go2.gravity_in_body(quaternion) for quaternion, _ in body], atol=0.01)
    np.testing.assert_allclose(rows[:, 3:6], [rates for _, rates in body], atol=0.05)
    np.testing.assert_allclose(rows[:, 6:18] + go2.DEFAULT_POSE_RAD,
                               [position for position, _ in joints], atol=0.01)
    np.testing.assert_allclose(rows[:, 18:30], [velocity for _, velocity in joints],
                               atol=velocity_atol)
