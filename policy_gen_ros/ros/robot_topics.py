# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What the robot says as ROS messages: ``joint_states``, ``imu`` and, from a twin, ``odom``."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from typing import Any

from nav_msgs.msg import Odometry
import numpy as np
from policy_gen_ros.deployment.controller.report import Sample
from policy_gen_ros.deployment.wire.frames import LowState, SportState
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.ros import qos
from policy_gen_ros.ros.process import ProcessNode
from rclpy.time import Time
from sensor_msgs.msg import Imu, JointState

BASE_FRAME, IMU_FRAME, WORLD_FRAME = 'base', 'imu', 'odom'


class RobotTopics:
    """
    Publishes samples of the control loop.

    Stamps follow the robot's clock from the moment of the first sample on: 20 ms of the robot are
    20 ms between two stamps, even when a twin runs slower or faster than real time.
    """

    def __init__(self, node: ProcessNode, stack: ExitStack) -> None:
        self._node = node
        self._joints, self._imu, self._odom = (
            node.add_publisher(stack, kind, topic, qos.STREAM)
            for kind, topic in ((JointState, 'joint_states'), (Imu, 'imu'), (Odometry, 'odom')))
        self._offset_ns = 0
        self._last_s = float('inf')

    def publish(self, samples: deque[Sample]) -> None:
        """Publish everything that waits."""
        while samples:
            sample = samples.popleft()
            stamp = self._stamp(sample.time_s)
            state = sample.state
            joints = JointState(
                name=list(go2.JOINT_NAMES), position=state.joint_pos.tolist(),
                velocity=state.joint_vel.tolist(), effort=state.joint_torque.tolist())
            joints.header.stamp = stamp
            self._joints.publish(joints)
            self._publish_imu(sample, stamp)
            if sample.sport is not None:
                self._publish_odometry(sample.state, sample.sport, stamp)

    def _stamp(self, time_s: float) -> Any:
        if time_s < self._last_s:  # the first sample, or another twin
            self._offset_ns = self._node.get_clock().now().nanoseconds - round(time_s * 1e9)
        self._last_s = time_s
        return Time(nanoseconds=self._offset_ns + round(time_s * 1e9)).to_msg()

    def _publish_imu(self, sample: Sample, stamp: Any) -> None:
        message = Imu()
        message.header.stamp, message.header.frame_id = stamp, IMU_FRAME
        _set_quaternion(message.orientation, sample.state.quaternion)
        _set_vector(message.angular_velocity, sample.state.gyro)
        _set_vector(message.linear_acceleration, sample.state.accelerometer)
        self._imu.publish(message)

    def _publish_odometry(self, state: LowState, sport: SportState, stamp: Any) -> None:
        message = Odometry(child_frame_id=BASE_FRAME)
        message.header.stamp, message.header.frame_id = stamp, WORLD_FRAME
        _set_vector(message.pose.pose.position, sport.position)
        _set_quaternion(message.pose.pose.orientation, state.quaternion)
        _set_vector(message.twist.twist.linear,
                    go2.rotate_to_body(state.quaternion, sport.velocity))
        _set_vector(message.twist.twist.angular, state.gyro)
        self._odom.publish(message)


def _set_vector(vector: Any, values: np.ndarray) -> None:
    vector.x, vector.y, vector.z = (float(value) for value in values)


def _set_quaternion(quaternion: Any, quat_w: np.ndarray) -> None:
    quaternion.w, quaternion.x, quaternion.y, quaternion.z = (float(value) for value in quat_w)
