# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``go2_real.launch.py`` for real, but for the robot: without one nothing stands up."""

from __future__ import annotations

import unittest

from launch_harness import description, LaunchUser, TestAfterwards  # noqa: F401 - it is run


def generate_test_description():
    return description('go2_real.launch.py', network_interface='lo')


class TestWhileItRuns(unittest.TestCase):
    """The user's side."""

    def test_without_a_robot_it_says_so_and_goes_on(self) -> None:
        user = LaunchUser()
        try:
            user.wait(lambda: user.heard('no LowState on domain'), 'the silence')
            answer = user.call('locomotion_controller/activate')
            assert not answer.success
            assert 'built-in controller holds the legs' in answer.message
            answer = user.call('locomotion_controller/stand')
            assert not answer.success
            assert 'no LowState has arrived yet' in answer.message
            assert user.controller('mode') == 'passive'
        finally:
            user.close()
