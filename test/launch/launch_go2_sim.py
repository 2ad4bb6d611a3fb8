# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``go2_sim.launch.py`` for real: a sentence, and the twin walks."""

from __future__ import annotations

import unittest

from launch_harness import description, LaunchUser, TestAfterwards  # noqa: F401 - it is run
from std_msgs.msg import String


def generate_test_description():
    return description('go2_sim.launch.py')


class TestWhileItRuns(unittest.TestCase):
    """The user's side."""

    def test_a_sentence_makes_the_dog_walk(self) -> None:
        user = LaunchUser()
        try:
            user.wait(lambda: user.goals.get_subscription_count() and user.heard('ready'),
                      'the generator')
            user.goals.publish(String(data='trot forward'))
            user.wait(lambda: user.controller('mode') == 'walking', 'walking')
            user.goals.publish(String(data='walk forward slowly'))
            user.wait(lambda: user.controller('goal') == 'walk forward slowly', 'the swap')
            assert user.controller('mode') == 'walking'
        finally:
            user.close()
