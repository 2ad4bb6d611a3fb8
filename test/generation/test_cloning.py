# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""When a prompt is cloned, and what is said of the clone, with a generator that is made up."""

from __future__ import annotations

from types import SimpleNamespace

from made_up_metaworld import DOMAIN
import numpy as np
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.metaworld.constants import LAYER_SIZES, scaled, TASKS
from policy_gen_ros.domains.metaworld.demonstration import STEP_M
from policy_gen_ros.generation.cloning import generate_or_clone
from policy_gen_ros.generation.coverage import Coverage, motion_features
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.training.ppo import new_network
import pytest

MEASURES = {'task': float(TASKS.index('reach')), 'success_s': 1.0, 'path_m': 0.5,
            'height_m': 0.2, 'side_m': 0.0}


def prompt(action, observed=scaled):
    """Rows of a hand that always does the same. Shape: (63, 43)."""
    hand = np.array([0.0, 0.6, 0.2]) + STEP_M * np.arange(63)[:, None] * np.array(action)
    frame = np.concatenate([hand, np.full((63, 15), 0.1)], axis=1)
    state = observed(np.concatenate([frame, frame, np.full((63, 3), 0.2)], axis=1))
    actions = np.tile([*action, 1.0], (63, 1))
    return np.concatenate([state, actions], axis=1).astype(np.float32)


KNOWN, UNKNOWN = prompt((0.1, 0.2, 0.0)), prompt((-0.2, 0.0, 0.3))


class Generator:
    """Knows one motion, and makes the same policy of every goal."""

    domain = DOMAIN

    def __init__(self):
        motions = motion_features(DOMAIN.trajectory, KNOWN)[None]
        self.validation = SimpleNamespace(coverage=Coverage(
            DOMAIN, np.zeros((1, 5)), np.ones(5), np.zeros(0), motions, np.ones(1)))

    def generate_batch(self, goals, seed, steps, guidance):
        return [DOMAIN.make_policy(new_network(LAYER_SIZES, 0), np.array([MEASURES['task']]),
                                   {**MEASURES, **(goal.measures or {})}, 'a prompt', 'made up',
                                   ('never seen',)) for goal in goals]


@pytest.fixture
def cloned(monkeypatch):
    """Trajectories that were cloned; a clone has the weights of the seed's network."""
    found = []

    def clone(trajectories, starts, seed):
        assert all(np.array_equal(start[0][0], new_network(LAYER_SIZES, 0)[0][0])
                   for start in starts) and len(starts) == len(trajectories)
        found.extend(trajectories)
        return [new_network(LAYER_SIZES, seed) for _ in starts]

    monkeypatch.setattr(type(DOMAIN), 'cloners', lambda domain: {'the demonstration': clone})
    return found


def goal(trajectory, **measures):
    return Goal(trajectory=trajectory, measures=measures or None, domain='metaworld')


def test_what_is_far_from_training_is_cloned(cloned):
    near, far = generate_or_clone(Generator(), [goal(KNOWN), goal(UNKNOWN)], seed=3)
    assert len(cloned) == 1 and np.array_equal(cloned[0], UNKNOWN)
    assert not near.cloned and near.policy.measures == MEASURES
    assert near.policy.warnings == ('never seen',)
    assert near.reason == ('the trajectory is near those of training: 0.0 times as far as its own '
                           'may be, up to 2 is trusted')
    assert far.cloned and 'is far from those of training' in far.reason
    assert np.array_equal(far.policy.layers[0][0], new_network(LAYER_SIZES, 3)[0][0])
    assert far.policy.goal == 'a prompt (cloned)' and far.policy.bundle == 'made up'


def test_a_clone_says_its_task_and_where_that_is_a_guess(cloned):
    guessed, told = (found.policy for found in generate_or_clone(
        Generator(), [goal(UNKNOWN), goal(UNKNOWN, task=MEASURES['task'])]))
    assert guessed.measures == told.measures == {'task': MEASURES['task']}
    assert guessed.warnings == ('the clone is run with task = reach, the nearest that the '
                                'generator knows: name another among the measures',)
    assert told.warnings == ()


def test_always_and_never_do_as_they_say(cloned):
    goals = [goal(KNOWN), goal(UNKNOWN)]
    assert [found.cloned for found in generate_or_clone(Generator(), goals, clone='never')] \
        == [False, False]
    assert not cloned
    always = generate_or_clone(Generator(), goals, clone='always')
    assert [(found.cloned, found.reason) for found in always] == [(True, 'as was asked')] * 2
    with pytest.raises(ValueError, match='expected one of: auto, always, never'):
        generate_or_clone(Generator(), goals, clone='sometimes')


def without_actions():
    rows = UNKNOWN.copy()
    rows[:, 39:] = np.nan
    return rows


@pytest.mark.parametrize(('rows', 'problem'), [
    (without_actions(), 'it lacks actions'),
    (prompt((-0.2, 0.0, 0.3), lambda state: state), 'of what its actions say'),
    (UNKNOWN * np.float32(100), 'm away')])
def test_what_teaches_nothing_is_not_cloned(cloned, rows, problem):
    (left,) = generate_or_clone(Generator(), [goal(rows)])
    assert not left.cloned and problem in left.reason and not cloned
    with pytest.raises(ValueError, match=f'cannot be cloned: .*{problem}'):
        generate_or_clone(Generator(), [goal(rows)], clone='always')


def test_without_a_trajectory_or_a_way_to_clone_there_is_no_question(cloned):
    (plain,) = generate_or_clone(Generator(), [Goal(measures={'task': 3}, domain='metaworld')])
    assert not plain.cloned and plain.reason == ''
    with pytest.raises(ValueError, match='no trajectory to clone'):
        generate_or_clone(Generator(), [Goal(measures={'task': 3}, domain='metaworld')],
                          clone='always')
    walker = SimpleNamespace(domain=find_domain('go2'))
    with pytest.raises(ValueError, match='domain go2 are not cloned'):
        generate_or_clone(walker, [Goal(text='trot')], clone='always')
