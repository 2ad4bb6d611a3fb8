# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Control a real Go2 over the given network interface."""

from launch import LaunchDescription
from policy_gen_ros.ros.launching import control_arguments, control_nodes, refuse_others


def generate_launch_description() -> LaunchDescription:
    # No default interface: commands to the legs must not leave through a guessed one.
    arguments = control_arguments(domain_id=0, network_interface=None, auto_activate=False,
                                  rehearse='gate', builtin_controller='release')
    return LaunchDescription([
        refuse_others(arguments), *arguments, control_nodes(clock='wall')])
