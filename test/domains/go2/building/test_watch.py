# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Watched walks: what training is told of them is what the twin measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.adaptor import archive_adaptor
from policy_gen_ros.domains.go2.building.training_rollouts import collect_rollouts, OBSERVATIONS
from policy_gen_ros.domains.go2.gait.measures import MEASURE_NAMES
from policy_gen_ros.domains.go2.robot.observation import OBSERVATION_DIM
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX


def test_a_walker_and_one_that_falls():
    index = Archive(SHIPPED_INDEX)
    walker = index.actor(int(np.flatnonzero(index.weights.stored)[0]))
    limp = replace(walker, layers=tuple((0 * weight, bias + 3.0) for weight, bias in
                                        walker.layers))
    walked = collect_rollouts([walker, limp], archive_adaptor(index), seed=0)
    assert walked.survived.tolist() == [True, False]
    assert np.isfinite(walked.trajectory[0]).all()
    assert np.isnan(walked.trajectory[1, -1]).all()
    assert walked.observations.shape == (2, OBSERVATIONS, OBSERVATION_DIM)
    assert np.isfinite(walked.observations).all()
    # Nothing of the fall itself: gravity still points down through the belly.
    assert walked.observations[:, :, 2].max() < -0.2
    wanted = np.array([walker.measures[name] for name in MEASURE_NAMES])
    assert np.abs(walked.measures[0, :4] - wanted[:4]).max() < 0.06
    command = walked.observations[0, :, 42:45] / np.array([2, 2, 1])
    assert np.allclose(command, walker.nominal_command, atol=2e-3)
