# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Four behaviours in one episode: real actors walk on through swaps, bad ones fall."""


import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.deployment.controller.policy import PolicyRunner
from policy_gen_ros.domains.go2.adaptor import archive_adaptor
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX
from policy_gen_ros.evaluation.studies.sequences import walk_sequences
import pytest
from walkers import constant_actor, qualified_actors, STUMBLING

STEPS = 25
"""Half a second a behaviour."""


@pytest.fixture(scope='module')
def archive():
    return Archive(SHIPPED_INDEX)


@pytest.fixture(scope='module')
def walkers(archive):
    return qualified_actors(archive, 4)


@pytest.fixture(scope='module')
def faller(walkers):
    return constant_actor(walkers[0], STUMBLING)


def test_walkers_last_and_a_faller_ends_the_episode(archive, walkers, faller):
    sequences = [walkers, walkers[::-1], [walkers[0], faller, *walkers[2:]]]
    score = walk_sequences(sequences, archive_adaptor(archive), seed=0, steps_each=STEPS)
    assert score.steps[:2] == (4 * STEPS, 4 * STEPS)
    assert STEPS < score.steps[2] < 0.8 * 4 * STEPS
    assert score.success == pytest.approx(2 / 3)
    assert score.success_interval[0] < 2 / 3 < score.success_interval[1]
    again = walk_sequences(sequences, archive_adaptor(archive), seed=0, steps_each=STEPS)
    assert again == score


def test_a_fall_near_the_end_is_a_success(archive, walkers, faller):
    # The last behaviour begins after 75 % of the steps: whoever needs long to fall has succeeded.
    late = walk_sequences([[*walkers[:3], faller]], archive_adaptor(archive), steps_each=100)
    assert 300 < late.steps[0] < 400
    assert late.success == (late.steps[0] >= 320)


def test_state_is_carried_over_at_the_swaps(archive, walkers, monkeypatch):
    seen = []
    original = PolicyRunner.swap

    def swap(runner, actor):
        seen.append((runner.phase, np.abs(runner.last_action).max(),
                     runner._history._buffer.any()))
        original(runner, actor)

    monkeypatch.setattr(PolicyRunner, 'swap', swap)
    walk_sequences([walkers], archive_adaptor(archive), steps_each=STEPS)
    assert len(seen) == 4
    assert seen[0] == (0.0, 0.0, False)
    assert all(phase > 0 and action > 0 and history for phase, action, history in seen[1:])


def test_four_actors_are_needed(archive, walkers):
    for sequences in ([], [walkers[:3]], [walkers, walkers[:2]]):
        with pytest.raises(ValueError, match='expected 4 each'):
            walk_sequences(sequences, archive_adaptor(archive))
