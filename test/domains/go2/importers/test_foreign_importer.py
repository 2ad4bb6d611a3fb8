# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Policies of others end to end: a folder is read, walked in the twin, and put into an archive."""

import argparse
from itertools import pairwise
import json
from pathlib import Path
import re
import shutil

import numpy as np
from policy_gen_ros.archive.errors import ArchiveError
from policy_gen_ros.archive.format import create_archive
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.writing import seal_archive, write_chunk
from policy_gen_ros.commands.archive_import import add_parser, run_import
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.importers import evaluate as judge
from policy_gen_ros.domains.go2.importers import importer
from policy_gen_ros.domains.go2.importers.importer import archive_spec, import_folder
from policy_gen_ros.domains.go2.importers.policies import from_vector, read_folder, to_vector
from policy_gen_ros.domains.go2.importers.spec import load_spec
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY
from policy_gen_ros.domains.go2.spec import ActorSpec
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.policies.weights import ActorWeights
import pytest
from safetensors.numpy import load_file, save_file
from small_archive import GO2, random_chunk
import torch
from torch import nn
from wide_latent import wide_actor, wide_adaptor

DATA = Path(__file__).resolve().parents[5] / 'shared/data'
needs_third_party = pytest.mark.skipif(
    not DATA.is_dir(), reason='the policies of other projects are not here: they are not part of '
    'this one (fan-ziqi/rl_sar, policy/go2/robot_lab)')
pytestmark = pytest.mark.filterwarnings('ignore:.*torch.jit:DeprecationWarning')
SHIPPED_SIZES = (60, 192, 192, 12)
"""Layers of actors that read the latent of the shipped adaptor."""
FOUR = [[0.5, 0, 0], [1.0, 0, 0], [0, 0.5, 0], [-0.5, 0, 0]]


def mlp(*sizes, seed=0):
    torch.manual_seed(seed)
    layers = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [nn.Linear(fan_in, fan_out), nn.ELU()]
    return nn.Sequential(*layers[:-1])


def spec(name):
    return load_spec(name, Path())


def command_line(*words):
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    return run_import(parser.parse_args(['import', *map(str, words)]))


@pytest.fixture
def folder(tmp_path):
    """Three random policies for robot_lab's observation, and two files that are none."""
    folder = tmp_path / 'My Policies'
    folder.mkdir()
    shutil.copy(Path(__file__).parents[4] / 'config/foreign_robot_lab_go2.json',
                folder / 'spec.json')
    for i in range(3):
        torch.save(mlp(45, 8, 12, seed=i).state_dict(), folder / f'model_{i}.pt')
    torch.save(mlp(45, 9, 12).state_dict(), folder / 'other_sizes.pt')
    (folder / 'notes.pt').write_text('no policy')
    return folder


@pytest.fixture
def short_episodes(monkeypatch):
    """For tests that do not look at what was measured."""
    monkeypatch.setattr(judge, 'EPISODE_S', 5.2)


