# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Whether what a recording says of the robot agrees with itself.

Angles are held against the ranges of the joints, joint velocities against differences of the
positions, the orientation against the plane of the feet, the accelerometer and the body rates.
The limits lie far from what walks do, on rough ground and near a fall too; what exceeds them
is of another unit, order or frame, and would be imitated as a gait that nobody has walked.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from policy_gen_ros.deployment.recording.heard import Tracks
from policy_gen_ros.deployment.recording.resample import Stretch, Track, trajectory_rows
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.kinematics import foot_positions

_RANGE_MARGIN_RAD, _ZERO_RAD = 0.3, 1e-3
_LEAST_VELOCITIES, _LEAST_RATES = 0.5, 0.2
"""Correlations with what they are held against."""
_SCALES = (0.4, 2.5)
"""How many times of what it is held against a velocity or rate may be."""
_MOVES_RAD_S, _TURNS_RAD_S = 0.3, 0.1
"""Slower motion shows nothing."""
_FEET_DEG, _ACCELERATION_DEG = 45.0, 30.0
_GRAVITY_MPS2 = (7.0, 13.0)
"""What an accelerometer shows in the mean, unless it is unfilled or freed of gravity."""
_FINE_S = 0.025
"""Samples that are farther apart do not show how fast something moves."""
_SMOOTH_ROWS, _TURNING_ROWS = 5, 100
"""Rates are held against the turning of means of so many rows, in clips of so many."""


def check_consistency(rows: np.ndarray, tracks: Tracks, stretch: Stretch) -> None:
    """
    Check a piece of a recording.

    :param rows: made of the stretch. Shape: (time, 42)
    :raises ValueError: it does not agree with itself; the message says what to do
    """
    joints, body = tracks.joints, tracks.body
    _check_angles(joints.topic, rows[:, 6:18] + go2.DEFAULT_POSE_RAD)
    if _step_s(joints) < _FINE_S:
        _check_velocities(joints.topic, rows)
    acceleration = _mean_acceleration(body, stretch)
    fine = _step_s(body) < _FINE_S and len(rows) >= _TURNING_ROWS
    problem = _problem_of_gravity(rows, acceleration)
    # What the accelerometer bears out is not a matter of order, but of how the IMU is mounted.
    of_order = not problem or _degrees(rows[:, :3].mean(axis=0), -acceleration) > _ACCELERATION_DEG
    problem = problem or (_problem_of_rates(rows) if fine else '')
    if not problem:
        return
    for shift, order in ((-1, 'w, x, y, z where x, y, z, w belongs'),
                         (1, 'x, y, z, w where w, x, y, z belongs')) if of_order else ():
        turned = trajectory_rows(
            stretch, replace(body, values=_reordered(body.values, shift)), joints)
        if not (_problem_of_gravity(turned, acceleration)
                or (fine and _problem_of_rates(turned))):
            problem += f'; it looks as if the quaternion was filled in as {order}: exchange its ' \
                'values'
            break
    raise ValueError(f'{body.topic}: {problem}')


def _check_angles(topic: str, position: np.ndarray) -> None:
    middle = np.median(position, axis=0)
    lower, upper = (go2.JOINT_LOWER_RAD - _RANGE_MARGIN_RAD,
                    go2.JOINT_UPPER_RAD + _RANGE_MARGIN_RAD)
    outside = np.maximum(lower - middle, middle - upper)
    if (outside <= 0).all():
        return
    j = int(outside.argmax())
    in_rad = np.radians(middle)
    if np.abs(position).max() < _ZERO_RAD:
        cure = 'all positions are 0: the driver does not fill them in'
    elif ((lower <= in_rad) & (in_rad <= upper)).all():
        cure = 'these look like degrees: multiply the positions by pi/180'
    elif ((lower <= middle + go2.DEFAULT_POSE_RAD)
          & (middle + go2.DEFAULT_POSE_RAD <= upper)).all():
        cure = 'these look like angles from the default pose: add it (docs/formats.md)'
    else:
        cure = 'check units, signs and names of the joints'
    raise ValueError(
        f'{topic}: {go2.JOINT_NAMES[j]} is at {middle[j]:.2f} in the middle, a Go2 reaches '
        f'{go2.JOINT_LOWER_RAD[j]:.2f} to {go2.JOINT_UPPER_RAD[j]:.2f} rad: {cure}')


def _check_velocities(topic: str, rows: np.ndarray) -> None:
    changes = _changes(rows[:, 6:18])
    if np.sqrt(np.mean(changes**2)) < _MOVES_RAD_S:
        return
    scale, correlation = _fit(rows[1:-1, 18:30], changes)
    if correlation >= _LEAST_VELOCITIES and _may_be_equal(scale, correlation):
        return
    raise ValueError(f'{topic}: velocities are {scale:.2g} times the differences of positions '
                     f'(correlation {correlation:.2f}): {_likely(scale, correlation)}, or record '
                     'none, and the differences are taken')


