# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Publishing the actors of a plan at their times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from policy_gen_ros.deployment.plan import Part
from policy_gen_ros.deployment.way import OBSERVED, Way
from rclpy.node import Node
from rclpy.timer import Timer

LATEST = 2.0
"""A way that takes longer than so many times what it should is given up: something is in it."""
_NS_PER_S = 1e9


class Playback:
    """
    Plays one plan; a new one takes its place.

    A part that is ended by a way or an angle ends when the odometry says so, and in the time that
    it should take where there is none.

    :param node: whose clock counts
    :param publish: gets a part, its number from 1, and how many there are
    """

    def __init__(self, node: Node, publish: Callable[[Part, int, int], None]) -> None:
        self._node, self._publish = node, publish
        self._parts: list[Part] = []
        self._timer: Timer | None = None
        self._way: Way | None = None
        self._start_ns = 0
        self._began_s = 0.0
        self.published_s: list[float] = []
        """When each part of the newest plan was published, seconds after the first."""

    def play(self, parts: list[Part]) -> None:
        """Publish the first actor now, and the others in time."""
        self._parts, self.published_s = parts, []
        self._start_ns = self._node.get_clock().now().nanoseconds
        self._next(0.0)

    def extend(self, seconds: float, parts: list[Part]) -> None:
        """Let the last part of the plan end ``seconds`` after it began, and go on with others."""
        *first, last = self._parts
        self._parts = [*first, replace(last, seconds=seconds), *parts]
        if self._timer is None:
            self._wait(seconds, self._on_time)

    def plays(self, parts: list[Part]) -> bool:
        """Whether these are played, and not all of them are published yet."""
        return self._parts is parts and self._timer is not None

    def stop(self) -> None:
        """Publish nothing more."""
        self._way = None
        self._end_timer()

    @property
    def on_a_way(self) -> bool:
        """Whether a part ends by the odometry, so that :meth:`follow` needs its samples."""
        return self._way is not None

    def follow(self, velocity: Mapping[str, float]) -> None:
        """
        Take in a sample of the odometry, which may end a part.

        :param velocity: value by name of OBSERVED, SI units
        """
        if self._way is None:
            return
        self._way.add(self._elapsed_s(), velocity)
        if self._way.reached:
            self._next(self._elapsed_s())

    @property
    def _part(self) -> Part:
        """The part that was published last."""
        return self._parts[len(self.published_s) - 1]

    def _next(self, began_s: float) -> None:
        """Publish the next part, which begins at this time of the plan."""
        self.stop()
        self._began_s = began_s
        self.published_s.append(self._elapsed_s())
        part = self._part
        if part.seconds is not None:
            if part.actor and part.until and part.until.measure in OBSERVED:
                self._way = Way(part.until, part.actor.measures)
            self._wait(part.seconds, self._on_time)
        self._publish(part, len(self.published_s), len(self._parts))

    def _on_time(self) -> None:
        seconds = self._part.seconds or 0.0
        if self._way and self._way.followed(self._elapsed_s()):
            self._wait(LATEST * seconds, self._on_latest)
        else:
            # Counted from when it should have begun: what one swap is late, the next is not.
            self._next(self._began_s + seconds)

    def _on_latest(self) -> None:
        if self._way:
            amount = self._way.amount
            self._node.get_logger().warning(
                f'{amount.words!r}: only {self._way.gone:.2f} of {amount.total:.2f} after '
                f'{self._elapsed_s() - self._began_s:.1f} s; the next step follows')
        self._next(self._elapsed_s())

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        """Call something so long after the part began."""
        self._end_timer()
        self._timer = self._node.create_timer(
            max(0.0, self._began_s + seconds - self._elapsed_s()), then)

    def _end_timer(self) -> None:
        if self._timer:
            self._node.destroy_timer(self._timer)
            self._timer = None

    def _elapsed_s(self) -> float:
        return (self._node.get_clock().now().nanoseconds - self._start_ns) / _NS_PER_S
