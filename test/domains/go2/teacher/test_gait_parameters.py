# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Gaits and commands: what is drawn is possible, what is impossible is refused or shortened."""

from dataclasses import replace

import numpy as np
from policy_gen_ros.domains.go2.gait.measures import GAIT_FAMILIES, GAIT_PHASES, nearest_family
from policy_gen_ros.domains.go2.robot.constants import COMMAND_UPPER
from policy_gen_ros.domains.go2.teacher.gait_parameters import (
    feasible,
    GaitParameters,
    limit_commands,
    sample_commands,
    sample_gaits,
    sample_walks,
)


def plain(family: str, hz: float, duty: float) -> GaitParameters:
    values = [hz, *[duty] * 4, *GAIT_PHASES[family], 0.06, 0.28, 0.34, 0.0]
    return GaitParameters.from_array(np.array([values]))


def test_drawn_walks_are_possible_and_cover_the_families():
    gaits, command = sample_walks(500, np.random.default_rng(0))
    assert feasible(gaits, command).all()
    families = [nearest_family(row) for row in gaits.phase]
    assert min(families.count(name) for name in GAIT_FAMILIES) > 50
    assert np.abs(command).max(axis=0)[0] > 1.2
    assert np.ptp(gaits.duty, axis=1).max() > 0.2


def test_long_falls_and_long_steps_are_impossible():
    slow = np.array([[0.2, 0.0, 0.0]])
    assert feasible(plain('trot', 2.0, 0.55), slow).all()
    # Half a second on the legs of one side, or in the air: no legs can help.
    assert not feasible(plain('pace', 1.0, 0.5), slow).any()
    assert not feasible(plain('bound', 1.0, 0.5), slow).any()
    assert not feasible(plain('pronk', 1.5, 0.4), slow).any()
    # 1.5 m/s at 1.5 Hz would take steps longer than the legs.
    assert not feasible(plain('trot', 1.5, 0.6), np.array([[1.5, 0.0, 0.0]])).any()
    assert feasible(plain('trot', 3.5, 0.45), np.array([[1.2, 0.0, 0.0]])).all()


def test_commands_are_shortened_to_what_the_legs_can_do():
    rng = np.random.default_rng(1)
    gaits, _ = sample_walks(200, rng)
    asked = rng.uniform(-COMMAND_UPPER, COMMAND_UPPER, (200, 3)) * 1.5
    given = limit_commands(gaits, asked)
    assert feasible(gaits, given).all()
    share = np.linalg.norm(given, axis=1) / np.linalg.norm(asked, axis=1)
    assert np.allclose(given, asked * share[:, None])
    kept = sample_commands(200, rng) * 0.05
    assert np.array_equal(limit_commands(gaits, kept), kept)


def test_arrays_read_back():
    gaits = sample_gaits(20, np.random.default_rng(2))
    again = GaitParameters.from_array(gaits.to_array())
    assert np.allclose(again.to_array(), gaits.to_array())
    assert again.features().shape == (20, 15)


def test_features_do_not_jump_where_phases_wrap():
    gaits = sample_gaits(1, np.random.default_rng(0))
    before, after = (replace(gaits, phase=np.array([[p, 0.5, 0.5]])) for p in (0.999, 0.001))
    assert np.abs(before.features() - after.features()).max() < 0.02
