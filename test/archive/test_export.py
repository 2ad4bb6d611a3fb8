# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Exports are read by the programs that they are for."""

from __future__ import annotations

import json

import numpy as np
import pandas
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.export import export_index, export_pyribs, export_torch
from policy_gen_ros.archive.grid import measure_grid
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.adaptor import archive_adaptor
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES
from policy_gen_ros.domains.go2.spec import NETWORK
from policy_gen_ros.policies.network import forward
import pytest
from ribs.archives import GridArchive
from small_archive import HELD_OUT, LAYERS, write_small_archive
import torch


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    return Archive(write_small_archive(tmp_path_factory.mktemp('archive') / 'small'), HELD_OUT)


def test_pyribs_takes_the_export(archive, tmp_path):
    actors = np.flatnonzero(archive.qualified[:, 0])
    export_pyribs(archive, actors, tmp_path / 'actors.npz')
    stored = np.load(tmp_path / 'actors.npz')
    grid = GridArchive(solution_dim=archive.weights.shape[1], dims=[5] * 4, ranges=[(0, 1)] * 4)
    grid.add(**stored)
    ours = measure_grid(archive)
    assert grid.stats.num_elites == ours.stats.num_elites > 5
    assert grid.stats.qd_score == pytest.approx(ours.stats.qd_score)
    best = dict(zip(ours.data('index'), ours.data('solution')))
    for cell, weights in zip(grid.data('index'), grid.data('solution')):
        assert np.array_equal(weights, archive.weights[int(best[cell])])


def test_the_table_beside_it_describes_the_same_actors(archive, tmp_path):
    actors = np.array([3, 0, 30, 39])
    export_pyribs(archive, actors, tmp_path / 'actors.npz')
    table = pandas.read_csv(tmp_path / 'actors.csv')
    assert list(table.columns[:6]) == ['objective', 'measures_0', 'measures_1', 'measures_2',
                                       'measures_3', 'index']
    assert table['actor'].tolist() == actors.tolist()
    assert table['qualified'].tolist() == [True, True, False, True]
    assert table['run'].tolist() == ['base-0', 'base-0', 'ppo-03', 'ppo-01']
    assert np.allclose(table[list(MEASURE_NAMES)], archive.measures[actors, 0])
    contacts = table[[f'measures_{i}' for i in range(4)]].to_numpy()
    assert table['index'].tolist() == measure_grid(archive).index_of(contacts).tolist()
    with pytest.raises(ArchiveError, match=r'ends with \.npz'):
        export_pyribs(archive, actors, tmp_path / 'actors')


def test_state_dicts_load_into_a_sequential_network(archive, tmp_path):
    export_torch(archive, np.array([0, 27]), tmp_path / 'torch')
    assert sorted(f.name for f in (tmp_path / 'torch').iterdir()) == [
        'actor_00000.json', 'actor_00000.pt', 'actor_00027.json', 'actor_00027.pt']
    network = torch.nn.Sequential(
        torch.nn.Linear(LAYERS[0], LAYERS[1]), torch.nn.ELU(),
        torch.nn.Linear(LAYERS[1], LAYERS[2]), torch.nn.ELU(),
        torch.nn.Linear(LAYERS[2], LAYERS[3]))
    network.load_state_dict(torch.load(tmp_path / 'torch/actor_00027.pt', weights_only=True))
    observation = archive.probe[27].astype(np.float32)
    with torch.no_grad():
        actions = network(torch.from_numpy(observation)).numpy()
    expected = forward(archive.actor(27).layers, observation, NETWORK)
    assert np.allclose(np.clip(actions, -10, 10), expected, atol=1e-4)
    about = json.loads((tmp_path / 'torch/actor_00027.json').read_text())
    assert about['spec']['layer_sizes'] == list(LAYERS)
    assert np.allclose(about['nominal_command'], archive.small('command')[27, 0])
    assert about['measures'] == pytest.approx(dict(zip(
        MEASURE_NAMES, archive.measures[27, 0].tolist())))
    assert about['run'] == 'ppo-03'


def test_an_index_knows_all_actors_and_holds_a_few(archive, tmp_path):
    export_index(archive, tmp_path / 'index', actors=6, seed=0)
    index = Archive(tmp_path / 'index', HELD_OUT)
    assert index.damage() == []
    assert len(index) == len(archive)
    small = [field.name for field in archive.fields if not field.large]
    assert {'measures', 'reward', 'command', 'style'} < set(small)
    for name in small:
        assert np.array_equal(index.small(name), archive.small(name), equal_nan=True), name
    assert index.captions == archive.captions
    assert index.run.tolist() == archive.run.tolist()
    assert index.source.tolist() == archive.source.tolist()
    assert index.held_out.tolist() == archive.held_out.tolist()
    assert index.header['index_of']['fingerprint'] == archive.fingerprint
    stored = np.flatnonzero(index.weights.stored)
    assert len(stored) == 6 and archive.qualified[stored, 0].all()
    assert np.array_equal(index.weights[stored], archive.weights[stored])
    assert np.array_equal(index.probe[stored], archive.probe[stored])
    assert np.array_equal(index.trajectory[stored][:, 0], archive.trajectory[stored][:, 0])
    assert index.actor(int(stored[0])).sha256 == archive.actor(int(stored[0])).sha256
    own, original = archive_adaptor(index), archive_adaptor(archive)
    assert np.array_equal(own.layers[0][0], original.layers[0][0])
    other = int(np.flatnonzero(~index.weights.stored)[0])
    with pytest.raises(ArchiveError, match='holds the large fields of a few actors only'):
        index.actor(other)
    # Neighbouring chunks become one, which knows what each was.
    assert [folder.name for folder in index.folders] == ['clone-0-0']
    export_index(index, tmp_path / 'again', actors=6, seed=0)
    again = Archive(tmp_path / 'again', HELD_OUT)
    assert again.run.tolist() == archive.run.tolist()
    assert again.fingerprint == archive.fingerprint


def test_the_same_index_has_the_same_bytes(archive, tmp_path):
    for name in ('one', 'two'):
        export_index(archive, tmp_path / name, actors=6, seed=0)
    contents = [{file.relative_to(tmp_path / name): file.read_bytes()
                 for file in (tmp_path / name).rglob('*') if file.is_file()}
                for name in ('one', 'two')]
    assert contents[0] == contents[1]
    assert any(file.name == 'captions.json.xz' for file in contents[0])
    with pytest.raises(ArchiveError, match='is there already'):
        export_index(archive, tmp_path / 'one', actors=6, seed=0)
