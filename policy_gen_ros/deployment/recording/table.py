# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A recording as a table: CSV with a header, its columns documented in docs/formats.md."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from policy_gen_ros.deployment.recording.heard import Tracks
from policy_gen_ros.deployment.recording.resample import Track
from policy_gen_ros.deployment.recording.samples import body_sample, joint_sample
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.utils.naming import suggest

TIME = 'time_s'
BODY = (*(f'quat_{axis}' for axis in 'wxyz'), *(f'gyro_{axis}_rad_s' for axis in 'xyz'))
POSITIONS = tuple(f'{joint}_rad' for joint in go2.JOINT_NAMES)
VELOCITIES = tuple(f'{joint}_rad_s' for joint in go2.JOINT_NAMES)
TARGETS = tuple(f'{joint}_target_rad' for joint in go2.JOINT_NAMES)
_NEEDED, _OPTIONAL = (*BODY, *POSITIONS), (TIME, *VELOCITIES, *TARGETS)
_UNKNOWN_SHOWN = 3


def read_table(path: Path) -> Tracks:
    """
    Read the robot's samples from a CSV file.

    Without a time, rows are 20 ms apart. Velocities that are not there or empty are unknown, and
    so are targets.

    :raises ValueError: no such table; the message names the columns or the line
    """
    columns, values = _numbers(path)
    for group in (VELOCITIES, TARGETS):
        lacking = [name for name in group if name not in columns]
        if lacking and len(lacking) < len(group):
            raise ValueError(f'{path} has some of such columns, but not {", ".join(lacking)}')

    def part(names: tuple[str, ...]) -> np.ndarray:
        if names[0] not in columns:
            return np.full((len(values), len(names)), np.nan)
        return values[:, [columns.index(name) for name in names]]

    times = part((TIME,))[:, 0] if TIME in columns else go2.CONTROL_DT_S * np.arange(len(values))
    targets = part(TARGETS)
    body, joints = [], []
    for i, (turn, position, velocity) in enumerate(zip(part(BODY), part(POSITIONS),
                                                       part(VELOCITIES))):
        try:
            if not np.isfinite(times[i]) or np.isinf(targets[i]).any():
                raise ValueError('a time or target is not finite')
            body.append(body_sample(turn[:4], turn[4:]))
            joints.append(joint_sample(go2.JOINT_NAMES, position, velocity))
        except ValueError as error:
            raise ValueError(f'{path}, row {i + 1} below the header: {error}') from error
    known = np.isfinite(targets).any()
    ignored = [name for name in columns if name not in (*_NEEDED, *_OPTIONAL)]
    remarks = (f'columns ignored: {", ".join(ignored)}',) if ignored else ()
    return Tracks(Track.of(path.name, times, np.array(body)),
                  Track.of(path.name, times, np.array(joints)),
                  Track.of(path.name, times, targets) if known else None, remarks)


def _numbers(path: Path) -> tuple[list[str], np.ndarray]:
    """Columns and values; NaN where there is nothing. Shape: (rows, columns)."""
    try:
        with path.open(newline='', encoding='utf-8-sig') as file:
            lines = csv.reader(file)
            columns = [name.strip() for name in next(lines, [])]
            _check_columns(path, columns)
            rows = [_row(path, lines.line_num, columns, cells) for cells in lines if cells]
    except FileNotFoundError as error:
        raise ValueError(f'no recording at {path}') from error
    except OSError as error:
        raise ValueError(f'{path} cannot be read: {error.strerror}') from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f'{path} is no CSV file: {error}') from error
    if not rows:
        raise ValueError(f'{path} has no rows below its header')
    return columns, np.array(rows)


def _row(path: Path, line: int, columns: list[str], cells: list[str]) -> list[float]:
    if len(cells) != len(columns):
        raise ValueError(f'{path}, line {line}: {len(cells)} values, the header has '
                         f'{len(columns)} columns')
    row = []
    for name, cell in zip(columns, cells):
        try:
            # What is ignored may be anything.
            row.append(float(cell) if cell.strip() and name in (*_NEEDED, *_OPTIONAL)
                       else float('nan'))
        except ValueError:
            raise ValueError(f'{path}, line {line}: {name} is {cell[:40]!r}, expected a number'
                             ) from None
    return row


def _check_columns(path: Path, columns: list[str]) -> None:
    missing = [name for name in _NEEDED if name not in columns]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if not columns:
        raise ValueError(f'{path} is empty, expected a header that names columns')
    if twice:
        raise ValueError(f'{path}: two columns are named {", ".join(twice)}')
    if not missing:
        return
    unknown = [name for name in columns if name not in (*_NEEDED, *_OPTIONAL)]
    hints = [f'; unknown column {name[:40]!r}{suggest(name, missing)}'
             for name in unknown[:_UNKNOWN_SHOWN]]
    raise ValueError(f'{path}: no column {", ".join(missing)}{"".join(hints)}; docs/formats.md '
                     'has all')
