# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A picture of what generated policies keep of an archive."""

from matplotlib.image import imread
import numpy as np
from policy_gen_ros.domains import find_domain
from policy_gen_ros.evaluation.report.kept_plots import draw_kept
import pytest


def drawn(folder, archives):
    draw_kept(find_domain('halfcheetah'), archives, folder / 'kept.png')
    return imread(folder / 'kept.png')


def test_maps_show_the_cells_that_are_filled(tmp_path):
    rng = np.random.default_rng(0)
    full = rng.uniform(-1000.0, 4000.0, 2500)
    holes = np.where(rng.random(2500) < 0.5, full, np.nan)
    picture = drawn(tmp_path, {'archive': full, 'generated': holes})
    again = drawn(tmp_path, {'archive': full, 'generated': full})
    assert picture.shape == again.shape
    third = picture.shape[1] // 3
    left, middle = ((picture != again).any(axis=2)[:, part]
                    for part in (slice(0, third), slice(third, 2 * third)))
    assert middle.mean() > 0.2 and left.mean() < 0.05
    assert np.array_equal(again, drawn(tmp_path, {'archive': full, 'generated': full}))


def test_an_empty_archive_is_drawn(tmp_path):
    assert drawn(tmp_path, {'archive': np.full(2500, np.nan)}).shape[2] == 4


def test_a_grid_of_four_measures_is_refused(tmp_path):
    with pytest.raises(ValueError, match='the grid of go2 is spanned by 4 measures, not two'):
        draw_kept(find_domain('go2'), {'archive': np.zeros(625)}, tmp_path / 'kept.png')
