# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Publishing the actors of a plan at their times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from policy_gen_ros.deployment.plan import Part
from rclpy.node import Node
from rclpy.timer import Timer

_NS_PER_S = 1e9


class Playback:
    """
    Plays one plan; a new one takes its place.

    :param node: whose clock counts
    :param publish: gets a part, its number from 1, and how many there are
    """

    def __init__(self, node: Node, publish: Callable[[Part, int, int], None]) -> None:
        self._node, self._publish = node, publish
        self._parts: list[Part] = []
        self._timer: Timer | None = None
        self._start_ns = 0
        self.published_s: list[float] = []
        """When each part of the newest plan was published, seconds after the first."""

    def play(self, parts: list[Part]) -> None:
        """Publish the first actor now, and the others in time."""
        self.stop()
        self._parts, self.published_s = parts, []
        self._start_ns = self._node.get_clock().now().nanoseconds
        self._next()

    def extend(self, seconds: float, parts: list[Part]) -> None:
        """Let the last part of the plan end ``seconds`` after it began, and go on with others."""
        *first, last = self._parts
        self._parts = [*first, replace(last, seconds=seconds), *parts]
        if self._timer is None:
            self._wait()

    def plays(self, parts: list[Part]) -> bool:
        """Whether these are played, and not all of them are published yet."""
        return self._parts is parts and self._timer is not None

    def stop(self) -> None:
        """Publish nothing more."""
        if self._timer:
            self._node.destroy_timer(self._timer)
            self._timer = None

    def _next(self) -> None:
        self.stop()
        done = len(self.published_s)
        self.published_s.append(self._elapsed_s())
        part = self._parts[done]
        if part.seconds is not None:
            self._wait()
        self._publish(part, done + 1, len(self._parts))

    def _wait(self) -> None:
        # Counted from the start of the plan: what one swap is late, the next is not.
        due_s = sum(part.seconds or 0.0 for part in self._parts[:len(self.published_s)])
        self._timer = self._node.create_timer(max(0.0, due_s - self._elapsed_s()), self._next)

    def _elapsed_s(self) -> float:
        return (self._node.get_clock().now().nanoseconds - self._start_ns) / _NS_PER_S
