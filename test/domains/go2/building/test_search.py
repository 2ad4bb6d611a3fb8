# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The search for specialists: solutions code gaits, walks are logged, a killed search goes on."""

from functools import partial

import numpy as np
from policy_gen_ros.domains.go2.building import search
from policy_gen_ros.domains.go2.building.base_config import ScreeningConfig, SearchConfig
from policy_gen_ros.domains.go2.building.screen import walk_teacher
from policy_gen_ros.domains.go2.building.search import decode, encode, search_specialists
from policy_gen_ros.domains.go2.robot.constants import COMMAND_UPPER
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_gaits, sample_walks
import pytest

SHORT, SCREENING = SearchConfig(generations=3, batch=4), ScreeningConfig()
WALK = partial(walk_teacher, GaitController())


def run(folder, config, seed=0):
    return search_specialists(folder, WALK, config, SCREENING, seed)


@pytest.fixture
def quick(monkeypatch):
    """Judge solutions by a formula, and count how often."""
    calls = []

    def judge(_, solution, __, seed):
        calls.append(seed)
        contacts = np.clip(0.5 + 0.2 * solution[:, 1:5], 0, 1)
        measures = np.concatenate([np.zeros((len(solution), 1)), contacts,
                                   solution[:, 12:13]], axis=1)
        return 1 / (1 + (solution**2).sum(axis=1)), measures

    monkeypatch.setattr(search, 'evaluate_solutions', judge)
    return calls


def test_solutions_read_back_as_gaits():
    gaits, command = sample_walks(20, np.random.default_rng(0))
    again, told = decode(encode(gaits, command[:, 0]))
    assert np.allclose(again.to_array(), gaits.to_array())
    assert np.allclose(told[:, 0], command[:, 0])
    assert not told[:, 1:].any()


def test_values_out_of_range_are_clipped_and_phases_wrap():
    solution = encode(sample_gaits(1, np.random.default_rng(0)), np.zeros(1))
    wide, told = decode(solution + 10.0)
    assert wide.duty.max() <= 0.88
    assert told[0, 0] == COMMAND_UPPER[0]
    assert np.allclose(wide.phase, decode(solution)[0].phase)  # five whole turns


def test_a_search_goes_on_from_its_log_with_the_same_result(quick, tmp_path):
    whole = run(tmp_path / 'whole', SHORT)
    assert len(quick) == 3
    run(tmp_path / 'part', SearchConfig(2, 4))
    rest = run(tmp_path / 'part', SHORT)
    assert len(quick) == 6  # two, and only the third anew
    assert np.array_equal(rest.solution, whole.solution)
    assert np.array_equal(rest.reward, whole.reward)
    assert len(whole.gaits()) == len(whole.command()) == len(whole.reward) > 20


def test_a_log_of_another_search_is_refused(quick, tmp_path):
    run(tmp_path, SearchConfig(1, 4))
    with pytest.raises(ValueError, match='belongs to another search'):
        run(tmp_path, SearchConfig(1, 4), seed=1)


def test_falls_and_the_impossible_earn_nothing():
    gaits, command = sample_walks(4, np.random.default_rng(0))
    solution = encode(gaits, 0.3 * command[:, 0])
    solution[0, [0, 8]] = 1.0  # 4 Hz and steps of 15 cm: faster than legs can be led
    solution[0, 1:5] = 0.5
    reward, measures = search.evaluate_solutions(WALK, solution, SCREENING, 0)
    assert reward[0] == 0 and not measures[0].any()  # not even walked
    assert reward[1:].max() > 0.3
    assert measures.shape == (4, 6)
