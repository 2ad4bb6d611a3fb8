# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Which piece of a recording is taken, by which clock, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.deployment.recording.clip import read_clip
from policy_gen_ros.deployment.recording.message_types import IMU, JOINT_STATE
from policy_gen_ros.deployment.recording.tracks import Topics
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY
import pytest
from recorded_walks import (
    at_ns,
    check_trot,
    check_walk,
    imu,
    joint_state,
    STORAGES,
    trot,
    walk,
    write_bag,
)

USUAL = Topics()
STANDS = 'nothing in it walks: the legs hardly move to and fro'


@pytest.mark.parametrize('storage', STORAGES)
@pytest.mark.parametrize('rate_hz', [50.0, 200.0, 37.0])
def test_a_recording_is_resampled_to_50_hz(tmp_path: Path, storage: str, rate_hz: float) -> None:
    clip = read_clip(write_bag(tmp_path / 'bag', walk(3.0, rate_hz), storage), USUAL)
    check_walk(TRAJECTORY.check(clip.trajectory), clip.end_s - 0.02 * (len(clip.trajectory) - 1))
    assert 148 <= len(clip.trajectory) <= 151
    assert clip.describe() == [f'/joint_states and /imu: 0.00 to {clip.end_s:.2f} s of '
                               f'{clip.recorded_s:.2f} s', STANDS]


@pytest.mark.parametrize(('options', 'start_s', 'end_s'), [
    ({}, 4.0, 14.0), ({'seconds': 2.0}, 12.0, 14.0), ({'start_s': 3.0}, 3.0, 13.0),
    ({'start_s': 3.0, 'seconds': 1.0}, 3.0, 4.0), ({'start_s': 12.0}, 12.0, 14.0)])
def test_the_end_is_taken_unless_other_seconds_are_wanted(
        tmp_path: Path, options: dict, start_s: float, end_s: float) -> None:
    clip = read_clip(write_bag(tmp_path / 'bag', walk(14.0)), USUAL, **options)
    assert (clip.start_s, clip.end_s) == pytest.approx((start_s, end_s), abs=1e-3)
    assert len(clip.trajectory) == round((end_s - start_s) * 50) + 1
    check_walk(clip.trajectory, start_s)


@pytest.mark.parametrize(('stands', 'options', 'start_s', 'end_s'), [
    ([(8.0, 20.0)], {}, 0.0, 8.0), ([(0.0, 3.0)], {}, 3.0, 13.0),
    ([(0.0, 2.0), (14.0, 99.0)], {}, 4.0, 14.0),
    ([(4.0, 6.0), (9.0, 99.0)], {}, 6.0, 9.0),
    ([(9.0, 10.0), (11.0, 99.0)], {'seconds': 4.0}, 5.0, 9.0)],
    ids=['stands at the end', 'at the beginning', 'at both', 'between', 'a short walk at last'])
def test_the_newest_part_that_walks_is_taken(
        tmp_path: Path, stands: list, options: dict, start_s: float, end_s: float) -> None:
    seconds = 13.0 if stands[-1][1] < 13 else max(start for start, _ in stands) + 6.0
    bag = write_bag(tmp_path / 'bag', trot(seconds, 50.0, stands))
    clip = read_clip(bag, USUAL, **options)
    assert (clip.start_s, clip.end_s) == pytest.approx((start_s, end_s), abs=0.15)
    assert clip.describe() == [
        f'/joint_states and /imu: {clip.start_s:.2f} to {clip.end_s:.2f} s of {seconds:.2f} s, '
        'the newest that walks']
    check_trot(clip.trajectory[10:-10], clip.end_s - 0.02 * (len(clip.trajectory) - 11), 0.6)