def _problem_of_gravity(rows: np.ndarray, acceleration: np.ndarray) -> str:
    """Say what contradicts gravity as the orientation has it; '' if nothing does."""
    gravity = _unit(np.median(rows[:, :3], axis=0))
    feet = foot_positions(np.median(rows[:, 6:18], axis=0) + go2.DEFAULT_POSE_RAD)
    below = _unit(np.cross(feet[0] - feet[3], feet[1] - feet[2]))
    angle = _degrees(gravity, below)
    if angle > _FEET_DEG:
        shape = 'upside down: is the IMU mounted so, or its frame z-down (turn its readings)' \
            if angle > 180 - _FEET_DEG else 'a fallen robot, or an IMU in another frame'
        return f'its orientation has gravity {angle:.0f} degrees off the feet, as {shape}'
    if acceleration.any():
        angle = _degrees(gravity, -acceleration)
        # An accelerometer that shows gravity itself has the other sign; it is no part of a row.
        if _ACCELERATION_DEG < angle < 180 - _ACCELERATION_DEG:
            return f'its orientation has gravity {angle:.0f} degrees off what its accelerometer ' \
                'shows: check frame and order of the quaternion'
    return ''


def _problem_of_rates(rows: np.ndarray) -> str:
    """Hold the turning of gravity in the body against the body rates: dg/dt = g x w."""
    turned = _smooth(_changes(rows[:, :3]))
    expected = _smooth(np.cross(rows[1:-1, :3], rows[1:-1, 3:6]))
    for name, axis in (('pitch', 0), ('roll', 1)):
        seen, rate = turned[:, axis], expected[:, axis]
        if max(seen.std(), rate.std()) < _TURNS_RAD_S:
            continue
        if not rows[:, 3:6].any():
            return 'the body rates are all 0 though the body turns: record them'
        if np.ptp(rows[:, :3], axis=0).max() < 1e-6:
            return 'the orientation stands still though the body turns: record it'
        scale, correlation = _fit(rate, seen)
        if correlation < _LEAST_RATES or not _may_be_equal(scale, correlation):
            return f'its {name} rate is {scale:.2g} times what its orientation turns ' \
                f'(correlation {correlation:.2f}): {_likely(scale, correlation)}'
    return ''


def _may_be_equal(scale: float, correlation: float) -> bool:
    """Whether a scale is near 1; noise in what is seen makes it smaller than it is."""
    return scale < _SCALES[1] and scale > _SCALES[0] * correlation**2


def _likely(scale: float, correlation: float) -> str:
    if correlation > 0.5 and scale > 20:
        return 'these look like degrees a second, multiply by pi/180'
    if correlation > 0.5:
        return 'check their unit'
    if correlation < -0.5:
        return 'check their sign, and the frame'
    return 'check names, axes and order of the values'


def _mean_acceleration(body: Track, stretch: Stretch) -> np.ndarray:
    """Direction of the mean acceleration; 0 where it is no witness of gravity. Shape: (3,)."""
    inside = (body.stamps_s >= stretch.start_s) & (body.stamps_s <= stretch.end_s)
    mean = body.values[inside, 6:9].mean(axis=0)
    return mean if _GRAVITY_MPS2[0] < np.linalg.norm(mean) < _GRAVITY_MPS2[1] else np.zeros(3)


def _reordered(body: np.ndarray, shift: int) -> np.ndarray:
    """Give samples as they are when the values of the quaternion are moved."""
    return np.hstack([go2.gravity_in_body(np.roll(body[:, 9:], shift, axis=1)), body[:, 3:]])


def _step_s(track: Track) -> float:
    """Time between samples in the middle of all time: what comes in bursts has long ones."""
    steps = np.sort(np.diff(track.stamps_s))
    total = np.cumsum(steps)
    return float(steps[np.searchsorted(total, total[-1] / 2)])


def _changes(values: np.ndarray) -> np.ndarray:
    """Velocity of all rows but the first and the last."""
    return (values[2:].astype(float) - values[:-2]) / (2 * go2.CONTROL_DT_S)


def _smooth(values: np.ndarray) -> np.ndarray:
    total = np.cumsum(values, axis=0, dtype=float)
    return (total[_SMOOTH_ROWS:] - total[:-_SMOOTH_ROWS]) / _SMOOTH_ROWS


def _fit(rate: np.ndarray, seen: np.ndarray) -> tuple[float, float]:
    """Ratio of the rate to the change that is seen, by least squares, and their correlation."""
    both, seen2, rate2 = (rate * seen).sum(), (seen**2).sum(), (rate.astype(float)**2).sum()
    return float(both / max(seen2, 1e-12)), float(both / max(np.sqrt(seen2 * rate2), 1e-12))


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def _degrees(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.degrees(np.arccos(np.clip(_unit(one) @ _unit(other), -1.0, 1.0))))
