# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
A picture of what generated policies keep of an archive, for domains with two measures in the grid.

Heat maps of both archives, and the share of cells whose elite earns at least so much, as in
figures 3 and 4 of Policy Diffusion (Hegde et al. 2023).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.evaluation.metrics.quality_diversity import cdf_rewards, elite_cdf
from policy_gen_ros.evaluation.report.style import EMPTY_COLOR, new_figure, plain
from policy_gen_ros.utils.files import write_stream

PANEL_IN, DPI = 4.4, 100


def draw_kept(domain: Domain, archives: Mapping[str, np.ndarray], file: Path) -> None:
    """
    Draw a heat map of each archive, in the same colours, and their CDFs, into a PNG.

    :param archives: title -> reward of the best policy of each cell, NaN where it is empty.
        Shapes: (cells,)
    :raises ValueError: the grid of the domain is not spanned by two measures
    """
    grid, bins = domain.measures.grid, domain.grid_bins
    if len(grid) != 2:
        raise ValueError(f'the grid of {domain.name} is spanned by {len(grid)} measures, not two')
    rows, columns = (domain.measures[i] for i in grid)
    figure = new_figure(PANEL_IN * (len(archives) + 1), PANEL_IN)
    *maps, curves = figure.subplots(1, len(archives) + 1)
    rewards = np.concatenate([cells[np.isfinite(cells)] for cells in archives.values()])
    low, high = (rewards.min(), rewards.max()) if len(rewards) else (0.0, 1.0)
    for axes, (title, cells) in zip(maps, archives.items()):
        axes.set_facecolor(EMPTY_COLOR)
        drawn = axes.imshow(cells.reshape(bins, bins), origin='lower', cmap='viridis', vmin=low,
                            vmax=high, interpolation='none', aspect='auto',
                            extent=(columns.low, columns.high, rows.low, rows.high))
        axes.set_title(f'{title}: {int(np.isfinite(cells).sum())} of {len(cells)} cells',
                       loc='left', fontsize=10)
        axes.set_xlabel(f'{columns.name} [{columns.unit}]')
        axes.set_ylabel(f'{rows.name} [{rows.unit}]')
        plain(axes)
        curves.plot(cdf_rewards(domain), elite_cdf(cells, cdf_rewards(domain)), label=title)
    figure.colorbar(drawn, ax=maps[-1], fraction=0.05, pad=0.02, label='reward')
    curves.set_title('share of cells that earn at least so much', loc='left', fontsize=10)
    curves.set_xlabel('reward')
    curves.legend(frameon=False)
    plain(curves)
    write_stream(file, lambda stream: figure.savefig(stream, format='png', dpi=DPI,
                                                       facecolor='white'))
