"""A picture of an archive: the grid of foot contacts, and how gaits, speeds and heights spread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
import numpy as np
from policy_gen_ros.archive.format import LINEAGES
from policy_gen_ros.archive.grid import contact_grid, GRID_BINS
from policy_gen_ros.archive.index import ArchiveIndex
from policy_gen_ros.files import write_whole
from policy_gen_ros.goal.measures import GAIT_FAMILIES, MEASURE_NAMES

# Okabe and Ito's colours, which the colour-blind tell apart.
FAMILY_COLORS = dict(zip(GAIT_FAMILIES, (
    '#0072B2', '#E69F00', '#009E73', '#D55E00', '#CC79A7', '#56B4E9', '#F0E442', '#000000')))
EMPTY_COLOR, LINE_COLOR, TEXT_COLOR = '#ececec', '#ffffff', '#333333'
WIDTH_IN, HEIGHT_IN, DPI = 12.0, 6.9, 100
_STYLE: dict[str, Any] = {'labelsize': 9, 'colors': TEXT_COLOR, 'length': 3}


def draw_archive(archive: ArchiveIndex, file: Path) -> None:
    """Draw the qualified actors of an archive, by their nominal behaviour, into a PNG."""
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI, facecolor='white')
    FigureCanvasAgg(figure)
    halves = figure.add_gridspec(1, 2, width_ratios=(1.45, 1), left=0.055, right=0.985,
                                 top=0.905, bottom=0.08, wspace=0.26)
    _draw_contacts(figure, figure.add_subplot(halves[0]), archive)
    panels = halves[1].subgridspec(3, 1, height_ratios=(1, 1, 0.75), hspace=0.55)
    speeds, heights, lineages = (figure.add_subplot(panels[i]) for i in range(3))
    _scatter(speeds, archive, 'frequency_hz', 'stepping frequency [Hz]', 'vx_mps', 'vx [m/s]')
    _scatter(heights, archive, 'body_height_m', 'body height [m]', 'swing_height_m',
             'swing height [m]')
    _draw_lineages(lineages, archive)
    dots = [Line2D([], [], marker='o', linestyle='', color=color, label=family)
            for family, color in FAMILY_COLORS.items()]
    figure.legend(handles=dots, loc='upper right', bbox_to_anchor=(0.99, 0.985),
                  ncols=len(dots), frameon=False, fontsize=10, labelcolor=TEXT_COLOR,
                  handletextpad=0.1, columnspacing=1.2)
    write_whole(file, lambda path: figure.savefig(path, format='png'))


def draw_cells(axes: Axes, cells: np.ndarray, vmin: float | None = None,
               vmax: float | None = None) -> AxesImage:
    """
    Draw the four-dimensional grid as blocks of cells.

    A block is a bin of both front feet, a cell in it one of both hind feet.

    :param cells: a value of each cell, NaN where it is empty. Shape: (GRID_BINS**4,)
    :param vmin, vmax: limits of the colours; default: those of the values
    """
    bins = GRID_BINS
    # Rows of the picture: FR, in it RR. Columns: FL, in it RL.
    image = cells.reshape([bins] * 4).transpose(1, 3, 0, 2).reshape(bins**2, bins**2)
    axes.set_facecolor(EMPTY_COLOR)
    drawn = axes.imshow(image, origin='lower', cmap='viridis', interpolation='none', vmin=vmin,
                        vmax=vmax)
    for i in range(bins**2 + 1):
        width = 3.0 if i % bins == 0 else 0.6
        axes.axhline(i - 0.5, color=LINE_COLOR, linewidth=width)
        axes.axvline(i - 0.5, color=LINE_COLOR, linewidth=width)
    middle = np.arange(bins) * bins + (bins - 1) / 2
    names = [f'{low / bins:.1f} to {(low + 1) / bins:.1f}' for low in range(bins)]
    axes.set_xticks(middle, names)
    axes.set_yticks(middle, names, rotation=90, va='center')
    axes.set_ylabel('front right; inside a block: rear right')
    plain(axes)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return drawn


def plain(axes: Axes) -> None:
    """Take away the upper and the right frame; soften the others, ticks and labels."""
    axes.spines[['top', 'right']].set_visible(False)
    axes.spines[['left', 'bottom']].set_color('#bbbbbb')
    axes.tick_params(**_STYLE)
    axes.xaxis.label.set_color(TEXT_COLOR)
    axes.yaxis.label.set_color(TEXT_COLOR)


def _draw_contacts(figure: Figure, axes: Axes, archive: ArchiveIndex) -> None:
    grid = contact_grid(archive)
    best = np.full(grid.cells, np.nan)
    best[grid.data('index')] = grid.data('objective')
    drawn = draw_cells(axes, best)
    axes.set_xlabel('front left foot on the ground, share of time; inside a block: rear left')
    axes.set_title(f'Best reward for each combination of foot contacts\n'
                   f'{grid.stats.num_elites} of {grid.cells} cells, '
                   f'{int(archive.qualified[:, 0].sum()):,} qualified actors', loc='left',
                   fontsize=11, color=TEXT_COLOR)
    bar = figure.colorbar(drawn, ax=axes, fraction=0.045, pad=0.02, aspect=30)
    bar.outline.set_visible(False)
    bar.ax.tick_params(**_STYLE)


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


def _draw_lineages(axes: Axes, archive: ArchiveIndex) -> None:
    there = [name for name in LINEAGES if (archive.lineage == name).any()]
    names = []
    for i, lineage in enumerate(there):
        mine = archive.qualified[:, 0] & (archive.lineage == lineage)
        start, total = 0.0, max(int(mine.sum()), 1)
        for family, color in FAMILY_COLORS.items():
            share = float((archive.family[mine, 0] == family).sum()) / total
            axes.barh(i, share, left=start, height=0.72, color=color, edgecolor='white',
                      linewidth=0.8)
            start += share
        names.append(f'{lineage}\n{int(mine.sum()):,}')
    axes.set_yticks(range(len(there)), names)
    axes.set_xlim(0, 1)
    axes.set_ylim(len(there) - 0.4, -0.6)
    axes.set_xlabel('share of qualified actors', fontsize=9)
    plain(axes)