def test_seconds_that_were_asked_for_are_taken_though_nothing_walks(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag', trot(9.0, 50.0, [(3.0, 9.0)]))
    clip = read_clip(bag, USUAL, start_s=5.0, seconds=2.0)
    assert clip.describe() == ['/joint_states and /imu: 5.00 to 7.00 s of 9.00 s', STANDS]


def test_the_longest_unbroken_stretch_is_taken_and_gaps_are_told(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag', walk(9.0, silent=[(1.0, 1.5), (6.0, 6.21)]))
    clip = read_clip(bag, USUAL)
    assert clip.describe() == [
        '/joint_states and /imu: 1.50 to 6.00 s of 9.00 s',
        'gap: nothing on /imu for 0.50 s from 1.00 s on',
        'gap: nothing on /imu for 0.22 s from 6.00 s on', STANDS]
    check_walk(clip.trajectory, 1.5)
    chosen = read_clip(bag, USUAL, start_s=5.5, seconds=3.0)
    assert (chosen.start_s, chosen.end_s) == pytest.approx((6.22, 8.5))


def test_too_few_messages_to_show_a_gait_are_told(tmp_path: Path) -> None:
    clip = read_clip(write_bag(tmp_path / 'bag', walk(3.0, rate_hz=10.0)), USUAL)
    assert clip.describe()[1:] == [
        STANDS, '/joint_states: 10 messages a second are too few to show a gait',
        '/imu: 10 messages a second are too few to show a gait']


def test_many_gaps_are_counted(tmp_path: Path) -> None:
    silent = [(k + 0.1, k + 0.5) for k in range(8)]
    lines = read_clip(write_bag(tmp_path / 'bag', walk(10.0, silent=silent)), USUAL).describe()
    assert len(lines) == 8
    assert lines[-2:] == ['and 3 more gaps', STANDS]


@pytest.mark.parametrize(('options', 'says'), [
    ({'seconds': 0.5}, r'0\.5 s of a recording were asked for, expected 0\.8 to 120'),
    ({'seconds': float('nan')}, 'nan s of a recording'),
    ({'start_s': -1.0}, r'bag: a start at -1 s was asked for; there are 3\.00 s'),
    ({'start_s': 3.5}, r'a start at 3\.5 s was asked for'),
    ({'start_s': float('nan')}, 'a start at nan s'),
    ({'start_s': 2.8}, r'only 0\.20 s of unbroken /joint_states and /imu; 0\.8 s are needed')])
def test_seconds_that_are_not_there_are_refused(tmp_path: Path, options: dict, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_clip(write_bag(tmp_path / 'bag', walk(3.0)), USUAL, **options)


def test_too_little_between_gaps_is_refused_with_the_gaps(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag', walk(1.2, silent=[(0.5, 0.8)]))
    with pytest.raises(ValueError, match=r'only 0\.50 s .* gap: nothing on /imu for 0\.30 s'):
        read_clip(bag, USUAL)


def test_other_topics_are_read_by_their_names(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag', walk(2.0, joint_topic='/go2/joint_states',
                                           imu_topic='/go2/body/imu'))
    with pytest.raises(ValueError, match=r'neither both .* it has /go2/body/imu.*--joint-topic'):
        read_clip(bag, USUAL)
    clip = read_clip(bag, Topics(joint='go2/joint_states/', imu='/go2/body/imu'))
    assert clip.topics == ('/go2/joint_states', '/go2/body/imu')
    with pytest.raises(ValueError, match=r'no sensor_msgs/msg/Imu on /imu; it has /go2/body/imu'):
        read_clip(bag, Topics(joint='/go2/joint_states'))


def test_joint_states_and_low_state_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match='not both'):
        Topics(imu='/imu', lowstate='/lowstate')


def test_wrong_joint_names_are_told(tmp_path: Path) -> None:
    entries = [(topic, kind, time_ns, joint_state(0.0, names=['FR_0', 'FR_1'])
                if kind == JOINT_STATE else message)
               for topic, kind, time_ns, message in walk(2.0)]
    with pytest.raises(ValueError, match=r'/joint_states can be used: no joint FL_hip_joint, .* '
                       r'there are FR_0, FR_1'):
        read_clip(write_bag(tmp_path / 'bag', entries), USUAL)


def test_messages_of_other_joints_are_passed_over(tmp_path: Path) -> None:
    arm = [('/joint_states', JOINT_STATE, at_ns(k / 10), joint_state(k / 10, names=['gripper']))
           for k in range(20)]
    clip = read_clip(write_bag(tmp_path / 'bag', [*walk(2.0), *arm]), USUAL)
    check_walk(clip.trajectory, 0.0)
    assert clip.describe()[1].startswith('/joint_states: 20 of 121 messages ignored: no joint FL_')


@pytest.mark.parametrize(('stamp_ns', 'says'), [
    (lambda time_s, kind: 0, 'the stamps of /joint_states stand still'),
    (lambda time_s, kind: at_ns(time_s % 1.3), 'the stamps of /joint_states go back'),
    (lambda time_s, kind: at_ns(int(time_s)),
     'the stamps of /joint_states come in steps of 1.0 s'),
    (lambda time_s, kind: at_ns(int(time_s * 10) / 10),
     'the stamps of /joint_states come in steps of 0.1 s'),
    (lambda time_s, kind: at_ns(time_s if kind == JOINT_STATE else int(time_s)),
     'the stamps of /imu come in steps of 1.0 s'),
    (lambda time_s, kind: at_ns(time_s) if kind == IMU else round(time_s * 1e9),
     'the stamps of /joint_states and /imu are of two clocks'),
    (lambda time_s, kind: at_ns(time_s if kind == IMU else time_s + 0.7),
     'the stamps of /joint_states and /imu are of two clocks')],
    ids=['zero', 'going back', 'seconds', 'tenths', 'seconds of one', 'two clocks', 'shifted'])
def test_without_a_clock_in_the_stamps_the_recorder_s_counts(
        tmp_path: Path, stamp_ns: Callable[[float, str], int], says: str) -> None:
    entries = []
    for k in range(201):
        t = k / 50
        joints = joint_state(t, stamp_ns(t, JOINT_STATE))
        entries += [('/joint_states', JOINT_STATE, at_ns(t), joints),
                    ('/imu', IMU, at_ns(t), imu(t, stamp_ns(t, IMU)))]
    clip = read_clip(write_bag(tmp_path / 'bag', entries), USUAL)
    check_walk(clip.trajectory, 0.0)
    assert len(clip.trajectory) == 201
    assert clip.describe()[1] == f'{says}: the times of recording are used'


@pytest.mark.parametrize('change_ns', [
    lambda time_s: round(time_s * 1e9), lambda time_s: at_ns(round(time_s, 2)),
    lambda time_s: at_ns(time_s - 3e6)], ids=['since boot', 'hundredths', 'of last month'])
def test_stamps_of_another_clock_are_fine(
        tmp_path: Path, change_ns: Callable[[float], int]) -> None:
    def change(kind: str, message: Any) -> None:
        stamp = message.header.stamp
        time_s = stamp.sec + stamp.nanosec * 1e-9 - at_ns(0) * 1e-9
        stamp.sec, stamp.nanosec = divmod(change_ns(time_s), 10**9)

    clip = read_clip(write_bag(tmp_path / 'bag', trot(3.0, 200.0, change=change)), USUAL)
    assert len(clip.describe()) == 1
    assert clip.end_s - clip.start_s == pytest.approx(3.0, abs=0.03)


def test_stamps_count_whatever_the_speed_of_the_simulation(tmp_path: Path) -> None:
    entries = [(topic, kind, at_ns(3 * (time_ns - at_ns(0)) * 1e-9), message)
               for topic, kind, time_ns, message in walk(3.0)]
    clip = read_clip(write_bag(tmp_path / 'bag', entries), USUAL)
    check_walk(clip.trajectory, 0.0)
    assert np.isnan(clip.trajectory[:, 30:]).all()
