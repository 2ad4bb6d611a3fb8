# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Who holds the legs: taken from the built-in controller before standing up, and watched after."""

from __future__ import annotations

from collections.abc import Callable
import threading

from policy_gen_ros.controller.loop import WRITER_CHECK_PERIOD_S
from policy_gen_ros.controller.runtime import Event, GUARDED_MODES, LocomotionRuntime
from policy_gen_ros.wire.builtin_controller import BuiltinController
from policy_gen_ros.wire.errors import WireError
from policy_gen_ros.wire.services import NoAnswerError

WATCH_PERIOD_S = 2.0
QUIET_S = 2 * WRITER_CHECK_PERIOD_S + 0.2
"""Nobody else may send LowCmd for so long before the robot stands up."""


class LegKeeper:
    """
    A thread that speaks to the robot's services, whose answers may take seconds.

    :param builtin: None where there is no built-in controller, as with a twin
    :param rival_periods: in how many periods so far another process has sent LowCmd
    :param let_go: sends nothing more soon after it was called
    """

    def __init__(self, runtime: LocomotionRuntime, builtin: BuiltinController | None,
                 rival_periods: Callable[[], int], let_go: Callable[[], None]) -> None:
        self._runtime, self._builtin = runtime, builtin
        self._rival_periods, self._let_go = rival_periods, let_go
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._stand_wanted = False
        self._last_word = threading.Lock()
        self._held_by = 'not yet released'
        self._thread = threading.Thread(target=self._run, name='legs', daemon=True)
        if builtin:
            self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._wake.set()
        if self._builtin:
            self._thread.join(timeout=5.0)
            self._builtin.close()

    def request(self, wish: str) -> tuple[bool, str]:
        """
        Pass a request on to the runtime, as soon as the legs are free.

        :return: as :meth:`policy_gen_ros.controller.runtime.LocomotionRuntime.request` does
        """
        if wish == 'damp':
            return self._damp()
        if self._builtin is None or (wish == 'stand' and self._runtime.refusal(wish)):
            return self._runtime.request(wish)
        if wish == 'stand' and self._runtime.mode not in GUARDED_MODES:
            self._stand_wanted = True
            self._wake.set()
            return True, 'stand: taking the legs from the built-in controller first'
        if self._held_by:
            return False, f'the built-in controller holds the legs ({self._held_by}); call stand'
        return self._runtime.request(wish)

    def _damp(self) -> tuple[bool, str]:
        with self._last_word:
            self._stand_wanted = False
            accepted, said = self._runtime.request('damp')
        if self._builtin and self._held_by:
            said = (f'damp: the legs are not ours ({self._held_by}), so nothing is sent; a stand '
                    'that was asked for is taken back')
        return accepted, said

    def _run(self) -> None:
        while True:
            self._wake.wait(WATCH_PERIOD_S)
            self._wake.clear()
            if self._stopping.is_set():
                return
            try:
                if self._stand_wanted:
                    self._stand_up()
                elif not self._held_by:
                    self._watch()
            except Exception as error:  # nobody else would notice that the legs are taken back
                self._report('error', str(error) if isinstance(error, WireError) else repr(error))

    def _stand_up(self) -> None:
        try:
            self._free_legs()
            with self._last_word:
                if self._stopping.is_set():
                    return
                if not self._stand_wanted:
                    self._report('info', 'not standing up: damp was called meanwhile')
                    return
                accepted, why = self._runtime.request('stand')
        finally:
            self._stand_wanted = False
        if not accepted:
            self._report('warn', f'stand refused: {why}')

    def _free_legs(self) -> None:
        assert self._builtin
        self._builtin.release(report=lambda text: self._report('info', text))
        before = self._rival_periods()
        self._stopping.wait(QUIET_S)
        if self._rival_periods() > before:
            raise WireError('another process sends LowCmd: not standing up; stop it first')
        self._held_by = ''

    def _watch(self) -> None:
        assert self._builtin
        try:
            self._held_by = self._builtin.holds_legs()
        except NoAnswerError:  # older firmware cannot say
            return
        if self._held_by:
            level = 'error' if self._runtime.mode in GUARDED_MODES else 'info'
            self._let_go()  # frames of two would make the legs shake
            self._runtime.request('damp')
            self._report(level, f'the built-in controller took the legs back ({self._held_by}): '
                         'damping, then silence until stand')

    def _report(self, level: str, message: str) -> None:
        self._runtime.events.append(Event(level, message))