@needs_third_party
def test_the_third_party_policy_is_imported_and_measured(tmp_path, capsys):
    code = command_line(DATA, tmp_path / 'archive', '--spec', 'robot_lab_go2', '--commands',
                        ';'.join(','.join(map(str, c)) for c in FOUR), '--json',
                        tmp_path / 'report.json')
    report = json.loads((tmp_path / 'report.json').read_text())
    assert code == 0
    assert 'walks    trot   qualified' in capsys.readouterr().out
    assert list(report['skipped']) == ['wtw_go2_adaptor.safetensors']
    assert (report['walking'], report['qualified']) == (1, 1)
    walks = report['imported'][0]['behaviors']
    assert [walk['survived'] for walk in walks] == [1, 1, 1, 1]
    for walk, published in zip(walks, (0.49, 0.90, 0.41, -0.41), strict=True):
        axis = int(np.argmax(np.abs(walk['command'])))
        assert walk['reached'][axis] == pytest.approx(published, rel=0.15)
        assert walk['speed_ratio'] == pytest.approx(
            walk['reached'][axis] / walk['command'][axis], rel=1e-5)

    archive = Archive(tmp_path / 'archive')
    assert archive.damage() == []
    assert archive.source.tolist() == ['imported']
    assert archive.qualified[0, 0]
    assert archive.family[0, 0] == 'trot'
    assert any('trot' in caption.text for caption in archive.captions[0][0])
    rows = TRAJECTORY.check(archive.trajectory[0][0])
    assert np.linalg.norm(rows[:, 3:]) > 0
    stored, _ = from_vector(archive.weights[0], archive_spec(archive.path))
    genuine = load_file(DATA / 'go2_velocity_policy.safetensors')
    assert np.allclose(stored[0][0], genuine['0.weight'], rtol=1e-3, atol=1e-4)
    with pytest.raises(ArchiveError, match='interface of its own'):
        archive.actor(0)


def test_a_folder_is_imported_and_what_cannot_be_read_is_listed(folder, tmp_path, capsys):
    code = command_line(folder, tmp_path / 'archive', '--json', '-')
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert code == 0
    assert [policy['name'] for policy in report['imported']] == [
        'model_0.pt', 'model_1.pt', 'model_2.pt']
    assert set(report['skipped']) == {'notes.pt', 'other_sizes.pt'}
    assert report['skipped']['other_sizes.pt'] == \
        'its layers are 45-9-12, the spec says 45-8-12'
    assert re.search('notes.pt +skipped: ', err)
    assert report['qualified'] == 0  # random weights stand or fall; they follow no command
    archive = Archive(tmp_path / 'archive')
    assert len(archive) == 3
    assert set(archive.run) == {'imported-my-policies'}
    assert np.isnan(archive.small('clock_hz')).all()
    assert np.isnan(archive.small('style')).all()
    assert archive.probe.shape == (3, 128, 45)
    assert archive.robust.min() >= 0
    about = archive.about[0]['foreign']
    assert [policy['name'] for policy in about['policies']] == ['model_0.pt', 'model_1.pt',
                                                                'model_2.pt']
    assert archive_spec(archive.path).hidden_sizes == (8,)
    assert archive.damage() == []


def test_importing_twice_gives_the_same_archive_and_goes_on_where_it_stopped(
        folder, tmp_path, monkeypatch, short_episodes):
    monkeypatch.setattr(importer, 'CHUNK_SIZE', 2)
    robot_lab = spec('robot_lab_go2')
    first = import_folder(folder, tmp_path / 'a', robot_lab, 'test')
    print_first = Archive(tmp_path / 'a').fingerprint
    shutil.rmtree(tmp_path / 'a' / 'chunks' / 'imported-my-policies-0001')
    again = import_folder(folder, tmp_path / 'a', robot_lab, 'test')
    assert again.walks == first.walks
    assert list(again.walks) == ['model_0.pt', 'model_1.pt', 'model_2.pt']
    assert Archive(tmp_path / 'a').fingerprint == print_first
    assert Archive(tmp_path / 'a').damage() == []
    torch.save(mlp(45, 8, 12, seed=9).state_dict(), folder / 'model_0.pt')
    with pytest.raises(ArchiveError, match='give this import another name'):
        import_folder(folder, tmp_path / 'a', robot_lab, 'test')
    import_folder(folder, tmp_path / 'a', robot_lab, 'test', name='second')
    assert set(Archive(tmp_path / 'a').run) == {'imported-my-policies', 'imported-second'}


