# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``go2_real.launch.py`` with a simulator that was started by itself, as Unitree's own is."""

from __future__ import annotations

import sys
import unittest

from launch.actions import ExecuteProcess
from launch_harness import (  # noqa: F401 - what is afterwards is run
    description,
    LaunchUser,
    ROBOT_DOMAIN,
    TestAfterwards,
)
from std_msgs.msg import String


def generate_test_description():
    simulator = ExecuteProcess(
        cmd=[sys.executable, '-m', 'policy_gen_ros.deployment.twin.process', '--domain-id',
             str(ROBOT_DOMAIN)], output='screen')
    return description('go2_real.launch.py', simulator, network_interface='lo',
                       builtin_controller='none', rehearse='off')


class TestWhileItRuns(unittest.TestCase):
    """The user's side."""

    def test_stand_takes_the_legs_from_nobody(self) -> None:
        user = LaunchUser()
        try:
            user.wait(lambda: user.goals.get_subscription_count() and user.heard('ready'),
                      'the generator')
            user.goals.publish(String(data='walk forward slowly'))
            user.wait(lambda: user.controller('goal') == 'walk forward slowly', 'the actor')
            user.wait(lambda: user.controller('connected') == 'True', 'the simulator')
            answer = user.call('locomotion_controller/stand')
            assert answer.success and 'built-in controller' not in answer.message
            user.wait(lambda: user.controller('mode') == 'standing', 'standing')
            assert user.call('locomotion_controller/activate').success
            user.wait(lambda: user.controller('mode') == 'walking', 'walking')
        finally:
            user.close()
