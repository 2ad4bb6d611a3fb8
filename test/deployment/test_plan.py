# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The actors of a sequence, and the one that stands."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.deployment.controller.swap import check_actor, probe_observations
from policy_gen_ros.deployment.plan import CALM_S, plan
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.shipped import ADAPTOR_FILE, CALM_FILE
from policy_gen_ros.domains.go2.spec import NETWORK
from policy_gen_ros.domains.go2.standing import standing_actor
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
from policy_gen_ros.domains.go2.twin.conditions import CONDITIONS
from policy_gen_ros.evaluation.studies.sequences import walk_sequences
from policy_gen_ros.generation.bundle import bundle_path
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.sequence import parse_sequence
from policy_gen_ros.policies.network import forward
from policy_gen_ros.policies.weights import ActorWeights
import pytest

CALM = ActorWeights.load(bundle_path() / CALM_FILE)


@pytest.fixture(scope='module')
def generator() -> PolicyGenerator:
    return PolicyGenerator.load()


def test_standing_comes_after_steps_on_the_spot(generator):
    parts = plan(parse_sequence('trot forward for 3 s, then stand for 2 s, then pace'),
                 generator.generate, CALM)
    assert [(part.actor.goal, part.seconds) for part in parts] == [
        ('trot forward', 3.0), ('trot on the spot', CALM_S), ('stand', 2.0), ('pace', None)]
    assert parts[1].actor.nominal_command == (0.0, 0.0, 0.0)


@pytest.mark.parametrize('text', ['stand for 2 s', 'trot for 3 s, then stand for 2 s'])
def test_nothing_is_due_after_the_last_actor(generator, text):
    *others, last = plan(parse_sequence(text), generator.generate, CALM)
    assert (last.actor.goal, last.seconds) == ('stand', None)
    assert all(part.seconds for part in others)


def test_what_walks_is_kept_before_a_rest_that_comes_later(generator):
    walking = generator.generate(Goal(text='pace forward'))
    keep, calm, stand = plan(parse_sequence('stop after 4 s'), generator.generate, CALM, walking)
    assert (keep.actor, keep.seconds) == (walking, 4.0)
    assert (calm.actor, stand.actor.goal) == (CALM, 'stand')
    ahead = generator.generate(Goal(text='pace forward at 0.5 m/s'))
    keep, _ = plan(parse_sequence('lie down after 2 m'), generator.generate, CALM, ahead)[:2]
    assert keep.seconds == pytest.approx(2 / ahead.measures['vx_mps'], rel=0.05)


def test_one_goal_that_fails_makes_the_whole_plan_fail(generator):
    def make(goal: Goal) -> ActorWeights:
        if goal.text == 'pace':
            raise ValueError('no paces today')
        return generator.generate(goal)

    with pytest.raises(ValueError, match='no paces today'):
        plan(parse_sequence('trot, then pace, then bound'), make, CALM)


def test_the_standing_actor_passes_the_check_and_stands(generator):
    adaptor = Adaptor.load(bundle_path(None) / ADAPTOR_FILE)
    spec = generator.generate(Goal(text='trot')).spec
    probe = probe_observations(spec.latent_dim)
    actor = check_actor(standing_actor(spec, 'bundle').to_bytes(), adaptor, probe)
    ahead = -probe[:, 6:18] - 0.02 * probe[:, 18:30] / 0.05
    assert np.allclose(go2.ACTION_SCALE * forward(actor.layers, probe, NETWORK), ahead, atol=0.01)
    (walk,) = rollout_actors([actor], adaptor, 3.0)
    assert walk.survived and walk.measures['contact_fl'] > 0.99
    assert np.abs(walk.mean_velocity).max() < 0.02


@pytest.mark.parametrize('ground', ['nominal', 'delay 60 ms'])
def test_a_robot_that_has_to_stand_can_walk_on_afterwards(generator, ground):
    """A robot that sinks while it stands falls when it walks again."""
    adaptor = Adaptor.load(bundle_path(None) / ADAPTOR_FILE)
    stand = standing_actor(CALM.spec, '')
    gaits = generator.generate_batch([Goal(text=f'{gait} forward') for gait in GAIT_FAMILIES], 0)
    walked = walk_sequences([[CALM, stand, stand, gait] for gait in gaits], adaptor,
                            perturbation=CONDITIONS[ground].ground, steps_each=250)
    assert walked.steps == (1000,) * len(gaits)
