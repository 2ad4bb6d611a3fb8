# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Uneven ground: off by default without a trace, and really uneven when on."""

import mujoco
import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.twin.batch import BatchTwin, START_HALF_M
from policy_gen_ros.domains.go2.twin.model import load_model, MAT_HALF_M, MODEL_FILE
from policy_gen_ros.domains.go2.twin.perturbation import Perturbation
from policy_gen_ros.utils.paths import share_file
import pytest

BUMPS = Perturbation(bumps_m=0.04)


def stand(twin, ticks=50):
    for _ in range(ticks):
        twin.step(np.tile(go2.DEFAULT_POSE_RAD, (twin.count, 1)))
    return twin


def test_flat_ground_is_the_plain_file_and_draws_no_random_numbers(tmp_path):
    plain = mujoco.MjModel.from_xml_path(str(share_file(MODEL_FILE)))
    models = {'plain': plain, 'twin': load_model(plain.opt.timestep, 0.0)}
    for name, model in models.items():
        mujoco.mj_saveModel(model, str(tmp_path / name))
    assert (tmp_path / 'plain').read_bytes() == (tmp_path / 'twin').read_bytes()
    state = np.random.default_rng(3)
    twin = BatchTwin(2, 3, Perturbation())
    # Friction, restitution, payload, strength and delay of each twin, then pose and speed.
    for size in (2, 2, 2, 2, 2, (2, 12), (2, 2)):
        state.uniform(0, 1, size)
    assert twin.rng.bit_generator.state == state.bit_generator.state
    assert not twin.physics[:, 1:3].any()


def test_twins_on_flat_ground_step_as_ever():
    # Positions of the base, recorded before the twin knew uneven ground.
    recorded = [[-1.61656864e-02, -4.12376205e-04, 2.80431644e-01],
                [-1.60218603e-02, -2.46941198e-03, 2.79796886e-01]]
    base = stand(BatchTwin(2, 3), 10).physics[:, 1:4]
    assert base == pytest.approx(np.array(recorded), abs=1e-8)


def test_feet_stand_at_different_heights_and_bodies_start_apart():
    twin = BatchTwin(3, 0, BUMPS)
    start = twin.physics[:, 1:3].copy()
    assert (np.abs(start) <= START_HALF_M).all() and len(np.unique(start)) == 6
    truth = stand(twin, 100).truth()
    assert not truth.fallen.any() and truth.contact[:, -1].sum() >= 9
    soles = truth.foot_height - go2.FOOT_RADIUS_M
    assert soles.std(axis=1).min() > 0.002
    assert np.abs(soles).max() < 0.03
    assert abs(soles.mean()) < 0.01  # as high as the plane, in the mean
    flat = stand(BatchTwin(3, 0), 100).truth()
    assert (flat.foot_height - go2.FOOT_RADIUS_M).std() < 0.002


def test_the_same_seed_is_the_same_ground():
    a, b, other = (BatchTwin(2, seed, BUMPS) for seed in (1, 1, 2))
    assert np.array_equal(a.model.hfield_data, b.model.hfield_data)
    assert not np.array_equal(a.model.hfield_data, other.model.hfield_data)
    assert np.array_equal(stand(a).physics, stand(b).physics)


def test_copies_start_at_the_same_place():
    twin = stand(BatchTwin(4, 0, BUMPS, copies=2), 20)
    assert np.array_equal(twin.physics[:2], twin.physics[2:])
    assert not np.allclose(twin.physics[0], twin.physics[1])


def test_beyond_the_mat_there_is_ground():
    twin = BatchTwin(1, 0, BUMPS)
    twin.physics[:, 1] = MAT_HALF_M + 2.0
    assert not stand(twin, 60).fallen.any()


def test_bad_bumps_are_refused():
    for bumps_m in (-0.01, 0.2, np.nan):
        with pytest.raises(ValueError, match=r'expected 0 to 0.1 m'):
            BatchTwin(1, 0, Perturbation(bumps_m=bumps_m))
    with pytest.raises(ValueError, match='needs rng'):
        load_model(0.005, 0.03)
