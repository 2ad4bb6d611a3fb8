# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The format on disk: what is written is read, nothing is read twice, damage is found."""

from __future__ import annotations

from dataclasses import replace
import json
from pathlib import Path
import shutil
import warnings

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import (
    create_archive,
    fields_of,
    finished_chunks,
    stored_precision,
)
from policy_gen_ros.archive.rows import RowView
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.writing import seal_archive, write_chunk
from policy_gen_ros.domains.go2.domain import follows
from policy_gen_ros.domains.go2.gait.captions import Caption
from policy_gen_ros.domains.go2.spec import NETWORK
from policy_gen_ros.policies.network import forward
from policy_gen_ros.policies.spec import parameter_count
import pytest
from small_archive import (
    GO2,
    HELD_OUT,
    K,
    LAYERS,
    measures_row,
    random_chunk,
    write_small_archive,
)
from toy_domain import Toy


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    return write_small_archive(tmp_path_factory.mktemp('archive') / 'small')


@pytest.fixture
def copy(path, tmp_path):
    shutil.copytree(path, tmp_path / 'copy')
    return tmp_path / 'copy'


def begin(path: Path, *chunks, **named) -> Path:
    create_archive(path, GO2, 0, 'test')
    for i, chunk in enumerate(chunks):
        write_chunk(path, f'chunk-{i}', chunk)
    return path


def test_every_field_reads_back_in_its_type(tmp_path):
    chunk = random_chunk(3)
    archive = Archive(begin(tmp_path, chunk))
    for field in fields_of(GO2):
        view = getattr(archive, field.name) if field.large else archive.small(field.name)
        stored, written = view[:], chunk.arrays[field.name]
        assert stored.dtype == field.dtype, field.name
        assert np.array_equal(stored, written.astype(field.dtype)), field.name
    command, clock = chunk.arrays['command'], chunk.arrays['clock_hz']
    assert np.allclose(archive.controls[..., 1:], command)
    assert np.array_equal(archive.controls[..., 0], np.tile(clock[:, None], K))
    assert archive.captions == chunk.captions
    assert archive.captions[0][0][0] == Caption('walk forward', 'plain')
    assert (archive.source.tolist(), archive.run.tolist()) == (['clone'] * 3, ['base-0'] * 3)


def test_chunks_are_read_in_the_order_of_their_names(path):
    archive = Archive(path)
    assert [folder.name for folder in archive.folders] == ['clone-0-0', 'clone-0-1', 'clone-2-0',
                                                           'ppo-01']
    assert archive.run.tolist() == ['base-0'] * 26 + ['ppo-03'] * 5 + ['ppo-01'] * 9
    assert archive.source_counts() == {'clone': {'actors': 31, 'qualified': 30},
                                       'reinforced': {'actors': 9, 'qualified': 9}}
    assert sum(archive.family_counts().values()) == 39
    assert archive.weights.shape[0] == len(archive) == 40


def test_the_index_needs_no_large_field(copy):
    for file in copy.glob('chunks/*/*.npy'):
        if file.stem in ('weights', 'trajectory', 'probe'):
            file.unlink()
    archive = Archive(copy)
    assert archive.qualified.sum() == 40 * K - K
    with pytest.raises(ArchiveError, match='is damaged'):
        archive.weights  # noqa: B018


def test_only_the_rows_asked_for_are_read(path):
    view = Archive(path).weights
    whole = view[:]
    assert whole.shape == (40, parameter_count(LAYERS))
    assert all(isinstance(part, np.memmap) for part in view._parts)
    assert np.array_equal(np.concatenate([block for _, block in view.blocks(7)]), whole)
    first, second = np.array([0, 39, 3]), np.array([2, 0, 3])
    trajectory = Archive(path).trajectory
    assert np.array_equal(trajectory.pairs(first, second)[:], trajectory[:][first, second])


