# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What is set aside: by measured region, by run and by caption template."""

from __future__ import annotations

from dataclasses import fields
import itertools
import json
import shutil

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import create_archive
from policy_gen_ros.archive.rows import RowView
from policy_gen_ros.archive.split import HeldOut, Region
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.archive.writing import write_chunk
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES
import pytest
from small_archive import GO2, HELD_OUT, measures_row, random_chunk, write_small_archive

TRAINING = [*range(25), *range(31, 40)]


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    return Archive(write_small_archive(tmp_path_factory.mktemp('archive') / 'small'), HELD_OUT)


def test_the_shipped_regions_are_apart_and_of_every_family():
    held_out = HeldOut.load(GO2)
    assert {region.group for region in held_out.regions} == set(GAIT_FAMILIES)
    assert 3 * len(GAIT_FAMILIES) <= len(held_out.regions) <= 4 * len(GAIT_FAMILIES)
    for one, other in itertools.combinations(held_out.regions, 2):
        assert len(one.bounds) == len(other.bounds) == 3
        apart = one.group != other.group or any(
            mine[1] <= its[0] or its[1] <= mine[0]
            for mine, its in zip(one.bounds, other.bounds))
        assert apart, f'{one} overlaps {other}'
    assert {'ppo-03', 'ppo-07'} <= set(held_out.runs)


def test_the_shipped_file_keeps_the_hash_that_archives_have_recorded():
    assert HeldOut.load(GO2).sha256 == (
        '9ff12d3700a2ef1b8ce30036ca7e6f2a05d8c57fcf25e8aaa4c2db2e2fb6c9b4')


def test_the_shipped_regions_leave_most_of_each_family():
    held_out, rng = HeldOut.load(GO2), np.random.default_rng(0)
    for family in GAIT_FAMILIES:
        rows = np.array([measures_row(family, *values) for values in zip(
            rng.uniform(1.6, 3.8, 2000), rng.uniform(-0.6, 1.0, 2000),
            rng.uniform(0.22, 0.33, 2000))])
        share = (held_out.region_of(np.full(2000, family), rows) >= 0).mean()
        assert 0.04 < share < 0.2, family


def test_regions_hold_their_lower_bounds_only():
    held_out = HeldOut(GO2, (
        Region('pace', ((-np.inf, np.inf),) * 3),
        Region('trot', ((2.0, 3.0), (-np.inf, 0.1), (0.25, np.inf)))))
    inside = [measures_row('trot', 2.0, -5.0, 0.25), measures_row('trot', 2.99, 0.09, 0.9)]
    outside = [measures_row('trot', 3.0, 0.0, 0.3), measures_row('trot', 2.5, 0.1, 0.3),
               measures_row('trot', 2.5, 0.0, 0.2499), measures_row('trot', np.nan, 0.0, 0.3)]
    assert (held_out.region_of(np.full(2, 'trot'), np.array(inside)) == 1).all()
    assert (held_out.region_of(np.full(4, 'trot'), np.array(outside)) == -1).all()
    assert (held_out.region_of(np.full(2, 'pace'), np.array(inside)) == 0).all()
    assert (held_out.region_of(np.full(2, 'bound'), np.array(inside)) == -1).all()


def test_a_region_may_be_of_all_groups():
    held_out = HeldOut.from_json(json.dumps({'regions': [{
        'family': None, 'frequency_hz': [3.0, None], 'vx_mps': [None, None],
        'body_height_m': [None, None]}]}), GO2)
    rows = np.array([measures_row('trot', hz, 0.0, 0.3) for hz in (2.5, 3.5)])
    for group in ('trot', 'bound'):
        assert held_out.region_of(np.full(2, group), rows).tolist() == [-1, 0]


def test_actors_are_held_out_by_measured_region_and_by_run(archive):
    assert np.flatnonzero(archive.held_out_mask).tolist() == [25, 26, 27, 28, 29, 30]
    assert archive.held_out.tolist() == [25, 26, 27, 28, 29]  # actor 30 does not qualify
    assert np.argwhere(archive.region >= 0).tolist() == [[0, 2], *([25, k] for k in range(4))]


