"""Running one node as a process: start, signals, clean end, one line for every failure."""

from __future__ import annotations

from collections.abc import Callable
import signal
import sys
import threading

from policy_gen_ros.controller.interpreter import freeze_garbage
import rclpy
from rclpy.exceptions import ParameterException
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

EXIT_OK, EXIT_FAILURE = 0, 1
_SPIN_S = 0.05


class NodeFailure(RuntimeError):
    """The node cannot start or go on; the message is the one line that the user reads."""


class ProcessNode(Node):
    """A node that runs as a process of its own."""

    def failure(self) -> str | None:
        """Why the process must end now with an error, or None."""
        return None

    def close(self) -> None:
        """Leave the robot safe and free what the node holds."""


def run_node(make_node: Callable[[], ProcessNode], args: list[str] | None = None) -> int:
    """
    Run a node until SIGINT, SIGTERM or its own failure.

    rclpy's signal handlers shut its context down at once; ours only end the loop, so that the node
    can still send its last frames and messages.

    :return: exit code of the process
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    node, code = None, EXIT_OK
    try:
        node = make_node()
        executor = SingleThreadedExecutor()
        executor.add_node(node)
        freeze_garbage()
        while not stop.is_set():
            executor.spin_once(timeout_sec=_SPIN_S)
            failure = node.failure()
            if failure:
                raise NodeFailure(failure)
    except (NodeFailure, ValueError, OSError, ParameterException) as error:
        print(f'error: {_one_line(error)}', file=sys.stderr, flush=True)
        code = EXIT_FAILURE
    finally:
        if node is not None:
            node.close()
            node.destroy_node()
        rclpy.try_shutdown()
    return code


def warn_about_middleware(node: Node) -> None:
    """Cyclone under rclpy and under the Unitree SDK clash within one process."""
    name = rclpy.get_rmw_implementation_identifier()
    if 'cyclone' in name:
        node.get_logger().warning(
            f'rclpy runs on {name}, which clashes with the Cyclone DDS of the Unitree wire in one '
            'process; set RMW_IMPLEMENTATION=rmw_fastrtps_cpp')


def _one_line(error: Exception) -> str:
    return ' '.join(str(error).split()) or type(error).__name__
