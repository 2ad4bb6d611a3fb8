# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Running one lifecycle node as a process: start, signals, clean end, one line for a failure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import ExitStack
import gc
import signal
import sys
import threading
import time
from typing import Any, TypeVar

from policy_gen_ros.deployment.wire.errors import WireError
from policy_gen_ros.ros.arguments import (
    check_domain,
    check_params_files,
    in_short,
    refuse_rest,
)
from policy_gen_ros.ros.parameters import Parameters
from policy_gen_ros.ros.qos import OVERRIDABLE
from rcl_interfaces.msg import SetParametersResult
import rclpy
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.exceptions import NameValidationException, ParameterException
from rclpy.executors import SingleThreadedExecutor
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from rclpy.signals import SignalHandlerOptions
from rclpy.utilities import remove_ros_args

EXIT_OK, EXIT_FAILURE = 0, 1
MAX_LINE_LENGTH = 1000
_SPIN_S = 0.05
_POLL_S = 0.005
_T = TypeVar('_T')


class NodeFailure(RuntimeError):
    """The node cannot start or go on; the message is the one line that the user reads."""


FAILURES = (NodeFailure, WireError, ValueError, OSError, ParameterException,
            NameValidationException)
"""What is not a fault of the program: their messages are for the user."""


class ProcessNode(LifecycleNode, ABC):
    """
    A lifecycle node that runs as a process of its own.

    Subclasses declare parameters when they are made, acquire things in :meth:`configure` and
    :meth:`activate`, and say on the stack how to let go of them: deactivating and cleaning up
    unwind these stacks, and so does a transition that fails half-way.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        _warn_about_middleware(self)
        self.configured = self.active = self.finalized = False
        self.last_failure = ''
        self._starting = False
        self._stacks = {'configure': ExitStack(), 'activate': ExitStack()}
        self.parameters = Parameters(self, lambda: self.configured, self.validate_parameters)
        self.parameters.declare('autostart', True, 'configure and activate at start; false: '
                                'something else does, such as ros2 lifecycle set')

    @abstractmethod
    def configure(self, stack: ExitStack) -> None:
        """Acquire what the node needs."""

    @abstractmethod
    def activate(self, stack: ExitStack) -> None:
        """Begin to work."""

    def validate_parameters(self, changed: dict[str, Any]) -> None:
        """
        Look at parameters that are to change, by name, before they do.

        :raises ValueError: they do not fit each other
        """

    def on_parameters(self) -> None:
        """Parameters have changed."""

    def failure(self) -> str | None:
        """Why the process must end now with an error, or None."""
        return None

    def start(self) -> None:
        """
        Configure and activate.

        :raises NodeFailure: one of them failed
        """
        self._starting = True
        for transition in (self.trigger_configure, self.trigger_activate):
            if transition() != TransitionCallbackReturn.SUCCESS:
                raise NodeFailure(self.last_failure)
        self._starting = False

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Acquire, or fail and stay unconfigured."""
        def acquire(stack: ExitStack) -> None:
            self.parameters.check_given()
            self.configure(stack)

        result = self._enter('configure', acquire)
        self.configured = result == TransitionCallbackReturn.SUCCESS
        return result

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Begin to work, or fail and stay inactive."""
        result = self._enter('activate', self.activate)
        self.active = result == TransitionCallbackReturn.SUCCESS
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Leave the robot safe and stop working."""
        self.active = False
        self._stacks['activate'].close()
        return TransitionCallbackReturn.SUCCESS

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let go of everything; the node can be configured anew."""
        self.configured = False
        self._stacks['configure'].close()
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Leave the robot safe and let go of everything, in whatever state; the process ends."""
        self.on_deactivate(state)
        self.on_cleanup(state)
        self.finalized = True
        return TransitionCallbackReturn.SUCCESS

    def set_parameters_atomically(
            self, parameter_list: list[Parameter]) -> SetParametersResult:
        """Set parameters, all or none; `ros2 param set` comes here too."""
        fitting, refusal = self.parameters.fit(parameter_list)
        if refusal:
            return refusal
        result = super().set_parameters_atomically(fitting)
        if result.successful:
            self.on_parameters()
        return result

    def add_subscription(self, stack: ExitStack, kind: type, topic: str,
                         receive: Callable[[Any], None], profile: QoSProfile) -> None:
        """Subscribe until the stack unwinds."""
        stack.callback(self.destroy_subscription, self.create_subscription(
            kind, topic, receive, profile, qos_overriding_options=OVERRIDABLE))

    def add_publisher(self, stack: ExitStack, kind: type, topic: str,
                      profile: QoSProfile) -> Publisher:
        """Advertise until the stack unwinds."""
        publisher = self.create_publisher(kind, topic, profile, qos_overriding_options=OVERRIDABLE)
        stack.callback(self.destroy_publisher, publisher)
        return publisher

    def add_service(self, stack: ExitStack, kind: type, name: str,
                    answer: Callable[[Any, Any], Any]) -> None:
        """
        Serve until the stack unwinds.

        :param answer: a coroutine, see :func:`finished`, where it takes its time
        """
        # In a group of its own, so that one that waits keeps nothing else waiting.
        stack.callback(self.destroy_service, self.create_service(
            kind, name, answer, callback_group=MutuallyExclusiveCallbackGroup()))

    def add_timer(self, stack: ExitStack, period_s: float, call: Callable[[], None]) -> None:
        """Call again and again until the stack unwinds."""
        stack.callback(self.destroy_timer, self.create_timer(period_s, call))

    def _enter(self, name: str, acquire: Callable[[ExitStack], None]) -> TransitionCallbackReturn:
        with ExitStack() as stack:
            try:
                acquire(stack)
            except Exception as error:  # a failed transition must not end the process
                self.last_failure = one_line(error if isinstance(error, FAILURES)
                                             else repr(error))
                if not self._starting:  # then the process says so with its last line
                    self.get_logger().error(f'cannot {name}: {self.last_failure}')
                return TransitionCallbackReturn.FAILURE
            self._stacks[name] = stack.pop_all()
        return TransitionCallbackReturn.SUCCESS


