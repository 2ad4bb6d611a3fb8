"""The last seconds of ``joint_states`` and ``imu`` as a behaviour trajectory."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence

import numpy as np
from policy_gen_ros.robot import go2
from policy_gen_ros.robot.observation import TRAJECTORY_DIM, TRAJECTORY_MIN_ROWS

SECONDS = 10.0
MAX_GAP_S = 0.2
"""A longer silence splits the recording; the part after it counts."""
_MAX_MESSAGES = 10_000
_MAX_NAMES = 200


class Recording:
    """
    Ring buffer by header stamp, resampled to 50 Hz when asked.

    A bag may be replayed faster, slower or again: only stamps count, and a stamp that goes back
    starts a new recording.
    """

    def __init__(self) -> None:
        self._joints: deque[tuple[float, np.ndarray]] = deque(maxlen=_MAX_MESSAGES)
        self._imu: deque[tuple[float, np.ndarray]] = deque(maxlen=_MAX_MESSAGES)

    def add_joints(self, stamp_s: float, names: Sequence[str], position: Sequence[float],
                   velocity: Sequence[float]) -> None:
        """
        Add a joint state; joints are found by name, further ones are ignored.

        :raises ValueError: a leg joint, its position or its velocity is missing or not finite
        """
        if len(names) > _MAX_NAMES:
            raise ValueError(f'{len(names)} joint names; a Go2 has {go2.NUM_JOINTS}')
        missing = [name for name in go2.JOINT_NAMES if name not in names]
        if missing:
            raise ValueError(f'joint {missing[0]} is missing ({len(missing)} of '
                             f'{go2.NUM_JOINTS} are)')
        if len(position) != len(names) or len(velocity) != len(names):
            raise ValueError(f'{len(names)} names, {len(position)} positions, '
                             f'{len(velocity)} velocities; all three are needed')
        order = [list(names).index(name) for name in go2.JOINT_NAMES]
        self._add(self._joints, stamp_s, np.concatenate(
            [np.asarray(position, float)[order], np.asarray(velocity, float)[order]]))

    def add_imu(self, stamp_s: float, quat_w: Sequence[float], ang_vel: Sequence[float]) -> None:
        """
        Add an IMU reading: orientation (w, x, y, z) and body rates rad/s.

        :raises ValueError: no orientation, or values that are not finite
        """
        quat = np.asarray(quat_w, float)
        norm = np.linalg.norm(quat)
        if not 0.5 < norm < 2.0:
            raise ValueError(f'orientation {quat.tolist()} is not a unit quaternion')
        gravity = go2.gravity_in_body(quat / norm)
        self._add(self._imu, stamp_s, np.concatenate([gravity, np.asarray(ang_vel, float)]))

    def trajectory(self) -> np.ndarray:
        """
        Rows of the newest unbroken stretch, at most ten seconds; targets are NaN.

        :return: Shape: (time, 42), float32
        :raises ValueError: less than 0.8 s of both topics was seen
        """
        if not self._joints or not self._imu:
            silent = 'joint_states' if not self._joints else 'imu'
            raise ValueError(f'nothing was seen on {silent} yet')
        joints, imu = _tail(self._joints), _tail(self._imu)
        end = min(joints[0][-1], imu[0][-1])
        start = max(joints[0][0], imu[0][0], end - SECONDS)
        count = int((end - start) / go2.CONTROL_DT_S + 1e-3) + 1 if end >= start else 0
        if count < TRAJECTORY_MIN_ROWS:
            raise ValueError(
                f'only {max(0.0, end - start):.2f} s of unbroken joint_states and imu were seen; '
                f'{TRAJECTORY_MIN_ROWS * go2.CONTROL_DT_S:.1f} s are needed')
        times = end - go2.CONTROL_DT_S * np.arange(count - 1, -1, -1)
        joint, body = _resample(times, *joints), _resample(times, *imu)
        rows = np.full((count, TRAJECTORY_DIM), np.nan, np.float32)
        rows[:, :3] = body[:, :3] / np.linalg.norm(body[:, :3], axis=1, keepdims=True)
        rows[:, 3:6] = body[:, 3:]
        rows[:, 6:18] = joint[:, :12] - go2.DEFAULT_POSE_RAD
        rows[:, 18:30] = joint[:, 12:]
        return rows

    def _add(self, buffer: deque, stamp_s: float, values: np.ndarray) -> None:
        if not np.isfinite(values).all():
            raise ValueError('a value is not finite')
        if buffer and stamp_s < buffer[-1][0]:
            self._joints.clear()
            self._imu.clear()
        if buffer and stamp_s == buffer[-1][0]:
            return
        buffer.append((stamp_s, values))
        while buffer[-1][0] - buffer[0][0] > SECONDS + 1.0:
            buffer.popleft()


def _tail(buffer: deque) -> tuple[np.ndarray, np.ndarray]:
    """Stamps and values since the last gap."""
    times = np.array([stamp for stamp, _ in buffer])
    gaps = np.flatnonzero(np.diff(times) > MAX_GAP_S)
    first = gaps[-1] + 1 if len(gaps) else 0
    first = max(first, bisect_left(times, times[-1] - SECONDS - MAX_GAP_S))
    return times[first:], np.array([value for _, value in buffer])[first:]


def _resample(times: np.ndarray, stamps: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.stack([np.interp(times, stamps, column) for column in values.T], axis=1)
