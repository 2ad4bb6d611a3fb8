# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A listener on Unitree's wire that measures how the robot walks. It sends nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
import threading

import numpy as np
from policy_gen_ros.deployment.wire import sdk
from policy_gen_ros.deployment.wire.channel import FrameReader, Participant
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.frames import (
    LowState,
    parse_low_state,
    parse_sport_state,
    SportState,
)
from policy_gen_ros.deployment.wire.link import LOW_STATE_TOPIC, SPORT_STATE_TOPIC
from policy_gen_ros.domains.go2.gait.measures import family_of, measure_behavior
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.kinematics import foot_positions
from policy_gen_ros.domains.go2.twin.many import CONTACT_FORCE_N, FALLEN_GRAVITY_Z, FALLEN_HEIGHT_M

_KEEP = 60_000
_QUEUE = 64
_WAIT_S = 0.1


@dataclass(frozen=True)
class ObservedWalk:
    """How the robot walked: measures, the family of its gait, and whether it stayed upright."""

    measures: dict[str, float]
    family: str
    upright: bool


class WireObserver:
    """
    Collects LowState and ground truth in a thread of its own.

    :param see: called in that thread with each new state and the newest ground truth
    """

    def __init__(self, domain_id: int, interface: str | None,
                 see: Callable[[LowState, SportState], None] | None = None) -> None:
        self._see = see
        self._participant = Participant(domain_id, interface)
        self._states = FrameReader(self._participant, LOW_STATE_TOPIC, sdk.LowState_, _QUEUE)
        self._sports = FrameReader(self._participant, SPORT_STATE_TOPIC, sdk.SportModeState_,
                                   _QUEUE)
        self._rows: deque[LowState] = deque(maxlen=_KEEP)
        self._truth: deque[SportState] = deque(maxlen=_KEEP)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name='observer', daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._stopping = True
        self._thread.join()
        self._participant.close()

    @property
    def time_s(self) -> float:
        """Return the robot's clock; NaN before the first state."""
        return self._rows[-1].tick_ms * 1e-3 if self._rows else float('nan')

    def fell_since(self, start_s: float) -> bool:
        """Whether the body lay on its side or on the ground at some time since then."""
        states = [state for state in list(self._rows) if state.tick_ms >= start_s * 1e3]
        heights = [truth.position[2] for truth in list(self._truth)
                   if truth.tick_ms >= start_s * 1e3]
        if not states:
            return False
        gravity = go2.gravity_in_body(np.array([state.quaternion for state in states]))
        return bool((gravity[:, 2] > FALLEN_GRAVITY_Z).any()
                    or (heights and min(heights) < FALLEN_HEIGHT_M))

    def walk_since(self, start_s: float) -> ObservedWalk:
        """
        Measure the gait from ``start_s`` of the robot's clock until now.

        :raises ValueError: fewer than two states with ground truth were seen
        """
        truth = {row.tick_ms: row for row in list(self._truth)}
        pairs = {row.tick_ms: (row, truth[row.tick_ms]) for row in list(self._rows)
                 if row.tick_ms >= start_s * 1e3 and row.tick_ms in truth}
        if len(pairs) < 2:
            raise ValueError(f'{len(pairs)} robot states were seen since {start_s:.2f} s')
        states = [state for state, _ in pairs.values()]
        contact = np.array([row.foot_force for row in list(self._rows)
                            if row.tick_ms >= start_s * 1e3]) > CONTACT_FORCE_N
        quaternion = np.array([state.quaternion for state in states])
        velocity_w = np.array([sport.velocity for _, sport in pairs.values()])
        height = np.array([sport.position[2] for _, sport in pairs.values()])
        velocity = go2.rotate_to_body(quaternion, velocity_w)
        velocity[:, 2] = [state.gyro[2] for state in states]
        measures = measure_behavior(
            contact, self._period_s(start_s), height,
            _sole_heights(np.array([state.joint_pos for state in states]), quaternion, height),
            velocity)
        return ObservedWalk(measures, family_of(measures), not self.fell_since(start_s))

    def _period_s(self, start_s: float) -> float:
        ticks = np.array([row.tick_ms for row in list(self._rows) if row.tick_ms >= start_s * 1e3])
        return float(np.median(np.diff(ticks))) * 1e-3

    def _run(self) -> None:
        while not self._stopping:
            if not self._states.wait(_WAIT_S):
                continue
            for frame in self._sports.take():
                # The controller counts damaged frames; here one is merely not seen.
                with suppress(WireError):
                    self._truth.append(parse_sport_state(frame))
            for frame in self._states.take():
                try:
                    state = parse_low_state(frame)
                except WireError:
                    continue
                if not self._rows or state.tick_ms != self._rows[-1].tick_ms:
                    self._rows.append(state)
                    if self._see and self._truth:
                        self._see(state, self._truth[-1])


def _sole_heights(joint_pos: np.ndarray, quaternion: np.ndarray,
                  height: np.ndarray) -> np.ndarray:
    """Height of each sole above the plane. Shapes: (n, 12), (n, 4), (n,) -> (n, 4)."""
    up = -go2.gravity_in_body(quaternion)
    feet = (foot_positions(joint_pos) * up[:, None]).sum(axis=-1)
    return height[:, None] + feet - go2.FOOT_RADIUS_M
