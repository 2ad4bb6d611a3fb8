# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Work that takes its time, in one thread beside the node's own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
import os
import threading
from typing import Any

from rclpy.node import Node

_CLOSE_S = 2.0
_THREAD = 'generation'


def is_working() -> bool:
    """Whether work is under way in this process, also that of a worker that was closed."""
    return any(thread.name == _THREAD for thread in threading.enumerate())


class Dropped(ValueError):
    """A job whose result nobody wants any more; the message says why."""


@dataclass(frozen=True, eq=False)
class _Job:
    """What to do, and who gets its result, or what it raised."""

    work: Callable[[], Any]
    done: Callable[[Any], None]


class Worker:
    """
    One job at a time, and one that waits; a newer one takes its place.

    Jobs run in a thread, so that the node hears everything meanwhile; ``done`` is called by the
    node's executor.

    :param node: whose executor takes the results
    :param niceness: of the thread, and of all that its work starts: a controller on this computer
        comes first
    :param stack: unwound, it ends the thread
    """

    def __init__(self, node: Node, stack: ExitStack, niceness: int = 0) -> None:
        self._niceness = niceness
        self._changed = threading.Condition()
        self._waiting: _Job | None = None
        self._current: _Job | None = None
        self._results: deque[tuple[_Job, Any]] = deque()
        self._closed = False
        self._arrived = node.create_guard_condition(self._hand_over)
        stack.callback(node.destroy_guard_condition, self._arrived)
        stack.callback(self._close)
        self._thread = threading.Thread(target=self._run, name=_THREAD, daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """
        Do some work after what is under way, in place of what waits.

        :param done: gets what the work returns or raises, or :class:`Dropped`
        """
        with self._changed:
            replaced, self._waiting = self._waiting, _Job(work, done)
            self._changed.notify()
        if replaced:
            replaced.done(Dropped('a newer goal took its place before it was begun'))

    def drop(self, reason: str) -> None:
        """Let go of what waits and of what is under way: its result counts no more."""
        with self._changed:
            dropped = [job for job in (self._current, self._waiting) if job]
            dropped += [job for job, _ in self._results if job not in dropped]
            self._current = self._waiting = None
            self._results.clear()
        for job in dropped:
            job.done(Dropped(reason))

    def _run(self) -> None:
        # In Linux each thread has a niceness of its own, and hands it down to those it starts.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), self._niceness)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                job, self._waiting = self._waiting, None
                self._current = job
            assert job is not None
            try:
                result = job.work()
            except Exception as error:
                result = error
            with self._changed:
                if self._current is job and not self._closed:
                    self._current = None
                    self._results.append((job, result))
                    self._arrived.trigger()

    def _hand_over(self) -> None:
        while True:
            with self._changed:
                if not self._results:
                    return
                job, result = self._results.popleft()
            job.done(result)

    def _close(self) -> None:
        self.drop('the node is shutting down')
        with self._changed:
            self._closed = True
            self._changed.notify()
        # A rehearsal cannot be interrupted, but nobody waits for its end.
        self._thread.join(_CLOSE_S)
