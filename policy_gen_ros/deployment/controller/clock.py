# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The age of LowStates, also of a sender that leaves their tick at zero.

A tick that advances tells a new state from one that is sent again. Unitree's own simulator leaves
it at zero: there every state that arrives is new, and time is that of arrival.
"""

from __future__ import annotations

UNFILLED_FRAMES = 10
"""So many states in a row with tick 0, and the sender does not fill it."""
_TICK_WRAP = 1 << 32


class StateClock:
    """Follows the ticks of one robot."""

    def __init__(self) -> None:
        self._zeros = 0
        self._tick_ms: int | None = None
        self._fresh_s = 0.0

    @property
    def ticks(self) -> bool:
        """Whether the sender fills the tick; true until it is known."""
        return self._zeros < UNFILLED_FRAMES

    def arrived(self, tick_ms: int, now_s: float) -> tuple[bool, int]:
        """
        Take the tick of a state that has just arrived.

        :return: whether the state is a new one; and by how much the tick, or time, went back, in
            ms, which it does where robot or twin were restarted
        """
        self._zeros = self._zeros + 1 if tick_ms == 0 else 0
        if self._tick_ms is None:
            self._tick_ms, self._fresh_s = tick_ms, now_s
            return True, 0
        ahead = (tick_ms - self._tick_ms) % _TICK_WRAP
        if ahead == 0 and tick_ms:
            return False, 0
        back = self._tick_ms - tick_ms if ahead > _TICK_WRAP // 2 else 0
        if self._fresh_s > now_s:  # after a robot without ticks comes one whose ticks are the time
            back = max(back, round((self._fresh_s - now_s) * 1e3))
        self._tick_ms, self._fresh_s = tick_ms, now_s
        return True, back

    def age_s(self, now_s: float) -> float:
        """Time since the newest state that was new."""
        return now_s - self._fresh_s
