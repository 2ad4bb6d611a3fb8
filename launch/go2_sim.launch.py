# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Control a simulated Go2, and start its twin."""

import os
from pathlib import Path
import shutil

from launch import LaunchContext, LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    ExecuteProcess,
    OpaqueFunction,
    SetEnvironmentVariable,
    Shutdown,
)
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.substitutions import ExecutableInPackage, FindPackageShare
import policy_gen_ros
from policy_gen_ros.ros.launching import control_arguments, control_nodes, PACKAGE, refuse_others


def generate_launch_description() -> LaunchDescription:
    arguments = [
        *control_arguments(domain_id=1, network_interface='lo', auto_activate=True,
                           rehearse='off', builtin_controller='none'),
        DeclareLaunchArgument(
            'twin', default_value='mujoco', choices=['mujoco', 'isaacgym', 'none'],
            description='Simulator to start; none: it runs already, on the same wire'),
        DeclareLaunchArgument(
            'isaacgym_python', default_value='python3.8',
            description='For twin:=isaacgym: the interpreter that has Isaac Gym'),
        DeclareLaunchArgument(
            'discovery', default_value='LOCALHOST', choices=['LOCALHOST', 'SUBNET'],
            description='Who finds the nodes: programs on this machine only, or in the network'),
        DeclareLaunchArgument(
            'rehearsal', default_value='false', choices=['true', 'false'],
            description='Make the twin as unkind as a robot: delay, noise, pushes, packet loss'),
    ]
    return LaunchDescription([
        refuse_others(arguments),
        *arguments,
        OpaqueFunction(function=_discovery),
        OpaqueFunction(function=_twin),  # First: where it is refused, no node starts either.
        control_nodes(clock='tick', exit_after_silence_s=10.0),
    ])


def _discovery(context: LaunchContext) -> list[SetEnvironmentVariable]:
    wanted = LaunchConfiguration('discovery').perform(context)
    if os.environ.get('ROS_DISTRO') == 'humble':  # it knows no ranges yet
        return [SetEnvironmentVariable('ROS_LOCALHOST_ONLY', str(int(wanted == 'LOCALHOST')))]
    return [SetEnvironmentVariable('ROS_AUTOMATIC_DISCOVERY_RANGE', wanted)]


def _twin(context: LaunchContext) -> list[ExecuteProcess]:
    def value(name: str) -> str:
        return LaunchConfiguration(name).perform(context)

    twin = value('twin')
    if twin == 'none':
        return []
    if twin == 'isaacgym':
        python = shutil.which(value('isaacgym_python'))
        if not python:
            raise RuntimeError(
                f'isaacgym_python:={value("isaacgym_python")} is no program: name the Python 3.8 '
                'that has Isaac Gym, or use twin:=mujoco')
        script = PathJoinSubstitution([FindPackageShare(PACKAGE), 'sim', 'isaacgym_twin.py'])
        program = [python, script]
    else:
        program = [ExecutableInPackage('go2_twin', PACKAGE)]
    hard = ['--rehearsal'] if value('rehearsal') == 'true' else []
    # A plain process, not a ROS node: it knows the robot's wire and nothing of ROS.
    return [ExecuteProcess(
        cmd=[*program, '--interface', LaunchConfiguration('network_interface'),
             '--domain-id', LaunchConfiguration('domain_id'), *hard],
        # At the end of its path, behind what is made for its own version of Python.
        additional_env={'POLICY_GEN_ROS_HOME': str(Path(policy_gen_ros.__file__).parents[1])},
        name='go2_twin', output='screen', on_exit=Shutdown(reason='go2_twin has ended'))]
