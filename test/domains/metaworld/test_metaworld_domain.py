# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""MetaWorld as the core sees it, without its simulator."""

from __future__ import annotations

import json

from made_up_metaworld import DOMAIN, write_archive
import numpy as np
from policy_gen_ros.archive.split import HeldOut
from policy_gen_ros.domains.metaworld.constants import (
    LAYER_SIZES,
    OBSERVATION_DIM,
    scaled,
    SEEN_TASKS,
    TASKS,
    unscaled,
    UNSEEN_TASKS,
)
from policy_gen_ros.domains.metaworld.episodes import TaskEpisode
from policy_gen_ros.domains.metaworld.measures import measure, MEASURES
from policy_gen_ros.policies.spec import parameter_count, read_spec, SpecError
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.training.ppo import new_network
import pytest

LAYERS = new_network(LAYER_SIZES, 0)


def test_the_network_is_that_of_the_paper_without_the_head_for_exploring():
    head = parameter_count((128, 4))
    assert parameter_count(LAYER_SIZES) + head == 22664


def test_a_policy_comes_back_from_its_bytes_with_its_task():
    policy = DOMAIN.make_policy(LAYERS, np.array([3.0]), {'task': 3.0}, 'turn it')
    again = ActorWeights.from_bytes(policy.to_bytes())
    assert again.spec == policy.spec and again.spec.task == TASKS[3]
    assert again.sha256 == policy.sha256


def test_a_policy_for_an_unknown_task_is_refused():
    raw = json.loads(DOMAIN.make_policy(LAYERS, np.zeros(1), {}).spec.to_json())
    assert read_spec(json.dumps(raw)).task == TASKS[0]
    with pytest.raises(SpecError, match="task is 'juggle'"):
        read_spec(json.dumps({**raw, 'task': 'juggle'}))
    with pytest.raises(SpecError, match='activation'):
        read_spec(json.dumps({**raw, 'activation': 'tanh'}))


def test_policies_qualify_that_succeed_in_all_layouts():
    good, bad = [0.0, 1.0, 0.5, 0.2, 0.0], [0.0, *[np.nan] * 4]
    done = DOMAIN.succeeded(np.array([good, good, bad]), np.zeros((3, 1)),
                            np.array([1.0, 0.8, 1.0]))
    assert done.tolist() == [True, False, False]


def test_what_no_training_may_read_are_the_unseen_tasks_and_a_run_of_each_other():
    held_out = HeldOut.load(DOMAIN)
    assert tuple(region.group for region in held_out.regions) == UNSEEN_TASKS
    assert held_out.runs == tuple(f'{task}-0' for task in SEEN_TASKS)


def test_training_gets_no_actor_of_an_unseen_task_or_a_held_out_run(tmp_path):
    archive = write_archive(tmp_path / 'archive', (
        ('reach', 0), ('reach', 1), ('reach-wall', 0), ('dial-turn', 1), ('door-lock', 1)))
    training = archive.training()
    assert set(DOMAIN.label(training.measures).tolist()) == {'reach', 'dial-turn'}
    assert len(training) == 4 and len(archive.held_out) == 6
    allowed = archive.weights[np.flatnonzero(np.isin(archive.run, ['reach-1', 'dial-turn-1']))]
    for weights in training.weights[:]:
        assert (weights == allowed).all(axis=1).any()
    other = np.array([[float(TASKS.index(task)), 1.0, 0.5, 0.2, 0.0] for task in TASKS])
    assert training.may_train(other).tolist() == [task in SEEN_TASKS for task in TASKS]
    assert archive.controls[:, 0, 0].tolist() == archive.measures[:, 0, 0].tolist()


def test_observations_come_back_from_their_scale():
    raw = np.random.default_rng(0).uniform(-1, 1, (5, OBSERVATION_DIM))
    assert np.allclose(unscaled(scaled(raw)), raw, atol=1e-6)


def straight(rows: int) -> np.ndarray:
    """Return an episode in which the hand moves sideways by 1 cm at a time, 0.3 m high."""
    observation = np.zeros((rows, OBSERVATION_DIM))
    observation[:, 0], observation[:, 2] = 0.01 * np.arange(rows), 0.3
    return np.concatenate([scaled(observation), np.zeros((rows, 4))], axis=1)


def test_the_way_to_the_first_success_is_measured():
    got = dict(zip(MEASURES.names, measure('reach', straight(80), 40)))
    assert got == pytest.approx({'task': 9, 'success_s': 0.5, 'path_m': 0.4, 'height_m': 0.3,
                                 'side_m': 0.2}, abs=1e-5)
    failed = measure('reach', straight(80), -1)
    assert failed[0] == 9 and np.isnan(failed[1:]).all()


@pytest.mark.parametrize(('rows', 'success', 'outcome'), [
    (80, 70, [70, 71, 72]), (60, 20, [20, 21, 22]), (500, -1, [497, 498, 499]),
    (500, 499, [497, 498, 499])])
def test_a_trajectory_is_its_beginning_and_what_follows_success(rows, success, outcome):
    numbered = np.arange(rows, dtype=np.float32)[:, None].repeat(43, axis=1)
    shown = TaskEpisode(numbered, success).trajectory
    assert shown.shape == (DOMAIN.trajectory.rows, DOMAIN.trajectory.dim)
    assert shown[:, 0].tolist() == [*range(60), *outcome]


def test_what_is_too_short_for_a_trajectory_is_said():
    with pytest.raises(ValueError, match='59 rows is too short'):
        _ = TaskEpisode(straight(59), 10).trajectory
