# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The teacher walks the twin in every family, and its label is a function of the state alone."""

import numpy as np
from policy_gen_ros.domains.go2.gait.measures import family_of, GAIT_FAMILIES, nearest_family
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import trajectory_row
from policy_gen_ros.domains.go2.teacher.gait_controller import GaitController, TeacherInput
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_walks
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.closed_loop import ClosedLoop
from policy_gen_ros.domains.go2.twin.episode import EpisodeRecorder
import pytest


@pytest.fixture(scope='module')
def walked():
    """Fifteen gaits of each family, five seconds each."""
    rng, teacher, count = np.random.default_rng(3), GaitController(), 15 * len(GAIT_FAMILIES)
    gaits, _ = sample_walks(count, rng)
    command = np.tile([0.3, 0.0, 0.0], (count, 1))
    twin = BatchTwin(count, 0)
    loop = ClosedLoop(twin, None, gaits.frequency_hz, rng.random(count))
    recorder = EpisodeRecorder(twin, 250)
    for _ in range(250):
        _, state = loop.observe(command)
        truth = twin.truth()
        seen = TeacherInput(state, truth.base_velocity, truth.height, loop.phase, command)
        loop.apply(teacher.actions(seen, gaits))
        recorder.record(trajectory_row(state, teacher.targets(seen, gaits)))
    return gaits, recorder.results(command)


def test_most_commands_walk(walked):
    _, results = walked
    assert np.mean([r.survived for r in results]) >= 0.9


@pytest.mark.parametrize('family', GAIT_FAMILIES)
def test_family_and_frequency_are_reached(walked, family):
    gaits, results = walked
    mine = [(r, gaits.frequency_hz[i]) for i, r in enumerate(results)
            if nearest_family(gaits.phase[i]) == family and r.survived]
    assert np.mean([family_of(r.measures) == family for r, _ in mine]) >= 0.6
    assert np.median([abs(r.measures['frequency_hz'] - hz) for r, hz in mine]) < 0.15


def test_gait_parameters_move_height_and_speed(walked):
    gaits, results = walked
    alive = np.array([r.survived for r in results])
    height = np.array([r.measures['body_height_m'] for r in results])
    assert np.corrcoef(height[alive], gaits.body_height_m[alive])[0, 1] > 0.9
    assert np.mean([r.mean_velocity[0] for r in results if r.survived]) > 0.2


def test_teacher_is_memoryless_and_batched():
    rng, teacher = np.random.default_rng(0), GaitController()
    gaits, command = sample_walks(6, rng)
    twin = BatchTwin(6)
    seen = TeacherInput(twin.sense(), rng.normal(0, 0.2, (6, 3)), twin.height, rng.random(6),
                        command)
    first = teacher.targets(seen, gaits)
    assert np.array_equal(first, teacher.targets(seen, gaits))
    one = TeacherInput(type(seen.state)(*(getattr(seen.state, n)[2:3] for n in (
        'gravity', 'ang_vel', 'joint_pos', 'joint_vel'))), seen.base_velocity[2:3],
        seen.height[2:3], seen.phase[2:3], seen.command[2:3])
    assert np.allclose(teacher.targets(one, gaits[2:3]), first[2:3])
    assert np.isfinite(first).all()
    assert first.shape == (6, go2.NUM_JOINTS)
