# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What a sender of LowState leaves empty, as simulators do: neither a fault nor health."""

from __future__ import annotations

from policy_gen_ros.deployment.wire.frames import LowState

MONITORED_FRAMES = 100
"""So many states are looked at: 0.2 s of them at 500 Hz."""
NO_READING_V = 1.0


def empty_fields(state: LowState) -> set[str]:
    """Name what one state does not say."""
    empty = {
        'tick': state.tick_ms == 0, 'CRC': not state.signed,
        'battery voltage': not state.battery_v > NO_READING_V,
        'motor temperature': not state.motor_temperature_c.any(),
        'foot force': not state.foot_force.any(), 'remote': not any(state.remote)}
    return {name for name, is_empty in empty.items() if is_empty}


class Unfilled:
    """Looks at the first states of a robot, and says once what all of them leave empty."""

    def __init__(self) -> None:
        self._left = MONITORED_FRAMES
        self._empty: set[str] | None = None
        self.names: tuple[str, ...] = ()
        """What was empty in all states; nothing before the first ones have been looked at."""

    def follow(self, state: LowState) -> str:
        """
        Take the next state.

        :return: one line, once, where something is left empty; else nothing
        """
        if not self._left:
            if self.names:  # a robot may begin to fill a field, or an operator switch a remote on
                empty = empty_fields(state)
                self.names = tuple(name for name in self.names if name in empty)
            return ''
        self._left -= 1
        found = empty_fields(state)
        self._empty = found if self._empty is None else self._empty & found
        if self._left or not self._empty:
            return ''
        self.names = tuple(sorted(self._empty))
        return (f'LowState leaves empty: {", ".join(self.names)}; what these would tell is not '
                'monitored')
