# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Charts of measures asked and reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.ticker import MaxNLocator
import numpy as np
from policy_gen_ros.domains.go2.gait.measures import (
    COMMAND_NAMES,
    CONTACT_NAMES,
    MEASURE_NAMES,
    MEASURES,
    PHASE_NAMES,
)
from policy_gen_ros.evaluation.report.parts import Chart
from policy_gen_ros.evaluation.report.style import (
    FAMILY_COLORS,
    FRAME_COLOR,
    new_figure,
    plain,
    SHADE_COLOR,
)

LABELS = {
    **{f'contact_{leg}': f'contact, {name}' for leg, name in (
        ('fl', 'front left'), ('fr', 'front right'), ('rl', 'rear left'), ('rr', 'rear right'))},
    'frequency_hz': 'stepping frequency', 'phase_fr': 'phase, front right',
    'phase_rl': 'phase, rear left', 'phase_rr': 'phase, rear right',
    'body_height_m': 'body height', 'swing_height_m': 'swing height',
    'vx_mps': 'speed forward', 'vy_mps': 'speed to the left', 'yaw_rate_rps': 'yaw rate'}
UNITS = {measure.name: {'share of time': '', 'cycles after FL': 'cycles'}.get(
    measure.unit, measure.unit) for measure in MEASURES}
SCATTERED = ('contact_fl', 'contact_rr', 'frequency_hz', 'body_height_m', 'swing_height_m',
             'vx_mps', 'vy_mps', 'yaw_rate_rps')
ERROR_CHARTS = {'Contacts': CONTACT_NAMES, 'Frequency and phases': ('frequency_hz', *PHASE_NAMES),
                'Heights and velocity': ('body_height_m', 'swing_height_m', *COMMAND_NAMES)}


def asked_and_reached(asked: np.ndarray, reached: np.ndarray, survived: np.ndarray,
                      families: Sequence[str]) -> list[Chart]:
    """
    Scatter of each of SCATTERED, in the colours of the families asked for.

    :param asked, reached: NaN where unknown. Shapes: (n, 13)
    :param survived: Shape: (n,), bool
    """
    colors = np.array([FAMILY_COLORS[family] for family in families])
    charts = []
    for name in SCATTERED:
        x, y = (values[:, MEASURE_NAMES.index(name)] for values in (asked, reached))
        figure = new_figure(2.9, 2.8)
        axes = figure.subplots()
        axes.axline((x[0], x[0]), slope=1, color=FRAME_COLOR, linewidth=1.0)
        axes.scatter(x[survived], y[survived], s=11, c=colors[survived], alpha=0.75, linewidths=0)
        axes.scatter(x[~survived], y[~survived], s=20, c=colors[~survived], marker='x',
                     linewidths=0.9)
        low, high = np.nanmin([x, y]), np.nanmax([x, y])
        margin = 0.04 * (high - low) or 1.0
        unit = f' [{UNITS[name]}]' if UNITS[name] else ''
        axes.set(xlabel=f'asked{unit}', ylabel=f'reached{unit}', aspect='equal',
                 xlim=(low - margin, high + margin), ylim=(low - margin, high + margin))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        plain(axes)
        apart = np.abs(x - y)[survived & np.isfinite(y)]
        note = f'mean error {apart.mean():.3f} {UNITS[name]}'.strip() if len(apart) \
            else 'nothing known of walks to the end'
        charts.append(Chart(LABELS[name].capitalize(), figure,
                            f'Scatter of {len(x)} goals, asked and reached: {note}', note))
    return charts


def measure_errors(errors: Mapping[str, np.ndarray]) -> list[Chart]:
    """
    Mean error of each measure with its interval, for several gait families, in one scale.

    :param errors: family -> mean, low and high of each measure, in spreads. Shapes: (13, 3)
    """
    end = 1.05 * max(np.nanmax(values) for values in errors.values()) or 1.0
    return [_measure_errors(title, names, errors, end) for title, names in ERROR_CHARTS.items()]


def _measure_errors(title: str, names: Sequence[str], errors: Mapping[str, np.ndarray],
                    end: float) -> Chart:
    columns = [MEASURE_NAMES.index(name) for name in names]
    rows = np.arange(len(names))
    figure = new_figure(4.3, 3.5)
    axes = figure.subplots()
    for row in rows[::2]:
        axes.axhspan(row - 0.5, row + 0.5, color=SHADE_COLOR, linewidth=0)
    summary = []
    for offset, (family, values) in zip(np.linspace(-0.32, 0.32, len(errors)), errors.items()):
        mean, low, high = values[columns].T
        axes.hlines(rows + offset, low, high, color=FAMILY_COLORS[family], linewidth=1.4)
        axes.scatter(mean, rows + offset, s=14, color=FAMILY_COLORS[family], zorder=2)
        summary.append(f'{family} ' + ' '.join(f'{value:.2f}' for value in mean))
    axes.set_yticks(rows, [LABELS[name] for name in names])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0, end)
    axes.set_xlabel('mean error / spread')
    plain(axes)
    axes.spines['left'].set_visible(False)
    axes.tick_params(axis='y', length=0)
    axes.xaxis.grid(color=FRAME_COLOR, linewidth=0.5, alpha=0.6)
    return Chart(title, figure, f'Mean error of {", ".join(LABELS[name] for name in names)}: '
                 + '; '.join(summary))
