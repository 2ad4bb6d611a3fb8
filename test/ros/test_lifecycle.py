# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Both nodes as lifecycle nodes: a manager configures, activates, deactivates and cleans up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
from node_harness import CONTROLLER, GENERATOR, Process, ros_arguments, TWIN, User
import pytest
from rcl_interfaces.msg import Parameter as ParameterMessage
from rcl_interfaces.msg import ParameterType
from rcl_interfaces.srv import GetParameters, SetParameters
from rclpy.parameter import Parameter
from std_msgs.msg import String


class Manager(User):
    """A user who also manages states and parameters."""

    def ask(self, kind: type, service: str, **fields: object) -> object:
        """Call any service."""
        client = self.node.create_client(kind, service)
        self.wait(client.service_is_ready, f'service {service}')
        future = client.call_async(kind.Request(**fields))
        self.wait(future.done, f'answer of {service}')
        self.node.destroy_client(client)
        return future.result()

    def state(self, node: str) -> str:
        """State in the words of ROS."""
        return self.ask(GetState, f'{node}/get_state').current_state.label

    def change(self, node: str, transition: int) -> bool:
        """Ask for a transition; whether it succeeded."""
        return self.ask(ChangeState, f'{node}/change_state',
                        transition=Transition(id=transition)).success

    def put(self, node: str, name: str, value: object) -> str:
        """Set a parameter; empty, or why not."""
        message: ParameterMessage = Parameter(name, value=value).to_parameter_msg()
        result = self.ask(SetParameters, f'{node}/set_parameters', parameters=[message]).results[0]
        return '' if result.successful else result.reason or 'refused without a reason'


@pytest.fixture
def manager(ros_domain_id: int) -> Iterator[Manager]:
    user = Manager(ros_domain_id)
    yield user
    user.close()


@pytest.fixture
def twin(tmp_path: Path, ros_domain_id: int, domain_id: int) -> Iterator[Process]:
    process = Process(TWIN, ['--domain-id', str(domain_id), '--lockstep'], tmp_path / 'twin.log',
                      ros_domain_id)
    yield process
    process.end()


@pytest.mark.usefixtures('twin')
def test_a_controller_goes_through_its_states(manager: Manager, tmp_path: Path,
                                              ros_domain_id: int, domain_id: int) -> None:
    node = 'locomotion_controller'
    process = Process(CONTROLLER, ros_arguments(autostart=False, domain_id=domain_id,
                                                clock='tick'),
                      tmp_path / 'node.log', ros_domain_id)
    try:
        assert manager.state(node) == 'unconfigured'
        assert manager.put(node, 'clock', 'sun') == \
            "parameter clock is 'sun', expected one of: wall, tick"
        assert manager.put(node, 'adaptor_path', str(tmp_path / 'none.safetensors')) == ''
        assert not manager.change(node, Transition.TRANSITION_CONFIGURE)
        assert manager.state(node) == 'unconfigured'
        assert len(process.lines_with('cannot configure: ')) == 1
        assert manager.put(node, 'adaptor_path', '') == ''
        for _ in range(2):  # the second time as if it were the first
            assert manager.change(node, Transition.TRANSITION_CONFIGURE)
            assert manager.state(node) == 'inactive'
            answer = manager.call(f'{node}/stand')
            assert not answer.success and 'not active' in answer.message
            assert manager.change(node, Transition.TRANSITION_ACTIVATE)
            assert manager.call(f'{node}/stand').success
            manager.wait(lambda: manager.controller('mode') == 'standing', 'standing')
            assert 'clean up first' in manager.put(node, 'domain_id', 7)
            assert manager.put(node, 'guard.tilt_rad', 9.0) != ''  # beyond its range
            assert manager.change(node, Transition.TRANSITION_DEACTIVATE)
            manager.wait(lambda: manager.controller('mode') == 'damping', 'damping')
            manager.wait(lambda: manager.status_with('inactive'), 'that it is inactive')
            assert manager.change(node, Transition.TRANSITION_CLEANUP)
            assert manager.state(node) == 'unconfigured'
            manager.statuses.clear()
        assert manager.change(node, Transition.TRANSITION_UNCONFIGURED_SHUTDOWN)
        assert process.wait() == 0 and 'Traceback' not in process.text()
    finally:
        process.end()


