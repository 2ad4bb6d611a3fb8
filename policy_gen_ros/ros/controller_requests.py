# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Requests of the generator to the controller: lie down, or damp at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from policy_gen_ros.goals.language.intents import Intent
from rclpy.client import Client
from rclpy.node import Node
from rclpy.task import Future
from rclpy.timer import Timer
from std_srvs.srv import Trigger

ANSWER_S = 1.0
_SERVICES = {Intent.LIE_DOWN: 'locomotion_controller/lie_down',
             Intent.EMERGENCY: 'locomotion_controller/damp'}


class ControllerRequests:
    """
    Asks the controller for a rest that no actor can give.

    :param answered: gets whether the controller did it, and its words
    :param unanswered: gets why there is no answer
    """

    def __init__(self, node: Node, stack: ExitStack, answered: Callable[[bool, str], None],
                 unanswered: Callable[[str], None]) -> None:
        self._node, self._answered, self._unanswered = node, answered, unanswered
        self._clients = {intent: self._client(stack, name) for intent, name in _SERVICES.items()}
        self._timer: Timer | None = None
        self._future: Future | None = None
        stack.callback(self._forget)

    def send(self, intent: Intent) -> None:
        """Ask once; exactly one of the two callbacks follows, within :data:`ANSWER_S`."""
        self._forget()
        client, name = self._clients[intent], _SERVICES[intent]
        if not client.service_is_ready():
            self._unanswered(f'{name} is not there: is locomotion_controller running?')
            return
        self._future = client.call_async(Trigger.Request())
        self._future.add_done_callback(lambda future: self._on_answer(future, name))
        self._timer = self._node.create_timer(ANSWER_S, lambda: self._on_silence(name))

    def _client(self, stack: ExitStack, name: str) -> Client:
        client = self._node.create_client(Trigger, name)
        stack.callback(self._node.destroy_client, client)
        return client

    def _on_answer(self, future: Future, name: str) -> None:
        if future is self._future:
            self._forget()
            answer = future.result()
            self._answered(answer.success, f'{name}: {answer.message}')

    def _on_silence(self, name: str) -> None:
        self._forget()
        self._unanswered(f'{name} has not answered within {ANSWER_S:g} s')

    def _forget(self) -> None:
        self._future = None
        if self._timer:
            self._node.destroy_timer(self._timer)
            self._timer = None