@given(st.lists(st.integers(-9, 8), max_size=20), st.data())
def test_row_views_index_as_arrays_do(picked, data):
    parts = [np.arange(8.0).reshape(4, 2), np.arange(100.0, 110).reshape(5, 2)]
    view = RowView('test', parts, np.repeat([0, 1], [4, 5]), np.r_[:4, :5])
    array = np.concatenate(parts)
    assert len(view) == 9 and view.shape == array.shape
    assert np.array_equal(view[np.array(picked, int)], array[np.array(picked, int)])
    where = data.draw(st.slices(9))
    assert np.array_equal(view[where], array[where])
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=9, max_size=9)))
    assert np.array_equal(view.select(mask)[:], array[mask])
    assert np.array_equal(view[4], array[4])


def test_an_actor_runs_with_its_stored_weights(path):
    archive = Archive(path)
    actor = archive.actor(27, 1)
    assert np.array_equal(actor.to_vector(), archive.weights[27].astype(np.float32))
    assert np.allclose(actor.nominal_command, archive.small('command')[27, 1])
    assert actor.measures['frequency_hz'] == 2.5 and actor.spec.clock_hz == 2.5
    observation = archive.probe[27].astype(np.float32)
    assert np.isfinite(forward(actor.layers, observation, NETWORK)).all()
    first, last = archive.actor(0), archive.actor(39)
    assert first.sha256 != last.sha256


@pytest.mark.parametrize(('change', 'qualified'), [
    ({}, True), ({'survived': 0.5}, False), ({'vx': 0.24}, True), ({'vx': 0.26}, False),
    ({'vy': 0.2, 'vx': 0.2}, False), ({'yaw': 0.39}, True), ({'yaw': -0.41}, False),
    ({'phase': np.nan}, False)])
def test_what_qualifies(change, qualified):
    measures, controls = np.array(measures_row(vx_mps=0.3)), np.array([2.5, 0.3, 0, 0])
    measures[10] += change.get('vx', 0)
    measures[11] += change.get('vy', 0)
    measures[12] += change.get('yaw', 0)
    measures[6] += change.get('phase', 0)
    survived = np.array(change.get('survived', 1.0))
    assert GO2.succeeded(measures, controls, survived) == qualified


@given(st.lists(st.tuples(*[st.floats(-1, 1)] * 3), min_size=1))
def test_there_is_one_meaning_of_following_a_command(errors):
    command = np.array([[0.3, -0.1, 0.5]] * len(errors))
    measures = np.array([measures_row()] * len(errors))
    measures[:, 10:13] = command + errors
    alone = follows(measures[:, 10:13], command)
    assert alone.dtype == bool and alone.shape == (len(errors),)
    controls = np.insert(command, 0, 2.5, axis=1)
    assert np.array_equal(alone, GO2.succeeded(measures, controls, np.ones(len(errors))))
    assert not follows(np.full(3, np.nan), command[0])


def test_a_killed_build_leaves_nothing_that_counts(tmp_path):
    begin(tmp_path, random_chunk(2))
    left = tmp_path / 'chunks' / '.building-chunk-1'
    left.mkdir()
    (left / 'old.npy').write_bytes(b'half')
    assert finished_chunks(tmp_path) == ['chunk-0']
    assert len(Archive(tmp_path)) == 2
    write_chunk(tmp_path, 'chunk-1', random_chunk(3, 1))
    assert len(Archive(tmp_path)) == 5
    assert Archive(tmp_path).damage() == []
    with pytest.raises(ArchiveError, match='is finished'):
        write_chunk(tmp_path, 'chunk-1', random_chunk(3, 2))


def test_the_same_actors_make_the_same_bytes(tmp_path):
    one = begin(tmp_path / 'one', replace(random_chunk(2), seconds=5.0))
    two = begin(tmp_path / 'two', replace(random_chunk(2), seconds=99.0))
    assert Archive(one).fingerprint == Archive(two).fingerprint
    assert Archive(two).seconds.tolist() == [99.0]
    other = begin(tmp_path / 'other', replace(random_chunk(2), run='base-1'))
    assert Archive(other).fingerprint != Archive(one).fingerprint


