# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Recordings as CSV: what is read, and what is said of wrong ones."""

from __future__ import annotations

from contextlib import suppress
import csv
from pathlib import Path

from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.deployment.recording.clip import read_clip
from policy_gen_ros.deployment.recording.table import BODY, POSITIONS, TARGETS, TIME, VELOCITIES
from policy_gen_ros.deployment.recording.tracks import Topics
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY
import pytest
from recorded_walks import check_trot, trotting_body, trotting_joints

ALL = (TIME, *BODY, *POSITIONS, *VELOCITIES, *TARGETS)


def table(path: Path, count: int, rate_hz: float = 50.0, left_out: tuple[str, ...] = (),
          header: tuple[str, ...] = ALL) -> Path:
    """Write a trot under some of its columns, whose header may be another."""
    with path.open('w', newline='') as file:
        lines = csv.writer(file)
        lines.writerow([name for name, column in zip(header, ALL) if column not in left_out])
        for k in range(count):
            time_s = k / rate_hz
            position, velocity = trotting_joints(time_s)
            row = np.concatenate([[time_s], *trotting_body(time_s), position, velocity,
                                  position + 0.1])
            lines.writerow([value for value, column in zip(row, ALL) if column not in left_out])
    return path


@pytest.mark.parametrize('rate_hz', [50.0, 200.0, 61.0])
def test_a_table_with_times_is_resampled(tmp_path: Path, rate_hz: float) -> None:
    clip = read_clip(table(tmp_path / 'walk.csv', round(3 * rate_hz), rate_hz), Topics())
    rows = TRAJECTORY.check(clip.trajectory)
    check_trot(rows, clip.end_s - 0.02 * (len(rows) - 1), 0.4)
    np.testing.assert_allclose(rows[:, 30:] - rows[:, 6:18], 0.1, atol=1e-5)
    assert clip.describe() == [
        f'walk.csv: {clip.start_s:.2f} to {clip.end_s:.2f} s of {clip.recorded_s:.2f} s, the '
        'newest that walks']


def test_a_table_without_times_velocities_and_targets_has_rows_at_50_hz(tmp_path: Path) -> None:
    path = table(tmp_path / 'walk.CSV', 150, left_out=(TIME, *VELOCITIES, *TARGETS))
    clip = read_clip(path, Topics())
    check_trot(clip.trajectory[2:-2], clip.start_s + 0.04, 0.2)
    assert len(clip.trajectory) == 150 and np.isnan(clip.trajectory[:, 30:]).all()
    assert clip.describe()[1].startswith('walk.CSV: velocities are missing: differences of')


def test_columns_may_be_in_any_order_and_others_are_named(tmp_path: Path) -> None:
    path = table(tmp_path / 'walk.csv', 100)
    lines = [line.split(',') for line in path.read_text().splitlines()]
    path.write_text('\ufeff' + '\n'.join(','.join([f' {line[0]} ', 'x', *reversed(line[1:])])
                                        for line in lines))
    clip = read_clip(path, Topics())
    check_trot(clip.trajectory, clip.start_s, 0.2)
    assert clip.describe()[1] == 'columns ignored: x'


def renamed(name: str, other: str) -> tuple[str, ...]:
    return tuple(other if column == name else column for column in ALL)


@pytest.mark.parametrize(('header', 'left_out', 'says'), [
    (renamed('FL_hip_joint_rad', 'FL_hip_rad'), (), "no column FL_hip_joint_rad; unknown column "
     "'FL_hip_rad'; did you mean 'FL_hip_joint_rad'"),
    (renamed('gyro_x_rad_s', 'wx'), (), r"no column gyro_x_rad_s; unknown column 'wx' \(known: "
     'gyro_x_rad_s'),
    (ALL, BODY, 'no column quat_w, quat_x, quat_y, quat_z, gyro_x_rad_s, gyro_y_rad_s, gyro_z'),
    (ALL, VELOCITIES[:2], 'some of such columns, but not FL_hip_joint_rad_s, FL_thigh_joint_rad'),
    (renamed('time_s', 'quat_w'), (), 'two columns are named quat_w'),
    (tuple(str(k / 8) for k in range(len(ALL))), (), r"no column quat_w, .* column '0.0'")])
def test_wrong_columns_are_named(
        tmp_path: Path, header: tuple, left_out: tuple, says: str) -> None:
    with pytest.raises(ValueError, match=says) as refusal:
        read_clip(table(tmp_path / 'walk.csv', 50, left_out=left_out, header=header), Topics())
    assert '\n' not in str(refusal.value)


@pytest.mark.parametrize(('old', 'new', 'says'), [
    ('0.02,', 'soon,', "line 3: time_s is 'soon', expected a number"),
    ('0.02,', '0.02,0.02,', 'line 3: 45 values, the header has 44 columns'),
    ('0.02,', ',', 'row 2 below the header: a time or target is not finite'),
    ('0.02,', 'inf,', 'row 2 below the header: a time or target is not finite')])
def test_wrong_values_are_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = table(tmp_path / 'walk.csv', 60)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(''.join([*lines[:2], lines[2].replace(old, new, 1), *lines[3:]]))
    with pytest.raises(ValueError, match=says):
        read_clip(path, Topics())


@pytest.mark.parametrize(('content', 'says'), [
    (b'', 'is empty, expected a header'), (b'\xff\xfe\0', 'is no CSV file: '),
    (','.join(ALL).encode(), 'has no rows below its header')])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / 'walk.csv').write_bytes(content)
    with pytest.raises(ValueError, match=says):
        read_clip(tmp_path / 'walk.csv', Topics())
    with pytest.raises(ValueError, match='no recording at'):
        read_clip(tmp_path / 'nowhere.csv', Topics())


def test_too_few_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r'only 0\.76 s of unbroken walk\.csv; 0\.8 s are needed'):
        read_clip(table(tmp_path / 'walk.csv', 39, left_out=(TIME,)), Topics())


def test_degrees_in_a_table_are_refused(tmp_path: Path) -> None:
    path = table(tmp_path / 'walk.csv', 100, left_out=(*VELOCITIES, *TARGETS))
    lines = [line.split(',') for line in path.read_text().splitlines()]
    for line in lines[1:]:
        line[8:20] = [str(np.degrees(float(value))) for value in line[8:20]]
    path.write_text('\n'.join(map(','.join, lines)))
    with pytest.raises(ValueError, match='these look like degrees'):
        read_clip(path, Topics())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None,
          max_examples=60)
@given(st.binary(max_size=300), st.integers(0, 2000))
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path: Path, junk: bytes, at: int) -> None:
    sound = table(tmp_path / 'sound.csv', 45).read_bytes()
    (tmp_path / 'walk.csv').write_bytes(sound[:at] + junk + sound[at:])
    with suppress(ValueError):
        rows = read_clip(tmp_path / 'walk.csv', Topics()).trajectory
        assert rows.shape[1] == 30 + go2.NUM_JOINTS
