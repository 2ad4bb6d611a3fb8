# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What an operator says second: each text is relative to what the robot does."""

from __future__ import annotations

from pathlib import Path

from operator_harness import Operator, start_generator
from policy_gen_ros.domains.go2.gait.measures import family_of
from policy_gen_ros.policies.weights import ActorWeights


def test_a_conversation_of_ten_turns(operator: Operator, tmp_path: Path,
                                     ros_domain_id: int) -> None:
    generator = start_generator(operator, tmp_path, ros_domain_id)

    def ask(text: str) -> dict[str, float]:
        heard = len(operator.actors)
        operator.say(text)
        operator.wait(lambda: len(operator.actors) > heard, text)
        return dict(ActorWeights.from_bytes(operator.actors[-1]).measures)

    try:
        trot = ask('trot forward slowly')
        assert family_of(trot) == 'trot'
        faster = ask('faster')
        assert faster['vx_mps'] > trot['vx_mps'] + 0.05
        lower = ask('a bit lower')
        assert lower['body_height_m'] < faster['body_height_m'] - 0.01
        left = ask('turn left now')
        assert left['yaw_rate_rps'] > 0.15
        straight = ask('go straight')
        assert abs(straight['yaw_rate_rps']) < 0.1
        higher = ask('higher steps')
        assert higher['swing_height_m'] > straight['swing_height_m'] + 0.01
        back = ask('same but backwards')
        assert back['vx_mps'] < -0.05
        assert all(family_of(one) == 'trot' for one in (faster, lower, left, straight, higher,
                                                       back))
        pace = ask('now pace')
        assert family_of(pace) == 'pace'
        assert abs(pace['vx_mps'] - back['vx_mps']) < 0.05
        operator.say('stop')
        operator.wait(lambda: operator.goals()[-1] == 'stand', 'standing')
        operator.say('faster')
        operator.wait(lambda: generator.lines_with('does nothing yet'), 'that nothing can change')
        assert operator.goals()[-1] == 'stand'
        assert 'faster' in operator.generator('understood')
    finally:
        generator.end()
