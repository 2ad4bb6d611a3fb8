# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The grid of foot contacts as a heat map, and archives beside each other in one scale."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.image import AxesImage
import numpy as np
from policy_gen_ros.evaluation.report.parts import Chart
from policy_gen_ros.evaluation.report.style import EMPTY_COLOR, LINE_COLOR, new_figure, plain


def draw_cells(axes: Axes, cells: np.ndarray, vmin: float | None = None,
               vmax: float | None = None) -> AxesImage:
    """
    Draw the four-dimensional grid as blocks of cells.

    A block is a bin of both front feet, a cell in it one of both hind feet.

    :param cells: a value of each cell, NaN where it is empty. Shape: (bins**4,)
    :param vmin, vmax: limits of the colours; default: those of the values
    """
    bins = round(len(cells)**0.25)
    # Rows of the picture: FR, in it RR. Columns: FL, in it RL.
    image = cells.reshape([bins] * 4).transpose(1, 3, 0, 2).reshape(bins**2, bins**2)
    axes.set_facecolor(EMPTY_COLOR)
    drawn = axes.imshow(image, origin='lower', cmap='viridis', interpolation='none', vmin=vmin,
                        vmax=vmax)
    for i in range(bins**2 + 1):
        width = 3.0 if i % bins == 0 else 0.6
        axes.axhline(i - 0.5, color=LINE_COLOR, linewidth=width)
        axes.axvline(i - 0.5, color=LINE_COLOR, linewidth=width)
    edges = np.arange(bins + 1)
    names = [f'{edge / bins:.1f}' for edge in edges]
    axes.set_xticks(edges * bins - 0.5, names)
    axes.set_yticks(edges * bins - 0.5, names)
    axes.set_xlabel('front left foot; inside a block: rear left')
    axes.set_ylabel('front right foot; inside a block: rear right')
    plain(axes)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return drawn


def heat_maps(archives: Mapping[str, np.ndarray]) -> list[Chart]:
    """
    Charts of several archives, whose colours mean the same.

    :param archives: title -> reward of the best actor of each cell, NaN for none.
        Shapes: (bins**4,)
    """
    rewards = np.concatenate([cells[np.isfinite(cells)] for cells in archives.values()])
    lowest = np.floor(10 * rewards.min()) / 10 if len(rewards) else 0.0
    return [_heat_map(title, cells, lowest) for title, cells in archives.items()]


def _heat_map(title: str, cells: np.ndarray, lowest: float) -> Chart:
    figure = new_figure(4.3, 3.5)
    axes = figure.subplots()
    drawn = draw_cells(axes, cells, lowest, 1.0)
    bar = figure.colorbar(drawn, ax=axes, fraction=0.046, pad=0.02, aspect=30)
    for strips in bar.ax.collections:
        strips.set_rasterized(True)  # else hundreds of paths
    bar.outline.set_visible(False)
    bar.set_label('reward of the best actor')
    plain(bar.ax)
    note = f'{np.isfinite(cells).sum()} of {len(cells)} cells, QD score {np.nansum(cells):.1f}'
    return Chart(title, figure, f'Heat map over shares of time that the four feet stand: {note}',
                 note)