def test_an_archive_keeps_its_seed_and_says_where_it_comes_from(copy):
    create_archive(copy, GO2, 0, 'something else')
    with pytest.raises(ArchiveError, match='records seed 0, not 1'):
        create_archive(copy, GO2, 1, 'test')
    with pytest.raises(ArchiveError, match='is a file, not a folder'):
        create_archive(copy / 'manifest.json', GO2, 0, 'test')
    source = Archive(copy).provenance
    assert (source['command'], source['seed']) == ('test', 0)
    assert set(source) == {'command', 'seed', 'commit', 'version'}
    described = Archive(copy).header['fields']['trajectory']
    assert described['axes'] == ['actor', 'behavior', 'row', 'feature']


def test_no_archive_and_other_versions_are_refused(tmp_path):
    with pytest.raises(ArchiveError, match='no policy archive'):
        Archive(tmp_path)
    (tmp_path / 'index.json').write_text('{"format": "policy_gen_ros/archive/1"}')
    for use in (Archive, lambda path: create_archive(path, GO2, 0, '')):
        with pytest.raises(ArchiveError, match=r'archive/1.*build it anew'):
            use(tmp_path)
    (tmp_path / 'archive.json').write_text('{"format": "policy_gen_ros/archive/2"}')
    with pytest.raises(ArchiveError, match='does not say from which seed'):
        Archive(tmp_path)
    (tmp_path / 'archive.json').write_text('[1]')
    with pytest.raises(ArchiveError, match='not readable'):
        Archive(tmp_path)
    create_archive(tmp_path / 'empty', GO2, 0, '')
    with pytest.raises(ArchiveError, match='no finished chunk'):
        Archive(tmp_path / 'empty')


@pytest.mark.parametrize(('field', 'value', 'message'), [
    ('measures', np.zeros((2, K, 12)), 'measures has shape'),
    ('command', np.zeros((3, K, 3)), 'command has shape'),
    ('trajectory', np.zeros((2, K, 100, 42)), 'trajectory has shape'),
    ('weights', np.full((2, 2124), np.nan), 'weights holds values that are not finite'),
    ('weights', np.full((2, 2124), 1e6), 'not finite as float16'),
    ('weights', np.zeros((2, 2000)), '2000 parameters do not fit layers'),
    ('clock_hz', np.full(2, np.nan), 'clock_hz holds'),
    ('trajectory', np.full((2, K, 200, 42), np.nan), 'trajectory holds .* completed'),
    ('captions', [[[], [], []]] * 2, 'captions do not fit'),
    ('source', 'cloned', "'cloned' is not one of")])
def test_a_bad_chunk_is_refused(tmp_path, field, value, message):
    begin(tmp_path)
    with pytest.raises(ArchiveError, match=message):
        write_chunk(tmp_path, 'bad', random_chunk(2, **{field: value}))
    assert finished_chunks(tmp_path) == []


def test_a_chunk_has_the_arrays_of_its_domain_and_no_others(tmp_path):
    begin(tmp_path)
    whole = random_chunk(2)
    less = {name: array for name, array in whole.arrays.items() if name != 'command'}
    for arrays in (less, {**whole.arrays, 'comand': whole.arrays['command']}):
        with pytest.raises(ArchiveError, match=r'the chunk has the arrays .* expected .*command'):
            write_chunk(tmp_path, 'bad', replace(whole, arrays=arrays))
    assert finished_chunks(tmp_path) == []


