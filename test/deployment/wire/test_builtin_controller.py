# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Taking the legs from the built-in controller, which the SDK's own server plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
import subprocess
import sys
import threading
import time

from policy_gen_ros.deployment.controller import control_authority as leg_keeper
from policy_gen_ros.deployment.controller.control_authority import ControlAuthority
from policy_gen_ros.deployment.controller.modes import (
    DAMPING,
    FAULT,
    PASSIVE,
    STANDING,
    STANDING_UP,
)
from policy_gen_ros.deployment.wire.builtin_controller import BuiltinController
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.services import NoAnswerError
import pytest

Start = Callable[[str], BuiltinController]


class Session:
    """Robots and the builtin controllers that are spoken to."""

    def __init__(self, domain_id: int, folder: Path) -> None:
        self.domain_id, self.log = domain_id, folder / 'robot.log'
        self.process: subprocess.Popen[bytes] | None = None
        self.client = BuiltinController(domain_id, 'lo', settle_s=0.1)

    def robot(self, firmware: str) -> BuiltinController:
        with self.log.open('wb') as sink:
            self.process = subprocess.Popen(
                [sys.executable, '-u', Path(__file__).with_name('robot_services.py'),
                 str(self.domain_id), firmware], stdout=sink, stderr=subprocess.STDOUT)
        return self.client

    def actions(self) -> list[str]:
        return [line for line in self.log.read_text().splitlines()
                if line.split()[0] in ('lies', 'release', 'switch')]

    def close(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
        self.client.close()


@pytest.fixture
def session(domain_id: int, tmp_path: Path) -> Iterator[Session]:
    opened = Session(domain_id, tmp_path)
    yield opened
    opened.close()


def wait_for(session: Session, firmware: str) -> BuiltinController:
    client = session.robot(firmware)
    assert session.process is not None
    while 'ready' not in session.log.read_text():
        assert session.process.poll() is None, session.log.read_text()
    return client


def test_it_lies_down_and_lets_go(session: Session) -> None:
    client, reports = wait_for(session, 'new'), []
    assert client.holds_legs() == 'normal'
    client.release(report=reports.append)
    assert client.holds_legs() == ''
    assert session.actions() == ['lies down', 'release True'] * 2
    assert reports[-1] == 'the built-in controller has let go of the legs'
    client.release(report=reports.append)
    assert len(session.actions()) == 4


def test_one_that_never_lets_go_is_given_up(session: Session) -> None:
    client = wait_for(session, 'stubborn')
    with pytest.raises(WireError, match=r'still holds the legs \(mode normal\) after 0.5 s'):
        client.release(timeout_s=0.5)


def test_older_firmware_is_switched_off(session: Session) -> None:
    client = wait_for(session, 'old')
    with pytest.raises(NoAnswerError, match='motion_switcher is not there'):
        client.holds_legs()
    reports: list[str] = []
    client.release(report=reports.append)
    assert session.actions() == [
        'lies down', 'switch {"name": "sport_mode", "switch": 0} True']
    assert reports == ['sport_mode is switched off (older firmware)']


def test_a_service_that_refuses_is_named(session: Session) -> None:
    client = wait_for(session, 'refusing')
    with pytest.raises(WireError, match='motion_switcher refused request 1001 with code 7'):
        client.holds_legs()


def test_nobody_there(session: Session) -> None:
    with pytest.raises(NoAnswerError, match='neither motion_switcher nor robot_state answers'):
        session.client.release()


class Control:
    """The control process as the keeper sees it: what it is asked for stays in a list."""

    def __init__(self) -> None:
        self.mode, self.stops = PASSIVE, 0
        self.wishes: list[str] = []
        self.events: list[str] = []
        self.other_writers = iter(lambda: 0, 1)
        self.why_not = ''
        self.has_let_go = threading.Event()

    @property
    def other_writer_periods(self) -> int:
        return next(self.other_writers)

    def refusal(self, wish: str) -> str:
        return self.why_not

    def request(self, wish: str) -> tuple[bool, str]:
        self.wishes.append(wish)
        if wish == 'stand':
            self.mode = STANDING_UP
        return True, f'{wish}: accepted'

    def let_go(self) -> None:
        self.has_let_go.set()

    def report(self, level: str, message: str) -> None:
        self.events.append(message)


class Keeping:
    """A keeper of legs, and requests to stand that go on in threads of their own."""

    def __init__(self, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(leg_keeper, 'MONITOR_PERIOD_S', 0.05)
        monkeypatch.setattr(leg_keeper, 'QUIET_S', 0.2)
        self.control = Control()
        self.keeper = ControlAuthority(self.control, session.client)
        self._pool = ThreadPoolExecutor()

    def stand(self) -> Future[tuple[bool, str]]:
        return self._pool.submit(self.keeper.request, 'stand')

    def reports(self) -> str:
        return ' / '.join(self.control.events)

    def wait(self, ready: Callable[[], object]) -> None:
        deadline_s = time.monotonic() + 20
        while not ready():
            assert time.monotonic() < deadline_s, self.reports()
            time.sleep(0.02)

    def close(self) -> None:
        self.keeper.close()
        self._pool.shutdown()


@pytest.fixture
def keeping(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeping]:
    opened = Keeping(session, monkeypatch)
    yield opened
    opened.close()


def test_stand_frees_the_legs_and_answers_when_the_robot_stands(
        session: Session, keeping: Keeping) -> None:
    wait_for(session, 'new')
    accepted, why = keeping.keeper.request('activate')
    assert not accepted and 'the built-in controller holds the legs' in why
    stand = keeping.stand()
    keeping.wait(lambda: keeping.control.wishes)
    assert keeping.control.wishes == ['stand'] and session.actions()[-1] == 'release True'
    assert not stand.done(), 'it has not come to stand yet'
    keeping.control.mode = STANDING
    assert stand.result(20) == (True, 'stand: the robot is standing')
    assert keeping.keeper.request('activate')[0]


def test_stand_says_that_the_robot_did_not_come_to_stand(session: Session,
                                                         keeping: Keeping) -> None:
    wait_for(session, 'new')
    stand = keeping.stand()
    keeping.wait(lambda: keeping.control.wishes)
    time.sleep(0.1)  # it is seen to rise
    keeping.control.mode = FAULT
    accepted, why = stand.result(20)
    assert not accepted and 'did not come to stand, it is fault' in why


def test_damp_takes_back_a_stand_that_is_under_way(session: Session, keeping: Keeping) -> None:
    wait_for(session, 'new')
    stand = keeping.stand()
    keeping.wait(lambda: 'releasing the built-in controller' in keeping.reports())
    accepted, text = keeping.keeper.request('damp')
    assert accepted and 'the legs are not ours (not yet released), so nothing is sent' in text
    assert stand.result(20) == (False, 'not standing up: damp was called meanwhile')
    assert keeping.control.wishes == ['damp']


def test_a_stop_chord_takes_back_a_stand_that_is_under_way(session: Session,
                                                           keeping: Keeping) -> None:
    wait_for(session, 'new')
    stand = keeping.stand()
    keeping.wait(lambda: 'releasing the built-in controller' in keeping.reports())
    keeping.control.stops += 1
    assert stand.result(20) == (False, 'not standing up: the operator pressed stop meanwhile')
    assert keeping.control.wishes == []


def test_a_second_stand_does_not_wait_for_the_first(session: Session, keeping: Keeping) -> None:
    wait_for(session, 'new')
    keeping.stand()
    keeping.wait(lambda: 'releasing the built-in controller' in keeping.reports())
    accepted, why = keeping.keeper.request('stand')
    assert not accepted and 'still under way' in why


def test_a_keeper_that_is_closed_asks_for_nothing_more(session: Session, keeping: Keeping) -> None:
    wait_for(session, 'new')
    stand = keeping.stand()
    keeping.wait(lambda: 'has let go of the legs' in keeping.reports())
    keeping.keeper.close()
    assert not stand.result(20)[0] and keeping.control.wishes == []


def test_what_cannot_stand_up_is_not_released(session: Session, keeping: Keeping) -> None:
    wait_for(session, 'new')
    keeping.control.why_not = 'in fault; look at the robot, then call damp first'
    assert keeping.keeper.request('stand') == (False, keeping.control.why_not)
    assert session.actions() == []


def test_nobody_stands_up_beside_another_controller(session: Session, keeping: Keeping) -> None:
    wait_for(session, 'new')
    keeping.control.other_writers = iter(range(1000))
    accepted, why = keeping.keeper.request('stand')
    assert not accepted and 'another process sends LowCmd: not standing up' in why
    assert keeping.control.wishes == []


@pytest.mark.parametrize('mode', [STANDING, DAMPING])
def test_legs_that_are_taken_back_are_let_go(session: Session, keeping: Keeping,
                                             mode: str) -> None:
    keeping.control.mode = mode
    wait_for(session, 'comes back')
    keeping.keeper._free_legs(session.client)
    assert not keeping.control.has_let_go.is_set()
    keeping.wait(lambda: 'took the legs back (ai): damping' in keeping.reports())
    assert keeping.control.wishes == ['damp'] and keeping.control.has_let_go.is_set()
    accepted, why = keeping.keeper.request('activate')
    assert not accepted and 'holds the legs (ai)' in why


def test_a_silent_robot_is_said_and_asked_again(session: Session, keeping: Keeping) -> None:
    accepted, why = keeping.keeper.request('stand')
    assert not accepted and 'neither motion_switcher nor robot_state answers' in why
    assert keeping.control.wishes == []
    wait_for(session, 'new')
    keeping.stand()
    keeping.wait(lambda: keeping.control.wishes)
