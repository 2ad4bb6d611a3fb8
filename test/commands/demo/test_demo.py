# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The command line as a user types it, and the demo over real DDS."""

from __future__ import annotations

from contextlib import suppress
import json
import os
from pathlib import Path
import re
import shutil
import signal
import subprocess
import sys
import time

from foxglove_layout import paths_without_values
from policy_gen_ros.deployment.recording.bag import Bag
from policy_gen_ros.deployment.recording.message_types import JOINT_STATE
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.goals.sequence import parse_sequence
from policy_gen_ros.utils.paths import share_file
import pytest
from rosbags.highlevel import AnyReader

STRING = 'std_msgs/msg/String'


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
    (['demo', '--bundle', 'nowhere'], 'no bundle at nowhere (train one with'),
    (['demo', '--goal', 'limp along'], "'limp' asks for a failure"),
    (['demo', '--goal', 'trot, then lie down'], "'lie down': the demo walks and stands"),
    (['demo', '--goal', 'trot', '--goal', 'e-stop'], "'emergency stop': the demo walks and"),
    (['demo', '--seconds', 'long'], 'invalid float value'),
    (['demo', '--record', sys.executable], 'has to be a new or empty folder: File exists'),
    (['demo', '--record', str(Path(__file__).parent)], 'new or empty folder: Directory not empty'),
    (['demo', '--record', '/proc/bag'], 'has to be a new or empty folder: '),
    (['dance'], "invalid choice: 'dance'")])
def test_bad_input_is_one_line_and_exit_code_2(arguments: list[str], says: str) -> None:
    result = policy_gen(*arguments)
    assert result.returncode == 2
    assert says in result.stderr.splitlines()[-1]
    assert 'Traceback' not in result.stderr


def test_demo_shows_the_last_words_of_a_child_that_ends(tmp_path: Path) -> None:
    bundle = tmp_path / 'torso'
    bundle.mkdir()
    shutil.copy(bundle_path() / 'bundle.json', bundle)
    result = policy_gen('demo', '--goal', 'trot', '--bundle', str(bundle))
    assert result.returncode == 2
    assert 'ended with exit code 1; its last lines:' in result.stderr
    assert 'torso' in result.stderr and 'Traceback' not in result.stderr


@pytest.mark.parametrize('moment', ['first process', 'recording'])
@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_process_behind_and_its_recording(
        tmp_path: Path, number: int, moment: str) -> None:
    bag = tmp_path / 'bag'
    demo = demo_until(tmp_path, moment)
    demo.send_signal(number)
    assert demo.wait(30) == 130
    assert demo.stderr.read() == 'policy_gen: interrupted\n'
    assert processes_of(tmp_path) == []
    if bag.exists():
        with AnyReader([bag]) as reader:
            assert '/joint_states' in reader.topics
    assert bag.exists() or moment == 'first process'


@pytest.mark.skipif(not shutil.which('setpriv'), reason='setpriv (util-linux) is missing')
def test_the_processes_of_a_killed_demo_end(tmp_path: Path) -> None:
    demo = demo_until(tmp_path, 'recording')
    demo.kill()
    demo.wait()
    deadline = time.monotonic() + 30
    while processes_of(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def demo_until(folder: Path, moment: str) -> subprocess.Popen[str]:
    """Start a demo that records, and wait for its first process or for its recording."""
    demo = subprocess.Popen(
        [sys.executable, '-m', 'policy_gen_ros.commands.main', 'demo', '--record',
         str(folder / 'bag'), '--record-format', 'sqlite3'],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=os.environ | {'STARTED_BY': str(folder)})
    deadline = time.monotonic() + 60
    while not (len(processes_of(folder)) > 1 if moment == 'first process' else
               len(processes_of(folder)) > 3 and (folder / 'bag').exists()):
        assert time.monotonic() < deadline and demo.poll() is None
        time.sleep(0.01)
    return demo


def processes_of(folder: Path) -> list[int]:
    """List the demo in a folder and what it started, by a variable of their environment."""
    found = []
    for file in Path('/proc').glob('[0-9]*/environ'):
        with suppress(OSError):  # ended meanwhile, or another user's
            if f'STARTED_BY={folder}'.encode() in file.read_bytes().split(b'\0'):
                found.append(int(file.parent.name))
    return found


def test_demo_walks_a_file_and_a_sequence_of_goals_and_records_them(tmp_path: Path) -> None:
    path, goals, bag = (tmp_path / name for name in ('demo.json', 'goals.yaml', 'bag'))
    goals.write_text('- measures: {vx_mps: 0.4, frequency_hz: 2.5, contact_fl: 0.5}\n'
                     '  seconds: 4\n'
                     '- stand\n')
    result = policy_gen('demo', '--goals', str(goals), '--goal',
                        'trot forward at a medium pace for 4 s, then bound forward',
                        '--seconds', '5', '--json', str(path), '--record', str(bag))
    assert result.returncode == 0, result.stdout + result.stderr
    data = json.loads(path.read_text())
    assert data['fell'] is False and data['seconds'] == pytest.approx(18.0, abs=3.0)
    walked, still, first, second = data['goals']
    assert [goal['text'] for goal in data['goals']] == [
        'vx_mps=0.4, frequency_hz=2.5, contact_fl=0.5', 'stand', 'trot forward at a medium pace',
        'bound forward']
    for goal, family in ((first, 'trot'), (second, 'bound')):
        assert goal['family_asked'] == goal['family_reached'] == family
    for goal in (walked, first, second):
        assert goal['survived'] and goal['goal_to_weights_ms'] > 0 and goal['swap_ms'] > 0
        assert goal['reached']['vx_mps'] > 0.1
    assert walked['reached']['frequency_hz'] == pytest.approx(2.5, abs=0.1)
    assert abs(still['reached']['vx_mps']) < 0.05 and still['reached']['frequency_hz'] is None
    assert 'upright' in result.stdout
    assert f'recorded in {bag}' in result.stdout
    check_recording(bag, data['goals'], tmp_path)


def check_recording(bag: Path, goals: list[dict], folder: Path) -> None:
    """See that Foxglove finds what the layout shows, and that the last walk can be imitated."""
    assert paths_without_values(share_file('config/foxglove_layout.json'), bag) == []
    with Bag(bag) as opened:
        heard = [message.data for _, message in opened.messages('/behavior_goal', STRING)]
        names = next(opened.messages('/joint_states', JOINT_STATE))[1].name
    assert heard[1:] == [goal['text'] for goal in goals[1:]]
    assert parse_sequence(heard[0]).steps[0].describe() == goals[0]['text']
    layout = json.loads(share_file('config/foxglove_layout.json').read_text())
    for config in layout['configById'].values():
        for shown in config.get('paths', []):
            if joint := re.fullmatch(r'/joint_states\.position\[(\d+)\]', shown['value']):
                assert names[int(joint[1])] == f'{shown["label"].replace(" ", "_")}_joint'
    made = policy_gen('generate', '--bag', str(bag), '--bag-seconds', '2', '--json', '-', '-o',
                      str(folder / 'actor.safetensors'))
    assert made.returncode == 0, made.stderr
    assert f'{bag}: /joint_states and /imu: ' in made.stderr
    imitated = json.loads(made.stdout)['actors'][0]['measures']['frequency_hz']
    assert imitated == pytest.approx(goals[-1]['reached']['frequency_hz'], abs=0.5)