def test_an_archive_is_of_one_domain(copy):
    assert Archive(copy).domain.name == 'go2'
    with pytest.raises(ArchiveError, match='is of the domain go2, not toy'):
        create_archive(copy, Toy(), 0, 'test')
    header = json.loads((copy / 'archive.json').read_text())
    assert header['domain'] == {'name': 'go2', 'version': 1}
    for domain, message in (
            ({'name': 'go2', 'version': 99}, r'version 99 of the domain go2.*build it anew'),
            ({'name': 'go3', 'version': 1}, r"not installed: unknown domain 'go3'"),
            ({'name': ['go2'], 'version': 1}, 'not installed: unknown domain'),
            ({'name': 'go2'}, 'expected its name and version'),
            ('go2', "domain is 'go2', expected its name and version"),
            (None, 'domain is None, expected its name and version')):
        (copy / 'archive.json').write_text(json.dumps({**header, 'domain': domain}))
        with pytest.raises(ArchiveError, match=message):
            Archive(copy)
    del header['domain']
    (copy / 'archive.json').write_text(json.dumps(header))
    assert Archive(copy).domain.name == 'go2'


def test_behaviours_that_fail_may_end_early_and_nobody_takes_them_for_data(tmp_path):
    chunk = random_chunk(3)
    survived, trajectory = chunk.arrays['survived'], chunk.arrays['trajectory']
    survived[0, 1], survived[1] = 0.5, 0
    trajectory[0, 1, 90:] = trajectory[1, :, 10:] = np.nan
    archive = Archive(begin(tmp_path, chunk), HELD_OUT)
    seal_archive(tmp_path)
    assert np.isnan(archive.trajectory[0][1, 90:]).all()
    training = archive.training()
    assert len(training.trajectory) == 3 + 4
    assert np.isfinite(training.trajectory[:]).all()


def test_half_precision_is_one_rounding_for_all():
    weight = np.array([[0.1, 1e-9, 65504.0]], np.float32)
    (stored, bias), = stored_precision(((weight, np.array([1 / 3], np.float32)),))
    assert stored.dtype == bias.dtype == np.float32
    assert np.array_equal(stored, weight.astype(np.float16))
    assert np.array_equal(stored_precision(((stored, bias),))[0][0], stored)
    good = (np.zeros((1, 1), np.float32), np.zeros(1, np.float32))
    for value in (65520.0, np.nan):
        with pytest.raises(ArchiveError, match=r'layer 1 holds .* beyond half precision'):
            stored_precision((good, (good[0], np.full(1, value, np.float32))))


def test_a_chunk_cannot_be_written_elsewhere(tmp_path):
    begin(tmp_path / 'archive')
    with pytest.raises(ArchiveError, match='cannot name a chunk'):
        write_chunk(tmp_path / 'archive', '../bad', random_chunk(1))
    assert [file.name for file in tmp_path.rglob('*')] == ['archive', 'archive.json']


def test_style_may_have_any_number_of_columns(tmp_path):
    wide = random_chunk(2, style=np.full((2, 15), np.nan))
    archive = Archive(begin(tmp_path, wide))
    style = archive.small('style')
    assert style.shape == (2, 15) and np.isnan(style).all()
    write_chunk(tmp_path, 'chunk-1', random_chunk(2))
    with pytest.raises(ArchiveError, match='style differs between chunks'):
        Archive(tmp_path).small('style')


def test_policies_of_other_sizes_and_foreign_ones(tmp_path):
    foreign = random_chunk(2, 2, 'imported', 'imported-x', weights=np.ones((2, 777)),
                           clock_hz=np.full(2, np.nan), foreign={'spec': {'name': 'x'}})
    archive = Archive(begin(tmp_path, random_chunk(4), random_chunk(2, 1, layer_sizes=(49, 8, 12)),
                            foreign), HELD_OUT)
    assert archive.layer_sizes == LAYERS
    assert archive.alike.tolist() == [True] * 4 + [False] * 4
    assert archive.weights[[6, 7]].shape == (2, 777)
    assert archive.actor(4).spec.layer_sizes == (49, 8, 12)
    with pytest.raises(ArchiveError, match='actor 6 is a foreign policy'):
        archive.actor(6)
    with pytest.raises(ArchiveError, match='several shapes'):
        archive.weights[:]
    seal_archive(archive.path)
    assert len(archive.training()) == 4
    assert set(archive.first_bias_share()) == {'clone', 'all'}


