# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A controller that trusts one generator, over real DDS."""

from __future__ import annotations

from pathlib import Path

from node_harness import CONTROLLER, GENERATOR, Process, ros_arguments, User
from policy_gen_ros.policies.signature import check_signature, make_key, public_name
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.ros.messages import message_from_actor
from std_msgs.msg import String


def test_only_actors_of_a_known_generator_are_taken(tmp_path: Path, ros_domain_id: int,
                                                    domain_id: int) -> None:
    key = make_key(tmp_path / 'key.pem')
    generator = Process(GENERATOR, ros_arguments(signing_key=tmp_path / 'key.pem'),
                        tmp_path / 'generator.log', ros_domain_id)
    controller = Process(CONTROLLER, ros_arguments(
        domain_id=domain_id, clock='tick', trusted_keys=f'["{public_name(key)}"]'),
        tmp_path / 'controller.log', ros_domain_id)
    user = User(ros_domain_id)
    try:
        user.wait(lambda: 'ready' in generator.text() and 'ready' in controller.text(), 'nodes')
        user.wait(lambda: user.text.get_subscription_count(), 'the generator')
        user.text.publish(String(data='trot forward'))
        user.wait(lambda: user.actors, 'weights')
        signed = user.actors[0]
        check_signature(signed, [public_name(key)])

        user.wait(lambda: user.weights.get_subscription_count() > 1, 'the controller')
        user.weights.publish(message_from_actor(ActorWeights.from_bytes(signed).to_bytes()))
        user.wait(lambda: user.status_with('actor refused: not signed'), 'refusal')
        user.weights.publish(message_from_actor(signed))
        user.wait(lambda: len(user.actors) == 3, 'both messages')
        user.statuses.clear()
        user.wait(lambda: user.controller('refused') and user.status_with(''), 'status')
        assert user.controller('refused') == '1'
    finally:
        user.close()
        generator.end()
        controller.end()