def run_node(make_node: Callable[[], ProcessNode], args: list[str] | None = None) -> int:
    """
    Run a node until SIGINT, SIGTERM, its shutdown transition or its own failure.

    rclpy's signal handlers shut its context down at once; ours only end the loop, so that the node
    can still send its last frames and messages.

    :return: exit code of the process
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    node, code = None, EXIT_OK
    try:
        _init(sys.argv if args is None else args)
        node = make_node()
        if node.parameters['autostart']:
            node.start()
        executor = SingleThreadedExecutor()
        executor.add_node(node)
        while not stop.is_set() and not node.finalized:
            executor.spin_once(timeout_sec=_SPIN_S)
            failure = node.failure()
            if failure:
                raise NodeFailure(failure)
    except FAILURES as error:
        print(f'error: {one_line(error)}', file=sys.stderr, flush=True)
        code = EXIT_FAILURE
    finally:
        if node is not None:
            if not node.finalized:
                node.trigger_shutdown()
            node.destroy_node()
        rclpy.try_shutdown()
        # At its end Python searches all objects for garbage, which takes seconds where PyTorch has
        # been loaded; and `ros2 launch` kills what has not ended within five.
        gc.freeze()
    return code


def _init(arguments: list[str]) -> None:
    """
    Start rclpy.

    :param arguments: command line with the program's name
    :raises ValueError: what is given in it, or in the environment, is wrong
    """
    check_domain()
    check_params_files(arguments)
    try:
        refuse_rest(remove_ros_args(arguments)[1:])
        rclpy.init(args=arguments, signal_handler_options=SignalHandlerOptions.NO)
    except RuntimeError as error:  # of rcl, which has no narrower class in public
        raise ValueError(in_short(error)) from error


def _warn_about_middleware(node: LifecycleNode) -> None:
    """Cyclone under rclpy and under the Unitree SDK clash within one process."""
    name = rclpy.get_rmw_implementation_identifier()
    if 'cyclone' in name:
        node.get_logger().warning(
            f'rclpy runs on {name}, which clashes with the Cyclone DDS of the Unitree wire in one '
            'process; set RMW_IMPLEMENTATION=rmw_fastrtps_cpp')


class _NextTurn:
    """Awaited, it lets the executor do something else first."""

    def __await__(self) -> Generator[None, None, None]:
        yield


async def finished(work: Callable[[], _T]) -> _T:
    """Do what takes its time in a thread, while the executor serves everything else."""
    result: Future[_T] = Future()

    def run() -> None:
        try:
            result.set_result(work())
        except Exception as error:
            result.set_exception(error)

    threading.Thread(target=run, name='answer', daemon=True).start()
    while not result.done():
        time.sleep(_POLL_S)  # rclpy asks again at once, which would keep a core busy
        await _NextTurn()
    return result.result()


def one_line(reason: Exception | str) -> str:
    """Return a reason as one line of log, however long it is and whatever it quotes."""
    text = str(reason)
    rest = ' ...' if len(text) > MAX_LINE_LENGTH else ''
    return ' '.join(text[:MAX_LINE_LENGTH].split()) + rest or type(reason).__name__