def test_the_first_bias_holds_its_share_of_the_variance(tmp_path):
    chunk = random_chunk(30)
    first = LAYERS[0] * LAYERS[1]
    chunk.arrays['weights'][:, first:first + LAYERS[1]] *= 20
    chunk.arrays['survived'][5] = 0
    archive = Archive(begin(tmp_path, chunk, random_chunk(70, 1, 'reinforced', 'ppo-00')))
    shares = archive.first_bias_share()
    stored = archive.weights[:].astype(float)
    clones, runs = np.r_[:5, 6:30], np.r_[30:100]
    squares = {name: ((stored[mine] - stored[mine].mean(axis=0))**2).sum(axis=0)
               for name, mine in (('clone', clones), ('reinforced', runs))}
    squares['all'] = squares['clone'] + squares['reinforced']
    for name, by_parameter in squares.items():
        expected = by_parameter[first:first + LAYERS[1]].sum() / by_parameter.sum()
        assert shares[name] == pytest.approx(expected, rel=1e-6)
    assert shares['clone'] > 0.7 > 0.1 > shares['reinforced']


def test_networks_of_independent_seeds_do_not_hide_a_style_vector_in_disguise(tmp_path):
    first = slice(LAYERS[0] * LAYERS[1], (LAYERS[0] + 1) * LAYERS[1])
    chunks = []
    for base in range(3):
        chunk = random_chunk(10, base, run=f'base-{base}')
        weights = chunk.arrays['weights']
        styles = weights[:, first].copy()
        weights[:] = weights[0]
        weights[:, first] = styles
        chunks.append(chunk)
    alone = random_chunk(1, 9, 'specialist', 'search-0')
    archive = Archive(begin(tmp_path, *chunks, alone), HELD_OUT)
    assert archive.first_bias_share() == {'clone': pytest.approx(1.0), 'all': pytest.approx(1.0)}
    pooled = archive.weights[:30].astype(float).var(axis=0)
    assert pooled[first].sum() / pooled.sum() < 0.5


def test_chunks_that_no_manifest_names_make_an_archive_unfinished(tmp_path):
    begin(tmp_path, random_chunk(3))
    archive = Archive(tmp_path, HELD_OUT)
    assert not archive.complete
    assert archive.damage() == []
    with pytest.warns(UserWarning, match='is unfinished: training on it'):
        archive.training()
    seal_archive(tmp_path)
    assert archive.complete
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        archive.training()
    write_chunk(tmp_path, 'larger-0', random_chunk(3, 1))
    assert not Archive(tmp_path).complete
    seal_archive(tmp_path)
    assert Archive(tmp_path).complete
    (tmp_path / 'manifest.json').write_text('[1]')
    with pytest.raises(ArchiveError, match='is damaged'):
        Archive(tmp_path).complete  # noqa: B018
    assert Archive(tmp_path).damage() == ['manifest.json is not readable']


def test_actors_that_a_build_planned_and_that_are_not_there_make_it_unfinished(tmp_path):
    begin(tmp_path, random_chunk(3), random_chunk(2, 1, 'imported', 'imported-x'))
    seal_archive(tmp_path)
    archive = Archive(tmp_path)
    assert (archive.complete, archive.built, archive.planned) == (True, 3, None)
    manifest = tmp_path / 'foundation.json'
    for text, complete in (('{}', True), ('{"actors": 3}', True), ('{"actors": 4}', False)):
        manifest.write_text(text)
        assert archive.complete is complete
    manifest.write_text('[1]')
    with pytest.raises(ArchiveError, match='is damaged'):
        archive.planned  # noqa: B018


