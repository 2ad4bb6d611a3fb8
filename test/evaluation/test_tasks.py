# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Diversity against closed forms, and who stands for the archive in a scenario."""

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.evaluation.studies.scenarios import SCENARIOS
from policy_gen_ros.evaluation.studies.tasks import fitting_actors, share_within
import pytest
from small_archive import HELD_OUT, write_small_archive


def test_one_answer_a_goal_has_no_spread_within_goals():
    answers = np.repeat(np.random.default_rng(0).standard_normal((5, 1, 7)), 3, axis=1)
    assert share_within(answers) == pytest.approx(0)


def test_answers_that_ignore_the_goal_spread_within_goals():
    answers = np.repeat(np.random.default_rng(0).standard_normal((1, 4, 7)), 3, axis=0)
    assert share_within(answers) == pytest.approx(1)
    assert share_within(np.array([[[0.0], [2.0]], [[10.0], [12.0]]])) == pytest.approx(
        (1 / 26)**0.5)
    assert np.isnan(share_within(np.ones((2, 2, 3))))


def test_a_scenario_is_walked_by_training_actors_of_about_its_velocity(tmp_path):
    training = Archive(write_small_archive(tmp_path / 'a'), HELD_OUT).training()
    chosen = fitting_actors(training, SCENARIOS[2], 3)  # 0.4 m/s ahead; actors go 0.30 to 0.33
    assert [round(actor.nominal_command[0], 2) for actor in chosen] == [0.33] * 3
