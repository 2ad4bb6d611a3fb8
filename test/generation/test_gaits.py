# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What the generated weights do: gaits on request, steering, the style in the weights alone."""

from dataclasses import replace

import numpy as np
from policy_gen_ros import Goal, PolicyGenerator, rollout
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
from policy_gen_ros.generation.bundle import bundle_path
import pytest

SENTENCES = {'trot': 'trot forward', 'bound': 'bound forward', 'walk': 'walk forward slowly',
             'pace': 'pace forward with quick steps', 'pronk': 'pronk in place'}


@pytest.fixture(scope='module')
def actors():
    generator = PolicyGenerator.load(device='cpu')
    return {family: generator.generate(Goal(text=text), seed=1)
            for family, text in SENTENCES.items()}


@pytest.fixture(scope='module')
def adaptor():
    return Adaptor.load(bundle_path() / 'adaptor.safetensors')


def test_sentences_give_their_gaits(actors, adaptor):
    results = rollout_actors(list(actors.values()), adaptor, 6.0)
    assert [r.survived for r in results] == [True] * 5
    assert [r.family for r in results] == list(actors)


def test_style_lives_in_the_weights(actors, adaptor):
    """Same clock rate, same command, same start: only the weights differ."""
    same = [replace(actors[family], nominal_command=(0.2, 0.0, 0.0),
                    spec=replace(actors[family].spec, clock_hz=2.6))
            for family in ('trot', 'bound')]
    trot, bound = rollout_actors(same, adaptor, 6.0)
    assert (trot.family, bound.family) == ('trot', 'bound')


def test_actors_follow_cmd_vel(actors, adaptor):
    commands = np.array([[0.5, 0, 0], [0.0, 0, 0], [0.2, 0, 0.6], [0.2, 0, -0.6]])
    fast, still, left, right = rollout_actors([actors['trot']] * 4, adaptor, 6.0, commands)
    assert fast.mean_velocity[0] > still.mean_velocity[0] + 0.25
    assert left.mean_velocity[2] > right.mean_velocity[2] + 0.5


def test_rollout_reports_the_contract(actors):
    result = rollout(actors['trot'], seconds=4.0, command=(0.3, 0.0, 0.0), seed=2)
    again = rollout(actors['trot'], seconds=4.0, command=(0.3, 0.0, 0.0), seed=2)
    assert result.survived
    assert result.seconds == 4.0
    assert result.trajectory.shape == (200, 42)
    assert np.array_equal(result.trajectory, again.trajectory)
    assert 0.0 < result.reward <= 1.0
    assert result.mean_velocity[0] == pytest.approx(result.measures['vx_mps'])


@pytest.mark.parametrize(('seconds', 'command', 'message'), [
    (0.0, None, 'seconds'), (5.0, (1.0, 0.0), 'command'), (5.0, (np.nan, 0, 0), 'command')])
def test_senseless_rollouts_are_refused(actors, seconds, command, message):
    with pytest.raises(ValueError, match=message):
        rollout(actors['trot'], seconds=seconds, command=command)


def test_actor_prompted_by_its_own_trajectory_walks_alike(actors):
    generator = PolicyGenerator.load(device='cpu')
    shown = rollout(actors['bound'], seconds=6.0)
    prompted = generator.generate(Goal(trajectory=shown.trajectory[100:250]), seed=0)
    assert rollout(prompted, seconds=6.0).family == shown.family == 'bound'
