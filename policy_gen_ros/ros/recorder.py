# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A rosbag2 recording of the ROS side, for ``policy_gen demo --record``, Foxglove and prompts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
import threading
import time

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Twist
from nav_msgs.msg import Odometry
from policy_gen_ros.deployment.recording.message_types import known_types
from policy_gen_ros.ros import qos
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile
from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2 import StoragePlugin, Writer
from sensor_msgs.msg import Imu, JointState
from std_msgs.msg import String, UInt8MultiArray

TOPICS: dict[str, tuple[type, QoSProfile]] = {
    '/joint_states': (JointState, qos.STREAM),
    '/imu': (Imu, qos.STREAM),
    '/odom': (Odometry, qos.STREAM),
    '/diagnostics': (DiagnosticArray, qos.DIAGNOSTICS),
    '/behavior_goal': (String, qos.GOALS),
    '/cmd_vel': (Twist, qos.COMMAND),
    '/actor_weights': (UInt8MultiArray, qos.ACTOR_WEIGHTS)}
_FOREVER = QosTime(9_223_372_036, 854_775_807)
_SPIN_S = 0.05


class RecorderError(RuntimeError):
    """The recording could not be written."""


class Recorder:
    """
    Writes what nodes say into a new recording, in a thread and a ROS context of its own.

    :param folder: of the recording; made here
    :param storage: ``mcap`` or ``sqlite3``
    :raises RecorderError: the folder exists or cannot be made
    """

    def __init__(self, folder: Path, storage: str) -> None:
        self._folder, self._storage = folder, StoragePlugin[storage.upper()]
        self._failure: Exception | None = None
        self._listening, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name='recorder', daemon=True)
        self._thread.start()
        self._listening.wait()
        self.check()

    def check(self) -> None:
        """Raise :class:`RecorderError` when nothing is recorded any more."""
        if self._failure is not None:
            raise RecorderError(f'cannot record to {self._folder}: {self._failure}')

    def close(self) -> None:
        """
        Stop listening and complete the recording.

        :raises RecorderError: it is not complete
        """
        self._stopping.set()
        self._thread.join()
        self.check()

    def _run(self) -> None:
        """Open, write and close: SQLite wants all of it in one thread."""
        try:
            # Version 8, because ROS 2 Humble cannot read how version 9 writes quality of service.
            with Writer(self._folder, version=8, storage_plugin=self._storage) as writer:
                self._listen(writer)
        except Exception as error:  # no place, a full disk: reported where somebody waits
            self._failure = error
        finally:
            self._listening.set()

    def _listen(self, writer: Writer) -> None:
        with ExitStack() as stack:
            context = rclpy.Context()
            context.init()
            stack.callback(context.try_shutdown)
            node = rclpy.create_node('policy_gen_recorder', context=context)
            stack.callback(node.destroy_node)
            for topic, (kind, profile) in TOPICS.items():
                node.create_subscription(kind, topic, _write_to(writer, topic, kind, profile),
                                         profile, raw=True)
            executor = SingleThreadedExecutor(context=context)
            executor.add_node(node)
            self._listening.set()
            while not self._stopping.is_set():
                executor.spin_once(timeout_sec=_SPIN_S)


def _write_to(writer: Writer, topic: str, kind: type,
              profile: QoSProfile) -> Callable[[bytes], None]:
    package = kind.__module__.partition('.')[0]
    connection = writer.add_connection(
        topic, f'{package}/msg/{kind.__name__}', typestore=known_types(),
        offered_qos_profiles=[_offered(profile)])
    return lambda message: writer.write(connection, time.time_ns(), message)


def _offered(profile: QoSProfile) -> Qos:
    """Quality of service with which a player is to publish."""
    return Qos(QosHistory(profile.history), profile.depth, QosReliability(profile.reliability),
               QosDurability(profile.durability), _FOREVER, _FOREVER, QosLiveliness.AUTOMATIC,
               _FOREVER, False)
