# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The command line: results as JSON, bad input as one line."""

from functools import partial
import json
import shutil
import subprocess
import sys

import numpy as np
from policy_gen_ros import Goal, PolicyGenerator
from policy_gen_ros.commands import train
from policy_gen_ros.commands.archive_info import cure
from policy_gen_ros.commands.main import main
from policy_gen_ros.domains.go2.building import build
from policy_gen_ros.domains.go2.building.config import Go2ArchiveConfig
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX
from policy_gen_ros.domains.go2.spec import ActorSpec
from policy_gen_ros.domains.go2.standing import standing_actor
from policy_gen_ros.evaluation.metrics import sizes
from policy_gen_ros.evaluation.metrics.sizes import Sizes
from policy_gen_ros.evaluation.studies import subject, tasks
from policy_gen_ros.evaluation.studies.scenarios import walk_scenario
from policy_gen_ros.evaluation.studies.sequences import walk_sequences
from policy_gen_ros.generation.bundle import bundle_path, read_info
from policy_gen_ros.training import presets
from policy_gen_ros.training.config import FinetuneConfig, TrainConfig
from policy_gen_ros.utils.progress import SILENCED
import pytest
from small_archive import write_small_archive
from tiny_encoder import write_tiny_encoder


def policy_gen(*arguments):
    return subprocess.run([sys.executable, '-m', 'policy_gen_ros.commands.main', *arguments],
                          capture_output=True, text=True, timeout=200, check=False)


def test_generate_and_rollout(tmp_path):
    actor = tmp_path / 'actor.safetensors'
    made = policy_gen('generate', '--measures', 'vx_mps=0.3,frequency_hz=2.5', '-o', str(actor),
                      '--json', '-')
    assert made.returncode == 0, made.stderr
    described = json.loads(made.stdout)['actors'][0]
    assert described['path'] == str(actor)
    assert set(described) == {'path', 'sha256', 'nominal_command', 'measures', 'clock_hz',
                              'warnings'}
    walked = policy_gen('rollout', str(actor), '--seconds', '3', '--json', '-')
    assert walked.returncode == 0, walked.stderr
    assert set(json.loads(walked.stdout)) == {'survived', 'seconds', 'mean_velocity', 'measures',
                                              'family', 'reward'}


def test_rehearsal_says_what_generation_warns_of(tmp_path, capsys):
    result = tmp_path / 'result.json'
    main(['rehearse', '--text', 'buy milk', '--candidates', '1', '--twins', '1', '--seconds', '2',
          '--json', str(result)])
    table, warned = capsys.readouterr()
    assert 'warning: the text seems to ask neither to walk nor to rest' in warned
    assert json.loads(result.read_text())['warnings'][0].startswith('the text seems to ask')
    assert '* kept, + qualifies (as asked on level ground' in table


def test_rollout_says_where_there_is_no_rhythm(tmp_path, capsys):
    actor = tmp_path / 'stand.safetensors'
    spec = ActorSpec.of_layers(2.0, read_info(bundle_path()).layer_sizes)
    actor.write_bytes(standing_actor(spec, '').to_bytes())
    assert main(['rollout', str(actor), '--seconds', '3']) == 0
    assert 'upright after 3.0 s, no rhythm, reward' in capsys.readouterr().out


