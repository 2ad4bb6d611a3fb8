# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Goals refuse what cannot be meant."""

import numpy as np
from policy_gen_ros import Goal
from policy_gen_ros.domains.go2.spec import ActorSpec
from policy_gen_ros.policies.weights import ActorWeights
import pytest


def rows(count=40):
    trajectory = np.zeros((count, 42), np.float32)
    trajectory[:, 2] = -1.0
    return trajectory


@pytest.mark.parametrize('text', ['', '   ', '!?', '123', '\n'])
def test_empty_text_is_refused(text):
    with pytest.raises(ValueError, match='empty'):
        Goal(text=text)


def test_long_text_is_refused():
    with pytest.raises(ValueError, match='at most 500'):
        Goal(text='trot ' * 200)


def test_nothing_asked_is_refused():
    with pytest.raises(ValueError, match='needs a text, measures or a trajectory'):
        Goal()


def test_short_trajectory_is_refused():
    with pytest.raises(ValueError, match=r'at least 40 rows.*got 39'):
        Goal(trajectory=rows(39))


def test_wrong_feature_count_is_refused():
    with pytest.raises(ValueError, match=r'\(time, 42\), got \(40, 41\)'):
        Goal(trajectory=rows()[:, :41])


def test_present_policy_without_measures_is_refused():
    spec = ActorSpec(clock_hz=2.5)
    layers = ActorWeights.layers_from_vector(np.zeros(spec.parameter_count, np.float32),
                                             spec.layer_sizes)
    actor = ActorWeights(spec, layers, measures={'vx_mps': 0.5})
    with pytest.raises(ValueError, match=r'does not say what it does .*vy_mps'):
        Goal(text='faster', current=actor)


def test_nan_is_allowed_in_targets_only():
    trajectory = rows()
    trajectory[:, 30:] = np.nan
    assert Goal(trajectory=trajectory).trajectory.shape == (40, 42)
    trajectory[3, 7] = np.nan
    with pytest.raises(ValueError, match='row 3, feature 7'):
        Goal(trajectory=trajectory)


def test_goals_combine_and_describe_themselves():
    goal = Goal(text='  trot   forward ', measures={'vx_mps': 0.4})
    assert goal.describe() == 'trot forward; vx_mps=0.4'
