# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
A twin that leaves in LowState what simulators leave: unfilled_robot.py OPTIONS OF go2_twin.

Unitree's own simulator fills in joints and IMU, and nothing else. It has no lockstep either.
"""

from __future__ import annotations

import sys

from policy_gen_ros.deployment.twin import process
from policy_gen_ros.deployment.wire import link
from policy_gen_ros.deployment.wire.layout import LOW_STATE_LAYOUT

_EMPTY = ('head', 'level_flag', 'tick', 'foot_force', 'power_v', 'wireless_remote', 'crc')


def unfilled(frame: bytes) -> bytes:
    """Zero in a LowState what Unitree's simulator leaves at zero."""
    record = LOW_STATE_LAYOUT.edit(frame)
    for name in _EMPTY:
        record[name] = 0
    record['motor']['temperature'] = 0
    return record.view('u1').tobytes()


class UnfilledLink(link.TwinLink):
    """Publishes states without what such a twin does not know."""

    def publish_frame(self, frame: bytes) -> None:
        """Send a LowState, emptied."""
        super().publish_frame(unfilled(frame))

    def publish_sport(self, sport: object) -> None:
        """Say nothing of the body's motion, as a robot whose built-in controller is released."""


if __name__ == '__main__':
    link.TwinLink = UnfilledLink  # type: ignore[misc]
    sys.exit(process.main())