@pytest.mark.parametrize(('arguments', 'message'), [
    (['generate', '-o', 'x.safetensors'], 'say what to generate'),
    (['generate', '--text', ' ', '-o', 'x.safetensors'], 'empty'),
    (['generate', '--measures', 'speed=1', '-o', 'x.safetensors'], 'unknown measure'),
    (['generate', '--measures', 'vx_mps', '-o', 'x.safetensors'], 'expected NAME=VALUE'),
    (['generate', '--measures', 'vx_mps=fast', '-o', 'x.safetensors'], 'not a number'),
    (['generate', '--trajectory', 'none.npz', '-o', 'x.safetensors'], 'no trajectory file'),
    (['generate', '--bag', 'nowhere', '-o', 'x.safetensors'], 'no recording at nowhere'),
    (['generate', '--bag', 'setup.py', '-o', 'x.safetensors'], 'is no rosbag2 recording'),
    (['generate', '--bag', 'nowhere', '--trajectory', 'none.npz', '-o', 'x.safetensors'],
     'give --trajectory or --bag, not both'),
    (['generate', '--text', 'trot', '--imu-topic', '/imu', '-o', 'x.safetensors'], 'but no --bag'),
    (['generate', '--text', 'trot', '--bundle', 'nowhere', '-o', 'x.safetensors'], 'no bundle'),
    (['generate', '--text', 'trot, then bound', '-o', 'x.safetensors'], 'is a sequence of goals'),
    (['generate', '--text', 'fall over', '-o', 'x.safetensors'], "'fall' asks for a failure"),
    (['rehearse', '--text', 'trot', '--candidates', '0'], 'candidates of a rehearsal is 0'),
    (['rehearse', '--text', 'trot', '--seconds', '1'], 'seconds of a rehearsal is 1.0'),
    (['rollout', 'none.safetensors'], 'no actor at'),
    (['archive', 'info', 'nowhere'], 'no policy archive'),
    (['archive', 'export', 'nowhere', 'out', '--format', 'torch'], 'no policy archive'),
    (['train', '--archive', 'nowhere'], 'no policy archive'),
    (['finetune', '--archive', 'nowhere'], 'no policy archive'),
    (['finetune', '--walks', '0'], "--walks: '0' is not a whole number from 1"),
    (['rollout', 'x.safetensors', '--json', 'no/where.json'], 'no does not exist: create it'),
    (['evaluate', '--count', '0'], 'at least 1'),
    (['rollout', 'x.safetensors', '--seed', '-1'], "--seed: '-1' is not a whole number from 0"),
    (['archive', 'build', 'x', '--set', 'clones=0'], 'clones is 0: Input should be greater'),
    (['archive', 'build', 'x', '--set', 'clone=1'], 'unknown setting clone; did you mean'),
    (['archive', 'build', 'x', '--set', 'runs=two'], "runs is 'two': Input should"),
    (['archive', 'build', 'x', '--set', 'clones'], "'clones': expected NAME=VALUE"),
    (['archive', 'build', 'setup.py'], 'setup.py is a file, not a folder'),
    (['archive', 'info', '--plot', 'x.pdf'], 'x.pdf does not end with .png'),
    (['generate', '--text', 'trot', '--steps', 'many', '-o', 'x.safetensors'],
     "invalid int value: 'many' (see policy_gen generate --help)"),
    (['walk'], "invalid choice: 'walk'"), ([], 'required: COMMAND')])
