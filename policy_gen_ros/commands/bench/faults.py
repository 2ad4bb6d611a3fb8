# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Faults of a robot, played on the wire before a walking controller, and how fast it answers.

The robot is a puppet without physics: its joints follow their targets, its sensors say what the
fault wants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
import math
import time

import numpy as np
from policy_gen_ros.deployment.wire.frames import build_low_state, LowCommand, LowState
from policy_gen_ros.deployment.wire.link import TwinLink
from policy_gen_ros.deployment.wire.remote import build_remote, Key, Remote
from policy_gen_ros.domains.go2.robot import constants as go2

Alter = Callable[[LowState, float], LowState]
TRACKED_SHARE = 0.3
"""Share of the way to its target that a joint goes in a tick."""
TILT_RPS = 5.0
_REMOTE_AT_REST = build_remote(Remote())


@dataclass(frozen=True)
class Fault:
    """
    What goes wrong.

    :param happens: mode of the controller afterwards
    :param guard: how the message of the guard begins; empty where none answers, but the operator
    :param frame: state and seconds since the fault began -> frame to send, or None for silence
    :param within_s: time from its beginning until the fault is past the guard's limit
    """

    name: str
    happens: str
    guard: str
    frame: Callable[[LowState, float], bytes | None]
    within_s: float = 0.0


def _says(alter: Alter) -> Callable[[LowState, float], bytes]:
    return lambda state, elapsed_s: build_low_state(alter(state, elapsed_s))


def _with(**values: object) -> Callable[[LowState, float], bytes]:
    return _says(lambda state, _: replace(state, **values))  # type: ignore[arg-type]


def _joint(field: str, index: int, value: float) -> Callable[[LowState, float], bytes]:
    def alter(state: LowState, _: float) -> LowState:
        values = getattr(state, field).copy()
        values[index] = value
        return replace(state, **{field: values})

    return _says(alter)


def _rolled(angle_rad: float) -> np.ndarray:
    return np.array([math.cos(angle_rad / 2), math.sin(angle_rad / 2), 0.0, 0.0])


def _damaged(state: LowState, _: float) -> bytes:
    frame = bytearray(build_low_state(state))
    frame[100] ^= 0x55
    return bytes(frame)


def _tilting(state: LowState, elapsed_s: float) -> LowState:
    return replace(state, quaternion=_rolled(TILT_RPS * elapsed_s),
                   gyro=np.array([TILT_RPS, 0.0, 0.0]))


FAULTS = (
    Fault('LowState stops', 'damping', 'stale LowState', lambda *_: None),
    Fault('LowState damaged on the way (CRC)', 'damping', 'stale LowState', _damaged),
    Fault('the body tilts', 'fault', 'tilt', _says(_tilting), within_s=1.0 / TILT_RPS),
    Fault('the IMU jumps', 'fault', 'IMU jump', _with(quaternion=_rolled(0.6))),
    Fault('an IMU quaternion that is none', 'fault', 'IMU quaternion norm',
          _with(quaternion=np.array([0.5, 0.0, 0.0, 0.0]))),
    Fault('the gyroscope says NaN', 'fault', 'non-finite body rate',
          _with(gyro=np.array([0.0, math.nan, 0.0]))),
    Fault('a joint beyond its range', 'fault', 'joint position beyond its range',
          _joint('joint_pos', 2, float(go2.JOINT_UPPER_RAD[2]) + 0.3)),
    Fault('a joint far too fast', 'fault', 'joint speed', _joint('joint_vel', 0, 60.0)),
    Fault('a motor too hot', 'damping', 'motor temperature',
          _joint('motor_temperature_c', 4, 95.0)),
    Fault('the battery gives 20 V instead of 29 V', 'damping', 'battery', _with(battery_v=20.0)),
    Fault('the operator presses L1+X', 'damping', '',
          _with(remote=build_remote(Remote(keys=Key.L1 | Key.X)))))


class PuppetRobot:
    """A robot on the wire that stands and does as it is told, until a fault begins."""

    def __init__(self, domain_id: int) -> None:
        self._link = TwinLink(domain_id, 'lo')
        self._tick = 0
        self._joints = go2.DEFAULT_POSE_RAD.copy()
        self.newest: LowCommand | None = None

    def close(self) -> None:
        """Leave the wire."""
        self._link.close()

    @property
    def walks(self) -> bool:
        """Whether it is told to walk: soft gains, where standing has stiff ones."""
        return self.newest is not None and bool(self.newest.kp[0] == go2.KP_WALK)

    @property
    def limp(self) -> bool:
        """Whether it is told to hold no position any more."""
        return self.newest is not None and not self.newest.kp.any()

    def play(self, until: Callable[[], bool], timeout_s: float,
             fault: Fault | None = None) -> float | None:
        """
        Send states at 500 Hz until something is so.

        :return: seconds that took, from when the fault is past the guard's limit; None: timeout
        """
        started = due = time.monotonic()
        while (now := time.monotonic()) - started < timeout_s:
            self._tick += 1
            state = self._state()
            frame = fault.frame(state, now - started) if fault else build_low_state(state)
            if frame is not None:
                self._link.publish_frame(frame)
            due += go2.LOWCMD_DT_S
            while (wait_s := due - time.monotonic()) > 0:
                self._obey(self._link.wait_command(wait_s))
                if until():
                    return time.monotonic() - started - (fault.within_s if fault else 0.0)
        return None

    def _obey(self, command: LowCommand | None) -> None:
        if command is None:
            return
        self.newest = command
        if command.kp.any():
            self._joints += TRACKED_SHARE * (command.q - self._joints)

    def _state(self) -> LowState:
        return LowState(
            tick_ms=round(self._tick * go2.LOWCMD_DT_S * 1e3), quaternion=_rolled(0.0),
            gyro=np.zeros(3), accelerometer=np.array([0.0, 0.0, 9.81]),
            joint_pos=np.clip(self._joints, go2.JOINT_LOWER_RAD, go2.JOINT_UPPER_RAD),
            joint_vel=np.zeros(go2.NUM_JOINTS), joint_torque=np.zeros(go2.NUM_JOINTS),
            motor_temperature_c=np.full(go2.NUM_JOINTS, 35.0), foot_force=np.full(4, 37.0),
            battery_v=29.0, remote=_REMOTE_AT_REST)
