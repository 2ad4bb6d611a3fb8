# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What contradicts itself is refused with the cure, and walks are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.deployment.recording.clip import read_clip
from policy_gen_ros.deployment.recording.consistency import check_consistency
from policy_gen_ros.deployment.recording.heard import Tracks
from policy_gen_ros.deployment.recording.message_types import IMU, JOINT_STATE
from policy_gen_ros.deployment.recording.resample import Stretch, Track
from policy_gen_ros.deployment.recording.tracks import Topics
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX
import pytest
from recorded_walks import trot, write_bag

YAWS_RAD = [0.4, -2.0]


def of(kind: str, change: Callable[[Any], None]) -> Callable[[str, Any], None]:
    return lambda sent, message: change(message) if sent == kind else None


def _positions(message: Any, values: np.ndarray) -> None:
    message.position = values


def _velocities(message: Any, values: np.ndarray) -> None:
    message.velocity = values


def _rates(message: Any, factors: tuple[float, float, float]) -> None:
    w = message.angular_velocity
    w.x, w.y, w.z = (value * factor for value, factor in zip((w.x, w.y, w.z), factors))


def _quaternion(message: Any, order: str) -> None:
    q = message.orientation
    q.x, q.y, q.z, q.w = (getattr(q, name) for name in order)


def _upside_down(message: Any) -> None:
    q, w, a = message.orientation, message.angular_velocity, message.linear_acceleration
    q.w, q.x, q.y, q.z = go2.multiply_quaternions(
        np.array([q.w, q.x, q.y, q.z]), np.array([0.0, 1.0, 0.0, 0.0])).tolist()
    w.y, w.z, a.y, a.z = -w.y, -w.z, -a.y, -a.z


def _no_acceleration(message: Any) -> None:
    a = message.linear_acceleration
    a.x = a.y = a.z = 0.0


@pytest.mark.parametrize(('change', 'says'), [
    (of(JOINT_STATE, lambda m: _positions(m, np.degrees(m.position))),
     r'/joint_states: .*_joint is at -?\d+\.\d\d in the middle, a Go2 reaches .* rad: these look '
     'like degrees: multiply the positions by pi/180'),
    (of(JOINT_STATE, lambda m: _positions(m, m.position - go2.DEFAULT_POSE_RAD)),
     'these look like angles from the default pose'),
    (of(JOINT_STATE, lambda m: _positions(m, m.position * 0)),
     'all positions are 0: the driver does not fill them in'),
    (of(JOINT_STATE, lambda m: _positions(m, -m.position)), 'check units, signs and names'),
    (of(JOINT_STATE, lambda m: _velocities(m, np.degrees(m.velocity))),
     '/joint_states: velocities are 5[78] times the differences of positions .* degrees a second'),
    (of(JOINT_STATE, lambda m: _velocities(m, -m.velocity)), 'check their sign'),
    (of(JOINT_STATE, lambda m: _velocities(m, np.roll(m.velocity, 1))), 'check names, axes and'),
    (of(IMU, lambda m: _rates(m, (57.3, 57.3, 57.3))), 'degrees a second'),
    (of(IMU, lambda m: _rates(m, (0.0, 0.0, 0.0))), 'the body rates are all 0 though'),
    (of(IMU, lambda m: _rates(m, (-1.0, -1.0, -1.0))), 'check their sign'),
    (of(IMU, lambda m: _rates(m, (1.0, -1.0, -1.0))), 'check their sign'),
    (of(IMU, lambda m: _quaternion(m, 'wxyz')),
     'looks as if the quaternion was filled in as w, x, y, z where x, y, z, w belongs'),
    (of(IMU, _upside_down), 'off the feet, as upside down: is the IMU mounted so'),
    (of(IMU, lambda m: setattr(m, 'orientation', type(m.orientation)(0.0, 0.0, 0.0, 1.0))),
     'the orientation stands still though the body turns')],
    ids=['degrees', 'from the pose', 'zero', 'other sign', 'velocities in degrees',
         'velocities of other sign', 'velocities of other order', 'rates in degrees', 'no rates',
         'rates of other sign', 'rates of an IMU upside down', 'order', 'upside down', 'stands'])
@pytest.mark.parametrize('accelerates', [True, False], ids=['accelerometer', 'without'])
def test_what_contradicts_itself_is_refused_with_the_cure(
        tmp_path: Path, change: Callable[[str, Any], None], says: str, accelerates: bool) -> None:
    for yaw_rad in YAWS_RAD:
        def both(kind: str, message: Any) -> None:
            change(kind, message)
            if kind == IMU and not accelerates:
                _no_acceleration(message)

        bag = write_bag(tmp_path / f'yaw {yaw_rad}', trot(2.1, 50.0, change=both, yaw_rad=yaw_rad))
        with pytest.raises(ValueError, match=says) as refusal:
            read_clip(bag, Topics())
        assert '\n' not in str(refusal.value) and len(str(refusal.value)) < 500


@pytest.mark.parametrize('yaw_rad', YAWS_RAD)
def test_a_sound_walk_passes_in_any_direction(tmp_path: Path, yaw_rad: float) -> None:
    clip = read_clip(write_bag(tmp_path / 'bag', trot(2.1, 50.0, yaw_rad=yaw_rad)), Topics())
    assert len(clip.describe()) == 1


@pytest.mark.parametrize('factor', [-1.0, 0.0, 0.05], ids=['of gravity', 'none', 'without it'])
def test_accelerometers_that_show_something_else_are_no_witness(
        tmp_path: Path, factor: float) -> None:
    def change(kind: str, message: Any) -> None:
        if kind == IMU:
            a = message.linear_acceleration
            a.x, a.y, a.z = (factor * value for value in (a.x, a.y, a.z))

    assert read_clip(write_bag(tmp_path / 'bag', trot(2.1, 50.0, change=change)), Topics())


def test_no_walk_of_the_shipped_archive_is_refused() -> None:
    walks = [rows.astype(float) for file in sorted(SHIPPED_INDEX.glob('chunks/*/trajectory.npy'))
             for rows in np.load(file)[:, 0]]
    assert len(walks) >= 50
    for rows in walks:
        times = go2.CONTROL_DT_S * np.arange(len(rows))
        body = np.hstack([rows[:, :6], np.zeros((len(rows), 7))])
        joints = np.hstack([rows[:, 6:18] + go2.DEFAULT_POSE_RAD, rows[:, 18:30]])
        for part in (slice(None), slice(0, 100), slice(100, 150)):
            tracks = Tracks(Track('imu', times[part], body[part]),
                            Track('joint_states', times[part], joints[part]), None, ())
            check_consistency(rows[part].astype(np.float32), tracks,
                              Stretch(times[part][0], times[part][-1]))
