# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Who holds the legs: taken from the built-in controller before standing up, then monitored."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from policy_gen_ros.deployment.controller.loop import WRITER_CHECK_PERIOD_S
from policy_gen_ros.deployment.controller.modes import GUARDED_MODES, STANDING, STANDING_UP
from policy_gen_ros.deployment.wire.builtin_controller import BuiltinController
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.services import NoAnswerError

MONITOR_PERIOD_S = 2.0
QUIET_S = 2 * WRITER_CHECK_PERIOD_S + 0.2
"""Nobody else may send LowCmd for so long before the robot stands up."""
STAND_S, BEGIN_S = 20.0, 2.0
"""
Standing up takes two seconds of the robot's time, which in a slow twin are more. It begins at the
next tick.
"""
_POLL_S = 0.02


class ControlHandle(Protocol):
    """What is needed of :class:`policy_gen_ros.deployment.controller.client.ControlClient`."""

    @property
    def mode(self) -> str:
        """Return the controller's mode."""

    @property
    def stops(self) -> int:
        """Return how often a stop chord was pressed on the remote."""

    @property
    def other_writer_periods(self) -> int:
        """Return in how many periods so far another process has sent LowCmd."""

    def request(self, wish: str) -> tuple[bool, str]:
        """Pass a request on."""

    def refusal(self, wish: str) -> str:
        """Say why a request cannot be met; nothing if it can."""

    def let_go(self) -> None:
        """Send nothing more soon."""

    def report(self, level: str, message: str) -> None:
        """Add an event."""


class ControlAuthority:
    """
    Answers requests, and monitors that nobody takes the legs back, in a thread of its own.

    :param builtin: None where there is no built-in controller, as with a twin
    """

    def __init__(self, control: ControlHandle, builtin: BuiltinController | None) -> None:
        self._control, self._builtin = control, builtin
        self._stopping = threading.Event()
        self._standing_up = threading.Lock()
        self._last_word = threading.Lock()
        self._stand_wanted = False
        self._held_by = 'not yet released' if builtin else ''
        self._thread = threading.Thread(target=self._run, name='legs', daemon=True)
        if builtin:
            self._thread.start()

    def close(self) -> None:
        """End the thread, and a stand that is under way."""
        self._stopping.set()
        if self._builtin:
            self._thread.join(timeout=5.0)
            self._builtin.close()

    def request(self, wish: str) -> tuple[bool, str]:
        """
        Meet a request; only ``stand`` takes its time, seconds on a robot.

        :return: whether it was met, and one line on what happened
        """
        if wish == 'stand':
            return self._stand()
        if wish == 'damp':
            return self._damp()
        if self._held_by:
            return False, f'the built-in controller holds the legs ({self._held_by}); call stand'
        return self._control.request(wish)

    def _damp(self) -> tuple[bool, str]:
        with self._last_word:
            self._stand_wanted = False
            accepted, text = self._control.request('damp')
        if self._held_by:
            text = (f'damp: the legs are not ours ({self._held_by}), so nothing is sent; a stand '
                    'that was asked for is taken back')
        return accepted, text

    def _stand(self) -> tuple[bool, str]:
        why_not = self._control.refusal('stand')
        if why_not:
            return False, why_not
        if not self._standing_up.acquire(blocking=False):
            return False, 'stand: one that was asked for before is still under way'
        try:
            self._stand_wanted, stops = True, self._control.stops
            if self._builtin and self._control.mode not in GUARDED_MODES:
                self._free_legs(self._builtin)
            with self._last_word:
                if not self._stand_wanted or self._stopping.is_set():
                    return False, 'not standing up: damp was called meanwhile'
                if self._control.stops != stops:
                    return False, 'not standing up: the operator pressed stop meanwhile'
                accepted, text = self._control.request('stand')
            return self._await_stand() if accepted else (False, f'stand refused: {text}')
        except WireError as error:
            return False, str(error)
        finally:
            self._stand_wanted = False
            self._standing_up.release()

    def _await_stand(self) -> tuple[bool, str]:
        """Wait until the robot stands, or something came between."""
        started_s, rising = time.monotonic(), False
        while (elapsed_s := time.monotonic() - started_s) < STAND_S:
            mode = self._control.mode
            rising = rising or mode == STANDING_UP
            if mode == STANDING or (rising and mode in GUARDED_MODES and mode != STANDING_UP):
                return True, f'stand: the robot is {mode}'
            if mode not in GUARDED_MODES and (rising or elapsed_s > BEGIN_S):
                return False, f'stand: the robot did not come to stand, it is {mode}'
            if self._stopping.wait(_POLL_S):
                return False, 'stand: the controller stops'
        return False, f'stand: the robot is still {self._control.mode} after {STAND_S:g} s'

    def _free_legs(self, builtin: BuiltinController) -> None:
        builtin.release(report=lambda text: self._control.report('info', text))
        before = self._control.other_writer_periods
        self._stopping.wait(QUIET_S)
        if self._control.other_writer_periods > before:
            raise WireError('another process sends LowCmd: not standing up; stop it first')
        self._held_by = ''

    def _run(self) -> None:
        assert self._builtin
        while not self._stopping.wait(MONITOR_PERIOD_S):
            if self._held_by or self._stand_wanted:
                continue
            try:
                self._check_legs(self._builtin)
            except Exception as error:  # nobody else would notice that the legs are taken back
                self._control.report(
                    'error', str(error) if isinstance(error, WireError) else repr(error))

    def _check_legs(self, builtin: BuiltinController) -> None:
        try:
            self._held_by = builtin.holds_legs()
        except NoAnswerError:  # older firmware cannot say
            return
        if self._held_by:
            level = 'error' if self._control.mode in GUARDED_MODES else 'info'
            self._control.let_go()  # frames of two would make the legs shake
            self._control.request('damp')
            self._control.report(
                level, f'the built-in controller took the legs back ({self._held_by}): damping, '
                'then silence until stand')
