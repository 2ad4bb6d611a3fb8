"""The command line: results as JSON, bad input as one line."""

import json
import subprocess
import sys

import numpy as np
import pytest


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


@pytest.mark.parametrize(('arguments', 'message'), [
    (['generate', '-o', 'x.safetensors'], 'say what to generate'),
    (['generate', '--text', ' ', '-o', 'x.safetensors'], 'empty'),
    (['generate', '--measures', 'speed=1', '-o', 'x.safetensors'], 'unknown measure'),
    (['generate', '--measures', 'vx_mps', '-o', 'x.safetensors'], 'expected NAME=VALUE'),
    (['generate', '--measures', 'vx_mps=fast', '-o', 'x.safetensors'], 'not a number'),
    (['generate', '--trajectory', 'none.npz', '-o', 'x.safetensors'], 'no trajectory file'),
    (['generate', '--text', 'trot', '--bundle', 'nowhere', '-o', 'x.safetensors'], 'no bundle'),
    (['rollout', 'none.safetensors'], 'no actor at'),
    (['archive', 'info', 'nowhere'], 'no policy archive'),
    (['train', '--archive', 'nowhere'], 'no policy archive'),
    (['evaluate', '--count', '0'], 'at least 1')])
def test_bad_input_is_one_clear_line(arguments, message):
    done = policy_gen(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


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
