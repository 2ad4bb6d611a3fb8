# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The two ends of the wire: :class:`RobotLink` commands a robot, :class:`TwinLink` plays one.

Beside them, the remote as a message of its own. All speak Unitree's topics and types, so each
works with Unitree's own software as well.
"""

from __future__ import annotations

import time

from policy_gen_ros.deployment.wire import sdk
from policy_gen_ros.deployment.wire.channel import FrameReader, FrameWriter, Participant
from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.deployment.wire.frames import (
    build_low_command,
    build_low_state,
    build_sport_state,
    check_command_values,
    is_unsigned_state,
    LowCommand,
    LowState,
    parse_low_command,
    parse_low_state,
    parse_sport_state,
    SportState,
)
from policy_gen_ros.deployment.wire.remote import (
    build_wireless_controller,
    parse_wireless_controller,
    Remote,
)

LOW_COMMAND_TOPIC = 'rt/lowcmd'
LOW_STATE_TOPIC = 'rt/lowstate'
SPORT_STATE_TOPIC = 'rt/sportmodestate'
REMOTE_TOPIC = 'rt/wirelesscontroller'
RESEND_AFTER_S = 0.25
_STATE_QUEUE = 16
"""States kept while the caller is busy: 32 ms of them at 500 Hz, a control period and a half."""


class _Link:
    """A participant that closes with its ``with`` block."""

    def __init__(self, domain_id: int, interface: str | None) -> None:
        self.domain_id, self.interface = domain_id, interface
        self._participant = Participant(domain_id, interface)

    def close(self) -> None:
        """Leave the wire. A second call does nothing."""
        self._participant.close()

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class RobotLink(_Link):
    """
    The controller's end. Use it from one thread; ``send`` may be called from a second.

    :raises WireError: the domain or the interface cannot be used

    ``states_seen`` counts valid states, ``dropped_frames`` frames with a wrong CRC, head or size.
    """

    def __init__(self, domain_id: int, interface: str | None = None) -> None:
        super().__init__(domain_id, interface)
        self._states = FrameReader(self._participant, LOW_STATE_TOPIC, sdk.LowState_, _STATE_QUEUE)
        self._sports = FrameReader(self._participant, SPORT_STATE_TOPIC, sdk.SportModeState_, 1)
        self._commands = FrameWriter(self._participant, LOW_COMMAND_TOPIC, sdk.LowCmd_)
        self._other_writers = FrameReader(self._participant, LOW_COMMAND_TOPIC, sdk.LowCmd_, 1,
                                          foreign_only=True)
        self.states_seen = 0
        self.dropped_frames = 0
        self._sport: SportState | None = None
        self._last_state_frame = b''
        self._last_command_frame = b''
        self._sent_at_s: float | None = None

    def wait_state(self, timeout_s: float) -> LowState | None:
        """
        Newest state, as soon as there is one newer than the last returned; ``None`` on timeout.

        A twin in lockstep repeats a state that nobody answers. If this link did answer it, the
        answer was lost: it goes out again, and the caller does not see the state twice.
        """
        deadline_s = time.monotonic() + timeout_s
        while True:
            newest = None
            for frame in self._states.take():
                try:
                    state = parse_low_state(frame)
                except WireError:
                    self.dropped_frames += 1
                    continue
                self.states_seen += 1
                if not self._is_answered_repeat(frame):
                    newest, self._last_state_frame = state, frame
            if newest is not None:
                self._sent_at_s = None
                return newest
            left_s = deadline_s - time.monotonic()
            if left_s <= 0 or not self._states.wait(left_s):
                return None

    def _is_answered_repeat(self, frame: bytes) -> bool:
        if frame != self._last_state_frame or is_unsigned_state(frame) or self._sent_at_s is None:
            return False
        # Sent just now, the answer is still on its way and the repeat was.
        if time.monotonic() - self._sent_at_s > RESEND_AFTER_S:
            self._commands.write(self._last_command_frame)
            self._sent_at_s = time.monotonic()
        return True

    def latest_sport(self) -> SportState | None:
        """Return the newest body motion; ``None`` where the robot publishes none."""
        for frame in self._sports.take():
            try:
                self._sport = parse_sport_state(frame)
            except WireError:
                self.dropped_frames += 1
        return self._sport

    def send(self, command: LowCommand) -> None:
        """
        Send one command.

        :raises WireError: the robot would reject the frame; nothing is sent
        """
        frame = build_low_command(command)
        check_command_values(frame)
        self._commands.write(frame)
        self._last_command_frame, self._sent_at_s = frame, time.monotonic()

    def other_writers(self) -> int:
        """Count the LowCmd writers besides this link: two at once fight for the legs."""
        return self._other_writers.writers()

    def other_writer_spoke(self) -> bool:
        """Whether another process has sent a LowCmd since the last call."""
        return bool(self._other_writers.take())


class TwinLink(_Link):
    """
    The robot's end.

    ``rejected_frames`` counts commands that a robot would not accept: wrong CRC, head, level flag,
    motor mode or size, or a value that is not finite.
    """

    def __init__(self, domain_id: int, interface: str | None = None) -> None:
        super().__init__(domain_id, interface)
        self._states = FrameWriter(self._participant, LOW_STATE_TOPIC, sdk.LowState_)
        self._sports = FrameWriter(self._participant, SPORT_STATE_TOPIC, sdk.SportModeState_)
        self._commands = FrameReader(self._participant, LOW_COMMAND_TOPIC, sdk.LowCmd_, 1)
        self._other_writers = FrameReader(self._participant, LOW_STATE_TOPIC, sdk.LowState_, 1,
                                          foreign_only=True)
        self.rejected_frames = 0
        self.commands_seen = 0

    def publish_state(self, state: LowState) -> None:
        """Send what the sensors say."""
        self.publish_frame(build_low_state(state))

    def publish_frame(self, frame: bytes) -> None:
        """Send a LowState as bytes, sound or not."""
        self._states.write(frame)

    def publish_sport(self, state: SportState) -> None:
        """Send the ground truth of the body's motion."""
        self._sports.write(build_sport_state(state))

    def take_command(self) -> LowCommand | None:
        """Newest valid command since the last call, without waiting."""
        newest = None
        for frame in self._commands.take():
            try:
                newest = parse_low_command(frame)
                self.commands_seen += 1
            except WireError:
                self.rejected_frames += 1
        return newest

    def wait_command(self, timeout_s: float) -> LowCommand | None:
        """Newest valid command, as soon as one arrives; ``None`` on timeout."""
        deadline_s = time.monotonic() + timeout_s
        while self._commands.wait(deadline_s - time.monotonic()):
            command = self.take_command()
            if command is not None:
                return command
        return None

    def other_robots(self) -> int:
        """Count the LowState writers besides this one."""
        return self._other_writers.writers()


class RemotePublisher(_Link):
    """A remote in nobody's hand: sends what a program wants to have pressed."""

    def __init__(self, domain_id: int, interface: str | None = None) -> None:
        super().__init__(domain_id, interface)
        self._remotes = FrameWriter(self._participant, REMOTE_TOPIC, sdk.WirelessController_)

    def publish(self, remote: Remote) -> None:
        """Send keys and sticks."""
        self._remotes.write(build_wireless_controller(remote))


class RemoteListener(_Link):
    """Hears the remote's own message. ``dropped_frames`` counts those that cannot be read."""

    def __init__(self, domain_id: int, interface: str | None = None) -> None:
        super().__init__(domain_id, interface)
        self._remotes = FrameReader(self._participant, REMOTE_TOPIC, sdk.WirelessController_, 1)
        self.dropped_frames = 0

    def take(self) -> Remote | None:
        """Newest remote since the last call, without waiting."""
        newest = None
        for frame in self._remotes.take():
            try:
                newest = parse_wireless_controller(frame)
            except WireError:
                self.dropped_frames += 1
        return newest
