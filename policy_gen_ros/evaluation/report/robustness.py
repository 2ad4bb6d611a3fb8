# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The table and the chart of what policies do under each condition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
import numpy as np
from policy_gen_ros.evaluation.report.style import (
    ACCENT_COLOR,
    ASKED_COLOR,
    EMPTY_COLOR,
    FAMILY_COLORS,
    plain,
    SHADE_COLOR,
    TEXT_COLOR,
)
from policy_gen_ros.evaluation.report.table import Table
from policy_gen_ros.utils.files import write_stream

Scores = Mapping[str, Mapping[str, Mapping[str, Any]]]
PANELS = {'up': ('stays up', 1.0), 'family': ('stays up in the gait asked for', 1.0),
          'speed': ('speed reached over asked', 1.0),
          'velocity_error': ('velocity error, m/s', 0.0)}
"""What is drawn, what it is called, and what would be perfect."""
EFFORT = {'torque_nm': 'torque, rms, Nm', 'power_w': 'mechanical power, W',
          'action_rate_rad_s': 'change of joint targets, rms, rad/s'}
"""What is only tabulated."""
_WIDTH_IN, _ROW_IN, _HEAD_IN, _DPI = 13.0, 0.3, 1.2, 100
_COLORS = (ACCENT_COLOR, ASKED_COLOR, *FAMILY_COLORS.values())


def robustness_table(scores: Scores, set_aside: list[str], seconds: float) -> Table:
    """
    Return all cells as a table.

    :param scores: condition -> subject -> name -> value, as in the JSON
    :param set_aside: conditions that training does not draw
    """
    return Table('Under what robots and grounds may be', [
        'condition', 'policies', 'n', *(words for words, _ in PANELS.values())],
        _rows(scores, set_aside, PANELS),
        words=('policies',), notes=(
            f'n walks of {seconds:g} s from standing; shares of all walks with 95 % Wilson '
            'intervals; speed and error of those that stay up, with 95 % bootstrap intervals, '
            'against what was asked (of goals: their measures). *: set aside, training draws '
            'nothing like it.',))


def effort_table(scores: Scores, set_aside: list[str]) -> Table:
    """Return what the walks ask of the motors; arguments as of :func:`robustness_table`."""
    return Table('What the motors do', [
        'condition', 'policies', 'n', *EFFORT.values()], _rows(scores, set_aside, EFFORT),
        words=('policies',), notes=(
            'Means over the walks that stay up, with 95 % bootstrap intervals. Torques and joint '
            'velocities are those at the ends of control periods; power is the sum over joints '
            'of |torque x velocity|, of which none is recovered.',))


def _rows(scores: Scores, set_aside: list[str], values: Iterable[str]) -> list[list[str]]:
    def with_interval(cell: Mapping[str, Any], name: str) -> str:
        low, high = cell[f'{name}_interval']
        return f'{cell[name]:.2f} ({low:.2f}-{high:.2f})' if np.isfinite(cell[name]) else '-'

    values = list(values)
    return [[f'{condition} *' if condition in set_aside else condition, subject, str(cell['n']),
             *(with_interval(cell, name) for name in values)]
            for condition, row in scores.items() for subject, cell in row.items()]


def draw_robustness(scores: Scores, set_aside: list[str], file: Path) -> None:
    """Draw all cells into a PNG: a row for each condition, a dot and its interval a subject."""
    names = list(scores)
    figure = Figure(figsize=(_WIDTH_IN, _HEAD_IN + _ROW_IN * len(names)), dpi=_DPI,
                    facecolor='white', layout='constrained')
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(PANELS), sharey=True, squeeze=False)[0]
    for axes, (value, (words, perfect)) in zip(panels, PANELS.items()):
        _draw_panel(axes, scores, value)
        axes.axvline(perfect, color=ASKED_COLOR, linewidth=0.8, zorder=0)
        axes.set_title(words, loc='left', fontsize=10, color=TEXT_COLOR)
        for row, name in enumerate(names):
            if name in set_aside:
                axes.axhspan(row - 0.5, row + 0.5, color=SHADE_COLOR, zorder=-1)
    panels[0].set_yticks(range(len(names)), names)
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc='outside upper right', ncols=len(labels), frameon=False,
                  fontsize=10, labelcolor=TEXT_COLOR)
    write_stream(file, lambda stream: figure.savefig(stream, format='png'))


def _draw_panel(axes: Axes, scores: Scores, value: str) -> None:
    subjects = list(dict.fromkeys(name for row in scores.values() for name in row))
    for number, subject in enumerate(subjects):
        cells = [row.get(subject) for row in scores.values()]
        y = np.arange(len(cells)) + 0.22 * (number - (len(subjects) - 1) / 2)
        known = np.array([cell is not None and np.isfinite(cell[value]) for cell in cells])
        here = [cell for cell, is_known in zip(cells, known) if is_known and cell]
        middle = np.array([cell[value] for cell in here])
        ends = np.array([cell[f'{value}_interval'] for cell in here]).reshape(-1, 2)
        axes.errorbar(middle, y[known], xerr=np.abs(ends - middle[:, None]).T, fmt='o',
                      markersize=4, linewidth=1.2, color=_COLORS[number % len(_COLORS)],
                      label=subject)
    axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    axes.grid(axis='x', color=EMPTY_COLOR, linewidth=0.8)
    axes.set_axisbelow(True)
    plain(axes)
