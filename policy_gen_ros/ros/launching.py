# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What ``go2_real.launch.py`` and ``go2_sim.launch.py`` share: both nodes and their arguments.

The launch files differ only in what is on the other side of Unitree's wire. This module imports
``launch`` and ``launch_ros``, which come with a ROS 2 installation; only launch files import it.
"""

from pathlib import Path
import sys

from launch import LaunchContext
from launch.actions import DeclareLaunchArgument, OpaqueFunction, Shutdown
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.substitutions import FindPackageShare
from policy_gen_ros.ros.arguments import check_params_file
from policy_gen_ros.utils.naming import suggest

PACKAGE = 'policy_gen_ros'
_OF_ROS2_LAUNCH = ('launch-prefix', 'launch-prefix-filter')
"""Its own options, which it hands on like launch arguments."""


def control_arguments(*, domain_id: int, network_interface: str | None,
                      auto_activate: bool, rehearse: str,
                      builtin_controller: str) -> list[DeclareLaunchArgument]:
    """
    List the launch arguments that :func:`control_nodes` reads.

    :param domain_id: default DDS domain of Unitree's wire
    :param network_interface: default interface of that wire; None makes the argument required
    :param auto_activate: default for standing up and walking with the first actor
    :param rehearse: default for trying actors in perturbed twins before they are published
    :param builtin_controller: default for whether the legs have to be taken from a controller
    """
    return [
        DeclareLaunchArgument(
            'namespace', default_value='', description='Namespace of both nodes'),
        DeclareLaunchArgument(
            'network_interface', default_value=network_interface,
            description="Network interface of Unitree's wire, such as eth0"),
        DeclareLaunchArgument(
            'domain_id', default_value=str(domain_id),
            description="DDS domain of Unitree's wire (not ROS_DOMAIN_ID)"),
        DeclareLaunchArgument(
            'builtin_controller', default_value=builtin_controller, choices=['release', 'none'],
            description="release: Unitree's own controller holds the legs, and stand takes them "
            'from it; none: a twin or simulator has none'),
        DeclareLaunchArgument(
            'auto_activate', default_value=str(auto_activate).lower(), choices=['true', 'false'],
            description='Stand up and walk as soon as there is an actor, without being called'),
        DeclareLaunchArgument(
            'rehearse', default_value=rehearse, choices=['off', 'gate', 'best_of_k'],
            description='Try actors in perturbed twins, and publish only those that qualify'),
        DeclareLaunchArgument(
            'bundle', default_value='',
            description='Bundle of trained weights; empty: that of params_file, or the shipped'),
        DeclareLaunchArgument(
            'params_file',
            default_value=PathJoinSubstitution([FindPackageShare(PACKAGE), 'config', 'go2.yaml']),
            description='Parameters of both nodes'),
        DeclareLaunchArgument(
            'log_level', default_value='info',
            choices=['debug', 'info', 'warn', 'error', 'fatal'],
            description='Lowest severity that both nodes log'),
    ]


def refuse_others(arguments: list[DeclareLaunchArgument]) -> OpaqueFunction:
    """
    Refuse all other launch arguments on the command line: launch itself ignores what is misspelt.

    Where another launch file includes ours, the command line is for that one to check.
    """
    return OpaqueFunction(function=_refuse_others, args=[[item.name for item in arguments]])


def _refuse_others(context: LaunchContext, known: list[str]) -> None:
    file = Path(getattr(context.locals, 'current_launch_file_path', ''))
    asked_for = any(Path(word).absolute() == file or (word == file.name and PACKAGE in sys.argv)
                    for word in sys.argv)
    given = [word.partition(':=')[0] for word in context.argv]
    for name in given:
        if asked_for and name not in (*known, *_OF_ROS2_LAUNCH):
            raise ValueError(f'there is no launch argument {name}{suggest(name, known)}')


def control_nodes(clock: str, exit_after_silence_s: float | None = None) -> OpaqueFunction:
    """
    Start policy generator and locomotion controller.

    :param clock: what the age of a robot state is taken by: ``wall`` for a robot, ``tick`` for a
        twin, whose simulated time may run slower
    :param exit_after_silence_s: silence of the robot or twin that ends the controller; None: as
        params_file says, or never
    """
    return OpaqueFunction(function=_nodes, args=[clock, exit_after_silence_s])


def _nodes(context: LaunchContext, clock: str,
           exit_after_silence_s: float | None) -> list[Node]:
    def value(name: str) -> str:
        return LaunchConfiguration(name).perform(context)

    try:
        domain_id = int(value('domain_id'))
    except ValueError:
        raise ValueError(f'domain_id:={value("domain_id")} is not a whole number: give '
                         'domain_id:=1 or another') from None
    check_params_file(value('params_file'))  # launch itself only warns of one that is not there
    # An empty argument must not hide the bundle named in the params file.
    both = {'bundle': value('bundle')} if value('bundle') else {}
    wire: dict = {'network_interface': value('network_interface'), 'domain_id': domain_id,
                  'clock': clock, 'auto_activate': value('auto_activate') == 'true',
                  'builtin_controller': value('builtin_controller')}
    if exit_after_silence_s is not None:
        wire['exit_after_silence_s'] = exit_after_silence_s

    def node(name: str, overrides: dict, **options) -> Node:
        return Node(
            package=PACKAGE, executable=name, name=name, namespace=value('namespace'),
            parameters=[value('params_file'), *([overrides] if overrides else [])],
            output='screen', emulate_tty=True,
            # Where SROS 2 is switched on, the enclave holds the node's keys.
            arguments=['--ros-args', '--log-level', value('log_level'), '--enclave', f'/{name}'],
            **options)

    return [
        # Without the generator the robot goes on with the actor that it has; without the
        # controller nothing is left to launch for.
        node('policy_generator', {**both, 'rehearse': value('rehearse')}),
        node('locomotion_controller', {**both, **wire},
             on_exit=Shutdown(reason='locomotion_controller has ended')),
    ]
