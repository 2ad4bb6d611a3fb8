# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Taking the legs from the robot's built-in controller.

Newer firmware has a motion switcher: while it names a mode, the built-in controller holds the
legs. On older firmware a service of its own is switched off instead, and says nothing afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
import time

from policy_gen_ros.deployment.wire.channel import Participant
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.services import NoAnswerError, RobotService

_CHECK_MODE, _RELEASE_MODE = 1001, 1003
_STAND_DOWN = 1005
_SERVICE_SWITCH = 1001
_SETTLE_S = 3.0
"""Lying down takes that long; who lets go sooner drops the robot."""


class BuiltinController:
    """
    What the robot came with.

    :param settle_s: time given to lying down, and to the release
    """

    def __init__(self, domain_id: int, interface: str | None,
                 settle_s: float = _SETTLE_S) -> None:
        self._participant = Participant(domain_id, interface)
        self._switcher, self._sport, self._state = (
            RobotService(self._participant, name)
            for name in ('motion_switcher', 'sport', 'robot_state'))
        self._settle_s = settle_s

    def close(self) -> None:
        """Leave the wire."""
        self._participant.close()

    def holds_legs(self) -> str:
        """
        Return the mode in which it holds the legs; empty: it does not.

        :raises NoAnswerError: no motion switcher: older firmware, a twin, or no robot
        """
        return str(self._switcher.call(_CHECK_MODE).get('name') or '')

    def release(self, timeout_s: float = 20.0,
                report: Callable[[str], None] = lambda _: None) -> None:
        """
        Let the robot lie down and make its controller let go.

        :param report: told what is done
        :raises WireError: it still holds the legs after ``timeout_s``, or nobody answers
        """
        deadline_s = time.monotonic() + timeout_s
        try:
            mode = self.holds_legs()
        except NoAnswerError:
            self._switch_off(report)
            return
        while mode:
            if time.monotonic() > deadline_s:
                raise WireError(f'the built-in controller still holds the legs (mode {mode}) '
                                f'after {timeout_s:g} s; release it with the app')
            report(f'releasing the built-in controller (mode {mode})')
            self._lie_down()
            self._switcher.call(_RELEASE_MODE)
            time.sleep(self._settle_s / 3)
            mode = self.holds_legs()
        report('the built-in controller has let go of the legs')

    def _lie_down(self) -> None:
        try:
            self._sport.call(_STAND_DOWN)
        except WireError:  # it may lie already, in a mode that knows no such request
            return
        time.sleep(self._settle_s)

    def _switch_off(self, report: Callable[[str], None]) -> None:
        self._lie_down()
        try:
            status = self._state.call(_SERVICE_SWITCH, {'name': 'sport_mode', 'switch': 0}).get(
                'status')
        except NoAnswerError as error:
            raise NoAnswerError('neither motion_switcher nor robot_state answers: is this the '
                                "robot's network, and the robot on?") from error
        if status not in (0, 1):
            raise WireError(f'sport_mode cannot be switched off (status {status}); do it in the '
                            'app')
        report('sport_mode is switched off (older firmware)')
