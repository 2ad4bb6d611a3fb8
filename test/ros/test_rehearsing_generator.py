# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A generator that publishes only what has passed its rehearsal."""

from __future__ import annotations

from pathlib import Path

from node_harness import GENERATOR, Process, ros_arguments, User
from policy_gen_ros.policies.weights import ActorWeights
import pytest
from std_msgs.msg import Float32MultiArray, MultiArrayDimension, String

IMPOSSIBLE = Float32MultiArray(data=[6.0, 0.3, 0.3, 0.3, -2.0, 2.5])
IMPOSSIBLE.layout.dim.append(MultiArrayDimension(
    label='frequency_hz,phase_fr,phase_rl,phase_rr,vx_mps,yaw_rate_rps', size=6, stride=6))


@pytest.mark.parametrize(('mode', 'candidates'), [('gate', 1), ('best_of_k', 2)])
def test_what_does_not_qualify_is_refused_with_reasons(
        tmp_path: Path, ros_domain_id: int, mode: str, candidates: int) -> None:
    user = User(ros_domain_id)
    # Else the goal would be refused before it is tried.
    generator = Process(GENERATOR, ros_arguments(rehearse=mode, candidates=2,
                                                 unknown_goals='warn'),
                        tmp_path / 'generator.log', ros_domain_id)
    try:
        user.wait(lambda: user.text.get_subscription_count() == 1
                  and user.measures.get_subscription_count() == 1
                  and 'policy_generator ready' in generator.text(), 'the generator', 120.0)
        user.measures.publish(IMPOSSIBLE)
        _, _, reason = user.wait(lambda: user.status_with('did not pass its rehearsal'),
                                 'the refusal', 120.0)
        assert f'no candidate of {candidates} walks well enough' in reason
        assert 'x "falls"' in reason
        assert not user.actors
        user.text.publish(String(data='trot forward'))
        user.wait(lambda: user.actors, 'an actor that qualifies', 120.0)
        assert ActorWeights.from_bytes(user.actors[0]).goal == 'trot forward'
    finally:
        generator.end()
        user.close()
