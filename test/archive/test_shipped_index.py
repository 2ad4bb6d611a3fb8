# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The index in the repository: of a whole archive, and its fifty actors still walk as it says."""

import numpy as np
from policy_gen_ros.archive.grid import CVT_REGIONS
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.adaptor import archive_adaptor
from policy_gen_ros.domains.go2.gait.measures import CONTACT_NAMES, GAIT_FAMILIES, MEASURE_NAMES
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
import pytest


@pytest.fixture(scope='module')
def index():
    return Archive(SHIPPED_INDEX)


def test_it_is_whole_and_of_the_held_out_list_in_the_repository(index):
    assert index.damage() == []
    assert index.complete
    assert index.header['held_out_sha256'] == index.split.sha256


def test_it_describes_thousands_of_qualified_actors_of_all_kinds(index):
    assert index.qualified[:, 0].sum() >= 3000
    assert min(index.family_counts()[family] for family in GAIT_FAMILIES) > 100
    assert set(index.source) == set(index.domain.sources) - {'imported'}
    assert len(index.held_out) > 100
    runs = set(index.run[index.held_out].tolist())
    assert runs > set(index.split.runs)
    assert all(len(behaviors) == 4 and behaviors[0] for behaviors in index.captions)


def test_its_actors_walk_again_as_they_did(index):
    stored = np.flatnonzero(index.weights.stored)
    assert len(stored) == CVT_REGIONS
    again = rollout_actors([index.actor(int(a)) for a in stored], archive_adaptor(index), 10.0,
                           seed=99)
    assert np.mean([result.survived for result in again]) >= 0.9
    walked = np.array([[result.measures[name] for name in MEASURE_NAMES] for result in again])
    error = np.abs(walked - index.measures[stored, 0])
    assert np.median(error[:, :len(CONTACT_NAMES)]) < 0.02
    assert np.median(error[:, MEASURE_NAMES.index('vx_mps')]) < 0.05
