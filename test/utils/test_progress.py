# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Progress: a bar on a terminal, whole lines in a pipe, nothing where it is silenced."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
import pty
import struct
import subprocess
import sys
import termios

from policy_gen_ros.utils import progress as module
from policy_gen_ros.utils.progress import note, progress, silence, SILENCED, Stages
from policy_gen_ros.utils.workers import run_jobs
import pytest
from test_layering import imported_modules, PACKAGE, SOURCES

NESTED = """
from policy_gen_ros.utils import progress as module
module.SHOWN_AFTER_S, module.LINE_EVERY_S = 0.0, (0.0, 0.0)
for _ in module.progress(range(3), about='outer', unit='walk'):
    for _ in module.progress(range(2), about='inner', unit='tick'):
        pass
module.note('done')
"""


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show work that is over soon, too, and each of its lines."""
    monkeypatch.setattr(module, 'SHOWN_AFTER_S', 0.0)
    monkeypatch.setattr(module, 'LINE_EVERY_S', (0.0, 0.0))
    monkeypatch.delenv(SILENCED, raising=False)


def test_all_bars_are_made_in_one_place() -> None:
    users = [path.name for path in SOURCES for _, name in imported_modules(path)
             if name.split('.')[0] == 'tqdm']
    assert users == ['progress.py']
    assert f'{PACKAGE}.utils.progress' not in [
        name for _, name in imported_modules(Path(module.__file__))]


def test_a_pipe_gets_whole_lines_with_the_time_left(
        at_once: None, capfd: pytest.CaptureFixture[str]) -> None:
    bar = progress(range(4), about='walking', unit='tick')
    for _ in bar:
        bar.set_postfix(loss='0.1')
    output = capfd.readouterr().err
    assert '\r' not in output and '\x1b' not in output
    lines = output.splitlines()
    assert all(line.startswith('walking: ') and ' left' in line for line in lines)
    assert lines[-1].startswith('walking: 100 %, 4 of 4, 00:00 so far, 00:00 left')
    assert lines[-1].endswith('loss=0.1')


def test_lines_are_rare_but_for_the_first_and_the_last(
        at_once: None, monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(module, 'LINE_EVERY_S', (1e6, 1e6))
    bar = progress(total=5, about='walking', unit='tick', at_once=True)
    for _ in range(5):
        bar.update()
        bar.refresh()
    bar.close()
    shares = [line.split(',')[0] for line in capfd.readouterr().err.splitlines()]
    assert shares == ['walking: 0 %', 'walking: 100 %']


def test_what_an_earlier_run_did_counts(at_once: None, capfd: pytest.CaptureFixture[str]) -> None:
    list(progress(range(3, 4), about='steps', unit='step', done=3, total=4))
    assert 'steps: 100 %, 4 of 4' in capfd.readouterr().err


def test_short_work_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(progress(range(3), about='walking', unit='tick')) == [0, 1, 2]
    assert capfd.readouterr().err == ''


def test_stages_are_counted(at_once: None, capfd: pytest.CaptureFixture[str]) -> None:
    stages = Stages(2)
    stages.begin('decoder')
    stages.begin('captions')
    assert capfd.readouterr().err == '[1/2] decoder\n[2/2] captions\n'


def test_silenced_by_the_switch_of_tqdm(at_once: None,
                                        capfd: pytest.CaptureFixture[str]) -> None:
    silence()
    assert list(progress(range(3), about='walking', unit='tick', at_once=True)) == [0, 1, 2]
    note('chatter')
    assert capfd.readouterr().err == ''


def test_a_reader_that_leaves_does_not_end_the_work() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, '-c', NESTED + 'print("finished")'], stderr=write,
                          stdout=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stdout) == (0, 'finished\n')


def test_a_terminal_gets_a_bar_and_a_second_one_below_it() -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 30, 100, 0, 0))
    done = subprocess.run([sys.executable, '-c', NESTED], stderr=theirs, check=False)
    assert done.returncode == 0
    # Read while the other end is open: what is in the buffer can be lost when it closes.
    drawn = ''
    while not drawn.endswith('done\r\n'):
        drawn += os.read(ours, 1 << 16).decode()
    os.close(theirs)
    os.close(ours)
    last = drawn.split('\r')
    assert any(part.startswith('outer: 100%|') and '3/3 [00:00<00:00' in part for part in last)
    assert '\n\rinner:   0%|' in drawn and '\x1b[A' in drawn
    assert drawn.endswith('\r\ndone\r\n')


def _draw(_: None, job: int) -> int:
    return sum(progress(range(3), about=f'job {job}', unit='tick', at_once=True))


def test_workers_show_no_bars(at_once: None, capfd: pytest.CaptureFixture[str]) -> None:
    assert dict(run_jobs(_draw, None, [0, 1])) == {0: 3, 1: 3}
    assert _draw(None, 2) == 3
    output = capfd.readouterr().err
    assert 'job 2: 0 %' in output and 'job 0' not in output and 'job 1' not in output
