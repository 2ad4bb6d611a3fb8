# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What the robot says as ROS messages: ``joint_states``, ``imu`` and ``odom``."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from typing import Any

from nav_msgs.msg import Odometry
import numpy as np
from policy_gen_ros.deployment.controller.report import Sample
from policy_gen_ros.domains.go2.gait.leg_odometry import LegOdometry
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import RobotState
from policy_gen_ros.ros import qos
from policy_gen_ros.ros.process import ProcessNode
from rclpy.time import Time
from sensor_msgs.msg import Imu, JointState

BASE_FRAME, IMU_FRAME, WORLD_FRAME = 'base_link', 'imu', 'odom'
"""The first and the last as REP 105 has them."""
_GYRO_SD_RAD_S, _ORIENTATION_SD_RAD, _SPORT_SD = 0.05, 0.02, 0.01


class RobotTopics:
    """
    Publishes samples of the control loop.

    Stamps follow the robot's clock from the moment of the first sample on: 20 ms of the robot are
    20 ms between two stamps, even when a twin runs slower or faster than real time.

    Odometry is what sport mode says: of a twin, the truth. Where nothing does, as on a robot whose
    built-in controller is released, it is estimated by the legs, with a covariance that grows with
    the way.
    """

    def __init__(self, node: ProcessNode, stack: ExitStack) -> None:
        self._node = node
        self._joints, self._imu, self._odom = (
            node.add_publisher(stack, kind, topic, qos.STREAM)
            for kind, topic in ((JointState, 'joint_states'), (Imu, 'imu'), (Odometry, 'odom')))
        self._offset_ns = 0
        self._last_s = float('inf')
        self._legs = LegOdometry()

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
            self._publish_odometry(sample, stamp)

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

    def _publish_odometry(self, sample: Sample, stamp: Any) -> None:
        state, sport = sample.state, sample.sport
        message = Odometry(child_frame_id=BASE_FRAME)
        message.header.stamp, message.header.frame_id = stamp, WORLD_FRAME
        if sport is not None:
            position = sport.position
            velocity = go2.rotate_to_body(state.quaternion, sport.velocity)
            deviations = np.full(12, _SPORT_SD)
        else:
            found = self._legs.follow(sample.time_s, state.quaternion, RobotState(
                go2.gravity_in_body(state.quaternion), state.gyro, state.joint_pos,
                state.joint_vel))
            position, velocity = found.position, found.velocity
            deviations = np.concatenate([
                np.full(3, found.position_sd_m), np.full(3, _ORIENTATION_SD_RAD),
                found.velocity_sd_mps, np.full(3, _GYRO_SD_RAD_S)])
        _set_vector(message.pose.pose.position, position)
        _set_quaternion(message.pose.pose.orientation, state.quaternion)
        _set_vector(message.twist.twist.linear, velocity)
        _set_vector(message.twist.twist.angular, state.gyro)
        message.pose.covariance = np.diag(deviations[:6]**2).ravel()
        message.twist.covariance = np.diag(deviations[6:]**2).ravel()
        self._odom.publish(message)


def _set_vector(vector: Any, values: np.ndarray) -> None:
    vector.x, vector.y, vector.z = (float(value) for value in values)


def _set_quaternion(quaternion: Any, quat_w: np.ndarray) -> None:
    quaternion.w, quaternion.x, quaternion.y, quaternion.z = (float(value) for value in quat_w)
