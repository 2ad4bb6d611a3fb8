# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Messages between the control process and the process that started it.

Each message is one packet: the reader gets it whole or not at all, so a control loop never waits
for the rest of one. What is too large for a packet, such as an actor, lies in memory that both
processes share, and the packet brings its file descriptor.
"""

from __future__ import annotations

import os
import pickle
import socket
import struct
from typing import Any

_LARGEST_PACKET = 32_768
_INLINE, _SHARED = b'i', b's'
_DESCRIPTOR = socket.CMSG_SPACE(struct.calcsize('i'))


class PipeClosedError(ConnectionError):
    """The other process has ended."""


class Pipe:
    """
    One end. Both ends belong to one program, so messages are pickled.

    :param end: a socket of type SOCK_SEQPACKET
    """

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    @classmethod
    def pair(cls) -> tuple[Pipe, socket.socket]:
        """Return an end for this process, and a socket for the process that it starts."""
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        return cls(here), there

    @classmethod
    def inherited(cls, descriptor: int) -> Pipe:
        """Return the end that a started process was given."""
        return cls(socket.socket(fileno=descriptor))

    def shut_down(self) -> None:
        """Send no more; either end then reads :class:`PipeClosedError`."""
        self._end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the socket."""
        self._end.close()

    def send(self, message: Any) -> None:
        """
        Send, and wait where the other process is behind.

        :raises PipeClosedError: it has ended
        """
        self._send(message, 0)

    def offer(self, message: Any) -> bool:
        """
        Send without waiting.

        :return: False where the other process is behind, and the message is lost
        :raises PipeClosedError: it has ended
        """
        try:
            self._send(message, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        return True

    def receive(self) -> Any:
        """
        Wait for the next message.

        :raises PipeClosedError: the other process has ended
        """
        return self._receive(0)

    def poll(self) -> Any | None:
        """
        Return the next message without waiting; None: there is none.

        :raises PipeClosedError: the other process has ended
        """
        try:
            return self._receive(socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None

    def _send(self, message: Any, flags: int) -> None:
        body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        try:
            if len(body) <= _LARGEST_PACKET:
                self._end.sendmsg([_INLINE, body], [], flags)
                return
            shared = os.memfd_create('policy_gen_ros')
            try:
                with os.fdopen(os.dup(shared), 'wb') as file:
                    file.write(body)
                socket.send_fds(self._end, [_SHARED], [shared], flags)
            finally:
                os.close(shared)
        except BlockingIOError:
            raise
        except OSError as error:
            raise PipeClosedError(str(error)) from error

    def _receive(self, flags: int) -> Any:
        try:
            # Not socket.recv_fds: it ignores its flags.
            packet, ancillary, _, _ = self._end.recvmsg(_LARGEST_PACKET + 1, _DESCRIPTOR, flags)
        except BlockingIOError:
            raise
        except OSError as error:
            raise PipeClosedError(str(error)) from error
        if not packet:
            raise PipeClosedError('the other process has ended')
        if not ancillary:
            return pickle.loads(packet[1:])
        (descriptor,) = struct.unpack('i', ancillary[0][2])
        with os.fdopen(descriptor, 'rb') as file:
            file.seek(0)
            return pickle.load(file)
