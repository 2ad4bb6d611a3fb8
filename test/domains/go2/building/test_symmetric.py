# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Symmetric policies, and mirror images of what they see and do."""

from dataclasses import replace

import numpy as np
from policy_gen_ros.domains.go2.building.hidden import ESTIMATED
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy
from policy_gen_ros.domains.go2.building.symmetric import (
    mirrored_joints,
    mirrored_seen,
    SymmetricActors,
    SymmetricPolicy,
)
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.observation import (
    ANG_VEL_SCALE,
    build_observation,
    COMMAND_SCALE,
    JOINT_VEL_SCALE,
    RobotState,
)
from policy_gen_ros.domains.go2.teacher.gains import GAIN_NAMES, gains_of
from policy_gen_ros.domains.go2.teacher.gait_controller import gait_targets, TeacherInput
from policy_gen_ros.domains.go2.teacher.gait_parameters import GaitParameters, sample_walks
import pytest
import torch

COUNT = 40


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def states(rng):
    """Observations of robots that walk anyhow, and their gaits."""
    gaits, command = sample_walks(COUNT, rng)
    gravity = np.array([0.0, 0.0, -1.0]) + 0.1 * rng.standard_normal((COUNT, 3))
    state = RobotState(gravity / np.linalg.norm(gravity, axis=1, keepdims=True),
                       rng.standard_normal((COUNT, 3)),
                       go2.DEFAULT_POSE_RAD + 0.2 * rng.standard_normal((COUNT, 12)),
                       rng.standard_normal((COUNT, 12)))
    seen = build_observation(state, rng.standard_normal((COUNT, 12)), command,
                             rng.standard_normal((COUNT, len(ESTIMATED))), rng.random(COUNT))
    return torch.from_numpy(seen), gaits


def features_of(gaits):
    return torch.from_numpy(gaits.features().astype(np.float32))


def taught(seen, velocity, height, gaits):
    """Joint targets of the teacher with middling gains, in states as observations have them."""
    seen = seen.double().numpy()
    joints = seen[:, 6:18] + go2.DEFAULT_POSE_RAD
    state = RobotState(seen[:, :3], seen[:, 3:6] / ANG_VEL_SCALE, joints,
                       seen[:, 18:30] / JOINT_VEL_SCALE)
    phase = np.arctan2(seen[:, -2], seen[:, -1]) / (2 * np.pi) % 1.0
    features = TeacherInput(state, velocity, height, phase, seen[:, 42:45] / COMMAND_SCALE)
    gains = gains_of(np.zeros((len(gaits), len(GAIN_NAMES))))
    return torch.from_numpy(gait_targets(features, gaits, gains))


def mirrored_gaits(gaits, condition):
    """Return the gaits whose features are these."""
    turn = torch.atan2(condition[:, 5:8], condition[:, 8:11]).numpy() / (2 * np.pi)
    return replace(gaits, duty=gaits.duty[:, [1, 0, 3, 2]], phase=turn % 1.0)


def test_the_teacher_does_the_mirrored_in_a_mirrored_state(rng):
    seen, gaits = states(rng)
    velocity, height = rng.standard_normal((COUNT, 3)), rng.uniform(0.2, 0.3, COUNT)
    image, condition = mirrored_seen(seen, features_of(gaits))
    other: GaitParameters = mirrored_gaits(gaits, condition)
    assert np.allclose(other.features(), condition, atol=1e-5)
    wanted = mirrored_joints(taught(seen, velocity, height, gaits))
    assert torch.allclose(taught(image, velocity * [1, -1, 1], height, other), wanted, atol=1e-4)
    assert not torch.allclose(taught(seen, velocity, height, gaits), wanted, atol=0.1)


def test_the_image_of_an_image_is_the_thing_itself(rng):
    seen, gaits = states(rng)
    image = mirrored_seen(seen, features_of(gaits))
    for once, twice in zip((seen, features_of(gaits)), mirrored_seen(*image)):
        assert torch.allclose(twice, once, atol=1e-5)
    changed = (image[0] != seen)[:, 45:57].any(dim=0)
    assert [name for name, differs in zip(ESTIMATED, changed) if differs] == ['slope_y', 'vy_mps']


def test_a_policy_is_symmetric_alone_and_beside_others(rng):
    seen, gaits = states(rng)
    features = features_of(gaits)
    image, other = mirrored_seen(seen, features)
    policy = SymmetricPolicy(seen.shape[1] + features.shape[1])
    acted = torch.from_numpy(policy.act(seen.numpy(), features))
    assert torch.allclose(torch.from_numpy(policy.act(image.numpy(), other)),
                          mirrored_joints(acted), atol=1e-5)
    alone = ConditionedPolicy.from_layers(policy.layers())
    assert not np.allclose(alone.act(seen.numpy(), features), acted, atol=1e-3)
    beside = SymmetricActors.stack([alone.layers(), policy.layers()])
    both = torch.cat([seen, features], dim=1).expand(2, -1, -1)
    assert torch.allclose(beside(both), acted.expand(2, -1, -1), atol=1e-5)


def test_a_symmetric_policy_reads_a_narrow_latent_too(rng):
    seen, gaits = states(rng)
    narrow, features = torch.cat([seen[:, :47], seen[:, -2:]], dim=1), features_of(gaits)
    image = mirrored_seen(narrow, features)[0]
    assert torch.equal(image[:, 45:47], narrow[:, 45:47])
    assert SymmetricPolicy().act(narrow.numpy(), features).shape == (COUNT, 12)
