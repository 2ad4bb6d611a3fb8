# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Robot tasks in the twin: actors of the shipped archive do them, a rigid dog does not."""


import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.adaptor import archive_adaptor
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX
from policy_gen_ros.evaluation.studies.scenarios import SCENARIOS, walk_scenario
import pytest
from walkers import constant_actor, qualified_actors

SECONDS = 3.0


@pytest.fixture(scope='module')
def archive():
    return Archive(SHIPPED_INDEX)


@pytest.fixture(scope='module')
def walkers(archive):
    return qualified_actors(archive, 3)


def test_the_tasks_are_those_of_the_paper():
    turn, backwards, mat = SCENARIOS
    assert turn.measures == {'vx_mps': 0.3, 'vy_mps': 0.0, 'yaw_rate_rps': 1.5}
    assert backwards.measures['vx_mps'] == -0.8
    assert 0.02 <= mat.ground.bumps_m <= 0.05
    assert turn.ground.bumps_m == backwards.ground.bumps_m == 0


def test_walkers_do_the_tasks(archive, walkers):
    adaptor = archive_adaptor(archive)
    scores = {scenario.name: walk_scenario(scenario, walkers, adaptor, seconds=SECONDS)
              for scenario in SCENARIOS}
    for score in scores.values():
        assert (score.count, score.upright) == (3, 1.0)
        assert score.upright_interval == pytest.approx((0.438, 1.0), abs=0.001)
    assert scores['fast turn'].mean_velocity[2] > 0.8
    assert scores['fast backwards'].mean_velocity[0] < -0.5
    assert scores['uneven mat'].mean_velocity[0] > 0.2


def test_standing_is_upright_but_follows_nothing_and_falling_is_neither(archive, walkers):
    actors = [constant_actor(walkers[0], 0.0), constant_actor(walkers[0], [8, 8, 8] * 4)]
    score = walk_scenario(SCENARIOS[1], actors, archive_adaptor(archive), seconds=SECONDS)
    assert (score.upright, score.follows) == (0.5, 0.0)
    assert abs(score.mean_velocity[0]) < 0.1
    fallen = walk_scenario(SCENARIOS[2], actors[1:], archive_adaptor(archive), seconds=1.0)
    assert fallen.upright == 0 and np.isnan(fallen.mean_velocity).all()


def test_actors_are_needed(archive, walkers):
    with pytest.raises(ValueError, match='no actors to walk'):
        walk_scenario(SCENARIOS[0], [], archive_adaptor(archive))
