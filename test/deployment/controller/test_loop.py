# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The control loop with a link in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
import os
import threading
import time

from controller_helpers import make_actor, make_adaptor, standing_state
import numpy as np
from policy_gen_ros.deployment.controller.loop import (
    ControlLoop,
    LET_GO_FRAMES,
    SecondControllerError,
    STOP_FRAMES,
)
from policy_gen_ros.deployment.controller.runtime import LocomotionRuntime
from policy_gen_ros.deployment.controller.swap import HandOver
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.frames import LowCommand, LowState
from policy_gen_ros.domains.go2.robot import constants as go2
import pytest


class FakeLink:
    """Gives the states that the test puts in and keeps the frames that the loop sends."""

    def __init__(self, others: int = 0) -> None:
        self.others, self.sent = others, []
        self._state: LowState | None = None
        self._arrived = threading.Condition()

    def put(self, tick_ms: int) -> None:
        with self._arrived:
            self._state = standing_state(tick_ms=tick_ms)
            self._arrived.notify_all()

    def wait_state(self, timeout_s: float) -> LowState | None:
        with self._arrived:
            if self._state is None and timeout_s > 0:
                self._arrived.wait(timeout_s)
            state, self._state = self._state, None
            return state

    def latest_sport(self) -> None:
        return None

    def send(self, command: LowCommand) -> None:
        self.sent.append(command)

    def other_writer_spoke(self) -> bool:
        return False

    def other_writers(self) -> int:
        return self.others


class Running:
    """A loop at work in a thread."""

    def __init__(self, loop: ControlLoop) -> None:
        self.loop, self.ticks = loop, 0
        loop.claim()
        self._thread = threading.Thread(target=loop.run, args=[self._count], daemon=True)
        self._thread.start()

    def _count(self, now_s: float, state: LowState | None) -> None:
        self.ticks += state is not None

    def stop(self) -> None:
        self.loop.stop()
        self._thread.join(5.0)
        assert not self._thread.is_alive()


def answer(link: FakeLink, tick_ms: int) -> LowCommand:
    """Put a state and wait for its frame."""
    count = len(link.sent)
    link.put(tick_ms)
    end = time.monotonic() + 5
    while len(link.sent) == count and time.monotonic() < end:
        time.sleep(0.0005)
    return link.sent[count]


@pytest.fixture
def runtime() -> LocomotionRuntime:
    made = LocomotionRuntime(make_adaptor(), auto_activate=True)
    made.walk.slot.offer(HandOver(make_actor(), 0.0))
    return made


def test_tick_clock_answers_each_state_once_and_a_repeated_one_alike(
        runtime: LocomotionRuntime) -> None:
    link = FakeLink()
    loop = ControlLoop(runtime, link, 'tick', 'test')
    running = Running(loop)
    for k in range(150):
        frame = answer(link, 20 * k)
    assert runtime.mode == 'walking', 'three simulated seconds have passed, however long they took'
    ticks = runtime.walk.policy_ticks
    assert answer(link, 20 * 149) is frame
    assert runtime.walk.policy_ticks == ticks
    assert running.ticks == 151
    running.stop()
    assert len(link.sent) == 151 + STOP_FRAMES


def test_stop_sends_damping_frames(runtime: LocomotionRuntime) -> None:
    link = FakeLink()
    loop = ControlLoop(runtime, link, 'tick', 'test')
    running = Running(loop)
    answer(link, 0)
    running.stop()
    running.stop()
    for frame in link.sent[-STOP_FRAMES:]:
        assert not frame.kp.any() and (frame.kd == go2.KD_DAMPING).all()


