"""A running stack shared by the tests of one module."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import CONTROLLER, GENERATOR, TWIN, Process, User, ros_arguments  # noqa: E402

from policy_gen_ros.demo.domains import free_domains  # noqa: E402
from policy_gen_ros.generator.bundle import bundle_path  # noqa: E402


@dataclass
class Stack:
    """Processes, domains and the user's node."""

    ros_domain: int
    robot_domain: int
    twin: Process
    generator: Process
    controller: Process
    user: User
    folder: Path

    def controller_arguments(self, **more: object) -> list[str]:
        """Parameters of a controller on this stack's wire."""
        return ros_arguments(domain_id=self.robot_domain, network_interface='lo', clock='tick',
                             **more)

    def assert_walks_on(self) -> None:
        """The robot walks, and goes on for half a second of its time."""
        ticks = int(self.user.controller('policy_ticks') or 0)
        self.user.wait(lambda: int(self.user.controller('policy_ticks') or 0) >= ticks + 25,
                       'policy ticks')
        assert self.user.controller('mode') == 'walking'


@pytest.fixture(scope='module')
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Generator, controller and lockstep twin; the robot already walks."""
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
        from std_msgs.msg import String
        user.text.publish(String(data='trot forward at a medium pace'))
        user.wait(lambda: user.controller('mode') == 'walking', 'walking')
        yield made
    finally:
        for process in (made.controller, made.generator, made.twin):
            process.end()
        user.close()
