# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The ring buffer behind ``prompt_from_recording``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from policy_gen_ros.deployment.recording.joint_names import JointMap
from policy_gen_ros.deployment.recording.live import Recording
from policy_gen_ros.deployment.recording.message_types import IMU, JOINT_STATE
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY
import pytest
from recorded_walks import at_ns, check_trot, check_walk, imu, joint_state, trot, walk


def hear(recording: Recording, entries: list, after_s: float = 0.0, speed: float = 1.0) -> None:
    """Replay messages; their stamps are those of so much later."""
    for _, kind, time_ns, message in entries:
        stamp = message.header.stamp
        if after_s:
            total = stamp.sec * 10**9 + stamp.nanosec + round(after_s * 1e9)
            stamp.sec, stamp.nanosec = divmod(total, 10**9)
        heard_s = after_s + (time_ns - at_ns(0.0)) * 1e-9 / speed
        (recording.add_joints if kind == JOINT_STATE else recording.add_imu)(message, heard_s)


@pytest.mark.parametrize('rate_hz', [50.0, 200.0, 37.0])
@pytest.mark.parametrize('speed', [1.0, 5.0])
def test_rows_are_resampled_to_50_hz_and_joints_found_by_name(
        rate_hz: float, speed: float) -> None:
    recording = Recording()
    hear(recording, walk(3.0, rate_hz), speed=speed)
    clip = recording.clip()
    rows = TRAJECTORY.check(clip.trajectory)
    assert 145 <= len(rows) <= 151
    check_walk(rows, clip.end_s - 0.02 * (len(rows) - 1))
    assert np.isnan(rows[:, 30:]).all()


def test_only_the_last_ten_seconds_count() -> None:
    recording = Recording()
    hear(recording, walk(25.0))
    clip = recording.clip()
    assert 499 <= len(clip.trajectory) <= 501
    assert clip.recorded_s <= 11.1


def test_the_walk_counts_not_the_standing_after_it() -> None:
    recording = Recording()
    hear(recording, trot(9.0, stands=[(6.0, 9.0)]))
    clip = recording.clip()
    assert (clip.start_s, clip.end_s) == pytest.approx((0.0, 6.0), abs=0.15)


def test_a_gap_starts_over() -> None:
    recording = Recording()
    hear(recording, walk(1.0))
    hear(recording, walk(3.0), after_s=2.0)
    assert 149 <= len(recording.clip().trajectory) <= 151


def test_a_bag_that_starts_again_starts_over() -> None:
    recording = Recording()
    hear(recording, walk(3.0), after_s=100.0)
    hear(recording, walk(1.0), after_s=50.0)
    assert 49 <= len(recording.clip().trajectory) <= 51


def test_too_little_is_refused() -> None:
    recording = Recording()
    with pytest.raises(ValueError, match='nothing was seen on joint_states yet'):
        recording.clip()
    hear(recording, walk(0.5))
    with pytest.raises(ValueError, match=r'only 0\.50 s of unbroken'):
        recording.clip()


def test_what_came_before_one_topic_fell_silent_is_not_taken_with_it() -> None:
    recording = Recording()
    hear(recording, walk(0.5))
    hear(recording, [one for one in walk(1.2) if one[1] == JOINT_STATE], after_s=5.0)
    with pytest.raises(ValueError, match=r'only 0\.50 s of unbroken joint_states and imu'):
        recording.clip()


def test_messages_that_were_refused_are_counted_with_the_last_reason() -> None:
    recording = Recording()
    for k in range(30):
        with pytest.raises(ValueError, match='no joint FL_hip_joint'):
            recording.add_joints(joint_state(k / 50, names=['wheel', f'lamp_{k}']), k / 50)
        recording.add_imu(imu(k / 50), k / 50)
    with pytest.raises(ValueError, match=r'30 messages were seen on joint_states, none of use; '
                       r'the last one: no joint FL_hip_joint.*there are wheel, lamp_29'):
        recording.clip()
    hear(recording, walk(2.0), after_s=1.0)
    assert any(line.startswith('joint_states: 30 messages ignored; the last one: no joint FL_hip')
               for line in recording.clip().describe())
    blind = Recording()
    for k in range(3):
        blind.add_joints(joint_state(k / 50), k / 50)
        with pytest.raises(ValueError, match='no orientation'):
            blind.add_imu(imu(k / 50, covariance=-1.0), k / 50)
    with pytest.raises(ValueError, match='3 messages were seen on imu, none of use; the last one: '
                       'it says that it has no orientation'):
        blind.clip()


def _without_velocities(kind: str, message: Any) -> None:
    if kind == JOINT_STATE:
        message.velocity = np.zeros(0)


def _with_zero_velocities(kind: str, message: Any) -> None:
    if kind == JOINT_STATE:
        message.velocity = np.zeros(12)


def _with_a_prefix(kind: str, message: Any) -> None:
    if kind == JOINT_STATE:
        message.name = [f'robot0/{name}' for name in message.name]


def _without_stamps(kind: str, message: Any) -> None:
    message.header.stamp.sec = message.header.stamp.nanosec = 0


def _with_whole_seconds(kind: str, message: Any) -> None:
    message.header.stamp.nanosec = 0


@pytest.mark.parametrize(('change', 'says'), [
    (_without_velocities, 'joint_states: velocities are missing: differences of positions'),
    (_with_zero_velocities, 'joint_states: velocities are all zero though the joints move: '),
    (_with_a_prefix, 'joint_states: joints found by the ends of their names: robot0/FL_hip_joint'),
    (_without_stamps, 'the stamps of joint_states stand still: the times of arrival are used'),
    (_with_whole_seconds, 'the stamps of joint_states come in steps of 1.0 s: the times of arr')])
def test_drivers_that_leave_something_out_are_understood(
        change: Callable[[str, Any], None], says: str) -> None:
    recording = Recording()
    hear(recording, trot(4.0, change=change))
    clip = recording.clip()
    check_trot(clip.trajectory[5:-5], clip.end_s - 0.02 * (len(clip.trajectory) - 6), 0.3)
    assert clip.describe()[1].startswith(says)


def test_a_map_names_the_joints() -> None:
    theirs = [f'{leg}_{i}' for leg in go2.LEGS for i in range(3)]

    def change(kind: str, message: Any) -> None:
        if kind == JOINT_STATE:
            message.name = theirs

    recording = Recording(JointMap(tuple(zip(theirs, go2.JOINT_NAMES))))
    hear(recording, trot(2.0, change=change))
    assert recording.clip().describe()[1] == (
        'joint_states: joints found by the map: FL_0 is FL_hip_joint, and so on')


def test_what_contradicts_itself_is_refused() -> None:
    def change(kind: str, message: Any) -> None:
        if kind == IMU:
            q = message.orientation
            q.x, q.y, q.z, q.w = q.w, q.x, q.y, q.z

    recording = Recording()
    hear(recording, trot(3.0, change=change))
    with pytest.raises(ValueError, match='filled in as w, x, y, z where x, y, z, w belongs'):
        recording.clip()
