# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""One status of one node on ``diagnostics``."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from policy_gen_ros.ros.process import ProcessNode
from policy_gen_ros.ros.qos import DIAGNOSTICS
from rclpy.node import Node

OK, WARN, ERROR = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR
HARDWARE_ID = 'go2'


class DiagnosticsPublisher:
    """Publishes statuses under the node's name, until the stack unwinds."""

    def __init__(self, node: ProcessNode, stack: ExitStack) -> None:
        self._node = node
        self._publisher = node.add_publisher(stack, DiagnosticArray, 'diagnostics', DIAGNOSTICS)

    def publish(self, level: bytes, message: str, values: Mapping[str, object]) -> None:
        """Publish one status; numbers are written with six digits."""
        status = DiagnosticStatus(
            level=level, name=self._node.get_fully_qualified_name().lstrip('/'), message=message,
            hardware_id=HARDWARE_ID,
            values=[KeyValue(key=key, value=_text(value)) for key, value in values.items()])
        array = DiagnosticArray(status=[status])
        array.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(array)


def log(node: Node, level: bytes, text: str) -> None:
    """Write one log line. rclpy ties each call site to one severity, hence three of them."""
    logger = node.get_logger()
    if level == OK:
        logger.info(text)
    elif level == WARN:
        logger.warning(text)
    else:
        logger.error(text)


def _text(value: object) -> str:
    return f'{value:.6g}' if isinstance(value, float) else str(value)
