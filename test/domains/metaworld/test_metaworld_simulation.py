# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""MetaWorld's tasks on this package's MuJoCo, and policies that are tested in them."""

from __future__ import annotations

import numpy as np
from policy_gen_ros.commands.main import main
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.metaworld import simulation
from policy_gen_ros.domains.metaworld.building.build import CloneJob, make_chunk, plan, Shared
from policy_gen_ros.domains.metaworld.building.config import MetaWorldConfig
from policy_gen_ros.domains.metaworld.building.experts import Expert, Variation
from policy_gen_ros.domains.metaworld.constants import (
    LAYER_SIZES,
    PROMPT_LAYOUT,
    scaled,
    SEEN_TASKS,
    TASKS,
)
from policy_gen_ros.domains.metaworld.episodes import run_task
from policy_gen_ros.domains.metaworld.rollout import roll_out
from policy_gen_ros.domains.metaworld.simulation import load_task, MissingMetaWorldError
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.training.ppo import new_network
import pytest

# Not 'metaworld': without the package, that is the folder of this file.
pytest.importorskip('metaworld.env_dict', reason='the extra "metaworld" is not installed')
pytestmark = pytest.mark.filterwarnings('ignore::UserWarning', 'ignore::DeprecationWarning')
PLAIN = Variation(1.0, 1.0, np.zeros(3))
TASK = 'button-press'
"""A quick one that nearly all clones do."""
DOMAIN = find_domain('metaworld')


def test_episodes_are_those_of_metaworld():
    from metaworld import MT1

    ours = load_task(TASK)
    seen = ours.begin(5)
    placed = ours._environment._last_rand_vec
    theirs = MT1(f'{TASK}-v3', seed=0)
    environment = theirs.train_classes[f'{TASK}-v3']()
    environment.set_task(theirs.train_tasks[0])
    environment._last_rand_vec = placed
    # The hand comes to rest before things are placed: where they were before shows a little.
    assert np.allclose(environment.reset()[0], seen, atol=1e-4)
    rng = np.random.default_rng(0)
    for _ in range(30):
        action = rng.uniform(-1, 1, 4)
        wanted, _, _, _, info = environment.step(action)
        observation, success = ours.step(action)
        assert np.allclose(observation, wanted, atol=1e-3) and success == bool(info['success'])


def test_a_layout_places_things_the_same_whatever_came_before():
    task = load_task(TASK)
    first, other = task.begin(1), task.begin(2)
    for _ in range(20):
        task.step(np.array([0.0, 1.0, -1.0, 1.0]))
    again = task.begin(1)
    assert np.array_equal(first, again) and not np.allclose(first, other)
    assert np.abs(first[-3:]).max() > 0  # the goal is seen


@pytest.mark.parametrize('task', TASKS)
def test_scripts_do_their_tasks(task):
    assert run_task(task, Expert(task, PLAIN), PROMPT_LAYOUT).success > 0


def test_an_expert_without_variation_is_the_script():
    from metaworld.policies import SawyerButtonPressV3Policy

    observation = load_task(TASK).begin(3)
    action = Expert(TASK, PLAIN)(scaled(observation))
    script = SawyerButtonPressV3Policy().get_action(observation)
    assert np.allclose(action, np.clip(script, -1, 1), atol=1e-5)


def test_a_varied_expert_is_slower_and_takes_another_way():
    plain = run_task('reach', Expert('reach', PLAIN), PROMPT_LAYOUT)
    other = run_task('reach', Expert('reach', Variation(1.0, 0.6, np.array([0.0, 0.0, 0.4]))),
                     PROMPT_LAYOUT)
    assert other.success > plain.success > 0
    height = [episode.rows[:episode.success, 2].mean() for episode in (plain, other)]
    assert height[1] > height[0] + 0.1  # 1 cm
    assert np.abs(other.rows[:, 39:42]).max() <= 0.6 + 1e-6


def test_a_task_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="unknown task 'juggle'"):
        load_task('juggle')


def test_without_metaworld_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(simulation, 'find_spec', lambda name: None)
    with pytest.raises(MissingMetaWorldError, match='make metaworld'):
        simulation.check_installed()


@pytest.fixture(scope='module')
def chunk():
    """Two actors that learned a little, one from the base weights and one from its own."""
    return make_chunk(Shared(MetaWorldConfig(), new_network(LAYER_SIZES, 1)),
                      CloneJob(TASK, 1, count=2, independent=1, partial=False, seed=4))


def test_clones_do_the_task_and_are_measured_as_they_are_stored(chunk):
    assert chunk.run == f'{TASK}-1' and chunk.source == 'cloned'
    assert (chunk.arrays['survived'] == 1).all()
    assert np.isfinite(chunk.arrays['measures']).all()
    assert chunk.arrays['trajectory'].shape == (2, 1, 63, 43)
    policies = [DOMAIN.make_policy(ActorWeights.layers_from_vector(row, LAYER_SIZES),
                                   np.array([float(TASKS.index(TASK))]), {})
                for row in chunk.arrays['weights'].astype(np.float32)]
    done = roll_out(policies, 0, episodes=1)
    assert done.succeeded.all()
    assert np.allclose(done.measures, chunk.arrays['measures'][:, 0], atol=1e-6)
    assert np.allclose(done.trajectory, chunk.arrays['trajectory'][:, 0], atol=1e-5)
    assert roll_out(policies[1:], 0, episodes=1).measures.tolist() == [done.measures[1].tolist()]


def test_a_policy_that_stands_still_fails_and_has_no_measures_but_its_task():
    idle = tuple((0 * weight, 0 * bias) for weight, bias in new_network(LAYER_SIZES, 0))
    done = roll_out([DOMAIN.make_policy(idle, np.array([1.0]), {})], 0, episodes=1)
    assert not done.survived[0] and not done.succeeded[0] and done.reward[0] == 0
    assert done.measures[0, 0] == 1 and np.isnan(done.measures[0, 1:]).all()
    assert np.isfinite(done.trajectory).all() and done.observations.shape == (1, 128, 39)


def test_the_command_says_in_which_task_a_policy_failed(tmp_path, capsys):
    idle = tuple((0 * weight, 0 * bias) for weight, bias in new_network(LAYER_SIZES, 0))
    policy = DOMAIN.make_policy(idle, np.array([1.0]), {})
    (tmp_path / 'idle.safetensors').write_bytes(policy.to_bytes())
    assert main(['rollout', str(tmp_path / 'idle.safetensors')]) == 0
    assert 'failed after 6.2 s, door-open, success rate 0.00' in capsys.readouterr().out
    assert main(['rollout', str(tmp_path / 'idle.safetensors'), '--seconds', '3']) == 2
    assert 'an episode of MetaWorld has 6.25 s, got 3' in capsys.readouterr().err


def test_jobs_of_a_plan_have_names_and_seeds_of_their_own():
    config = MetaWorldConfig()
    jobs = plan(config)
    assert len({job.name for job in jobs}) == len({job.seed for job in jobs}) == len(jobs)
    of_seen = [job for job in jobs if job.task in SEEN_TASKS and not job.partial]
    assert sum(job.count for job in of_seen) == 10 * config.runs * config.actors
    assert all(job.run == 0 for job in jobs if job.task not in SEEN_TASKS)