def test_bad_input_is_one_clear_line(arguments, message):
    done = policy_gen(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_an_actor_that_cannot_be_read_is_named(tmp_path, capsys):
    actor = tmp_path / 'actor.safetensors'
    actor.write_bytes(b'too short')
    assert main(['rollout', str(actor)]) == 2
    assert capsys.readouterr().err.startswith(f'policy_gen: {actor}: not a complete safetensors')


@pytest.mark.parametrize(('package', 'cure'), [
    ('mujoco', 'pip install mujoco'), ('PIL', 'pip install pillow')])
def test_a_missing_package_is_named_with_its_cure(package, cure):
    command = ['archive', 'info', '--plot', 'x.png'] if package == 'PIL' else [
        'archive', 'teachers', '--count', '1']
    done = subprocess.run(
        [sys.executable, '-c', f'import sys; sys.modules[{package!r}] = None\n'
         f'from policy_gen_ros.commands.main import main; sys.exit(main({command!r}))'],
        capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == f'policy_gen: {package} is not installed: {cure}'
    assert 'Traceback' not in done.stderr


def test_a_reader_that_leaves_is_no_error(archive):
    info = subprocess.Popen([sys.executable, '-m', 'policy_gen_ros.commands.main', 'archive',
                             'info', str(archive)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
    info.stdout.close()
    assert (info.wait(200), info.stderr.read()) == (141, '')


def test_short_trajectory_file_is_refused(tmp_path):
    path = tmp_path / 'clip.npz'
    np.savez(path, trajectory=np.zeros((39, 42), np.float32))
    done = policy_gen('generate', '--trajectory', str(path), '-o', str(tmp_path / 'x.safetensors'))
    assert done.returncode == 2
    assert 'at least 40 rows' in done.stderr


@pytest.mark.parametrize('content', [b'', b'PK\x03\x04 truncated', b'plain text'])
def test_damaged_trajectory_file_is_refused(tmp_path, content):
    path = tmp_path / 'clip.npz'
    path.write_bytes(content)
    done = policy_gen('generate', '--trajectory', str(path), '-o', str(tmp_path / 'x.safetensors'))
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_every_command_has_help():
    for command in ('demo', 'generate', 'rollout', 'archive', 'train', 'evaluate', 'bench'):
        done = policy_gen(command, '--help')
        assert done.returncode == 0, done.stderr
        assert command in done.stdout


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    return write_small_archive(tmp_path_factory.mktemp('archive') / 'small')


def test_archive_info_describes_and_draws(archive, tmp_path):
    picture = tmp_path / 'picture.png'
    done = policy_gen('archive', 'info', str(archive), '--plot', str(picture), '--json', '-')
    assert done.returncode == 0, done.stderr
    info = json.loads(done.stdout)
    assert {'actors', 'qualified', 'families', 'coverage', 'held_out', 'parameters_per_actor',
            'damage'} <= set(info)
    assert (info['actors'], info['qualified'], info['damage']) == (40, 39, [])
    assert set(info['families']) == set(GAIT_FAMILIES)
    assert {'regions', 'actors'} <= set(info['held_out'])
    assert picture.read_bytes().startswith(b'\x89PNG')
    table = [line.split() for line in done.stderr.splitlines()]
    assert ['trot', '9', '8', '100', '%'] in table
    assert ['no', 'damage'] in table
    assert 'unfinished' not in done.stderr
    assert f'wrote {picture}' in done.stderr.splitlines()


def test_archive_info_says_what_is_unfinished_and_what_took_how_long(archive, tmp_path, capsys):
    shutil.copytree(archive, tmp_path / 'copy')
    (tmp_path / 'copy/manifest.json').unlink()
    (tmp_path / 'copy/chunks/ppo-01/seconds.json').write_text('5400.0')
    (tmp_path / 'copy/seconds.json').write_text('{"search": 65, "base-0": 3600}')
    assert main(['archive', 'info', str(tmp_path / 'copy'), '--json', str(tmp_path / 'json')]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert 'chunks took 1 h 30 min in all, each on one core' in lines
    assert 'base policies took 1 h 1 min in all: search 1 min, base-0 1 h 0 min' in lines
    assert [line for line in lines if line.startswith('unfinished: ')]
    assert 'no damage' in lines
    info = json.loads((tmp_path / 'json').read_text())
    assert (info['complete'], info['damage'], info['chunk_seconds']) == (False, [], 5400.0)
    assert info['foundation_seconds'] == {'search': 65.0, 'base-0': 3600.0}
    (tmp_path / 'copy/foundation.json').write_text('{"actors": 3674}')
    assert main(['archive', 'info', str(tmp_path / 'copy')]) == 0
    assert '  incomplete: 40 of 3,674 actors; where no build runs' in capsys.readouterr().out


def test_archive_info_lists_damage(archive, tmp_path):
    shutil.copytree(archive, tmp_path / 'copy')
    (tmp_path / 'copy/chunks/ppo-01/weights.npy').unlink()
    done = policy_gen('archive', 'info', str(tmp_path / 'copy'), '--json', str(tmp_path / 'json'))
    assert done.returncode == 1
    assert done.stdout.splitlines() == ['chunks/ppo-01/weights.npy is missing']
    assert 'is damaged (1 files): delete chunks/ppo-01, then build or import again' in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert json.loads((tmp_path / 'json').read_text()) == {
        'damage': ['chunks/ppo-01/weights.npy is missing']}


def test_only_chunks_can_be_made_again():
    damage = ['chunks/a/reward.npy was altered', 'chunks/a/x does not belong there',
              'chunks/b/hashes.json is missing']
    assert cure(damage, is_index=False) == 'delete chunks/a, chunks/b, then build or import again'
    assert cure(damage, is_index=True) == 'copy the archive again'
    assert cure([*damage, 'archive.json was altered'], is_index=False) == 'copy the archive again'


def test_archive_build_says_what_there_is(archive, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(build, 'build_archive', lambda *given: asked.append(given[:2]))
    assert main(['archive', 'build', str(archive), '--set', 'runs=0', '--json', '-']) == 0
    output = capsys.readouterr()
    assert output.err == f'{archive}: 40 actors, 39 qualified\n'
    assert json.loads(output.out)['actors'] == 40
    assert asked == [(archive, Go2ArchiveConfig(runs=0))]


@pytest.mark.parametrize(('options', 'made', 'output'), [
    (['out.npz', '--format', 'pyribs', '--qualified'], ['out.csv', 'out.npz'],
     'out.npz, {0}/out.csv (39 rows)'),
    (['out', '--format', 'torch', '--indices', '3'], ['actor_00003.json', 'actor_00003.pt'],
     'out (1 actors)'),
    (['out', '--format', 'index', '--actors', '4'],
     ['archive.json', 'chunks', 'foundation', 'manifest.json'],
     'out (40 actors, 4 of them with weights)')])
def test_archive_export(archive, tmp_path, capsys, options, made, output):
    assert main(['archive', 'export', str(archive), str(tmp_path / options[0]), *options[1:]]) == 0
    out = tmp_path / 'out' if (tmp_path / 'out').is_dir() else tmp_path
    assert sorted(file.name for file in out.iterdir()) == made
    assert capsys.readouterr().out == f'wrote {{0}}/{output}\n'.format(tmp_path)


@pytest.mark.parametrize(('options', 'message'), [
    (['--format', 'torch', '--indices', '40'], 'no actor 40: the archive has actors 0 to 39'),
    (['--format', 'torch', '--indices', '1,a'], 'expected numbers joined by commas'),
    (['--format', 'index', '--qualified'], 'an index holds all actors'),
    (['--format', 'index', '--actors', '400'], '400 regions need as many qualified actors'),
    (['--format', 'pyribs'], 'ends with .npz')])
def test_archive_export_refuses(archive, tmp_path, capsys, options, message):
    assert main(['archive', 'export', str(archive), str(tmp_path / 'out'), *options]) == 2
    output = capsys.readouterr().err
    assert message in output
    assert len(output.strip().splitlines()) == 1, output
    assert not (tmp_path / 'out').exists()


def test_train_looks_for_its_text_encoder_first(archive, tmp_path, monkeypatch, capsys):
    out = tmp_path / 'bundle'
    arguments = ['train', '--archive', str(archive), '--output', str(out), '--text-encoder']
    assert main([*arguments, 'no/such-model']) == 2
    output = capsys.readouterr().err
    assert 'cannot load the text encoder no/such-model' in output and 'give a folder' in output
    assert not out.exists()
    write_tiny_encoder(tmp_path / 'tiny')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(train, '_train_bundle', lambda args, *_: {'encoder': args.text_encoder})
    assert main([*arguments, 'tiny', '--json', '-']) == 0
    assert json.loads(capsys.readouterr().out)['encoder'] == str(tmp_path / 'tiny')


def test_a_bundle_does_not_go_into_its_archive(archive, capsys):
    before = sorted(archive.iterdir())
    assert main(['train', '--archive', str(archive), '--output', f'{archive}/.']) == 2
    assert 'is the archive itself: give another folder to --output' in capsys.readouterr().err
    assert sorted(archive.iterdir()) == before


def test_the_shipped_bundle_is_finetuned_on_the_shipped_index(archive, tmp_path, monkeypatch,
                                                              capsys):
    monkeypatch.setattr(presets, 'TrainConfig', partial(
        TrainConfig, finetune=FinetuneConfig(critic_steps=5, steps=5)))
    monkeypatch.setenv(SILENCED, '')
    out = tmp_path / 'out'
    arguments = ['finetune', '--rounds', '1', '--walks', '8', '--output', str(out), '--json', '-']
    assert main(arguments) == 0
    output = capsys.readouterr()
    assert output.err.splitlines()[-1] == f'wrote {out}'
    shipped, made = read_info(bundle_path()), read_info(out)
    assert json.loads(output.out)['name'] == made.name == f'{shipped.name}-finetuned'
    assert made.provenance['finetuned']['seed'] == 0
    assert 1 <= made.provenance['finetuned']['walks'] <= 8
    actors = [PolicyGenerator.load(path).generate(Goal(text='trot forward'))
              for path in (None, out)]
    moved = np.abs(actors[1].to_vector() - actors[0].to_vector()).max()
    assert 0 < moved < 0.5
    assert (out / 'held_out_goals.npz').read_bytes() \
        == (bundle_path() / 'held_out_goals.npz').read_bytes()
    assert main([*arguments, '--quiet']) == 0
    assert main([*arguments, '--seed', '1']) == 2
    assert 'stages of another training (seed differ)' in capsys.readouterr().err
    for options, reason in ((['--archive', str(archive)], 'is not the archive that the bundle'),
                            (['--output', str(SHIPPED_INDEX)], 'is what is read: give another')):
        assert main(['finetune', *options]) == 2
        assert reason in capsys.readouterr().err


def test_train_and_evaluate_on_an_archive(archive, tmp_path, monkeypatch, capsys):
    bundle, out, result = (tmp_path / name for name in ('bundle', 'out', 'result.json'))
    trained = policy_gen('train', '--archive', str(archive), '--output', str(bundle), '--preset',
                         'debug', '--json', '-')
    assert trained.returncode == 0, trained.stderr
    stages = [output for output in trained.stderr.splitlines() if output.startswith('[')]
    assert [stage[:5] for stage in stages] == [f'[{n}/10]'[:5] for n in range(1, 11)]
    assert trained.stderr.splitlines()[-1] == f'wrote {bundle}'
    assert '\r' not in trained.stderr
    described = json.loads(trained.stdout)
    assert (described['actors'], described['held_out']) == (35, 4)
    again = policy_gen('train', '--archive', str(archive), '--output', str(bundle), '--preset',
                       'debug', '--json', '-')
    assert 'decoder: made before' in again.stderr.splitlines()
    assert json.loads(again.stdout)['actors'] == 35
    monkeypatch.setattr(sizes, 'QUICK', Sizes(
        behaviors=8, spaced=4, episodes=1, sequences=1, scenario_actors=1, statements=1, samples=2,
        out_of_distribution=1, rehearsals=1, timed=2, steps=(1,), first_pass=0, hypernetwork=0,
        conditioned=0))
    monkeypatch.setattr(subject, 'EPISODE_S', 1.0)
    monkeypatch.setattr(tasks, 'walk_sequences', partial(walk_sequences, steps_each=3))
    monkeypatch.setattr(tasks, 'walk_scenario', partial(walk_scenario, seconds=0.2))
    monkeypatch.setenv(SILENCED, '')  # so that monkeypatch takes back what --quiet sets
    evaluate = ['evaluate', '--quick', '--quiet', '--bundle', str(bundle)]
    assert main([*evaluate, '--archive', str(archive), '--count', '2', '--output', str(out),
                 '--json', str(result)]) == 0
    scores = json.loads(result.read_text())
    assert scores == json.loads((out / 'evaluation.json').read_text())
    assert (scores['archive']['train'], scores['missing']) == (35, '')
    assert scores['details']['held_out']['measures']['count'] == 2
    assert {'nearest_neighbour', 'mean'} <= set(scores['baselines'])
    report = (out / 'report.html').read_text()
    assert '<th scope="row">nearest_neighbour</th>' in report and 'Original archive' in report
    assert '| qualified: held-out, from text |' in (out / 'evaluation.md').read_text()
    table, chatter = capsys.readouterr()
    assert table.splitlines()[-1] == f'report: {out / "report.html"}'
    assert 'qualified: held-out, from text' in table and 'nearest_neighbour' in table
    assert chatter == ''
    other = tmp_path / 'other'
    shutil.copytree(archive, other)
    shutil.rmtree(other / 'chunks' / 'ppo-01')
    assert main([*evaluate, '--archive', str(other)]) == 2
    assert 'chunks/ppo-01/hashes.json is missing' in capsys.readouterr().err
    # The index in the package is of another archive, so goals come from the bundle alone.
    assert main([*evaluate, '--count', '3', '--json', str(result)]) == 0
    scores = json.loads(result.read_text())
    assert scores['details']['held_out']['text']['count'] == 3
    assert scores['reward_ratio'] is None and scores['missing'].startswith('without the archive')
