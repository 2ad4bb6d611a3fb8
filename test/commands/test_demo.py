"""The command line as a user types it, and the demo over real DDS."""

from __future__ import annotations

import json
from pathlib import Path
import signal
import subprocess
import sys
import time

import pytest


def policy_gen(*arguments: str, timeout_s: float = 240.0) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run([sys.executable, '-m', 'policy_gen_ros.commands.main', *arguments],
                          capture_output=True, text=True, timeout=timeout_s, check=False)


def test_help_is_fast_and_lists_every_command() -> None:
    start = time.monotonic()
    result = policy_gen('--help')
    assert result.returncode == 0
    for name in ('demo', 'generate', 'rehearse', 'rollout', 'archive', 'train', 'evaluate',
                 'bench'):
        assert f'\n    {name} ' in result.stdout
    assert time.monotonic() - start < 5.0


@pytest.mark.parametrize(('arguments', 'says'), [
    (['demo', '--goal', ' '], 'the goal text is empty'),
    (['demo', '--seconds', '0.1'], '--seconds is 0.1, expected 2 to 600'),
    (['demo', '--video', '/nowhere/at/all.mp4'], 'does not exist'),
    (['demo', '--goals', 'nowhere.yaml'], '--goals: no file at nowhere.yaml'),
    (['demo', '--goal', 'limp along'], "'limp' means trouble"),
    (['demo', '--seconds', 'long'], 'invalid float value'),
    (['dance'], "invalid choice: 'dance'")])
def test_bad_input_is_one_line_and_exit_code_2(arguments: list[str], says: str) -> None:
    result = policy_gen(*arguments)
    assert result.returncode == 2
    assert says in result.stderr.splitlines()[-1]
    assert 'Traceback' not in result.stderr


def test_demo_without_a_bundle_shows_the_last_words_of_the_child(tmp_path: Path) -> None:
    result = policy_gen('demo', '--goal', 'trot', '--bundle', str(tmp_path / 'nowhere'))
    assert result.returncode == 2
    assert 'ended with exit code 1; its last lines:' in result.stderr
    assert 'nowhere' in result.stderr and 'Traceback' not in result.stderr


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_process_behind(number: int) -> None:
    demo = subprocess.Popen([sys.executable, '-m', 'policy_gen_ros.commands.main', 'demo'],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    children = Path(f'/proc/{demo.pid}/task/{demo.pid}/children')
    deadline = time.monotonic() + 30
    while len(children.read_text().split()) < 3:
        assert time.monotonic() < deadline and demo.poll() is None
        time.sleep(0.05)
    pids = children.read_text().split()
    time.sleep(1.0)
    demo.send_signal(number)
    assert demo.wait(30) == 130
    assert demo.stderr.read() == 'policy_gen: interrupted\n'
    assert not [pid for pid in pids if Path(f'/proc/{pid}').exists()]


def test_demo_walks_a_sequence_and_a_file_of_goals(tmp_path: Path) -> None:
    path, goals = tmp_path / 'demo.json', tmp_path / 'goals.yaml'
    goals.write_text('- measures: {vx_mps: 0.4, frequency_hz: 2.5, contact_fl: 0.5}\n'
                     '  seconds: 4\n')
    result = policy_gen('demo', '--goals', str(goals), '--goal',
                        'trot forward at a medium pace for 5 s, then bound forward for 5 seconds, '
                        'then stand', '--seconds', '3', '--json', str(path))
    assert result.returncode == 0, result.stdout + result.stderr
    data = json.loads(path.read_text())
    assert data['fell'] is False and data['seconds'] == pytest.approx(20.0, abs=3.0)
    told, first, second, last = data['goals'][0], *data['goals'][2:]
    assert [goal['text'] for goal in (told, first, second, last)] == [
        'vx_mps=0.4, frequency_hz=2.5, contact_fl=0.5', 'trot forward at a medium pace',
        'bound forward', 'stand']
    for goal, family in ((first, 'trot'), (second, 'bound')):
        assert goal['family_asked'] == goal['family_reached'] == family
    for goal in (told, first, second):
        assert goal['survived'] and goal['goal_to_weights_ms'] > 0 and goal['swap_ms'] > 0
        assert goal['reached']['vx_mps'] > 0.1
    assert told['reached']['frequency_hz'] == pytest.approx(2.5, abs=0.1)
    assert abs(last['reached']['vx_mps']) < 0.05 and last['reached']['frequency_hz'] is None
    assert 'upright' in result.stdout
