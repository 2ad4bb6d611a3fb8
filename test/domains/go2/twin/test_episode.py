# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Recorded episodes: contacts belong to the rows of the trajectory and say what measures say."""

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES
from policy_gen_ros.domains.go2.shipped import ADAPTOR_FILE, SHIPPED_INDEX
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
from policy_gen_ros.domains.go2.twin.episode import EpisodeRecorder
from policy_gen_ros.domains.go2.twin.many import SUBSTEPS, Truth
from policy_gen_ros.generation.bundle import bundle_path
import pytest
from threadpoolctl import threadpool_limits
from walkers import constant_actor, qualified_actors, STUMBLING


@pytest.fixture(scope='module')
def walked_and_fallen():
    actor = qualified_actors(Archive(SHIPPED_INDEX), 1)[0]
    return rollout_actors([actor, constant_actor(actor, STUMBLING)],
                          Adaptor.load(bundle_path() / ADAPTOR_FILE), seconds=4.0)


def test_contacts_have_the_rows_of_the_trajectory_up_to_a_fall(walked_and_fallen):
    walked, fallen = walked_and_fallen
    assert walked.survived and not fallen.survived
    assert walked.contact.shape == (200, 4) and walked.contact.dtype == bool
    assert fallen.contact.shape == (len(fallen.trajectory), 4)
    assert len(fallen.contact) < 200


def test_contacts_of_the_measured_part_are_the_measured_shares(walked_and_fallen):
    walked, _ = walked_and_fallen
    measured = [walked.measures[name] for name in CONTACT_NAMES]
    assert 0.2 < min(measured) < max(measured) < 0.9
    assert np.allclose(walked.contact[100:].mean(axis=0), measured, atol=0.04)


def test_walks_do_not_hang_on_the_number_of_threads():
    actors = [qualified_actors(Archive(SHIPPED_INDEX), 1)[0]] * 16
    adaptor = Adaptor.load(bundle_path() / ADAPTOR_FILE)
    one, two = [], []
    for threads, results in ((1, one), (2, two)):
        with threadpool_limits(threads, user_api='blas'):
            results += rollout_actors(actors, adaptor, seconds=1.0)
    for result, same in zip(one, two, strict=True):
        assert np.array_equal(result.trajectory, same.trajectory)


class _Driven:
    """One robot whose joints turn steadily, with torques that are the same all the time."""

    count = 1

    def __init__(self, torque_nm: float) -> None:
        self.torque_nm = np.full((1, 12), torque_nm)

    def truth(self) -> Truth:
        return Truth(np.zeros((1, 3)), np.zeros((1, 3)), np.full(1, 0.3),
                     np.ones((1, SUBSTEPS, 4), bool), np.zeros((1, 4)), self.torque_nm,
                     np.zeros(1, bool))


def test_effort_is_that_of_the_joints():
    recorder = EpisodeRecorder(_Driven(-2.0), 200)
    for tick in range(200):
        row = np.zeros((1, 42))
        row[:, 18:30], row[:, 30:] = 3.0, 0.1 * (tick % 2)
        recorder.record(row)
    effort = recorder.results(np.zeros((1, 3)))[0].effort
    assert effort.torque_nm == pytest.approx(2.0)
    assert effort.power_w == pytest.approx(12 * 2.0 * 3.0)
    assert effort.action_rate_rad_s == pytest.approx(0.1 / 0.02)


def test_a_robot_that_falls_at_once_has_no_effort():
    recorder = EpisodeRecorder(_Driven(1.0), 1)
    recorder.record(np.zeros((1, 42)))
    assert np.isnan(recorder.results(np.zeros((1, 3)))[0].effort.power_w)
