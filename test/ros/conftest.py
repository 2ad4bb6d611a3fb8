# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""A running stack shared by the tests of one module."""

from __future__ import annotations

from collections.abc import Iterator

from node_harness import CONTROLLER, GENERATOR, Process, Stack, TWIN, User
from operator_harness import Operator
from policy_gen_ros.commands.demo.domains import free_domains
from policy_gen_ros.generation.bundle import bundle_path
import pytest
from std_msgs.msg import String


@pytest.fixture(scope='module')
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start generator, controller and lockstep twin; the robot already walks."""
    assert bundle_path(None).is_dir(), 'the shipped bundle is missing: run `policy_gen train`'
    ros, robot = free_domains(2)
    folder = tmp_path_factory.mktemp('stack')
    wire = ['--domain-id', str(robot), '--interface', 'lo']
    user = User(ros)
    made = Stack(
        ros, robot, Process(TWIN, [*wire, '--lockstep'], folder / 'twin.log', ros),
        Process(GENERATOR, [], folder / 'generator.log', ros), None, user, folder)
    made.controller = Process(CONTROLLER, made.controller_arguments(auto_activate=True),
                              folder / 'controller.log', ros)
    try:
        user.wait(lambda: len(user.values) == 2 and user.text.get_subscription_count() == 1,
                  'both nodes', 120.0)
        user.text.publish(String(data='trot forward at a medium pace'))
        user.wait(lambda: user.controller('mode') == 'walking', 'walking')
        yield made
    finally:
        for process in (made.controller, made.generator, made.twin):
            process.end()
        user.close()


@pytest.fixture
def operator(ros_domain_id: int) -> Iterator[Operator]:
    user = Operator(ros_domain_id)
    yield user
    user.close()
