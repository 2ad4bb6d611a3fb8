# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The twin's remote: from a real terminal, over the real wire, and in its LowState."""

from __future__ import annotations

from collections.abc import Iterator
import os
import pty
import signal
import subprocess
import sys
import termios
import time

from policy_gen_ros.deployment.twin import remote as remote_module
from policy_gen_ros.deployment.twin.remote import KEYS, open_remote, STICKS, SWITCH
from policy_gen_ros.deployment.wire.frames import LowState
from policy_gen_ros.deployment.wire.link import RemotePublisher, RobotLink
from policy_gen_ros.deployment.wire.remote import (
    build_remote,
    Key,
    NO_REMOTE,
    parse_remote,
    Remote,
)
import pytest

REST = build_remote(Remote())
ECHO_AND_LINES = termios.ECHO | termios.ICANON


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Give the two ends of a terminal: who types, and who reads."""
    ends = pty.openpty()
    yield ends
    for end in ends:
        os.close(end)


@pytest.fixture
def keyboard(terminal, monkeypatch) -> Iterator[remote_module.KeyboardRemote]:
    made = remote_module.KeyboardRemote(terminal[1])
    monkeypatch.setattr(remote_module, 'STICK_S', 60.0)
    monkeypatch.setattr(remote_module, 'KEY_S', 60.0)
    yield made
    made.close()


def local_flags(terminal: int) -> int:
    return termios.tcgetattr(terminal)[3]


@pytest.mark.parametrize(('name', 'raw'), [('rest', REST), ('none', NO_REMOTE)])
def test_a_remote_at_rest_and_none(name: str, raw: bytes) -> None:
    remote = open_remote(name, 1, 'lo')
    assert remote.read() == raw
    remote.close()


@pytest.mark.parametrize('typed', [*KEYS, *STICKS])
def test_each_key_of_the_keyboard_does_what_it_says(keyboard, terminal, typed: str) -> None:
    assert keyboard.read() == REST
    os.write(terminal[0], typed.upper().encode())
    expected = Remote(keys=KEYS[typed]) if typed in KEYS else Remote(**dict([STICKS[typed]]))
    assert parse_remote(keyboard.read()) == expected


def test_sticks_and_keys_of_the_keyboard_go_together(keyboard, terminal) -> None:
    os.write(terminal[0], b'w?a\x1b[A 1')
    assert parse_remote(keyboard.read()) == Remote(ly=1.0, lx=-1.0, keys=Key.START)


def test_keys_of_the_keyboard_come_up_again(keyboard, terminal, monkeypatch) -> None:
    monkeypatch.setattr(remote_module, 'STICK_S', 0.0)
    monkeypatch.setattr(remote_module, 'KEY_S', 0.0)
    os.write(terminal[0], b'w1')
    assert keyboard.read() == REST


def test_the_keyboards_remote_is_switched_off_and_on(keyboard, terminal) -> None:
    os.write(terminal[0], SWITCH.encode() + b'w')
    assert keyboard.read() == NO_REMOTE
    os.write(terminal[0], SWITCH.encode())
    assert parse_remote(keyboard.read()) == Remote(ly=1.0)


def test_the_terminal_is_given_back_as_it_was(terminal) -> None:
    before = termios.tcgetattr(terminal[1])
    keyboard = remote_module.KeyboardRemote(terminal[1])
    assert not local_flags(terminal[1]) & ECHO_AND_LINES
    keyboard.close()
    assert termios.tcgetattr(terminal[1]) == before


def twin(domain_id: int, *options: str, **streams: int) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, '-m', 'policy_gen_ros.deployment.twin.process', '--domain-id',
         str(domain_id),
         *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **streams)


def wait_for(robot: RobotLink, raw: bytes) -> LowState | None:
    """Wait for a LowState with this remote."""
    end = time.monotonic() + 10.0
    while time.monotonic() < end:
        state = robot.wait_state(1.0)
        if state is not None and state.remote == raw:
            return state
    return None


def test_without_a_terminal_the_keyboard_is_refused_in_one_line(domain_id: int) -> None:
    process = twin(domain_id, '--remote', 'keyboard', stdin=subprocess.DEVNULL)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err == ('go2_twin: --remote keyboard reads keys from a terminal, and standard input is '
                   'none: start it in one, or take --remote topic\n')


@pytest.mark.parametrize('options', [[], ['--lockstep']])
def test_the_twin_says_that_its_remote_is_at_rest(domain_id: int, options) -> None:
    process = twin(domain_id, *options)
    try:
        assert process.stdout.readline().startswith('go2_twin ready')
        with RobotLink(domain_id, 'lo') as robot:
            assert robot.wait_state(10.0).remote == REST
    finally:
        process.kill()
        process.communicate()


def test_keys_typed_reach_lowstate_and_sigterm_gives_the_terminal_back(
        domain_id: int, terminal) -> None:
    before = termios.tcgetattr(terminal[1])
    process = twin(domain_id, '--remote', 'keyboard', stdin=terminal[1])
    try:
        assert process.stdout.readline().startswith('go2_twin ready')
        assert process.stdout.readline().startswith('remote: ')
        assert not local_flags(terminal[1]) & ECHO_AND_LINES
        with RobotLink(domain_id, 'lo') as robot:
            assert wait_for(robot, REST)
            os.write(terminal[0], b' ')
            assert wait_for(robot, build_remote(Remote(keys=Key.L1 | Key.X)))
            assert wait_for(robot, REST)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=10)
        assert (process.returncode, err) == (0, '')
        assert termios.tcgetattr(terminal[1]) == before
    finally:
        process.kill()
        process.communicate()


def test_the_topics_remote_reaches_lowstate_and_gets_lost(domain_id: int) -> None:
    process = twin(domain_id, '--remote', 'topic')
    pressed = Remote(lx=-0.5, ly=1.0, keys=Key.A)
    try:
        assert process.stdout.readline().startswith('go2_twin ready')
        with RobotLink(domain_id, 'lo') as robot, RemotePublisher(domain_id, 'lo') as operator:
            assert robot.wait_state(10.0).remote == NO_REMOTE
            end = time.monotonic() + 10.0
            while robot.wait_state(1.0).remote != build_remote(pressed):
                operator.publish(pressed)
                assert time.monotonic() < end
            assert wait_for(robot, NO_REMOTE)
    finally:
        process.kill()
        process.communicate()
