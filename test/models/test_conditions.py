# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Condition encoders: what is missing stays missing, clips of any length embed."""

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
from policy_gen_ros.domains.go2.gait.measures import MEASURES
from policy_gen_ros.domains.go2.robot.observation import TRAJECTORY
from policy_gen_ros.models.condition_encoder import ConditionEncoder, source_dims
from policy_gen_ros.models.text_encoder import TEXT_DIM, TextEncoderError, TransformersEncoder
from policy_gen_ros.models.trajectory_encoder import BehaviorEncoder
import pytest
from tiny_encoder import write_tiny_encoder
import torch


def test_missing_measures_leave_no_trace():
    values = np.full((1, 13), np.nan)
    assert not MEASURES.encode(values).any()
    values[0, 10] = 0.0
    features = MEASURES.encode(values)
    assert features.shape == (1, MEASURES.features) == (1, 29)
    assert features.sum() == 1.0  # only the flag: a given zero differs from a missing one


def test_phases_are_circular():
    def phase(value):
        row = np.full((1, 13), np.nan)
        row[0, 5] = value
        return MEASURES.encode(row)

    assert np.allclose(phase(0.999), phase(0.001), atol=0.02)
    assert np.abs(phase(0.5) - phase(0.0)).max() > 1.5


@given(rows=st.integers(40, 400))
@settings(max_examples=30, deadline=None)
def test_segments_cover_the_whole_trajectory(rows):
    trajectory = np.arange(rows, dtype=np.float32)[:, None].repeat(42, axis=1)
    segments = TRAJECTORY.cut(trajectory)
    assert segments.shape[1] == TRAJECTORY.segment_rows == 40
    assert set(segments[..., 0].ravel()) == set(range(rows))


def test_missing_targets_are_flagged():
    rows = np.zeros((2, 40, 42), np.float32)
    rows[1, :, 30:] = np.nan
    features = TRAJECTORY.features(rows)
    assert np.isfinite(features).all()
    assert not features[0, :, -1].any()
    assert features[1, :, -1].all()


def test_infonce_falls_when_pairs_match():
    torch.manual_seed(0)
    encoder = BehaviorEncoder(TRAJECTORY)
    kinds = torch.randn(8, 1, 43).expand(8, 40, 43)
    optimizer = torch.optim.Adam(encoder.parameters(), 1e-3)
    losses = []
    for _ in range(60):
        noisy = [kinds + 0.1 * torch.randn(8, 40, 43) for _ in range(2)]
        loss = encoder.contrastive_loss(*noisy)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]


def test_absent_sources_do_not_matter():
    torch.manual_seed(0)
    encoder = ConditionEncoder(16, MEASURES).eval()
    draw = [{name: torch.randn(1, dim) for name, dim in source_dims(MEASURES).items()}
            for _ in range(2)]
    draw[1]['text'] = draw[0]['text']
    only_text = torch.tensor([[True, False, False]])
    assert torch.equal(encoder(draw[0], only_text), encoder(draw[1], only_text))
    everything = torch.ones(1, 3, dtype=torch.bool)
    assert not torch.allclose(encoder(draw[0], everything), encoder(draw[1], everything))


def test_sentences_of_one_meaning_lie_closer():
    trot, jog, bound = TransformersEncoder().encode(['the dog should trot', 'make the dog jog',
                                                 'leap like a rabbit'])
    assert np.isclose(np.linalg.norm(trot), 1.0, atol=1e-4)
    assert trot @ jog > trot @ bound


def test_another_encoder_of_the_user_is_taken(tmp_path):
    write_tiny_encoder(tmp_path)
    encoder = TransformersEncoder(str(tmp_path))
    trot, bound, trot_again = encoder.encode(['trot', 'bound', 'trot'])
    assert encoder.dim == 16
    assert np.allclose(trot, trot_again, atol=1e-6)
    assert not np.allclose(trot, bound, atol=1e-3)
    assert TransformersEncoder().dim == TEXT_DIM


def test_an_encoder_that_is_not_there_is_named():
    with pytest.raises(TextEncoderError, match='cannot load the text encoder no/such-model'):
        TransformersEncoder('no/such-model')