def test_an_import_goes_on_with_its_own_seed_only(folder, tmp_path, monkeypatch, short_episodes):
    monkeypatch.setattr(importer, 'CHUNK_SIZE', 2)
    robot_lab = spec('robot_lab_go2')
    import_folder(folder, tmp_path / 'a', robot_lab, 'test', seed=3)
    assert Archive(tmp_path / 'a').about[0]['seed'] == 3
    shutil.rmtree(tmp_path / 'a' / 'chunks' / 'imported-my-policies-0000')
    with pytest.raises(ArchiveError, match='evaluated with seed 3, not 4: give that seed'):
        import_folder(folder, tmp_path / 'a', robot_lab, 'test', seed=4)
    assert len(Archive(tmp_path / 'a')) == 1  # refused before anything was written
    import_folder(folder, tmp_path / 'a', robot_lab, 'test', seed=3)
    assert len(Archive(tmp_path / 'a')) == 3


def test_an_archive_holds_policies_of_one_spec_only(folder, tmp_path, short_episodes):
    robot_lab = spec('robot_lab_go2')
    import_folder(folder, tmp_path / 'a', robot_lab, 'test')
    (folder / 'model_0.pt').unlink()
    changed = json.loads(robot_lab.to_json()) | {'name': 'soft', 'action_clip': 5.0}
    (folder / 'spec.json').write_text(json.dumps(changed))
    with pytest.raises(ArchiveError, match='holds policies of robot_lab_go2, of another'):
        import_folder(folder, tmp_path / 'a', load_spec(None, folder), 'test', name='b')
    assert len(Archive(tmp_path / 'a')) == 3


def test_without_any_policy_nothing_is_made(tmp_path, capsys):
    with pytest.raises(ValueError, match='no folder of policies'):
        command_line(tmp_path / 'gone', tmp_path / 'archive', '--spec', 'robot_lab_go2')
    with pytest.raises(ValueError, match=r'nothing is named \*.pt or'):
        command_line(tmp_path, tmp_path / 'archive', '--spec', 'robot_lab_go2')
    (tmp_path / 'broken.pt').write_text('no policy')
    assert command_line(tmp_path, tmp_path / 'archive', '--spec', 'robot_lab_go2') == 1
    err = capsys.readouterr().err
    assert err.count('\n') == 1
    assert 'none of the 1 files' in err
    assert not (tmp_path / 'archive').exists()


@pytest.mark.parametrize('commands', ['1,2', 'a,b,c', '9,0,0;0,0,0;0,0,0;0,0,0', '0.5,0,0'])
def test_commands_are_checked(folder, tmp_path, commands):
    with pytest.raises(ValueError, match=r'expected VX,VY,YAW|4 behaviours'):
        command_line(folder, tmp_path / 'archive', '--commands', commands)
    assert not (tmp_path / 'archive').exists()


def walk_these_ways_run(folder, body=(2102, 32, 12), adaptor=(2100, 256, 128, 2)):
    checkpoints = folder / 'run' / 'checkpoints'
    checkpoints.mkdir(parents=True)
    (folder / 'run' / 'parameters.pkl').write_bytes(b'never opened')
    for name, sizes in (('body_latest', body), ('adaptation_module_latest', adaptor)):
        torch.jit.script(mlp(*sizes)).save(str(checkpoints / f'{name}.jit'))
    return folder


def test_a_run_of_walk_these_ways_is_imported_with_its_adaptor(tmp_path, capsys):
    folder = walk_these_ways_run(tmp_path / 'runs')
    code = command_line(folder, tmp_path / 'archive', '--spec', 'walk_these_ways_go2')
    out, err = capsys.readouterr()
    assert code == 0
    assert 'run/checkpoints/body_latest.jit' in out
    assert 'not qualified' in out
    assert 'warning: no policy' in err  # random weights do not walk
    archive = Archive(tmp_path / 'archive')
    assert not archive.qualified.any()
    assert archive.probe.shape == (1, 128, 2102)
    assert archive.small('clock_hz')[0] == 3.0
    stored, adaptor = from_vector(archive.weights[0], archive_spec(archive.path))
    genuine = torch.jit.load(str(folder / 'run/checkpoints/adaptation_module_latest.jit'))
    assert np.allclose(adaptor[0][0], genuine.state_dict()['0.weight'], atol=1e-3)
    assert [weight.shape for weight, _ in stored] == [(32, 2102), (12, 32)]


