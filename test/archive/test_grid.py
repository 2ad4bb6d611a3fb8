# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Quality-diversity archives over the contacts, and the picture of them."""

from __future__ import annotations

from collections import Counter

import numpy as np
from PIL import Image
from policy_gen_ros.archive.describe import describe, spread
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import create_archive
from policy_gen_ros.archive.grid import (
    measure_cvt,
    measure_grid,
    nearest_distances,
    spaced_actors,
)
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.writing import write_chunk
from policy_gen_ros.evaluation.report.archive_plots import draw_archive
import pytest
from small_archive import (
    GO2,
    HELD_OUT,
    in_turn,
    measures_row,
    random_chunk,
    write_small_archive,
)


@pytest.fixture(scope='module')
def many(tmp_path_factory):
    """Three hundred actors with contacts all over the place; every tenth falls."""
    path, rng = tmp_path_factory.mktemp('archive'), np.random.default_rng(7)
    chunk = random_chunk(300, 1)
    chunk.arrays['measures'][..., :4] = rng.uniform(0.2, 0.9, (300, 1, 4))
    chunk.arrays['survived'][::10] = 0
    create_archive(path, GO2, 0, 'test')
    write_chunk(path, 'a', chunk)
    return Archive(path, HELD_OUT)


def test_each_cell_holds_its_best_qualified_actor(many):
    grid = measure_grid(many)
    good = np.flatnonzero(many.qualified[:, 0])
    cell = np.minimum(many.measures[:, 0, :4] * 5, 4).astype(int) @ [125, 25, 5, 1]
    expected = {}
    for actor in good:
        best = expected.get(cell[actor])
        if best is None or many.reward[actor, 0] > many.reward[best, 0]:
            expected[cell[actor]] = actor
    found = dict(zip(grid.data('index').tolist(), grid.data('solution').tolist()))
    assert found == expected
    assert grid.stats.coverage == pytest.approx(len(expected) / 625)
    assert grid.stats.qd_score == pytest.approx(
        sum(many.reward[actor, 0] for actor in expected.values()), rel=1e-5)


def test_the_tessellation_has_fifty_filled_regions_and_keeps_its_seed(many):
    first, again, other = (measure_cvt(many, seed=seed) for seed in (0, 0, 1))
    assert first.stats.num_elites == 50
    assert np.array_equal(first.centroids, again.centroids)
    assert np.array_equal(first.data('solution'), again.data('solution'))
    assert not np.array_equal(first.centroids, other.centroids)
    assert many.qualified[first.data('solution'), 0].all()


def test_too_few_actors_for_so_many_regions(tmp_path):
    archive = Archive(write_small_archive(tmp_path / 'small'), HELD_OUT)
    with pytest.raises(ArchiveError, match='50 regions need as many qualified actors'):
        measure_cvt(archive)


def test_spaced_actors_are_more_apart_than_others(many):
    good = np.flatnonzero(many.qualified[:, 0])
    chosen = spaced_actors(many, good, 30, 0)
    assert len(set(chosen.tolist())) == 30 and set(chosen) <= set(good)
    assert np.array_equal(chosen, spaced_actors(many, good, 30, 0))
    apart, others = (nearest_distances(GO2.measures, many.measures[actors, 0]).mean()
                     for actors in (chosen, good[:30]))
    assert apart > others


def test_nearest_distances_go_round_with_the_phases():
    rows = np.array([measures_row() for _ in range(3)])
    rows[0, 5], rows[1, 5], rows[2, 5] = 0.01, 0.99, 0.5
    near, also_near, far = nearest_distances(GO2.measures, rows)
    assert near == pytest.approx(also_near)
    assert near < 0.2 < far
    assert len(nearest_distances(GO2.measures, rows[:1])) == 0


def test_spread_of_phases_is_circular():
    rows = np.array([measures_row() for _ in range(200)])
    rows[:, 5] = np.random.default_rng(0).normal(0.0, 0.02, 200) % 1.0
    rows[:, 8] += np.tile([-0.01, 0.01], 100)
    found = spread(GO2.measures, rows)
    assert found['phase_fr'] == pytest.approx(0.02, abs=0.004)
    assert found['body_height_m'] == pytest.approx(0.01)
    assert found['frequency_hz'] == 0.0
    assert np.isnan(spread(GO2.measures, rows[:0])['vx_mps'])


def test_the_description_counts_what_is_there(tmp_path):
    archive = Archive(write_small_archive(tmp_path / 'small'), HELD_OUT)
    info = describe(archive)
    assert (info['actors'], info['qualified'], info['stored']) == (40, 39, 40)
    assert sum(info['families'].values()) == 39
    assert info['families'] == archive.family_counts()
    meant = Counter(in_turn(i) for count in (20, 6, 5, 9) for i in range(count))
    # Actor 25, last of the second chunk, trots. Actor 30, last of the third, falls.
    meant_25, meant_30 = in_turn(5), in_turn(4)
    assert info['meant'] == meant
    assert info['families'] == meant - Counter([meant_25, meant_30]) + Counter(['trot'])
    assert info['qualified_share'][meant_25] == 1.0
    assert info['qualified_share'][meant_30] == pytest.approx(1 - 1 / meant[meant_30])
    assert {**info['held_out'], 'runs': None} == {
        'regions': 1, 'actors': 5, 'runs': None, 'caption_templates': ['poem'],
        'behaviors_in_regions': 5, 'as_built': False}
    assert info['held_out']['runs'] == ['ppo-03']
    assert info['parameters_per_actor'] == archive.weights.shape[1]
    assert info['captions'] == 40 * 4 * 3 and info['caption_templates'] == 2
    assert info['lineages']['reinforced'] == {
        'actors': 9, 'qualified': 9, 'runs': ['ppo-01'],
        'first_bias_share': archive.first_bias_share()['reinforced']}
    assert info['mean_robust'] == pytest.approx(0.5)
    assert info['complete'] and info['chunk_seconds'] == 0.0 and info['foundation_seconds'] == {}
    assert 0 < info['nearest_distance']['min'] <= info['nearest_distance']['median']
    assert info['bytes'] > 40 * 2 * archive.weights.shape[1]


def test_an_archive_in_which_nobody_qualifies_can_be_described_and_drawn(tmp_path):
    create_archive(tmp_path, GO2, 0, 'test')
    write_chunk(tmp_path, 'a', random_chunk(4, survived=np.zeros((4, 4))))
    archive = Archive(tmp_path, HELD_OUT)
    info = describe(archive)
    assert (info['qualified'], info['coverage']) == (0, 0.0)
    draw_archive(archive, tmp_path / 'picture.png')
    assert (tmp_path / 'picture.png').stat().st_size > 1000


def test_the_picture_is_as_wide_as_a_readme(many, tmp_path):
    draw_archive(many, tmp_path / 'picture.png')
    with Image.open(tmp_path / 'picture.png') as image:
        assert (image.format, image.width) == ('PNG', 1200)
        colors = image.convert('RGB').getcolors(1 << 24)
    assert len(colors) > 100  # drawn, not blank
