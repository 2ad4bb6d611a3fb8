# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A picture of an archive: the grid of foot contacts, and how gaits, speeds and heights spread."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
import numpy as np
from policy_gen_ros.archive.grid import measure_grid
from policy_gen_ros.archive.index import ArchiveIndex
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES
from policy_gen_ros.evaluation.report.heat_map import draw_cells
from policy_gen_ros.evaluation.report.style import EMPTY_COLOR, FAMILY_COLORS, plain, TEXT_COLOR
from policy_gen_ros.utils.files import write_stream

WIDTH_IN, HEIGHT_IN, DPI = 12.0, 6.9, 100


def draw_archive(archive: ArchiveIndex, file: Path) -> None:
    """Draw the qualified actors of an archive, by their nominal behaviour, into a PNG."""
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI, facecolor='white')
    FigureCanvasAgg(figure)
    halves = figure.add_gridspec(1, 2, width_ratios=(1.45, 1), left=0.055, right=0.985,
                                 top=0.905, bottom=0.08, wspace=0.26)
    _draw_contacts(figure, figure.add_subplot(halves[0]), archive)
    panels = halves[1].subgridspec(3, 1, height_ratios=(1, 1, 0.75), hspace=0.55)
    speeds, heights, sources = (figure.add_subplot(panels[i]) for i in range(3))
    _scatter(speeds, archive, 'frequency_hz', 'stepping frequency [Hz]', 'vx_mps', 'vx [m/s]')
    _scatter(heights, archive, 'body_height_m', 'body height [m]', 'swing_height_m',
             'swing height [m]')
    _draw_sources(sources, archive)
    dots = [Line2D([], [], marker='o', linestyle='', color=color, label=family)
            for family, color in FAMILY_COLORS.items()]
    figure.legend(handles=dots, loc='upper right', bbox_to_anchor=(0.99, 0.985),
                  ncols=len(dots), frameon=False, fontsize=10, labelcolor=TEXT_COLOR,
                  handletextpad=0.1, columnspacing=1.2)
    write_stream(file, lambda stream: figure.savefig(stream, format='png'))


def _draw_contacts(figure: Figure, axes: Axes, archive: ArchiveIndex) -> None:
    grid = measure_grid(archive)
    best = np.full(grid.cells, np.nan)
    best[grid.data('index')] = grid.data('objective')
    drawn = draw_cells(axes, best)
    axes.set_title(f'Best reward for each combination of foot contacts (share of time)\n'
                   f'{grid.stats.num_elites} of {grid.cells} cells, '
                   f'{int(archive.qualified[:, 0].sum()):,} qualified actors', loc='left',
                   fontsize=11, color=TEXT_COLOR)
    bar = figure.colorbar(drawn, ax=axes, fraction=0.045, pad=0.02, aspect=30)
    bar.outline.set_visible(False)
    plain(bar.ax)


def _scatter(axes: Axes, archive: ArchiveIndex, x: str, x_label: str, y: str,
             y_label: str) -> None:
    good = np.flatnonzero(archive.qualified[:, 0])
    # In mixed order: no family shall cover another.
    good = np.random.default_rng(0).permutation(good)
    points = archive.measures[good, 0]
    axes.scatter(points[:, MEASURE_NAMES.index(x)], points[:, MEASURE_NAMES.index(y)], s=7,
                 color=[FAMILY_COLORS[name] for name in archive.family[good, 0]], alpha=0.7,
                 linewidths=0)
    axes.set_xlabel(x_label, fontsize=9)
    axes.set_ylabel(y_label, fontsize=9)
    axes.grid(color=EMPTY_COLOR, linewidth=0.8)
    axes.set_axisbelow(True)
    plain(axes)


def _draw_sources(axes: Axes, archive: ArchiveIndex) -> None:
    there = [name for name in archive.domain.sources if (archive.source == name).any()]
    names = []
    for i, source in enumerate(there):
        mine = archive.qualified[:, 0] & (archive.source == source)
        start, total = 0.0, max(int(mine.sum()), 1)
        for family, color in FAMILY_COLORS.items():
            share = float((archive.family[mine, 0] == family).sum()) / total
            axes.barh(i, share, left=start, height=0.72, color=color, edgecolor='white',
                      linewidth=0.8)
            start += share
        names.append(f'{source}\n{int(mine.sum()):,}')
    axes.set_yticks(range(len(there)), names)
    axes.set_xlim(0, 1)
    axes.set_ylim(len(there) - 0.4, -0.6)
    axes.set_xlabel('share of qualified actors', fontsize=9)
    plain(axes)
