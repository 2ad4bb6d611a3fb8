# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The user's side on ROS, as the demo plays it: send goals, wait for weights and for the swap."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
import time

from diagnostic_msgs.msg import DiagnosticArray
from policy_gen_ros.goals.language.intents import REST
from policy_gen_ros.goals.steps import Step
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.ros import qos
import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions
from std_msgs.msg import String, UInt8MultiArray
from std_srvs.srv import Trigger

GENERATOR, CONTROLLER = 'policy_generator', 'locomotion_controller'
_SPIN_S = 0.02


class DirectorError(RuntimeError):
    """A node refused, or did not answer in time."""


class Director:
    """
    A node with a publisher for goals and ears for weights and diagnostics.

    :param monitor: called while waiting; raises when there is nothing left to wait for
    """

    def __init__(self, monitor: Callable[[], None]) -> None:
        self._monitor = monitor
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
        self._node = rclpy.create_node('policy_gen_demo')
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        self._goals = self._node.create_publisher(String, 'behavior_goal', qos.GOALS)
        self._node.create_subscription(UInt8MultiArray, 'actor_weights', self._on_actor,
                                       qos.ACTOR_WEIGHTS)
        self._node.create_subscription(DiagnosticArray, 'diagnostics', self._on_diagnostics,
                                       qos.DIAGNOSTICS)
        self.status: dict[str, dict[str, str]] = {GENERATOR: {}, CONTROLLER: {}}
        self._refusal: str | None = None
        self._heard: str | None = None
        self._actor: ActorWeights | None = None
        self._arrived_s = 0.0

    @property
    def mode(self) -> str:
        """Mode of the controller, empty before it spoke."""
        return self.status[CONTROLLER].get('mode', '')

    def close(self) -> None:
        """Leave ROS."""
        self._node.destroy_node()
        rclpy.try_shutdown()

    def wait(self, ready: Callable[[], bool], timeout_s: float, what: str) -> None:
        """
        Serve callbacks until something is so.

        :raises DirectorError: not within the time; or ``monitor`` found a reason to give up
        """
        deadline = time.monotonic() + timeout_s
        while not ready():
            self._monitor()
            if time.monotonic() > deadline:
                raise DirectorError(f'{what} took longer than {timeout_s:.0f} s: end other work '
                                    'on this machine, and see "policy_gen doctor"')
            try:
                self._executor.spin_once(timeout_sec=_SPIN_S)
            except ExternalShutdownException:
                raise KeyboardInterrupt from None

    def request(self, wish: str, timeout_s: float = 30.0) -> str:
        """
        Call a service of the controller, such as ``stand``.

        :return: why it did not happen; empty where it did
        :raises DirectorError: no answer in time
        """
        return self.timed_request(wish, timeout_s)[0]

    def timed_request(self, wish: str, timeout_s: float = 30.0) -> tuple[str, float]:
        """
        Call a service as :meth:`request` does, and time it.

        :return: why it did not happen, and seconds from the call to its answer
        """
        client = self._node.create_client(Trigger, f'{CONTROLLER}/{wish}')
        try:
            self.wait(client.service_is_ready, timeout_s, f'the service {wish}')
            start = time.monotonic()
            future = client.call_async(Trigger.Request())
            self.wait(future.done, timeout_s, f'the answer of {wish}')
            seconds = time.monotonic() - start
        finally:
            self._node.destroy_client(client)
        answer = future.result()
        return '' if answer.success else answer.message, seconds

    def wait_until_up(self, timeout_s: float) -> None:
        """Both nodes report, and the controller has the twin on its wire."""
        self.wait(lambda: (self.status[CONTROLLER].get('connected') == 'True'
                           and bool(self.status[GENERATOR])
                           and self._goals.get_subscription_count() > 0), timeout_s, 'starting up')

    def publish(self, step: Step) -> None:
        """Publish a goal, and do not wait for what becomes of it."""
        self._actor = self._refusal = None
        self._goals.publish(String(data=step.to_text()))

    def send(self, step: Step, timeout_s: float = 60.0) -> tuple[ActorWeights, float]:
        """
        Publish a goal and wait for its weights; standing still has some steps on the spot before.

        :return: the actor, and milliseconds from goal to weights
        :raises DirectorError: the generator refused, understood another rest or did not answer
        """
        self._heard = self.status[GENERATOR].get('heard')
        start = time.monotonic()
        text = step.describe()
        self.publish(step)
        self.wait(lambda: bool(self._refusal or (self._actor and self._actor.goal == text)
                               or self._other_rest(step)), timeout_s, f'weights for {text!r}')
        if self._other_rest(step):
            raise DirectorError(f'the generator reads {text!r} as '
                                f'{self.status[GENERATOR]["intent"]!r}: say it in other words')
        if self._actor is None or self._refusal:
            raise DirectorError(f'the generator says: {self._refusal}')
        return self._actor, (self._arrived_s - start) * 1e3

    def wait_for_swap(self, actor: ActorWeights, timeout_s: float = 20.0) -> float:
        """
        Wait until the controller walks with an actor.

        :return: milliseconds from the weights' arrival at the controller to their first tick
        :raises DirectorError: the controller refused it, or did not swap
        """
        self.wait(lambda: bool(self._refusal)
                  or self.status[CONTROLLER].get('actor') == actor.sha256, timeout_s, 'the swap')
        if self._refusal:
            raise DirectorError(f'the controller says: {self._refusal}')
        return float(self.status[CONTROLLER]['swap_ms'])

    def _other_rest(self, step: Step) -> bool:
        """Whether the generator read this goal as a rest that the step is not."""
        status = self.status[GENERATOR]
        return status.get('heard') != self._heard and status.get('intent', '') in (
            *(intent.value for intent in REST if intent is not step.intent),)

    def _on_actor(self, message: UInt8MultiArray) -> None:
        arrived_s = time.monotonic()
        with suppress(ValueError):  # rubbish of somebody else's is the controller's to refuse
            self._actor = ActorWeights.from_bytes(bytes(message.data), 'go2')
            self._arrived_s = arrived_s

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            name = status.name.rsplit('/', 1)[-1]
            if name in self.status:
                before = self.status[name].get('refused')
                self.status[name] = now = {item.key: item.value for item in status.values}
                if before is not None and now.get('refused', before) != before:
                    self._refusal = now['last_refusal']
