# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Services and texts that end a walk, from the user to the twin and back."""

from __future__ import annotations

from node_harness import Stack
from std_msgs.msg import String


def walk_again(stack: Stack) -> None:
    """Stand up if need be, and walk."""
    user = stack.user
    if user.controller('mode') not in ('standing', 'walking'):
        answer = user.call('locomotion_controller/stand')
        assert answer.success and answer.message == 'stand: the robot is standing'
        assert user.controller('mode') in ('standing', 'standing_up')
    assert user.call('locomotion_controller/activate').success
    user.wait(lambda: user.controller('mode') == 'walking', 'walking')


def test_stop_stands_until_activate(stack: Stack) -> None:
    user, actor = stack.user, stack.user.controller('actor')
    assert user.call('locomotion_controller/stop').success
    user.wait(lambda: user.controller('mode') == 'standing', 'standing')
    user.text.publish(String(data='pace forward'))
    user.wait(lambda: user.controller('actor') not in ('', actor), 'the next actor')
    assert user.controller('mode') == 'standing', 'a goal does not undo a stop'
    walk_again(stack)
    assert int(user.controller('guard_trips')) == 0


def test_lie_down_sinks_and_damps(stack: Stack) -> None:
    user = stack.user
    assert user.call('locomotion_controller/lie_down').success
    user.wait(lambda: user.controller('mode') == 'damping', 'damping')
    assert int(user.controller('guard_trips')) == 0
    walk_again(stack)


def test_texts_lie_down_and_stop_at_once(stack: Stack) -> None:
    user = stack.user
    for text in ('lie down', 'emergency stop'):
        user.text.publish(String(data=text))
        user.wait(lambda: user.controller('mode') == 'damping', text)
        walk_again(stack)
    user.text.publish(String(data='stop now'))
    user.wait(lambda: user.controller('goal') == 'stand', 'standing still')
    assert user.controller('mode') == 'walking', 'with an actor that stands'
    user.text.publish(String(data='trot forward'))
    user.wait(lambda: user.controller('goal') == 'trot forward', 'the next goal')
    stack.assert_walks_on()


def test_two_publishers_of_actors_are_named_by_both_nodes(stack: Stack) -> None:
    user = stack.user  # the user publishes actors, too
    user.wait(lambda: user.status_with('2 publishers of actor_weights'), 'the controller')
    user.wait(lambda: user.status_with('others publish on /actor_weights'), 'the generator')
    assert len(stack.controller.lines_with('2 publishers of actor_weights')) == 1


def test_commands_that_count_are_said(stack: Stack) -> None:
    user = stack.user
    user.wait(lambda: user.controller('command_from') == 'nominal', 'the nominal command')
    assert user.controller('remote') == 'alive', 'the twin has one, at rest'
    assert user.controller('unfilled') == ''