@pytest.mark.usefixtures('twin')
def test_limits_change_while_the_robot_stands(manager: Manager, tmp_path: Path,
                                              ros_domain_id: int, domain_id: int) -> None:
    node = 'locomotion_controller'
    process = Process(CONTROLLER, ros_arguments(domain_id=domain_id, clock='tick'),
                      tmp_path / 'node.log', ros_domain_id)
    try:
        assert manager.call(f'{node}/stand').success
        manager.wait(lambda: manager.controller('mode') == 'standing', 'standing')
        assert manager.put(node, 'guard.battery_v', 39.0) == ''  # more than the twin's battery has
        manager.wait(lambda: manager.status_with('battery'), 'the guard')
        assert manager.controller('mode') == 'damping'
    finally:
        process.end()


def test_a_parameter_takes_whole_numbers_and_says_what_is_wrong(
        manager: Manager, tmp_path: Path, ros_domain_id: int, domain_id: int) -> None:
    node = 'locomotion_controller'
    process = Process(CONTROLLER, ros_arguments(domain_id=domain_id), tmp_path / 'node.log',
                      ros_domain_id)
    try:
        for name in ('blend_s', 'guard.tilt_rad'):
            assert manager.put(node, name, 1) == ''
            value, = manager.ask(GetParameters, f'{node}/get_parameters', names=[name]).values
            assert (value.type, value.double_value) == (ParameterType.PARAMETER_DOUBLE, 1.0)
        assert manager.put(node, 'blend_s', 99) != ''  # beyond its range
        assert manager.put(node, 'blend_z', 1) == \
            "parameter blend_z does not exist; did you mean 'blend_s'?"
        assert manager.put(node, 'blend_s', 'long') == \
            "parameter blend_s is 'long', expected a number"
        assert manager.put(node, 'realtime_priority', 1.5) == \
            'parameter realtime_priority is 1.5, expected a whole number'
        assert manager.put(node, 'use_sim_time', False) == ''  # one of rclpy's own
    finally:
        process.end()


def test_a_generator_answers_only_while_active(manager: Manager, tmp_path: Path,
                                               ros_domain_id: int) -> None:
    node = 'policy_generator'
    process = Process(GENERATOR, ros_arguments(autostart=False), tmp_path / 'node.log',
                      ros_domain_id)

    def ask_for(text: str) -> None:
        manager.wait(lambda: manager.text.get_subscription_count(), 'the generator')
        manager.text.publish(String(data=text))

    try:
        assert manager.change(node, Transition.TRANSITION_CONFIGURE)
        ask_for('trot forward')
        manager.wait(lambda: manager.status_with('refused: policy_generator is not active'),
                     'the refusal')
        assert manager.actors == []
        assert manager.change(node, Transition.TRANSITION_ACTIVATE)
        ask_for('trot forward')
        manager.wait(lambda: len(manager.actors) == 1, 'an actor')
        assert manager.put(node, 'seed', 7) == ''
        ask_for('trot forward')
        manager.wait(lambda: len(manager.actors) == 2, 'another actor')
        assert manager.actors[0] != manager.actors[1]
        assert 'clean up first' in manager.put(node, 'bundle', 'elsewhere')
        assert manager.change(node, Transition.TRANSITION_DEACTIVATE)
        assert manager.change(node, Transition.TRANSITION_CLEANUP)
        manager.wait(lambda: not manager.text.get_subscription_count(), 'silence')
        assert manager.put(node, 'bundle', str(tmp_path / 'nowhere')) == ''
        assert not manager.change(node, Transition.TRANSITION_CONFIGURE)
        assert 'nowhere' in process.lines_with('cannot configure')[0]
    finally:
        assert process.end() == 0


def test_chords_of_the_remote_are_judged_when_they_are_set(manager: Manager, tmp_path: Path,
                                                           ros_domain_id: int) -> None:
    node = 'locomotion_controller'
    process = Process(CONTROLLER, ros_arguments(), tmp_path / 'node.log', ros_domain_id)
    try:
        assert "unknown key 'L3'" in manager.put(node, 'remote.stop', 'L3+X')
        assert 'share B' in manager.put(node, 'remote.stand', 'B')
        assert manager.put(node, 'remote.stop', 'R1+R2') == ''
        assert manager.put(node, 'remote.dead_band', 0.2) == ''
    finally:
        assert process.end() == 0
