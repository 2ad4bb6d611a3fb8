# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Watched walks: what training is told of them is what the twin measured."""

from __future__ import annotations

from dataclasses import replace
import shutil

import numpy as np
from policy_gen_ros.archive.build_manifest import write_build_manifest
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains import find_domain
from policy_gen_ros.domains.go2.adaptor import archive_adaptor
from policy_gen_ros.domains.go2.building import training_rollouts
from policy_gen_ros.domains.go2.building.config import CloningConfig, Go2ArchiveConfig
from policy_gen_ros.domains.go2.building.training_rollouts import (
    collect_rollouts,
    ground_of_clones,
    OBSERVATIONS,
)
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES
from policy_gen_ros.domains.go2.shipped import SHIPPED_FOUNDATION, SHIPPED_INDEX
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation
from policy_gen_ros.utils.config import to_dict
import pytest


def test_a_walker_and_one_that_falls():
    index = Archive(SHIPPED_INDEX)
    walker = index.actor(int(np.flatnonzero(index.weights.stored)[0]))
    limp = replace(walker, layers=tuple((0 * weight, bias + 3.0) for weight, bias in
                                        walker.layers))
    walked = collect_rollouts([walker, limp], archive_adaptor(index), seed=0)
    assert walked.survived.tolist() == [True, False]
    assert np.isfinite(walked.trajectory[0]).all()
    assert np.isnan(walked.trajectory[1, -1]).all()
    inputs = walker.layers[0][0].shape[1]
    assert walked.observations.shape == (2, OBSERVATIONS, inputs)
    assert np.isfinite(walked.observations).all()
    # Nothing of the fall itself: gravity still points down through the belly.
    assert walked.observations[:, :, 2].max() < -0.2
    wanted = np.array([walker.measures[name] for name in MEASURE_NAMES])
    assert np.abs(walked.measures[0, :4] - wanted[:4]).max() < 0.06
    command = walked.observations[0, :, 42:45] / np.array([2, 2, 1])
    assert np.allclose(command, walker.nominal_command, atol=2e-3)


def test_what_actors_are_to_withstand_gives_half_of_what_is_learned():
    index = Archive(SHIPPED_INDEX)
    walker = index.actor(int(np.flatnonzero(index.weights.stored)[0]))
    adaptor = archive_adaptor(index)
    calm = collect_rollouts([walker], adaptor, seed=0)
    icy = collect_rollouts([walker], adaptor, 0, Perturbation(slope_deg=(50.0, 50.0)))
    assert np.array_equal(icy.measures, calm.measures)
    assert np.array_equal(icy.trajectory, calm.trajectory, equal_nan=True)
    assert icy.survived.all() and icy.succeeded.all()
    assert icy.reward[0] == pytest.approx(calm.reward[0] / 2)  # nobody stands on such a slope
    assert icy.observations.shape == calm.observations.shape
    half = OBSERVATIONS // 2
    assert np.array_equal(icy.observations[:, 0], calm.observations[:, 0])
    tilt = np.linalg.norm(icy.observations[0, :, :2].astype(float), axis=1)  # gravity's, sine
    assert tilt[half:].max() > 0.5 > 0.3 > tilt[:half].max()


def test_the_ground_is_that_of_the_clones(tmp_path):
    assert ground_of_clones(tmp_path) == NOMINAL
    ground, asked = Perturbation(payload_kg=(1.0, 2.0)), []
    config = to_dict(Go2ArchiveConfig(cloning=CloningConfig(perturbation=ground)))
    write_build_manifest(tmp_path, {'config': {**config, 'of an older version': 1}})
    (tmp_path / 'foundation').mkdir()
    shutil.copy(SHIPPED_FOUNDATION / 'adaptor.safetensors', tmp_path / 'foundation')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_rollouts, 'collect_rollouts',
                      lambda policies, adaptor, seed, ground: asked.append(ground))
        find_domain().rollout(tmp_path)([], 0)
    assert asked == [ground]
