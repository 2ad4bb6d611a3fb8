# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The ring buffer behind ``prompt_from_recording``."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.recording.live import Recording
from policy_gen_ros.recording.samples import body_sample, joint_sample
from policy_gen_ros.robot import go2
from policy_gen_ros.robot.observation import check_trajectory
import pytest

UPRIGHT = (1.0, 0.0, 0.0, 0.0)


def fill(recording: Recording, start_s: float, seconds: float, rate_hz: float = 50.0) -> None:
    """Joints given in wire order, each moving with its index; a body that yaws."""
    names = [*go2.WIRE_JOINT_NAMES, 'arm_joint']
    for k in range(round(seconds * rate_hz) + 1):
        t = start_s + k / rate_hz
        position = [go2.JOINT_NAMES.index(n) * 0.01 * t if n in go2.JOINT_NAMES else 9.0
                    for n in names]
        recording.add_joints(t, joint_sample(names, position, [0.5] * len(names)))
        recording.add_body(t + 0.001, body_sample(UPRIGHT, (0.0, 0.0, 0.2)))


@pytest.mark.parametrize('rate_hz', [50.0, 200.0, 37.0])
def test_rows_are_resampled_to_50_hz_and_joints_found_by_name(rate_hz: float) -> None:
    recording = Recording()
    fill(recording, 100.0, 3.0, rate_hz)
    rows = check_trajectory(recording.trajectory())
    assert 145 <= len(rows) <= 151
    np.testing.assert_allclose(rows[:, :6], np.tile([0, 0, -1, 0, 0, 0.2], (len(rows), 1)),
                               atol=1e-6)
    angles = rows[:, 6:18] + go2.DEFAULT_POSE_RAD
    np.testing.assert_allclose(np.diff(angles[:, 11]), 0.11 * 0.02, atol=1e-3)
    assert np.isnan(rows[:, 30:]).all()


def test_only_the_last_ten_seconds_count() -> None:
    recording = Recording()
    fill(recording, 0.0, 25.0)
    assert 499 <= len(recording.trajectory()) <= 501


def test_a_gap_starts_over() -> None:
    recording = Recording()
    fill(recording, 0.0, 3.0)
    fill(recording, 4.0, 1.0)
    assert 49 <= len(recording.trajectory()) <= 51


def test_a_bag_that_starts_again_starts_over() -> None:
    recording = Recording()
    fill(recording, 100.0, 3.0)
    fill(recording, 50.0, 1.0)
    assert 49 <= len(recording.trajectory()) <= 51


def test_too_little_is_refused() -> None:
    recording = Recording()
    with pytest.raises(ValueError, match='nothing was seen on joint_states'):
        recording.trajectory()
    fill(recording, 0.0, 0.5)
    with pytest.raises(ValueError, match=r'only 0\.50 s of unbroken'):
        recording.trajectory()


def test_what_came_before_one_topic_fell_silent_is_not_the_newest() -> None:
    recording = Recording()
    fill(recording, 0.0, 3.0)
    for k in range(60):
        recording.add_joints(5.0 + k / 50, joint_sample(go2.JOINT_NAMES, [0.0] * 12, [0.0] * 12))
    with pytest.raises(ValueError, match=r'only 0\.00 s of unbroken joint_states and imu'):
        recording.trajectory()