@pytest.mark.parametrize(('shapes', 'message'), [
    ({'body': (2100, 32, 12)}, '2100-32-12, the spec says 2102-any-12'),
    ({'body': (2102, 32, 18)}, '2102-32-18, the spec says 2102-any-12'),
    ({'adaptor': (2100, 64, 2)},
     'its adaptor adaptation_module_latest.jit: its layers are 2100-64-2')])
def test_runs_of_other_shapes_are_skipped(shapes, message, tmp_path):
    folder = walk_these_ways_run(tmp_path / 'runs', **shapes)
    found = read_folder(folder, spec('walk_these_ways_go2'))
    assert found.policies == []
    assert message in found.skipped['run/checkpoints/body_latest.jit']


def test_a_run_without_its_adaptor_is_skipped(tmp_path):
    folder = walk_these_ways_run(tmp_path / 'runs')
    (folder / 'run/checkpoints/adaptation_module_latest.jit').unlink()
    found = read_folder(folder, spec('walk_these_ways_go2'))
    assert 'no such file' in found.skipped['run/checkpoints/body_latest.jit']


def test_weights_survive_as_rows(folder):
    found = read_folder(folder, spec('robot_lab_go2'))
    for policy in found.policies:
        layers, adaptor = from_vector(to_vector(policy, found.spec), found.spec)
        assert adaptor is None
        for (weight, bias), (want_weight, want_bias) in zip(layers, policy.layers, strict=True):
            assert np.array_equal(weight, want_weight)  # rounded when they were read
            assert np.array_equal(bias, want_bias)


def test_weights_beyond_half_precision_are_refused(folder):
    torch.save({name: value * 1e6 for name, value in mlp(45, 8, 12).state_dict().items()},
               folder / 'huge.pt')
    skipped = read_folder(folder, spec('robot_lab_go2')).skipped
    assert 'beyond half precision' in skipped['huge.pt']


@pytest.fixture
def own_actors(tmp_path):
    """Two actors of this package, and a file that was cut off."""
    folder = tmp_path / 'actors'
    folder.mkdir()
    for i in range(2):
        state = mlp(*SHIPPED_SIZES, seed=i).state_dict()
        layers = tuple((state[f'{n}.weight'].numpy(), state[f'{n}.bias'].numpy())
                       for n in (0, 2, 4))
        actor = ActorWeights(ActorSpec.of_layers(2.0 + i, SHIPPED_SIZES), layers,
                             nominal_command=(0.1 * i, 0, 0))
        (folder / f'{i}.safetensors').write_bytes(actor.to_bytes())
    (folder / 'cut.safetensors').write_bytes(actor.to_bytes()[:-1])
    return folder


def test_actors_of_this_package_make_an_archive_of_their_own(own_actors, tmp_path, monkeypatch,
                                                             short_episodes):
    with monkeypatch.context() as stopped:
        stopped.setattr(importer, 'seal_archive', lambda path: None)
        import_folder(own_actors, tmp_path / 'archive', spec('policy_gen'), 'test')
    assert not Archive(tmp_path / 'archive').complete
    report = import_folder(own_actors, tmp_path / 'archive', spec('policy_gen'), 'test')
    assert 'no actor of this package' in report.skipped['cut.safetensors']
    archive = Archive(tmp_path / 'archive')
    assert archive.small('clock_hz').tolist() == [2.0, 3.0]
    assert np.allclose(archive.small('command')[:, 0, 0], [0.0, 0.1])
    actor = ActorWeights.from_bytes((own_actors / '1.safetensors').read_bytes())
    assert np.allclose(archive.actor(1).layers[0][0], actor.layers[0][0], atol=1e-3)
    assert archive_spec(archive.path) is None
    assert archive.complete
    assert not (archive.path / 'foundation.json').exists()  # by which builds know their own
    assert (archive.path / 'foundation/adaptor.safetensors').read_bytes() == \
        (bundle_path() / 'adaptor.safetensors').read_bytes()
    assert archive.damage() == []


