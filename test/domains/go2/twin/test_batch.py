# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The batched twin: determinism, delay, falls, and what perturbations do."""

from dataclasses import replace

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation, TRAINING
import pytest

STAND = np.tile(go2.DEFAULT_POSE_RAD, (3, 1))


def stand(twin, ticks=50, target=STAND):
    for _ in range(ticks):
        twin.step(target[:twin.count])
    return twin


def test_same_seed_same_physics():
    a, b = (stand(BatchTwin(3, 7, TRAINING)) for _ in range(2))
    assert np.array_equal(a.physics, b.physics)
    assert not np.array_equal(a.physics, stand(BatchTwin(3, 8, TRAINING)).physics)


def test_twins_do_not_disturb_each_other():
    three = BatchTwin(3, 0)
    start = three.physics.copy()
    stand(three)
    alone = BatchTwin(1, 0)
    alone.physics[:] = start[1]
    stand(alone)
    assert np.allclose(alone.physics[0], three.physics[1], atol=1e-9)


def test_a_standing_dog_carries_its_weight_and_stays():
    twin = stand(BatchTwin(1), 150)
    truth = twin.truth()
    assert not truth.fallen.any()
    assert truth.contact.all()
    assert abs(twin.sense().gravity[0, 2] + 1) < 0.01
    assert 0.2 < truth.height[0] < 0.32
    assert np.allclose(truth.foot_height, go2.FOOT_RADIUS_M, atol=0.004)


def test_a_dog_without_legs_under_it_has_fallen_until_reset():
    twin = BatchTwin(1)
    folded = go2.SITTING_POSE_RAD[None]
    stand(twin, 60, folded)
    assert twin.fallen.all()
    stand(twin, 60)
    assert twin.fallen.all()
    twin.reset()
    assert not stand(twin, 60).fallen.any()


def test_delay_holds_the_previous_target():
    moved = STAND[:1] + 0.2
    late = BatchTwin(1, 0, Perturbation(delay_s=(0.02, 0.02)))
    prompt, still = BatchTwin(1, 0), BatchTwin(1, 0)
    for twin in (late, prompt, still):
        stand(twin, 20)
    late.step(moved)
    prompt.step(moved)
    still.step(STAND[:1])
    assert np.allclose(late.physics, still.physics)
    assert not np.allclose(prompt.physics, still.physics, atol=1e-3)
    late.step(moved)
    still.step(STAND[:1])
    assert not np.allclose(late.physics, still.physics, atol=1e-3)


def test_delays_longer_than_a_control_period():
    moved = STAND[:1] + 0.2
    late, still = (BatchTwin(1, 0, Perturbation(delay_s=(d, d))) for d in (0.04, 0.0))
    for twin in (late, still):
        stand(twin, 20)
    for _ in range(2):
        late.step(moved)
        still.step(STAND[:1])
        assert np.allclose(late.physics, still.physics)
    late.step(moved)
    still.step(STAND[:1])
    assert not np.allclose(late.physics, still.physics, atol=1e-3)
    with pytest.raises(ValueError, match=r'delays of up to 0.06 s'):
        BatchTwin(1, 0, Perturbation(delay_s=(0.0, 0.1)))


def test_copies_meet_the_same_randomness():
    twin = BatchTwin(6, 0, replace(TRAINING, push_every_s=0.2), copies=2)
    for _ in range(30):
        state = twin.sense()
        assert np.array_equal(state.joint_pos[:3], state.joint_pos[3:])
        twin.step(np.tile(go2.DEFAULT_POSE_RAD, (6, 1)))
    assert np.array_equal(twin.physics[:3], twin.physics[3:])
    assert not np.allclose(twin.physics[0], twin.physics[1])
    with pytest.raises(ValueError, match='equal parts'):
        BatchTwin(5, copies=2)


def test_payload_and_noise_act():
    loaded = stand(BatchTwin(1, 0, Perturbation(payload_kg=(3.0, 3.0))), 100)
    light = stand(BatchTwin(1, 0), 100)
    assert loaded.height[0] < light.height[0] - 0.003
    noisy = BatchTwin(1, 0, replace(NOMINAL, joint_pos_noise_rad=0.1))
    assert not np.array_equal(noisy.sense().joint_pos, noisy.sense().joint_pos)


def test_push_moves_the_dog():
    twin = stand(BatchTwin(3, 0, Perturbation(push_mps=0.5, push_every_s=0.5)), 26)
    assert np.linalg.norm(twin.truth().base_velocity[:, :2], axis=1).min() > 0.1
