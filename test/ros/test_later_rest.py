# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A rest that is told for later: the walk goes on until then, and without one it is at once."""

from __future__ import annotations

from pathlib import Path
import time

from operator_harness import Operator, start_generator


def test_a_rest_comes_later_where_something_walks(operator: Operator, tmp_path: Path,
                                                  ros_domain_id: int) -> None:
    generator = start_generator(operator, tmp_path, ros_domain_id)
    operator.answer('damp')
    try:
        operator.say('stop after 30 s')
        operator.wait(lambda: operator.goals()[-1:] == ['stand'], 'standing at once', 20.0)
        assert generator.lines_with('not waited for: nothing walks')
        operator.say('trot forward')
        operator.wait(lambda: operator.goals()[-1] == 'trot forward', 'the walk')
        heard = len(operator.actors)
        began = time.monotonic()
        operator.say('stop after 3 s')
        operator.wait(lambda: operator.goals()[-1] == 'stand', 'standing')
        assert time.monotonic() - began > 2.9
        assert operator.actors[heard] == operator.actors[heard - 1], 'another walk was made'
        assert operator.goals()[heard:] == ['trot forward', 'trot on the spot', 'stand']
        assert operator.generator('intent') == 'walk; stand'
        operator.say('trot forward')
        operator.wait(lambda: operator.goals()[-1] == 'trot forward', 'the walk')
        operator.say('stop after 60 s')
        operator.say('stop')
        operator.wait(lambda: operator.goals()[-1] == 'stand', 'that a stop comes first', 20.0)
        operator.say('trot forward')
        operator.wait(lambda: operator.goals()[-1] == 'trot forward', 'the walk')
        operator.say('e-stop in 60 s')
        operator.wait(lambda: operator.asked == ['damp'], 'damping at once', 20.0)
    finally:
        generator.end()
