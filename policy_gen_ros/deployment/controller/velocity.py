# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The velocity command of an actor: a program's ``cmd_vel``, the remote's, or its own."""

from __future__ import annotations

from collections import deque

import numpy as np
from policy_gen_ros.deployment.controller.guards import check_command_age, GuardLimits, Trip
from policy_gen_ros.deployment.controller.remote import Command, which_command

NOMINAL, CMD_VEL, REMOTE = 'nominal', 'cmd_vel', 'remote'


class VelocityCommand:
    """Holds the newest commands, and says which counts."""

    def __init__(self) -> None:
        self._waiting: deque[np.ndarray] = deque(maxlen=1)
        self.forget()

    def forget(self) -> None:
        """Drop what was meant for another robot."""
        self._waiting.clear()
        self._program: np.ndarray | None = None
        self._program_s = 0.0
        self.value: np.ndarray | None = None
        """vx, vy m/s, yaw rate rad/s; None: the actor's own. Shape: (3,)"""
        self.source = NOMINAL

    def set(self, command: np.ndarray) -> None:
        """Take a program's command; from any thread. It is stamped at the next :meth:`update`."""
        self._waiting.append(command)

    def update(self, remote: Command | None, priority: str, now_s: float,
               limits: GuardLimits) -> Trip | None:
        """
        Decide which command counts now.

        :param remote: of the sticks; None: they have no say
        :param priority: see :func:`policy_gen_ros.deployment.controller.remote.which_command`
        :return: a warning of a program's command that has just become stale
        """
        stale = None
        while self._waiting:
            self._program, self._program_s = self._waiting.popleft(), now_s
        if self._program is not None:
            stale = check_command_age(now_s - self._program_s, limits)
            if stale:
                self._program = None
        sticks = None if remote is None else np.array(remote)
        self.value = which_command(priority, sticks, self._program)
        self.source = (NOMINAL if self.value is None else
                       CMD_VEL if self.value is self._program else REMOTE)
        return stale