def test_without_base_weights_the_cure_fits_what_the_archive_is(copy):
    (copy / 'foundation/start-0.safetensors').unlink()
    with pytest.raises(ArchiveError, match='imports have none, give an archive that'):
        Archive(copy).base_weights()
    header = json.loads((copy / 'archive.json').read_text())
    (copy / 'archive.json').write_text(json.dumps({**header, 'index_of': {}}))
    with pytest.raises(ArchiveError, match='give the whole archive'):
        Archive(copy).base_weights()


def test_seconds_of_the_base_policies_are_read_but_not_hashed(copy):
    assert Archive(copy).base_policy_seconds == {}
    (copy / 'seconds.json').write_text('{"search": 65.5, "base-0": 4000}')
    sealed = (copy / 'manifest.json').read_bytes()
    seal_archive(copy)
    assert (copy / 'manifest.json').read_bytes() == sealed
    archive = Archive(copy)
    assert archive.base_policy_seconds == {'search': 65.5, 'base-0': 4000.0}
    (copy / 'seconds.json').write_text('[3]')
    with pytest.raises(ArchiveError, match='is damaged'):
        archive.base_policy_seconds  # noqa: B018


def test_an_index_holds_some_rows_only(copy):
    folder = copy / 'chunks' / 'clone-0-1'
    whole = Archive(copy).weights[:]
    for name in ('weights', 'trajectory', 'probe'):
        np.save(folder / f'{name}.npy', np.load(folder / f'{name}.npy')[[1, 4]])
    np.save(folder / 'stored.npy', np.array([1, 4]))
    archive = Archive(copy)
    assert np.flatnonzero(~archive.weights.stored).tolist() == [20, 22, 23, 25]
    assert np.array_equal(archive.weights[[0, 21, 24, 39]], whole[[0, 21, 24, 39]])
    assert archive.actor(24).to_vector().dtype == np.float32
    with pytest.raises(ArchiveError, match='row 22 of the weights is not stored'):
        archive.weights[[0, 22]]


def alter(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)


def test_damage_is_found(copy):
    seal_archive(copy)
    assert Archive(copy).damage() == []
    alter(copy / 'chunks/clone-0-0/reward.npy')
    (copy / 'chunks/clone-0-0/probe.npy').unlink()
    (copy / 'chunks/clone-0-1/extra.npy').write_bytes(b'')
    (copy / 'chunks/ppo-01/hashes.json').write_text('{')
    alter(copy / 'foundation/start-0.safetensors')
    header = copy / 'archive.json'
    header.write_text(header.read_text().replace('"seed": 0', '"seed": 1'))
    shutil.rmtree(copy / 'chunks/clone-2-0')
    assert sorted(Archive(copy).damage()) == [
        'archive.json was altered',
        'chunks/clone-0-0/probe.npy is missing', 'chunks/clone-0-0/reward.npy was altered',
        'chunks/clone-0-1/extra.npy does not belong there',
        'chunks/clone-2-0/hashes.json is missing',
        'chunks/ppo-01/hashes.json is missing or not readable',
        'chunks/ppo-01/hashes.json was altered', 'foundation/start-0.safetensors was altered']


@pytest.mark.parametrize(('file', 'content'), [
    ('captions.json', b'[[[{"words": 1}]]]'), ('chunk.json', b'{"rows": 3}'),
    ('reward.npy', b'\x93NUMPY'), ('seconds.json', b'soon')])
def test_files_that_cannot_be_read_are_named(copy, file, content):
    (copy / 'chunks/clone-0-0' / file).write_bytes(content)
    archive = Archive(copy)
    with pytest.raises(ArchiveError, match='clone-0-0 is damaged'):
        (archive.captions, archive.reward, archive.seconds)  # noqa: B018
    if file != 'seconds.json':
        assert archive.damage() == [f'chunks/clone-0-0/{file} was altered']


def test_the_header_is_what_the_reader_expects(path):
    header = json.loads((path / 'archive.json').read_text())
    assert header['format'] == 'policy_gen_ros/archive/2'
    assert [field.name for field in fields_of(GO2)] == list(header['fields'])
