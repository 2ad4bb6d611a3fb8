# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Words for rest reach a generator at any time, and are acted on at once."""

from __future__ import annotations

from pathlib import Path
import resource
import signal
import time

from node_harness import Process
from operator_harness import Operator, start_generator
import psutil


def test_rest_interrupts_a_rehearsal(operator: Operator, tmp_path: Path,
                                     ros_domain_id: int) -> None:
    generator = start_generator(operator, tmp_path, ros_domain_id, rehearse='best_of_k',
                                candidates=32)
    try:
        operator.say('trot forward slowly')
        began = time.monotonic()
        while time.monotonic() < began + 0.5:
            operator.spin()
        operator.say('stop now')
        operator.wait(lambda: operator.goals(), 'rest')
        assert operator.goals() == ['trot on the spot'], 'the walk was made first'
        operator.wait(lambda: len(operator.actors) == 2, 'standing')
        assert operator.goals() == ['trot on the spot', 'stand']
        assert generator.lines_with("behavior_goal dropped: 'stand' came")
        operator.wait(lambda: operator.generator('intent') == 'stand', 'the intent')
        operator.say('walk forward slowly')
        operator.wait(lambda: len(operator.actors) == 3, 'the next goal', 240.0)
        assert operator.goals()[2] == 'walk forward slowly', 'the dropped goal was published'
    finally:
        generator.end()


def test_lying_down_and_emergency_ask_the_controller_and_end_a_sequence(
        operator: Operator, tmp_path: Path, ros_domain_id: int) -> None:
    generator = start_generator(operator, tmp_path, ros_domain_id)
    try:
        operator.say('sit down')  # nobody is there to answer
        _, level, text = operator.wait(lambda: operator.status_with('lie_down is not there'),
                                       'that nobody answers')
        assert level == b'\x02' and 'made to stand instead' in text
        operator.wait(lambda: operator.goals()[-1:] == ['stand'], 'standing instead')
        for wish in ('lie_down', 'damp'):
            operator.answer(wish)
        operator.wait(lambda: generator.text(), 'discovery')
        operator.say('trot forward for 1 s, then lie down, then pace')
        operator.wait(lambda: operator.asked == ['lie_down'], 'lying down at its time')
        operator.say('trot forward for 1 s, then pace forward')
        operator.wait(lambda: operator.goals()[-1:] == ['trot forward'], 'the sequence')
        heard = len(operator.actors)
        operator.say('EMERGENCY!')
        operator.wait(lambda: operator.asked == ['lie_down', 'damp'], 'damping')
        began = time.monotonic()
        while time.monotonic() < began + 2.0:
            operator.spin()
        assert len(operator.actors) == heard, 'the sequence went on'
        assert operator.generator('intent') == 'emergency stop'
    finally:
        generator.end()


def test_what_is_neither_is_refused_and_other_generators_are_named(
        operator: Operator, tmp_path: Path, ros_domain_id: int) -> None:
    generator = start_generator(operator, tmp_path, ros_domain_id)
    try:
        operator.say('buy milk and eggs')
        operator.wait(lambda: operator.status_with('behavior_goal refused: '), 'the refusal')
        assert not operator.actors
        # The user publishes actors too, as a second generator would.
        operator.wait(lambda: operator.status_with('1 others publish on /actor_weights'),
                      'the other publisher')
        assert len(generator.lines_with('others publish on')) == 1
    finally:
        ending_s = cpu_s_to_end(generator)
    assert ending_s < 1.0, '`ros2 launch` kills a node that has not ended within 5 s'


def cpu_s_to_end(process: Process) -> float:
    """Return how long a process computes after SIGINT, on a machine however busy."""
    times = psutil.Process(process.popen.pid).cpu_times()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process.end(signal.SIGINT) == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            - times.user - times.system)