def begin_build(path, adaptor=True, chunk=True):
    """Write what a build begins with; its adaptor is another than the shipped one."""
    create_archive(path, GO2, 0, 'test')
    (path / 'foundation.json').write_text('{}')
    (path / 'foundation').mkdir()
    if adaptor:
        tensors = load_file(bundle_path() / 'adaptor.safetensors')
        save_file({name: -value for name, value in tensors.items()},
                  path / 'foundation/adaptor.safetensors')
    if chunk:
        write_chunk(path, 'clone-0-0000', random_chunk(2, layer_sizes=SHIPPED_SIZES))
    return path


def test_own_actors_join_an_archive_that_is_built_under_its_adaptor(own_actors, tmp_path,
                                                                    short_episodes):
    built, alone = begin_build(tmp_path / 'built'), tmp_path / 'alone'
    adaptor = (built / 'foundation/adaptor.safetensors').read_bytes()
    import_folder(own_actors, built, spec('policy_gen'), 'test', seed=5)
    archive = Archive(built)
    assert archive.source.tolist() == ['clone'] * 2 + ['imported'] * 2
    assert not archive.complete  # the build goes on, and seals it when it is done
    assert (built / 'foundation/adaptor.safetensors').read_bytes() == adaptor
    import_folder(own_actors, alone, spec('policy_gen'), 'test', seed=5)
    assert not np.array_equal(archive.probe[2:], Archive(alone).probe[:])
    seal_archive(built)
    import_folder(own_actors, built, spec('policy_gen'), 'test', name='more')
    assert len(Archive(built)) == 6
    assert Archive(built).complete
    assert Archive(built).damage() == []


def test_own_actors_may_read_the_wider_latent_of_the_adaptor_of_their_archive(own_actors, tmp_path,
                                                                              short_episodes):
    built = begin_build(tmp_path / 'built', chunk=False)
    file = built / 'foundation/adaptor.safetensors'
    save_file(wide_adaptor(Adaptor.load(file), 20).tensors(), file)
    actor = ActorWeights.load(own_actors / '0.safetensors')
    (own_actors / 'wide.safetensors').write_bytes(wide_actor(actor, 20).to_bytes())
    report = import_folder(own_actors, built, spec('policy_gen'), 'test')
    assert list(report.walks) == ['wide.safetensors']
    assert 'its layers are 60-192-192-12, the spec says 67-any-12' in \
        report.skipped['0.safetensors']
    assert Archive(built).actor(0).spec.latent_dim == 20
    assert Archive(built).probe.shape[-1] == 67


def test_nothing_is_put_in_the_way_of_a_build_that_has_just_begun(own_actors, folder, tmp_path):
    begun = begin_build(tmp_path / 'begun', adaptor=False, chunk=False)
    with pytest.raises(ArchiveError, match='is being built and has no adaptor yet'):
        import_folder(own_actors, begun, spec('policy_gen'), 'test')
    with pytest.raises(ArchiveError, match='holds actors of this package, of another interface'):
        import_folder(folder, begun, spec('robot_lab_go2'), 'test')
    assert sorted(file.name for file in begun.rglob('*') if file.is_file()) == [
        'archive.json', 'foundation.json']


def test_help_says_what_an_import_is_good_for(capsys):
    with pytest.raises(SystemExit):
        command_line('--help')
    text = ' '.join(capsys.readouterr().out.split())
    assert 'cannot be swapped in by our controller' in text
    assert 'robot_lab_go2, walk_these_ways_go2, policy_gen' in text