def test_a_crash_in_the_runtime_ends_in_damping(runtime: LocomotionRuntime,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    link = FakeLink()
    loop = ControlLoop(runtime, link, 'tick', 'test')
    monkeypatch.setattr(runtime, 'tick', lambda *_: 1 / 0)
    running = Running(loop)
    frame = answer(link, 0)
    running.stop()
    assert (frame.kd == go2.KD_DAMPING).all() and runtime.mode == 'fault'
    assert 'ZeroDivisionError' in loop.failure


def test_a_frame_that_is_not_written_does_not_keep_the_other_stop_frames_back(
        runtime: LocomotionRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    link, refused = FakeLink(), []

    def refuse_twice(command: LowCommand) -> None:
        if len(refused) < 2:
            refused.append(command)
            raise WireError('DDS write failed: timeout')
        link.sent.append(command)

    monkeypatch.setattr(link, 'send', refuse_twice)
    loop = ControlLoop(runtime, link, 'tick', 'test')
    running = Running(loop)
    answer(link, 0)
    running.stop()
    assert len(link.sent) == STOP_FRAMES - 1
    assert all((frame.kd == go2.KD_DAMPING).all() for frame in link.sent)
    assert 'DDS write failed' in loop.failure
    assert 'a damping frame was not sent' in ' '.join(event.message for event in runtime.events)


def test_what_was_asked_for_before_a_stop_is_not_done_after_it(
        runtime: LocomotionRuntime) -> None:
    soon_silent, link = FakeLink(), FakeLink()
    loop = ControlLoop(runtime, soon_silent, 'tick', 'test')
    running = Running(loop)
    answer(soon_silent, 0)
    assert runtime.request('stand')[0]
    running.stop()
    loop = ControlLoop(runtime, link, 'tick', 'test')
    running = Running(loop)
    first = answer(link, 2)
    running.stop()
    assert not first.kp.any()


def test_wall_clock_keeps_500_hz_and_notices_silence(runtime: LocomotionRuntime) -> None:
    link = FakeLink()
    runtime.set_limits(replace(runtime.limits, state_timeout_s=0.5))
    loop = ControlLoop(runtime, link, 'wall', 'test')
    running = Running(loop)
    start = time.monotonic()
    while time.monotonic() - start < 1.0:
        link.put(round((time.monotonic() - start) * 1e3))
        time.sleep(0.002)
    status = loop.status()
    assert 400 <= status.lowcmd_sent + status.missed_ticks <= 520
    assert status.connected and runtime.mode == 'walking'
    time.sleep(0.9)
    assert runtime.mode == 'damping'
    running.stop()


def test_a_tick_left_at_zero_tells_no_real_time_factor(runtime: LocomotionRuntime) -> None:
    link = FakeLink()
    loop = ControlLoop(runtime, link, 'wall', 'test')
    running = Running(loop)
    end = time.monotonic() + 1.3
    while time.monotonic() < end:
        link.put(0)
        time.sleep(0.005)
    assert np.isnan(loop.status().realtime_factor)
    running.stop()


def feed(link: FakeLink, until: Callable[[], object]) -> None:
    """Put states, one after the other, until something is so."""
    end = time.monotonic() + 5
    while not until() and time.monotonic() < end:
        link.put(round(time.monotonic() * 1e3))
        time.sleep(0.002)
    assert until()


def test_beside_the_built_in_controller_nothing_is_sent_until_the_legs_are_taken() -> None:
    runtime, link = LocomotionRuntime(make_adaptor()), FakeLink()
    loop = ControlLoop(runtime, link, 'wall', 'test', alone=False)
    running = Running(loop)
    feed(link, lambda: running.ticks >= 30)
    runtime.request('damp')
    feed(link, lambda: runtime.mode == 'damping')
    feed(link, lambda: running.ticks >= 60)
    assert link.sent == [], 'there is nothing of ours to damp'
    runtime.request('stand')
    feed(link, lambda: link.sent)
    assert link.sent[0].kp.all()
    running.stop()
    assert all((frame.kd == go2.KD_DAMPING).all() for frame in link.sent[-STOP_FRAMES:])
    count = len(link.sent)
    loop = ControlLoop(runtime, link, 'wall', 'test', alone=False)
    running = Running(loop)
    feed(link, lambda: running.ticks >= 30)
    running.stop()
    assert len(link.sent) == count, 'the legs may be in other hands by now'


def test_legs_that_others_have_taken_are_left_to_them() -> None:
    runtime, link = LocomotionRuntime(make_adaptor()), FakeLink()
    loop = ControlLoop(runtime, link, 'wall', 'test', alone=False)
    running = Running(loop)
    feed(link, lambda: running.ticks)
    for _ in range(2):
        assert runtime.request('stand')[0]
        feed(link, lambda: runtime.mode == 'standing_up')
        loop.let_go()
        runtime.request('damp')
        feed(link, lambda: runtime.mode == 'damping')
        ticks = running.ticks
        feed(link, lambda ticks=ticks: running.ticks >= ticks + 200)  # 0.4 s
        damping = len([frame for frame in link.sent if (frame.kd == go2.KD_DAMPING).all()])
        assert damping == LET_GO_FRAMES
        link.sent.clear()
    running.stop()
    assert link.sent == []


def test_legs_that_were_never_taken_are_not_damped_at_the_end() -> None:
    runtime, link = LocomotionRuntime(make_adaptor()), FakeLink()
    loop = ControlLoop(runtime, link, 'wall', 'test', alone=False)
    running = Running(loop)
    feed(link, lambda: running.ticks)
    running.stop()
    assert link.sent == []


def test_second_controller_is_refused(runtime: LocomotionRuntime) -> None:
    loop = ControlLoop(runtime, FakeLink(others=1), 'wall', 'domain 7 interface lo')
    with pytest.raises(SecondControllerError, match='another controller is sending LowCmd on '
                                                    'domain 7 interface lo'):
        Running(loop)


def test_unknown_clock_is_refused(runtime: LocomotionRuntime) -> None:
    with pytest.raises(ValueError, match="clock is 'sim'"):
        ControlLoop(runtime, FakeLink(), 'sim', 'test')


@pytest.mark.parametrize('allowed', [True, False])
def test_real_time_priority_is_asked_for_or_said_to_be_refused(runtime, allowed, monkeypatch):
    asked = []

    def schedule(thread: int, policy: int, parameters: os.sched_param) -> None:
        asked.append((thread, policy, parameters.sched_priority))
        if not allowed:
            raise PermissionError('Operation not permitted')

    monkeypatch.setattr(os, 'sched_setscheduler', schedule)
    link = FakeLink()
    loop = ControlLoop(runtime, link, 'tick', 'nowhere', priority=30)
    running = Running(loop)
    answer(link, 2)
    running.stop()
    assert asked == [(0, os.SCHED_FIFO, 30)] and loop.failure is None
    remarks = [event.message for event in runtime.events if 'rtprio' in event.message]
    assert len(remarks) == (0 if allowed else 1)