def test_training_sees_training_rows_only(archive):
    training = archive.training()
    assert len(training) == len(TRAINING)
    assert np.array_equal(training.weights[:], archive.weights[TRAINING])
    assert np.array_equal(training.probe[:], archive.probe[TRAINING])
    pairs = [(a, k) for a in TRAINING for k in range(4) if (a, k) != (0, 2)]
    actor, behavior = np.array(pairs).T
    assert np.array_equal(np.array(TRAINING)[training.actor], actor)
    assert np.array_equal(training.measures, archive.measures[actor, behavior])
    assert np.array_equal(training.controls[:, 0], archive.small('clock_hz')[actor])
    assert np.array_equal(training.controls[:, 1:], archive.small('command')[actor, behavior])
    assert np.array_equal(training.trajectory[:], archive.trajectory[:][actor, behavior])
    assert {len(captions) for captions in training.captions} == {2}
    assert {caption.template for group in training.captions for caption in group} == {'plain'}
    assert training.policy(7).sha256 == archive.actor(2).sha256  # actor 0 has three behaviours


def test_the_training_view_holds_no_way_back(archive):
    kinds = {f.name: type(getattr(archive.training(), f.name)) for f in fields(TrainingArchive)}
    assert set(kinds.values()) == {type(GO2), tuple, str, RowView, np.ndarray, list, HeldOut}
    training = archive.training()
    for array in (training.actor, training.controls, training.measures):
        assert array.base is None or array.base.shape[0] <= len(training.actor)


def test_the_split_names_the_training_set(archive):
    other = Archive(archive.path, HeldOut(GO2, runs=('ppo-03',)))
    assert other.fingerprint == archive.fingerprint
    assert other.training().fingerprint != archive.training().fingerprint
    for each in (archive, other):
        assert each.training_fingerprint == each.training().fingerprint
    assert len(other.training()) == len(TRAINING) + 1
    assert HELD_OUT.sha256 != HeldOut(GO2).sha256


def test_an_archive_without_training_actors_says_so(tmp_path):
    create_archive(tmp_path, GO2, 0, 'test')
    write_chunk(tmp_path, 'a', random_chunk(3, run='ppo-03'))
    with pytest.raises(ArchiveError, match='no qualified actor to train on'):
        Archive(tmp_path, HELD_OUT).training()


def test_an_index_trains_nobody(archive, tmp_path):
    shutil.copytree(archive.path, tmp_path / 'copy')
    for folder in (tmp_path / 'copy' / 'chunks').iterdir():
        np.save(folder / 'stored.npy', np.zeros(0, int))
    view = Archive(tmp_path / 'copy', HELD_OUT).training()
    with pytest.raises(ArchiveError, match='not stored'):
        view.weights[:]


@pytest.mark.parametrize(('text', 'message'), [
    ('{', 'not JSON'), ('[]', 'expected an object'), ('{"run": []}', "did you mean 'runs'"),
    ('{"runs": "ppo-03"}', 'runs: expected a list'),
    ('{"regions": [{"family": "trot"}]}', r'regions\[0\]: missing frequency_hz'),
    ('{"regions": [{"family": "gallop", "frequency_hz": [1, 2], "vx_mps": [0, 1], '
     '"body_height_m": [0, 1]}]}', "family is 'gallop'"),
    ('{"regions": [{"family": "trot", "frequency_hz": [2, 1], "vx_mps": [0, 1], '
     '"body_height_m": [0, 1]}]}', 'lower bound 2 is not below 1'),
    (f'{{"regions": [{{"family": "trot", "frequency_hz": [1, 1{"0" * 400}], "vx_mps": [0, 1], '
     '"body_height_m": [0, 1]}]}', r'frequency_hz is \[1, 1000'),
    ('{"regions": [{"family": "trot", "frequency_hz": [1], "vx_mps": [0, 1], '
     '"body_height_m": [0, 1]}]}', r'frequency_hz is \[1\], expected')])
def test_bad_files_are_refused(tmp_path, text, message):
    file = tmp_path / 'held_out.json'
    file.write_text(text)
    with pytest.raises(ArchiveError, match=message) as caught:
        HeldOut.load(GO2, file)
    assert str(file) in str(caught.value)


JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(['regions', 'runs', 'caption_templates', 'family',
                                         'frequency_hz', 'vx_mps', 'body_height_m', 'x']),
                        inner, max_size=5), max_leaves=12)


@given(JSON)
def test_no_file_crashes_the_reader(raw):
    try:
        outcome = repr(HeldOut.from_json(json.dumps(raw), GO2))
    except ArchiveError as error:
        outcome = str(error)
    assert outcome
    assert '\n' not in outcome
