# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A user who talks to a generator and answers it as the controller does."""

from __future__ import annotations

from pathlib import Path

from node_harness import GENERATOR, Process, ros_arguments, User
from policy_gen_ros.policies.weights import ActorWeights
from std_msgs.msg import String
from std_srvs.srv import Trigger


class Operator(User):
    """A user who also answers as the controller does."""

    def __init__(self, ros_domain: int) -> None:
        super().__init__(ros_domain)
        self.asked: list[str] = []

    def answer(self, wish: str) -> None:
        """Serve one of the controller's requests from now on."""
        def serve(_: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
            self.asked.append(wish)
            response.success = True
            return response

        self.node.create_service(Trigger, f'locomotion_controller/{wish}', serve)

    def goals(self) -> list[str]:
        """Goals of the actors that were published."""
        return [ActorWeights.from_bytes(blob).goal for blob in self.actors]

    def say(self, text: str) -> None:
        """Publish a goal."""
        self.text.publish(String(data=text))

    def generator(self, key: str) -> str:
        """Newest diagnostics value of the generator."""
        return self.values.get('policy_generator', {}).get(key, '')


def start_generator(operator: Operator, folder: Path, domain: int,
                    **parameters: object) -> Process:
    """Start a generator and wait until it takes goals."""
    generator = Process(GENERATOR, ros_arguments(**parameters), folder / 'generator.log', domain)
    operator.wait(lambda: operator.text.get_subscription_count() == 1
                  and 'policy_generator ready' in generator.text(), 'the generator', 240.0)
    return generator
